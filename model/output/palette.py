"""Twelve colours for topics, and the words around them in Russian and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from svodka.normalise import CUT_WORD

if TYPE_CHECKING:
    from svodka.topics import Topic

__all__ = ["COLOURS", "WORDS", "clean", "colour", "titles"]

# Chosen by search: seen with normal sight and simulated protanopia, deuteranopia and tritanopia (Machado et al. 2009)
# any two are at least 15 apart in CIELAB (16 for the first two), and each has a contrast of 3:1 or more on white.
COLOURS = (
    *("#E20134", "#B8860B", "#1B4F72", "#117733", "#648FFF", "#7B3F00"),
    *("#A05EB5", "#CC79A7", "#5C5C5C", "#EE6677", "#8400CD", "#4B0082"),
)

WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "sentence": "Предложение",
        "topics": "Темы",
        "sentences": "Предложений",
        "without": "без темы",
        "input": "ввод",
        "heading": "Темы в тексте",
        "hint": "Нажмите на тему, чтобы выделить её предложения",
        "shown": "Выделено",
        "of": "из",
        "reset": "Показать все",
        "names": "Названия тем в тексте",
        "truncated": "Предложение слишком длинное: его конец модель не прочла",
        "row": "строка",
        "documents": "Документов",
        "map": "Темы предложений по порядку",
    },
    "en": {
        "sentence": "Sentence",
        "topics": "Topics",
        "sentences": "Sentences",
        "without": "no topic",
        "input": "input",
        "heading": "Topics in the text",
        "hint": "Click a topic to pick out its sentences",
        "shown": "Picked out",
        "of": "of",
        "reset": "Show all",
        "names": "Topic names in the text",
        "truncated": "The sentence is too long: the model has not read its end",
        "row": "row",
        "documents": "Documents",
        "map": "Topics of the sentences in order",
    },
}

# Characters that change how a terminal or a page shows what follows: controls, and marks of writing direction.
_HIDDEN = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F], "\ufffd"
)
_HIDDEN.update(dict.fromkeys(map(ord, "\t\n\v\f\r\x85"), " "))


def colour(index: int) -> str:
    """Return the colour of the topic at `index`; with more topics than colours they begin anew."""
    return COLOURS[index % len(COLOURS)]


def titles(topics: Sequence[Topic], lang: str) -> dict[str, str]:
    """Return the title of each topic id in the language "ru" or "en"."""
    return {topic.id: topic.title_ru if lang == "ru" else topic.title_en for topic in topics}


def clean(text: str) -> str:
    """Return a text to show: every run of white space one space, characters that would steer the screen as `�`.

    A word cut at its hyphen by a line break is put together, as the model reads it.
    """
    return " ".join(CUT_WORD.sub("-", text).translate(_HIDDEN).split())
