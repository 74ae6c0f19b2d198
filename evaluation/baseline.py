"""The yardstick: TF-IDF and logistic regression, which a fine-tuned model has to beat.

Features are words (1-2-grams, each word cut to its first five letters, as endings carry no topic) and pieces of words
(3-5 characters) of the normalised, lower-cased text; each topic has its own logistic regression. Its regularisation and
its threshold are chosen by cross-validation inside the training sentences. Everything is deterministic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError
from svodka.normalise import normalise

__all__ = ["TfidfBaseline", "best_threshold", "fit_tfidf", "out_of_fold"]

Floats = NDArray[np.float64]
STRENGTHS = (1.0, 3.0, 10.0, 30.0)  # values of C that are tried; a larger one trusts the training data more
STRENGTH = 10.0  # where no choice is made
FOLDS = 5
STEM = r"\b(\w{2,5})\w*"  # «ракета», «ракетами» and «ракетный» are all «ракет»
DEFAULT_THRESHOLD = 0.5
SEED = 0


class _Matrix(Protocol):
    """What is used of scipy's sparse matrices, which have no types."""

    shape: tuple[int, int]

    def __getitem__(self, rows: NDArray[np.intp]) -> _Matrix: ...


class _Classifier(Protocol):
    """What is used of scikit-learn's classifiers, which have no types."""

    def fit(self, features: _Matrix, gold: NDArray[np.bool_]) -> _Classifier: ...

    def predict_proba(self, features: _Matrix) -> Floats: ...


@dataclass(frozen=True, slots=True)
class _Constant:
    """Stands in for a classifier that could not be trained."""

    probability: float

    def fit(self, features: _Matrix, gold: NDArray[np.bool_]) -> _Classifier:  # noqa: ARG002
        """Learn nothing."""
        return self

    def predict_proba(self, features: _Matrix) -> Floats:
        """Return the same two probabilities for each text."""
        return np.tile([1 - self.probability, self.probability], (features.shape[0], 1))


