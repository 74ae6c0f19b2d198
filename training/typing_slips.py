"""Slips of typing and pasting in one labelled sentence, which a reader hardly sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from svodka.training.composition import word_count
from svodka.training.rows import Row

__all__ = ["typing_slips"]

LEAST_WORDS = 2
SHORT_GENRES = ("fragment", "headline")
# Latin letters that look like Cyrillic ones in print, and the other way round.
LATIN_LOOKALIKES = frozenset("aceopxyABCEHKMOPTXY")
CYRILLIC_LOOKALIKES = frozenset("асеорхуАВСЕНКМОРТХУ")
LATIN_LETTER = re.compile("[A-Za-z]")
CYRILLIC_LETTER = re.compile("[А-яЁё]")
WORD = re.compile(r"[A-Za-zА-яЁё]+")
# A one-letter word of Russian (а, о, с, у) typed with a Latin key; a capital only at the beginning: «витамин C».
LATIN_WORD = re.compile(r"(?:^[AOCYaocy]|(?<=[А-яЁё,;:»] )[aocy])(?= [«А-яЁё])")
INNER_SPACE = re.compile(r" {2}|[\t\n\r]")


def typing_slips(row: Row) -> Iterator[str]:
    """Say what looks mistyped in the text of a row: invisible characters, stray space, Latin letters, too few words."""
    text = row.text
    if bad := next((character for character in text if _is_invisible(character)), None):
        yield f"invisible character {unicodedata.name(bad, 'without a name')} (U+{ord(bad):04X})"
    if text != text.strip():
        yield "white space before or after the text"
    if INNER_SPACE.search(text.strip()):
        yield "two spaces, a tab or a line break inside the text"
    if (words := word_count(text)) < LEAST_WORDS and row.genre not in SHORT_GENRES:
        yield f"expected at least {LEAST_WORDS} words (fewer only in {' and '.join(SHORT_GENRES)}), got {words}"
    for word in WORD.findall(text):
        if _is_mixed(word):
            yield f"Latin and Cyrillic letters in one word: {word!r} ({_alphabets(word)})"
    if slip := LATIN_WORD.search(text):
        yield f"the word {slip[0]!r} is a Latin letter among Cyrillic words"


def _is_invisible(character: str) -> bool:
    """Tell control and format characters and the mark of lost ones; white space is reported by itself."""
    if character in "\t\n\r":
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Co") or character == "\ufffd"


def _is_mixed(word: str) -> bool:
    """Tell if all letters of one alphabet in a word of two may be slips; `Telegramканал` is odd but no such slip."""
    latin, cyrillic = set(LATIN_LETTER.findall(word)), set(CYRILLIC_LETTER.findall(word))
    return bool(latin and cyrillic) and (latin <= LATIN_LOOKALIKES or cyrillic <= CYRILLIC_LOOKALIKES)


def _alphabets(word: str) -> str:
    """Spell a word out as L and C for its Latin and Cyrillic letters."""
    return "".join("L" if LATIN_LETTER.match(letter) else "C" for letter in word)
