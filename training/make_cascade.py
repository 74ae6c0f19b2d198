"""Makes a quick model the first of two: what leaves it in doubt, the shipped model reads again.

    python -m svodka.training.make_cascade runs/quick --share 0.12 --texts pool.jsonl.gz --out models/quick

`--share` says how many of the texts may go on: the more, the nearer to the shipped model in answers and in speed. See
`svodka.cascade`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from svodka.cascade import KEY, cut_logits, sureness
from svodka.cli.main import guarded
from svodka.cli.outfile import check_new_folder
from svodka.engine import Engine
from svodka.errors import ConfigError
from svodka.files import atomic_folder
from svodka.model_folder import read_model_info, verify_files
from svodka.source import SHIPPED, shipped_folder
from svodka.training.described import write_description
from svodka.training.texts import read_texts

__all__ = ["main", "make_cascade"]

DIGITS = 4


def make_cascade(model: Path, texts: Sequence[str], share: float, out: Path) -> float:
    """Write `out`: `model`, which hands what leaves it in doubt on to the shipped model; return what counts as doubt.

    Args:
        model: a model folder with the topics of the shipped model, left as it is.
        texts: ordinary sentences.
        share: of the texts that go on, above 0 to below 1.
        out: the folder to write; must not exist.

    Raises:
        ConfigError: `out` exists, there are no texts, `share` is out of range, or the topics are others.
        ModelFilesError: `model` is no whole model folder.
    """
    check_new_folder(out)
    if not 0 < share < 1:
        raise ConfigError(f"share must be above 0 and below 1, got {share}")
    if not texts:
        raise ConfigError("one text or more is needed to tell what counts as doubt, got none")
    verify_files(model)
    info, last = read_model_info(model), read_model_info(shipped_folder())
    if list(info.thresholds) != list(last.thresholds):
        raise ConfigError(
            f"{model} has the topics {', '.join(info.thresholds)}; expected those of the shipped model, "
            f"{', '.join(last.thresholds)}"
        )
    engine = Engine(model, info.max_tokens, device="cpu")
    sure = sureness(engine.logits(engine.encode(texts), len(info.thresholds)), cut_logits(info.thresholds))
    doubt = round(float(np.quantile(sure, share)), DIGITS)
    told = {
        "last": SHIPPED,
        "digest": last.digest,
        "doubt": doubt,
        "share": share,
        "texts": len(texts),
    }
    details = dict(info.details) | {KEY: told}
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_folder(out) as temporary:
        shutil.copytree(model, temporary, dirs_exist_ok=True)
        write_description(temporary, details)
    return doubt


def main(argv: Sequence[str] | None = None) -> int:
    """Write the folder and say what counts as doubt; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.make_cascade", description=__doc__.split("\n", 1)[0])
    add = parser.add_argument
    add("model", type=Path, help="model folder with the shipped model's topics")
    add("--share", type=float, required=True, help="of the texts that the shipped model reads again, such as 0.12")
    add(
        "--texts",
        type=Path,
        required=True,
        metavar="FILE",
        help="ordinary sentences, with `text`",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="the folder to write")
    args = parser.parse_args(argv)
    doubt = make_cascade(args.model, read_texts(args.texts), args.share, args.out)
    sys.stdout.write(f"{args.out}: hands on what lies within {doubt:g} logits of a threshold\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
