"""Requirements on the difference of two models, for scripts: `macro_f1>=-0.5`.

A requirement compares a difference, B minus A, with a number of points, that is hundredths: with -0.5 points allowed,
macro F1 may fall from 0.800 to 0.795. `macro_f1>=-0.5` looks at the difference as measured, `macro_f1.low>=-2` at the
lower end of its 95 % interval, which few sentences widen: it holds only if the data shows that much.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from svodka.errors import ConfigError, did_you_mean
from svodka.evaluation.comparison import Comparison, Figure
from svodka.evaluation.verdict import few_units

__all__ = ["Outcome", "Requirement", "check", "parse_requirement"]

METRICS = ("macro_f1", "micro_f1", "samples_f1", "exact_match", "mean_average_precision")
TOPIC_PREFIX = "f1:"
LOW = ".low"
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, ">": operator.gt}
PATTERN = re.compile(r"\s*(?P<metric>[^\s<>=!]+)\s*(?P<sign>[<>=!]+)\s*(?P<points>\S+)\s*")
DIGITS = 9  # points are compared after rounding, as 0.795 - 0.8 is -0.005 only nearly


@dataclass(frozen=True, slots=True)
class Requirement:
    """A limit for one difference.

    Attributes:
        text: as it was given.
        metric: one of METRICS, or "f1:TOPIC".
        low: whether the lower end of the 95 % interval is compared, and not the difference itself.
        sign: ">=" or ">".
        points: the limit, in hundredths.
    """

    text: str
    metric: str
    low: bool
    sign: str
    points: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a requirement.

    Attributes:
        requirement: what was asked for.
        measured: in points; None if it is not defined on this data.
        holds: whether it holds.
        reason: why it fails whatever was measured; None if what was measured decides.
    """

    requirement: Requirement
    measured: float | None
    holds: bool
    reason: str | None = None

    def __str__(self) -> str:
        """Return a line for people."""
        nothing = "no interval" if self.reason else "not defined on this data"
        found = nothing if self.measured is None else f"{self.measured:+.2f} points"
        why = f" ({self.reason})" if self.reason else ""
        return f"required {self.requirement.text}: {found}, {'holds' if self.holds else 'FAILS'}{why}"


def parse_requirement(text: str, topics: Sequence[str]) -> Requirement:
    """Read a requirement; `topics` are those that both models know.

    Raises:
        ConfigError: it has another form, or names an unknown metric, topic or operator, or its limit is no number.
    """
    match = PATTERN.fullmatch(text)
    if match is None:
        raise ConfigError(f"--require {text}: expected METRIC>=POINTS or METRIC>POINTS, such as macro_f1>=-0.5")
    name, sign, points = match["metric"], match["sign"], match["points"]
    metrics = [*METRICS, *(f"{TOPIC_PREFIX}{topic}" for topic in topics)]
    known = [*metrics, *(f"{metric}{LOW}" for metric in metrics)]
    if name not in known:
        hint = did_you_mean(name, known)
        listed = ", ".join(METRICS)
        raise ConfigError(f"--require {text}: no metric {name!r}{hint} ({listed}, f1:TOPIC, each also with .low)")
    if sign not in OPERATORS:
        hint = "; did you mean '>='?" if sign in ("=>", "=", "==") else ""
        raise ConfigError(f"--require {text}: no operator {sign!r}{hint} (operators: >=, >)")
    return Requirement(text, name.removesuffix(LOW), name.endswith(LOW), sign, _number(text, points))


def _number(text: str, points: str) -> float:
    """Read the limit."""
    try:
        number = float(points)
    except ValueError as error:
        raise ConfigError(f"--require {text}: {points!r} is not a number of points, such as -0.5") from error
    if not math.isfinite(number):
        raise ConfigError(f"--require {text}: {points} is no limit")
    return number


def check(requirement: Requirement, comparison: Comparison) -> Outcome:
    """Compare a requirement with what was measured.

    Where there is no figure, nothing is shown and it fails; so does the end of an interval from too few units.
    """
    difference = _figure(requirement.metric, comparison).difference
    value = difference.low if requirement.low else difference.value
    points = None if value is None else round(100 * value, DIGITS)
    if requirement.low and (reason := few_units(comparison)):
        return Outcome(requirement, points, holds=False, reason=reason)
    if points is None:
        return Outcome(requirement, None, holds=False)
    return Outcome(requirement, points, OPERATORS[requirement.sign](points, requirement.points))


def _figure(metric: str, comparison: Comparison) -> Figure:
    """Return a metric's figure."""
    if metric.startswith(TOPIC_PREFIX):
        return next(one.f1 for one in comparison.topics if one.topic == metric.removeprefix(TOPIC_PREFIX))
    figure: Figure = getattr(comparison, metric)
    return figure
