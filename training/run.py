"""One training run from a recipe to a model folder."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svodka.errors import ConfigError
from svodka.model_folder import INFO_FILE, json_digest
from svodka.provenance import git_commit
from svodka.topics import Topic
from svodka.training import processes
from svodka.training.before_after import Figures, figures_table
from svodka.training.checkpoints import checkpoint_folder, last_whole, run_fingerprint
from svodka.training.continuation import measure, note
from svodka.training.recipe import Recipe
from svodka.training.run_backbone import run_backbone
from svodka.training.run_details import run_details
from svodka.training.run_rows import fit_rows, gather_rows
from svodka.training.tuning import tune

if TYPE_CHECKING:
    from svodka.training.export import Parity

__all__ = ["Outcome", "refuse_trial", "train"]


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
        ConfigError: the recipe has no rows to learn from or to validate on, or is for trials only; or the backbone
            cannot be had.
        DataError: a row is wrong.
        ExportError: the int8 file does not decide as the weights do.
        OSError: the folder cannot be written.
    """
    from svodka.training.save import save_model

    started, commit, ids = time.monotonic(), git_commit(), [topic.id for topic in topics]
    _refuse(recipe, out)
    rows = gather_rows(recipe, topics, out, extra, soft, say)
    checkpoints = checkpoint_folder(out)
    with run_backbone(recipe, rows) as backbone:
        run = json_digest(run_fingerprint(recipe, rows.splits, backbone, rows.head, processes.count()))
        if resume and (done := _finished(out, run, recipe, ids, checkpoints)):
            say(f"{out} is the finished model of this very run; nothing was left to do")
            return done
        resumed = resume and last_whole(checkpoints) is not None
        tokenizer, fitted = fit_rows(recipe, rows, backbone, checkpoints, resume=resume, quiet=quiet)
    say(fitted.told())
    tuned = tune(fitted.validation_logits, rows.labels, ids, rows.earlier_thresholds(topics))
    outcome = _outcome(out, tuned.metrics, minutes=(time.monotonic() - started) / 60)
    if not processes.is_first():
        return outcome
    this_run = {"metrics": tuned.metrics, "minutes": round(outcome.minutes, 1), "git_commit": commit, "run": run}
    this_run |= {"resumed": True} if resumed else {}  # `minutes` are those since then
    details = run_details(recipe, rows, ids, extra, soft) | fitted.details() | this_run
    if rows.start:
        given = (rows.start, fitted.model, tuned.decide, tokenizer, topics, rows.parts.get("held"))
        details["start"] = note(rows.start, topics, _told(measure(*given, recipe.max_tokens), say))
    say(f"exporting to ONNX int8{', with exits for easy sentences,' if recipe.exits else ''} and comparing decisions")
    how = (tuned.calibration, tuned.thresholds)
    exported = save_model(out, fitted.model, tokenizer, topics, *how, details, rows.samples(recipe))
    _tell_refused(exported.refused, say)
    shutil.rmtree(checkpoints)
    return replace(outcome, agreement=exported.parity.agreement)


def _told(figures: list[Figures], say: Callable[[str], None]) -> list[Figures]:
    """Tell what going on with a model has gained and lost, and return it."""
    if figures:
        say(f"before and after, with each model's own thresholds:\n{figures_table(figures)}")
    return figures


def _tell_refused(parity: Parity | None, say: Callable[[str], None]) -> None:
    """Tell that the exits stayed out, if they did, and how the file with them compared."""
    if parity:
        say(f"without exits: with them {parity.agreement:.2%} of the decisions would be those of the weights")


def _outcome(out: Path, metrics: Mapping[str, Any], *, minutes: float, agreement: float = math.nan) -> Outcome:
    return Outcome(out, metrics["macro_f1"], metrics["micro_f1"], metrics["rows"], agreement, minutes)


def _refuse(recipe: Recipe, out: Path) -> None:
    """Refuse what would be found out after hours of training only."""
    _refuse_foreign_folder(out)
    refuse_trial(recipe)


def _refuse_foreign_folder(out: Path) -> None:
    """Refuse to replace a folder that is not a model of ours, before hours of training are spent."""
    if out.exists() and not (out / "MANIFEST.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} exists and is no model folder of svodka; give another --out, or remove it")


def refuse_trial(recipe: Recipe) -> None:
    """Refuse what no model folder can hold, and what could not be resumed.

    Raises:
        ConfigError: the recipe has such a setting.
    """
    if recipe.pretraining != "none":
        raise ConfigError(f"pretraining: {recipe.pretraining!r} is for trials only, which are never resumed")
    if recipe.topic_input != "none":
        raise ConfigError(f"topic_input: {recipe.topic_input!r} is for trials only; a model is asked sentences alone")


def _finished(out: Path, run: str, recipe: Recipe, ids: Sequence[str], checkpoints: Path) -> Outcome | None:
    """Return the outcome of the run with this digest if its model stands in `out` already; None if it does not.

    Checkpoints that a kill after the export left are removed.

    Raises:
        ConfigError: it is the model of this run, but was exported with another setting of `exits`.
    """
    try:
        details = json.loads((out / INFO_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if details.get("run") != run or [one["id"] for one in details["topics"]] != list(ids):
        return None
    if (exits := details["recipe"].get("exits", 0.0)) != recipe.exits:
        raise ConfigError(
            f"{out} is the finished model of this run, but with exits: {exits}; it need not be trained anew: "
            f"`python -m svodka.training.reexport {out} --exits {recipe.exits} --texts FILE --out DIR`"
        )
    if processes.is_first():
        shutil.rmtree(checkpoints, ignore_errors=True)
    agreement = details["export_parity"]["agreement"]
    return _outcome(out, details["metrics"], minutes=details["minutes"], agreement=agreement)
