"""Whether a model has learnt from a file, by the digests that training writes into `model.json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from svodka.model_folder import ModelInfo

__all__ = ["learnt_from"]


def learnt_from(info: ModelInfo, files: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of those files whose very content the model was trained on or tuned on.

    A file that was edited since has another digest and is not recognised.

    Args:
        info: of the model; a folder that says nothing of its data has learnt from none.
        files: each with its `name` and `sha256`.
    """
    data = info.details.get("data", {})
    known = {one.get("sha256") for split in ("train", "validation") for one in data.get(split, ())}
    return [str(file["name"]) for file in files if file["sha256"] in known]
