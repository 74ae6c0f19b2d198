"""What a peer is: a function that trains, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fit", "FittedPeer", "Floats"]

Floats = NDArray[np.float64]


class FittedPeer(Protocol):
    """A peer that has been trained."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """Return the probability from which on each topic is predicted, for every topic."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return what was chosen for it, and how, as values that JSON can hold; the report words them."""

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the probability of each topic, 0 to 1, float64 (n_texts, n_topics); n_texts may be 0."""


class Fit(Protocol):
    """How a peer is trained."""

    def __call__(self, texts: Sequence[str], gold: Floats, topics: Sequence[str], seed: int) -> FittedPeer:
        """Train on labelled sentences; the same seed gives the same peer.

        Args:
            texts: the training sentences.
            gold: (n, t) of 1, 0, or -1 for not judged, which is left out for that topic.
            topics: ids, in the order of the columns of `gold`.
            seed: of whatever is drawn.

        Raises:
            DataError: nothing can be learned from these sentences.
        """
