"""Puts a quick model into a model folder, to read every sentence first: what it may have wrong goes on to the other.

    python -m svodka.training.make_cascade runs/quick --model shipped --share 0.1 --texts pool.jsonl.gz
        --config small --data real.jsonl --data news.jsonl --out runs/pair

`--share` says how many of the texts go on: the more, the nearer to the folder's own model in answers and in speed. How
likely the quick model errs is seen on the validation rows of the recipe that it was trained by, which `--config`,
`--data` and `--set` name as they did then; with other files other rows would be held out, so they are refused. See
`svodka.cascade` and `svodka.training.doubt`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from svodka.cascade import Doubt, cut_logits
from svodka.cli.main import guarded
from svodka.cli.outfile import check_new_folder
from svodka.engine import Engine
from svodka.errors import ConfigError
from svodka.files import atomic_folder
from svodka.model_folder import (
    CASCADE_KEY,
    MODEL_FILE,
    QUICK,
    QUICK_FILES,
    TOKENIZER_FILE,
    file_digest,
    manifest_files,
    read_model_info,
    verify_files,
)
from svodka.source import choose_model
from svodka.training.described import write_description
from svodka.training.doubt import fit_doubt
from svodka.training.texts import read_texts

__all__ = ["Made", "main", "make_cascade"]

FloatArray = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
SCORE_DIGITS = 4  # of a piece's score in the tokenizer's file
# What `model.json` tells of how the quick model came about.
TOLD = ("recipe", "backbone", "data", "soft_labels", "made", "versions", "hardware", "minutes", "metrics", "git_commit")


@dataclass(frozen=True, slots=True)
class Made:
    """What the two models make of the ordinary sentences together.

    Attributes:
        going_on: share of the sentences that the folder's own model reads.
        agreement: share of all decisions that are those of the folder's own model.
    """

    going_on: float
    agreement: float


def make_cascade(
    quick: Path, model: Path, ordinary: Sequence[str], unseen: Sequence[str], share: float, out: Path
) -> Made:
    """Write `out`: the folder `model`, with `quick` to read before it.

    Args:
        quick: a model folder with the topics of `model`, left as it is.
        model: a model folder, left as it is; a quick model that it has already is replaced.
        ordinary: sentences such as will be tagged.
        unseen: sentences that the quick model has not learned from, and better the other neither.
        share: of the ordinary sentences that go on, above 0 to below 1.
        out: the folder to write; must not exist.

    Raises:
        ConfigError: `out` exists, there are no sentences, `share` is out of range, or the topics are others.
        ModelFilesError: `quick` or `model` is no whole model folder.
    """
    check_new_folder(out)
    if not 0 < share < 1:
        raise ConfigError(f"share must be above 0 and below 1, got {share}")
    if not ordinary or not unseen:
        raise ConfigError(
            f"one ordinary and one unseen sentence or more are needed to tell what goes on; got {len(ordinary)} and "
            f"{len(unseen)}"
        )
    for folder in (quick, model):
        verify_files(folder)
    first, last = read_model_info(quick), read_model_info(model)
    if list(first.thresholds) != list(last.thresholds):
        raise ConfigError(
            f"{quick} has the topics {', '.join(first.thresholds)}; expected those of {model}, "
            f"{', '.join(last.thresholds)}"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_folder(out) as temporary:
        for name in manifest_files(model):
            shutil.copyfile(model / name, temporary / name)
        shutil.copyfile(quick / MODEL_FILE, temporary / QUICK_FILES[0])
        _write_tokenizer(model / TOKENIZER_FILE, temporary / TOKENIZER_FILE)
        _write_tokenizer(quick / TOKENIZER_FILE, temporary / QUICK_FILES[1], SCORE_DIGITS)
        engines = (Engine(temporary, first.max_tokens, part=QUICK), Engine(model, last.max_tokens, device="cpu"))
        cuts = cut_logits(first.thresholds), cut_logits(last.thresholds)
        answers = _answers(engines, ordinary, len(last.topics))
        doubt = fit_doubt(_answers(engines, unseen, len(last.topics)), answers, cuts, share)
        made = _made(answers, cuts, doubt)
        told = {
            "max_tokens": first.max_tokens,
            "share": share,
            "texts": len(ordinary),
            "unseen": len(unseen),
            "digest": first.digest,
            "doubt": doubt.to_dict(list(last.thresholds)),
            "quick": {key: first.details[key] for key in TOLD if key in first.details},
            "agreement": round(made.agreement, 5),
        }
        write_description(temporary, dict(last.details) | {CASCADE_KEY: told})
    return made


def _answers(engines: Sequence[Engine], texts: Sequence[str], n_topics: int) -> tuple[FloatArray, FloatArray]:
    quick, last = (engine.logits(engine.encode(texts), n_topics) for engine in engines)
    return quick, last


def _write_tokenizer(source: Path, target: Path, digits: int | None = None) -> None:
    """Write a small tokenizer file: without white space, and with so many digits of its pieces' scores."""
    content = json.loads(source.read_text(encoding="utf-8"))
    if digits is not None and content["model"]["type"] == "Unigram":
        content["model"]["vocab"] = [[piece, round(score, digits)] for piece, score in content["model"]["vocab"]]
    target.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _made(answers: tuple[FloatArray, FloatArray], cuts: tuple[Numbers, Numbers], doubt: Doubt) -> Made:
    """Compare what both models decide together with what the last one decides alone, by the logits of both."""
    quick, alone = (logits >= cut for logits, cut in zip(answers, cuts, strict=True))
    going_on = doubt.stake(answers[0]) >= doubt.bar
    agreement = (np.where(going_on[:, None], alone, quick) == alone).mean()
    return Made(float(going_on.mean()), float(agreement))


