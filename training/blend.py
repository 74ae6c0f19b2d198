"""Averages the weights of models that went on from one another, tunes the average anew and writes its model folder.

    python -m svodka.training.blend runs/student runs/finish-1 runs/finish-2 --shares 0.2 0.3 0.5 \
        --config finish --data real.jsonl --data runs/news.jsonl --out runs/shipped

Weights of one line of training can be averaged, and the average is often better than each of them: Wortsman et al.
2022, "Model soups", arXiv:2203.05482. Models that began apart cannot, though they have the same shape. Recipe and data
are those of the last run: what it held out chooses thresholds and calibration.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svodka.cli.main import guarded
from svodka.cli.outfile import check_new_folder
from svodka.errors import ConfigError
from svodka.model_folder import CASCADE_KEY, TOKENIZER_FILE, ModelInfo, read_model_info, verify_files
from svodka.provenance import git_commit, now, versions
from svodka.training.recipe import Recipe
from svodka.training.run import refuse_trial
from svodka.training.run_options import add_run_options, named_run
from svodka.training.run_rows import gather_rows
from svodka.training.tuning import tune

if TYPE_CHECKING:
    from torch import Tensor

    from svodka.training.classifier import SentenceClassifier

__all__ = ["blend", "main"]

OWN = ("topics", "thresholds", "run", "resumed", CASCADE_KEY)  # what the average has of its own, or has not at all


def blend(
    models: Sequence[Path],
    shares: Sequence[float],
    recipe: Recipe,
    data: Sequence[Path],
    out: Path,
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Write the model folder `out` with the average weights of model folders; return its figures on the held-out rows.

    Args:
        models: two or more folders with the same topics, vocabulary and shape; `model.json` of `out` tells what that of
            the last one does, and of the average. Exits are left out.
        shares: of each in the average, above 0; together 1.
        recipe: of the last model's run.
        data: labelled files given to that run.
        out: the folder to write; must not exist.
        say: takes a line about what is being done.

    Raises:
        ConfigError: the models or their shares do not go together, the last one was tuned on other rows, the recipe is
            for trials only, or `out` exists.
        DataError: a row is wrong.
        ExportError: the int8 file does not decide as the weights do.
        ModelFilesError: one of `models` is no whole model folder.
    """
    from transformers import AutoTokenizer

    from svodka.training.export import torch_logits
    from svodka.training.quiet import quiet_libraries
    from svodka.training.save import save_model
    from svodka.training.token_ids import TokenIds

    check_new_folder(out)
    refuse_trial(recipe)
    infos = _checked(models, shares)
    last = infos[-1]
    plain = replace(recipe, augment=(), start=None, exits=0.0, vectors=0.0)
    rows = gather_rows(plain, last.topics, None, data, say=say)
    if (tuned_on := last.details["data"]["rows"]["validation"]) != len(rows.labels):
        raise ConfigError(
            f"{models[-1]} was tuned on {tuned_on} rows, but recipe and files hold out {len(rows.labels)}: give those "
            "of its run, or the average is tuned on rows that it has learned from"
        )
    with quiet_libraries():
        tokenizer = AutoTokenizer.from_pretrained(models[-1], trust_remote_code=False)
        average = _average(models, shares)
        ids = TokenIds(tokenizer, last.max_tokens)(rows.splits["validation"]["text"])
        tuned = tune(torch_logits(average, ids), rows.labels, [topic.id for topic in last.topics])
    blended = [
        {"name": model.name, "digest": info.digest, "share": share}
        for model, info, share in zip(models, infos, shares, strict=True)
    ]
    details = _details(last.details, tuned.metrics, blended)
    how = (tuned.calibration, tuned.thresholds)
    say("exporting to ONNX int8 and comparing decisions")
    save_model(out, average, tokenizer, last.topics, *how, details, rows.samples(plain))
    return dict(tuned.metrics)


def _details(
    last: Mapping[str, Any], metrics: Mapping[str, Any], blended: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what `model.json` tells: what that of the last model does, and of the average."""
    kept = {name: value for name, value in last.items() if name not in OWN}
    kept["recipe"] = dict(kept["recipe"]) | {"exits": 0.0}
    about = {"metrics": metrics, "blended": blended, "git_commit": git_commit()}
    return kept | about | {"made": now(), "versions": versions()}


def _checked(models: Sequence[Path], shares: Sequence[float]) -> list[ModelInfo]:
    """Return what the folders tell of themselves.

    Raises:
        ConfigError: they do not go together.
        ModelFilesError: one is no whole model folder.
    """
    if len(models) < 2 or len(models) != len(shares):
        raise ConfigError(f"two or more models and a share for each are needed, got {len(models)} and {len(shares)}")
    if not all(share > 0 for share in shares) or not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
        raise ConfigError(f"shares must be above 0 and 1 together, got {' + '.join(map(str, shares))}")
    for model in models:
        verify_files(model)
    infos = [read_model_info(model) for model in models]
    vocabularies = [(model / TOKENIZER_FILE).read_bytes() for model in models]
    for model, info, vocabulary in zip(models, infos, vocabularies, strict=True):
        if [topic.id for topic in info.topics] != [topic.id for topic in infos[-1].topics]:
            raise ConfigError(f"{model} has other topics, or another order of them, than {models[-1]}")
        if vocabulary != vocabularies[-1]:
            raise ConfigError(f"{model} has another vocabulary than {models[-1]}; only models of one line go together")
    return infos


def _average(models: Sequence[Path], shares: Sequence[float]) -> SentenceClassifier:
    """Return a classifier with the average weights of the models.

    Raises:
        ConfigError: they have different shapes, or their heads read different vectors.
    """
    from svodka.training.averaging import mean_of_weights
    from svodka.training.classifier import from_stock

    average = from_stock(str(models[-1])).eval()
    shapes = {name: weight.shape for name, weight in average.state_dict().items()}

    def others() -> Iterator[tuple[Mapping[str, Tensor], float]]:
        for model, share in zip(models[:-1], shares[:-1], strict=True):
            classifier = from_stock(str(model))
            other = classifier.state_dict()
            if classifier.pooling != average.pooling:
                raise ConfigError(f"{model} has another pooling than {models[-1]}; only models of one line go together")
            if {name: weight.shape for name, weight in other.items()} != shapes:
                raise ConfigError(f"{model} has another shape than {models[-1]}; only models of one line go together")
            yield other, share

    weights = mean_of_weights(chain([(average.state_dict(), shares[-1])], others()))
    average.load_state_dict(average.state_dict() | weights)
    return average


def main(argv: Sequence[str] | None = None) -> int:
    """Write the folder and say how good it is; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.blend", description=__doc__.split("\n", 1)[0])
    add = parser.add_argument
    add("models", nargs="+", type=Path, metavar="MODEL", help="model folders, each trained from the one before")
    add("--shares", nargs="+", type=float, required=True, metavar="SHARE", help="of each in the average; together 1")
    add_run_options(parser)
    add("--out", required=True, type=Path, metavar="DIR", help="the folder to write")
    args = parser.parse_args(argv)
    metrics = blend(args.models, args.shares, *named_run(args), args.out, lambda line: print(line, file=sys.stderr))  # noqa: T201
    sys.stdout.write(
        f"{args.out}: macro-F1 {metrics['macro_f1']:.3f}, micro-F1 {metrics['micro_f1']:.3f} on the {metrics['rows']} "
        "validation rows that tuned it\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
