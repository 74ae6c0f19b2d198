"""Changes of spelling and layout that must not change a sentence's topics.

Each is a function from text to text. Those that choose at random choose the same for the same text, name and seed, so
that a text added to a file of cases moves no other case. The idea of perturbing texts by named changes is from
M. T. Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList" (ACL 2020).
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping

__all__ = ["CHANGES", "SEED", "apply_change"]

SEED = 13
TYPO_SHARE = 0.1  # of the words
SHORTEST_WITH_TYPO = 4  # letters; a slip in «на» or «для» makes another word

# The three rows of letters on a Russian keyboard; each row lies about half a key to the right of the one above it.
KEYBOARD = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
# Cyrillic letters and the Latin ones that look like them: «Mocквa» with a Latin «M», «o», «c», «a».
LOOK_ALIKES = dict(zip("АВЕКМНОРСТХаеорсх", "ABEKMHOPCTXaeopcx", strict=True))
QUOTES = (('"', '"'), ("„", "“"), ("“", "”"))  # "Буг", „Буг“, “Буг”, where «Буг» stood
DASHES = ("–", "-", "―", "--")  # «Минск – столица», where an em dash stood
SPACES = ("  ", "\u00a0", "\u2009", "\t", " \u200b")  # doubled, no-break, thin, tabulator, with a zero-width space

_WORD = re.compile(rf"[А-Яа-яЁё]{{{SHORTEST_WITH_TYPO},}}")


def yo(text: str) -> str:
    """Write ё as е: «приём» becomes «прием»."""
    return text.replace("ё", "е").replace("Ё", "Е")


def case_lower(text: str) -> str:
    """Write everything small: «Бойцы ВДВ» becomes «бойцы вдв»."""
    return text.lower()


def case_upper(text: str) -> str:
    """Write everything in capitals, as headlines were."""
    return text.upper()


def final_stop(text: str) -> str:
    """Take the full stop from the end, or put one where no sign stands."""
    if text.endswith("."):
        return text.rstrip(".")
    return text if text[-1:] in "!?…" else f"{text}."


def unicode_nfd(text: str) -> str:
    """Write й and ё as a letter and a mark (Unicode NFD), as file names on a Mac have them."""
    return unicodedata.normalize("NFD", text)


def quotes(text: str, draw: random.Random) -> str:
    """Write «Буг» as "Буг", „Буг“ or “Буг”, in one manner throughout the text."""
    left, right = draw.choice(QUOTES)
    return text.replace("«", left).replace("»", right)


def dash(text: str, draw: random.Random) -> str:
    """Write every em dash as another dash or a hyphen, and the hyphens inside words as no-break ones."""
    text = re.sub(r"(?<=\w)-(?=\w)", "\u2011", text)
    return re.sub("—", lambda _: draw.choice(DASHES), text)


def spaces(text: str, draw: random.Random) -> str:
    """Put other kinds of white space between words, and a space at each end."""
    return f" {re.sub(' ', lambda _: draw.choice(SPACES), text)} "


def homoglyph(text: str, draw: random.Random) -> str:
    """Write one letter of every longer word, where one will do, as the Latin letter that looks like it."""

    def one_letter(match: re.Match[str]) -> str:
        word = match.group()
        places = [place for place, letter in enumerate(word) if letter in LOOK_ALIKES]
        if not places:
            return word
        place = draw.choice(places)
        return word[:place] + LOOK_ALIKES[word[place]] + word[place + 1 :]

    return _WORD.sub(one_letter, text)


def typos(text: str, draw: random.Random) -> str:
    """Put a slip of the keyboard into a tenth of the words, at least one.

    A letter is hit beside its key, doubled, left out, or swapped with the next. Only words of four and more Cyrillic
    letters are touched, and never their first letter.
    """
    words = list(_WORD.finditer(text))
    number = min(len(words), max(1, round(TYPO_SHARE * len(text.split()))))
    for match in sorted(draw.sample(words, number), key=re.Match.start, reverse=True):
        text = text[: match.start()] + _slip(match.group(), draw) + text[match.end() :]
    return text


def _slip(word: str, draw: random.Random) -> str:
    """Return the word with one slip behind its first letter."""
    place = draw.randrange(1, len(word) - 1)
    before, letter, behind = word[:place], word[place], word[place + 1 :]
    slips = [letter * 2, ""]
    if near := neighbours(letter.lower()):
        key = draw.choice(near)
        slips.append(key.upper() if letter.isupper() else key)
    if behind[0] != letter:
        slips.append(behind[0] + letter)
    slip = draw.choice(slips)
    return before + slip + (behind[1:] if len(slip) == 2 and slip[0] != slip[1] else behind)


def neighbours(letter: str) -> str:
    """Return the letters whose keys touch that of a small letter; empty for ё and all that is no letter.

    On a keyboard a key touches those beside it, two above and two below: «ы» touches ф, в, ц, у, я, ч.
    """
    for number, row in enumerate(KEYBOARD):
        place = row.find(letter)
        if place >= 0:
            above = KEYBOARD[number - 1][place : place + 2] if number else ""
            below = KEYBOARD[number + 1][max(0, place - 1) : place + 1] if number + 1 < len(KEYBOARD) else ""
            return row[max(0, place - 1) : place] + row[place + 1 : place + 2] + above + below
    return ""


PLAIN: Mapping[str, Callable[[str], str]] = {
    "yo": yo,
    "case_lower": case_lower,
    "case_upper": case_upper,
    "final_stop": final_stop,
    "unicode_nfd": unicode_nfd,
}
DRAWN: Mapping[str, Callable[[str, random.Random], str]] = {
    "typos": typos,
    "quotes": quotes,
    "dash": dash,
    "spaces": spaces,
    "homoglyph": homoglyph,
}
# Every change by its name, with its title in Russian and in English.
CHANGES: Mapping[str, Mapping[str, str]] = {
    "yo": {"ru": "Е вместо ё", "en": "е for ё"},
    "case_lower": {"ru": "Всё строчными", "en": "All small letters"},
    "case_upper": {"ru": "Всё прописными", "en": "All capitals"},
    "typos": {"ru": "Опечатки в каждом десятом слове", "en": "Typing errors in a tenth of the words"},
    "quotes": {"ru": "Другие кавычки", "en": "Other quotation marks"},
    "dash": {"ru": "Другие тире и дефисы", "en": "Other dashes and hyphens"},
    "final_stop": {"ru": "Без точки в конце", "en": "No full stop at the end"},
    "spaces": {"ru": "Другие пробелы", "en": "Other white space"},
    "unicode_nfd": {"ru": "Разложенные буквы (NFD)", "en": "Decomposed letters (NFD)"},
    "homoglyph": {"ru": "Латинские двойники букв", "en": "Latin look-alikes of letters"},
}


def apply_change(name: str, text: str, seed: int = SEED) -> str:
    """Return the text after the change called `name`, one of `CHANGES`; the same text if it has nothing to change."""
    if name in PLAIN:
        return PLAIN[name](text)
    return DRAWN[name](text, random.Random(f"{seed} {name} {text}"))
