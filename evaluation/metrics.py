"""How well multi-label predictions meet gold labels that may be partly unknown.

The topics are always the model's. A topic that no gold sentence carries has no F1: it is left out of macro F1 and is
named, while its false alarms still count in micro F1. Decisions that nobody judged (-1) count nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from svodka.errors import ConfigError, DataError, did_you_mean
from svodka.evaluation import bootstrap
from svodka.evaluation.results import Difference, Estimate, EvaluationResult, TopicResult

__all__ = ["DEFAULT_SEED", "RESAMPLES", "calibration_error", "compare_predictions", "evaluate_predictions", "f1_scores"]

Floats = NDArray[np.float64]
DEFAULT_SEED = 13
RESAMPLES = 1000
BINS = 15
LIKELY = 0.1  # decisions below it are so many, and so easy, that they hide the others in the calibration error


def f1_scores(gold: ArrayLike, predicted: ArrayLike) -> tuple[float, float]:
    """Return macro and micro F1, 0 to 1; 0 where they are not defined, so that checkpoints can always be compared.

    Args:
        gold: (n, t) of 1, 0, or -1 for not judged.
        predicted: (n, t) of decisions, true or false.
    """
    labels, decisions = np.asarray(gold, dtype=np.float64), np.asarray(predicted, dtype=bool)
    _check_gold(labels, decisions.shape)
    totals = bootstrap.sentence_counts(labels, decisions).sum(axis=0)
    macro, micro = np.nan_to_num([bootstrap.macro_f1(totals), bootstrap.micro_f1(totals)])
    return float(macro), float(micro)


def evaluate_predictions(  # all but the first four have defaults
    gold: ArrayLike,
    probabilities: ArrayLike,
    thresholds: Mapping[str, float],
    topics: Sequence[str],
    *,
    seed: int = DEFAULT_SEED,
    resamples: int = RESAMPLES,
    groups: Sequence[str] | None = None,
) -> EvaluationResult:
    """Compare probabilities with gold labels; a topic is predicted at or above its threshold.

    Args:
        gold: (n, t) of 1, 0, or -1 for not judged, columns in the order of `topics`; n may be 0.
        probabilities: (n, t), 0 to 1.
        thresholds: one for each topic.
        topics: ids of the model's topics, in its order.
        seed: of the bootstrap.
        resamples: of the bootstrap; at least 1.
        groups: the document of each sentence, if known: the intervals then resample documents, not sentences.

    Raises:
        DataError: shapes that do not fit, labels other than 1, 0 and -1, or probabilities outside 0 to 1.
        ConfigError: a threshold is missing or for an unknown topic, or `resamples` is below 1.
    """
    labels, scores = _checked(gold, probabilities, topics)
    limits = _limits(thresholds, topics)
    if resamples < 1:
        raise ConfigError(f"resamples must be at least 1, got {resamples}")
    if groups is not None and len(groups) != len(labels):
        raise DataError(f"expected a group for each of {len(labels)} sentences, got {len(groups)}")
    decisions = _decide(scores, limits)
    both = np.hstack([bootstrap.sentence_counts(labels, decisions), bootstrap.sample_scores(labels, decisions)])
    totals, own = np.split(both.sum(axis=0), [-2], axis=-1)
    drawn, drawn_own = np.split(bootstrap.resample(both, resamples, seed, groups), [-2], axis=-1)
    f1 = map(bootstrap.estimate, bootstrap.topic_f1(totals), bootstrap.topic_f1(drawn).T)
    rows = tuple(_topic(*column) for column in zip(topics, labels.T, scores.T, limits, f1, strict=True))
    drawn_precisions = bootstrap.mean_average_precisions(labels, scores, resamples, seed, groups)
    return EvaluationResult(
        n=int((labels >= 0).any(axis=1).sum()),
        topics=rows,
        macro_f1=bootstrap.estimate(bootstrap.macro_f1(totals), bootstrap.macro_f1(drawn)),
        micro_f1=bootstrap.estimate(bootstrap.micro_f1(totals), bootstrap.micro_f1(drawn)),
        samples_f1=bootstrap.estimate(bootstrap.samples_f1(own), bootstrap.samples_f1(drawn_own)),
        exact_match=bootstrap.estimate(bootstrap.exact_match(totals), bootstrap.exact_match(drawn)),
        fully_judged=int(totals[-2]),
        without_positives=tuple(row.topic for row in rows if not row.support),
        mean_average_precision=bootstrap.estimate(bootstrap.mean_average_precision(labels, scores), drawn_precisions),
        calibration_error=calibration_error(labels, scores),
        decisions=int((labels >= 0).sum()),
        calibration_error_likely=calibration_error(labels, scores, LIKELY),
        decisions_likely=int(((labels >= 0) & (scores >= LIKELY)).sum()),
        units="sentences" if groups is None else "documents",
        unit_count=bootstrap.unit_count(labels, groups),
        resamples=resamples,
        seed=seed,
    )


def compare_predictions(  # the last three have defaults
    gold: ArrayLike,
    first: tuple[ArrayLike, Mapping[str, float]],
    second: tuple[ArrayLike, Mapping[str, float]],
    topics: Sequence[str],
    *,
    seed: int = DEFAULT_SEED,
    resamples: int = RESAMPLES,
    groups: Sequence[str] | None = None,
) -> Difference:
    """Return macro F1 of the first system minus the second's, with a paired bootstrap.

    `first` and `second` are probabilities and thresholds as `evaluate_predictions` takes them, so are groups
    and errors.
    """
    counts = []
    for probabilities, thresholds in (first, second):
        labels, scores = _checked(gold, probabilities, topics)
        counts.append(bootstrap.sentence_counts(labels, _decide(scores, _limits(thresholds, topics))))
    return bootstrap.compare(counts[0], counts[1], resamples=resamples, seed=seed, groups=groups)


def calibration_error(gold: Floats, probabilities: Floats, least: float = 0.0) -> float | None:
    """Return the expected calibration error over the judged decisions of probability `least` and more, 0 to 1.

    None if there are no such decisions.

    In each of 15 bins of equal width: how far the mean probability is from the share of gold positives; then the mean
    of that, weighted by the decisions in the bin. Source: M. P. Naeini, G. Cooper, M. Hauskrecht, "Obtaining Well
    Calibrated Probabilities Using Bayesian Binning" (AAAI 2015).
    """
    counted = (gold >= 0) & (probabilities >= least)
    labels, scores = gold[counted], probabilities[counted]
    if not labels.size:
        return None
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)  # a probability of 1 belongs to the last bin
    gaps = np.bincount(bins, weights=labels - scores, minlength=BINS)
    return float(np.abs(gaps).sum() / labels.size)


def _topic(topic: str, gold: Floats, scores: Floats, limit: np.float64, interval: Estimate) -> TopicResult:
    """Return the figures of one topic from its column of labels and of probabilities, and the interval of its F1."""
    from sklearn.metrics import average_precision_score, f1_score, precision_recall_fscore_support

    judged = gold >= 0
    labels, predicted = gold[judged] == 1, _decide(scores[judged], limit)
    support, alarms = int(labels.sum()), int(predicted.sum())
    precision, recall, f1 = 0.0, 0.0, 0.0
    if support:  # scikit-learn refuses to count nothing
        precision, recall, f1, _ = precision_recall_fscore_support(
            labels, predicted, average="binary", zero_division=0.0
        )
    return TopicResult(
        topic=topic,
        precision=float(precision) if alarms else None,
        recall=float(recall) if support else None,
        f1=float(f1) if support else None,
        f1_low=interval.low,
        f1_high=interval.high,
        f1_at_half=float(f1_score(labels, scores[judged] >= 0.5, zero_division=0.0)) if support else None,
        average_precision=float(average_precision_score(labels, scores[judged])) if 0 < support < len(labels) else None,
        support=support,
        predicted=alarms,
        judged=int(judged.sum()),
        threshold=float(limit),
    )


def _decide(scores: Floats, limits: Floats | np.float64) -> NDArray[np.bool_]:
    """Return the decisions, by the same comparison as the tagger's."""
    return np.asarray(scores >= limits)


