"""Changed copies of training rows: in small letters, misspelt, without quotes or a clause, or two joined.

A pair has the topics of both rows, every other copy those of its row. A share of the rows has a copy of each kind.
Seed, kind and text alone decide which rows and how, so that rows that are added elsewhere change no copy, but for the
partners of pairs. The slips are not those of `svodka.evaluation.changes`, on purpose: what is measured must not be what
was practised. Only the keyboard is the same.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from svodka.evaluation.changes import KEYBOARD

if TYPE_CHECKING:
    import datasets

__all__ = ["AUGMENTATIONS", "COPIED_SHARE", "JOINED", "augment", "copies", "pairs", "union"]

COPIED_SHARE = 1 / 3  # of the rows, for each kind
LEAST_WORDS = 3  # a shorter text may lose its meaning
SLIP_SHARE = 0.1  # of the words

JOINED = "joined"
MOST_WORDS = 60  # a longer pair would be cut off
SURE = 0.5

LEAST_CLAUSES = 3  # where there are fewer, the one that is left out is likely to carry the topic

_CLAUSE_END = re.compile(r"(?<=[,;])\s+")
_QUOTES = re.compile('[«»„“”‟"]')
_WORD = re.compile(r"[А-Яа-яЁё]{3,}")  # «не» or «на» with a slip is another word


def case(text: str, _draw: random.Random) -> str:
    """Write everything small: «Бойцы ВДВ» becomes «бойцы вдв»."""
    return text.lower()


def without_quotes(text: str, _draw: random.Random) -> str:
    """Leave the quotation marks out: «крейсер "Москва"» becomes «крейсер Москва»."""
    return _QUOTES.sub("", text)


def without_clause(text: str, draw: random.Random) -> str:
    """Leave out one of what commas part, but for the first and the last: «Утром, говорят, шли бои» loses a word.

    Now and then it was the one that carried a topic.
    """
    clauses = _CLAUSE_END.split(text)
    if len(clauses) < LEAST_CLAUSES:
        return text
    gone = draw.randrange(1, len(clauses) - 1)
    return " ".join(clauses[:gone] + clauses[gone + 1 :])


def slips(text: str, draw: random.Random) -> str:
    """Misspell each tenth word, as chance will have it, and one at least: «дождь» becomes «дожь» or «джодь»."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    chosen = [word for word in words if draw.random() < SLIP_SHARE] or [draw.choice(words)]
    for word in reversed(chosen):
        text = text[: word.start()] + _misspelt(word[0], draw) + text[word.end() :]
    return text


def _misspelt(word: str, draw: random.Random) -> str:
    """Return the word with one slip, at any letter: the key beside it, twice, left out, or too early."""
    i = draw.randrange(len(word))
    letter, rest = word[i], word[i + 1 :]
    slip = draw.choice(("beside", "twice", "left out", "too early"))
    if slip == "beside" and (near := _beside(letter)):
        return word[:i] + draw.choice(near) + rest
    if slip == "too early" and rest and rest[0] != letter:
        return word[:i] + rest[0] + letter + rest[1:]
    return word[:i] + (rest if slip == "left out" else letter * 2 + rest)


def _beside(letter: str) -> str:
    """Return the letters left and right of a letter on a Russian keyboard, as large as it is; empty for ё."""
    for row in KEYBOARD:
        if (place := row.find(letter.lower())) >= 0:
            near = row[max(0, place - 1) : place] + row[place + 1 : place + 2]
            return near.upper() if letter.isupper() else near
    return ""


AUGMENTATIONS: Mapping[str, Callable[[str, random.Random], str]] = {
    "case": case,
    "slips": slips,
    "quotes": without_quotes,
    "clauses": without_clause,
}


def copies(texts: Sequence[str], kinds: Sequence[str], seed: int) -> Iterator[tuple[int, str]]:
    """Give the place of a text and its changed copy, kind by kind; no copy where nothing would change.

    Args:
        texts: the training rows'.
        kinds: some of `AUGMENTATIONS`.
        seed: of all choices.
    """
    for kind in kinds:
        for i, text in enumerate(texts):
            draw = random.Random(f"{kind} {seed} {text}")
            if len(text.split()) < LEAST_WORDS or draw.random() >= COPIED_SHARE:
                continue
            if (changed := AUGMENTATIONS[kind](text, draw)) != text:
                yield i, changed


def pairs(texts: Sequence[str], seed: int) -> Iterator[tuple[int, int, str]]:
    """Give the places of two texts and both in one sentence, for a share of the texts.

    What stands beside a stronger topic is what a model overlooks, and few sentences of any data have two.

    Args:
        texts: the training rows'.
        seed: of all choices.
    """
    for i, text in enumerate(texts):
        draw = random.Random(f"{JOINED} {seed} {text}")
        if draw.random() >= COPIED_SHARE:
            continue
        other = draw.randrange(len(texts))  # so rows that are added elsewhere do change pairs
        if other != i and len(text.split()) + len(texts[other].split()) <= MOST_WORDS:
            yield i, other, f"{text.rstrip(' .!?…')}; {texts[other]}"


def union(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Return the labels of two rows together: the larger of each two, -1 where one is not judged and decides it."""
    both = zip(one, other, strict=True)
    return [-1.0 if min(two) < 0 and max(two) < SURE else float(max(two)) for two in both]


def augment(train: datasets.Dataset, kinds: Sequence[str], seed: int) -> datasets.Dataset:
    """Return the rows, followed by the copies, which have what else their rows have."""
    import datasets

    texts, labels = train["text"][:], train["labels"][:]
    changed = [kind for kind in kinds if kind != JOINED]
    made = [(i, text, labels[i]) for i, text in copies(texts, changed, seed)]
    if JOINED in kinds:
        made += [(i, text, union(labels[i], labels[k])) for i, k, text in pairs(texts, seed)]
    columns = {"text": [text for _, text, _ in made], "labels": [values for _, _, values in made]}
    copied = train.select([i for i, _, _ in made]).to_dict() | columns
    return datasets.concatenate_datasets([train, datasets.Dataset.from_dict(copied, features=train.features)])
