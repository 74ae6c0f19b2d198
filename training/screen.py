"""Try changes of a recipe, one at a time, and keep each run's own figures.

Run it as `python -m svodka.training.screen PLAN --measure FILE --data FILE`. The plan is YAML: what all runs share
(`config`, `rows`, `seeds`, `set`), and a list of `runs`, each with a `name`, a `note` and the settings that it changes.
Each run of each seed becomes a JSON file in the plan's folder (`svodka.training.trial`); those that are there already
are not run again, so that a broken screening is simply started once more. `svodka.training.recipes_table` makes the
table of them.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from svodka.cli.main import guarded
from svodka.errors import ConfigError, did_you_mean
from svodka.files import atomic_write
from svodka.model_folder import file_digest
from svodka.topics import load_topics
from svodka.training.loading import expand_files
from svodka.training.recipe import Recipe, load_recipe, resolve_files
from svodka.training.trial import run_trial

__all__ = ["Plan", "Run", "main", "read_plan", "run_file", "write_result"]

SHARED = ("config", "rows", "seeds", "set", "runs")
OWN_FOLDER = "copy the plan to a folder of its own, where no runs lie beside it"
OWN = ("name", "note", "set", "rows", "seeds")


@dataclass(frozen=True, slots=True)
class Run:
    """One change to try.

    Attributes:
        name: short, for file and table.
        note: what is changed, in words.
        recipe: the recipe with the change; its seed is replaced.
        rows: training rows, None for all.
        seeds: one run for each.
    """

    name: str
    note: str
    recipe: Recipe
    rows: int | None
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The runs of a plan; the first is the one that the others are compared with."""

    name: str
    runs: tuple[Run, ...]


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        ConfigError: it is no YAML, a key is unknown, a name is missing or doubled, or a setting is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: no plan: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("runs"), list):
        raise ConfigError(f"{path}: expected settings and a list 'runs'")
    _refuse_unknown(content, SHARED, str(path))
    runs = tuple(_run(entry, content, f"{path}, run {i + 1}") for i, entry in enumerate(content["runs"]))
    names = [run.name for run in runs]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ConfigError(f"{path}: the name {doubled.pop()!r} stands twice")
    return Plan(path.stem, runs)


def _run(entry: Any, shared: dict[str, Any], where: str) -> Run:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise ConfigError(f"{where}: expected a 'name' and settings")
    _refuse_unknown(entry, OWN, where)
    changes = dict(shared.get("set") or {}) | dict(entry.get("set") or {})
    recipe = load_recipe(str(shared.get("config", "open")), changes)
    rows, seeds = (entry.get(key, shared.get(key)) for key in ("rows", "seeds"))
    return Run(entry["name"], str(entry.get("note", "")), recipe, rows, tuple(seeds or (recipe.seed,)))


def _refuse_unknown(content: dict[str, Any], known: Sequence[str], where: str) -> None:
    for key in content:
        if key not in known:
            raise ConfigError(f"{where}: unknown key {key!r}{did_you_mean(str(key), known)}")


def run_file(folder: Path, plan: Plan, run: Run, seed: int) -> Path:
    """Return the file of one run."""
    return folder / f"{plan.name}-{run.name}-{seed}.json"


def _check_finished(path: Path, measure: Path, learned: Sequence[Path]) -> None:
    """Make sure that a finished run learned from the files that the others learn from, and was measured on theirs.

    Raises:
        ConfigError: it was not, or the file is no run.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        measured, measured_digest = found["measured_on"]["name"], found["measured_on"]["sha256"]
        theirs = {one["sha256"]: one["name"] for one in found["train_files"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: no finished run: {error!r}; remove it and it is made anew") from error
    if measured_digest != file_digest(measure):
        raise ConfigError(f"{path} was measured on {measured}, not on {measure}; {OWN_FOLDER}")
    ours = {file_digest(one): one for one in learned}
    if more := [f"{name} ({digest[:12]}…)" for digest, name in theirs.items() if digest not in ours]:
        raise ConfigError(f"{path} learned from {more[0]}, which is no file of this recipe or --data; {OWN_FOLDER}")
    if less := [f"{name} ({digest[:12]}…)" for digest, name in ours.items() if digest not in theirs]:
        raise ConfigError(f"{path} did not learn from {less[0]}; {OWN_FOLDER}")


def main(argv: Sequence[str] | None = None) -> int:
    """Make the runs that are not there yet; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.screen", description=__doc__)
    parser.add_argument("plan", type=Path, help="YAML file; the results go beside it")
    parser.add_argument("--data", action="append", default=[], type=Path, help="further labelled file to learn from")
    parser.add_argument("--measure", type=Path, required=True, help="labelled file that the figures come from")
    parser.add_argument("--topics", type=Path, help="topics in YAML instead of svodka's own")
    args = parser.parse_args(argv)
    plan, topics = read_plan(args.plan), load_topics(args.topics)
    extra = expand_files(args.data)
    for run in plan.runs:
        for seed in run.seeds:
            path = run_file(args.plan.parent, plan, run, seed)
            if path.exists():
                _check_finished(path, args.measure, [*resolve_files(run.recipe.train), *extra])
                sys.stderr.write(f"{path.stem}: there already\n")
                continue
            recipe = dataclasses.replace(run.recipe, seed=seed)
            trial = run_trial(recipe, topics, args.measure, extra=extra, rows=run.rows)
            write_result(path, run, trial)
    return 0


def write_result(path: Path, run: Run, trial: Mapping[str, Any]) -> None:
    """Keep what a run reached, and say so."""
    with atomic_write(path) as out:
        json.dump({"name": run.name, "note": run.note, **trial}, out, ensure_ascii=False, indent=1)
        out.write("\n")
    sys.stderr.write(f"{path.stem}: macro-F1 {trial['macro_f1'][0]:.3f}, {trial['minutes']} min\n")


if __name__ == "__main__":
    raise SystemExit(guarded(main))
