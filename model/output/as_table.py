"""A table to read: numbered sentences, their topics with scores, and the topics of the whole as bars.

In colour on a terminal; plain in a file, a pipe, or with NO_COLOR set. As wide as the terminal, or COLUMNS.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from svodka.output import TaggedDocument
from svodka.output.palette import WORDS, clean, colour, titles
from svodka.results import Prediction, TaggedSentence

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from svodka.topics import Topic

__all__ = ["TableWriter", "make"]

PLAIN_WIDTH = 100  # of a file; nobody's terminal is asked
NARROW = 64  # below this the topics stand under the sentence
BAR_WIDTH = 24


class TableWriter:
    """Writes a table per text file, and one that grows for all rows of a table file."""

    def __init__(self, handle: IO[str], topics: Sequence[Topic], lang: str) -> None:
        """Write to `handle`."""
        self._handle = handle
        self._console = _console(handle)
        self._titles = titles(topics, lang)
        self._colours = {topic.id: colour(index) for index, topic in enumerate(topics)}
        self._words = WORDS[lang]
        self._name: str | None = None
        self._counts: Counter[str] = Counter()
        self._sentences = self._bare = 0

    def begin(self) -> None:
        """Write nothing: a heading comes with each file."""

    def write(self, document: TaggedDocument) -> None:
        """Write the sentences of one document; its heading if it is not from the file of the one before."""
        if document.row is None or document.name != self._name:
            self.end()
            self._name = document.name
            self._print(self._heading(document.name))
        table = self._table(5 if document.row is None else 10)
        for sentence in document.article.sentences:
            self._count(sentence.prediction)
            table.add_row(*self._row(sentence, _number(document, sentence)))
        self._print(table)

    def end(self) -> None:
        """Write the topics of the file that is complete."""
        if self._name is not None:
            self._print(self._summary())
        self._name = None
        self._counts.clear()
        self._sentences = self._bare = 0

    def _count(self, prediction: Prediction) -> None:
        """Count a sentence for the summary."""
        self._sentences += 1
        self._bare += not prediction.topics
        self._counts.update(prediction.topics)

    def _heading(self, name: str) -> Text:
        """Return the name of the file."""
        from rich.text import Text

        return Text(f"{clean(name) if name != '-' else self._words['input']}\n", style="bold")

    def _table(self, number_width: int) -> Table:
        """Return an empty table; all tables of a run have the same column widths."""
        from rich.table import Table

        table = Table(box=None, show_header=False, padding=(0, 2, 1, 0), pad_edge=False, expand=True)
        table.add_column(justify="right", width=number_width, style="dim", no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        if self._console.width >= NARROW:
            table.add_column(width=min(38, self._console.width * 2 // 5), overflow="fold")
        return table

    def _row(self, sentence: TaggedSentence, number: str) -> list[RenderableType]:
        """Return the cells of one sentence."""
        from rich.text import Text

        prediction = sentence.prediction
        text = Text(clean(prediction.text) + (" ✂" if prediction.truncated else ""))
        labels = [self._label(topic, f"{prediction.scores[topic]:.2f}") for topic in prediction.topics]
        topics = Text("\n").join(labels) if labels else Text("—", style="dim")
        if self._console.width >= NARROW:
            return [number, text, topics]
        return [number, Text("\n").join([text, *labels])]

    def _label(self, topic: str, figure: str = "") -> Text:
        """Return a topic's title in its colour, with a figure."""
        from rich.text import Text

        label = Text.assemble(("■ ", self._colours[topic]), clean(self._titles[topic]))
        return label.append(f" {figure}", style="dim") if figure else label

    def _summary(self) -> RenderableType:
        """Return the topics of the file, most frequent first, each with its share of the sentences."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        words = self._words
        head = Text(f"{words['sentences']}: {self._sentences}, {words['without']}: {self._bare}", style="bold")
        grid = Table.grid(padding=(0, 2))
        grid.add_column(overflow="fold")
        for _ in range(3):
            grid.add_column(justify="right", no_wrap=True)
        grid.columns[1].justify = "left"
        order = {topic: place for place, topic in enumerate(self._titles)}
        for topic, count in sorted(self._counts.items(), key=lambda item: (-item[1], order[item[0]])):
            share = count / self._sentences
            grid.add_row(self._label(topic), self._bar(topic, share), str(count), f"{share:.0%}")
        return Group(head, grid, Text())

    def _bar(self, topic: str, share: float) -> Text:
        """Return a bar for a share of 0 to 1, never empty."""
        from rich.text import Text

        width = BAR_WIDTH if self._console.width >= NARROW else BAR_WIDTH // 3
        return Text("█" * max(1, round(share * width)), style=self._colours[topic])

    def _print(self, what: RenderableType) -> None:
        """Write something; without colours also without the spaces that fill up a line."""
        with self._console.capture() as capture:
            self._console.print(what)
        text = capture.get()
        if self._console.color_system is None:
            text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        self._handle.write(text)


def _number(document: TaggedDocument, sentence: TaggedSentence) -> str:
    """Return the sentence's number from 1; for a table file its row, or row and number if the row has several."""
    if document.row is None:
        return str(sentence.index + 1)
    return f"{document.row}.{sentence.index + 1}" if len(document.article.sentences) > 1 else str(document.row)


def _console(handle: IO[str]) -> Console:
    """Return a console for `handle` that writes no escape sequence unless a coloured terminal reads it."""
    from rich.console import Console

    coloured = handle.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and int(columns) else None
    return Console(
        file=handle,
        force_terminal=coloured,
        color_system="auto" if coloured else None,
        width=width if handle.isatty() else width or PLAIN_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


def make(handle: IO[str], topics: Sequence[Topic], lang: str) -> TableWriter:
    """Return a writer to `handle`."""
    return TableWriter(handle, topics, lang)
