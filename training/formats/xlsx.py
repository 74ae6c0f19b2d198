"""Excel workbooks (.xlsx) through openpyxl, an optional dependency."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

from svodka.errors import DataError, MissingExtraError, did_you_mean
from svodka.training.formats.cells import is_blank
from svodka.training.formats.example import Options, Table
from svodka.training.formats.grid import Grid, tabulate
from svodka.training.formats.names import TopicNames
from svodka.training.formats.roles import find_text_column

__all__ = ["read_xlsx"]


def read_xlsx(path: Path, names: TopicNames, options: Options) -> Table:
    """Return the one sheet of a workbook that holds sentences, or the sheet that the user named.

    Formulas count as the values that Excel saved with them. A cell merged over several rows gives its value to each,
    and a name merged over several columns names each.

    Raises:
        DataError: the file is damaged, there is no such sheet, none holds sentences, or several do.
        MissingExtraError: openpyxl is not installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtraError("reading Excel files", "xlsx") from error
    try:
        with warnings.catch_warnings(), path.open("rb") as handle:  # by its name openpyxl refuses all but `.xlsx`
            warnings.simplefilter("ignore")  # of drop-down lists and styles that openpyxl does not know
            book = openpyxl.load_workbook(handle, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise DataError(f"{path}: no readable Excel file: {error}; save it anew, or as CSV") from error
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" or options.sheet is not None]
    if options.sheet is not None:
        return tabulate(_grid(path, _named(path, sheets, options.sheet)), names, options)
    return _only_one(path, [_grid(path, sheet) for sheet in sheets], names, options)


def _named(path: Path, sheets: list[Any], name: str) -> Any:
    """Return the sheet with a name, whatever its case."""
    titles = [sheet.title for sheet in sheets]
    found = next((sheet for sheet in sheets if sheet.title.casefold().strip() == name.casefold().strip()), None)
    if found is None:
        shown = ", ".join(map(repr, titles))
        raise DataError(f"{path}: no sheet {name!r}{did_you_mean(name, titles)} (its sheets: {shown})")
    return found


def _only_one(path: Path, grids: list[Grid], names: TopicNames, options: Options) -> Table:
    """Return the table of the one grid that holds sentences."""
    tables: list[Table] = []
    errors: list[DataError] = []
    for grid in grids:
        try:
            table = tabulate(grid, names, options)
            find_text_column(table, table.columns, names, options)
        except DataError as error:
            errors.append(error)
        else:
            tables.append(table)
    if len(tables) == 1:
        return tables[0]
    if not tables:
        raise errors[0] if errors else DataError(f"{path}: has no visible sheet")
    shown = "; ".join(table.about for table in tables)
    raise DataError(f"{path}: {len(tables)} sheets hold sentences, choose one with --sheet ({shown})")


def _grid(path: Path, sheet: Any) -> Grid:
    """Return the cells of a sheet; merged cells are filled downwards, and what is merged across is noted."""
    rows = [list(cells) for cells in sheet.iter_rows(values_only=True)]
    spread: dict[int, dict[int, object]] = {}
    for merged in sheet.merged_cells.ranges:
        for cells in rows[merged.min_row : merged.max_row]:
            cells[merged.min_col - 1] = rows[merged.min_row - 1][merged.min_col - 1]
        if merged.max_col > merged.min_col:
            value = rows[merged.min_row - 1][merged.min_col - 1]
            for number in range(merged.min_row, merged.max_row + 1):
                spread.setdefault(number, {}).update(dict.fromkeys(range(merged.min_col, merged.max_col), value))
    # A sentence may be merged across columns as well; what stands alone in its row is the title of a section.
    headings = {number for number in spread if number <= len(rows) and _filled(rows[number - 1]) == 1}
    return Grid(
        path=path,
        kind="xlsx",
        about=f"Excel, sheet {sheet.title!r}",
        rows=rows,
        numbers=range(1, len(rows) + 1),
        headings=frozenset(headings),
        spread=spread,
    )


def _filled(cells: list[Any]) -> int:
    """Return the number of cells with content."""
    return sum(not is_blank(cell) for cell in cells)
