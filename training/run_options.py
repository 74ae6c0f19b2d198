"""Command-line options that name a run: its recipe, the files given to it, and what was changed for it."""

from __future__ import annotations

import argparse
from pathlib import Path

from svodka.training.cli import parse_changes
from svodka.training.loading import expand_files
from svodka.training.recipe import Recipe, load_recipe

__all__ = ["add_run_options", "named_run"]


def add_run_options(parser: argparse.ArgumentParser, default: str | None = None, *, needs_data: bool = False) -> None:
    """Add `--config`, `--data` and `--set`; without a default a recipe must be named, with `needs_data` a file, too."""
    add = parser.add_argument
    said = f"recipe of the run (default: {default})" if default else "recipe of the run"
    add("--config", default=default, required=default is None, metavar="NAME|FILE", help=said)
    told = "labelled file given to the run"
    add("--data", action="append", default=[], required=needs_data, type=Path, metavar="FILE", help=told)
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="setting of the recipe changed for the run")


def named_run(args: argparse.Namespace) -> tuple[Recipe, list[Path]]:
    """Return the recipe, with its changes, and the files given to the run, patterns replaced by what they match.

    Raises:
        ConfigError: the recipe or a change is wrong.
        DataError: a pattern has no file.
    """
    return load_recipe(args.config, parse_changes(args.set)), expand_files(args.data)