def _limits(thresholds: Mapping[str, float], topics: Sequence[str]) -> Floats:
    """Return the thresholds in the order of the topics."""
    for topic in thresholds:
        if topic not in topics:
            raise ConfigError(f"a threshold for the unknown topic {topic!r}{did_you_mean(topic, topics)}")
    if missing := [topic for topic in topics if topic not in thresholds]:
        raise ConfigError(f"no threshold for the topic {missing[0]!r}")
    return np.array([thresholds[topic] for topic in topics], dtype=np.float64)


def _checked(gold: ArrayLike, probabilities: ArrayLike, topics: Sequence[str]) -> tuple[Floats, Floats]:
    """Return labels and probabilities as arrays that fit each other and the topics."""
    labels, scores = np.asarray(gold, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if scores.ndim != 2 or scores.shape[1] != len(topics):
        raise DataError(f"expected probabilities of shape (n, {len(topics)}), got {scores.shape}")
    if not ((scores >= 0) & (scores <= 1)).all():  # NaN is neither
        wrong = scores[~((scores >= 0) & (scores <= 1))][0]
        raise DataError(f"expected probabilities from 0 to 1, got {wrong}")
    _check_gold(labels, scores.shape)
    return labels, scores


def _check_gold(gold: Floats, shape: tuple[int, ...]) -> None:
    """Refuse labels of another shape than the predictions, or other values than 1, 0 and -1."""
    if gold.shape != shape:
        raise DataError(f"expected gold labels of shape {shape} like the predictions, got {gold.shape}")
    if (wrong := gold[~np.isin(gold, (1, 0, -1))]).size:
        raise DataError(f"gold labels are 1, 0 or -1 (not judged), got {wrong[0]}")
