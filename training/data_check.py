"""`svodka data check`: check labelled files and show what they are made of."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from svodka.cli.grid import grid
from svodka.errors import DataError
from svodka.files import atomic_write
from svodka.topics import load_topics
from svodka.training.checker import Report, check
from svodka.training.composition import Composition
from svodka.training.import_checks import few_examples
from svodka.training.loading import REJECTED
from svodka.training.realness import FEWEST_SENTENCES, missing_lemmas, tell_apart
from svodka.training.recipe import load_recipe
from svodka.training.texts import read_texts

__all__ = ["add_parser", "run", "split_of"]

# Words in a file's name that tell its split; any other file is a split by itself.
SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
}
LEAST_PAIRS_SHOWN = 10
SPLIT_ORDER = ("train", "validation", "test")

Splits = Mapping[str, Sequence[Path]]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `svodka data`."""
    parser = commands.add_parser(
        "check",
        help="check labelled files, each row alone and against all others",
        description="Check labelled files: schema, ids, topics, typing slips, duplicates, leaks between splits. The "
        "split of a file is told by its name (train, validation or dev, test). Exit code 1 if there are errors.",
    )
    parser.add_argument(
        "files", nargs="*", type=Path, help="files, or folders with .jsonl files; default: the data shipped with svodka"
    )
    parser.add_argument("--topics", type=Path, metavar="FILE", help="YAML file of topics; default: the shipped one")
    parser.add_argument(
        "--real",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="real texts to compare with, which must not occur in the data (JSON Lines, CSV or TSV with `text`; may be "
        ".gz)",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write findings and figures to this file, too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the files, print findings and figures; return 1 if there are errors (strictly: or warnings), otherwise 0.

    Raises:
        DataError: a file is missing or cannot be read at all.
        ConfigError: the file of topics is wrong.
    """
    topics = [topic.id for topic in load_topics(args.topics)]
    splits = _splits(args.files or [Path(str(resources.files("svodka.training").joinpath("data")))])
    real = [text for path in args.real for text in read_texts(path)]
    report = check(splits, topics, real)
    likeness = _likeness(report, real) if real else {}
    _show(report, likeness)
    if args.json:
        _write_json(report, splits, likeness, args.json)
    return 1 if report.errors or (args.strict and report.findings) else 0


def _splits(names: Sequence[Path]) -> Splits:
    """Sort files, and the .jsonl files of folders, into splits by their names."""
    paths: list[Path] = []
    for name in names:
        inside = sorted(set(name.glob("*.jsonl")) - set(name.glob(f"*{REJECTED}"))) if name.is_dir() else [name]
        if not inside:
            raise DataError(f"{name}: no .jsonl files in this folder")
        paths += inside
    splits: dict[str, list[Path]] = {}
    for path in paths:
        splits.setdefault(split_of(path), []).append(path)
    order = [split for split in SPLIT_ORDER if split in splits] + sorted(splits.keys() - set(SPLIT_ORDER))
    return {split: splits[split] for split in order}


def split_of(path: Path) -> str:
    """Return the split that a file's name tells: `train-2.jsonl` is train, `weather.csv` is weather."""
    words = re.split(r"[^a-z]+", path.stem.lower())
    return next((SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS), path.stem)


def _likeness(report: Report, real: Sequence[str]) -> dict[str, Any]:
    """Measure how like the real texts the rows of the first split are; nothing is said of a few."""
    ours = next(iter(report.texts.values()))
    if min(len(ours), len(real)) < FEWEST_SENTENCES:
        return {}
    return asdict(tell_apart(ours, real)) | {"missing_lemmas": missing_lemmas(ours, real)}


def _show(report: Report, likeness: Mapping[str, Any]) -> None:
    """Print findings, figures and the verdict."""
    lines = [f"{one.source}:{one.line}: {one.level}: {one.message}" for one in report.findings]
    lines.append(_table(report.compositions))
    for split, figures in report.compositions.items():
        openings = ", ".join(f"{words} ({share:.1%})" for words, share in figures.openings.items())
        lines.append(f"commonest openings in {split}: {openings or '-'}")
    lines += _notes(report.compositions)
    if likeness:
        lines.append(f"told from the real texts with AUC {likeness['auc']:.3f} ({likeness['sentences']} of each)")
        lines.append(f"  ours are betrayed by: {' '.join(likeness['ours'])}")
        lines.append(f"  the real ones by: {' '.join(likeness['real'])}")
        lines.append(f"  frequent there, never here: {' '.join(likeness['missing_lemmas'])}")
    lines.append(f"{report.errors} errors, {len(report.findings) - report.errors} warnings")
    sys.stdout.write("\n".join(lines) + "\n")


def _notes(compositions: Mapping[str, Composition]) -> list[str]:
    """Say which topics have too few examples for what a split is for; that is no fault of any row."""
    share = 0.0 if "validation" in compositions else load_recipe("own").validation_share
    return [
        f"note: {split}: {line}"
        for split, figures in compositions.items()
        for line in few_examples(figures.topics, split, share)
    ]


def _table(compositions: Mapping[str, Composition]) -> str:
    """Return the figures with a column for each split."""
    columns = [_figures(figures) for figures in compositions.values()]
    names = dict.fromkeys(name for column in columns for name in column)
    return grid(["", *compositions], [[name, *(column.get(name, "0") for column in columns)] for name in names])


def _figures(figures: Composition) -> dict[str, str]:
    """Return the figures of a split as a column of the table."""
    column = {"rows": str(figures.rows)}
    column |= {name: str(count) for name, count in figures.topics.items()}
    column |= {
        "no topic": str(figures.none),
        "two or more": str(figures.two_or_more),
        "not labelled": str(figures.not_labelled),
        "words, 5/50/95 %": "/".join(map(str, figures.words)),
    }
    column |= {name: f"{share:.1%}" for name, share in figures.shares.items()}
    column |= {f"pairs {pair}": str(count) for pair, count in figures.pairs.items() if count >= LEAST_PAIRS_SHOWN}
    column["different 4-word runs"] = f"{figures.distinct_grams:.1%}"
    return column | {f"genre {name}": str(count) for name, count in figures.genres.items()}


def _write_json(report: Report, splits: Splits, likeness: Mapping[str, Any], path: Path) -> None:
    """Write everything that was found and counted."""
    content = {
        "files": {split: [str(path) for path in paths] for split, paths in splits.items()},
        "errors": report.errors,
        "warnings": len(report.findings) - report.errors,
        "findings": [asdict(finding) for finding in report.findings],
        "likeness": likeness or None,
        "splits": {split: asdict(figures) for split, figures in report.compositions.items()},
    }
    with atomic_write(path) as handle:
        handle.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
