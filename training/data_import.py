"""`svodka data import`: a file of a labelling tool or a spreadsheet, made into svodka's own JSON Lines."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from svodka.cli import tag
from svodka.cli.main import EXIT_ERROR, EXIT_OK, EXIT_SKIPPED
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, DataError
from svodka.files import atomic_write
from svodka.topics import Topic, load_topics
from svodka.training.data_check import split_of
from svodka.training.formats import Example, Options, Reading, Rejected, TopicNames, read_examples
from svodka.training.formats.cells import plain
from svodka.training.formats.native import record_of, write_jsonl
from svodka.training.formats.reading import read_sentences
from svodka.training.import_checks import few_examples, repeats, seen_elsewhere
from svodka.training.import_summary import summary
from svodka.training.loading import REJECTED, expand_files
from svodka.training.recipe import load_recipe
from svodka.training.records import JSON_LINES
from svodka.training.row_ids import made_up_id
from svodka.training.swapped_labels import swapped_labels

__all__ = ["Imported", "add_options", "add_parser", "import_file", "options_of", "run"]

EPILOG = """\
examples:
  svodka data import labels.xlsx                                  only say what is in it
  svodka data import labels.xlsx --out data.jsonl --against test.jsonl
  svodka data import export.csv --text-column Фраза --label-column Тема --out data.jsonl

