"""Pairs of texts that share most of their letters.

Two texts are compared by the Jaccard similarity of their character 5-grams: the number of different 5-grams that they
share, divided by the number that either has; 0 to 1. Case, punctuation and whatever `normalise` levels (ё and е, for
one) do not count. The search is exact. It compares only texts that share enough of their rarest 5-grams, as in Xiao et
al., "Efficient Similarity Joins for Near Duplicate Detection" (WWW 2008).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from svodka.errors import ConfigError
from svodka.normalise import normalise

__all__ = ["THRESHOLD", "cross_duplicates", "folded", "near_duplicates"]

THRESHOLD = 0.5
GRAM = 5
NOT_WORD = re.compile(r"[\W_]+")

Pair = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class _Grams:
    """The 5-grams of one text as ranks, 0 the rarest of the collection.

    Attributes:
        all: every rank.
        head: the lowest ranks; two texts above the threshold must share one of them.
        last: the highest rank of the head, -1 if there is none.
    """

    all: frozenset[int]
    head: tuple[int, ...]
    last: int


def folded(text: str) -> str:
    """Return the text as it is compared: normalised, in lower case, one space for all that is no letter or digit."""
    return NOT_WORD.sub(" ", normalise(text).lower()).strip()


def near_duplicates(texts: Sequence[str], threshold: float = THRESHOLD) -> list[Pair]:
    """Return (i, j, similarity) with i < j for all pairs of texts at or above the threshold, in order of i and j.

    Raises:
        ConfigError: the threshold is not above 0 and at most 1.
    """
    grams = _ranked(texts, threshold)
    index: dict[int, list[int]] = defaultdict(list)
    pairs: list[Pair] = []
    for place, own in enumerate(grams):
        pairs += [(other, place, similarity) for other, similarity in _matches(own, grams, index, threshold)]
        for gram in own.head:
            index[gram].append(place)
    return sorted(pairs)


def cross_duplicates(left: Sequence[str], right: Sequence[str], threshold: float = THRESHOLD) -> list[Pair]:
    """Return (i, j, similarity) for every left[i] and right[j] at or above the threshold, in order of i and j.

    Raises:
        ConfigError: the threshold is not above 0 and at most 1.
    """
    _check(threshold)
    own, others = ([_grams(folded(text)) for text in texts] for texts in (left, right))
    # Two texts above the threshold share one of the left one's rarest 5-grams, whatever the right one's are: only those
    # of the left texts, which are usually few beside the right ones, need to be ranked.
    known = frozenset[str]().union(*own)
    counts = Counter(gram for grams in others for gram in grams & known)
    index: dict[str, list[int]] = defaultdict(list)
    spare = []
    for place, grams in enumerate(own):
        head = sorted(grams, key=lambda gram: (counts[gram], gram))[: _head_length(len(grams), threshold)]
        spare.append(len(grams) - len(head))
        for gram in head:
            index[gram].append(place)
    heads = frozenset(index)
    pairs: list[Pair] = []
    for other, grams in enumerate(others):
        for place, shared in Counter(place for gram in grams & heads for place in index[gram]).items():
            if shared + spare[place] >= _needed(len(own[place]), len(grams), threshold):
                common = len(own[place] & grams)
                similarity = common / (len(own[place]) + len(grams) - common)
                pairs += [(place, other, similarity)] if similarity >= threshold else []
    return sorted(pairs)


def _ranked(texts: Sequence[str], threshold: float) -> list[_Grams]:
    """Return the 5-grams of the texts, ranked by how many texts have them."""
    _check(threshold)
    sets = [_grams(folded(text)) for text in texts]
    counts = Counter(gram for grams in sets for gram in grams)
    ranks = {gram: rank for rank, gram in enumerate(sorted(counts, key=lambda gram: (counts[gram], gram)))}
    ranked = []
    for grams in sets:
        ordered = sorted(ranks[gram] for gram in grams)
        head = tuple(ordered[: _head_length(len(ordered), threshold)])
        ranked.append(_Grams(frozenset(ordered), head, head[-1] if head else -1))
    return ranked


def _check(threshold: float) -> None:
    """Refuse a threshold that means nothing."""
    if not 0 < threshold <= 1:
        raise ConfigError(f"expected a similarity above 0 and at most 1, got {threshold!r}")


def _head_length(size: int, threshold: float) -> int:
    """Return of how many of its rarest 5-grams a text of `size` must share one with any text above the threshold."""
    return size - _shared_at_least(threshold * size) + 1 if size else 0


def _needed(size: int, other: int, threshold: float) -> int:
    """Return how many 5-grams two texts above the threshold share."""
    return _shared_at_least(threshold / (1 + threshold) * (size + other))


def _grams(text: str) -> set[str]:
    """Return the different 5-grams of a folded text: the text itself if it is shorter, nothing if it is empty."""
    return {text[start : start + GRAM] for start in range(max(1, len(text) - GRAM + 1))} if text else set()


def _shared_at_least(number: float) -> int:
    """Round up, but not because of the last digits of a product of floats."""
    return math.ceil(number - 1e-9)


def _matches(
    own: _Grams, others: Sequence[_Grams], index: Mapping[int, list[int]], threshold: float
) -> Iterator[tuple[int, float]]:
    """Yield the places and similarities of the indexed texts that are near enough to one text."""
    shared_heads: Counter[int] = Counter()
    for gram in own.head:
        shared_heads.update(index.get(gram, ()))
    for place, shared in shared_heads.items():
        other = others[place]
        needed = _needed(len(own.all), len(other.all), threshold)
        # Up to the lower of the two last ranks the heads tell all that is shared; only the tail of that text is open.
        shorter_head = own if own.last < other.last else other
        if shared + len(shorter_head.all) - len(shorter_head.head) >= needed:
            common = len(own.all & other.all)
            similarity = common / (len(own.all) + len(other.all) - common)
            if similarity >= threshold:
                yield place, similarity
