"""Behaviour cases: files that a linguist extends without code.

One YAML file holds one capability; `cases/README.md` describes the form. A file of kind INV may name `changes` (see
`svodka.evaluation.changes`) instead of writing pairs out; then each change is a capability of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import DataError
from svodka.evaluation.changes import CHANGES, apply_change
from svodka.yaml_nodes import YamlSource, kind, line

if TYPE_CHECKING:
    import yaml

__all__ = ["KINDS", "Case", "Expectation", "Suite", "case_files", "read_suites", "shipped_cases"]

FORMAT_VERSION = "1"
# What a case of each kind may expect. MFT and DIR need at least one; INV expects the same topics by itself.
KINDS: Mapping[str, tuple[str, ...]] = {
    "MFT": ("topics", "has", "has_not"),
    "INV": ("about",),
    "DIR": ("gains", "loses", "keeps", "score"),
}
OPPOSITES = (("topics", "has"), ("topics", "has_not"))
DISJOINT = (("has", "has_not"), ("gains", "loses"), ("gains", "keeps"), ("loses", "keeps"))
DIRECTIONS = ("up", "down")
# The keys of a file: those of every file, those of one with written cases, those of one with named changes.
REQUIRED = ("version", "kind")
WRITTEN = ("capability", "title", "cases")
NAMED = ("changes", "texts")
OPTIONAL = (*WRITTEN, *NAMED, "expect")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case expects; None and empty expect nothing.

    Attributes:
        topics: exactly these topics of the sentence.
        has: these topics, whatever the others.
        has_not: none of these.
        about: which topics must stay the same in an INV case; None for all.
        gains: topics that only the changed sentence has.
        loses: topics that only the sentence before the change has.
        keeps: topics that both have.
        score: topics whose probability must go "up" or "down" with the change.
    """

    topics: tuple[str, ...] | None = None
    has: tuple[str, ...] = ()
    has_not: tuple[str, ...] = ()
    about: tuple[str, ...] | None = None
    gains: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    score: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        id: its file and line, as "negation.yaml:12".
        text: the sentence.
        changed: the sentence after the change; None for MFT.
        expect: what must come.
    """

    id: str
    text: str
    changed: str | None
    expect: Expectation


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one capability; see `CapabilityResult` for the meaning of its fields."""

    capability: str
    kind: str
    title: Mapping[str, str]
    cases: tuple[Case, ...]


def shipped_cases() -> Path:
    """Return the folder of the cases that come with svodka."""
    return Path(str(resources.files("svodka.evaluation") / "cases"))


def case_files(names: Sequence[Path]) -> list[Path]:
    """Return the files that `names` mean: files as they are, of folders their .yaml and .yml files by name.

    Raises:
        DataError: a name does not exist, or a folder has no such file.
    """
    found: list[Path] = []
    for name in names:
        if not name.exists():
            raise DataError(f"{name}: there is no such file or folder of behaviour cases")
        if name.is_dir():
            inside = sorted(path for path in name.iterdir() if path.suffix in {".yaml", ".yml"})
            if not inside:
                raise DataError(f"{name}: the folder has no .yaml file of behaviour cases")
            found += inside
        else:
            found.append(name)
    return list(dict.fromkeys(found))


def read_suites(names: Sequence[Path], topics: Sequence[str]) -> list[Suite]:
    """Read the cases of files and folders, in their order.

    Args:
        names: files, and folders of them.
        topics: ids of the topics that may be expected.

    Raises:
        DataError: a file is missing, is no YAML or breaks the form; its line is named, or a capability comes twice.
    """
    suites: dict[str, Suite] = {}
    for path in case_files(names):
        for suite in _File(YamlSource(str(path), DataError), path.name, tuple(topics)).suites(path):
            if suite.capability in suites:
                first = suites[suite.capability].cases[0].id
                raise DataError(f"{path}: the capability {suite.capability!r} is already in {first.rpartition(':')[0]}")
            suites[suite.capability] = suite
    return list(suites.values())


