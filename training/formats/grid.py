"""From the cells of a sheet to a table: where the header stands, and which rows are rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from svodka.errors import DataError
from svodka.quotes import misfit
from svodka.training.formats.cells import is_blank, label_names
from svodka.training.formats.example import Fault, Options, Rejected, Table, TableRow
from svodka.training.formats.names import TopicNames, fold
from svodka.training.formats.roles import (
    GENRE_WORDS,
    ID_WORDS,
    LABEL_WORDS,
    MOSTLY,
    NUMBERED,
    SAMPLE,
    TEXT_WORDS,
    named,
)

__all__ = ["Grid", "header_score", "is_data", "tabulate"]

HEADER_WITHIN = 10  # rows with content; a title or a date may stand above the header
HEADER_WORDS = (*ID_WORDS, *GENRE_WORDS)
NO_HEADER = ", no header row: the first row is data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of a sheet or of a text table.

    Attributes:
        path: the file.
        kind: "csv" or "xlsx".
        about: the format in words.
        rows: the cells of each row.
        numbers: the number of each row in the file, from 1.
        separator: what stands between the cells of a text table.
        headings: numbers of rows that hold nothing but a cell merged across columns, such as the title of a section.
        broken: rows that could not be read.
        spread: what a cell merged across columns says, by row number, for the places to the right of its first.
    """

    path: Path
    kind: str
    about: str
    rows: Sequence[Sequence[object]]
    numbers: Sequence[int]
    separator: str = ""
    headings: frozenset[int] = frozenset()
    broken: tuple[Rejected, ...] = ()
    spread: Mapping[int, Mapping[int, object]] = field(default_factory=dict)


def header_score(cells: Sequence[object], names: TopicNames, options: Options) -> int:
    """Return how much a row looks like a header: 2 for a column of sentences, 1 or 2 for topics; 0 if it does not."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    wanted = TEXT_WORDS if options.text_column is None else (fold(options.text_column),)
    folded = {fold(NUMBERED.sub("", text)) for text in texts} | {fold(text) for text in texts}
    has_text = named(texts, wanted) is not None
    # Names of topics stand in rows, too; they make a header only beside the column of sentences.
    topics = sum(has_text and names.of_column(text) is not None for text in texts)
    labels = bool(folded & {*LABEL_WORDS, *map(fold, options.label_columns)})
    return 2 * has_text + (2 if topics > 1 else int(labels or topics == 1))


def tabulate(grid: Grid, names: TopicNames, options: Options) -> Table:
    """Return the rows below the header of a grid by the names of their columns.

    Raises:
        DataError: the grid has no row below a header.
    """
    filled = [place for place, cells in enumerate(grid.rows) if not all(map(is_blank, cells))]
    if len(filled) < 2:
        raise DataError(f"{grid.path}: expected a header and rows below it, got {len(filled)} rows ({grid.about})")
    header = max(filled[:HEADER_WITHIN], key=lambda place: (header_score(grid.rows[place], names, options), -place))
    headless = False
    if not header_score(grid.rows[header], names, options):
        header = filled[0]
        headless = is_data([grid.rows[place] for place in filled], names)
    columns, places, twice = _columns(*_header(grid, header, headless=headless), _width(grid, header))
    rows: list[TableRow] = []
    broken = list(grid.broken)
    below = header if headless else header + 1
    for place in filled:
        if place < below:
            continue
        cells, number = grid.rows[place], grid.numbers[place]
        if fault := _fault(grid, cells, number, len(grid.rows[header])):
            broken.append(Rejected(number, (fault,), list(cells)))
        else:
            rows.append(
                TableRow(number, {c: cells[at] for c, at in zip(columns, places, strict=True) if at < len(cells)})
            )
    where = "" if header == filled[0] else f", header in row {grid.numbers[header]}"
    return Table(
        path=grid.path,
        kind=grid.kind,
        about=grid.about + (NO_HEADER if headless else where),
        columns=columns,
        rows=tuple(rows),
        broken=tuple(broken),
        blank=filled[-1] + 1 - below - sum(place >= below for place in filled),
        twice=twice,
    )


def is_data(rows: Sequence[Sequence[object]], names: TopicNames) -> bool:
    """Tell whether the first of some rows is no header: a cell of it holds topics, as the cells below do."""
    if len(rows) < 2:
        return False
    first, *below = (list(cells) for cells in rows[:SAMPLE])
    if named(map(str, first), HEADER_WORDS) is not None:
        return False
    columns = ((cell, [cells[place] for cells in below if place < len(cells)]) for place, cell in enumerate(first))
    return any(_holds_topics(cells, names) and _holds_topics([cell], names, none=True) for cell, cells in columns)


def _holds_topics(cells: Sequence[object], names: TopicNames, *, none: bool = False) -> bool:
    """Tell whether most cells with content name topics; without `none`, at least one must name more than "no topic".

    A column of "нет" alone may be one of yes and no, with the name of its topic above.
    """
    found = [one for one in (label_names(cell, names) for cell in cells) if one is not None]
    known = [all(map(names.knows, one)) for one in found]
    some = none or any(names.find(name) for one in found for name in one)
    return bool(known) and some and fmean(known) >= MOSTLY


def _header(grid: Grid, header: int, *, headless: bool) -> tuple[list[object], Mapping[int, object]]:
    """Return the cells of the header, and the names that one cell, merged across columns, gives to several of them."""
    number = grid.numbers[header]
    spread = {} if headless or number in grid.headings else grid.spread.get(number, {})
    return [] if headless else list(grid.rows[header]), spread


def _columns(
    header: Sequence[object], spread: Mapping[int, object], width: int
) -> tuple[tuple[str, ...], list[int], frozenset[str]]:
    """Return the names of the columns, their places, and the names that came twice; `spread` ones may come again.

    A column without a name is called `column 3`; nameless columns behind the last cell with content are left out.
    """
    columns: dict[str, int] = {}
    twice: set[str] = set()
    for place in range(width):
        cell = spread.get(place, header[place] if place < len(header) else None)
        name = f"column {place + 1}" if is_blank(cell) else str(cell).strip()
        if name in columns:
            twice |= set() if place in spread else {name}
            name = next(new for number in range(2, width + 2) if (new := f"{name} ({number})") not in columns)
        columns[name] = place
    return tuple(columns), list(columns.values()), frozenset(twice)


def _width(grid: Grid, header: int) -> int:
    """Return the number of columns that have a name or content below it.

    Rows of a text table that are longer than its header are no rows, and count nothing.
    """
    longest = len(grid.rows[header]) if grid.kind == "csv" else None
    rows = [grid.rows[header], *(cells[:longest] for cells in grid.rows[header + 1 :])]
    return max((place + 1 for cells in rows for place, cell in enumerate(cells) if not is_blank(cell)), default=0)


def _fault(grid: Grid, cells: Sequence[object], number: int, width: int) -> Fault | None:
    """Say why a row below the header is no row of the table."""
    if number in grid.headings:
        return Fault("a cell is merged across columns: a heading, no sentence")
    if grid.kind != "csv" or len(cells) == width or (len(cells) > width and all(map(is_blank, cells[width:]))):
        return None
    return Fault(misfit(width, len(cells), grid.separator))
