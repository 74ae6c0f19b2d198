"""Which single-byte Cyrillic encoding a text has: a small measure of how Russian each reading looks."""

from __future__ import annotations

import math
import re
from itertools import islice

__all__ = ["guess_cyrillic"]

# What each encoding must make up for, in units of the score: short lines can be read in several ways, and then the
# encoding that is met more often is the better guess (all small letters but «я» are the same on the Mac).
_HANDICAP = {"windows-1251": 0.0, "koi8-r": 2.0, "cp866": 2.0, "iso-8859-5": 4.0, "mac-cyrillic": 4.0}

# How often a letter stands in running Russian text, per 1,000 letters (own rounded counts; ё counts as е).
_PER_MILLE = {
    **{"о": 110, "е": 85, "а": 80, "и": 74, "н": 67, "т": 63, "с": 55, "р": 47, "в": 45, "л": 44, "к": 35},
    **{"м": 32, "д": 30, "п": 28, "у": 26, "я": 20, "ы": 19, "ь": 17, "г": 17, "з": 16, "б": 16, "ч": 14},
    **{"й": 12, "х": 10, "ж": 9, "ш": 7, "ю": 6, "ц": 5, "щ": 4, "э": 3, "ф": 3, "ё": 2, "ъ": 0.4},
}
_LETTER = {letter: math.log(count / 1000) for letter, count in _PER_MILLE.items()}
_STRANGE = -12.0  # a letter or sign that Russian text hardly has: «Ђ», «╬», «ў»
_SIGN = -6.0  # a sign that it does have
_SIGNS = frozenset("«»„“”–—…№§°·•±€\xa0")
_CAPITAL = -0.7  # capitals are rarer than small letters
_CASE_BREAK = -6.0  # «приКАЗ»: a capital after a small letter, the mark of windows-1251 read as koi8-r
_MIXED = -5.0  # a Cyrillic letter beside a Latin one: «cafй», a Western text
_WORST = -5.5  # a mean below this is no Russian: running text scores about -2.9, random letters about -4.5
_RUN = re.compile(rb"[A-Za-z\x80-\xff]+")
_MOST_RUNS, _LONGEST_RUN = 3000, 100


def guess_cyrillic(data: bytes) -> str | None:
    """Return the Cyrillic single-byte encoding in which `data` looks most like Russian, or None if in none.

    Scores the first few thousand words by the logarithm of letter frequencies, with penalties for signs that Russian
    does not use and for capitals inside words. A line of about 20 characters is enough as a rule.
    """
    runs = (run.group()[:_LONGEST_RUN] for run in _RUN.finditer(data))
    words = list(islice((run for run in runs if not run.isascii()), _MOST_RUNS))
    if not words:
        return None
    scores = {encoding: _score(words, encoding) for encoding in _HANDICAP if _defined(data, encoding)}
    best = max(scores, key=lambda encoding: scores[encoding] - _HANDICAP[encoding], default=None)
    letters = sum(byte >= 0x80 for word in words for byte in word)
    return best if best is not None and scores[best] > _WORST * letters else None


def _defined(data: bytes, encoding: str) -> bool:
    """Say whether every byte of `data` has a meaning in `encoding`."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _score(words: list[bytes], encoding: str) -> float:
    """Return the sum of the scores of the non-ASCII characters; higher looks more Russian."""
    texts = (word.decode(encoding) for word in words)
    return sum(_character(text, place) for text in texts for place, sign in enumerate(text) if not sign.isascii())


def _character(text: str, place: int) -> float:
    """Return the score of the non-ASCII character at `place` of the word `text`."""
    letter = text[place]
    before = text[place - 1] if place else ""
    if letter in _SIGNS:
        return _SIGN
    score = _LETTER.get(letter.lower(), _STRANGE)
    if letter.isupper():
        score += _CASE_BREAK if before.islower() else _CAPITAL
    if any(near.isascii() and near.isalpha() for near in (before, text[place + 1 : place + 2])):
        score += _MIXED
    return score
