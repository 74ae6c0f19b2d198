"""Logistic regression for each topic on given features, its settings chosen inside the training sentences.

All peers that learn share this: the regularisation of each topic is chosen by average precision and its threshold by
F1, both on answers out of fold. Everything is deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.peers.protocol import Floats

__all__ = [
    "Choice",
    "Classifier",
    "LinearHead",
    "Matrix",
    "best_threshold",
    "dense_choice",
    "fit_head",
    "out_of_fold_scores",
]

FOLDS = 5
DEFAULT_THRESHOLD = 0.5
DENSE_STRENGTHS = (0.001, 0.01, 0.1, 1.0)
CHOSEN = {"chosen_by": "cross_validation", "folds": FOLDS}  # what a peer's settings say of its C and its thresholds


class Matrix(Protocol):
    """What is used of scipy's sparse matrices, which have no types, and of arrays."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return rows and columns."""

    def __getitem__(self, rows: NDArray[np.intp], /) -> Any: ...


class Classifier(Protocol):
    """What is used of scikit-learn's classifiers, which have no types."""

    def fit(self, features: Any, gold: NDArray[np.bool_]) -> Classifier:
        """Learn from features (n, width) and labels (n,)."""

    def predict_proba(self, features: Any) -> Floats:
        """Return the probabilities of no and yes, (n, 2)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is tried for each topic.

    Attributes:
        strengths: values of C; a larger one trusts the training sentences more.
        classifier: makes a classifier that has learnt nothing yet, from a value of C.
        seed: of the folds.
    """

    strengths: tuple[float, ...]
    classifier: Callable[[float], Classifier]
    seed: int


def dense_choice(seed: int) -> Choice:
    """Return what is tried on sentence vectors: logistic regression on standardised columns."""

    def classifier(strength: float) -> Classifier:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        made: Classifier = make_pipeline(
            StandardScaler(), LogisticRegression(C=strength, class_weight="balanced", max_iter=500)
        )
        return made

    return Choice(DENSE_STRENGTHS, classifier, seed)


@dataclass(frozen=True, slots=True)
class LinearHead:
    """A fitted classifier for each topic.

    Attributes:
        thresholds: probability from which on each topic is predicted, in the order of the topics.
        strengths: C chosen for each topic; None if the training sentences leave no choice.
    """

    thresholds: dict[str, float]
    strengths: dict[str, float | None]
    _classifiers: tuple[Classifier, ...]

    def predict_proba(self, features: Matrix) -> Floats:
        """Return the probability of each topic for each row of the features, float64 (n, n_topics)."""
        if not features.shape[0]:
            return np.zeros((0, len(self._classifiers)))
        columns = [classifier.predict_proba(features)[:, 1] for classifier in self._classifiers]
        return np.stack(columns, axis=1).astype(np.float64)


def fit_head(
    features: Matrix, gold: Floats, topics: Sequence[str], choice: Choice, *, unseen: NDArray[np.bool_] | None = None
) -> LinearHead:
    """Choose and train a classifier for each topic.

    A topic with fewer than two examples of its own or without it cannot be cross-validated: it gets the share of its
    positives as a constant probability and the threshold 0.5.

    Args:
        features: (n, width), an array or a sparse matrix that gives out rows.
        gold: (n, t) of 1, 0, or -1 for not judged, which is left out for that topic.
        topics: ids, in the order of the columns of `gold`.
        choice: what is tried.
        unseen: bool (n,): only these rows choose, as the features of the others were trained on their labels and look
            better than those of new sentences; None: all rows. The final classifiers learn from all rows.
    """
    choosing = np.ones(len(gold), dtype=bool) if unseen is None else unseen
    fitted = [_fit_topic(features, column, choosing, choice) for column in np.asarray(gold).T]
    return LinearHead(
        thresholds={topic: one.threshold for topic, one in zip(topics, fitted, strict=True)},
        strengths={topic: one.strength for topic, one in zip(topics, fitted, strict=True)},
        _classifiers=tuple(one.classifier for one in fitted),
    )


