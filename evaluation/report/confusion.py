"""Which topic is taken for which, and which topics come together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["confusion", "cooccurrence"]

Floats = NDArray[np.float64]
Decisions = NDArray[np.bool_]


def confusion(gold: Floats, predicted: Decisions) -> dict[str, Any]:
    """Return what was wrongly predicted in place of each missed topic.

    A gold topic that is not predicted is a miss, a predicted topic that is judged not to hold a false alarm. A miss is
    laid to the false alarms of the same sentence, in equal shares; without any, nothing came instead. So each row of
    `instead` and its `nothing` add up to the topic's misses. False alarms in sentences without a miss stand apart.

    Args:
        gold: (n, t) of 1, 0, or -1 for not judged.
        predicted: (n, t).

    Returns:
        `found` (t,): gold and predicted; `instead` (t, t): row a missed topic, column the false alarm, whose diagonal
        is 0; `nothing` (t,): misses with nothing instead; `added` (t,): false alarms in sentences without a miss.
    """
    missed = ((gold == 1) & ~predicted).astype(np.float64)
    alarms = ((gold == 0) & predicted).astype(np.float64)
    number = alarms.sum(axis=1, keepdims=True)
    shares = alarms / np.maximum(number, 1)
    complete = missed.sum(axis=1) == 0
    return {
        "found": ((gold == 1) & predicted).sum(axis=0).tolist(),
        "instead": (missed.T @ shares).round(4).tolist(),
        "nothing": missed[number[:, 0] == 0].sum(axis=0).astype(int).tolist(),
        "added": alarms[complete].sum(axis=0).astype(int).tolist(),
    }


def cooccurrence(gold: Floats, predicted: Decisions) -> dict[str, list[list[int]]]:
    """Return for each pair of topics how many sentences carry both by the gold labels and by the predictions.

    `gold` and `predicted`, both (t, t) and symmetric, count only sentences for which both topics are judged; the
    diagonal has the sentences with each topic.
    """
    judged = (gold >= 0).astype(np.int64)
    yes = (gold == 1).astype(np.int64)
    said = predicted * judged
    return {"gold": (yes.T @ yes).tolist(), "predicted": (said.T @ said).tolist()}