@dataclass(frozen=True, slots=True)
class TfidfBaseline:
    """A fitted baseline.

    Attributes:
        topics: ids, in the order of the columns of its answers.
        thresholds: probability from which on each topic is predicted.
        strengths: C chosen for each topic; None if the training sentences leave no choice.
        n: number of training sentences.
    """

    topics: tuple[str, ...]
    thresholds: dict[str, float]
    strengths: dict[str, float | None]
    n: int
    _features: Any
    _classifiers: tuple[_Classifier, ...]

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the probability of each topic, float64 (n_texts, n_topics)."""
        if not texts:
            return np.zeros((0, len(self.topics)))
        features = self._features.transform([_prepared(text) for text in texts])
        columns = [classifier.predict_proba(features)[:, 1] for classifier in self._classifiers]
        return np.stack(columns, axis=1).astype(np.float64)


def fit_tfidf(texts: Sequence[str], gold: NDArray[np.floating], topics: Sequence[str]) -> TfidfBaseline:
    """Train the baseline.

    A topic with fewer than two examples of its own or without it cannot be cross-validated: it gets the share of its
    positives as a constant probability and the threshold 0.5.

    Args:
        texts: the training sentences.
        gold: (n, t) of 1, 0, or -1 for not judged, which is left out for that topic.
        topics: ids, in the order of the columns of `gold`.

    Raises:
        DataError: there are no sentences, or no word or piece stands in two of them.
    """
    union, features = _fit_features(texts)
    fitted = [_fit_topic(features, column) for column in np.asarray(gold).T]
    return TfidfBaseline(
        topics=tuple(topics),
        thresholds={topic: one.threshold for topic, one in zip(topics, fitted, strict=True)},
        strengths={topic: one.strength for topic, one in zip(topics, fitted, strict=True)},
        n=len(texts),
        _features=union,
        _classifiers=tuple(one.classifier for one in fitted),
    )


def out_of_fold(texts: Sequence[str], gold: NDArray[np.floating]) -> Floats:
    """Return for each sentence what a baseline says that has not learnt its labels, by cross-validation in five folds.

    The features are those of all sentences, as they know no labels; the regularisation is the same for all topics.

    Args:
        texts: the sentences.
        gold: (n, t) of 1, 0, or -1 for not judged.

    Returns:
        Probabilities, float64 (n, t); NaN where nobody judged, and for a topic with fewer than two examples of its own
        or without it.

    Raises:
        DataError: there are no sentences, or no word or piece stands in two of them.
    """
    _, features = _fit_features(texts)
    found = np.full(np.shape(gold), np.nan)
    for column, labels in zip(found.T, np.asarray(gold).T, strict=True):
        judged = np.flatnonzero(labels >= 0)
        if (folds := _folds(labels[judged] == 1)) is not None:
            column[judged] = _cross_validated(STRENGTH, features[judged], labels[judged] == 1, folds)
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
class _Fitted:
    """What training found for one topic."""

    classifier: _Classifier
    threshold: float
    strength: float | None


def _fit_topic(features: _Matrix, labels: NDArray[np.floating]) -> _Fitted:
    """Choose C by average precision and the threshold by F1, both out of fold; then train on all that is judged."""
    from sklearn.metrics import average_precision_score

    judged = np.flatnonzero(labels >= 0)
    known, gold = features[judged], labels[judged] == 1
    folds = _folds(gold)
    if folds is None:
        share = float(gold.mean()) if gold.size else 0.0
        return _Fitted(_Constant(share), DEFAULT_THRESHOLD, None)
    tried: list[tuple[float, float, Floats]] = []
    for strength in STRENGTHS:
        scores = _cross_validated(strength, known, gold, folds)
        tried.append((average_precision_score(gold, scores), strength, scores))
    _, strength, scores = max(tried, key=lambda one: one[:2])
    return _Fitted(_classifier(strength).fit(known, gold), best_threshold(gold, scores), strength)


def _fit_features(texts: Sequence[str]) -> tuple[Any, _Matrix]:
    """Return the features, fitted to the texts, and those of the texts themselves."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    common = {"sublinear_tf": True, "min_df": 2, "lowercase": False, "dtype": np.float32}
    words = TfidfVectorizer(token_pattern=STEM, ngram_range=(1, 2), **common)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), **common)
    union = FeatureUnion([("words", words), ("pieces", pieces)])
    try:
        features: _Matrix = union.fit_transform([_prepared(text) for text in texts]).tocsr()
    except ValueError as error:
        raise DataError(f"the baseline cannot be trained on {len(texts)} sentences: {error}") from error
    return union, features


def _folds(gold: NDArray[np.bool_]) -> Any | None:
    """Return the folds of a cross-validation; None with fewer than two examples with the topic or without it."""
    from sklearn.model_selection import StratifiedKFold

    smaller = int(min(gold.sum(), (~gold).sum()))
    return StratifiedKFold(min(FOLDS, smaller), shuffle=True, random_state=SEED) if smaller >= 2 else None


def _cross_validated(strength: float, features: _Matrix, gold: NDArray[np.bool_], folds: Any) -> Floats:
    """Return the probability of each text from a classifier that was trained on the other folds."""
    from sklearn.model_selection import cross_val_predict

    scores = cross_val_predict(_classifier(strength), features, gold, cv=folds, method="predict_proba")
    return np.asarray(scores[:, 1], dtype=np.float64)


def _classifier(strength: float) -> _Classifier:
    """Return a logistic regression that has learnt nothing yet."""
    from sklearn.linear_model import LogisticRegression

    classifier: _Classifier = LogisticRegression(
        C=strength, class_weight="balanced", solver="liblinear", random_state=SEED
    )
    return classifier


def _prepared(text: str) -> str:
    """Return the text as the features read it."""
    return normalise(text).lower()
