"""Is it worth labelling more? Train on part of the rows, then on more of them, and measure each time.

Run it as `python -m svodka.training.learning_curve --config open --measure FILE --rows 2000 4000 --seeds 13 --out
curve.json`. Points that the file already holds are not trained again, so a broken run can simply be started once more,
and seeds can be added later, with the same recipe. Each point is a trial (`svodka.training.trial`).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from svodka.cli.main import guarded
from svodka.errors import ConfigError
from svodka.files import atomic_write
from svodka.topics import load_topics
from svodka.training.curve_points import Point, read_points
from svodka.training.recipe import Recipe, make_recipe
from svodka.training.run_options import add_run_options, named_run
from svodka.training.trial import run_trial

__all__ = ["main"]

FREE = ("seed", "name")  # settings in which the points of a curve may differ


def main(argv: Sequence[str] | None = None) -> int:
    """Train and measure the points that the file lacks; return 0.

    Raises:
        ConfigError: it holds points of another recipe.
    """
    args = _parser().parse_args(argv)
    points = read_points(args.out)
    done = {(point["asked_rows"], point["recipe"]["seed"]) for point in points}
    (recipe, data), topics = named_run(args), load_topics(args.topics)
    _refuse_another_recipe(args.out, points, recipe)
    for seed in args.seeds:
        for rows in args.rows:
            if (rows, seed) in done:
                continue
            seeded = dataclasses.replace(recipe, seed=seed)
            trial = run_trial(seeded, topics, args.measure, extra=data, rows=rows)
            points.append({"asked_rows": rows} | trial)
            _write(args.out, args.title or args.out.stem, points)
            sys.stderr.write(f"{trial['train_rows']} rows, seed {seed}: macro-F1 {trial['macro_f1'][0]:.3f}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="svodka.training.learning_curve", description=__doc__)
    add_run_options(parser, default="open")
    parser.add_argument("--topics", type=Path, help="topics in YAML instead of svodka's own")
    parser.add_argument("--measure", type=Path, required=True, help="labelled file that the figures come from")
    parser.add_argument("--rows", type=int, nargs="+", required=True, help="numbers of training rows")
    parser.add_argument("--seeds", type=int, nargs="+", default=[13], help="one run each (default: 13)")
    parser.add_argument("--title", help="what the data card calls this curve (default: the file's name)")
    parser.add_argument("--out", type=Path, required=True, help="JSON file that collects the points")
    return parser


def _refuse_another_recipe(path: Path, points: Sequence[Point], recipe: Recipe) -> None:
    """Complain of points that differ in more than seed and rows: one curve through them would show nothing."""
    wanted = recipe.fingerprint()
    for point in points:
        found = make_recipe(point["recipe"], str(path)).fingerprint()
        keys = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
        if changed := [key for key in keys if key not in FREE]:
            raise ConfigError(f"{path} holds points of another recipe ({', '.join(changed)}); give another --out")


def _write(path: Path, title: str, points: Sequence[Point]) -> None:
    ordered = sorted(points, key=lambda point: (point["train_rows"], point["recipe"]["seed"]))
    with atomic_write(path) as out:
        out.write(json.dumps({"title": title, "points": ordered}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    raise SystemExit(guarded(main))
