"""Writes out the rows that a run with `--data` holds out, for a report or a comparison on them.

    python -m svodka.training.held_out --config finish --data real.jsonl --data runs/news.jsonl --out held.jsonl

Give exactly the files of the run: the share is taken of all of them together, so one file more changes which rows are
held out. These rows choose the epoch, the thresholds and the calibration of that run. So its own figures on them
flatter it, mean average precision a little, for that needs no threshold, and belong in no model card. Another model is
measured fairly on those of them only that it has not learned from.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from svodka.cli.main import guarded
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError
from svodka.files import atomic_write
from svodka.topics import Topic, load_topics
from svodka.training.label_scheme import label_scheme
from svodka.training.recipe import Recipe
from svodka.training.rows import Row
from svodka.training.run_options import add_run_options, named_run
from svodka.training.splits import load_parts

__all__ = ["held_rows", "main"]


def held_rows(recipe: Recipe, topics: Sequence[Topic], data: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the rows of files that a recipe holds out, with the run's topics, each id once, in the files' order.

    What else the files tell of a row is kept; what stood in `meta` stands beside it.

    Args:
        recipe: of the run; one that begins with an encoder.
        topics: of the run.
        data: labelled files given to it.

    Raises:
        ConfigError: the recipe holds nothing out, or goes on from a model.
        DataError: a row is wrong.
    """
    if recipe.start:
        raise ConfigError(f"{recipe.name}: rows held out by a run that goes on from a model cannot be told")
    held = load_parts(recipe, topics, data).get("held")
    if held is None:
        raise ConfigError(f"{recipe.name}: nothing is held out; validation_share is {recipe.validation_share}")
    texts = set(held["text"])
    rows: dict[str, dict[str, Any]] = {}
    for number, path in enumerate(data, start=1):
        scheme = label_scheme(path, topics)
        for row in scheme.read(path):
            if row.text in texts and row.topics is not None:
                identity = row.id if row.id not in rows else f"{row.id}@{number}"
                rows[identity] = _as_written(row, identity)
    return list(rows.values())


def _as_written(row: Row, identity: str) -> dict[str, Any]:
    """Return a row as a line of JSON Lines has it."""
    known = {"id": identity, "text": row.text, "topics": list(row.topics or ())}
    known |= {"unknown": list(row.unknown)} if row.unknown else {}
    return known | ({"genre": row.genre} if row.genre else {}) | dict(row.other)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the rows and say how many; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.held_out", description=__doc__.split("\n", 1)[0])
    add = parser.add_argument
    add_run_options(parser, needs_data=True)
    add("--topics", type=Path, metavar="FILE", help="topics in YAML instead of svodka's own")
    add("--out", required=True, type=Path, metavar="FILE", help="JSON Lines to write")
    args = parser.parse_args(argv)
    recipe, data = named_run(args)
    check_out(args.out, data)
    rows = held_rows(recipe, load_topics(args.topics), data)
    with atomic_write(args.out) as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    sys.stdout.write(f"{args.out}: {len(rows)} rows, which tuned the run: its figures on them flatter it\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
