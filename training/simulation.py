"""What choosing sentences well saves, tried on sentences whose labels are known but hidden at first.

A run starts from a few labelled rows. In each round a cheap classifier (TF-IDF of words, logistic regression) learns
from what is labelled and is measured on rows set apart; then more rows of the pool are labelled, chosen either as
`svodka suggest` would by that classifier's probabilities, or at random.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError
from svodka.evaluation.metrics import f1_scores
from svodka.normalise import normalise
from svodka.training.acquisition import acquire, doubts

__all__ = ["METHODS", "Point", "Rows", "Simulation", "thinned"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
STEM = r"\b(\w{2,5})\w*"
STRENGTH = 10.0
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Rows:
    """Sentences and their labels, (n, t) of 1, 0, and -1 for not judged."""

    texts: Sequence[str]
    gold: Floats


@dataclass(frozen=True, slots=True)
class Point:
    """What the classifier reaches with so many labelled rows.

    Attributes:
        labels: number of labelled rows.
        positives: number of topics that were given to them.
        mean_average_precision: 0 to 1, over the topics that the measured rows have.
        macro_f1: 0 to 1, with the threshold 0.5 for each topic.
    """

    labels: int
    positives: int
    mean_average_precision: float
    macro_f1: float


class Simulation:
    """A pool whose labels are bought one by one, and the rows that the classifier is measured on."""

    def __init__(self, pool: Rows, measured: Rows) -> None:
        """Learn the words of the pool, which know no labels.

        Raises:
            DataError: no word stands in two sentences of the pool, or no measured row has a topic.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer

        if not (measured.gold == 1).any():
            raise DataError("none of the measured rows has a topic, so there is nothing to find")
        words = TfidfVectorizer(token_pattern=STEM, ngram_range=(1, 2), sublinear_tf=True, min_df=2, lowercase=False)
        try:
            self._features = words.fit_transform([_prepared(text) for text in pool.texts]).tocsr()
        except ValueError as error:
            raise DataError(f"TF-IDF cannot be trained on a pool of {len(pool.texts)} sentences: {error}") from error
        self._measured_features = words.transform([_prepared(text) for text in measured.texts]).tocsr()
        self._pool, self._measured = pool, measured

    def run(self, method: str, sizes: Sequence[int], seed: int) -> list[Point]:
        """Return the classifier's figures after each number of labelled rows.

        Args:
            method: one of `METHODS`.
            sizes: ascending numbers of labelled rows; the first so many are drawn at random, the same for all methods.
            seed: of what is drawn.
        """
        draw = np.random.default_rng(seed)
        order = draw.permutation(len(self._pool.texts))
        labelled = order[: sizes[0]]
        points = [self.measure(labelled)]
        for size in sizes[1:]:
            rest = np.setdiff1d(order, labelled)
            chosen = METHODS[method](self, labelled, rest, size - len(labelled), draw)
            labelled = np.concatenate([labelled, chosen])
            points.append(self.measure(labelled))
        return points

    def measure(self, labelled: Places) -> Point:
        """Train on the labelled rows and return what comes of it on the measured ones."""
        from sklearn.metrics import average_precision_score

        scores = self._probabilities(labelled, self._measured_features)
        gold = self._measured.gold
        precisions = [
            average_precision_score(truth[truth >= 0] == 1, found[truth >= 0])
            for truth, found in zip(gold.T, scores.T, strict=True)
            if (truth == 1).any()
        ]
        macro, _ = f1_scores(gold, scores >= THRESHOLD)
        positives = int((self._pool.gold[labelled] == 1).sum())
        return Point(len(labelled), positives, float(np.mean(precisions)), macro)

    def by_doubt(self, labelled: Places, rest: Places, n: int, _draw: np.random.Generator) -> Places:
        """Choose as `svodka suggest` does."""
        probabilities = self._probabilities(labelled, self._features[rest])
        doubted = doubts(probabilities, [THRESHOLD] * probabilities.shape[1])
        return rest[acquire(doubted, [self._pool.texts[place] for place in rest], n)]

    def at_random(self, _labelled: Places, rest: Places, n: int, draw: np.random.Generator) -> Places:
        """Choose without looking."""
        return draw.permutation(rest)[:n]

    def _probabilities(self, labelled: Places, features: Any) -> Floats:
        """Train a classifier for each topic and return what they say, (n, t)."""
        from sklearn.linear_model import LogisticRegression

        columns = []
        for truth in self._pool.gold[labelled].T:
            judged = labelled[truth >= 0]
            given = truth[truth >= 0] == 1
            if len(set(given.tolist())) < 2:  # one answer only: nothing tells the sentences apart
                columns.append(np.full(features.shape[0], float(given.mean()) if len(given) else 0.0))
                continue
            made = LogisticRegression(C=STRENGTH, class_weight="balanced", solver="liblinear", random_state=0)
            columns.append(made.fit(self._features[judged], given).predict_proba(features)[:, 1])
        return np.stack(columns, axis=1)


Choose = Callable[[Simulation, Places, Places, int, np.random.Generator], Places]
METHODS: Mapping[str, Choose] = {"suggest": Simulation.by_doubt, "random": Simulation.at_random}


def thinned(rows: Rows, positives: int, seed: int = 0) -> Rows:
    """Return all rows without any of the topics and `positives` of the others, drawn by the seed.

    Rows that nobody judged for every topic go with the others.
    """
    empty = (rows.gold == 0).all(axis=1)
    others = np.random.default_rng(seed).permutation(np.flatnonzero(~empty))[:positives]
    kept = np.sort(np.concatenate([np.flatnonzero(empty), others]))
    return Rows([rows.texts[place] for place in kept], rows.gold[kept])


def _prepared(text: str) -> str:
    return normalise(text).lower()
