"""Peers that turn a sentence into one vector, by whatever means, and put logistic regression on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError
from svodka.evaluation.peers.linear import CHOSEN, LinearHead, dense_choice, fit_head
from svodka.evaluation.peers.protocol import Floats

__all__ = ["Encode", "VectorPeer", "fit_on_vectors"]

Encode = Callable[[Sequence[str]], Any]  # texts to an array or a sparse matrix of numbers, (n_texts, width)


@dataclass(frozen=True, slots=True)
class VectorPeer:
    """A fitted peer; see `FittedPeer`."""

    thresholds: dict[str, float]
    settings: dict[str, Any]
    _encode: Encode
    _head: LinearHead

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the probability of each topic, float64 (n_texts, n_topics)."""
        if not texts:
            return np.zeros((0, len(self.thresholds)))
        return self._head.predict_proba(self._encode(texts))


def fit_on_vectors(  # the last has a default
    encode: Encode,
    texts: Sequence[str],
    gold: Floats,
    topics: Sequence[str],
    seed: int,
    settings: Mapping[str, Any],
    *,
    unseen: NDArray[np.bool_] | None = None,
) -> VectorPeer:
    """Train logistic regression on the vectors of `encode`, which is trained already.

    Args:
        encode: gives the vectors.
        texts: the training sentences.
        gold: (n, t) of 1, 0 and -1.
        topics: ids, in the order of the columns of `gold`.
        seed: of the folds.
        settings: what there is to say of the vectors.
        unseen: which sentences `encode` was not trained on, if it was on any; see `fit_head`.

    Raises:
        DataError: there are no sentences.
    """
    if not texts:
        raise DataError("sentence vectors cannot be trained on 0 sentences")
    features = encode(texts)
    head = fit_head(features, gold, topics, dense_choice(seed), unseen=unseen)
    told = {"width": int(features.shape[1]), **settings, "strengths": head.strengths, **CHOSEN}
    return VectorPeer(head.thresholds, told, encode, head)
