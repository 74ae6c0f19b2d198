"""The rows of a run: what it learns from, and what chooses the epoch, the thresholds and the calibration."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.errors import ConfigError
from svodka.topics import Topic
from svodka.training.label_scheme import label_scheme
from svodka.training.loading import load_dataset_dict
from svodka.training.recipe import Recipe, own_data_folder, resolve_files

if TYPE_CHECKING:
    import datasets

__all__ = ["joined", "load_parts", "load_splits", "mixed_file", "some_rows"]


def load_splits(
    recipe: Recipe, topics: Sequence[Topic], extra: Sequence[Path], known: Sequence[str] = ()
) -> datasets.DatasetDict:
    """Return the splits `train` and `validation` of a recipe; arguments and errors are those of `load_parts`."""
    return joined(load_parts(recipe, topics, extra, known))


def joined(parts: dict[str, datasets.Dataset]) -> datasets.DatasetDict:
    """Return the splits `train` and `validation` that the parts of `load_parts` make up."""
    import datasets

    order = {"train": ("train", "given", "mixed"), "validation": ("validation", "held")}
    return datasets.DatasetDict(
        {
            split: datasets.concatenate_datasets([parts[name] for name in names if name in parts])
            for split, names in order.items()
        }
    )


def load_parts(
    recipe: Recipe, topics: Sequence[Topic], extra: Sequence[Path], known: Sequence[str] = ()
) -> dict[str, datasets.Dataset]:
    """Return the rows of a run by where they come from; a part without rows is missing.

    `train` and `validation` are the recipe's files, `given` the `extra` rows to learn from, `held` those of them that
    are moved to validation, `mixed` svodka's own sentences mixed in.

    Args:
        recipe: its files, and what share is held out or mixed in.
        topics: the run's topics.
        extra: labelled files to learn from besides those of the recipe.
        known: ids of the model that the run goes on from; they may still stand in the files.

    Raises:
        ConfigError: the recipe has no rows to learn from, or none to validate on; there is nothing to mix in.
        DataError: a row is wrong.
    """
    files = {"train": resolve_files(recipe.train), "validation": resolve_files(recipe.validation), "given": list(extra)}
    if recipe.mix:
        files["mixed"] = [mixed_file(recipe)]
    scheme_of = partial(label_scheme, topics=topics, known=known)
    judged = {name: [path for path in paths if scheme_of(path).judged] for name, paths in files.items()}
    if recipe.mix and not judged["mixed"]:
        raise ConfigError("mix: svodka's own sentences were judged for none of these topics")
    if not judged["train"] and not judged["given"]:
        raise ConfigError(f"the recipe {recipe.name!r} names no training file; give at least one with --data")
    given = {name: paths for name, paths in judged.items() if paths}
    loaded = load_dataset_dict(given, [topic.id for topic in topics], labelled_only=True, scheme_of=scheme_of)
    parts: dict[str, datasets.Dataset] = dict(loaded)
    if "given" in parts:
        parts |= _held_out(parts["given"], recipe.validation_share)
    if recipe.mix:
        learnt = sum(len(parts[name]) for name in ("train", "given") if name in parts)
        parts["mixed"] = some_rows(parts["mixed"], round(recipe.mix * learnt), recipe.seed)
    if "validation" not in parts and "held" not in parts:
        raise ConfigError(
            f"the recipe {recipe.name!r} has no validation rows; name a validation file in it, or set validation_share"
        )
    return parts


def mixed_file(recipe: Recipe) -> Path:
    """Return the file whose rows are mixed in.

    Raises:
        ConfigError: the recipe learns from all of it anyway.
    """
    path = own_data_folder() / "train.jsonl"
    if path in resolve_files(recipe.train):
        raise ConfigError(f"mix: the recipe {recipe.name!r} learns from all of svodka's own sentences anyway")
    return path


def _held_out(rows: datasets.Dataset, share: float) -> dict[str, datasets.Dataset]:
    """Return the rows without those held out, and these; their texts decide, so that any seed holds out the same."""
    digests = [hashlib.sha256(text.encode("utf-8")).digest() for text in rows["text"]]
    held = set(sorted(range(len(rows)), key=digests.__getitem__)[: round(share * len(rows))])
    if not held:
        return {"given": rows}
    learnt = [i for i in range(len(rows)) if i not in held]
    return {"given": rows.select(learnt), "held": rows.select(sorted(held))}


def some_rows(split: datasets.Dataset, rows: int | None, seed: int) -> datasets.Dataset:
    """Return so many rows of a split, drawn by the seed; a smaller draw with the same seed lies within a larger one."""
    if rows is None or rows >= len(split):
        return split
    order = list(range(len(split)))
    random.Random(seed).shuffle(order)
    return split.select(sorted(order[:rows]))
