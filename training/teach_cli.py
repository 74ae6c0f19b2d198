"""`svodka teach`: ask teachers what they hold of sentences, for a student to learn from."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from svodka.source import choose_model
from svodka.topics import load_topics
from svodka.training.cli import parse_changes
from svodka.training.recipe import load_recipe

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `teach`."""
    parser = subparsers.add_parser("teach", help="write teachers' answers for a smaller model to learn from")
    add = parser.add_argument
    add(
        "--teacher",
        action="append",
        required=True,
        metavar="DIR",
        help="a trained model, or the word `shipped`; several agree",
    )
    add("--config", default="open", metavar="NAME|FILE", help="recipe that names the labelled files (default: open)")
    add("--data", action="append", default=[], type=Path, metavar="FILE", help="further labelled file")
    add(
        "--unlabelled",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="sentences or articles without labels",
    )
    add("--sentences", type=int, default=100_000, metavar="N", help="take so many of them (default: 100000)")
    add("--vectors", action="store_true", help="write beside OUT the vectors of the only teacher too")
    add("--topics", type=Path, metavar="FILE", help="topics in YAML instead of svodka's own")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting of the recipe, e.g. seed=14")
    add("--out", required=True, type=Path, metavar="FILE", help="the answers, .jsonl.gz")
    add("--quiet", action="store_true", help="show no progress")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the answers; return 0."""
    from svodka.training.loading import expand_files
    from svodka.training.teach import Unlabelled, teach

    files = expand_files(args.unlabelled)
    rows = teach(
        load_recipe(args.config, parse_changes(args.set)),
        load_topics(args.topics),
        [choose_model(name).folder for name in args.teacher],
        args.out,
        extra=expand_files(args.data),
        unlabelled=Unlabelled(files, args.sentences) if files else None,
        vectors=args.vectors,
        say=(lambda _line: None) if args.quiet else (lambda line: print(line, file=sys.stderr)),  # noqa: T201
    )
    who = "the teacher holds" if len(args.teacher) == 1 else f"{len(args.teacher)} teachers hold"
    print(f"{args.out}: what {who} of {rows} sentences")  # noqa: T201
    return 0
