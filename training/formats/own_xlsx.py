"""svodka's own table as an Excel sheet, which Excel opens in columns whatever its language.

A Russian Excel separates the cells of a CSV by `;`, an English one by `,`; in a workbook nothing is to be guessed. All
cells are texts: `007` stays `007`, and no `=1+1` is ever run. Characters that XML cannot hold are written as Excel does
it, `_x000B_` for U+000B; so is the `x` of a text that looks like that already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import IO

from svodka.errors import DataError, MissingExtraError
from svodka.output.as_csv import guard, unguard
from svodka.training.formats.example import Table, TableRow

__all__ = ["unescaped", "write_xlsx"]

SHEET = "svodka"
AS_TEXT = "@"
MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767
WIDTHS = {"text": 100, "topics": 40}
# A carriage return would come back as a line feed; `x005F_` is what openpyxl takes out of texts.
TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|x(?=[0-9A-Fa-f]{4}_)")
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def write_xlsx(handle: IO[bytes], rows: Iterable[Sequence[str]]) -> None:
    """Write a header and the rows below it to a workbook.

    Raises:
        DataError: Excel cannot hold so many rows or columns, or so long a text.
        MissingExtraError: openpyxl is not installed.
    """
    try:
        import openpyxl
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.utils import get_column_letter
    except ImportError as error:
        raise MissingExtraError("writing Excel files", "xlsx") from error
    table = [[_escape(cell) for cell in cells] for cells in rows]
    _refuse_what_excel_cuts(table)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(table[0], 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(name, 15)
    for texts in table:
        line = [WriteOnlyCell(sheet, text or None) for text in texts]
        for cell, text in zip(line, texts, strict=True):
            cell.number_format = AS_TEXT
            if text:
                cell.data_type = "s"  # `=1+1` and `#N/A` would be more than texts
        sheet.append(line)
    book.save(handle)


def _refuse_what_excel_cuts(table: Sequence[Sequence[str]]) -> None:
    """Refuse a table that Excel would cut."""
    if len(table) > MOST_ROWS or len(table[0]) > MOST_COLUMNS:
        raise DataError(
            f"{len(table)} rows and {len(table[0])} columns, Excel holds {MOST_ROWS} and {MOST_COLUMNS}; "
            "write another format, or part of the file"
        )
    for number, texts in enumerate(table, 1):
        if (longest := max(map(len, texts))) > MOST_CHARACTERS:
            raise DataError(
                f"row {number} of the sheet: a cell of {longest} characters, Excel holds {MOST_CHARACTERS}; "
                "write another format"
            )


def _escape(text: str) -> str:
    """Return a text as a cell; one that looks like a guarded cell of a CSV gets the apostrophe that is taken off."""
    guarded = guard(text) if unguard(text) != text else text
    return TO_ESCAPE.sub(lambda found: f"_x{ord(found.group()):04X}_", guarded)


def unescaped(table: Table) -> Table:
    """Return a table of `write_xlsx` with the texts that were written, apostrophes in front excepted."""
    columns = {column: str(_unescape(column)) for column in table.columns}
    rows = (
        TableRow(row.number, {columns[key]: _unescape(value) for key, value in row.values.items()})
        for row in table.rows
    )
    return replace(table, columns=tuple(columns.values()), rows=tuple(rows))


def _unescape(value: object) -> object:
    """Return a cell with its escaped characters; what is no text stays."""
    return ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), value) if isinstance(value, str) else value
