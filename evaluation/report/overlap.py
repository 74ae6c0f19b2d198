"""Whether the data overlap with what the model has seen.

A model folder names its training and validation files with their SHA-256, but does not hold their texts. So a data file
that is one of them is always found; single sentences are compared only with files whose texts are at hand: those that
ship with svodka, and those that the user gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from svodka.errors import DataError
from svodka.evaluation.labelled import texts_of
from svodka.model_folder import file_digest
from svodka.trained_on import files_used
from svodka.training.loading import expand_files
from svodka.training.near_duplicates import THRESHOLD, cross_duplicates, folded

__all__ = ["Overlap", "TrainingFile", "find_overlap", "find_overlaps", "training_files"]

BUILTIN = "builtin:"
MOST_PAIRS = 10
SPLITS = ("train", "validation")


@dataclass(frozen=True, slots=True)
class TrainingFile:
    """A file with sentences that the model may have seen.

    Attributes:
        path: where its texts are.
        split: "train" if the model learnt from it, "validation" if thresholds and calibration were fitted on it.
        listed: the model names a file with this SHA-256.
        stands_for: SHA-256 of the model's file of which this is another version; None if it is no such stand-in.
    """

    path: Path
    split: str
    listed: bool
    stands_for: str | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """What was found.

    Attributes:
        content: for the report; see `find_overlap`.
        rows: places of the data's sentences that have an exact or near duplicate.
    """

    content: Mapping[str, Any]
    rows: frozenset[int]


def training_files(details: Mapping[str, Any], given: Sequence[Path]) -> list[TrainingFile]:
    """Return the files whose texts are at hand: svodka's own that the recipe names, and those given.

    Args:
        details: the model's `model.json`.
        given: files of the user.

    Raises:
        DataError: a given file does not exist.
    """
    paths = expand_files(given)
    if missing := [path for path in paths if not path.is_file()]:
        raise DataError(f"{missing[0]}: no such file")
    known = {str(one["sha256"]): split for split, one in files_used(details)}
    files = [file for split in SPLITS for file in _shipped(details, split, known)]
    files += _mixed_or_earlier(known, [file.path for file in files])
    for path in paths:
        digest = file_digest(path)
        files.append(TrainingFile(path, known.get(digest, SPLITS[0]), digest in known, None))
    return files


def _shipped(details: Mapping[str, Any], split: str, known: Mapping[str, str]) -> Iterator[TrainingFile]:
    """Yield those of svodka's own files that the recipe names for a split; `known` has the digests of the model."""
    listed = details.get("data", {}).get(split, ())
    # A model lists the files of its recipe first, in the recipe's order.
    for name, one in zip(details.get("recipe", {}).get(split, ()), listed, strict=False):
        path = Path(str(resources.files("svodka.training") / "data" / str(name).removeprefix(BUILTIN)))
        if str(name).startswith(BUILTIN) and path.is_file():
            same = file_digest(path) in known
            yield TrainingFile(path, split, same, None if same else str(one["sha256"]))


def _mixed_or_earlier(known: Mapping[str, str], named: Sequence[Path]) -> Iterator[TrainingFile]:
    """Yield those of svodka's own files that the model names, though not by its recipe."""
    for path in sorted(Path(str(resources.files("svodka.training") / "data")).glob("*.jsonl")):
        if path not in named and (split := known.get(file_digest(path))):
            yield TrainingFile(path, split, True, None)


def find_overlap(
    details: Mapping[str, Any],
    data: Sequence[Mapping[str, Any]],
    texts: Sequence[str],
    files: Sequence[TrainingFile],
) -> Overlap:
    """Compare the data with what the model learnt from.

    Args:
        details: the model's `model.json`.
        data: name and `sha256` of each data file.
        texts: the data's sentences.
        files: training files whose texts are at hand.

    Returns:
        An overlap with the content `same_files` (data files that the model learnt from or was tuned on: `data`,
        `split`, `training`), `compared` (`name`, `rows`, `split`, `listed` by the model, or
        `other_version` of a file that is),
        `not_compared` (files of the model whose texts are not at hand), `known` (whether the model names its files
        at all), `exact` and `near` (number of data sentences), `similarity` (from which on two are near), and the
        nearest `pairs` (`text`, `training`, `similarity`).
    """
    return _overlap(details, data, _search(texts, files), files)


def find_overlaps(
    models: Sequence[Mapping[str, Any]], data: Sequence[Mapping[str, Any]], texts: Sequence[str]
) -> list[Overlap]:
    """Compare the data with what each of several models learnt from, as `find_overlap` does.

    Only files that ship with svodka are searched; those that models share are searched once.
    """
    searched: dict[frozenset[Path], _Search] = {}
    found = []
    for details in models:
        files = training_files(details, ())
        paths = frozenset(file.path for file in files)
        if paths not in searched:
            searched[paths] = _search(texts, files)
        found.append(_overlap(details, data, searched[paths], files))
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    """Which sentences of the data stand in some files.

    Attributes:
        sizes: how many sentences each file has.
        exact: places of the data's sentences that stand there word for word.
        rows: these, and those that stand there nearly.
        nearest: `text`, `training` and `similarity` of the nearest pairs.
    """

    sizes: Mapping[Path, int]
    exact: frozenset[int]
    rows: frozenset[int]
    nearest: list[dict[str, Any]]


def _search(texts: Sequence[str], files: Sequence[TrainingFile]) -> _Search:
    """Look for the data's sentences in the files."""
    by_file = {one.path: texts_of(one.path) for one in files}
    training = [text for own in by_file.values() for text in own]
    pairs = cross_duplicates(texts, training, THRESHOLD)
    own = [folded(text) for text in texts]
    exact = frozenset(left for left, right, _ in pairs if own[left] == folded(training[right]))
    best: dict[int, tuple[float, int]] = {}
    for left, right, similarity in pairs:
        best[left] = max(best.get(left, (0.0, right)), (similarity, right))
    nearest = [
        {"text": texts[left], "training": training[right], "similarity": round(similarity, 3)}
        for left, (similarity, right) in sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:MOST_PAIRS]
    ]
    sizes = {path: len(own) for path, own in by_file.items()}
    return _Search(sizes, exact, frozenset(best), nearest)


def _overlap(
    details: Mapping[str, Any],
    data: Sequence[Mapping[str, Any]],
    found: _Search,
    files: Sequence[TrainingFile],
) -> Overlap:
    """Put together what a search found and what the model says of its files."""
    at_hand = {file_digest(one.path) for one in files} | {one.stands_for for one in files}
    return Overlap(
        {
            "same_files": _same_files(details, data),
            "known": bool(files_used(details)),
            "compared": [_described(one, found.sizes[one.path]) for one in files],
            "not_compared": [
                {"name": one["name"], "rows": one["rows"], "split": split}
                for split, one in files_used(details)
                if one["sha256"] not in at_hand
            ],
            "exact": len(found.exact),
            "near": len(found.rows - found.exact),
            "similarity": THRESHOLD,
            "pairs": found.nearest,
        },
        found.rows,
    )


def _described(file: TrainingFile, rows: int) -> dict[str, Any]:
    """Return a training file as plain values."""
    return {
        "name": file.path.name,
        "rows": rows,
        "split": file.split,
        "listed": file.listed,
        "other_version": file.stands_for is not None,
    }


def _same_files(details: Mapping[str, Any], data: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the data files that are, byte for byte, files that the model was trained or tuned on."""
    return [
        {"data": str(own["name"]), "split": split, "training": str(one["name"])}
        for own in data
        for split, one in files_used(details)
        if own["sha256"] == one["sha256"]
    ]
