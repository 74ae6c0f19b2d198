"""Does a sentence end here? The rules for one place in a paragraph, in the order in which they speak.

Each rule looks at a `Boundary` and answers CUT, JOIN or None (no opinion). What none of them decides is left to the
rules of `razdel`, which knows many more abbreviations.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from svodka.abbreviations import (
    ALSO_WORDS,
    COUNTED,
    DOLLARS,
    DUAL,
    EQUIPMENT,
    HEAD,
    HEAD_OR_WORD,
    HEAD_PAIRS,
    MONTHS,
    PREPOSITIONS,
    SEASONS,
    STARTERS,
    TAIL,
    TAIL_PAIRS,
    UNITS,
)

__all__ = ["Boundary", "is_boundary"]

CUT, JOIN = True, False
_WINDOW = 60  # characters looked at on either side: keeps long texts linear
_OPENING = "\"«„“‘'([{<"
_DASHES = "-–—―−"
_LEFT_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*$")
_LEFT_PAIR = re.compile(r"(?<![^\W_])([^\W\d_])\s?\.\s*([^\W\d_])$")
_RIGHT_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_AFTER_NUMBER = re.compile(r"(?:\d|[IVXLC]|тыс\.?|кв\.|куб\.|(?:млн|млрд|трлн)\.?)[ \xa0\n]*$")
_BULLET = re.compile(r"[(]?(?:\d{1,2}(?:\.\d{1,2})*|[^\W\d_]|[IVX]{1,4})[.)]+$|[•*\-–—]+$")
_DATE_PHRASE = re.compile(r"[^\W\d_]+(?:\s+[\w–—-]+){0,4}\s*\.$")
_DATE = re.compile(r"\d{1,2}\s+[а-я]+\s+\d{4}\s*г\.")
_MODEL = re.compile(r"[А-ЯЁA-Z][А-ЯЁA-Zа-яё]{0,4}[-–]\d")
_SURNAME_INITIALS = re.compile(r"[^\W\d_]{3,}\s+[А-ЯЁ]\.\s?[А-ЯЁ]$")
_GLUED = re.compile(r"(?<![^\W_])[а-яё]{3,}$")
_GLUED_RIGHT = re.compile(r"(?!(?:Ру|Рф|Ком|Орг)\b)[А-ЯЁ](?:[а-яё]+[\s,]|\s)")
_LATIN = re.compile(r"[a-z]")
_KNOWN = HEAD | TAIL | UNITS | DUAL | MONTHS
_NAME = re.compile(
    r"\d|[А-ЯЁ]\.|[А-ЯЁ][а-яё]+(?:ов|ев|ёв|ин|ын|ий|ой|ко|ук|юк|як|ич|ян|ец)(?:а|у|ым|ом|е|ой|ого|ему)?\b"
)
_ADDRESS = re.compile(r"\S*$")


@dataclass(frozen=True)
class Boundary:
    """A place where a sentence may end.

    Attributes:
        sentence: the sentence so far, through its final marks; only its first 60 characters if it is longer.
        left: up to 60 characters before the final marks.
        mark: the final marks and closing quotes or brackets, for instance `?!»` or `.)`.
        space: whether whitespace follows.
        right: up to 60 characters of what follows, without leading whitespace.
        title: whether the place lies in or right behind a short quotation, as in «премии „Браво!“ удостоен».

    """

    sentence: str
    left: str
    mark: str
    space: bool
    right: str
    title: bool

    @cached_property
    def word(self) -> str:
        """The word before the marks, in small letters; empty if there is none."""
        match = _LEFT_WORD.search(self.left)
        return match.group().lower() if match else ""

    @cached_property
    def pair(self) -> str:
        """The two letters of «т. е.» as `т.е`; empty if there are none."""
        match = _LEFT_PAIR.search(self.left)
        return f"{match[1]}.{match[2]}".lower() if match else ""

    @cached_property
    def opening(self) -> str:
        """What follows, without opening quotes and brackets."""
        return self.right.lstrip(_OPENING)

    @cached_property
    def next_word(self) -> str:
        """The word that follows, in small letters; empty if a sign follows."""
        match = _RIGHT_WORD.match(self.opening)
        return match.group().lower() if match else ""

    @cached_property
    def stop(self) -> bool:
        """Whether the mark is one full stop, perhaps with closing signs behind it: an abbreviation is possible."""
        return self.mark[0] == "." and self.mark.count(".") == 1 and not set(self.mark) & set("!?…")

    @cached_property
    def after_number(self) -> bool:
        """Whether the abbreviation before the mark stands behind a number."""
        return bool(_AFTER_NUMBER.search(self.left[: len(self.left) - len(self.word)]))


def is_boundary(place: Boundary) -> bool:
    """Say whether a sentence ends at `place`."""
    for rule in _RULES:
        answer = rule(place)
        if answer is not None:
            return answer
    return _razdel_cuts(place)


def _glued(place: Boundary) -> bool | None:
    """«вооружений.Об этом»: a lost space is a boundary; inside an address, a number, a code it is none."""
    if place.space:
        return None
    plain = not set("@/:_") & set(_ADDRESS.search(place.left).group())  # type: ignore[union-attr]
    return CUT if plain and _GLUED.search(place.left) and _GLUED_RIGHT.match(place.right) else JOIN


def _nothing_before(place: Boundary) -> bool | None:
    """«… и тогда», «1. Принять», «- »: a sentence has words before its end."""
    sentence = place.sentence
    if len(sentence) < 12 and (not any(map(str.isalnum, sentence)) or _BULLET.match(sentence)):
        return JOIN
    return None


def _small_letter(place: Boundary) -> bool | None:
    """«5 тыс. снарядов», «„Стой!“ – крикнул он»: a small letter, a comma or a closing sign goes on."""
    right = place.right.lstrip(_DASHES + " \n\xa0" + _OPENING) if place.right[0] in _DASHES else place.opening
    if _LATIN.match(right):
        return None
    return JOIN if right[:1].islower() or place.right[0] in ",;:)]}»”%/" else None


def _latin_name(place: Boundary) -> bool | None:
    """«в укрытиях. iPhone …», «в Москве. t.me/kanal»: Latin names begin sentences with a small letter."""
    return (
        CUT if place.stop and len(place.word) > 3 and place.word not in _KNOWN and _LATIN.match(place.right) else None
    )


def _quotation(place: Boundary) -> bool | None:
    """«„Ответ будет!“ – Минобороны», «премия „Браво!“ Минобороны»: a quoted exclamation ends no sentence by itself."""
    if place.title and place.mark[-1] not in ".!?…":
        return JOIN
    if place.title:
        return JOIN if place.mark[0] in "!?" else None
    quoted = place.mark[-1] in "\"»”'" and place.right[0] in _DASHES
    return JOIN if quoted else None


def _pair(place: Boundary) -> bool | None:
    """«и т. д. Затем» ends, «т. н. „Щит“» does not, «А. Б. Иванов» is for `_initial`."""
    if not place.stop or not place.pair or place.left[-1].isupper():
        return None
    if place.pair in HEAD_PAIRS:
        return JOIN
    return _by_capital(place) if place.pair in TAIL_PAIRS else None


def _initial(place: Boundary) -> bool | None:
    """«А. Б. Иванов», «U.S. Army»; «прибыл Иванов А. Б. Он» ends."""
    if not place.stop or len(place.word) != 1 or not place.left[-1].isupper():
        return None
    if place.mark != ".":
        return None
    return CUT if _SURNAME_INITIALS.search(place.left) and place.next_word in STARTERS else JOIN


def _year(place: Boundary) -> bool | None:
    """«В мае 2018 г. Россия …», «24 мая 2018 г. Россия …»: a date alone is no sentence."""
    if not place.stop or place.word not in {"г", "гг", "в", "вв"} or not place.after_number:
        return None
    first = place.sentence.split(maxsplit=1)[0].lower()
    phrase = first in PREPOSITIONS | SEASONS and _DATE_PHRASE.fullmatch(place.sentence)
    return JOIN if phrase or _DATE.fullmatch(place.sentence) else _by_capital(place)


def _counted(place: Boundary) -> bool | None:
    """«500 млн долл. США», «12 ед. БТР», «40 шт. Су-35»: what is counted follows.

    Now and then it is the next sentence that begins so; then two are taken for one.
    """
    if place.mark != "." or not place.after_number:
        return None
    if place.word in DOLLARS:
        return JOIN if place.next_word == "сша" else None
    counted = place.word in COUNTED and (place.next_word in EQUIPMENT or _MODEL.match(place.opening))
    return JOIN if counted else None


def _in_brackets(place: Boundary) -> bool | None:
    """«(в т. ч. танки и др.) Россия»: an abbreviation before a closing bracket ends nothing, «(ред.).» does."""
    bracket = place.stop and ")" in place.mark and not place.mark.endswith(".")
    return JOIN if bracket and place.word in _KNOWN else None


def _head(place: Boundary) -> bool | None:
    """«ген. Иванов», «полк. Иванов», «г. Курск», «д. 5»: the word that it belongs to follows."""
    if place.mark != ".":
        return None
    if place.word in DUAL and not place.after_number:
        return _joins_name(place)
    if place.word in HEAD_OR_WORD:
        return JOIN if _NAME.match(place.opening) else CUT
    return JOIN if place.word in HEAD - DUAL else None


def _tail(place: Boundary) -> bool | None:
    """«5 км. Затем», «и др. Затем» end; «5 ч. 20 мин.» goes on."""
    if place.mark != ".":
        return None
    if place.word in UNITS | MONTHS | DUAL:
        return JOIN if place.right[0].isdigit() else _by_capital(place)
    return _by_capital(place) if place.word in TAIL else None


def _plain_word(place: Boundary) -> bool | None:
    """«упал на пол. Он», «принят Т-90М. Он»: what razdel would take for an abbreviation or an initial."""
    code = any(map(str.isdigit, place.word)) and any(map(str.isalpha, place.word))
    return CUT if (code or place.word in ALSO_WORDS) and place.opening[:1].isupper() else None


def _date_in_figures(place: Boundary) -> bool | None:
    """«09. 05. 2020» and «3. 5»: spaces slipped into a number."""
    if place.mark == "." and re.search(r"(?<!\d)\d{1,2}$", place.left) and re.match(r"\d{1,2}\.|\d{4}\b", place.right):
        return JOIN
    return None


def _bracket(place: Boundary) -> bool | None:
    """«боец (ура!) Иванов»: a bracket that opened inside the sentence may close with an exclamation."""
    if place.mark[-1] in ")]" and place.mark[0] in "!?" and place.sentence[0] not in "([":
        return JOIN
    return None


def _final(place: Boundary) -> bool | None:
    """Everything but a single full stop ends a sentence, and so does a stop behind a closing sign."""
    return None if place.stop and place.mark == "." else CUT


def _by_capital(place: Boundary) -> bool:
    """Cut before a capital letter or a number, even in quotes or brackets; but «5 млрд руб. (32 %)» goes on."""
    return CUT if place.opening[:1].isupper() or place.right[:1].isdigit() else JOIN


def _joins_name(place: Boundary) -> bool:
    """«г. Курск», «о. Змеиный»: join before a name or a number, cut before a word that only opens sentences."""
    return CUT if place.next_word in STARTERS and place.opening[:1].isupper() else JOIN


_RULES: tuple[Callable[[Boundary], bool | None], ...] = (
    _glued,
    _nothing_before,
    _small_letter,
    _latin_name,
    _quotation,
    _date_in_figures,
    _pair,
    _initial,
    _year,
    _in_brackets,
    _counted,
    _head,
    _tail,
    _plain_word,
    _bracket,
    _final,
)


@cache
def _razdel() -> tuple[Any, Any]:
    """Return razdel's segmenter and its class for a place; imported late, as few programs split articles."""
    from razdel.segmenters.sentenize import SentSegmenter, SentSplit

    return SentSegmenter(), SentSplit


def _razdel_cuts(place: Boundary) -> bool:
    """Return razdel's opinion on a single full stop."""
    segmenter, split = _razdel()
    here = split(place.left[-10:], ".", " " + place.right[:10], place.sentence)
    return not segmenter.join(here)
