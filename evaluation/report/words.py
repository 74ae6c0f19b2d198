"""Which sentences to show, and which words drove the model there.

Occlusion: each word, what stands between two spaces, is taken away in turn, and the model reads the rest. How far the
topic's probability falls is the word's weight; a negative weight means that the word spoke against the topic. Source:
M. D. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks" (ECCV 2014), here for words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pick", "least_sure_hits", "surest_errors", "word_weights"]

Floats = NDArray[np.float64]
Probabilities = Callable[[Sequence[str]], Floats]
PLACES = 4


@dataclass(frozen=True, slots=True)
class Pick:
    """One decision to show.

    Attributes:
        row: the sentence's place.
        topic: the topic's place.
        sureness: how far the probability lies from the threshold, as a share of the way to 0 or 1 on its side.
    """

    row: int
    topic: int
    sureness: float


def surest_errors(gold: Floats, probabilities: Floats, limits: Floats, most: int) -> list[Pick]:
    """Return the wrong decisions of which the model was surest, the surest first; at most one of each sentence."""
    predicted = probabilities >= limits
    wrong = ((gold == 1) & ~predicted) | ((gold == 0) & predicted)
    return _picked(wrong, -_sureness(probabilities, limits), most, _sureness(probabilities, limits))


def least_sure_hits(gold: Floats, probabilities: Floats, limits: Floats, most: int) -> list[Pick]:
    """Return the rightly predicted topics that lie closest above their threshold; at most one of each sentence."""
    right = (gold == 1) & (probabilities >= limits)
    sureness = _sureness(probabilities, limits)
    return _picked(right, sureness, most, sureness)


def word_weights(
    texts: Sequence[str], topics: Sequence[int], probabilities: Probabilities
) -> list[list[tuple[str, float]]]:
    """Return the words of each text with their weights for its topic, -1 to 1.

    Args:
        texts: the sentences.
        topics: for each the place of the topic in question.
        probabilities: gives (m, topics) for m texts; it is called once.
    """
    words = [text.split() for text in texts]
    asked = []
    for own in words:
        asked += [" ".join(own)] + [" ".join(own[:place] + own[place + 1 :]) for place in range(len(own))]
    answers = probabilities(asked) if asked else np.zeros((0, 1))
    found, begin = [], 0
    for own, topic in zip(words, topics, strict=True):
        answer = answers[begin : begin + len(own) + 1, topic]
        begin += len(own) + 1
        weights = (answer[0] - answer[1:]).round(PLACES)
        found.append(list(zip(own, map(float, weights), strict=True)))
    return found


def _sureness(probabilities: Floats, limits: Floats) -> Floats:
    """Return 0 at the threshold, 1 at a probability of 0 or 1."""
    over = (probabilities - limits) / np.maximum(1 - limits, 1e-9)
    under = (limits - probabilities) / np.maximum(limits, 1e-9)
    return np.where(probabilities >= limits, over, under)


def _picked(wanted: NDArray[np.bool_], rank: Floats, most: int, sureness: Floats) -> list[Pick]:
    """Return the wanted decisions with the lowest rank, the first of each sentence."""
    rows, topics = np.nonzero(wanted)
    picks: dict[int, Pick] = {}
    for place in np.argsort(rank[rows, topics], kind="stable"):
        row, topic = int(rows[place]), int(topics[place])
        if len(picks) == most:
            break
        picks.setdefault(row, Pick(row, topic, float(sureness[row, topic])))
    return list(picks.values())
