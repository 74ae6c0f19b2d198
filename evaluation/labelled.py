"""Labelled files as an evaluation needs them.

How labelled rows are read is defined in `svodka.training`, and nothing of that needs torch. Besides this module only
the peers that use our own encoder import from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svodka.errors import DataError
from svodka.evaluation.cells import without_folders
from svodka.model_folder import file_digest
from svodka.training.label_scheme import LabelScheme
from svodka.training.loading import expand_files, label_vector
from svodka.training.records import Problem, read_records
from svodka.training.rows import Row, read_rows
from svodka.training.texts import foreign_texts

__all__ = ["Labelled", "document_groups", "read_labelled", "texts_of"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labelled rows of some files.

    Attributes:
        files: name, SHA-256 and number of rows of each file.
        rows: the labelled rows, in the order of the files.
        gold: float64 (n, topics) of 1, 0, and -1 for not judged.
        not_labelled: number of rows that nobody labelled; they are not in `rows`.
    """

    files: list[dict[str, str | int]]
    rows: tuple[Row, ...]
    gold: NDArray[np.float64]
    not_labelled: int

    @property
    def texts(self) -> list[str]:
        """Return the sentences."""
        return [row.text for row in self.rows]

    @property
    def digests(self) -> list[dict[str, str]]:
        """Return the name without its folder and the SHA-256 of each file."""
        return [{"name": one["name"], "sha256": one["sha256"]} for one in without_folders(self.files)]

    def column(self, name: str) -> list[str] | None:
        """Return what stands in a column of the files, as text for each row; None if no row has the column.

        Rows without a value get an empty text.
        """
        values = [row.genre if name == "genre" else row.other.get(name) for row in self.rows]
        if all(value is None for value in values):
            return None
        return ["" if value is None else str(value) for value in values]


def read_labelled(
    names: Sequence[Path], topics: Sequence[str], scheme_of: Callable[[Path], LabelScheme] | None = None
) -> Labelled:
    """Read labelled files.

    Args:
        names: the files, or patterns.
        topics: ids, in the order of the labels.
        scheme_of: how the labels of a file are read; None takes them as they stand.

    Raises:
        DataError: a file is missing or unusable, a row is wrong or has a topic that is neither in `topics` nor known to
            the scheme, or no row is labelled, for these topics.
    """
    paths = expand_files(names)
    tables = [_rows_of(path, topics, scheme_of) for path in paths]
    rows = [row for table in tables for row in table]
    labelled = tuple(row for row in rows if row.topics is not None)
    if not labelled:
        raise DataError(f"{', '.join(map(str, paths))}: none of {len(rows)} rows is labelled (has 'topics')")
    return Labelled(
        files=[
            {"name": str(path), "sha256": file_digest(path), "rows": len(table)}
            for path, table in zip(paths, tables, strict=True)
        ],
        rows=labelled,
        gold=np.array([label_vector(row, topics) for row in labelled], dtype=np.float64),
        not_labelled=len(rows) - len(labelled),
    )


def _rows_of(path: Path, topics: Sequence[str], scheme_of: Callable[[Path], LabelScheme] | None) -> list[Row]:
    """Return the rows of a file with the ids of `topics`."""
    if scheme_of is None:
        return read_rows(path, topics)
    scheme = scheme_of(path)
    if not scheme.judged:
        raise DataError(f"{path}: svodka's own sentences, which were judged for none of {', '.join(topics)}")
    return scheme.read(path)


def document_groups(data: Labelled) -> list[str] | None:
    """Return the document of each row, from the column `doc`; None if no row has it.

    A row that names no document is one of its own.
    """
    documents = data.column("doc")
    if documents is None:
        return None
    return [
        f"doc {document}" if document else f"row {row.source}:{row.line}"
        for document, row in zip(documents, data.rows, strict=True)
    ]


def texts_of(path: Path) -> list[str]:
    """Return the sentences of a file, whatever its topics are; lines that cannot be read are left out.

    Raises:
        DataError: the file is missing or unusable.
        MissingExtraError: the library that reads its format is not installed.
    """
    foreign = foreign_texts(path)
    if foreign is not None:
        return foreign
    records = (record for record in read_records(path) if not isinstance(record, Problem))
    return [text for record in records if isinstance(text := record.values.get("text"), str) and text.strip()]
