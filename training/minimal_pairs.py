"""Minimal pairs: two sentences in much the same words, of which a change of wording changes the topics.

The two rows of a pair share a value under the key `pair`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from svodka.training.rows import Row

__all__ = ["count_pairs"]


def count_pairs(rows: Sequence[Row]) -> dict[tuple[str, str], int]:
    """Return how many pairs tell each two topics apart, most frequent first.

    A pair tells A from B if one of its sentences has A and not B, the other B and not A; or if one has both and the
    other just one of them. Rows without topics, or whose partner is missing, make no pair.
    """
    partners: dict[str, list[frozenset[str]]] = defaultdict(list)
    for row in rows:
        if row.topics is not None and isinstance(name := row.other.get("pair"), str):
            partners[name].append(frozenset(row.topics))
    counts: Counter[tuple[str, str]] = Counter()
    for members in partners.values():
        if len(members) == 2:
            counts.update(_told_apart(*members))
    return dict(counts.most_common())


def _told_apart(one: frozenset[str], other: frozenset[str]) -> set[tuple[str, str]]:
    """Return the topics, two by two and in order of their names, that two sentences tell apart."""
    lost, won, kept = one - other, other - one, one & other
    crossed = {(a, b) for a in lost for b in won}
    dropped = {(a, b) for a in lost | won for b in kept}
    return {(min(pair), max(pair)) for pair in crossed | dropped}
