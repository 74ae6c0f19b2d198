"""Percentile bootstrap of F1, exact match and mean average precision, and of the difference of two systems.

All figures but average precision are functions of counts that add up over sentences. A resample draws as many sentences
as there are, with replacement, so its counts are a matrix product: how often each sentence was drawn, times the
sentence's counts. Average precision takes the same draws as weights of the sentences, which are ranked only once.

Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 13 and 15.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.results import Difference, Estimate

__all__ = [
    "TRUSTED_UNITS",
    "compare",
    "difference",
    "estimate",
    "exact_match",
    "macro_f1",
    "mean_average_precision",
    "mean_average_precisions",
    "micro_f1",
    "resample",
    "sample_scores",
    "samples_f1",
    "sentence_counts",
    "topic_f1",
    "unit_count",
]

Floats = NDArray[np.float64]
LEVEL = (2.5, 97.5)  # percentiles of a 95 % interval
TRUSTED_UNITS = 10  # with fewer sentences or documents an interval is too narrow to decide anything
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


def sample_scores(gold: NDArray[np.floating], predicted: NDArray[np.bool_]) -> Floats:
    """Return for each sentence its own F1 and 1, or twice 0 if no topic of it is judged; float64 (n, 2).

    Takes what `sentence_counts` takes. A sentence with neither a gold nor a predicted topic has an F1 of 1.
    """
    yes, judged = gold == 1, gold >= 0
    hits, alarms = (yes & predicted).sum(axis=1), (judged & predicted).sum(axis=1)
    whole = yes.sum(axis=1) + alarms
    own = np.where(whole > 0, 2 * hits / np.maximum(whole, 1), 1.0)
    known = judged.any(axis=1)
    return np.column_stack([np.where(known, own, 0.0), known]).astype(np.float64)


def topic_f1(counts: Floats) -> Floats:
    """Return F1 of each topic, for counts (..., 3 t + 2); NaN for a topic without gold positives."""
    tp, fp, fn = _split(counts)
    return np.where(tp + fn > 0, 2 * tp / np.maximum(2 * tp + fp + fn, 1), np.nan)


def samples_f1(scores: Floats) -> Floats:
    """Return the mean F1 of sentences, for sums (..., 2) of `sample_scores`; NaN if no sentence is judged."""
    return _ratio(scores[..., 0], scores[..., 1])


def macro_f1(counts: Floats) -> Floats:
    """Return the mean F1 of the topics with gold positives, for counts (..., 3 t + 2); NaN where no topic has any."""
    f1 = topic_f1(counts)
    return _ratio(np.nan_to_num(f1).sum(axis=-1), (~np.isnan(f1)).sum(axis=-1))


def micro_f1(counts: Floats) -> Floats:
    """Return F1 over the decisions of all topics, for counts (..., 3 t + 2); NaN if nothing is gold or predicted."""
    tp, fp, fn = (part.sum(axis=-1) for part in _split(counts))
    return _ratio(2 * tp, 2 * tp + fp + fn)


def exact_match(counts: Floats) -> Floats:
    """Return the share of right ones among the fully judged sentences, for counts (..., 3 t + 2); NaN without any."""
    return _ratio(counts[..., -1], counts[..., -2])


def unit_count(gold: NDArray[np.floating], groups: Sequence[str] | None = None) -> int:
    """Return how many sentences have a judged topic, or how many documents have such a sentence.

    Args:
        gold: (n, t) of 1, 0, or -1 for not judged.
        groups: the document of each sentence; None counts sentences.
    """
    judged = (gold >= 0).any(axis=1)
    return int(judged.sum()) if groups is None else len(set(np.asarray(groups, dtype=str)[judged]))


def resample(counts: Floats, resamples: int, seed: int, groups: Sequence[str] | None = None) -> Floats:
    """Return the total counts of each resample, float64 (resamples, columns); NaN if fewer than two units count.

    Draws from a single unit would all be alike, and their interval without width would look like certainty.

    Args:
        counts: float64 (n, columns), added up over whatever is drawn.
        resamples: how many resamples.
        seed: the same seed and number of units give the same draws.
        groups: the document of each sentence: whole documents are drawn, as their sentences are not independent;
            None draws sentences.
    """
    units = counts if groups is None else _by_group(counts, groups)
    if np.count_nonzero(units.any(axis=1)) < 2:
        return np.full((resamples, counts.shape[1]), np.nan)
    return np.concatenate([times @ units for times in _draws(len(units), resamples, seed)])


def mean_average_precision(gold: NDArray[np.floating], scores: Floats) -> Floats:
    """Return mean average precision of all sentences, a single number; NaN where no topic has it.

    Takes what `mean_average_precisions` takes.
    """
    ranked = [one for one in map(_rank, gold.T, scores.T) if one is not None]
    return np.asarray(_mean(ranked, [np.ones((1, one.order.size)) for one in ranked])[0] if ranked else np.nan)


def mean_average_precisions(
    gold: NDArray[np.floating], scores: Floats, resamples: int, seed: int, groups: Sequence[str] | None = None
) -> Floats:
    """Return mean average precision of each resample, float64 (resamples,): NaN where no topic has it.

    The draws are those of `resample`; there are none of fewer than two units. A topic without gold positives or
    without judged negatives in a resample is left out of its mean.

    Args:
        gold: (n, t) of 1, 0, or -1 for not judged.
        scores: (n, t), the higher the surer.
        resamples: how many resamples.
        seed: of the draws.
        groups: as for `resample`.
    """
    ranked = [one for one in map(_rank, gold.T, scores.T) if one is not None]
    if not ranked or unit_count(gold, groups) < 2:
        return np.full(resamples, np.nan)
    places = np.arange(len(gold)) if groups is None else _places(groups)[1]
    chunks = []
    for times in _draws(int(places.max()) + 1, resamples, seed):
        chunks.append(_mean(ranked, (times[:, places[one.order]] for one in ranked)))
    return np.concatenate(chunks)


def _mean(ranked: Sequence[_Ranking], weights: Iterable[Floats]) -> Floats:
    """Return for each row of weights the mean average precision of the topics that have it; NaN without any."""
    found = np.stack([_average_precision(one, own) for one, own in zip(ranked, weights, strict=True)])
    known = ~np.isnan(found)
    return _ratio(np.where(known, found, 0).sum(axis=0), known.sum(axis=0))


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The judged sentences of one topic by falling score; a step is a run of equal scores that holds gold positives.

    Attributes:
        order: the places of the sentences, the highest score first.
        positives: the places in `order` of the gold positives.
        ends: for each step the place in `order` behind its last sentence, rising.
        first: for each step the place in `positives` of its first.
    """

    order: NDArray[np.intp]
    positives: NDArray[np.intp]
    ends: NDArray[np.intp]
    first: NDArray[np.intp]


