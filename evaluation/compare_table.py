"""A comparison of two models as tables and lines for people."""

from __future__ import annotations

from collections.abc import Sequence

from svodka.cli.grid import grid
from svodka.evaluation.changed_rows import KINDS, Change
from svodka.evaluation.comparison import Comparison, Figure
from svodka.evaluation.gate import Outcome
from svodka.evaluation.mcnemar import McNemar
from svodka.evaluation.results import Difference
from svodka.evaluation.verdict import Verdict
from svodka.output.palette import clean

__all__ = ["render_changes", "render_comparison", "render_verdict"]

UNDEFINED = "-"
DIFFERENCE_COLUMNS = ("B - A", "95 % interval", "p")


def render_comparison(comparison: Comparison) -> str:
    """Return the figures of the whole and of each topic, then the terms on which they were compared."""
    decisions, sentences = comparison.decisions, comparison.sentences
    notes = [
        f"sentences: {comparison.n} ({comparison.fully_judged} judged for every topic); B - A in points (hundredths)",
        f"intervals and p: paired bootstrap over {comparison.units}, {comparison.resamples} resamples, seed "
        f"{comparison.seed}; the p of a topic is not corrected for the number of topics",
        "mended: A wrong and B right; broken: A right and B wrong; McNemar p: exact, corrected over topics (Holm)",
        f"McNemar over all decisions: {_mcnemar(decisions)}",
        f"McNemar over whole sentences: {_mcnemar(sentences)}",
    ]
    return "\n".join([_overall(comparison), "", _topics(comparison), "", *notes]) + "\n"


def render_changes(changes: Sequence[Change], show: int) -> str:
    """Return how many sentences changed in which manner, then at most `show` of them, the broken ones first."""
    counts = ", ".join(f"{sum(one.kind == kind for one in changes)} {kind}" for kind in KINDS)
    lines = [f"sentences that changed: {len(changes)} ({counts})"]
    ordered = sorted(changes, key=lambda one: KINDS.index(one.kind))
    for one in ordered[:show]:
        lines += [
            f"{one.kind}  {one.source}:{one.line} ({one.id})",
            f"  {clean(one.text)}",
            f"  gold: {_ids(one.gold)} | A: {_ids(one.a)} | B: {_ids(one.b)}{_not_judged(one)}",
        ]
    if len(changes) > show:
        lines.append(f"{len(changes) - show} more are not shown: --show N shows N, --out FILE.json holds all")
    return "\n".join(lines) + "\n"


def render_verdict(verdict: Verdict, outcomes: Sequence[Outcome]) -> str:
    """Return the verdict and a line for each requirement."""
    lines = [f"verdict: {verdict.line}", verdict.meaning, *map(str, outcomes)]
    return "\n".join(lines) + "\n"


def _overall(comparison: Comparison) -> str:
    """Return a row for each figure of the whole."""
    figures = {
        "macro F1": comparison.macro_f1,
        "micro F1": comparison.micro_f1,
        "samples F1": comparison.samples_f1,
        "exact match": comparison.exact_match,
        "mean average precision": comparison.mean_average_precision,
    }
    return grid(["", "A", "B", *DIFFERENCE_COLUMNS], [[name, *_cells(figure)] for name, figure in figures.items()])


def _topics(comparison: Comparison) -> str:
    """Return a row for each topic."""
    header = ["topic", "support", "A F1", "B F1", *DIFFERENCE_COLUMNS, "mended", "broken", "McNemar p"]
    rows = []
    for one in comparison.topics:
        counts = [str(one.mcnemar.mended), str(one.mcnemar.broken), _p_value(one.holm_p)]
        rows.append([one.topic, str(one.support), *_cells(one.f1), *counts])
    return grid(header, rows)


def _cells(figure: Figure) -> list[str]:
    """Return both figures, their difference, its interval and p."""
    return [_number(figure.a), _number(figure.b), *_difference(figure.difference)]


def _number(value: float | None) -> str:
    """Return a figure with three places."""
    return UNDEFINED if value is None else f"{value:.3f}"


def _difference(found: Difference) -> list[str]:
    """Return a difference and its interval in points, and p."""
    if found.value is None:
        return [UNDEFINED] * len(DIFFERENCE_COLUMNS)
    if found.low is None or found.high is None:
        return [_points(found.value), UNDEFINED, UNDEFINED]
    return [_points(found.value), f"[{_points(found.low)}, {_points(found.high)}]", _p_value(found.p_value)]


def _points(value: float) -> str:
    """Return a difference in hundredths, with its sign."""
    return f"{100 * value:+.1f}"


def _p_value(value: float | None) -> str:
    """Return a p-value with three places; a smaller one is never shown as zero."""
    if value is None:
        return UNDEFINED
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _mcnemar(test: McNemar) -> str:
    """Return the counts and p of a test."""
    return f"{test.mended} mended, {test.broken} broken, p {_p_value(test.p_value)}"


def _ids(topics: Sequence[str]) -> str:
    """Return topics as a list for people."""
    return ", ".join(topics) or UNDEFINED


def _not_judged(change: Change) -> str:
    """Name the topics that nobody judged, if there are any."""
    return f" | not judged: {_ids(change.unknown)}" if change.unknown else ""
