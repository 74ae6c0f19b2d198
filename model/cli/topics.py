"""`svodka topics`: list the topics that a model knows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.cli import tag

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add_parser", "run"]


def add_parser(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("topics", help="list the topics that a model knows")
    parser.add_argument("--model", type=Path, metavar="DIR", help="model folder (default: the one shipped with svodka)")


def run(args: argparse.Namespace) -> int:
    """Print id, threshold and titles of each topic, separated by tabs."""
    tagger = tag.load_tagger(args.model)
    for topic in tagger.titles:
        threshold = tagger.thresholds[topic.id]
        sys.stdout.write(f"{topic.id}\t{threshold:.2f}\t{topic.title_ru}\t{topic.title_en}\n")
    return 0
