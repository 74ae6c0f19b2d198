"""`svodka data export`: labelled sentences for Label Studio, doccano or a spreadsheet."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from svodka.cli.main import EXIT_OK
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, DataError
from svodka.topics import load_topics
from svodka.training.data_import import add_options, options_of
from svodka.training.formats import TopicNames, read_examples
from svodka.training.formats.exports import EXPORTS
from svodka.training.formats.to_tools import NAME_KINDS
from svodka.training.rows import error_of

__all__ = ["add_parser", "run"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `svodka data`."""
    parser = commands.add_parser(
        "export",
        help="write labelled sentences for Label Studio, doccano or a spreadsheet",
        description="Write labelled sentences, of whatever format `svodka data import` reads, for a labelling tool or "
        "a spreadsheet. Labels go along, and for Label Studio the `scores` of a model as predictions; what else is "
        "known of a sentence comes back when the tool's export is imported.",
    )
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="labelled sentences")
    add("--to", required=True, choices=tuple(EXPORTS), help="what to write")
    add("--out", required=True, type=Path, metavar="FILE", help="the file to write; for Label Studio also its .xml")
    add(
        "--names",
        choices=tuple(NAME_KINDS),
        help="topics by title in Russian, English, or id (default: ru for labelling tools, id for tables)",
    )
    add_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the file, and say what to do with it; return 0.

    Raises:
        DataError: the sentences cannot be read, or a row is bad.
        ConfigError: an option is wrong.
        MissingExtraError: the library that reads or writes the format is not installed.
    """
    check_out(args.out, [args.file])
    if args.out.suffix == ".xml":
        raise ConfigError(f"--out {args.out}: the tasks are JSON; name a .json file, the .xml is written beside it")
    topics = load_topics(args.topics)
    reading = read_examples(args.file, TopicNames(topics, args.none_label), options_of(args))
    if reading.rejected:
        raise error_of([one.problem(args.file) for one in reading.rejected])
    if not reading.examples:
        raise DataError(f"{args.file}: has no rows")
    for warning in reading.warnings:
        sys.stderr.write(f"svodka: warning: {warning}\n")
    export = EXPORTS[args.to]
    files = export.write(args.out, reading.examples, topics, args.names or export.kind)
    sys.stdout.write(f"{', '.join(map(str, files))}: {len(reading.examples)} rows; {export.next_step}\n")
    return EXIT_OK
