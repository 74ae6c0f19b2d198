"""How far two readers of the same sentences agree, topic by topic.

F1 takes one reader as the truth for the other (it is the same both ways); Cohen's kappa (1960) also takes off what they
would agree on by chance.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from svodka.errors import DataError, did_you_mean

__all__ = ["Agreement", "Reading", "TopicAgreement", "measure_agreement", "read_readings"]

DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one sentence.

    Attributes:
        id: of the sentence.
        first: topics that its writer gave.
        second: topics that a reader gave who saw only the text; None if there was no second reading.
        decided: topics that stand in the data where the two differ; None if nothing had to be decided.
        dropped: whether the sentence was left out of the data for good.
    """

    id: str
    first: frozenset[str]
    second: frozenset[str] | None
    decided: frozenset[str] | None
    dropped: bool


@dataclass(frozen=True, slots=True)
class TopicAgreement:
    """Agreement on one topic: F1 and kappa (None where neither reader gave it), sentences that either gave it to."""

    topic: str
    f1: float | None
    kappa: float | None
    either: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two readers.

    Attributes:
        sentences: number of sentences read twice.
        read_once: number of sentences without a second reading.
        equal: number of sentences with the same topics in both readings.
        open: number of sentences on which they differ and nobody decided.
        dropped: number of sentences that were dropped after the second reading.
        macro_f1: mean F1 of the topics; None if no topic was given at all.
        topics: the topics in their order.
    """

    sentences: int
    read_once: int
    equal: int
    open: int
    dropped: int
    macro_f1: float | None
    topics: tuple[TopicAgreement, ...]


def read_readings(path: Path, topics: Sequence[str]) -> list[Reading]:
    """Read a file of readings: JSON Lines with `id`, `first`, `second` and `decided`, lists of topics or null.

    `decided` may also be the word `dropped`.

    Raises:
        DataError: the file is missing, or a line is broken or names an unknown topic.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    return [_reading(line, f"{path}:{number}", topics) for number, line in enumerate(lines, 1) if line.strip()]


def _reading(line: str, place: str, topics: Sequence[str]) -> Reading:
    try:
        values = json.loads(line)
        identity, first, second, decided = (values[key] for key in ("id", "first", "second", "decided"))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{place}: expected an object with id, first, second and decided: {error}") from error
    dropped = decided == DROPPED
    return Reading(
        id=str(identity),
        first=_topics(first, place, topics) or frozenset(),
        second=_topics(second, place, topics),
        decided=None if dropped else _topics(decided, place, topics),
        dropped=dropped,
    )


def _topics(given: Any, place: str, topics: Sequence[str]) -> frozenset[str] | None:
    if given is None:
        return None
    if not isinstance(given, list):
        raise DataError(f"{place}: expected a list of topics or null, got {given!r}")
    for topic in given:
        if topic not in topics:
            raise DataError(f"{place}: unknown topic {topic!r}{did_you_mean(str(topic), topics)}")
    return frozenset(given)


def measure_agreement(readings: Sequence[Reading], topics: Sequence[str]) -> Agreement:
    """Compare the first and the second reading of every sentence that has both, also of those dropped afterwards."""
    both = [(one.first, one.second) for one in readings if one.second is not None]
    rows = tuple(_topic_agreement(topic, both) for topic in topics)
    f1 = [row.f1 for row in rows if row.f1 is not None]
    return Agreement(
        sentences=len(both),
        read_once=len(readings) - len(both),
        equal=sum(first == second for first, second in both),
        open=sum(_is_open(one) for one in readings),
        dropped=sum(one.dropped for one in readings),
        macro_f1=float(np.mean(f1)) if f1 else None,
        topics=rows,
    )


def _is_open(one: Reading) -> bool:
    return one.second is not None and one.first != one.second and one.decided is None and not one.dropped


def _topic_agreement(topic: str, both: Sequence[tuple[frozenset[str], frozenset[str]]]) -> TopicAgreement:
    from sklearn.metrics import cohen_kappa_score

    first = np.array([topic in one for one, _ in both], dtype=bool)
    second = np.array([topic in other for _, other in both], dtype=bool)
    either = int((first | second).sum())
    if not either:
        return TopicAgreement(topic, None, None, 0)
    f1 = 2 * int((first & second).sum()) / int(first.sum() + second.sum())
    everywhere = bool(first.all() and second.all())  # kappa would divide by zero
    return TopicAgreement(topic, f1, None if everywhere else float(cohen_kappa_score(first, second)), either)
