"""One training run for the sake of its figures: fine-tune on some of the rows, measure on labelled rows set apart.

Nothing is exported and no model folder is kept. What stays is a small JSON object with the recipe, the figures and the
decisions on the measured rows, so that two trials can be compared sentence by sentence afterwards.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from svodka.errors import ConfigError
from svodka.evaluation.metrics import evaluate_predictions
from svodka.model_folder import file_digest
from svodka.provenance import git_commit, hardware, now, versions
from svodka.topics import Topic
from svodka.training.loading import load_dataset_dict
from svodka.training.recipe import Recipe, resolve_files
from svodka.training.run_backbone import run_backbone
from svodka.training.run_rows import RunRows, fit_rows, gather_rows
from svodka.training.topic_input import with_titles
from svodka.training.tuning import tune

if TYPE_CHECKING:
    import datasets

__all__ = ["Learning", "prepare_trial", "run_trial", "trial_result"]

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Learning:
    """What a trial learns from, and what it is measured on.

    Attributes:
        recipe: the settings.
        topics: the topics, in the order of the model's outputs.
        gathered: the rows.
        files: the labelled files of the training rows.
        measure: the labelled file that the figures come from.
        tested: its rows.
        started: when that began, by `time.monotonic`, in seconds.
    """

    recipe: Recipe
    topics: Sequence[Topic]
    gathered: RunRows
    files: Sequence[Path]
    measure: Path
    tested: datasets.Dataset
    started: float

    @property
    def ids(self) -> list[str]:
        """Return the ids of the topics."""
        return [topic.id for topic in self.topics]


def prepare_trial(
    recipe: Recipe, topics: Sequence[Topic], measure: Path, *, extra: Sequence[Path] = (), rows: int | None = None
) -> Learning:
    """Read what a trial needs; arguments and errors are those of `run_trial`."""
    started = time.monotonic()
    if recipe.vectors:
        raise ConfigError("vectors: a trial is given no teacher's answers")
    gathered = gather_rows(recipe, topics, None, extra, only=rows)
    tested = load_dataset_dict({"measure": [measure]}, [topic.id for topic in topics], labelled_only=True)["measure"]
    if recipe.topic_input == "titles":  # no run of another kind knows it
        splits = {name: with_titles(split, topics) for name, split in gathered.splits.items()}
        gathered = replace(gathered, splits=type(gathered.splits)(splits))
        tested = with_titles(tested, topics)
    return Learning(recipe, topics, gathered, [*resolve_files(recipe.train), *extra], measure, tested, started)


def run_trial(
    recipe: Recipe,
    topics: Sequence[Topic],
    measure: Path,
    *,
    extra: Sequence[Path] = (),
    rows: int | None = None,
    quiet: bool = True,
) -> dict[str, Any]:
    """Fine-tune as `recipe` says and return what the classifier reaches on the labelled file `measure`.

    Thresholds and calibration come from the recipe's validation rows, never from `measure`.

    Args:
        recipe: the settings; its seed also draws the rows.
        topics: the topics, in the order of the model's outputs.
        measure: labelled file that the figures come from.
        extra: labelled files to learn from besides those of the recipe.
        rows: learn from so many rows only; None takes all.
        quiet: no progress bar.

    Raises:
        ConfigError: the recipe has no rows to learn from, or the backbone cannot be had.
        DataError: a row is wrong, or a file of unlabelled text.
    """
    from svodka.training.export import torch_logits
    from svodka.training.tokenised import tokenise

    learning = prepare_trial(recipe, topics, measure, extra=extra, rows=rows)
    gathered, tested = learning.gathered, learning.tested
    with (
        run_backbone(recipe, gathered, tested["text"][:]) as backbone,
        tempfile.TemporaryDirectory(prefix="svodka-trial-") as scratch,
    ):
        tokenizer, fitted = fit_rows(recipe, gathered, backbone, Path(scratch) / "checkpoints", quiet=quiet)
    logits = torch_logits(fitted.model, tokenise(tested, tokenizer, recipe.max_tokens).ids)
    return trial_result(learning, fitted.validation_logits, logits)


def trial_result(learning: Learning, held_out: FloatArray, logits: FloatArray) -> dict[str, Any]:
    """Return the JSON object of a trial.

    Args:
        learning: what it learned from.
        held_out: logits `(n, n_topics)` of the validation rows, by which it is tuned.
        logits: of the measured rows.
    """
    gathered, tested = learning.gathered, learning.tested
    tuned = tune(held_out, gathered.labels, learning.ids, gathered.earlier_thresholds(learning.topics))
    gold = np.asarray(tested["labels"])
    return {
        "recipe": learning.recipe.to_dict(),
        "train_rows": len(gathered.splits["train"]),
        "train_files": [{"name": path.name, "sha256": file_digest(path)} for path in learning.files],
        "measured_on": {"name": learning.measure.name, "sha256": file_digest(learning.measure), "rows": len(tested)},
        **_figures(gold, tuned.calibration.apply(logits), tuned.thresholds, learning.ids),
        "minutes": round((time.monotonic() - learning.started) / 60, 1),
        "date": now(),
        "git_commit": git_commit(),
        "versions": versions(),
        "hardware": hardware(),
    }


def _figures(
    gold: npt.NDArray[np.floating],
    probabilities: npt.NDArray[np.floating],
    thresholds: Mapping[str, float],
    ids: list[str],
) -> dict[str, Any]:
    result = evaluate_predictions(gold, probabilities, thresholds, ids)
    decisions = probabilities >= np.array([thresholds[topic] for topic in ids])
    return {
        "macro_f1": [_rounded(value) for value in (result.macro_f1.value, result.macro_f1.low, result.macro_f1.high)],
        "micro_f1": [_rounded(value) for value in (result.micro_f1.value, result.micro_f1.low, result.micro_f1.high)],
        "mean_average_precision": _rounded(result.mean_average_precision.value),
        "calibration_error": _rounded(result.calibration_error),
        "topics": {one.topic: _rounded(one.f1) for one in result.topics},
        "average_precision": {one.topic: _rounded(one.average_precision) for one in result.topics},
        "thresholds": dict(thresholds),
        # One text of 0 and 1 a row, in the order of the topics: enough to compare two trials by a paired bootstrap.
        "decisions": ["".join(str(int(cell)) for cell in row) for row in decisions],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