def out_of_fold_scores(features: Matrix, gold: Floats, choice: Choice, strength: float) -> Floats:
    """Return for each row and topic what a classifier says that has not learnt the row's label.

    Args:
        features: (n, width), an array or a sparse matrix that gives out rows.
        gold: (n, t) of 1, 0, or -1 for not judged.
        choice: how classifiers are made; its strengths are not tried.
        strength: C for all topics.

    Returns:
        Probabilities, float64 (n, t); NaN where nobody judged, and for a topic with fewer than two examples of its own
        or without it.
    """
    found = np.full(np.shape(gold), np.nan)
    for column, labels in zip(found.T, np.asarray(gold).T, strict=True):
        judged = np.flatnonzero(labels >= 0)
        if (folds := _folds(labels[judged] == 1, choice.seed)) is not None:
            made = choice.classifier(strength)
            column[judged] = _cross_validated(made, features[judged], labels[judged] == 1, folds)
    return found


def best_threshold(gold: NDArray[np.bool_], scores: Floats) -> float:
    """Return the threshold with the best F1, in the middle between two neighbouring scores; of equals the highest.

    `gold` (n,) must hold at least one true value.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    hits = np.cumsum(gold[order])
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + hits[-1])
    below = np.append(ranked[1:], 0.0)
    f1[ranked == below] = -1  # no threshold parts equal scores
    place = int(np.argmax(f1))
    return float((ranked[place] + below[place]) / 2)


@dataclass(frozen=True, slots=True)
class _Constant:
    """Stands in for a classifier that could not be trained."""

    probability: float

    def fit(self, features: Any, gold: NDArray[np.bool_]) -> Classifier:  # noqa: ARG002
        """Learn nothing."""
        return self

    def predict_proba(self, features: Any) -> Floats:
        """Return the same two probabilities for each row."""
        return np.tile([1 - self.probability, self.probability], (features.shape[0], 1))


@dataclass(frozen=True, slots=True)
class _Fitted:
    """What training found for one topic."""

    classifier: Classifier
    threshold: float
    strength: float | None


def _fit_topic(features: Matrix, labels: Floats, choosing: NDArray[np.bool_], choice: Choice) -> _Fitted:
    """Choose C by average precision and the threshold by F1, both out of fold; then train on all that is judged."""
    from sklearn.metrics import average_precision_score

    judged = np.flatnonzero(labels >= 0)
    known = np.flatnonzero((labels >= 0) & choosing)
    gold = labels[known] == 1
    folds = _folds(gold, choice.seed)
    if folds is None:
        share = float((labels[judged] == 1).mean()) if judged.size else 0.0
        return _Fitted(_Constant(share), DEFAULT_THRESHOLD, None)
    rows = features[known]
    tried: list[tuple[float, float, Floats]] = []
    for strength in choice.strengths:
        scores = _cross_validated(choice.classifier(strength), rows, gold, folds)
        tried.append((average_precision_score(gold, scores), strength, scores))
    _, strength, scores = max(tried, key=lambda one: one[:2])
    final = choice.classifier(strength).fit(features[judged], labels[judged] == 1)
    return _Fitted(final, best_threshold(gold, scores), strength)


def _folds(gold: NDArray[np.bool_], seed: int) -> Any | None:
    """Return the folds of a cross-validation; None with fewer than two examples with the topic or without it."""
    from sklearn.model_selection import StratifiedKFold

    smaller = int(min(gold.sum(), (~gold).sum()))
    return StratifiedKFold(min(FOLDS, smaller), shuffle=True, random_state=seed) if smaller >= 2 else None


def _cross_validated(classifier: Classifier, rows: Any, gold: NDArray[np.bool_], folds: Any) -> Floats:
    """Return the probability of each row from a classifier that was trained on the other folds."""
    from sklearn.model_selection import cross_val_predict

    scores = cross_val_predict(classifier, rows, gold, cv=folds, method="predict_proba")
    return np.asarray(scores[:, 1], dtype=np.float64)