def _refuse_other_rows(quick: Path, details: Mapping[str, Any], files: Mapping[str, Sequence[Path]], held: int) -> None:
    """Refuse files that the quick model was not trained with, and another number of held-out rows than it had.

    What models learned that it went on from is not looked at.
    """
    known = {(split, note["sha256"]): note["name"] for split in files for note in details["data"][split]}
    given = {(split, file_digest(path)): path for split, paths in files.items() for path in paths}
    advice = "name the recipe and all files that it was trained with, unchanged"
    if known.keys() != given.keys():
        more = [f"{path} is none of its {one[0]} files" for one, path in given.items() if one not in known]
        less = [f"its {one[0]} file {name} is not given" for one, name in known.items() if one not in given]
        told = "; ".join(more + less)
        raise ConfigError(f"--config and --data do not name what {quick} learned from: {told}; {advice}")
    if held != details["metrics"]["rows"]:
        raise ConfigError(
            f"--config and --data hold out {held} rows, the training of {quick} held out {details['metrics']['rows']}; "
            f"{advice}"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Write the folder and say what goes on; return 0."""
    from svodka.topics import load_topics
    from svodka.training.recipe import resolve_files
    from svodka.training.run_options import add_run_options, named_run
    from svodka.training.splits import load_splits

    parser = argparse.ArgumentParser(prog="svodka.training.make_cascade", description=__doc__.split("\n", 1)[0])
    add = parser.add_argument
    add("quick", type=Path, help="folder of the quick model, with the topics of the other one")
    add("--model", default="shipped", help="folder of the other model (default: the word `shipped`)")
    add("--share", type=float, required=True, help="of the texts that the other model reads again, such as 0.1")
    add("--texts", type=Path, required=True, metavar="FILE", help="ordinary sentences, with `text`")
    add_run_options(parser, default="small")
    add("--topics", type=Path, metavar="FILE", help="topics in YAML instead of svodka's own")
    add("--out", type=Path, required=True, metavar="DIR", help="the folder to write")
    args = parser.parse_args(argv)
    model = choose_model(args.model).folder
    recipe, given = named_run(args)
    rows = load_splits(recipe, load_topics(args.topics), given)["validation"]
    files = {"train": [*resolve_files(recipe.train), *given], "validation": resolve_files(recipe.validation)}
    _refuse_other_rows(args.quick, read_model_info(args.quick).details, files, len(rows))
    made = make_cascade(args.quick, model, read_texts(args.texts), rows["text"][:], args.share, args.out)
    sys.stdout.write(
        f"{args.out}: {made.going_on:.1%} of the texts go on, and {made.agreement:.2%} of all decisions are those of "
        f"{args.model}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
