"""Axes of charts: where a value lies, and which numbers stand at the axis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Scale", "linear", "logarithmic"]

MOST_TICKS = 8
STEPS = (1, 2, 2.5, 5, 10)
DECADE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis.

    Attributes:
        low: the value at its begin.
        high: the value at its end; above `low`.
        begin: coordinate of `low`.
        end: coordinate of `high`.
        ticks: values that are written at it.
        log: equal distances are equal ratios; all values are above 0.
    """

    low: float
    high: float
    begin: float
    end: float
    ticks: tuple[float, ...]
    log: bool

    def __call__(self, value: float) -> float:
        """Return the coordinate of a value."""
        low, high, here = map(math.log, (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return self.begin + (self.end - self.begin) * (here - low) / (high - low)


def linear(values: Iterable[float], begin: float, end: float, *, zero: bool = True, least_step: float = 0.0) -> Scale:
    """Return an axis over the values with round ends; from 0 on with `zero`, ticks `least_step` or more apart."""
    known = list(values)
    low, high = (min(0.0, *known, 0.0) if zero else min(known)), max(known)
    high = high if high > low else low + 1
    step = _step(max((high - low) / (MOST_TICKS - 1), least_step))
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = tuple(round(i * step, 10) for i in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], begin, end, ticks, log=False)


def logarithmic(values: Iterable[float], begin: float, end: float) -> Scale:
    """Return an axis over the values, all above 0, that ends at 1, 2 or 5 times a power of ten."""
    known = list(values)
    powers = range(math.floor(math.log10(min(known))) - 1, math.ceil(math.log10(max(known))) + 2)
    marks = [factor * 10.0**power for power in powers for factor in DECADE]
    low = max(mark for mark in marks if mark <= min(known) * 1.0001)
    high = min(mark for mark in marks if mark >= max(known) * 0.9999 and mark > low)
    inside = [mark for mark in marks if low <= mark <= high]
    whole = [mark for mark in inside if math.isclose(math.log10(mark), round(math.log10(mark)), abs_tol=1e-6)]
    return Scale(low, high, begin, end, tuple(inside if len(inside) <= MOST_TICKS else whole), log=True)


def _step(least: float) -> float:
    """Return the smallest round number that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in STEPS if step * power >= least * 0.9999)
