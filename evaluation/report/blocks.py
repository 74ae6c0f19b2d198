"""What a report is made of, before it becomes a page or Markdown: both renderers know these and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = [
    "Block",
    "Card",
    "Cards",
    "Cell",
    "Document",
    "Example",
    "Examples",
    "Figure",
    "Figures",
    "Paragraph",
    "Section",
    "Table",
    "Word",
]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: what it says.
        svg: a small chart in its place on the page; Markdown shows the text.
        shade: 0 to 1, how dark its ground is; None for none.
        kind: "name" (to the left), "num" (to the right), "code", "blank" or "head".
        tip: what it means, shown on hover.
        colour: of the mark before the text; empty for none.
        faint: it stands in a row that says little, and is grey.
    """

    text: str
    svg: str = ""
    shade: float | None = None
    kind: str = "num"
    tip: str = ""
    colour: str = ""
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `kind` is "text", "lead", "note" or "warning"."""

    text: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `kind` is "figures", "dense" (many columns), "heat" (narrow shaded cells) or "terms" (name and text)."""

    header: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    kind: str = "figures"


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart.

    Attributes:
        title: heading.
        fact: a few words beside it.
        alt: its finding in numbers.
        svg: the chart itself; empty if there is nothing to draw.
        file: name of a file beside the report that holds the chart, too; Markdown shows it. Empty for none.
    """

    title: str
    fact: str
    alt: str
    svg: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Charts side by side; `kind` is "small", "pair" (two in a row), "large" or "wide" (one below the other)."""

    items: Sequence[Figure]
    kind: str = "small"


@dataclass(frozen=True, slots=True)
class Card:
    """One headline figure with its interval, a small chart of both, and what it means."""

    name: str
    value: str
    interval: str
    note: str
    svg: str


@dataclass(frozen=True, slots=True)
class Cards:
    """Headline figures side by side."""

    items: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its weight, -1 to 1; `shown` is the weight as text, empty if it is too small to mark."""

    text: str
    weight: float
    shown: str


@dataclass(frozen=True, slots=True)
class Example:
    """One decision: what happened (`kind` "missed", "alarm", "hit"), the sentence in words, facts as name and text."""

    kind: str
    head: str
    fact: str
    words: Sequence[Word]
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Examples:
    """Decisions one below the other."""

    items: Sequence[Example]


Block = Paragraph | Table | Figures | Cards | Examples


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; `id` is its anchor."""

    id: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report.

    Attributes:
        lang: "ru" or "en".
        title: heading.
        subtitle: the line below it.
        contents: heading of the table of contents.
        warning: the word before a warning.
        sections: its parts in order.
        footer: last line.
    """

    lang: str
    title: str
    subtitle: str
    contents: str
    warning: str
    footer: str
    sections: Sequence[Section] = field(default_factory=tuple)
