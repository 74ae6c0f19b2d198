"""What several runs that differ in nothing but their seed bring together: levers that no single run can try.

Run it as `python -m svodka.training.seeds_together PLAN --measure FILE --data FILE --unlabelled FILE`. The plan's
first run is made once for each of three seeds, on the same rows. Three results go beside the plan, for the runs of
these names in it:

- `seeds-weights`: one model with the mean of their weights (M. Wortsman et al. 2022, arXiv:2203.05482).
- `seeds-answers`: all three models, whose logits are averaged.
- `seeds-student`: one model more, that learns from the labels and from what the three hold of these sentences and of
  unlabelled ones (G. Hinton et al. 2015, arXiv:1503.02531): self-training, with an ensemble as the teacher.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import datasets
import numpy as np
import numpy.typing as npt

from svodka.cli.main import guarded
from svodka.errors import ConfigError
from svodka.topics import load_topics
from svodka.training.averaging import mean_of_weights
from svodka.training.export import torch_logits
from svodka.training.loading import expand_files
from svodka.training.recipe import Recipe
from svodka.training.run_backbone import run_backbone
from svodka.training.run_rows import RunRows, fit_rows
from svodka.training.screen import Plan, Run, read_plan, run_file, write_result
from svodka.training.soft import soften
from svodka.training.token_ids import TokenIds
from svodka.training.trial import Learning, prepare_trial, trial_result
from svodka.training.tuning import tune
from svodka.training.unlabelled import choose_sentences, likely_topical, read_sentences

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from svodka.training.classifier import SentenceClassifier
    from svodka.training.fit import Fitted

__all__ = ["main", "mean_weights", "run_together", "unlabelled_sentences"]

Result = dict[str, Any]
FloatArray = npt.NDArray[np.float32]
WEIGHTS, ANSWERS, STUDENT = "seeds-weights", "seeds-answers", "seeds-student"
SEEDS = 3
SENTENCES = 6000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a model makes of the validation rows and of the measured rows: logits `(n, n_topics)` of each."""

    held_out: FloatArray
    tested: FloatArray


def run_together(
    learning: Learning, wanted: Collection[str], unlabelled: Sequence[str], quiet: bool = True
) -> Iterator[tuple[str, Result]]:
    """Yield the name and the JSON object of each result, as `svodka.training.trial` makes them.

    Their minutes count from the beginning: each result holds those of the three models, too.

    Args:
        learning: what a trial with the first seed learns from.
        wanted: names of the results.
        unlabelled: sentences for the student, besides those of the rows.
        quiet: no progress bars.

    Raises:
        ConfigError: the backbone cannot be had.
    """
    with run_backbone(learning.recipe, learning.gathered, learning.tested["text"][:]) as backbone:
        first = learning.recipe.seed
        models = []
        for seed in range(first, first + SEEDS):
            tokenizer, fitted = _fitted(learning, learning.gathered, backbone, seed, quiet=quiet)
            models.append(fitted.model)
        ids = TokenIds(tokenizer, learning.recipe.max_tokens)
        seen = [_seen(learning, model, ids) for model in models]
        mean = Seen(*(np.mean([getattr(one, part) for one in seen], axis=0) for part in Seen.__slots__))
        if ANSWERS in wanted:
            yield ANSWERS, trial_result(learning, mean.held_out, mean.tested)
        if WEIGHTS in wanted:
            average = _seen(learning, mean_weights(models), ids)
            yield WEIGHTS, trial_result(learning, average.held_out, average.tested)
        if STUDENT in wanted:
            texts = [*learning.gathered.splits["train"]["text"], *unlabelled]
            answers = np.mean([torch_logits(model, ids(texts)) for model in models], axis=0)
            student = _student(learning, _taught(learning, mean.held_out, texts, answers), backbone, ids, quiet=quiet)
            yield STUDENT, student


def mean_weights(models: Sequence[SentenceClassifier]) -> SentenceClassifier:
    """Return a classifier with the mean of the weights of classifiers of one shape; they stay as they are."""
    average = deepcopy(models[0])
    share = 1 / len(models)
    average.load_state_dict(average.state_dict() | mean_of_weights((one.state_dict(), share) for one in models))
    return average


def _fitted(
    learning: Learning, rows: RunRows, backbone: str, seed: int, *, quiet: bool
) -> tuple[PreTrainedTokenizerBase, Fitted]:
    """Fine-tune with another seed on given rows."""
    with tempfile.TemporaryDirectory(prefix="svodka-trial-") as scratch:
        recipe = replace(learning.recipe, seed=seed)
        return fit_rows(recipe, rows, backbone, Path(scratch) / "checkpoints", quiet=quiet)


