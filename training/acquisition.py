"""Which unlabelled sentences teach a model most: those it is in doubt about, of every topic, and unlike each other.

Doubt is how near a probability lies to the topic's own threshold: uncertainty sampling (D. Lewis, W. Gale, "A
Sequential Algorithm for Training Text Classifiers", SIGIR 1994). With several topics the doubts of a sentence are added
up (A. Esuli, F. Sebastiani, "Active Learning Strategies for Multi-Label Text Classification", ECIR 2009), each in units
of its topic's mean, so that a rare topic has as much to say as a frequent one. Diversity is by K. Brinker,
"Incorporating Diversity in Active Learning with Support Vector Machines" (ICML 2003): sentences are chosen one after
another, and each loses the more the more it is like the nearest one that was chosen before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["acquire", "diverse", "doubts", "priorities", "word_vectors"]

Floats = NDArray[np.float64]
SURE = 1e-6  # probabilities and thresholds nearer to 0 or 1 are as good as certain, and have no logit beyond
HASHES = 2**20
STEM = r"\b(\w{2,5})\w*"  # «ракета», «ракетами» and «ракетный» are all «ракет»
UNLIKENESS = 3  # its power; chosen on validation rows, as was the number of candidates
CANDIDATES = 10  # for each sentence wanted, so many with the highest priority are compared with each other


def doubts(probabilities: NDArray[Any], thresholds: Sequence[float]) -> Floats:
    """Return how doubtful each decision is, float64 (n, t): 0.5 at the threshold, near 0 far from it.

    On the scale of logits the threshold is moved to a probability of 0.5; what is left is the smaller of the
    probabilities of yes and no.

    Args:
        probabilities: (n, t), 0 to 1.
        thresholds: (t,), 0 to 1.
    """
    moved = _logit(np.asarray(probabilities, dtype=np.float64)) - _logit(np.asarray(thresholds, dtype=np.float64))
    distances: Floats = 1 / (1 + np.exp(np.abs(moved)))
    return distances


def priorities(doubted: Floats) -> Floats:
    """Return what labelling each sentence promises, (n,): its doubts (n, t) in units of each topic's mean, added up."""
    if not len(doubted):
        return np.zeros(0)
    means = doubted.mean(axis=0)
    promised: Floats = (doubted / np.where(means > 0, means, 1.0)).sum(axis=1)
    return promised


def acquire(doubted: Floats, texts: Sequence[str], n: int) -> list[int]:
    """Return the places of the `n` sentences to label first, best first; all of them if there are fewer.

    Args:
        doubted: (n_texts, t) by `doubts`.
        texts: the sentences.
        n: how many are wanted.
    """
    return diverse(priorities(doubted), texts, n)


def diverse(priority: Floats, texts: Sequence[str], n: int) -> list[int]:
    """Return the places of `n` sentences of high priority that are unlike each other, best first.

    Each in turn has the highest priority × (1 - cosine with the most similar one before it)³, among the 10 × `n` with
    the highest priority; the cosine is that of `word_vectors`. Nothing is drawn: the same input gives the same list.

    Args:
        priority: (n_texts,), 0 or more.
        texts: the sentences.
        n: how many are wanted.
    """
    pool = np.argsort(-priority, kind="stable")[: CANDIDATES * n]
    if not len(pool):
        return []
    vectors = word_vectors([texts[place] for place in pool])
    likeness = np.zeros(len(pool))
    open_ = np.ones(len(pool), dtype=bool)
    chosen: list[int] = []
    for _ in range(min(n, len(pool))):
        # Doubles of what is chosen are worth 0, and come last; what is chosen must not come again before them.
        best = int(np.argmax(np.where(open_, priority[pool] * (1 - likeness) ** UNLIKENESS, -1.0)))
        chosen.append(int(pool[best]))
        open_[best] = False
        likeness = np.maximum(likeness, (vectors @ vectors[best].T).toarray().ravel().clip(0, 1))
    return chosen


def word_vectors(texts: Sequence[str]) -> Any:
    """Return sparse vectors of length 1 (n_texts, width): TF-IDF of words and pairs of words, each cut to five letters.

    A text without a word of two letters has a vector of zeros.
    """
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    from svodka.training.near_duplicates import folded

    words = HashingVectorizer(
        token_pattern=STEM, ngram_range=(1, 2), n_features=HASHES, alternate_sign=False, norm=None, dtype=np.float32
    )
    return TfidfTransformer(sublinear_tf=True).fit_transform(words.transform(map(folded, texts))).tocsr()


def _logit(probabilities: Floats) -> Floats:
    clipped = probabilities.clip(SURE, 1 - SURE)
    odds: Floats = np.log(clipped / (1 - clipped))
    return odds
