"""Writes out the rows that a run with `--data` holds out, for a report or a comparison on them.

    python -m svodka.training.held_out --config finish --data real.jsonl --out held.jsonl

The recipe says what share of the rows is held out; the texts decide which. They choose the thresholds, the calibration
and, by the recipe, the epoch of that run, so figures of its model on them are a little flattering. Mean average
precision does not depend on thresholds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from svodka.cli.outfile import check_out
from svodka.errors import ConfigError
from svodka.files import atomic_write
from svodka.topics import load_topics
from svodka.training.cli import parse_changes
from svodka.training.loading import NOT_JUDGED, expand_files
from svodka.training.recipe import load_recipe
from svodka.training.splits import load_parts

__all__ = ["held_rows", "main"]


def held_rows(
    config: str, data: Sequence[Path], topics: Path | None, changes: Sequence[str] = ()
) -> list[dict[str, object]]:
    """Return the rows of files that a recipe holds out, in the order of the files.

    Args:
        config: name or file of the recipe.
        data: labelled files, as for `svodka train --data`.
        topics: YAML file of topics; None for svodka's own.
        changes: settings of the recipe, `KEY=VALUE`.

    Raises:
        ConfigError: the recipe holds nothing out.
        DataError: a row is wrong.
    """
    recipe = load_recipe(config, parse_changes(list(changes)))
    known = load_topics(topics)
    ids = [topic.id for topic in known]
    held = load_parts(recipe, known, data).get("held")
    if held is None:
        raise ConfigError(f"{config}: nothing is held out of these rows; validation_share is {recipe.validation_share}")
    rows = []
    for one in held:
        judged = list(zip(ids, one["labels"], strict=True))
        row = {"id": one["id"], "text": one["text"], "topics": [topic for topic, label in judged if label == 1]}
        unknown = [topic for topic, label in judged if label == NOT_JUDGED]
        rows.append(row | ({"unknown": unknown} if unknown else {}))
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Write the rows and say how many; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.held_out", description=__doc__.split("\n", 1)[0])
    add = parser.add_argument
    add("--config", required=True, metavar="NAME|FILE", help="recipe of the run")
    add("--data", action="append", required=True, type=Path, metavar="FILE", help="labelled file given to the run")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="setting of the recipe changed for the run")
    add("--topics", type=Path, metavar="FILE", help="topics in YAML instead of svodka's own")
    add("--out", required=True, type=Path, metavar="FILE", help="JSON Lines to write")
    args = parser.parse_args(argv)
    check_out(args.out, args.data)
    rows = held_rows(args.config, expand_files(args.data), args.topics, args.set)
    with atomic_write(args.out) as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    sys.stdout.write(f"{args.out}: {len(rows)} rows\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
