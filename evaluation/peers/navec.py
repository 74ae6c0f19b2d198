"""Static word vectors: the mean of a sentence's navec vectors, weighted by TF-IDF, and logistic regression.

navec (A. Kukushkin, MIT) holds 250,000 Russian word forms of news texts as vectors of 300 numbers, in 100 quantised
parts. The PyPI package `navec` only reads them; the file with the news vectors comes inside the package `natasha`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from svodka.errors import ModelFilesError
from svodka.evaluation.peers.protocol import Floats
from svodka.evaluation.peers.vectors import VectorPeer, fit_on_vectors
from svodka.normalise import normalise

__all__ = ["WeightedMean", "find_vectors_file", "fit", "inverse_frequencies"]

VECTORS = "data/emb/navec_news_v1_1B_250K_300d_100q.tar"
WORD = re.compile(r"[а-яa-z]+(?:-[а-яa-z]+)*")


class WordVectors(Protocol):
    """What is used of `navec.Navec`."""

    def __contains__(self, word: str) -> bool: ...

    def __getitem__(self, word: str) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class WeightedMean:
    """Gives each sentence the mean of its words' vectors, weighted by TF-IDF.

    Attributes:
        vectors: word to float32 (width,).
        width: of a vector.
        weights: inverse document frequency of the words of the training sentences.
        rarest: that of a word which none of them has.
    """

    vectors: WordVectors
    width: int
    weights: Mapping[str, float]
    rarest: float

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (n_texts, width); a text without any word that has a vector gets zeros."""
        means = np.zeros((len(texts), self.width), dtype=np.float32)
        for row, text in enumerate(texts):
            counts = Counter(_words(text, self.vectors))
            if counts:
                weights = [times * self.weights.get(word, self.rarest) for word, times in counts.items()]
                means[row] = np.average([self.vectors[word] for word in counts], axis=0, weights=weights)
        return means


def fit(texts: Sequence[str], gold: Floats, topics: Sequence[str], seed: int) -> VectorPeer:
    """Train the peer; see `Fit`.

    Raises:
        ModelFilesError: the installed natasha has no such file.
        DataError: there are no sentences.
    """
    from navec import Navec

    vectors = Navec.load(find_vectors_file())
    weights, rarest = inverse_frequencies(texts, vectors)
    encode = WeightedMean(vectors, int(vectors.pq.dim), weights, rarest)
    settings = {"vectors": Path(VECTORS).name, "words_met": len(weights), "pooling": "tfidf_mean"}
    return fit_on_vectors(encode, texts, gold, topics, seed, settings)


def inverse_frequencies(texts: Sequence[str], vectors: WordVectors) -> tuple[dict[str, float], float]:
    """Return ln((1 + n) / (1 + d)) + 1 for each word that stands in d of the n texts, and the value for d = 0.

    The smoothed form, as scikit-learn's TfidfTransformer has it.
    """
    found = Counter(word for text in texts for word in set(_words(text, vectors)))
    n = len(texts)
    weights = {word: float(np.log((1 + n) / (1 + d)) + 1) for word, d in found.items()}
    return weights, float(np.log(1 + n) + 1)


def find_vectors_file() -> Path:
    """Return the news vectors inside the installed package natasha, which is not imported for that."""
    found = find_spec("natasha")
    folders = list(found.submodule_search_locations or ()) if found else []
    for folder in folders:
        if (path := Path(folder) / VECTORS).is_file():
            return path
    raise ModelFilesError(f"the installed package natasha has no file {VECTORS}; install natasha 1.6")


def _words(text: str, vectors: WordVectors) -> Iterator[str]:
    """Yield the words of a text that have a vector; for a compound that has none, those of its parts."""
    for word in WORD.findall(normalise(text).lower()):
        for part in (word,) if word in vectors else word.split("-"):
            if part in vectors:
                yield part
