"""Whether a model has learnt from a file, by the names and digests that training writes into `model.json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from svodka.model_folder import CASCADE_KEY, ModelInfo

__all__ = ["files_used", "learnt_from", "namesakes"]

Files = Iterable[Mapping[str, Any]]


def learnt_from(info: ModelInfo, files: Files) -> list[str]:
    """Return the names of those files whose very content the model was trained on or tuned on.

    A file that was edited since has another digest and is not recognised, see `namesakes`.

    Args:
        info: of the model; a folder that says nothing of its data has learnt from none.
        files: each with its `name` and `sha256`.
    """
    known = {one.get("sha256") for _, one in files_used(info.details)}
    return [str(file["name"]) for file in files if file["sha256"] in known]


def namesakes(info: ModelInfo, files: Files) -> list[str]:
    """Return the names of those files that are called like one the model has learnt from, but have other content."""
    used = [one for _, one in files_used(info.details)]
    digests, names = ({one.get(key) for one in used} for key in ("sha256", "name"))
    return [str(file["name"]) for file in files if Path(file["name"]).name in names and file["sha256"] not in digests]


def files_used(details: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return `train` or `validation` and the file, for each that `model.json` names: the run's own, then earlier ones.

    A model that went on from another one has learnt from that one's files too. Those of a quick model in the folder
    come last: it answers, too.
    """
    quick = details.get(CASCADE_KEY, {}).get("quick", {})
    found = [*_files_of(details.get("data", {})), *_files_of(quick.get("data", {}))]
    return list({(split, one.get("sha256"), one.get("name")): (split, one) for split, one in found}.values())


def _files_of(data: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return split and file of what one run has read, its own files first."""
    earlier = data.get("earlier", {})
    sources = [("train", data, "train"), ("train", data, "mixed"), ("validation", data, "validation")]
    sources += [(split, earlier, split) for split in ("train", "validation")]
    return [(split, one) for split, files, key in sources for one in files.get(key, ())]
