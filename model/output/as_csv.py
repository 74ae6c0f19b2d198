"""CSV: one row per sentence, for Excel, LibreOffice and pandas.

UTF-8 with a byte-order mark, without which Excel takes Cyrillic for Latin; comma, CRLF and doubled quotation marks as
in RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP advises; `unguard`
takes it off again, without loss.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from svodka.output import TaggedDocument
from svodka.output.as_jsonl import DIGITS

if TYPE_CHECKING:
    from svodka.topics import Topic

__all__ = ["CsvWriter", "guard", "make", "unguard"]

BOM = "\ufeff"
# Spreadsheets start a formula at these; the wide ones are what Japanese and Chinese versions accept as well.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def guard(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: `=1+1` becomes `'=1+1`, `- Да!` becomes `'- Да!`.

    A cell that already looks guarded gets one apostrophe more, so that `unguard` finds back what was there.
    """
    return f"'{cell}" if _is_formula(cell.lstrip("'")) else cell


def unguard(cell: str) -> str:
    """Return what `guard` was given."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell.lstrip("'")) else cell


def _is_formula(cell: str) -> bool:
    """Tell whether a spreadsheet may run a cell; a sign alone, such as `-` for standard input, is only a sign."""
    return len(cell) > 1 and cell.startswith(FORMULA_STARTS)


class CsvWriter:
    """Writes one row per sentence: the columns of the JSON Lines, with `scores` as one column per topic."""

    def __init__(self, handle: IO[str], topics: Sequence[str]) -> None:
        r"""Write to `handle`; a line break inside a text stays what it is if the handle does not translate `\n`."""
        self._handle = handle
        self._topics = tuple(topics)
        self._rows = csv.writer(handle, lineterminator="\r\n")

    def begin(self) -> None:
        """Write the byte-order mark and the header."""
        self._handle.write(BOM)
        scores = [f"score_{topic}" for topic in self._topics]
        self._rows.writerow(["source", "index", "start", "end", "text", "topics", *scores, "truncated"])

    def write(self, document: TaggedDocument) -> None:
        """Write the sentences of one document."""
        source = guard(document.source)
        for sentence in document.article.sentences:
            prediction = sentence.prediction
            place = (source, sentence.index, sentence.start, sentence.end)
            scores = (round(prediction.scores[topic], DIGITS) for topic in self._topics)
            truncated = "true" if prediction.truncated else "false"
            self._rows.writerow([*place, guard(prediction.text), ";".join(prediction.topics), *scores, truncated])

    def end(self) -> None:
        """Write nothing: the format has no foot."""


def make(handle: IO[str], topics: Sequence[Topic], lang: str) -> CsvWriter:  # noqa: ARG001  # as all formats
    """Return a writer to `handle`; the format has ids and no titles."""
    return CsvWriter(handle, [topic.id for topic in topics])
