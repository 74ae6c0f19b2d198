"""What is read from files and tables, in short."""

from __future__ import annotations

from svodka.columns import read_column
from svodka.documents import Inputs

TEXT = "Колонна вышла к рубежу. Связь устойчивая."


def found(*names, **options):
    inputs = Inputs([str(name) for name in names], **options)
    return [(document.source, document.text) for document in inputs], inputs


def cells(path, column="text", **options):
    return [(cell.row, cell.text) for cell in read_column(path, column, **options)]
