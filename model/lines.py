"""Which line ends of an article are real, and which come from hard wrapping.

People paste articles out of mail, PDF files and terminals, where every line is cut at some width, and sometimes a blank
line follows each of them. One decision is taken for the whole article (`_Layout`), the rest line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from svodka.abbreviations import PREPOSITIONS

__all__ = ["LINE_END", "paragraphs"]

LINE_END = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_FINAL = re.compile(r"""[.!?…:;]["»”’)\]]*$""")
_UNFINISHED = re.compile(r"""[,(\[«„№]$|\w-$|\s[-–—]$""")
_LIST_ITEM = re.compile(
    r"""[•▪●◦‣■□◆►▶✔✅☑➡*·⁃]\s*\S      # • танки
      | [-–—]\s*\S                     # - танки, and the dash of a dialogue
      | \(?\d{1,2}(?:\.\d{1,2})*[.)]\s*[^\W\d]   # 1. Принять, 2) Отклонить, 1.2. Поручить
      | [^\W\d_][)]\s                  # а) личный состав
      | \#\w | https?://               # a line of hashtags, a link of its own
    """,
    re.VERBOSE,
)
_NUMBER_ALONE = re.compile(r"(?:\(?\d{1,3}[.)]|[^\W\d_]\))$")
_DASH = re.compile(r"[-–—]\s")
_LETTER = re.compile(r"[^\W\d_]")
_SHARE_OF_CUT_SENTENCES = 0.2
_MOST_SLACK = 0.12  # how far, as a share of the width, a wrapped line may stay short of it where wrapping is ragged
_HEADLINE = 30  # a shorter line in front of a blank line and a small letter may be a heading


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank: its place without outer whitespace, its indent, and the blank lines before it."""

    start: int
    end: int
    text: str
    indent: int
    gap: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """How an article is wrapped.

    Attributes:
        width: characters of the longest line that surely goes on in the next; 0 if lines are paragraphs.
        slack: how many characters more would have fitted into the shortest such line; 0 in cleanly wrapped text.
        gap: blank lines that stand between two lines of one paragraph.
        indent: spaces before an ordinary line.

    """

    width: int
    slack: int
    gap: int
    indent: int


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every paragraph, headline or list item of `text`: no sentence crosses their bounds.

    A paragraph may hold line ends; there the text was merely wrapped. Whitespace is never at its ends.
    """
    lines = list(_lines(text))
    if not lines:
        return
    layout = _layout(lines)
    start = lines[0].start
    for line, following in pairwise(lines):
        if not _goes_on(line, following, layout):
            yield start, line.end
            start = following.start
    yield start, lines[-1].end


def _lines(text: str) -> Iterator[_Line]:
    """Yield the lines of `text` that hold more than whitespace."""
    begin, gap = 0, 0
    ends = [(match.start(), match.end()) for match in LINE_END.finditer(text)]
    for end, behind in [*ends, (len(text), len(text))]:
        raw = text[begin:end]
        content = raw.strip()
        if content:
            indent = len(raw) - len(raw.lstrip())
            yield _Line(begin + indent, begin + indent + len(content), content, indent, gap)
        gap = 0 if content else gap + 1
        begin = behind


def _layout(lines: Sequence[_Line]) -> _Layout:
    """Decide whether the article is hard-wrapped: line ends cut many sentences, and at a common width."""
    cut = [(line, following) for line, following in pairwise(lines) if _cuts_sentence(line, following)]
    indent = Counter(line.indent for line in lines).most_common(1)[0][0]
    if not cut:
        return _Layout(0, 0, 0, indent)
    width = max(len(line.text) for line, _ in cut)
    many = len(cut) > 1 and len(cut) >= _SHARE_OF_CUT_SENTENCES * (len(lines) - 1)
    if not many and max(len(line.text) for line in lines) > width:
        return _Layout(0, 0, 0, indent)
    gap = Counter(following.gap for _, following in cut).most_common(1)[0][0]
    slack = max(width + 1 - _length_with_next(line, following) for line, following in cut)
    return _Layout(width, min(max(slack, 0), int(_MOST_SLACK * width)), gap, indent)


def _cuts_sentence(line: _Line, following: _Line) -> bool:
    """Say whether `line` has no final mark and `following` begins with a small letter."""
    return following.text[0].islower() and not _FINAL.search(line.text[-8:]) and not _LIST_ITEM.match(following.text)


def _goes_on(line: _Line, following: _Line, layout: _Layout) -> bool:
    """Say whether `following` continues the paragraph of `line`."""
    if _NUMBER_ALONE.match(line.text):
        return True
    full = _is_full(line, following, layout)
    if _LIST_ITEM.match(following.text):
        # «Силы (КСОР)⏎- это войска …» in a wrapped article: a dash of the sentence, not an item.
        return full and _wrapped_mark(line, following)
    if _cuts_sentence(line, following) or _unfinished(line):
        return following.gap <= layout.gap or full or (following.gap == 1 and len(line.text) > _HEADLINE)
    if following.gap > layout.gap or following.indent > layout.indent + 1:
        return False
    return full


def _is_full(line: _Line, following: _Line, layout: _Layout) -> bool:
    """Say whether the next word would not have fitted into `line`, so that wrapping explains the line end."""
    if not layout.width or len(line.text) > layout.width * (1 + _MOST_SLACK):
        return False
    return _length_with_next(line, following) + layout.slack > layout.width


def _length_with_next(line: _Line, following: _Line) -> int:
    """Return how long `line` would be with the first word of `following`."""
    return len(line.text) + 1 + len(following.text.split(maxsplit=1)[0])


def _unfinished(line: _Line) -> bool:
    """Say whether `line` ends in a comma, a dash, an opening mark or a word that asks for more."""
    if _UNFINISHED.search(line.text[-3:]):
        return True
    last = line.text[-12:].split()[-1]
    return last in PREPOSITIONS


def _wrapped_mark(line: _Line, following: _Line) -> bool:
    """Say whether the mark that opens `following` belongs to a sentence which `line` began."""
    if _FINAL.search(line.text[-8:]):
        return False
    if _DASH.match(following.text):
        return True
    return following.text[0].isdigit() and bool(_LETTER.search(line.text[-1:]))
