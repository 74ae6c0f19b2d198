"""Behaviour results as a table for people, and the first failures below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from svodka.cli.grid import grid
from svodka.evaluation.behaviour import failure_rate
from svodka.evaluation.results import CapabilityResult, CaseFailure, Unmet

__all__ = ["EXPECTED", "render_behaviour"]

SHOWN = 3  # failures of one capability
KINDS = {
    "MFT": "minimum functionality: the topics of a plain sentence",
    "INV": "invariance: a change that must not matter",
    "DIR": "directional: a change that must",
}
EXPECTED = {  # by the kind of what is not met
    "topics": "exactly {topics}",
    "has": "has {topics}",
    "has_not": "has not {topics}",
    "same": "the same topics",
    "unmoved": "no change of {topics}",
    "gains": "gains {topics}",
    "loses": "loses {topics}",
    "keeps": "keeps {topics}",
    "up": "{topics} up",
    "down": "{topics} down",
}
NO_TOPIC = "no topic"


def render_behaviour(results: Sequence[CapabilityResult]) -> str:
    """Return the failure rates of each capability, kind by kind, then the first failures of each."""
    results = sorted(results, key=lambda result: list(KINDS).index(result.kind))
    rows = [_row(result) for result in results]
    cases, failed = sum(result.cases for result in results), sum(result.failed for result in results)
    kinds = [f"{name} = {words}" for name, words in KINDS.items() if any(result.kind == name for result in results)]
    parts = [
        grid(("capability", "kind", "cases", "failed", "failure rate"), rows),
        "",
        f"failed: {failed} of {cases} cases; intervals: 95 %, Wilson",
        *kinds,
        *(line for result in results if result.failures for line in _failures(result)),
    ]
    return "\n".join(parts) + "\n"


def _row(result: CapabilityResult) -> list[str]:
    rate = failure_rate(result)
    shown = "-" if rate.value is None else f"{rate.value:.3f} [{rate.low:.3f}, {rate.high:.3f}]"
    return [result.capability, result.kind, str(result.cases), str(result.failed), shown]


def _failures(result: CapabilityResult) -> list[str]:
    """Return the first failures of a capability."""
    shown = result.failures[:SHOWN]
    more = result.failed - len(shown)
    lines = [line for failure in shown for line in _failure(failure)]
    return ["", f"{result.capability} ({result.title['en']})", *lines, *([f"  … and {more} more"] if more else [])]


def _failure(failure: CaseFailure) -> list[str]:
    texts = [failure.text] if failure.changed is None else [failure.text, failure.changed]
    first, *rest = texts
    return [
        f"  {failure.case}: {first}",
        *(f"    → {text}" for text in rest),
        f"    expected {'; '.join(map(_expected, failure.expected))}; got {_got(failure)}",
    ]


def _expected(one: Unmet) -> str:
    """Return an expectation in words."""
    return EXPECTED[one.kind].format(topics=", ".join(one.topics) or NO_TOPIC)


def _got(failure: CaseFailure) -> str:
    """Return what came, in words."""
    said = _said(failure.got)
    if failure.got_changed is None:
        return said
    moves = [f"{topic} {before:.3f} → {after:.3f}" for topic, (before, after) in failure.moved.items()]
    return f"{said} → {_said(failure.got_changed)}" + (f" ({'; '.join(moves)})" if moves else "")


def _said(got: Mapping[str, float]) -> str:
    """Return the topics of an answer with their probabilities."""
    return ", ".join(f"{topic} {score:.2f}" for topic, score in got.items()) or NO_TOPIC
