"""How many labels does `svodka suggest` save? A simulation on labelled rows; see `svodka.training.simulation`.

Run it as `python -m svodka.training.active_learning --out FILE`: the pool is svodka's own training sentences, the rows
set apart are its test sentences. Further rows: `--pool`, `--measure`. With `--positives 1000` only so many rows of the
pool have a topic at all, as in ordinary news. With `--topic` only that topic counts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from svodka.cli.grid import grid
from svodka.cli.main import guarded
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, did_you_mean
from svodka.evaluation.labelled import read_labelled
from svodka.files import atomic_write
from svodka.provenance import git_commit, hardware, now, versions
from svodka.topics import load_topics
from svodka.training.simulation import METHODS, Rows, Simulation, thinned

__all__ = ["FIGURES", "KIND", "main", "needed_labels", "saved_labels"]

KIND = "active_learning"
SIZES = (200, 400, 800, 1200, 1600, 2400, 3200, 4000, 6000)
FIGURES = {"mean_average_precision": "mean average precision", "macro_f1": "macro F1"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the simulation, print what was saved and write the JSON; return 0.

    Raises:
        ConfigError: options that make no sense.
        DataError: a file is missing or wrong.
    """
    args = _parser().parse_args(argv)
    check_out(args.out, [*args.pool, *args.measure])
    ids = [topic.id for topic in load_topics(args.topics)]
    columns = _columns(args.topic, ids)
    pool_file, measured_file = read_labelled(args.pool, ids), read_labelled(args.measure, ids)
    pool = Rows(pool_file.texts, pool_file.gold[:, columns])
    if args.positives is not None:
        pool = thinned(pool, args.positives)
    sizes = _sizes(args.sizes, len(pool.texts))
    simulation = Simulation(pool, Rows(measured_file.texts, measured_file.gold[:, columns]))
    runs = []
    for seed in args.seeds:
        for method in METHODS:
            points = simulation.run(method, sizes, seed)
            runs.append({"method": method, "seed": seed, "points": [_rounded(asdict(point)) for point in points]})
            sys.stderr.write(f"{method}, seed {seed}: {points[-1].mean_average_precision:.3f}\n")
    everything = simulation.measure(np.arange(len(pool.texts)))
    content = {
        "kind": KIND,
        "title": args.title or args.out.stem,
        "pool": {"files": pool_file.digests, "rows": len(pool.texts), "positives": args.positives},
        "measured_on": {"files": measured_file.digests, "rows": len(measured_file.rows)},
        "topics": [ids[column] for column in columns],
        "runs": runs,
        "all_rows": _rounded(asdict(everything)),
        **{"date": now(), "git_commit": git_commit(), "versions": versions(), "hardware": hardware()},
    }
    with atomic_write(args.out) as out:
        out.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    sys.stdout.write(_table(content) + "\n")
    return 0


def saved_labels(content: Mapping[str, Any], figure: str) -> list[dict[str, float | None]]:
    """Return for each number of labels drawn at random how many chosen ones reach the same figure.

    Means over the seeds are compared, and between two rounds the figure is taken to grow along a straight line.

    Args:
        content: the JSON of this command.
        figure: "mean_average_precision" or "macro_f1".

    Returns:
        For each round: `random` labels, the `figure` that they reach, and `suggest`, the number of labels that reach
        it first; None if it is not reached within the run.
    """
    curves = {method: _mean_curve(content["runs"], method, figure) for method in METHODS}
    found: list[dict[str, float | None]] = []
    for labels, reached in curves["random"]:
        found.append({"random": labels, "figure": reached, "suggest": _first(curves["suggest"], reached)})
    return found


def _mean_curve(runs: Sequence[Mapping[str, Any]], method: str, figure: str) -> list[tuple[float, float]]:
    """Return labels and the mean figure of each round."""
    own = [run["points"] for run in runs if run["method"] == method]
    return [
        (float(points[0]["labels"]), float(np.mean([point[figure] for point in points])))
        for points in zip(*own, strict=True)
    ]


def _first(curve: Sequence[tuple[float, float]], wanted: float) -> float | None:
    """Return where a curve first reaches a figure."""
    before: tuple[float, float] | None = None
    for labels, reached in curve:
        if reached >= wanted:
            if before is None:
                return labels
            share = (wanted - before[1]) / (reached - before[1])
            return before[0] + share * (labels - before[0])
        before = (labels, reached)
    return None


def _table(content: Mapping[str, Any]) -> str:
    """Return the labels needed, for each round after the first."""
    header = ["labels at random", *(word for name in FIGURES.values() for word in (name, "labels by suggest", "saved"))]
    saved = {figure: saved_labels(content, figure)[1:] for figure in FIGURES}
    rows = []
    for line in zip(*saved.values(), strict=True):
        cells = [f"{line[0]['random']:.0f}"]
        for one in line:
            cells += [f"{one['figure']:.3f}", *needed_labels(one)]
        rows.append(cells)
    everything = content["all_rows"]
    figures = ", ".join(f"{name} {everything[key]:.3f}" for key, name in FIGURES.items())
    return f"{grid(header, rows)}\n\nall {everything['labels']} rows of the pool labelled: {figures}"


def needed_labels(one: Mapping[str, float | None]) -> tuple[str, str]:
    """Return one round of `saved_labels` in words: labels by suggest, and the share saved; dashes if not reached."""
    needed, random = one["suggest"], one["random"]
    if needed is None or random is None:
        return "–", "–"
    return f"{needed:,.0f}", f"{1 - needed / random:.0%}"


def _columns(given: Sequence[str], ids: Sequence[str]) -> list[int]:
    """Return the places of the topics that count; all if none is named."""
    for topic in given:
        if topic not in ids:
            raise ConfigError(f"--topic {topic}: no such topic{did_you_mean(topic, ids)} (topics: {', '.join(ids)})")
    return [place for place, topic in enumerate(ids) if topic in given or not given]


def _sizes(given: Sequence[int], most: int) -> list[int]:
    """Return the numbers of labels, which must grow; those above the size of the pool are left out."""
    if given[0] < 1 or any(later <= earlier for earlier, later in pairwise(given)):
        raise ConfigError(f"--sizes must grow from 1 or more, got {' '.join(map(str, given))}")
    sizes = [size for size in given if size <= most]
    if len(sizes) < 2:
        raise ConfigError(
            f"--sizes needs two numbers up to the {most} rows of the pool, got {' '.join(map(str, given))}"
        )
    return sizes


def _rounded(point: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in point.items()}


def _parser() -> argparse.ArgumentParser:
    own = Path(str(resources.files("svodka.training") / "data"))
    parser = argparse.ArgumentParser(prog="svodka.training.active_learning", description=__doc__)
    add = parser.add_argument
    add("--pool", nargs="+", type=Path, default=[own / "train.jsonl"], help="labelled files to choose from")
    add("--measure", nargs="+", type=Path, default=[own / "test.jsonl"], help="labelled files set apart")
    add("--topics", type=Path, help="topics in YAML instead of svodka's own")
    add("--topic", action="append", default=[], metavar="ID", help="only this topic counts, or these")
    add("--positives", type=int, metavar="N", help="keep only N rows of the pool that have a topic")
    add("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N", help="numbers of labelled rows")
    add("--seeds", type=int, nargs="+", default=[1, 2, 3], help="one run of each method for each")
    add("--title", help="what the README calls it (default: the file's name)")
    add("--out", type=Path, required=True, help="JSON file to write")
    return parser


if __name__ == "__main__":
    raise SystemExit(guarded(main))
