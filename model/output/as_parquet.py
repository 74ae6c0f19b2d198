"""Parquet: one row per sentence, with the columns of CSV; for pandas, DuckDB, Spark. pyarrow is an optional dependency.

`score_…` columns are 32-bit floats and `topics` is a list of ids; what a text is, is not changed for spreadsheets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from svodka.errors import MissingExtraError
from svodka.output import TaggedDocument
from svodka.output.as_jsonl import DIGITS
from svodka.results import TaggedSentence

if TYPE_CHECKING:
    import pyarrow as pa

    from svodka.topics import Topic

__all__ = ["ParquetWriter", "make"]

GROUP_ROWS = 10_000  # rows that are held in memory, and can later be read together


class ParquetWriter:
    """Writes one row per sentence, in row groups of about `GROUP_ROWS`."""

    def __init__(self, handle: IO[bytes], topics: Sequence[str]) -> None:
        """Write bytes to `handle`.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        self._topics = tuple(topics)
        self._schema = _schema(self._topics)
        self._file = _open(handle, self._schema)
        self._held: list[tuple[str, TaggedSentence]] = []

    def begin(self) -> None:
        """Write nothing: the library has written the head."""

    def write(self, document: TaggedDocument) -> None:
        """Take the sentences of one document, and write a row group if there are enough."""
        source = document.source
        self._held.extend((source, sentence) for sentence in document.article.sentences)
        if len(self._held) >= GROUP_ROWS:
            self._flush()

    def end(self) -> None:
        """Write the rows that are left and the foot, without which the file cannot be read."""
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        """Write the rows that are held as one row group."""
        import pyarrow as pa

        if self._held:
            columns = [list(column) for column in zip(*map(self._row, self._held), strict=True)]
            arrays = [pa.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
            self._file.write_batch(pa.record_batch(arrays, schema=self._schema), row_group_size=len(self._held))
            self._held.clear()

    def _row(self, held: tuple[str, TaggedSentence]) -> tuple[object, ...]:
        """Return one sentence as its cells."""
        source, sentence = held
        prediction = sentence.prediction
        place = (source, sentence.index, sentence.start, sentence.end)
        scores = (round(prediction.scores[topic], DIGITS) for topic in self._topics)
        return (*place, prediction.text, prediction.topics, *scores, prediction.truncated)


def _schema(topics: Sequence[str]) -> pa.Schema:
    """Return names and types of the columns."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("writing Parquet", "parquet") from error
    place = [("source", pa.string()), ("index", pa.int32()), ("start", pa.int32()), ("end", pa.int32())]
    scores = [(f"score_{topic}", pa.float32()) for topic in topics]
    return pa.schema(
        [*place, ("text", pa.string()), ("topics", pa.list_(pa.string())), *scores, ("truncated", pa.bool_())]
    )


def _open(handle: IO[bytes], schema: pa.Schema) -> pa.parquet.ParquetWriter:
    """Return the library's writer to `handle`."""
    import pyarrow.parquet as pq

    class Writer(pq.ParquetWriter):  # type: ignore[misc]  # the library has no types
        def __del__(self) -> None:
            """Do nothing: the library's own would finish a file that was given up and is closed."""

    return Writer(handle, schema, compression="zstd")


def make(handle: IO[bytes], topics: Sequence[Topic], lang: str) -> ParquetWriter:  # noqa: ARG001  # as all formats
    """Return a writer to `handle`; the format has ids and no titles."""
    return ParquetWriter(handle, [topic.id for topic in topics])
