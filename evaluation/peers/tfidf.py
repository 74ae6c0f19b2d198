"""TF-IDF and logistic regression, which a fine-tuned model has to beat.

Features are words (1-2-grams, each word cut to its first five letters, as endings carry no topic) and pieces of words
(3-5 characters) of the normalised, lower-cased text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from svodka.errors import DataError
from svodka.evaluation.peers.linear import CHOSEN, Choice, Classifier, Matrix, fit_head, out_of_fold_scores
from svodka.evaluation.peers.protocol import Floats
from svodka.evaluation.peers.vectors import VectorPeer
from svodka.normalise import normalise

__all__ = ["fit", "out_of_fold"]

STRENGTHS = (1.0, 3.0, 10.0, 30.0)
STRENGTH = 10.0  # where no choice is made
STEM = r"\b(\w{2,5})\w*"  # «ракета», «ракетами» and «ракетный» are all «ракет»


def fit(texts: Sequence[str], gold: Floats, topics: Sequence[str], seed: int = 0) -> VectorPeer:
    """Train the peer; see `Fit`.

    Raises:
        DataError: there are no sentences, or no word or piece stands in two of them.
    """
    union, features = _fit_features(texts)
    head = fit_head(features, gold, topics, _choice(seed))
    settings = {"features": int(features.shape[1]), "strengths": head.strengths, **CHOSEN}
    return VectorPeer(head.thresholds, settings, lambda given: union.transform([*map(_prepared, given)]), head)


def out_of_fold(texts: Sequence[str], gold: Floats, seed: int = 0) -> Floats:
    """Return for each sentence what a TF-IDF classifier says that has not learnt its labels, in five folds.

    The features are those of all sentences, as they know no labels; the regularisation is the same for all topics.

    Args:
        texts: the sentences.
        gold: (n, t) of 1, 0, or -1 for not judged.
        seed: of the folds.

    Returns:
        Probabilities, float64 (n, t); NaN where nobody judged, and for a topic with fewer than two examples of its own
        or without it.

    Raises:
        DataError: there are no sentences, or no word or piece stands in two of them.
    """
    _, features = _fit_features(texts)
    return out_of_fold_scores(features, gold, _choice(seed), STRENGTH)


def _fit_features(texts: Sequence[str]) -> tuple[Any, Matrix]:
    """Return the features, fitted to the texts, and those of the texts themselves."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    common = {"sublinear_tf": True, "min_df": 2, "lowercase": False, "dtype": np.float32}
    words = TfidfVectorizer(token_pattern=STEM, ngram_range=(1, 2), **common)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), **common)
    union = FeatureUnion([("words", words), ("pieces", pieces)])
    try:
        features: Matrix = union.fit_transform([_prepared(text) for text in texts]).tocsr()
    except ValueError as error:
        raise DataError(f"TF-IDF cannot be trained on {len(texts)} sentences: {error}") from error
    return union, features


def _choice(seed: int) -> Choice:
    """Return what is tried for each topic."""

    def classifier(strength: float) -> Classifier:
        from sklearn.linear_model import LogisticRegression

        made: Classifier = LogisticRegression(
            C=strength, class_weight="balanced", solver="liblinear", random_state=seed
        )
        return made

    return Choice(STRENGTHS, classifier, seed)


def _prepared(text: str) -> str:
    """Return the text as the features read it."""
    return normalise(text).lower()
