"""Folders that the library `datasets` (`save_to_disk`) and Argilla (`to_disk`) write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from svodka.decode import read_text
from svodka.errors import DataError, MissingExtraError, did_you_mean
from svodka.training.formats.classes import class_names, named_classes
from svodka.training.formats.example import Options, Table, TableRow
from svodka.training.formats.json_text import read_json, table_of

__all__ = ["is_data_folder", "read_folder"]

DATASET, DATASET_DICT, ARGILLA = "state.json", "dataset_dict.json", "records.json"
ALL = "all"


def is_data_folder(path: Path) -> bool:
    """Tell whether a folder is one that `read_folder` can read."""
    return any((path / name).is_file() for name in (DATASET, DATASET_DICT, ARGILLA))


def read_folder(path: Path, options: Options) -> Table:
    """Return the rows of a data set on disk; with several splits, of the one that the user named.

    Raises:
        DataError: the folder is no such data set or is damaged, or it has several splits and none was named.
        MissingExtraError: `datasets` is not installed.
    """
    if not is_data_folder(path):
        raise DataError(
            f"{path}: a folder, and no data set that save_to_disk of 'datasets' or Argilla's to_disk writes"
        )
    if (path / ARGILLA).is_file():
        table = read_json(path / ARGILLA, read_text(path / ARGILLA))
        return table_of(path, "json", "Argilla folder", table.rows, table.broken)
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError("reading Hugging Face datasets", "train") from error
    try:
        loaded = datasets.load_from_disk(str(path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: no readable data set: {error}") from error
    if isinstance(loaded, datasets.DatasetDict):
        return _of_splits(path, loaded, options.split)
    return _table(path, "Hugging Face dataset", [(None, loaded)])


def _of_splits(path: Path, splits: Any, wanted: str | None) -> Table:
    """Return the rows of the wanted split; with `all`, of every one, each row with its `split`."""
    sizes = ", ".join(f"{name} ({len(split)})" for name, split in splits.items())
    if wanted == ALL and ALL not in splits:
        return _table(path, f"Hugging Face dataset, splits {sizes}", list(splits.items()))
    if wanted is None and len(splits) > 1:
        raise DataError(f"{path}: has the splits {sizes}; choose one with --split, so that no test row is trained on")
    name = wanted or next(iter(splits))
    if name not in splits:
        raise DataError(f"{path}: no split {name!r}{did_you_mean(name, list(splits))} (its splits: {sizes})")
    return _table(path, f"Hugging Face dataset, split {name!r}", [(None, splits[name])])


def _table(path: Path, about: str, splits: list[tuple[str | None, Any]]) -> Table:
    """Return the rows of some splits, numbered through; those with a name carry it in the column `split`."""
    rows: list[TableRow] = []
    for name, split in splits:
        names = class_names(split.features.to_dict())
        for row in split.to_list():
            extra = {} if name is None else {"split": name}
            rows.append(TableRow(len(rows) + 1, named_classes(row, names) | extra))
    return table_of(path, "hf", about, rows)
