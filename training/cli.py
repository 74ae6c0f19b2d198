"""`svodka train`: fine-tune a model and write its folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from svodka.errors import ConfigError
from svodka.topics import load_topics
from svodka.training.recipe import builtin_recipes, load_recipe

__all__ = ["add_parser", "parse_changes", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `train`."""
    parser = subparsers.add_parser("train", help="fine-tune a model on labelled sentences")
    recipes = ", ".join(builtin_recipes())
    parser.add_argument("--config", default="open", metavar="NAME|FILE", help=f"recipe: {recipes}, or a YAML file")
    parser.add_argument(
        "--data", action="append", default=[], type=Path, metavar="FILE", help="further labelled file to learn from"
    )
    parser.add_argument(
        "--soft", action="append", default=[], type=Path, metavar="FILE", help="teachers' answers from `svodka teach`"
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
    recipe = load_recipe(args.config, parse_changes(args.set))
    from svodka.training.loading import expand_files
    from svodka.training.run import train

    outcome = train(
        recipe,
        load_topics(args.topics),
        args.out,
        extra=expand_files(args.data),
        soft=expand_files(args.soft),
        resume=args.resume,
        quiet=args.quiet,
        say=(lambda _line: None) if args.quiet else (lambda line: print(line, file=sys.stderr)),  # noqa: T201
    )
    print(  # noqa: T201
        f"{outcome.folder}: macro-F1 {outcome.macro_f1:.3f}, micro-F1 {outcome.micro_f1:.3f} on the {outcome.rows} "
        f"validation rows that tuned it; int8 agrees in {outcome.agreement:.2%} of the decisions; "
        f"{outcome.minutes:.0f} min"
    )
    return 0


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
