"""The table of all tried recipes, `RECIPES.md`, made from the runs' own JSON files.

Run it as `python -m svodka.training.recipes_table PLAN... --measure FILE... --out training/RECIPES.md`. The labelled
files that the runs were measured on are needed for the paired bootstrap: each run is compared with the plan's first on
the same sentences and seeds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from svodka.cli.main import guarded
from svodka.errors import DataError
from svodka.evaluation import bootstrap
from svodka.evaluation.cells import points
from svodka.evaluation.results import Difference
from svodka.files import atomic_write
from svodka.model_folder import file_digest
from svodka.topics import load_topics
from svodka.training.loading import load_dataset_dict
from svodka.training.screen import Plan, Run, read_plan, run_file

__all__ = ["compare_runs", "main", "plan_table"]

RESAMPLES = 2000
SEED = 13
HEAD = """\
# Recipes tried

Made by `python -m svodka.training.recipes_table` from the JSON files in `runs/` that `python -m svodka.training.screen`
and `python -m svodka.training.seeds_together` wrote. Macro-F1, micro-F1, mean average precision (mAP) and calibration
error (ECE) are means over the seeds, with the range of the seeds' macro-F1 where there are several, on labelled real
sentences that no run of the table learned from; thresholds and calibration come from each recipe's own validation rows.
"Against the first" is the difference of macro-F1 to the table's first line, in points, with the 95 % interval of a
paired bootstrap over sentences, the seeds taken together. Interval and p tell what other sentences would do, not what
another seed would, and no p is corrected for the number of lines: a single line with one seed is a hint, no finding.
Minutes are by the clock, on one core of a machine that was also doing other work, pauses included.
"""
Golds = Mapping[str, npt.NDArray[np.floating]]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the tables of some plans; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.recipes_table", description=__doc__)
    parser.add_argument("plans", nargs="+", type=Path, help="plans whose runs lie beside them")
    add = parser.add_argument
    add("--measure", type=Path, nargs="+", required=True, help="the labelled files that the runs were measured on")
    parser.add_argument("--topics", type=Path, help="topics in YAML instead of svodka's own")
    parser.add_argument("--out", type=Path, required=True, help="Markdown file")
    args = parser.parse_args(argv)
    ids = [topic.id for topic in load_topics(args.topics)]
    golds = {file_digest(path): _gold(path, ids) for path in args.measure}
    tables = [plan_table(read_plan(path), path.parent, golds) for path in args.plans]
    with atomic_write(args.out) as out:
        out.write("\n".join([HEAD, *tables]))
    return 0


def _gold(path: Path, ids: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the labels `(n, n_topics)` of a labelled file."""
    rows = load_dataset_dict({"measure": [path]}, ids, labelled_only=True)["measure"]
    return np.asarray(rows["labels"], dtype=np.float64)


