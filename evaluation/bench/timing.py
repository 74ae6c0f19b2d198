"""Rounds that take turns, and what they come to: medians, quartiles, ratios within a round.

A machine that others use, or that gets warm, is slower in one minute than in the next. So nobody is measured many times
in a row: in each round everybody has one turn, and ratios are taken between turns of the same round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np

from svodka.errors import SvodkaError

__all__ = ["Spread", "give_up", "ratios", "spread", "take_turns"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some measurements and how far they lie apart.

    Attributes:
        median: of the measurements.
        low: their lower quartile.
        high: their upper quartile.
        n: how many there are.
    """

    median: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float | int]:
        """Return the numbers with five figures that count."""
        return {name: float(f"{v:.5g}") if isinstance(v, float) else v for name, v in asdict(self).items()}


def spread(values: Sequence[float]) -> Spread:
    """Return median and quartiles of at least one measurement."""
    low, median, high = (float(value) for value in np.percentile(values, (25, 50, 75)))
    return Spread(median, low, high, len(values))


def ratios(values: Mapping[str, Sequence[float]], first: str) -> dict[str, Spread]:
    """Return how many times `first` each one took: the ratio in each round, then median and quartiles of these.

    Args:
        values: for each name its measurements, in the order of the rounds; all have the same number.
        first: one of the names.
    """
    base = values[first]
    return {name: spread([value / unit for value, unit in zip(own, base, strict=True)]) for name, own in values.items()}


def take_turns(
    measures: Mapping[str, Callable[[], T]],
    rounds: int,
    *,
    rest: float = 0.0,
    failed: Callable[[str, SvodkaError], None],
    began: Callable[[int, str], None] = lambda *_: None,
) -> dict[str, list[T]]:
    """Measure A, B, C, A, B, C … and return what each measured, in the order of the rounds.

    Args:
        measures: by name, takes one measurement; SvodkaError says that it cannot.
        rounds: how many.
        rest: seconds of quiet before each turn, in which threads of the one before go to sleep.
        failed: told of the first failure of a name, which has no further turn and is not in the result.
        began: told the number of the round, from 1, and the name, before each turn.
    """
    found: dict[str, list[T]] = {name: [] for name in measures}
    for number in range(1, rounds + 1):
        for name in list(found):
            time.sleep(rest)
            began(number, name)
            try:
                found[name].append(measures[name]())
            except SvodkaError as error:
                del found[name]
                failed(name, error)
    return found


def give_up(_: str, error: SvodkaError) -> None:
    """Raise the failure of a name, for `take_turns` where all of them are needed."""
    raise error
