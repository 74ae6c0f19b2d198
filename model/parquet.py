"""Read one column of texts from Parquet files, batch by batch; pyarrow is an optional dependency."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.columns import Cell
from svodka.errors import DataError, MissingExtraError
from svodka.text_table import wrong_column

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_parquet_column"]

BATCH_ROWS = 256
READ_BYTES = 1 << 20  # at a time; by default pyarrow keeps all it has read of a column, gigabytes in a big file


def read_parquet_column(path: Path, column: str) -> Iterator[Cell]:
    """Yield the cells of a column of the Parquet file `path`.

    Raises:
        DataError: there is no such column, it holds something else than text, or the file is damaged.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("reading Parquet", "parquet") from error
    row = 0
    try:
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=READ_BYTES) as file:
            _check_column(file.schema_arrow, path, column)
            size = path.stat().st_size / max(file.metadata.num_rows, 1)
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=[column]):
                for text in batch.column(0).to_pylist():
                    row += 1
                    yield Cell(row, text, size)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the system; of what is damaged inside, pyarrow raises OSErrors that name neither number nor file
        raise DataError(f"{path}: damaged behind row {row}, or no Parquet file: {error}") from error


def _check_column(schema: pa.Schema, path: Path, column: str) -> None:
    """Refuse a schema in which the column is missing, double, or holds no texts."""
    from pyarrow import types

    if schema.names.count(column) != 1:
        raise DataError(wrong_column(str(path), column, schema.names))
    kind = schema.field(column).type
    values = kind.value_type if types.is_dictionary(kind) else kind  # pandas writes repeated texts so
    text_types = (types.is_string, types.is_large_string, types.is_string_view, types.is_null)
    if not any(is_type(values) for is_type in text_types):
        raise DataError(f"{path}: the column {column!r} holds {kind}, expected text")