def plan_table(plan: Plan, folder: Path, golds: Golds) -> str:
    """Return the Markdown table of a plan's finished runs.

    Args:
        plan: the plan.
        folder: where its runs lie.
        golds: labels `(n, n_topics)` of each measured file, by its SHA-256.

    Raises:
        DataError: a run was measured on another file than these, or than the runs before it, or learned from others; or
            the first run, with which the others are compared, is missing.
    """
    finished = {run.name: _results(plan, run, folder) for run in plan.runs}
    head = f"## {plan.name}\n"
    results_by_file = {path: result for results in finished.values() for path, result in results.items()}
    if not results_by_file:
        return head
    measured = {path: _measured_on(result) for path, result in results_by_file.items()}
    digest = next(iter(measured.values()))
    if wrong := [path for path, one in measured.items() if one != digest or one not in golds]:
        raise DataError(f"{wrong[0]}: measured on another file than the ones given with --measure, or than other runs")
    _refuse_other_rows(results_by_file)
    first = [*finished[plan.runs[0].name].values()]
    if not first:
        missing = run_file(folder, plan, plan.runs[0], plan.runs[0].seeds[0])
        raise DataError(f"{missing}: missing; the plan's other runs are compared with its first, {plan.runs[0].name!r}")
    gold = golds[digest]
    lines = [
        f"{head}\nMeasured on {len(gold):,} sentences.\n",
        "| run | what is changed | rows | seeds | macro-F1 | micro-F1 | mAP | ECE | against the first | p | minutes |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for run in plan.runs:
        if results := [*finished[run.name].values()]:
            lines.append(_line(run, results, [] if run is plan.runs[0] else first, gold))
    return "\n".join(lines) + "\n"


def _results(plan: Plan, run: Run, folder: Path) -> dict[Path, dict[str, Any]]:
    """Return the JSON of a run's finished seeds by its file."""
    paths = [run_file(folder, plan, run, seed) for seed in run.seeds]
    return {path: json.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()}


def _measured_on(result: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the file that a run was measured on."""
    return str(result["measured_on"]["sha256"])


def _refuse_other_rows(results: Mapping[Path, Mapping[str, Any]]) -> None:
    """Make sure that all runs drew their rows from the same files, or their differences are not those of recipes.

    Raises:
        DataError: they did not.
    """
    files = {path: sorted(one["sha256"] for one in result["train_files"]) for path, result in results.items()}
    expected = next(iter(files.values()))
    if wrong := [path for path, digests in files.items() if digests != expected]:
        raise DataError(f"{wrong[0]}: learned from other files than the runs before it; it needs a plan of its own")


def _line(run: Run, results: list[dict[str, Any]], first: list[dict[str, Any]], gold: npt.NDArray[np.floating]) -> str:
    def mean(key: str) -> float:
        values = [result[key][0] if isinstance(result[key], list) else result[key] for result in results]
        return float(np.mean(values))

    seeds = ", ".join(str(result["recipe"]["seed"]) for result in results)
    against, p_value = "", ""
    if first and (found := compare_runs(results, first, gold)):
        against = points(found)
        p_value = "" if found.p_value is None else f"{found.p_value:.3f}"
    scores = [result["macro_f1"][0] for result in results]
    spread = f" ({min(scores):.3f} to {max(scores):.3f})" if len(scores) > 1 else ""
    figures = [f"{mean(key):.3f}" for key in ("macro_f1", "micro_f1", "mean_average_precision", "calibration_error")]
    figures[0] += spread
    cells = [run.name, run.note, str(results[0]["train_rows"]), seeds, *figures, against, p_value]
    return "| " + " | ".join([*cells, f"{mean('minutes'):.0f}"]) + " |"


def compare_runs(
    results: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]], gold: npt.NDArray[np.floating]
) -> Difference | None:
    """Return macro-F1 of some runs minus that of others, over the seeds that both have; None without such a seed.

    The difference is the mean over the seeds; a resample draws the same sentences for all of them.
    """
    by_seed = [{result["recipe"]["seed"]: _counts(result, gold) for result in some} for some in (results, others)]
    seeds = sorted(by_seed[0].keys() & by_seed[1].keys())
    if not seeds:
        return None
    parts = [bootstrap.resample(np.hstack([some[seed] for some in by_seed]), RESAMPLES, SEED) for seed in seeds]
    width = parts[0].shape[1] // 2
    drawn = np.mean([_difference(part, width) for part in parts], axis=0)
    value = np.mean([_difference(np.hstack([some[seed] for some in by_seed]).sum(axis=0), width) for seed in seeds])
    return bootstrap.difference(np.asarray(value), drawn)


def _counts(result: dict[str, Any], gold: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    decisions = np.array([[cell == "1" for cell in row] for row in result["decisions"]])
    return bootstrap.sentence_counts(gold, decisions)


def _difference(totals: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    return bootstrap.macro_f1(totals[..., :width]) - bootstrap.macro_f1(totals[..., width:])


if __name__ == "__main__":
    raise SystemExit(guarded(main))
