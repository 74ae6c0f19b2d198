"""What is read from a labelled file, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from svodka.training.records import Problem

__all__ = ["Draft", "Drafts", "Example", "Fault", "Label", "Options", "Rejected", "Table", "TableRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user says about a file; whatever is left out is found out.

    Attributes:
        text_column: the column with the sentences.
        label_columns: the columns with the topics.
        separator: the character between the cells of a text table; `tab` is another name for the tabulator.
        sheet: the sheet of an Excel file.
        split: the split of a data set with several; `all` takes every one.
        encoding: the encoding of a text file.
        empty: what an empty list of topics means in formats that do not tell: "none" (read, and has none) or
            "unlabelled" (nobody read it); None asks for the careful answer, unlabelled, and warns.
    """

    text_column: str | None = None
    label_columns: tuple[str, ...] = ()
    separator: str | None = None
    sheet: str | None = None
    split: str | None = None
    encoding: str | None = None
    empty: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence with its labels.

    Attributes:
        row: where it stands in its file, from 1: the line in a text file, the row of a sheet, otherwise the place in
            the list.
        id: its name, if the file gives one.
        text: the sentence as it stands in the file.
        topics: ids of its topics in the order of the topics; empty if it was read and has none, None if nobody
            labelled it.
        unknown: ids of topics that nobody judged for it.
        genre: what kind of text it comes from, if the file says so.
        scores: a model's probability, 0 to 1, of each topic, if the file has them; no label follows from them.
        meta: everything else that the file says of it, as plain JSON values.
    """

    row: int
    id: str | None
    text: str
    topics: tuple[str, ...] | None
    unknown: tuple[str, ...] = ()
    genre: str | None = None
    scores: Mapping[str, float] | None = field(default=None, hash=False)
    meta: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a row: why, in which column (None: in the row as a whole), and the value."""

    reason: str
    column: str | None = None
    value: object = field(default=None, hash=False)

    def __str__(self) -> str:
        """Return the reason with the column in front."""
        return self.reason if self.column is None else f"column {self.column!r}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used: its number as in `Example`, all its faults, and what stands in it."""

    row: int
    faults: tuple[Fault, ...]
    original: object = None

    @property
    def reason(self) -> str:
        """Return everything that is wrong, in one line."""
        return "; ".join(map(str, self.faults))

    def problem(self, path: Path) -> Problem:
        """Return the same as a problem of the file `path`."""
        return Problem(str(path), self.row, self.reason)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table: its number as in `Example`, and its values by their columns."""

    number: int
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as rows with named columns, before anybody asked what the columns mean.

    Attributes:
        path: the file.
        kind: "csv", "xlsx", "json", "parquet" or "hf".
        about: the format in words, with encoding, separator, sheet or split.
        columns: the names in the order of the file.
        rows: the rows that are not blank.
        broken: rows that are no rows, such as a line of broken JSON.
        blank: number of blank rows between others.
        twice: names that the header gives to several columns; the second is called `name (2)`.
    """

    path: Path
    kind: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    broken: tuple[Rejected, ...] = ()
    blank: int = 0
    twice: frozenset[str] = frozenset()

    @property
    def is_sheet(self) -> bool:
        """Tell whether its cells are typed by hand, so that an empty cell is a missing value."""
        return self.kind in ("csv", "xlsx")

    def values(self, column: str) -> list[object]:
        """Return what stands in a column; None where a row has no such value."""
        return [row.values.get(column) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a topic as the file gives it, and the column where it stands."""

    column: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A row whose columns are understood, before names are looked up and values checked.

    Attributes:
        row: its number as in `Example`.
        text: what stands where the sentence should stand.
        text_column: the name of that column.
        answers: the labels that each reader gave; no answer means that nobody labelled the row.
        further: the values that stand under other names; `id`, `genre`, `unknown`, `scores` and `meta` have a meaning.
        unjudged: ids of topics that this file does not ask about.
        faults: what is wrong with it already.
        original: what stands in the file, for whoever has to mend it.
    """

    row: int
    text: object
    text_column: str
    answers: tuple[tuple[Label, ...], ...]
    further: Mapping[str, object]
    unjudged: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    original: object = None


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a schema makes of a table.

    Attributes:
        drafts: the rows.
        understood: how the columns were taken, one line each.
        warnings: what the user should know before trusting the labels, one line each.
    """

    drafts: Sequence[Draft]
    understood: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
