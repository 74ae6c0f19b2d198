"""Sentences of an article, with their places in the original text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from svodka.boundaries import Boundary, is_boundary
from svodka.lines import paragraphs

__all__ = ["Sentence", "has_sentence", "split_sentences"]

_WINDOW = 60
_CLOSING = "\"»”’')\\]"
_SUPERSCRIPTS = "\u00b9\u00b2\u00b3\u2070\u2074-\u2079"
_UNSEEN = "\u200b\ufeff"
# Final marks with what clings to them: «!», «?!», «…», «.)», «!».», footnotes «.[3]» and «.²», closing Markdown «.**»,
# then whitespace, seen or unseen. None of the parts can begin inside another, and nothing behind one can fail, so that
# a megabyte of dots costs one step a dot. Groups that may end inside themselves are greedy, not possessive: Python
# before 3.11.5 would keep what such a group had taken when it failed (CPython issue 106052).
_MARK = re.compile(
    rf"""(?P<mark>[.!?…]++(?:[{_CLOSING}]++[.!?…]*+)*+)
         (?P<extra>(?:\[\d{{1,3}}\]|[{_SUPERSCRIPTS}]|(?:\*\*|__)(?=\s|$))*)
         (?P<space>[\s{_UNSEEN}]*+)
         (?P<signs>(?:[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f\u200d\u20e3]++(?:\s++|$))*)""",
    re.VERBOSE,
)
# A short quotation that is part of the sentence around it: «в газете „Вперёд!“ писали».
_TITLE = re.compile(r"(?<=[^\W\d_] )(?:«[^«»\n]{1,40}»|„[^„“”\n]{1,40}[“”]|\"[^\"\s][^\"\n]{0,39}\"|“[^“”\n]{1,40}”)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and its place.

    Attributes:
        start: offset of its first character in the original text, in characters.
        end: offset behind its last character.
        text: the sentence exactly as it stands there, line ends inside it included.

    """

    start: int
    end: int
    text: str


def split_sentences(text: str) -> list[Sentence]:
    """Return the sentences of `text` in order.

    `sentence.text == text[sentence.start:sentence.end]` always holds; sentences don't overlap and have no whitespace at
    their ends. Bullets, item numbers and dialogue dashes stay with the sentence that they open, emoji with the one that
    they close. Headlines and list items are sentences. What lies between sentences holds no letter and no digit: it is
    whitespace or a line of mere signs («* * *»). So an empty text, whitespace and mere punctuation have no sentences.

    Hard-wrapped articles are told from articles whose lines are paragraphs; see `svodka.lines`.
    """
    return [
        Sentence(start, end, text[start:end])
        for begin, stop in paragraphs(text)
        for start, end in _merge_signs(text, _pieces(text, begin, stop))
    ]


def has_sentence(text: str) -> bool:
    """Tell whether `split_sentences` finds any sentence: whether there is a letter or a digit."""
    return any(map(str.isalnum, text))


def _pieces(text: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of the sentences of one paragraph, without whitespace at their ends."""
    titles = [match.span() for match in _TITLE.finditer(text, begin, stop)]
    start, title = begin, 0
    for match in _MARK.finditer(text, begin, stop):
        while title < len(titles) and titles[title][1] < match.end("mark"):
            title += 1
        in_title = title < len(titles) and titles[title][0] < match.start()
        if match.end() < stop and is_boundary(_boundary(text, start, stop, match, in_title)):
            end = match.end("signs") if match["signs"] else match.end("extra")
            yield start, end - _trailing_space(text, end)
            start = match.end()
    yield start, stop


def _boundary(text: str, start: int, stop: int, match: re.Match[str], in_title: bool) -> Boundary:
    """Return what the rules need to know about a mark in the sentence that began at `start`."""
    return Boundary(
        sentence=text[start : min(match.end("mark"), start + _WINDOW)],
        left=text[max(start, match.start() - _WINDOW) : match.start()],
        mark=match["mark"],
        # Unseen signs alone also stand inside addresses and numbers: there it is as if nothing stood between.
        space=bool(match["space"].strip(_UNSEEN) or match["signs"]),
        right=text[match.end() : min(stop, match.end() + _WINDOW)],
        title=in_title,
    )


def _trailing_space(text: str, end: int) -> int:
    """Return the number of whitespace characters before `end`."""
    count = 0
    while text[end - 1 - count].isspace():
        count += 1
    return count


def _merge_signs(text: str, pieces: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the pieces of a paragraph, those without letter and digit joined to the one before, or left out."""
    last: tuple[int, int] | None = None
    for start, end in pieces:
        if has_sentence(text[start:end]):
            if last:
                yield last
            last = (start, end)
        elif last:
            last = (last[0], end)
    if last:
        yield last
