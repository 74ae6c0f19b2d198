"""An evaluation as tables for people: in frames on a terminal, only spaces in a file or a pipe."""

from __future__ import annotations

from svodka.cli.grid import grid
from svodka.evaluation.results import BaselineResult, Difference, Estimate, EvaluationResult

__all__ = ["render"]

UNDEFINED = "-"
NAMES = {"tfidf": "TF-IDF"}
TOPIC_COLUMNS = ("topic", "precision", "recall", "F1", "support", "threshold")


def render(result: EvaluationResult, baseline: BaselineResult | None, *, not_labelled: int, truncated: int) -> str:
    """Return the figures of each topic, then those of the whole, then the terms on which they were measured.

    Args:
        result: the model's figures.
        baseline: a yardstick to show beside them.
        not_labelled: number of rows that nobody labelled; they are left out.
        truncated: number of sentences whose end the model did not see.
    """
    notes = [
        f"sentences: {result.n} ({result.fully_judged} judged for every topic), "
        f"not labelled and left out: {not_labelled}, truncated: {truncated}",
        f"intervals: 95 %, percentile bootstrap over {result.units}, {result.resamples} resamples, seed {result.seed}",
    ]
    if result.without_positives:
        notes.append(f"not in macro F1, as no sentence carries them: {', '.join(result.without_positives)}")
    if baseline is not None:
        notes.append(f"{NAMES[baseline.kind]}: logistic regression on {baseline.n_train} training sentences")
        notes.append(f"macro F1, model minus {NAMES[baseline.kind]}: {_difference(baseline.difference)}")
    return "\n".join([_topics(result, baseline), "", _overall(result, baseline), "", *notes]) + "\n"


def _topics(result: EvaluationResult, baseline: BaselineResult | None) -> str:
    """Return a row for each topic."""
    header = list(TOPIC_COLUMNS)
    rows = [
        [one.topic, *map(_number, (one.precision, one.recall, one.f1)), str(one.support), _number(one.threshold)]
        for one in result.topics
    ]
    if baseline is not None:
        header.append(f"{NAMES[baseline.kind]} F1")
        for row, other in zip(rows, baseline.result.topics, strict=True):
            row.append(_number(other.f1))
    return grid(header, rows)


def _overall(result: EvaluationResult, baseline: BaselineResult | None) -> str:
    """Return a column of figures for the model and one for the baseline."""
    header = ["", "model"]
    columns = [_figures(result)]
    if baseline is not None:
        header.append(NAMES[baseline.kind])
        columns.append(_figures(baseline.result))
    return grid(header, [[name, *(column[name] for column in columns)] for name in columns[0]])


def _figures(result: EvaluationResult) -> dict[str, str]:
    """Return the figures of the whole by their names."""
    return {
        "macro F1": _interval(result.macro_f1),
        "micro F1": _interval(result.micro_f1),
        "samples F1": _interval(result.samples_f1),
        "exact match": _interval(result.exact_match),
        "mean average precision": _interval(result.mean_average_precision),
        "calibration error (ECE)": _number(result.calibration_error),
    }


def _number(value: float | None) -> str:
    """Return a figure with three places."""
    return UNDEFINED if value is None else f"{value:.3f}"


def _interval(figure: Estimate) -> str:
    """Return a figure with its interval."""
    return UNDEFINED if figure.value is None else f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _difference(figure: Difference) -> str:
    """Return a difference with its sign, interval and p-value."""
    if figure.value is None:
        return UNDEFINED
    return f"{figure.value:+.3f} [{figure.low:+.3f}, {figure.high:+.3f}], p = {figure.p_value:.3f}"
