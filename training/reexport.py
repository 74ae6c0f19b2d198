"""Write a model folder's `model.onnx` anew from its weights, for folders that an older version of svodka wrote.

Run it as `python -m svodka.training.reexport MODEL --texts FILE --out DIR`. The texts, ordinary sentences with or
without labels, fix the scales of the int8 file and are compared: every second one is for the one, the others for the
other. The exits on the way learn from four of five.

A quick model that reads before the folder's own is left out, since what it hands on was told by the old file: put it in
anew with `svodka.training.make_cascade`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from svodka.cli.main import guarded
from svodka.cli.outfile import check_new_folder
from svodka.errors import ConfigError
from svodka.files import atomic_folder
from svodka.model_folder import CASCADE_KEY, QUICK_FILES, read_model_info, verify_files
from svodka.training.described import write_description
from svodka.training.texts import read_texts

__all__ = ["main", "reexport"]

MOST_TEXTS = 1000
HELD_OUT = 5  # of so many texts one is kept from the exits


def reexport(model: Path, texts: Sequence[str], out: Path, exits: float | None = None) -> dict[str, float | int | None]:
    """Write `out`: `model` with a new int8 file and no quick model; return how that file compares with the weights.

    Args:
        model: a model folder, left as it is.
        texts: two or more ordinary sentences; of more than a thousand, a thousand from everywhere fix the scales and
            are compared.
        out: the folder to write; must not exist.
        exits: share of the decisions that each exit on the way may turn, on every fifth text; from the others the
            exits learn. With 0 there are none, as with too few texts; None takes what the model was trained with.

    Raises:
        ConfigError: `out` exists, there are too few texts, or `exits` is out of range.
        ExportError: the new file does not decide as the weights do.
        ModelFilesError: `model` is no whole model folder.
    """
    from transformers import AutoTokenizer

    from svodka.training.classifier import from_stock
    from svodka.training.early_exits import ExitPlan
    from svodka.training.export import Samples, export_checked
    from svodka.training.quiet import quiet_libraries
    from svodka.training.token_ids import TokenIds

    check_new_folder(out)
    if len(texts) < 2:
        raise ConfigError(f"two texts or more are needed, got {len(texts)}")
    verify_files(model)
    info = read_model_info(model)
    recipe = dict(info.details["recipe"])
    exits = recipe.get("exits", 0.0) if exits is None else exits
    if not 0 <= exits < 1:
        raise ConfigError(f"exits must be from 0 to below 1, got {exits}")
    with atomic_folder(out) as temporary, quiet_libraries():
        shutil.copytree(model, temporary, ignore=shutil.ignore_patterns(*QUICK_FILES), dirs_exist_ok=True)
        tokenizer = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
        stored = from_stock(str(model)).eval()
        lessons = [text for i, text in enumerate(texts) if i % HELD_OUT]
        plan = ExitPlan(lessons, texts[::HELD_OUT], exits, recipe["seed"])
        some = texts[:: max(1, len(texts) // MOST_TEXTS)]
        samples = Samples(some[::2], plan, some[1::2], None)
        exported = export_checked(stored, temporary, TokenIds(tokenizer, info.max_tokens), samples, info.thresholds)
        kept = {key: value for key, value in info.details.items() if key != CASCADE_KEY}
        details = kept | exported.to_dict() | {"recipe": recipe | {"exits": exits}}
        write_description(temporary, details)
    return exported.parity.to_dict()


def main(argv: Sequence[str] | None = None) -> int:
    """Write the folder and say how its int8 file compares; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.reexport", description=__doc__)
    parser.add_argument("model", type=Path, help="model folder")
    parser.add_argument("--texts", type=Path, required=True, help="JSON Lines, CSV or TSV with `text`")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument(
        "--exits",
        type=float,
        metavar="SHARE",
        help="of the decisions that each exit may turn, such as 0.0005; 0 for no exits; default: as it was trained",
    )
    args = parser.parse_args(argv)
    parity = reexport(args.model, read_texts(args.texts), args.out, args.exits)
    sys.stdout.write(f"{args.out}: int8 agrees with the weights in {parity['agreement']:.2%} of the decisions\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
