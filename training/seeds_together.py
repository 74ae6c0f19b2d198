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
import tempfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import datasets
import numpy as np
import numpy.typing as npt
import torch

from svodka.cli.main import guarded
from svodka.errors import ConfigError
from svodka.topics import load_topics
from svodka.training.export import torch_logits
from svodka.training.loading import expand_files
from svodka.training.run_backbone import run_backbone
from svodka.training.run_rows import RunRows, fit_rows
from svodka.training.screen import read_plan, run_file, write_result
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
    """Logits `(n, n_topics)` of each kind of sentences; none of the last two where they were not asked for."""

    held_out: FloatArray
    tested: FloatArray
    train: FloatArray
    unlabelled: FloatArray


def run_together(learning: Learning, unlabelled: Sequence[str], quiet: bool = True) -> Iterator[tuple[str, Result]]:
    """Yield the name and the JSON object of each result, as `svodka.training.trial` makes them.

    Args:
        learning: what a trial with the first seed learns from.
        unlabelled: sentences.
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
        seen = [_seen(learning, model, ids, unlabelled) for model in models]
        mean = Seen(*(np.mean([getattr(one, part) for one in seen], axis=0) for part in Seen.__slots__))
        yield ANSWERS, trial_result(learning, mean.held_out, mean.tested)
        average = _seen(learning, mean_weights(models), ids, ())
        yield WEIGHTS, trial_result(learning, average.held_out, average.tested)
        taught = _taught(learning, mean, unlabelled)
        _tokenizer, student = _fitted(learning, taught, backbone, first + SEEDS, quiet=quiet)
        tested = torch_logits(student.model, ids(learning.tested["text"][:]))
        yield STUDENT, trial_result(replace(learning, gathered=taught), student.validation_logits, tested)


def mean_weights(models: Sequence[SentenceClassifier]) -> SentenceClassifier:
    """Return a classifier with the mean of the weights of classifiers of one shape; they stay as they are."""
    average = deepcopy(models[0])
    states = [model.state_dict() for model in models]
    means = {
        name: torch.stack([state[name] for state in states]).mean(dim=0)
        for name, value in states[0].items()
        if value.is_floating_point()
    }
    average.load_state_dict(states[0] | means)
    return average


def _fitted(
    learning: Learning, rows: RunRows, backbone: str, seed: int, *, quiet: bool
) -> tuple[PreTrainedTokenizerBase, Fitted]:
    """Fine-tune with another seed on given rows."""
    with tempfile.TemporaryDirectory(prefix="svodka-trial-") as scratch:
        recipe = replace(learning.recipe, seed=seed)
        return fit_rows(recipe, rows, backbone, Path(scratch) / "checkpoints", quiet=quiet)


def _seen(learning: Learning, model: SentenceClassifier, ids: TokenIds, unlabelled: Sequence[str]) -> Seen:
    splits = learning.gathered.splits
    kinds = [splits["validation"]["text"][:], learning.tested["text"][:]]
    kinds += [splits["train"]["text"][:], unlabelled] if unlabelled else [[], []]
    return Seen(*(torch_logits(model, ids(texts)) if len(texts) else np.zeros((0, 0), np.float32) for texts in kinds))


def _taught(learning: Learning, mean: Seen, unlabelled: Sequence[str]) -> RunRows:
    """Return the training rows with what the models together hold of them, and of the unlabelled sentences."""
    gathered = learning.gathered
    tuned = tune(mean.held_out, gathered.labels, learning.ids, None)
    texts = [*gathered.splits["train"]["text"], *unlabelled]
    answers = tuned.calibration.apply(np.concatenate([mean.train, mean.unlabelled])).astype(np.float32)
    splits = datasets.DatasetDict(dict(gathered.splits))
    splits["train"] = soften(gathered.splits, dict(zip(texts, answers, strict=True)))
    return replace(gathered, splits=splits)


def unlabelled_sentences(learning: Learning, files: Sequence[Path], n: int) -> list[str]:
    """Return at most `n` sentences of unlabelled files, none of which is a validation row or is measured on.

    Raises:
        DataError: a file is unusable.
    """
    splits = learning.gathered.splits
    found = read_sentences(files, [*splits["train"]["text"], *splits["validation"]["text"], *learning.tested["text"]])
    return choose_sentences(found, likely_topical(splits["train"])(found), n, learning.recipe.seed)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the results that the plan asks for and that are not there yet; return 0.

    Raises:
        ConfigError: the plan asks for none of them.
    """
    parser = argparse.ArgumentParser(prog="svodka.training.seeds_together", description=__doc__)
    parser.add_argument("plan", type=Path, help="YAML file as for svodka.training.screen; the results go beside it")
    parser.add_argument("--data", action="append", default=[], type=Path, help="further labelled file to learn from")
    parser.add_argument("--measure", type=Path, required=True, help="labelled file that the figures come from")
    parser.add_argument("--unlabelled", nargs="+", type=Path, required=True, help="files of sentences or articles")
    parser.add_argument("--sentences", type=int, default=SENTENCES, help=f"of these at most (default {SENTENCES})")
    parser.add_argument("--topics", type=Path, help="topics in YAML instead of svodka's own")
    args = parser.parse_args(argv)
    plan = read_plan(args.plan)
    wanted = {run.name: run for run in plan.runs if run.name in (WEIGHTS, ANSWERS, STUDENT)}
    if not wanted:
        raise ConfigError(f"{args.plan}: none of its runs is called {WEIGHTS}, {ANSWERS} or {STUDENT}")
    first = plan.runs[0]
    recipe = replace(first.recipe, seed=first.seeds[0])
    learning = prepare_trial(
        recipe, load_topics(args.topics), args.measure, extra=expand_files(args.data), rows=first.rows
    )
    for name, result in run_together(learning, unlabelled_sentences(learning, args.unlabelled, args.sentences)):
        if name in wanted:
            write_result(run_file(args.plan.parent, plan, wanted[name], recipe.seed), wanted[name], result)
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
