"""Precision against recall, and probability against what happened, as points for a chart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.wilson import wilson

__all__ = ["BINS", "precision_recall_points", "reliability"]

Floats = NDArray[np.float64]
BINS = 10
MOST_POINTS = 120
PLACES = 4


def precision_recall_points(gold: Floats, scores: Floats, threshold: float) -> list[list[float]]:
    """Return [recall, precision] with recall that never falls, for the thresholds at which it rises and two more.

    The area under the steps to the left of the points is average precision, unless more than 120 points were thinned
    out evenly. The point of `threshold` is always among them, and so is the last one, where everything is predicted:
    precision falls there without any gain in recall. Decisions that nobody judged (-1) do not count; without gold
    positives there are no points.
    """
    from sklearn.metrics import precision_recall_curve

    judged = gold >= 0
    if not (gold == 1).any():
        return []
    precision, recall, cuts = (part[::-1] for part in precision_recall_curve(gold[judged] == 1, scores[judged]))
    precision, recall = precision[1:], recall[1:]  # the first point belongs to no threshold
    risen = np.flatnonzero(np.diff(recall, prepend=0.0) > 0)
    if len(risen) > MOST_POINTS:
        risen = risen[np.linspace(0, len(risen) - 1, MOST_POINTS).round().astype(int)]
    own = np.flatnonzero(cuts >= threshold)[-1:]  # the last cut that the threshold lets through
    kept = sorted({*risen.tolist(), *own.tolist(), len(cuts) - 1})
    points = [[round(float(recall[i]), PLACES), round(float(precision[i]), PLACES)] for i in kept]
    return [point for i, point in enumerate(points) if not i or point != points[i - 1]]


def reliability(gold: Floats, probabilities: Floats) -> list[dict[str, Any]]:
    """Return for each of ten equal bins of probability that holds judged decisions how often they were right to hope.

    Keys: `low` and `high` (the bin's bounds), `n` (decisions), `mean` (mean probability), `share` (of gold positives),
    `share_low` and `share_high` (its 95 % interval after Wilson, which takes decisions for independent).
    """
    judged = gold >= 0
    labels, scores = gold[judged], probabilities[judged]
    places = np.minimum((scores * BINS).astype(int), BINS - 1)
    bins = []
    for place in range(BINS):
        inside = places == place
        n, hits = int(inside.sum()), int(labels[inside].sum())
        if n:
            low, high = wilson(hits, n)
            bins.append(
                {
                    "low": place / BINS,
                    "high": (place + 1) / BINS,
                    "n": n,
                    "mean": float(scores[inside].mean()),
                    "share": hits / n,
                    "share_low": low,
                    "share_high": high,
                }
            )
    return bins
