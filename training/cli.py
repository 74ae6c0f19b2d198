"""`svodka train`: fine-tune a model and write its folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from svodka.errors import ConfigError
from svodka.topics import load_topics
from svodka.training import processes
from svodka.training.recipe import builtin_recipes, load_recipe

__all__ = ["add_parser", "parse_changes", "run"]

MIX = 3.0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `train`."""
    parser = subparsers.add_parser("train", help="fine-tune a model on labelled sentences")
    recipes = ", ".join(builtin_recipes())
    parser.add_argument(
        "--config",
        metavar="NAME|FILE",
        help=f"recipe: {recipes}, or a YAML file (default: continue with --from, otherwise open)",
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="MODEL",
        help="model to go on from instead of a bare encoder: shipped, or a model folder",
    )
    parser.add_argument(
        "--data", action="append", default=[], type=Path, metavar="FILE", help="further labelled file to learn from"
    )
    parser.add_argument(
        "--soft", action="append", default=[], type=Path, metavar="FILE", help="teachers' answers from `svodka teach`"
    )
    parser.add_argument(
        "--mix",
        nargs="?",
        type=float,
        const=MIX,
        metavar="N",
        help=f"mix in N of svodka's own sentences for each row of yours (N is {MIX:g} if not given), "
        "so that old topics are not forgotten",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the model folder to write")
    parser.add_argument("--topics", type=Path, metavar="FILE", help="topics in YAML instead of svodka's own")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting of the recipe, e.g. epochs=3"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with an unfinished run of the same recipe and data"
    )
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train as the arguments say; return 0."""
    recipe = load_recipe(args.config or ("continue" if args.start else "open"), _changes(args))
    from svodka.training.loading import expand_files
    from svodka.training.run import train

    quiet = args.quiet or not processes.is_first()
    outcome = train(
        recipe,
        load_topics(args.topics),
        args.out,
        extra=expand_files(args.data),
        soft=expand_files(args.soft),
        resume=args.resume,
        quiet=quiet,
        say=(lambda _line: None) if quiet else (lambda line: print(line, file=sys.stderr)),  # noqa: T201
    )
    if not processes.is_first():
        return 0
    print(  # noqa: T201
        f"{outcome.folder}: macro-F1 {outcome.macro_f1:.3f}, micro-F1 {outcome.micro_f1:.3f} on the {outcome.rows} "
        f"validation rows that tuned it; int8 agrees in {outcome.agreement:.2%} of the decisions; "
        f"{outcome.minutes:.0f} min"
    )
    return 0


def _changes(args: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that the command line changes, whichever options say so."""
    given = {"start": args.start, "mix": args.mix}
    return {key: value for key, value in given.items() if value is not None} | parse_changes(args.set)


def parse_changes(pairs: list[str]) -> dict[str, Any]:
    """Return the settings of `--set KEY=VALUE` arguments, values read as YAML.

    Raises:
        ConfigError: an argument has no `=`, or its value is no YAML.
    """
    changes = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign:
            raise ConfigError(f"--set takes KEY=VALUE, got {pair!r}")
        try:
            changes[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise ConfigError(f"--set {pair}: {value!r} is not a value: {error}") from error
    return changes
