"""Whether a model has learnt from a file, by the names and digests that training writes into `model.json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from svodka.model_folder import ModelInfo

__all__ = ["learnt_from", "namesakes"]

Files = Iterable[Mapping[str, Any]]


def learnt_from(info: ModelInfo, files: Files) -> list[str]:
    """Return the names of those files whose very content the model was trained on or tuned on.

    A file that was edited since has another digest and is not recognised, see `namesakes`.

    Args:
        info: of the model; a folder that says nothing of its data has learnt from none.
        files: each with its `name` and `sha256`.
    """
    known = {one.get("sha256") for one in _used(info)}
    return [str(file["name"]) for file in files if file["sha256"] in known]


def namesakes(info: ModelInfo, files: Files) -> list[str]:
    """Return the names of those files that are called like one the model has learnt from, but have other content."""
    digests = {one.get("sha256") for one in _used(info)}
    names = {one.get("name") for one in _used(info)}
    return [str(file["name"]) for file in files if Path(file["name"]).name in names and file["sha256"] not in digests]


def _used(info: ModelInfo) -> list[Mapping[str, Any]]:
    """Return what the model's folder says of the files that it was trained and tuned on."""
    data = info.details.get("data", {})
    return [one for split in ("train", "validation") for one in data.get(split, ())]
