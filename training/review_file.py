"""Suspected label errors as a file for somebody who reads them again, a spreadsheet or JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from svodka.files import atomic_write
from svodka.output.as_csv import BOM, guard
from svodka.training.audit import Suspect

__all__ = ["ENDINGS", "write_review"]

ENDINGS = (".csv", ".jsonl")
COLUMNS = ("id", "source", "line", "text", "topics", "suspect_topic", "suggestion", "probability", "quality")
DIGITS = 4


def write_review(suspects: Sequence[Suspect], out: Path) -> None:
    """Write the suspects, one a line; the file's ending, one of `ENDINGS`, names the form.

    In CSV, topics stand in one cell as `threats;operations`, none is `-`, and a text that a spreadsheet would run as a
    formula has an apostrophe in front; a byte-order mark tells Excel that the file is UTF-8.

    Raises:
        OSError: nothing can be written there.
    """
    with atomic_write(out, newline="") as handle:
        if out.suffix.lower() == ".jsonl":
            for one in suspects:
                record = dict(zip(COLUMNS, _values(one), strict=True))
                handle.write(json.dumps(record, ensure_ascii=False) + "\n")
            return
        handle.write(BOM)
        table = csv.writer(handle, lineterminator="\r\n")
        table.writerow(COLUMNS)
        table.writerows([_cell(value) for value in _values(one)] for one in suspects)


def _values(one: Suspect) -> tuple[object, ...]:
    """Return what is written of a suspect, in the order of the columns."""
    row, figures = one.row, (round(one.probability, DIGITS), round(one.quality, DIGITS))
    return (row.id, row.source, row.line, row.text, list(row.topics or ()), one.topic, one.suggestion, *figures)


def _cell(value: object) -> object:
    """Return a value as a cell of a spreadsheet."""
    if isinstance(value, list):
        return ";".join(value) or "-"
    return guard(value) if isinstance(value, str) else value
