"""`svodka topics`: list the topics that a model knows."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from svodka.cli import tag

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add_parser", "run"]


def add_parser(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("topics", help="list the topics that a model knows")
    parser.add_argument("--model", metavar="DIR", help=tag.MODEL_HELP)


def run(args: argparse.Namespace) -> int:
    """Print id, threshold and titles of each topic, separated by tabs, and on standard error whose they are."""
    tagger = tag.load_tagger(args.model)
    sys.stderr.write(f"svodka: topics of the model {tagger.source} ({tagger.info.digest[:12]})\n")
    for topic in tagger.titles:
        threshold = tagger.thresholds[topic.id]
        sys.stdout.write(f"{topic.id}\t{threshold:.2f}\t{topic.title_ru}\t{topic.title_en}\n")
    return 0
