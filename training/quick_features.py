"""Features of sentences that know no label, so that a classifier on them needs few.

A sentence is given three sets of numbers: a frozen encoder's vector, its place among the latent topics of a lot of
unlabelled text (S. Deerwester et al., "Indexing by Latent Semantic Analysis", JASIS 1990), and TF-IDF of its words and
runs of letters with the frequencies of that same text. How like it is to a topic's definition is one number more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError
from svodka.normalise import normalise
from svodka.topics import Topic

__all__ = ["Placed", "Space", "learn_space", "told"]

Floats = NDArray[np.float64]
LATENT = 200
STEM = r"\b(\w{2,5})\w*"  # «ракета», «ракетами» and «ракетный» are all «ракет»
RARE_WORD, RARE_LETTERS = 2, 5  # what occurs in fewer sentences is left out
WORD_KINDS = 2  # words and runs of letters have a vector of length 1 each
WHOLE = 0.5
WEIGHT_OF_LIKENESS = 5.0  # chosen on validation rows: more helps with 8 examples and harms with 128
WHAT_IS_NOT = re.compile(r"\s*\b(?:Не сюда|Не относится|Not)\b.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Placed:
    """Sentences in the space, n of them.

    Attributes:
        words: TF-IDF of words beside that of runs of letters, sparse (n, width), rows of length 1 or 0 each.
        latent: (n, latent topics), rows of length 1 or 0.
        vectors: the encoder's, centred, (n, width), rows of length 1; None without an encoder.
    """

    words: Any
    latent: Floats
    vectors: Floats | None

    def likeness(self, definitions: Placed) -> Floats:
        """Return how like the sentences are to definitions, (n, number of definitions), -1 to 1: a mean of cosines.

        In latent topics and vectors all definitions have much in common, which says nothing of one of them. It is taken
        off, if there are several; but then a sentence that is like none of them seems like any, so the whole cosines
        count too, by half. Words count as they are.
        """
        pairs = [(self.latent, definitions.latent)]
        if self.vectors is not None and definitions.vectors is not None:
            pairs.append((self.vectors, definitions.vectors))
        total: Floats = (self.words @ definitions.words.T).toarray() / WORD_KINDS
        for own, other in pairs:
            total = total + own @ _apart(other).T + WHOLE * (own @ other.T)
        return total / (1 + (1 + WHOLE) * len(pairs))

    def features(self, likeness: Floats) -> Any:
        """Return what a classifier learns from, sparse (n, width); `likeness` (n,) is that to its topic."""
        from scipy.sparse import csr_matrix, hstack

        dense = [self.latent, WEIGHT_OF_LIKENESS * likeness[:, None]]
        dense += [] if self.vectors is None else [self.vectors]
        return hstack([*map(csr_matrix, dense), self.words]).tocsr()

    def without_vectors(self) -> Placed:
        """Return the same without the encoder's vectors."""
        return Placed(self.words, self.latent, None)

    def rows(self, places: NDArray[np.intp]) -> Placed:
        """Return some of the sentences."""
        vectors = None if self.vectors is None else self.vectors[places]
        return Placed(self.words[places], self.latent[places], vectors)


@dataclass(frozen=True, slots=True)
class Space:
    """What was learned from unlabelled text; see `learn_space`."""

    _words: Any
    _latent: Any
    _centre: Floats | None

    def place(self, texts: Sequence[str], vectors: NDArray[Any] | None = None) -> Placed:
        """Return sentences in the space; `vectors` (n, width) are needed if it was learned with vectors.

        Raises:
            DataError: vectors are missing or too many.
        """
        if (vectors is None) != (self._centre is None):
            raise DataError("sentences are placed with vectors if and only if the space was learned with them")
        words = self._words.transform([_prepared(text) for text in texts]).tocsr()
        centred = None if vectors is None or self._centre is None else _unit(vectors - self._centre)
        return Placed(words, _unit(self._latent.transform(words)), centred)


def learn_space(texts: Sequence[str], vectors: NDArray[Any] | None = None, seed: int = 0) -> Space:
    """Learn word frequencies and latent topics from unlabelled sentences.

    Args:
        texts: many of them, like those that matter later.
        vectors: (m, width) of an encoder, for any m of such sentences: their mean is taken for the middle; None does
            without an encoder.
        seed: of the randomised decomposition.

    Raises:
        DataError: no word stands in two of the texts.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    common = {"sublinear_tf": True, "lowercase": False, "dtype": np.float32}
    rare = min(RARE_LETTERS, max(1, len(texts) // 10))
    whole = TfidfVectorizer(token_pattern=STEM, ngram_range=(1, 2), min_df=RARE_WORD, **common)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), min_df=rare, **common)
    union = FeatureUnion([("words", whole), ("letters", letters)])
    try:
        words = union.fit_transform([_prepared(text) for text in texts])
    except ValueError as error:
        raise DataError(f"{len(texts)} sentences are not enough text to learn words from: {error}") from error
    width = max(1, min(LATENT, words.shape[0] - 1, words.shape[1] - 1))
    latent = TruncatedSVD(width, random_state=seed).fit(words)
    return Space(union, latent, None if vectors is None else np.asarray(vectors, dtype=np.float64).mean(axis=0))


def told(topic: Topic) -> str:
    """Return a topic's Russian title and definition, up to where the definition says what does not count."""
    return f"{topic.title_ru}. {WHAT_IS_NOT.sub('', topic.definition_ru)}"


def _prepared(text: str) -> str:
    return normalise(text).lower()


def _apart(rows: Floats) -> Floats:
    """Return the rows less their mean, of length 1; a single row stays itself."""
    return _unit(rows - rows.mean(axis=0)) if len(rows) > 1 else rows


def _unit(rows: NDArray[Any]) -> Floats:
    """Return rows of length 1; zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float64)
    return scaled
