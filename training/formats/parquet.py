"""Parquet tables through pyarrow, an optional dependency; class numbers become names where the file gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from svodka.errors import DataError, MissingExtraError
from svodka.training.formats.classes import class_names, named_classes
from svodka.training.formats.example import Table, TableRow
from svodka.training.formats.json_text import table_of

__all__ = ["read_parquet"]


def read_parquet(path: Path) -> Table:
    """Return the rows of a Parquet file.

    Raises:
        DataError: the file is damaged or has no rows.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("reading Parquet", "parquet") from error
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: no readable Parquet file: {error}") from error
    names = class_names(_features(table.schema.metadata or {}))
    rows = [TableRow(number, named_classes(row, names)) for number, row in enumerate(table.to_pylist(), 1)]
    return table_of(path, "parquet", "Parquet", rows)


def _features(metadata: Mapping[bytes, bytes]) -> Mapping[str, object]:
    """Return what the library `datasets` has written into a Parquet file about its columns; nothing if it has not."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
    except (ValueError, KeyError, TypeError):
        return {}
    return features if isinstance(features, dict) else {}
