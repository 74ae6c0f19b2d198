"""Topics under the ids that they had before: in files labelled for an earlier model, and in that model itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from svodka.topics import Topic
from svodka.training.label_scheme import LabelScheme, label_scheme

__all__ = ["all_topics", "schemes_of", "shared_topics"]


def schemes_of(topics: Sequence[Topic], *details: Mapping[str, Any]) -> Callable[[Path], LabelScheme]:
    """Return how the labels of each file are read, the same as `svodka train` reads them.

    Args:
        topics: of the model, or of several.
        details: the `model.json` of each; topics that it dropped may still stand in the files.
    """
    return partial(label_scheme, topics=topics, known=[topic for one in details for topic in _dropped(one)])


def _dropped(details: Mapping[str, Any]) -> list[str]:
    """Return the ids that the model before a model had, and it has not."""
    states = (details.get("start") or {}).get("topics") or {}
    return [topic for topic, state in states.items() if state == "dropped"]


def shared_topics(first: Sequence[Topic], second: Sequence[Topic]) -> dict[str, str]:
    """Return the second model's id for each id of the first one, for the topics that both know, by `id` or `was`."""
    ids = {topic.id for topic in first}
    now = {topic.was: topic.id for topic in second if topic.was is not None and topic.id not in ids}
    now |= {topic.id: topic.id for topic in second}
    found: dict[str, str] = {}
    for topic in first:
        partner = now.get(topic.id) or now.get(topic.was or "")
        if partner is not None and (partner == topic.id or partner not in ids) and partner not in found.values():
            found[topic.id] = partner
    return found


def all_topics(first: Sequence[Topic], second: Sequence[Topic]) -> list[Topic]:
    """Return each topic of two models once, with the second one's id; `was` is an id that its labels may have.

    The order is that of the first model, then come those that only the second one knows.
    """
    shared = shared_topics(first, second)
    mine, theirs = ({topic.id: topic for topic in topics} for topics in (first, second))
    found = []
    for topic in first:
        now = shared.get(topic.id, topic.id)
        other = theirs[now].was if now in theirs else None
        found.append(replace(topic, id=now, was=topic.id if now != topic.id else topic.was or other))
    found += [topic for topic in theirs.values() if topic.id not in shared.values() and topic.id not in mine]
    ids = {topic.id for topic in found}
    # An id that is a topic of its own in one of the models is no earlier name of another.
    return [replace(topic, was=None) if topic.was in ids else topic for topic in found]
