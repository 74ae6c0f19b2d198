"""Percentile bootstrap of F1 and exact match, for one system and for the difference of two.

Every figure here is a function of counts that add up over sentences. A resample draws as many sentences as there are,
with replacement, so its counts are a matrix product: how often each sentence was drawn, times the sentence's counts.

Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 13 and 15.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.results import Difference, Estimate

__all__ = [
    "compare",
    "difference",
    "estimate",
    "exact_match",
    "macro_f1",
    "micro_f1",
    "resample",
    "sentence_counts",
    "topic_f1",
]

Floats = NDArray[np.float64]
LEVEL = (2.5, 97.5)  # percentiles of a 95 % interval
CHUNK_CELLS = 4_000_000  # draws held in memory at once: 32 MB


def sentence_counts(gold: NDArray[np.floating], predicted: NDArray[np.bool_]) -> Floats:
    """Return what each sentence adds to the figures, float64 (n, 3 t + 2).

    Columns: true positives, false positives and false negatives of each topic; whether the sentence is fully judged;
    whether it is and all its topics are right. `gold` (n, t) holds 1, 0, and -1 for what nobody judged.
    """
    yes, no = gold == 1, gold == 0
    full = (gold >= 0).all(axis=1)
    right = full & ((yes == predicted).all(axis=1))
    parts = [yes & predicted, no & predicted, yes & ~predicted, full, right]
    return np.column_stack(parts).astype(np.float64)


def topic_f1(counts: Floats) -> Floats:
    """Return F1 of each topic (..., t), for counts (..., 3 t + 2); NaN where no gold sentence carries the topic."""
    tp, fp, fn = _split(counts)
    return np.where(tp + fn > 0, 2 * tp / np.maximum(2 * tp + fp + fn, 1), np.nan)


def macro_f1(counts: Floats) -> Floats:
    """Return the mean F1 of the topics with gold positives, for counts (..., 3 t + 2); NaN where no topic has any."""
    f1 = topic_f1(counts)
    carried = ~np.isnan(f1)
    return _ratio(np.where(carried, f1, 0).sum(axis=-1), carried.sum(axis=-1))


def micro_f1(counts: Floats) -> Floats:
    """Return F1 over the decisions of all topics, for counts (..., 3 t + 2); NaN if nothing is gold or predicted."""
    tp, fp, fn = (part.sum(axis=-1) for part in _split(counts))
    return _ratio(2 * tp, 2 * tp + fp + fn)


def exact_match(counts: Floats) -> Floats:
    """Return the share of right ones among the fully judged sentences, for counts (..., 3 t + 2); NaN without any."""
    return _ratio(counts[..., -1], counts[..., -2])


def resample(counts: Floats, resamples: int, seed: int, groups: Sequence[str] | None = None) -> Floats:
    """Return the total counts of each resample, float64 (resamples, columns).

    Args:
        counts: float64 (n, columns), added up over whatever is drawn.
        resamples: how many resamples.
        seed: the same seed and number of units give the same draws.
        groups: the document of each sentence: whole documents are drawn, as their sentences are not independent;
            None draws sentences.
    """
    units = counts if groups is None else _by_group(counts, groups)
    n = len(units)
    if n == 0:
        return np.zeros((resamples, counts.shape[1]))
    draw = np.random.default_rng(seed)
    size = max(1, CHUNK_CELLS // n)
    chunks = []
    for begin in range(0, resamples, size):
        rows = min(size, resamples - begin)
        cells = draw.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        times = np.bincount(cells.ravel(), minlength=rows * n).reshape(rows, n)
        chunks.append(times.astype(np.float64) @ units)
    return np.concatenate(chunks)


def estimate(value: Floats, resampled: Floats) -> Estimate:
    """Return a figure with the interval of its resampled values; resamples without the figure (NaN) are left out."""
    known = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not known.size:
        return Estimate(None, None, None)
    low, high = np.percentile(known, LEVEL)
    return Estimate(float(value), float(low), float(high))


def difference(value: Floats, resampled: Floats) -> Difference:
    """Return a difference with its interval and p-value; resamples without it (NaN) are left out.

    The p-value is twice the share of resamples in which the sign turns or the difference vanishes; one is added to both
    numbers, so that it is never 0.
    """
    found = estimate(value, resampled)
    if found.value is None:
        return Difference(None, None, None, None)
    known = resampled[~np.isnan(resampled)]
    turned = min((known <= 0).sum(), (known >= 0).sum())
    p_value = min(1.0, 2 * (turned + 1) / (len(known) + 1))
    return Difference(found.value, found.low, found.high, float(p_value))


def compare(
    first: Floats, second: Floats, *, resamples: int, seed: int, groups: Sequence[str] | None = None
) -> Difference:
    """Return macro F1 of the first system minus the second's, both resampled with the same draws.

    `first` and `second` are the `sentence_counts` of both on the same gold labels.
    """
    width = first.shape[1]
    totals = resample(np.concatenate([first, second], axis=1), resamples, seed, groups)
    drawn = macro_f1(totals[:, :width]) - macro_f1(totals[:, width:])
    return difference(macro_f1(first.sum(axis=0)) - macro_f1(second.sum(axis=0)), drawn)


def _split(counts: Floats) -> list[Floats]:
    """Return true positives, false positives and false negatives, each (..., t)."""
    return np.split(counts[..., :-2], 3, axis=-1)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Divide; NaN where `below` is 0."""
    return np.where(below > 0, above / np.maximum(below, 1), np.nan)


def _by_group(counts: Floats, groups: Sequence[str]) -> Floats:
    """Add up the counts of each group's sentences."""
    names, places = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    totals = np.zeros((len(names), counts.shape[1]))
    np.add.at(totals, places, counts)
    return totals
