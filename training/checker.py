"""The checks of labelled data: every finding with its file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from svodka.errors import DataError
from svodka.training.composition import Composition, compose
from svodka.training.loading import expand_files
from svodka.training.near_duplicates import cross_duplicates, folded, near_duplicates
from svodka.training.records import Problem
from svodka.training.rows import Row, scan_rows
from svodka.training.typing_slips import typing_slips

__all__ = ["Finding", "Report", "check"]

Level = Literal["error", "warning"]

NEAR_DUPLICATES_ALLOWED = 0.005
SAME_MEANING = 0.8
OPENINGS_ALLOWED = 0.003
OPENINGS_JUDGED_FROM = 1000  # in fewer rows a share of 0.3 % is a matter of one or two sentences


@dataclass(frozen=True, slots=True)
class Finding(Problem):
    """A problem with its level: an `error` fails the check, a `warning` does not."""

    level: Level = "error"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check.

    Attributes:
        findings: everything found, in the order of files and lines.
        compositions: the figures of each split, from its rows without schema errors.
        texts: the texts of these rows.
    """

    findings: tuple[Finding, ...]
    compositions: Mapping[str, Composition]
    texts: Mapping[str, Sequence[str]]

    @property
    def errors(self) -> int:
        """Number of findings that fail the check."""
        return sum(finding.level == "error" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row and the split whose file it stands in."""

    row: Row
    split: str

    def finding(self, message: str, level: Level = "error") -> Finding:
        """Return a finding at this row."""
        return Finding(self.row.source, self.row.line, message, level)

    @property
    def place(self) -> str:
        """Return the split and the line, to be named in a finding about another row."""
        return f"{self.split} {self.row.source}:{self.row.line}"


def check(files: Mapping[str, Sequence[Path]], topics: Sequence[str], foreign: Sequence[str] = ()) -> Report:
    """Check the files of every split, each row alone and against all others.

    `foreign` holds texts that must not occur in the data, such as text of others that may not be redistributed: a row
    that is a near duplicate of one is an error.

    Raises:
        DataError: a file is missing or cannot be read at all.
    """
    findings: list[Finding] = []
    placed: list[_Placed] = []
    sources: list[str] = []
    for split, names in files.items():
        for path in expand_files(names):
            rows, problems = scan_rows(path, topics)
            findings += [Finding(problem.source, problem.line, problem.message) for problem in problems]
            if not rows and not problems:
                findings.append(Finding(str(path), 1, "the file has no rows"))
            placed += [_Placed(row, split) for row in rows]
            if str(path) in sources:
                raise DataError(f"{path}: is given twice")
            sources.append(str(path))
    findings += _same_ids(placed)
    for one in placed:
        findings += [one.finding(message, "warning") for message in typing_slips(one.row)]
    findings += _similar(placed)
    findings += _foreign(placed, foreign)
    own = {split: [one.row for one in placed if one.split == split] for split in files}
    compositions = {split: compose(given, topics) for split, given in own.items()}
    findings += _empty_topics(files, compositions)
    findings += _repeated_openings(files, compositions)
    texts = {split: [row.text for row in given] for split, given in own.items()}
    order = {source: place for place, source in enumerate(sources)}
    return Report(tuple(sorted(findings, key=lambda found: (order[found.source], found.line))), compositions, texts)


def _same_ids(placed: Sequence[_Placed]) -> Iterator[Finding]:
    """Find ids that stand in two files; within one file they are already schema errors."""
    first: dict[str, _Placed] = {}
    for one in placed:
        other = first.setdefault(one.row.id, one)
        if other is not one:
            yield one.finding(f"the id {one.row.id!r} is taken by {other.place}")


def _similar(placed: Sequence[_Placed]) -> Iterator[Finding]:
    """Find repeated and nearly equal texts; the finding stands at the later row and names the earlier."""
    rows = dict.fromkeys((one.split for one in placed), 0)
    for one in placed:
        rows[one.split] += 1
    near: dict[str, dict[int, str]] = {split: {} for split in rows}
    for first, second, similarity in near_duplicates([one.row.text for one in placed]):
        one, other = placed[second], placed[first]
        where = f"similarity {similarity:.2f} to {other.place}"
        if one.split != other.split:
            yield one.finding(f"leak between splits: {where}")
        elif folded(one.row.text) == folded(other.row.text):
            yield one.finding(f"the same text as {other.place}")
        else:
            near[one.split].setdefault(second, f"near duplicate: {where}")
        if similarity >= SAME_MEANING and _conflict(one.row, other.row):
            yield one.finding(f"other topics for nearly the same text: {_labels(one)} here, {_labels(other)}; {where}")
    for split, found in near.items():
        level: Level = "warning" if len(found) < NEAR_DUPLICATES_ALLOWED * rows[split] else "error"
        yield from (placed[place].finding(message, level) for place, message in found.items())


def _conflict(one: Row, other: Row) -> bool:
    """Tell if two rows differ in a topic that was judged for both."""
    if one.topics is None or other.topics is None:
        return False
    return bool((set(one.topics) ^ set(other.topics)) - set(one.unknown) - set(other.unknown))


def _labels(one: _Placed) -> str:
    """Return the topics of a row for a message."""
    return ", ".join(one.row.topics or ()) or "none"


def _foreign(placed: Sequence[_Placed], texts: Sequence[str]) -> Iterator[Finding]:
    """Find rows that nearly repeat a text that must not occur here."""
    for place, _, similarity in cross_duplicates([one.row.text for one in placed], texts) if texts else ():
        yield placed[place].finding(f"near duplicate of a text that must not be here: similarity {similarity:.2f}")


def _empty_topics(files: Mapping[str, Sequence[Path]], compositions: Mapping[str, Composition]) -> Iterator[Finding]:
    """Warn of topics that a split with labels does not show at all."""
    for split, figures in compositions.items():
        missing = [topic for topic, count in figures.topics.items() if not count]
        if missing and figures.rows > figures.not_labelled:
            source = str(expand_files(files[split])[0])
            yield Finding(source, 1, f"no row of the split {split!r} has: {', '.join(missing)}", "warning")


def _repeated_openings(
    files: Mapping[str, Sequence[Path]], compositions: Mapping[str, Composition]
) -> Iterator[Finding]:
    """Warn of first three words that too many sentences of a split share."""
    for split, figures in compositions.items():
        for opening, share in figures.openings.items():
            if figures.rows >= OPENINGS_JUDGED_FROM and share > OPENINGS_ALLOWED:
                message = f"{share:.1%} of the rows of the split {split!r} begin with '{opening}'"
                yield Finding(str(expand_files(files[split])[0]), 1, message, "warning")
