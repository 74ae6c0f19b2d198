"""What a split of labelled sentences is made of, in figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from svodka.training.minimal_pairs import count_pairs
from svodka.training.near_duplicates import folded
from svodka.training.rows import Row

__all__ = ["SHARES", "Composition", "compose", "word_count"]

DIGITS = re.compile(r"\d")
QUOTES = re.compile(r'[«»"“”„]')
# Verbs of saying by their stems (sooobshchil, zayavila, otmechayut …) and the set phrases of news wires.
ATTRIBUTION = re.compile(
    r"\b(?:сообщ[аи]|заяв(?:ил|ля)|отме(?:тил|ча[ею])|подчеркн|подч[её]ркива|уточн[ия]|добав(?:ил|ля[ею])|"
    r"рассказ(?:ал|ыва)|поясн[ия]|объясни|призна(?:л|[её]т)|напомн|напомина|переда[её]т|пиш[еу]т|считает|говорится|"
    r"по (?:его |ее |её |их )?словам|по данным|со ссылкой на)"
)
# Two capitals or more in one word: НАТО, ВС, БПЛА. A sentence all in capitals has none, see `_has_acronym`.
ACRONYM = re.compile(r"\b[А-ЯЁ]{2,}\b")
SMALL_LETTER = re.compile(r"[а-яё]")
# A final stop may be followed by a closing quote or bracket.
FINAL_STOP = re.compile(r"[.!?…][»\"”)\]]*$")
PERCENTILES = (0.05, 0.5, 0.95)
OPENING_WORDS = 3
OPENINGS_SHOWN = 3
GRAM_WORDS = 4


def _has_acronym(text: str) -> bool:
    """Tell if a word of capitals stands among small letters."""
    return bool(SMALL_LETTER.search(text) and ACRONYM.search(text))


SHARES: Mapping[str, Callable[[str], bool]] = {
    "digits": lambda text: bool(DIGITS.search(text)),
    "quotes": lambda text: bool(QUOTES.search(text)),
    "attribution": lambda text: bool(ATTRIBUTION.search(text.lower())),
    "acronyms": _has_acronym,
    "no final stop": lambda text: not FINAL_STOP.search(text.rstrip()),
}


@dataclass(frozen=True, slots=True)
class Composition:
    """The figures of one split.

    Attributes:
        rows: number of rows.
        topics: number of rows with each topic, in the order of the topics.
        none: rows that were read and have no topic.
        two_or_more: rows with two topics or more.
        not_labelled: rows that nobody labelled.
        genres: rows of each genre, most frequent first; rows without one stand under "-".
        words: words of a sentence at the 5th, 50th and 95th percentile (nearest rank, rounded down).
        shares: share of rows, 0 to 1, with each feature of `SHARES`.
        openings: the commonest first three words, with the share of rows that begin so, 0 to 1.
        distinct_grams: different runs of four words divided by all such runs, 0 to 1; 1 if there are none.
        pairs: number of minimal pairs that tell two topics apart, by their ids as "a / b", most frequent first.
    """

    rows: int
    topics: Mapping[str, int]
    none: int
    two_or_more: int
    not_labelled: int
    genres: Mapping[str, int]
    words: tuple[int, ...]
    shares: Mapping[str, float]
    openings: Mapping[str, float]
    distinct_grams: float
    pairs: Mapping[str, int]


def compose(rows: Sequence[Row], topics: Sequence[str]) -> Composition:
    """Count what the rows are made of; no rows give zeros."""
    labelled = [row.topics for row in rows if row.topics is not None]
    counts = Counter(topic for given in labelled for topic in given)
    genres = Counter(row.genre or "-" for row in rows)
    lengths = sorted(word_count(row.text) for row in rows) or [0]
    whole = max(1, len(rows))
    words = [folded(row.text).split() for row in rows]
    openings = Counter(" ".join(own[:OPENING_WORDS]) for own in words if len(own) >= OPENING_WORDS)
    return Composition(
        rows=len(rows),
        topics={topic: counts[topic] for topic in topics},
        none=sum(not given for given in labelled),
        two_or_more=sum(len(given) > 1 for given in labelled),
        not_labelled=len(rows) - len(labelled),
        genres=dict(genres.most_common()),
        words=tuple(lengths[int(share * (len(lengths) - 1))] for share in PERCENTILES),
        shares={name: sum(has(row.text) for row in rows) / whole for name, has in SHARES.items()},
        openings={opening: count / whole for opening, count in openings.most_common(OPENINGS_SHOWN)},
        distinct_grams=_distinct_grams(words),
        pairs={" / ".join(pair): count for pair, count in count_pairs(rows).items()},
    )


def word_count(text: str) -> int:
    """Count the pieces between spaces that have a letter or a digit: dashes that stand alone are no words."""
    return sum(any(map(str.isalnum, piece)) for piece in text.split())


def _distinct_grams(words: Sequence[Sequence[str]]) -> float:
    """Return the share of different runs of four words among all."""
    grams = [tuple(own[start : start + GRAM_WORDS]) for own in words for start in range(len(own) - GRAM_WORDS + 1)]
    return len(set(grams)) / len(grams) if grams else 1.0
