"""The topics: ids, titles and definitions, read from a YAML file."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    import yaml

__all__ = ["Topic", "load_borderline", "load_topics"]

FORMAT_VERSION = "1"
YAML_TAG = "tag:yaml.org,2002:"
ID_PATTERN = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the classification.

    Attributes:
        id: its name in data files, model folders and results: small Latin letters, digits and underscores.
        title_ru: short Russian title.
        title_en: short English title.
        definition_ru: in Russian, what a sentence must say to carry the topic, and what does not count.
        definition_en: the same in English.
    """

    id: str
    title_ru: str
    title_en: str
    definition_ru: str
    definition_en: str


KEYS = tuple(field.name for field in fields(Topic))


def load_topics(path: Path | None = None) -> tuple[Topic, ...]:
    """Read the topics of a YAML file, in its order; None is the file shipped with svodka.

    Raises:
        ConfigError: the file is missing or not UTF-8, is no YAML, or a key, id, text or the version is wrong.
    """
    return _topics_of(*_read(path))


def load_borderline(path: Path | None = None) -> tuple[str, ...]:
    """Read from the same file how borderline cases were decided; the file need not say anything of them.

    Raises:
        ConfigError: as for `load_topics`.
    """
    root, name = _read(path)
    _topics_of(root, name)
    node = _top(root, name).get("borderline")
    if node is None:
        return ()
    if _kind(node) != "seq":
        raise ConfigError(f"{_place(name, node)}: 'borderline' must be a list of texts, got {_shown(node)}")
    return tuple(_string("borderline", one, name) for one in node.value)


def _read(path: Path | None) -> tuple[yaml.Node | None, str]:
    """Return the file's YAML and the name by which errors call it."""
    name = str(path) if path else "topics.yaml of svodka.configs"
    source = path or resources.files("svodka.configs").joinpath("topics.yaml")
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: is not UTF-8 at byte {error.start}") from error
    return _compose(text, name), name


def _compose(text: str, name: str) -> yaml.Node | None:
    """Parse YAML into nodes: unlike plain values these know their lines and keep keys that are given twice."""
    import yaml

    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"{name}{line}: not valid YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not valid YAML: {error}") from error


def _topics_of(root: yaml.Node | None, name: str) -> tuple[Topic, ...]:
    """Check the whole file and return its topics."""
    top = _top(root, name)
    if top["version"].value != FORMAT_VERSION:
        raise ConfigError(
            f"{_place(name, top['version'])}: expected version {FORMAT_VERSION}, got {top['version'].value!r}"
        )
    if _kind(top["topics"]) != "seq" or not top["topics"].value:
        raise ConfigError(f"{_place(name, top['topics'])}: 'topics' must be a list of at least one topic")
    topics: dict[str, Topic] = {}
    for node in top["topics"].value:
        topic = _topic(node, name)
        if topic.id in topics:
            raise ConfigError(f"{_place(name, node)}: the topic {topic.id!r} is given twice")
        topics[topic.id] = topic
    return tuple(topics.values())


def _top(root: yaml.Node | None, name: str) -> dict[str, yaml.Node]:
    """Return the values of the file's first level."""
    if root is None:
        raise ConfigError(f"{name}: the file is empty; expected the keys 'version' and 'topics'")
    return _mapping(root, ("version", "topics"), name, optional=("borderline",))


def _topic(node: yaml.Node, name: str) -> Topic:
    """Check one entry of the list and return it as a topic."""
    values = {key: _string(key, value, name) for key, value in _mapping(node, KEYS, name).items()}
    if not ID_PATTERN.fullmatch(values["id"]):
        raise ConfigError(
            f"{_place(name, node)}: the id {values['id']!r} may have only small Latin letters, digits and underscores, "
            "and begins with a letter"
        )
    return Topic(**values)


def _mapping(node: yaml.Node, keys: tuple[str, ...], name: str, optional: tuple[str, ...] = ()) -> dict[str, yaml.Node]:
    """Return the values of a mapping that must have exactly these keys, and may have the optional ones."""
    wanted = ", ".join(map(repr, keys))
    if _kind(node) != "map":
        raise ConfigError(f"{_place(name, node)}: expected the keys {wanted}, got {_shown(node)}")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.value not in keys + optional:
            hint = did_you_mean(str(key.value), keys + optional)
            raise ConfigError(f"{_place(name, key)}: unknown key {key.value!r}{hint} (expected {wanted})")
        if key.value in found:
            raise ConfigError(f"{_place(name, key)}: the key {key.value!r} is given twice")
        found[key.value] = value
    if missing := [key for key in keys if key not in found]:
        raise ConfigError(f"{_place(name, node)}: the key {missing[0]!r} is missing")
    return found


def _string(key: str, node: yaml.Node, name: str) -> str:
    """Return a text value that must not be empty; ids such as `no` or `on` stay the words that were written."""
    is_text = _kind(node) == "str" or (key == "id" and isinstance(node.value, str))
    if not is_text or not node.value.strip():
        raise ConfigError(f"{_place(name, node)}: {key!r} must be a text that is not empty, got {_shown(node)}")
    return str(node.value).strip()


def _kind(node: yaml.Node) -> str:
    """Return what YAML takes a node for: `map`, `seq`, `str`, `bool` and so on."""
    return node.tag.removeprefix(YAML_TAG)


def _shown(node: yaml.Node) -> str:
    """Return a node for a message: a single value as written, a list or mapping by its kind."""
    return repr(node.value) if isinstance(node.value, str) else f"a YAML {_kind(node)}"


def _place(name: str, node: yaml.Node) -> str:
    """Return `file:line` of a node."""
    return f"{name}:{node.start_mark.line + 1}"
