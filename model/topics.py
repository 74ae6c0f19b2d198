"""The topics: ids, titles and definitions, read from a YAML file."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import ConfigError
from svodka.yaml_nodes import YamlSource, kind, shown

if TYPE_CHECKING:
    import yaml

__all__ = ["KEYS", "Topic", "load_borderline", "load_topics"]

FORMAT_VERSION = "1"
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
        was: id under which an earlier model and files labelled for it know the topic; None if that is this id too.
    """

    id: str
    title_ru: str
    title_en: str
    definition_ru: str
    definition_en: str
    was: str | None = None


KEYS = tuple(field.name for field in fields(Topic) if field.name != "was")


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
    root, source = _read(path)
    _topics_of(root, source)
    node = _top(root, source).get("borderline")
    if node is None:
        return ()
    if kind(node) != "seq":
        raise source.wrong(node, f"'borderline' must be a list of texts, got {shown(node)}")
    return tuple(source.text(one, "borderline") for one in node.value)


def _read(path: Path | None) -> tuple[yaml.Node | None, YamlSource]:
    """Return the file's YAML and how errors speak of it."""
    source = YamlSource(str(path) if path else "topics.yaml of svodka.configs", ConfigError)
    return source.read(path or resources.files("svodka.configs").joinpath("topics.yaml")), source


def _top(root: yaml.Node | None, source: YamlSource) -> dict[str, yaml.Node]:
    """Return the values of the file's first level."""
    if root is None:
        raise ConfigError(f"{source.name}: the file is empty; expected the keys 'version' and 'topics'")
    return source.mapping(root, ("version", "topics"), ("borderline",))


def _topics_of(root: yaml.Node | None, source: YamlSource) -> tuple[Topic, ...]:
    """Check the whole file and return its topics."""
    top = _top(root, source)
    if top["version"].value != FORMAT_VERSION:
        raise source.wrong(top["version"], f"expected version {FORMAT_VERSION}, got {top['version'].value!r}")
    if kind(top["topics"]) != "seq" or not top["topics"].value:
        raise source.wrong(top["topics"], "'topics' must be a list of at least one topic")
    topics: dict[str, Topic] = {}
    for node in top["topics"].value:
        topic = _topic(node, source)
        if topic.id in topics:
            raise source.wrong(node, f"the topic {topic.id!r} is given twice")
        topics[topic.id] = topic
    _check_earlier_ids(top["topics"].value, topics, source)
    return tuple(topics.values())


def _topic(node: yaml.Node, source: YamlSource) -> Topic:
    """Check one entry of the list and return it as a topic."""
    found = source.mapping(node, KEYS, ("was",))
    values = {key: source.text(value, key, word=key in ("id", "was")) for key, value in found.items()}
    for key in ("id", "was"):
        if key in values and not ID_PATTERN.fullmatch(values[key]):
            raise source.wrong(
                node,
                f"the id {values[key]!r} may have only small Latin letters, digits and underscores, "
                "and begins with a letter",
            )
    return Topic(**values)


def _check_earlier_ids(nodes: list[yaml.Node], topics: dict[str, Topic], source: YamlSource) -> None:
    """Refuse an earlier id (`was`) that is still a topic, or that two topics claim: labels could not tell which."""
    claimed: dict[str, str] = {}
    for node, topic in zip(nodes, topics.values(), strict=True):
        if topic.was is None:
            continue
        if topic.was in topics:
            raise source.wrong(node, f"{topic.id!r} says it was {topic.was!r}, which is a topic of this file")
        if topic.was in claimed:
            raise source.wrong(node, f"both {claimed[topic.was]!r} and {topic.id!r} say they were {topic.was!r}")
        claimed[topic.was] = topic.id
