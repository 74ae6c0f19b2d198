"""What going on with a model has gained and lost: its figures before and after, on old and on new rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from svodka.evaluation.metrics import evaluate_predictions

if TYPE_CHECKING:
    import datasets

__all__ = ["Decider", "Figures", "compare_on", "figures_table"]

FloatArray = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Decider:
    """What a model says of some rows.

    Attributes:
        probabilities: float (n, topics of the model), calibrated.
        thresholds: float (topics of the model,).
    """

    probabilities: FloatArray
    thresholds: FloatArray


@dataclass(frozen=True, slots=True)
class Figures:
    """F1 of the model that a run went on from and of the new one, on the same rows and topics.

    Attributes:
        rows: which rows.
        n: how many of them were judged for any of the topics.
        topics: ids of the topics.
        before: macro and micro F1 of the earlier model; None if it does not know the topics.
        after: those of the new model; None where no row carries a topic.
    """

    rows: str
    n: int
    topics: tuple[str, ...]
    before: tuple[float | None, float | None] | None
    after: tuple[float | None, float | None]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return asdict(self)


def compare_on(
    name: str,
    rows: datasets.Dataset,
    topics: Sequence[str],
    head_rows: Sequence[int | None],
    models: tuple[Decider, Decider],
) -> list[Figures]:
    """Return the figures for the topics that both models know, and for those that only the new one knows.

    Args:
        name: what the rows are called.
        rows: with the column `labels`, in the order of `topics`.
        topics: ids of the new model's topics.
        head_rows: place of each topic in the earlier model; None for a new one.
        models: the earlier and the new one.
    """
    gold = np.asarray(rows["labels"], dtype=np.float64)
    earlier, new = models
    shared = [i for i, row in enumerate(head_rows) if row is not None and (gold[:, i] >= 0).any()]
    added = [i for i, row in enumerate(head_rows) if row is None and (gold[:, i] >= 0).any()]
    places = [row for i in shared if (row := head_rows[i]) is not None]
    found = []
    for columns, label in ((shared, name), (added, f"{name}, new topics")):
        if columns:
            judged = gold[:, columns]
            before = _scores(judged, earlier, places) if columns is shared else None
            after = _scores(judged, new, columns)
            ids = tuple(topics[i] for i in columns)
            found.append(Figures(label, int((judged >= 0).any(axis=1).sum()), ids, before, after))
    return found


def _scores(gold: FloatArray, model: Decider, places: Sequence[int]) -> tuple[float | None, float | None]:
    """Return macro and micro F1 of the model's outputs at `places`, rounded to four digits."""
    names = list(map(str, places))
    limits = dict(zip(names, map(float, model.thresholds[places]), strict=True))
    result = evaluate_predictions(gold, model.probabilities[:, places], limits, names, resamples=1)
    macro, micro = (None if one.value is None else round(one.value, 4) for one in (result.macro_f1, result.micro_f1))
    return macro, micro


def figures_table(figures: Sequence[Figures]) -> str:
    """Return one line for each of the figures, at least one, with a heading."""
    heading = "macro-F1 / micro-F1"
    wide = max(len(heading), *(len(one.rows) for one in figures))
    lines = [f"  {heading:{wide}}  topics   rows  {'before':13}  after"]
    for one in figures:
        before, after = (_pair(pair) for pair in (one.before, one.after))
        lines.append(f"  {one.rows:{wide}}  {len(one.topics):6}  {one.n:5}  {before:13}  {after}")
    return "\n".join(lines)


def _pair(scores: tuple[float | None, float | None] | None) -> str:
    return " / ".join("–" if score is None else f"{score:.3f}" for score in scores) if scores else "–"
