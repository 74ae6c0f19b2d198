"""Topics whose labels look swapped, as when two columns of a table have changed places.

A model that knows the topics reads a few sentences of each. For two topics a and b, only sentences with one of them
and not the other count. If those labelled a are, on average, clearly likelier b than a, and those labelled b clearly
likelier a than b, the two look swapped. Means over several sentences are hardly moved by single label errors, and
topics that go together are not taken for swapped ones, since both directions must fail. If only one direction fails,
and the model sees almost nothing of a in the sentences labelled a, these look like another topic: of columns that moved
by one, each looks like its neighbour.

On the validation and the test sentences of this repository, with the shipped model, it finds each of the 66 pairs of
topics if they are swapped, and says nothing of right labels. It knows nothing of topics that the model does not have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from svodka.training.formats.example import Example

__all__ = ["swapped_labels"]

SENTENCES = 20  # of each topic
FEWEST = 5
MARGIN = 0.25  # by how much the other topic must be likelier, on average
UNSEEN, SEEN = 0.15, 0.5

Floats = NDArray[np.float64]
Probabilities = Callable[[list[str]], NDArray[np.floating]]


def swapped_labels(examples: Sequence[Example], topics: Sequence[str], probabilities: Probabilities) -> list[str]:
    """Return a warning for each pair of topics that look swapped, and each topic that looks like another.

    Args:
        examples: the sentences.
        topics: the topics that the model knows and the sentences may have.
        probabilities: gives for n texts an array (n, topics), the probability of each topic in their order.
    """
    chosen = _chosen(examples, topics)
    if not chosen:
        return []
    gold = np.array([[topic in (one.topics or ()) for topic in topics] for one in chosen])
    judged = np.array([[topic not in one.unknown for topic in topics] for one in chosen])
    scores = np.asarray(probabilities([one.text for one in chosen]), dtype=np.float64)
    means = _means(gold, judged, scores)
    own, other = means[..., 0], means[..., 1]  # NaN, where there are too few sentences, compares as False
    clear = other > own + MARGIN
    pairs = [(a, b) for a, b in combinations(range(len(topics)), 2) if clear[a, b] and clear[b, a]]
    warnings = [
        f"the labels of {topics[a]!r} and {topics[b]!r} look swapped: to the model, sentences labelled {topics[a]!r} "
        f"are {topics[b]!r} with {other[a, b]:.2f} and {topics[a]!r} with {own[a, b]:.2f}, and the other way round"
        for a, b in pairs
    ]
    told = {topic for pair in pairs for topic in pair}
    for a in set(range(len(topics))) - told:
        likely = [b for b in range(len(topics)) if own[a, b] < UNSEEN and other[a, b] > SEEN]
        if likely:
            b = max(likely, key=lambda one: other[a, one])
            warnings.append(
                f"sentences labelled {topics[a]!r} look like {topics[b]!r}: to the model they are that with "
                f"{other[a, b]:.2f}, and {topics[a]!r} with {own[a, b]:.2f}"
            )
    return warnings


def _chosen(examples: Sequence[Example], topics: Sequence[str]) -> list[Example]:
    """Return up to `SENTENCES` examples of each topic, always the same ones, in the order of their digests."""
    ordered = sorted(examples, key=lambda one: hashlib.sha256(one.text.encode("utf-8")).digest())
    chosen: dict[int, Example] = {}
    for topic in topics:
        own = [one for one in ordered if topic in (one.topics or ())]
        alone = [one for one in own if len(one.topics or ()) == 1]  # the plainest first
        for one in [*alone, *(one for one in own if one not in alone)][:SENTENCES]:
            chosen[one.row] = one
    return list(chosen.values())


def _means(gold: NDArray[np.bool_], judged: NDArray[np.bool_], scores: Floats) -> Floats:
    """Return for topics a, b the mean scores of a and of b in sentences with a and without b: (t, t, 2), or NaN."""
    width = gold.shape[1]
    means = np.full((width, width, 2), np.nan)
    for a in range(width):
        for b in range(width):
            rows = gold[:, a] & judged[:, a] & ~gold[:, b] & judged[:, b]
            if rows.sum() >= FEWEST:
                means[a, b] = scores[rows][:, [a, b]].mean(axis=0)
    return means