Exit code 0: done; 1: nothing written; 3: written, and some rows were set aside.
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What becomes of a file.

    Attributes:
        reading: the file as it was understood.
        kept: the rows to learn from, each with an id; there may be none.
        rejected: the rows set aside, in the order of the file.
        warnings: what the user should know before trusting the labels.
        merged: number of rows that went into another one of the same text, judged for other topics.
    """

    reading: Reading
    kept: Sequence[Example]
    rejected: Sequence[Rejected]
    warnings: Sequence[str]
    merged: int = 0


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `svodka data`."""
    parser = commands.add_parser(
        "import",
        help="make a labelled file of another format into svodka's own",
        description="Read a labelled file: JSON Lines, JSON, CSV, TSV, Excel, Parquet, exports of Label Studio, "
        "doccano and Argilla, Hugging Face data sets on disk. Say what was understood, set bad rows aside in a file, "
        "write the rest as JSON Lines.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="the file, or the folder of a data set")
    add(
        "--out",
        type=Path,
        metavar="FILE.jsonl",
        help="write the good rows here, others to FILE.rejected.jsonl beside it",
    )
    add("--strict", action="store_true", help="write nothing if any row is bad or anything is in doubt")
    add_options(parser)
    add("--against", nargs="+", type=Path, default=[], metavar="FILE", help="set aside rows that stand in these files")
    add(
        "--model",
        metavar="DIR",
        help="model that tells swapped labels, or `shipped` (default: the model in force)",
    )
    add("--no-swap-check", action="store_true", help="do not look for swapped labels, which takes some seconds")
    parser.set_defaults(run=run)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a file is to be read."""
    add = parser.add_argument
    add("--topics", type=Path, metavar="FILE", help="topics in YAML instead of svodka's own")
    add("--text-column", metavar="NAME", help="the column with the sentences")
    add("--label-column", action="append", default=[], metavar="NAME", help="a column with topics; may be given again")
    add("--separator", metavar="C", help="what separates the cells of a text table: a character, or tab")
    add("--sheet", metavar="NAME", help="the sheet of an Excel file")
    add("--split", metavar="NAME", help="the split of a data set with several, or all")
    add("--encoding", metavar="NAME", help="the encoding of a text file")
    add(
        "--empty",
        choices=("none", "unlabelled"),
        help="what no labels at all means where the format does not tell: read and without a topic, or not read",
    )
    add("--none-label", action="append", default=[], metavar="NAME", help="a label that means: has no topic")


def options_of(args: argparse.Namespace) -> Options:
    """Return the options of `add_options`."""
    return Options(
        text_column=args.text_column,
        label_columns=tuple(args.label_column),
        separator=args.separator,
        sheet=args.sheet,
        split=args.split,
        encoding=args.encoding,
        empty=args.empty,
    )


def run(args: argparse.Namespace) -> int:
    """Import the file, and say what it holds; return the exit code.

    Raises:
        DataError: the file cannot be understood, or not one row is good.
        ConfigError: an option is wrong.
        MissingExtraError: the library that reads the format is not installed.
    """
    for out in (args.out, args.out and _aside(args.out)):
        check_out(out, [args.file, *args.against])
    _check_ending(args.out)
    topics = load_topics(args.topics)
    names = TopicNames(topics, args.none_label)
    found = import_file(args.file, names, options_of(args), args.against)
    if not found.kept:
        written = args.out is not None and not args.strict
        if written:
            _write_aside(found, args.out)
        raise DataError(_nothing_good(found, _aside(args.out) if written else None))
    if not args.no_swap_check:
        found = replace(found, warnings=[*found.warnings, *_swapped(found.kept, topics, args.model)])
    stopped = args.strict and bool(found.rejected or found.warnings)
    aside = _aside(args.out) if args.out and found.rejected and not stopped else None
    sys.stdout.write(summary(found.reading, found.kept, found.rejected, found.merged, found.warnings, topics, aside))
    if stopped:
        sys.stdout.write("nothing written, as --strict wants every row good and nothing in doubt\n")
        return EXIT_ERROR
    if args.out:
        _write(found, args.out)
        sys.stdout.write(f"{args.out}: {len(found.kept)} rows; next: svodka train --data {args.out} --out DIR\n")
    return EXIT_SKIPPED if found.rejected else EXIT_OK


def import_file(path: Path, names: TopicNames, options: Options, against: Sequence[Path] = ()) -> Imported:
    """Read a file and check its rows against each other and against the files `against`.

    Raises:
        DataError: the file cannot be understood.
    """
    reading = read_examples(path, names, options)
    singles = repeats(reading.examples, names.ids)
    others = [(other, read_sentences(other, names)) for other in expand_files(against)]
    kept, seen = seen_elsewhere(singles.kept, others) if others else (singles.kept, [])
    rejected = sorted([*reading.rejected, *singles.rejected, *seen], key=lambda one: one.row)
    share = load_recipe("own").validation_share
    counts = {topic: sum(topic in (one.topics or ()) for one in kept) for topic in names.ids}
    few = few_examples(counts, split_of(path), share)
    taken = {one.id for one in kept if one.id is not None}
    named = [one if one.id is not None else replace(one, id=made_up_id(path, one.row, taken)) for one in kept]
    return Imported(reading, named, rejected, [*reading.warnings, *few], singles.merged)


def _check_ending(out: Path | None) -> None:
    """Refuse a name for the result that says it is anything but JSON Lines: no command would read it."""
    if out is not None and out.suffix.lower() not in JSON_LINES:
        raise ConfigError(
            f"--out {out}: an import writes JSON Lines; name a file that ends in {', '.join(JSON_LINES)} "
            "(`svodka data export` makes tables of it)"
        )


def _nothing_good(found: Imported, aside: Path | None) -> str:
    """Say how a file was taken of which no row is good, and what is wrong; `aside` is the file with all its rows."""
    path, rejected = found.reading.path, found.rejected
    lines = [f"{path}: not one of {len(rejected)} rows is good; it was taken as"]
    lines += [f"  {line}" for line in found.reading.understood]
    lines += [f"and (all in {aside})" if aside else "and"]
    lines += [f"  {one.problem(path)}" for one in rejected[:10]]
    return "\n".join([*lines, *(f"warning: {warning}" for warning in found.warnings)])


def _swapped(examples: Sequence[Example], topics: Sequence[Topic], model: str | None) -> list[str]:
    """Return the warnings of labels that look swapped, by a model that shares two topics or more."""
    labelled = {topic for one in examples for topic in one.topics or ()}
    if len(labelled) < 2:
        return []
    tagger = tag.load_tagger(model)
    shared = [topic.id for topic in topics if topic.id in tagger.topics]
    columns = [tagger.topics.index(topic) for topic in shared]
    if len(labelled & set(shared)) < 2:
        return []
    return swapped_labels(examples, shared, lambda texts: tagger.predict_proba(texts)[:, columns])


def _aside(out: Path) -> Path:
    """Return the file for the rows set aside: `data.rejected.jsonl` beside `data.jsonl`."""
    return out.with_suffix(REJECTED)


def _write(found: Imported, out: Path) -> None:
    """Write the good rows and, first, those set aside."""
    _write_aside(found, out)
    with atomic_write(out) as handle:
        write_jsonl(handle, map(record_of, found.kept))


def _write_aside(found: Imported, out: Path) -> None:
    """Write the rows set aside; what an earlier import set aside goes away."""
    aside = _aside(out)
    if found.rejected:
        with atomic_write(aside) as handle:
            write_jsonl(handle, (_rejected_record(one, found.reading.path) for one in found.rejected))
    else:
        aside.unlink(missing_ok=True)


def _rejected_record(one: Rejected, path: Path) -> dict[str, object]:
    """Return a row that was set aside as an object of the file: the first fault's column and value, all reasons."""
    first = one.faults[0]
    return {
        "source": str(path),
        "row": one.row,
        "column": first.column,
        "value": plain(first.value),
        "reason": one.reason,
        "original": plain(one.original),
    }
