"""Checked reading of YAML: every complaint names the file and the line.

Works on YAML's nodes: unlike plain values these know their lines, keep keys that are given twice, and leave words such
as `no` or `on` as they were written.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import SvodkaError, did_you_mean

if TYPE_CHECKING:
    import yaml

__all__ = ["YamlSource", "kind", "line", "shown"]

YAML_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A YAML file as messages speak of it.

    Attributes:
        name: what messages call it.
        error: what is raised when something in it is wrong.
    """

    name: str
    error: type[SvodkaError]

    def read(self, path: Path | Traversable) -> yaml.Node | None:
        """Return the root node of the file; None if it is empty.

        Raises:
            SvodkaError: the `error` of this source: the file is missing, not UTF-8 or not YAML.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise self.error(f"{self.name}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise self.error(f"{self.name}: is not UTF-8 at byte {error.start}") from error
        return self._compose(text)

    def _compose(self, text: str) -> yaml.Node | None:
        import yaml

        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
            raise self.error(f"{self.name}{line}: not valid YAML: {error.problem or error.context}") from error
        except yaml.YAMLError as error:
            raise self.error(f"{self.name}: not valid YAML: {error}") from error

    def wrong(self, node: yaml.Node, message: str) -> SvodkaError:
        """Return the error that says `message` of a node, with its line."""
        return self.error(f"{self.name}:{line(node)}: {message}")

    def mapping(self, node: yaml.Node, keys: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, yaml.Node]:
        """Return the values of a mapping that must have all of `keys` and may have those of `optional`."""
        known = keys + optional
        if kind(node) != "map":
            raise self.wrong(node, f"expected the keys {_list(keys or known)}, got {shown(node)}")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in known:
                split = kind(value) == "null" and getattr(node, "flow_style", False)
                hint = "; a text with a comma inside {} needs quotation marks" if split else ""
                hint = hint or did_you_mean(str(key.value), known)
                raise self.wrong(key, f"unknown key {key.value!r}{hint} (expected {_list(known)})")
            if key.value in found:
                raise self.wrong(key, f"the key {key.value!r} is given twice")
            found[key.value] = value
        if missing := [key for key in keys if key not in found]:
            raise self.wrong(node, f"the key {missing[0]!r} is missing")
        return found

    def sequence(self, node: yaml.Node, key: str) -> list[yaml.Node]:
        """Return the entries of the list that stands under `key`."""
        if kind(node) != "seq":
            raise self.wrong(node, f"{key!r} must be a list, got {shown(node)}")
        return list(node.value)

    def text(self, node: yaml.Node, key: str, *, word: bool = False) -> str:
        """Return the text under `key`, stripped and not empty; a `word` may look like a truth value, as `no` does."""
        is_text = kind(node) == "str" or (word and isinstance(node.value, str))
        if not is_text or not node.value.strip():
            raise self.wrong(node, f"{key!r} must be a text that is not empty, got {shown(node)}")
        return str(node.value).strip()

    def one_of(self, node: yaml.Node, key: str, known: tuple[str, ...]) -> str:
        """Return the word under `key`, which must be one of `known`."""
        word = self.text(node, key, word=True)
        if word not in known:
            hint = did_you_mean(word, known)
            raise self.wrong(node, f"unknown {key} {word!r}{hint} (expected one of {', '.join(known)})")
        return word


def kind(node: yaml.Node) -> str:
    """Return what YAML takes a node for: `map`, `seq`, `str`, `bool` and so on."""
    return node.tag.removeprefix(YAML_TAG)


def line(node: yaml.Node) -> int:
    """Return the line on which a node begins, from 1."""
    return int(node.start_mark.line) + 1


def shown(node: yaml.Node) -> str:
    """Return a node for a message: a single value as written, a list or mapping by its kind."""
    return repr(node.value) if isinstance(node.value, str) else f"a YAML {kind(node)}"


def _list(keys: tuple[str, ...]) -> str:
    return ", ".join(map(repr, keys))
