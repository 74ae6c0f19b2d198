"""Is the new model better? The answer in a word, and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from svodka.evaluation.bootstrap import TRUSTED_UNITS
from svodka.evaluation.comparison import Comparison

__all__ = ["Verdict", "few_units", "verdict_of"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for the owner of a model.

    Attributes:
        decision: "better", "worse", "no difference shown" or "not decided".
        line: the decision as it is printed, such as "better at n = 318" or "worse at n = 318 in 40 documents".
        meaning: what it means, in a sentence or two.
    """

    decision: str
    line: str
    meaning: str


def verdict_of(comparison: Comparison) -> Verdict:
    """Judge B against A by the 95 % interval of the difference of macro F1: above zero, below it, or around it."""
    decision, meaning = _judged(comparison)
    documents = f" in {_units(comparison)}" if comparison.units == "documents" else ""
    return Verdict(decision, f"{decision} at n = {comparison.n}{documents}", meaning)


def few_units(comparison: Comparison) -> str | None:
    """Say why intervals on this data decide nothing; None if there are sentences, or documents, enough."""
    if comparison.unit_count >= TRUSTED_UNITS:
        return None
    return f"{_units(comparison)}: too few to decide by an interval, which takes {TRUSTED_UNITS}"


def _judged(comparison: Comparison) -> tuple[str, str]:
    """Return the decision and what it means."""
    difference = comparison.macro_f1.difference
    low, high = difference.low, difference.high
    if difference.value is None:
        reason = "No sentence carries a topic that both models know, so macro F1 is not defined on this data."
        return "not decided", reason
    few = few_units(comparison)
    if few or low is None or high is None:
        return "not decided", f"{few or 'No resample has both figures'}."
    if low > 0:
        meaning = f"B's macro F1 is {_span(low, high)} points above A's (95 % interval): ship B for text like this."
        return "better", meaning
    if high < 0:
        meaning = f"B's macro F1 is {_span(-high, -low)} points below A's (95 % interval): keep A for text like this."
        return "worse", meaning
    return "no difference shown", _undecided(comparison)


def _units(comparison: Comparison) -> str:
    """Return the number of sentences or documents that were resampled."""
    count, units = comparison.unit_count, comparison.units
    return f"{count} {units.removesuffix('s') if count == 1 else units}"


def _undecided(comparison: Comparison) -> str:
    """Say how far apart the two may still be."""
    difference = comparison.macro_f1.difference
    if not comparison.decisions.mended + comparison.decisions.broken:
        return "A and B decide alike wherever somebody judged."
    below, above = (_points(abs(end or 0.0)) for end in (difference.low, difference.high))
    return (
        f"B's macro F1 may be up to {below} points below A's or up to {above} above (95 % interval). That is "
        "no proof that they are equal: more labelled sentences would tell, or other grounds such as speed and size."
    )


def _span(low: float, high: float) -> str:
    """Return both ends in points."""
    return f"{_points(low)} to {_points(high)}"


def _points(value: float) -> str:
    """Return hundredths with one place."""
    return f"{100 * value:.1f}"