def _rank(gold: NDArray[np.floating], scores: Floats) -> _Ranking | None:
    """Rank one topic's sentences; None if no judged sentence carries it or all do: then there is nothing to rank."""
    judged = np.flatnonzero(gold >= 0)
    order = judged[np.argsort(-scores[judged], kind="stable")]
    positives = np.flatnonzero(gold[order] == 1)
    if positives.size in (0, order.size):
        return None
    falling = -scores[order]
    ends, first = np.unique(np.searchsorted(falling, falling[positives], side="right"), return_index=True)
    return _Ranking(order, positives, ends, first)


def _average_precision(ranking: _Ranking, weights: Floats) -> Floats:
    """Return average precision for each row of weights (m, sentences in the order of the ranking).

    It is the sum over thresholds of precision times the gain in recall, as in scikit-learn; NaN without gold positives,
    and without judged negatives, where any ranking would have 1.
    """
    begins = np.concatenate([[0], ranking.ends[:-1]])
    above = np.cumsum(np.add.reduceat(weights[:, : ranking.ends[-1]], begins, axis=1), axis=1)
    gained = np.add.reduceat(weights[:, ranking.positives], ranking.first, axis=1)
    hits = np.cumsum(gained, axis=1)
    precision = hits / np.maximum(above, 1)
    both = np.where(hits[:, -1] < weights.sum(axis=1), hits[:, -1], 0)
    return _ratio((precision * gained).sum(axis=1), both)


def _draws(n: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield how often each of n > 0 units is drawn in each resample, float64 (some resamples, n) at a time."""
    draw = np.random.default_rng(seed)
    size = max(1, CHUNK_CELLS // n)
    for begin in range(0, resamples, size):
        rows = min(size, resamples - begin)
        cells = draw.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        yield np.bincount(cells.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def estimate(value: Floats, resampled: Floats) -> Estimate:
    """Return a figure with the interval of its resampled values; resamples without the figure (NaN) are left out.

    If no resample has the figure, it has no interval.
    """
    if np.isnan(value):
        return Estimate(None, None, None)
    known = resampled[~np.isnan(resampled)]
    if not known.size:
        return Estimate(float(value), None, None)
    low, high = np.percentile(known, LEVEL)
    return Estimate(float(value), float(low), float(high))


def difference(value: Floats, resampled: Floats) -> Difference:
    """Return a difference with its interval and p-value; resamples without it (NaN) are left out.

    The p-value is twice the share of resamples in which the sign turns or the difference vanishes; one is added to both
    numbers, so that it is never 0.
    """
    found = estimate(value, resampled)
    if found.low is None:
        return Difference(found.value, None, None, None)
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
    names, places = _places(groups)
    totals = np.zeros((names, counts.shape[1]))
    np.add.at(totals, places, counts)
    return totals


def _places(groups: Sequence[str]) -> tuple[int, NDArray[np.intp]]:
    """Return the number of groups, and for each sentence the place of its group by alphabet."""
    names, places = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    return len(names), places
