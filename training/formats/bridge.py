"""Files of other formats where a command expects svodka's own: read as they are if nothing about them is in doubt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from svodka.decode import read_text
from svodka.errors import DataError
from svodka.training.formats.containers import OLE, PARQUET, ZIP
from svodka.training.formats.example import Example
from svodka.training.formats.hf_folder import is_data_folder
from svodka.training.formats.label_studio_flat import is_flat_header
from svodka.training.formats.names import TopicNames, fold
from svodka.training.formats.own_csv import is_own_header
from svodka.training.formats.reading import read_examples
from svodka.training.formats.roles import LABEL_WORDS, family, named
from svodka.training.records import JSON_LINES, TABLES, Problem

__all__ = ["is_foreign", "read_foreign"]

# `topic` alone is left to the strict reader, for which it is a slip of `topics`.
NATIVE_LABELS = ("topics", "topic")
FOREIGN_WORDS = tuple(word for word in LABEL_WORDS if word not in NATIVE_LABELS)
NATIVE = ("text", "topics")


def is_foreign(path: Path, topic_ids: Sequence[str]) -> bool:
    """Tell whether a file is labelled in another format than svodka's own JSON Lines or CSV.

    Raises:
        DataError: it is a folder with a data set, of which only `svodka data import` can make a file.
    """
    if path.is_dir() and is_data_folder(path):
        raise DataError(f"{path}: a folder with a data set; run `svodka data import {path} --out data.jsonl` first")
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        if handle.read(4) in (ZIP, PARQUET, OLE):
            return True
    if path.suffix.lower() not in JSON_LINES + TABLES:
        return False
    first = read_text(path).lstrip().partition("\n")[0]
    return _foreign_json(first) if path.suffix.lower() in JSON_LINES else _foreign_header(first, topic_ids)


def _foreign_json(line: str) -> bool:
    """Tell whether the first line of a JSON file is no row of svodka's."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return line.strip() in ("[", "{") or line.startswith("[")
    if not isinstance(row, dict):
        return isinstance(row, list) and (not row or isinstance(row[0], dict))
    if NATIVE[0] not in row:
        return named(row, ("data", "fields")) is not None
    if any(family(key) in NATIVE_LABELS and fold(key) not in NATIVE_LABELS for key in row):
        return True  # `topics 2`, which the strict reader would pass over
    responses = any(key.endswith(".responses") for key in row)
    return NATIVE[1] not in row and (responses or named(row, FOREIGN_WORDS) is not None)


def _foreign_header(line: str, topic_ids: Sequence[str]) -> bool:
    """Tell whether the first line of a table is no header of svodka's, or one of `svodka data export`."""
    separator = max(",;\t", key=line.count)
    cells = [cell.strip().strip('"') for cell in line.split(separator)]
    if NATIVE[0] not in cells or is_own_header(cells) or is_flat_header(cells):
        return True
    if _has_further_labels(cells):
        return True
    names = TopicNames.of_ids(topic_ids)
    return NATIVE[1] not in cells and (named(cells, FOREIGN_WORDS) is not None or any(map(names.of_column, cells)))


def _has_further_labels(cells: Sequence[str]) -> bool:
    """Tell whether a header may have more columns of topics than `topics`, the one that the strict reader takes.

    They are numbered or several, or the nameless ones that go on with it.
    """
    labels = [cell for cell in cells if family(cell) in LABEL_WORDS]
    goes_on = any(not cell and before in labels for before, cell in pairwise(cells))
    return len(labels) > 1 or goes_on or any(fold(cell) not in LABEL_WORDS for cell in labels)


def read_foreign(path: Path, topic_ids: Sequence[str]) -> tuple[list[Example], list[Problem]]:
    """Return the good rows of a file in another format, and as problems both bad rows and whatever is in doubt.

    Raises:
        DataError: as `read_examples`.
        MissingExtraError: the library that reads the format is not installed.
    """
    reading = read_examples(path, TopicNames.of_ids(topic_ids))
    problems = [one.problem(path) for one in reading.rejected]
    problems += [
        Problem(str(path), 1, f"{warning}; see what `svodka data import {path}` makes of it")
        for warning in reading.warnings
    ]
    return list(reading.examples), problems