@dataclass(frozen=True, slots=True)
class _File:
    """One file being read."""

    source: YamlSource
    short: str
    topics: tuple[str, ...]

    def suites(self, path: Path) -> list[Suite]:
        """Read and check the whole file."""
        root = self.source.read(path)
        if root is None:
            raise DataError(f"{self.source.name}: the file is empty; see cases/README.md of svodka.evaluation")
        top = self.source.mapping(root, REQUIRED, OPTIONAL)
        if top["version"].value != FORMAT_VERSION:
            got = top["version"].value
            raise self.source.wrong(top["version"], f"expected version {FORMAT_VERSION}, got {got!r}")
        what = self.source.one_of(top["kind"], "kind", tuple(KINDS))
        default = self._expectation(top["expect"], what) if "expect" in top else None
        if "changes" in top:
            self.source.mapping(root, REQUIRED + NAMED, ("expect",))
            return list(self._by_change(top, what, default or Expectation()))
        self.source.mapping(root, REQUIRED + WRITTEN, ("expect",))
        title = self.source.mapping(top["title"], ("ru", "en"))
        cases = [self._case(node, what, default) for node in self._entries(top["cases"], "cases")]
        self._no_doubles(cases, top["cases"])
        return [
            Suite(
                self.source.text(top["capability"], "capability", word=True),
                what,
                {language: self.source.text(node, language) for language, node in title.items()},
                tuple(cases),
            )
        ]

    def _by_change(self, top: Mapping[str, yaml.Node], what: str, expect: Expectation) -> Iterator[Suite]:
        """Yield a suite for each named change; texts that a change leaves alone are no cases of it."""
        if what != "INV":
            raise self.source.wrong(top["kind"], f"'changes' belong to kind INV, got {what}")
        known = tuple(CHANGES)
        names = [self.source.one_of(node, "change", known) for node in self._entries(top["changes"], "changes")]
        places = [(node, self.source.text(node, "texts")) for node in self._entries(top["texts"], "texts")]
        self._no_doubles([Case(self._id(node), text, None, expect) for node, text in places], top["texts"])
        for name in names:
            pairs = [(node, text, apply_change(name, text)) for node, text in places]
            cases = [Case(self._id(node), text, new, expect) for node, text, new in pairs if new != text]
            if not cases:
                raise self.source.wrong(top["changes"], f"the change {name!r} leaves every text as it is")
            yield Suite(name, what, CHANGES[name], tuple(cases))

    def _entries(self, node: yaml.Node, key: str) -> list[yaml.Node]:
        """Return the entries of a list that must have some."""
        entries = self.source.sequence(node, key)
        if not entries:
            raise self.source.wrong(node, f"{key!r} is empty")
        return entries

    def _id(self, node: yaml.Node) -> str:
        return f"{self.short}:{line(node)}"

    def _case(self, node: yaml.Node, what: str, default: Expectation | None) -> Case:
        """Read one case: a mapping, or a bare text that has the expectation of the file."""
        pair = () if what == "MFT" else ("changed",)
        if kind(node) != "map" and not pair:
            found, text = {}, self.source.text(node, "text")
        else:
            found = self.source.mapping(node, ("text", *pair), KINDS[what])
            text = self.source.text(found["text"], "text")
        own = [key for key in KINDS[what] if key in found]
        expect = self._expectation(node, what, ("text", *pair)) if own else default
        if expect is None and what != "INV":
            wanted = ", ".join(KINDS[what])
            raise self.source.wrong(node, f"the case expects nothing; give one of {wanted}, or 'expect' for the file")
        changed = self.source.text(found["changed"], "changed") if pair else None
        if changed == text:
            raise self.source.wrong(node, "'text' and 'changed' are the same")
        return Case(self._id(node), text, changed, expect or Expectation())

    def _expectation(self, node: yaml.Node, what: str, beside: tuple[str, ...] = ()) -> Expectation:
        """Read what stands under the keys of an expectation; `beside` are keys of the case itself."""
        found = self.source.mapping(node, (), beside + KINDS[what])
        values = {key: self._topic_list(found[key], key) for key in KINDS[what] if key in found and key != "score"}
        score = self._score(found["score"]) if "score" in found else ()
        for one, other in OPPOSITES:
            if one in found and other in found:
                raise self.source.wrong(node, f"{one!r} says all; {other!r} beside it has no meaning")
        for one, other in DISJOINT:
            if both := set(values.get(one, ())) & set(values.get(other, ())):
                raise self.source.wrong(node, f"{sorted(both)[0]!r} stands in both {one!r} and {other!r}")
        return Expectation(**values, score=score)

    def _topic_list(self, node: yaml.Node, key: str) -> tuple[str, ...]:
        """Read a list of topics; only `topics` may be empty, which means that the sentence has none."""
        entries = self.source.sequence(node, key) if key == "topics" else self._entries(node, key)
        return tuple(self.source.one_of(entry, "topic", self.topics) for entry in entries)

    def _score(self, node: yaml.Node) -> tuple[tuple[str, str], ...]:
        """Read a mapping of topics to "up" or "down"."""
        found = self.source.mapping(node, (), self.topics)
        if not found:
            raise self.source.wrong(node, "'score' is empty")
        return tuple((topic, self.source.one_of(value, "direction", DIRECTIONS)) for topic, value in found.items())

    def _no_doubles(self, cases: Sequence[Case], node: yaml.Node) -> None:
        """Refuse a sentence, or a pair, that stands in the file twice."""
        seen: dict[tuple[str, str | None], str] = {}
        for case in cases:
            if (pair := (case.text, case.changed)) in seen:
                raise self.source.wrong(node, f"the same case stands at {seen[pair]} and {case.id}: {case.text!r:.60}")
            seen[pair] = case.id