def _seen(learning: Learning, model: SentenceClassifier, ids: TokenIds) -> Seen:
    texts = learning.gathered.splits["validation"]["text"][:], learning.tested["text"][:]
    return Seen(*(torch_logits(model, ids(some)) for some in texts))


def _taught(learning: Learning, held_out: FloatArray, texts: Sequence[str], logits: FloatArray) -> RunRows:
    """Return the training rows, mixed with what the models together hold of them, and the other `texts`."""
    gathered = learning.gathered
    tuned = tune(held_out, gathered.labels, learning.ids, None)
    answers = tuned.calibration.apply(logits).astype(np.float32)
    splits = datasets.DatasetDict(dict(gathered.splits))
    splits["train"] = soften(gathered.splits, dict(zip(texts, answers, strict=True)))
    return replace(gathered, splits=splits)


def _student(learning: Learning, rows: RunRows, backbone: str, ids: TokenIds, *, quiet: bool) -> Result:
    """Fine-tune with a seed of its own on what its teachers hold."""
    own = replace(learning, gathered=rows, recipe=replace(learning.recipe, seed=learning.recipe.seed + SEEDS))
    _tokenizer, fitted = _fitted(own, rows, backbone, own.recipe.seed, quiet=quiet)
    result = trial_result(own, fitted.validation_logits, torch_logits(fitted.model, ids(own.tested["text"][:])))
    # In the table its seed is that of the run that it is compared with.
    return result | {"recipe": learning.recipe.to_dict(), "student_seed": own.recipe.seed}


def unlabelled_sentences(learning: Learning, files: Sequence[Path], n: int) -> list[str]:
    """Return at most `n` sentences of unlabelled files, none of which is a validation row or is measured on.

    Raises:
        DataError: a file is unusable.
    """
    splits = learning.gathered.splits
    found = read_sentences(files, [*splits["train"]["text"], *splits["validation"]["text"], *learning.tested["text"]])
    return choose_sentences(found, likely_topical(splits["train"])(found), n, learning.recipe.seed)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the results that the plan asks for and that are not there yet; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.seeds_together", description=__doc__)
    parser.add_argument("plan", type=Path, help="YAML file as for svodka.training.screen; the results go beside it")
    parser.add_argument("--data", action="append", default=[], type=Path, help="further labelled file to learn from")
    parser.add_argument("--measure", type=Path, required=True, help="labelled file that the figures come from")
    parser.add_argument("--unlabelled", nargs="+", type=Path, required=True, help="files of sentences or articles")
    parser.add_argument("--sentences", type=int, default=SENTENCES, help=f"of these at most (default {SENTENCES})")
    parser.add_argument("--topics", type=Path, help="topics in YAML instead of svodka's own")
    args = parser.parse_args(argv)
    plan = read_plan(args.plan)
    first = plan.runs[0]
    recipe = replace(first.recipe, seed=first.seeds[0])
    wanted = _wanted(plan, args.plan.parent, recipe)
    if not wanted:
        sys.stderr.write("all of them are there already\n")
        return 0
    learning = prepare_trial(
        recipe, load_topics(args.topics), args.measure, extra=expand_files(args.data), rows=first.rows
    )
    texts = unlabelled_sentences(learning, args.unlabelled, args.sentences) if STUDENT in wanted else []
    for name, result in run_together(learning, wanted, texts):
        write_result(run_file(args.plan.parent, plan, wanted[name], recipe.seed), wanted[name], result)
    return 0


def _wanted(plan: Plan, folder: Path, recipe: Recipe) -> dict[str, Run]:
    """Return the runs of the plan that are made here and not there yet, by their names.

    Raises:
        ConfigError: there are none in the plan, one has settings of its own, which nothing would heed, or titles are
            read behind the rows, which unlabelled sentences lack.
    """
    if recipe.topic_input != "none":
        raise ConfigError(f"{plan.name}: the runs of this command know no topic_input, got {recipe.topic_input!r}")
    ours = [run for run in plan.runs if run.name in (WEIGHTS, ANSWERS, STUDENT)]
    if not ours:
        raise ConfigError(f"{plan.name}: none of its runs is called {WEIGHTS}, {ANSWERS} or {STUDENT}")
    for run in ours:
        if replace(run.recipe, seed=recipe.seed) != recipe:
            raise ConfigError(f"{plan.name}: {run.name} takes the settings of the first run; it cannot have its own")
    return {run.name: run for run in ours if not run_file(folder, plan, run, recipe.seed).exists()}


if __name__ == "__main__":
    raise SystemExit(guarded(main))
