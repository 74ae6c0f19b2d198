"""An evaluation as tables for people: in frames on a terminal, only spaces in a file or a pipe."""

from __future__ import annotations

from collections.abc import Sequence

from svodka.cli.grid import grid
from svodka.evaluation.bootstrap import TRUSTED_UNITS
from svodka.evaluation.results import Difference, Estimate, EvaluationResult, PeerResult

__all__ = ["render"]

UNDEFINED = "-"
TOPIC_COLUMNS = ("topic", "precision", "recall", "F1", "support", "threshold")
PEER_COLUMNS = ("", "macro F1", "micro F1", "model minus it, macro F1", "train seconds", "sentences/s")


def render(
    result: EvaluationResult,
    peers: Sequence[PeerResult],
    *,
    not_labelled: int,
    truncated: int,
    seconds: float | None = None,
) -> str:
    """Return the figures of each topic, then those of the whole, then the terms on which they were measured.

    Args:
        result: the model's figures.
        peers: what to show beside the model, in a table of its own.
        not_labelled: number of rows that nobody labelled; they are left out.
        truncated: number of sentences whose end the model did not see.
        seconds: how long the model took for the sentences; None if nobody measured it.
    """
    notes = [
        f"sentences: {result.n} ({result.fully_judged} judged for every topic), "
        f"not labelled and left out: {not_labelled}, truncated: {truncated}",
        _intervals(result),
    ]
    if result.without_positives:
        notes.append(f"not in macro F1, as no sentence carries them: {', '.join(result.without_positives)}")
    if always := [one.topic for one in result.topics if 0 < one.support == one.judged]:
        notes.append(f"not in mean average precision, as every judged sentence carries them: {', '.join(always)}")
    tables = [_topics(result), _overall(result)]
    if peers:
        tables.append(_peers(result, peers, seconds))
        notes.append(f"peers: trained, and their thresholds chosen, on {peers[0].n_train} sentences")
    return "\n\n".join([*tables, "\n".join(notes)]) + "\n"


def _intervals(result: EvaluationResult) -> str:
    """Say how the intervals were made, and whether they can be trusted."""
    if result.unit_count < 2:
        return f"no intervals: these take two {result.units} or more (here: {result.unit_count})"
    how = f"95 %, percentile bootstrap over {result.units}, {result.resamples} resamples, seed {result.seed}"
    if result.unit_count >= TRUSTED_UNITS:
        return f"intervals: {how}"
    few = f"{result.unit_count} {result.units} are too few for intervals, which promise nothing below {TRUSTED_UNITS}"
    return f"intervals: {how}\nNOTE: {few}"


def _topics(result: EvaluationResult) -> str:
    """Return a row for each topic."""
    rows = [
        [one.topic, *map(_number, (one.precision, one.recall, one.f1)), str(one.support), _number(one.threshold)]
        for one in result.topics
    ]
    return grid(TOPIC_COLUMNS, rows)


def _overall(result: EvaluationResult) -> str:
    """Return the figures of the whole."""
    return grid(["", "model"], [[name, figure] for name, figure in _figures(result).items()])


def _peers(result: EvaluationResult, peers: Sequence[PeerResult], seconds: float | None) -> str:
    """Return a row for the model and one for each peer."""
    speed = UNDEFINED if not seconds else _speed(result.n / seconds)
    rows = [["model", _interval(result.macro_f1), _value(result.micro_f1), UNDEFINED, UNDEFINED, speed]]
    rows += [
        [
            peer.title,
            _interval(peer.result.macro_f1),
            _value(peer.result.micro_f1),
            _difference(peer.difference),
            f"{peer.train_seconds:.0f}",
            _speed(peer.sentences_per_second),
        ]
        for peer in peers
    ]
    return grid(PEER_COLUMNS, rows)


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


def _speed(sentences: float) -> str:
    """Return sentences a second with three figures that count."""
    return f"{float(f'{sentences:.3g}'):,.0f}" if sentences >= 10 else f"{sentences:.1f}"


def _value(figure: Estimate) -> str:
    """Return a figure without its interval."""
    return _number(figure.value)


def _interval(figure: Estimate) -> str:
    """Return a figure with its interval."""
    if figure.low is None or figure.high is None:
        return _number(figure.value)
    return f"{_number(figure.value)} [{figure.low:.3f}, {figure.high:.3f}]"


def _difference(figure: Difference) -> str:
    """Return a difference with its sign, interval and p-value."""
    if figure.value is None:
        return UNDEFINED
    if figure.low is None or figure.high is None:
        return f"{figure.value:+.3f}"
    return f"{figure.value:+.3f} [{figure.low:+.3f}, {figure.high:+.3f}], p = {figure.p_value:.3f}"
