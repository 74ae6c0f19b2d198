"""Labelled files as a Hugging Face `DatasetDict`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import DataError, MissingExtraError
from svodka.training.records import Problem
from svodka.training.rows import Row, error_of, scan_rows

if TYPE_CHECKING:
    import datasets

    from svodka.training.label_scheme import LabelScheme

__all__ = ["NOT_JUDGED", "REJECTED", "expand_files", "label_vector", "load_dataset_dict"]

NOT_JUDGED = -1.0
GLOB_CHARACTERS = "*?["
REJECTED = ".rejected.jsonl"  # what `svodka data import` sets aside, and no pattern is meant to find


def load_dataset_dict(
    files: Mapping[str, Sequence[Path]],
    topics: Sequence[str],
    *,
    labelled_only: bool = False,
    scheme_of: Callable[[Path], LabelScheme] | None = None,
) -> datasets.DatasetDict:
    """Return the rows of the files of each split, in the order given and held in memory.

    Columns: `id`, `text`, `topics` (list of ids; None = not labelled), `genre` (or None), `unknown` (list of ids) and
    `labels`: float32, one for each of `topics` in their order; 1 = has it, 0 = has it not, -1 = nobody judged it. A row
    that is not labelled has only -1, and is left out with `labelled_only`.

    Args:
        files: of each split.
        topics: ids of the topics, in the order of `labels`.
        labelled_only: leave out rows that are not labelled.
        scheme_of: how the labels of a file are read; None takes them as they stand.

    Raises:
        DataError: a file is missing or unusable, a row of any file is wrong, or a split has no row left.
        MissingExtraError: the library `datasets` is not installed.
    """
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError("loading labelled data", "train") from error
    text = datasets.Value("string")
    features = datasets.Features(
        {
            "id": text,
            "text": text,
            "topics": datasets.List(text),
            "genre": text,
            "unknown": datasets.List(text),
            "labels": datasets.List(datasets.Value("float32"), length=len(topics)),
        }
    )
    splits = {}
    for split, rows in _rows_of(files, topics, scheme_of).items():
        records = [_record(row, topics) for row in rows if row.topics is not None or not labelled_only]
        if not records:
            kind = "labelled rows" if labelled_only else "rows"
            raise DataError(f"the split {split!r} has no {kind} ({', '.join(map(str, files[split])) or 'no files'})")
        splits[split] = datasets.Dataset.from_list(records, features=features, split=datasets.NamedSplit(split))
    return datasets.DatasetDict(splits)


def expand_files(names: Sequence[Path]) -> list[Path]:
    """Replace patterns such as `data/train-*.jsonl` by their files, sorted by name; other names stay as they are.

    Raises:
        DataError: a pattern has no file.
    """
    paths: list[Path] = []
    for name in map(Path, names):
        if name.exists() or not any(character in name.name for character in GLOB_CHARACTERS):
            paths.append(name)
        elif found := sorted(path for path in name.parent.glob(name.name) if _is_data(path)):
            paths += found
        else:
            raise DataError(f"{name}: no file has a name of this pattern")
    return paths


def _is_data(path: Path) -> bool:
    """Tell whether a path that fits a pattern is a file, and not one of rows set aside."""
    return path.is_file() and not path.name.endswith(REJECTED)


def label_vector(row: Row, topics: Sequence[str]) -> list[float]:
    """Return, in the order of `topics`, 1 where a row has the topic, 0 where not, -1 where nobody judged it."""
    if row.topics is None:
        return [NOT_JUDGED] * len(topics)
    return [NOT_JUDGED if topic in row.unknown else float(topic in row.topics) for topic in topics]


def _rows_of(
    files: Mapping[str, Sequence[Path]], topics: Sequence[str], scheme_of: Callable[[Path], LabelScheme] | None
) -> dict[str, list[Row]]:
    """Read all files before complaining, so that one error tells of the first bad rows of every file."""
    splits: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    for split, names in files.items():
        splits[split] = []
        for path in expand_files(names):
            scheme = scheme_of(path) if scheme_of else None
            rows, found = scan_rows(path, scheme.accepted if scheme else topics)
            splits[split] += map(scheme.translate, rows) if scheme else rows
            problems += found
    if problems:
        raise error_of(problems)
    return splits


def _record(row: Row, topics: Sequence[str]) -> dict[str, object]:
    """Return a row as a record of the data set."""
    return {
        "id": row.id,
        "text": row.text,
        "topics": None if row.topics is None else list(row.topics),
        "genre": row.genre,
        "unknown": list(row.unknown),
        "labels": label_vector(row, topics),
    }
