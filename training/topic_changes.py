"""What another list of topics means for a model: which topics are kept, renamed, new, dropped."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from svodka.errors import ConfigError
from svodka.topics import Topic

__all__ = ["TopicChange", "changes_table", "earlier_id", "topic_changes"]


@dataclass(frozen=True, slots=True)
class TopicChange:
    """What becomes of one topic.

    Attributes:
        topic: its id; the earlier one if it is dropped.
        state: what happens to it.
        was: its id in the earlier list; None if it is new.
    """

    topic: str
    state: Literal["kept", "renamed", "new", "dropped"]
    was: str | None


def earlier_id(topic: Topic, known: Collection[str]) -> str | None:
    """Return the id under which an earlier list of ids knows a topic, by its id or its `was`; None if it does not.

    Raises:
        ConfigError: the list has both, so that two topics would become one.
    """
    if topic.id in known and topic.was in known:
        raise ConfigError(
            f"the topic {topic.id!r} says it was {topic.was!r}, but both were topics before; "
            "remove 'was', or give the topic another id"
        )
    if topic.id in known:
        return topic.id
    return topic.was if topic.was in known else None


def topic_changes(topics: Sequence[Topic], known: Sequence[str]) -> tuple[TopicChange, ...]:
    """Return what becomes of each topic of the new list, in its order, then of those that only the earlier one has.

    Raises:
        ConfigError: two earlier topics would become one.
    """
    earlier = {topic.id: earlier_id(topic, known) for topic in topics}
    changes = [TopicChange(topic, _state(topic, was), was) for topic, was in earlier.items()]
    changes += [TopicChange(topic, "dropped", topic) for topic in known if topic not in earlier.values()]
    return tuple(changes)


def _state(topic: str, was: str | None) -> Literal["kept", "renamed", "new"]:
    if was is None:
        return "new"
    return "kept" if was == topic else "renamed"


def changes_table(changes: Sequence[TopicChange], positives: Mapping[str, int]) -> str:
    """Return one line a topic: its id, what becomes of it, and how many training rows carry it."""
    states = [f"renamed, was {one.was}" if one.state == "renamed" else one.state for one in changes]
    wide, wider = (max(map(len, column)) for column in ([one.topic for one in changes], states))
    lines = []
    for change, state in zip(changes, states, strict=True):
        rows = "" if change.state == "dropped" else f"{positives.get(change.topic, 0):6,} training rows carry it"
        lines.append(f"  {change.topic:{wide}}  {state:{wider}}  {rows}".rstrip())
    return "\n".join(lines)
