"""`svodka tag`: tag the sentences of files, folders, tables and standard input.

With `--out` the result is written whole or not at all: after an error, Ctrl-C or `kill` an older file stands as it was.
On standard output what was written before stays written; each line of it is whole. With `--parts` that is true of each
part; see `svodka.cli.parts`.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from svodka.cli.dying import dies_tidily
from svodka.cli.outfile import check_out
from svodka.cli.part_state import STATE_FILE
from svodka.cli.parts import PART_ROWS, PartsJob, check_folder, write_parts
from svodka.cli.progress import Meter
from svodka.documents import STDIN, Inputs
from svodka.errors import ConfigError, SvodkaError, did_you_mean
from svodka.files import atomic_write
from svodka.output import FORMATS, choose_format, make_writer
from svodka.providers import DEVICE_VARIABLE, DEVICES

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from svodka.cli.part_state import State
    from svodka.output import OutputFormat
    from svodka.tagger import Tagger

__all__ = [
    "MODEL_HELP",
    "add_model_options",
    "add_parser",
    "load_tagger",
    "model_settings",
    "parse_thresholds",
    "run",
]

EXIT_SKIPPED = 3
SKIPPED_SHOWN = 10
MODEL_HELP = "model folder, or the word `shipped` (default: the model in force, see `svodka install --help`)"

EPILOG = """\
examples:
  svodka tag article.txt                                  a table on the terminal
  svodka tag articles/ --out report.html                  all .txt and .md files of a folder, one page
  svodka tag posts.csv --column text --out tagged.csv     one text per row
  cat article.txt | svodka tag - --format jsonl           one JSON object per sentence
  svodka tag posts.jsonl.gz --column text --parts --format parquet --out tagged
                                                          tagged/part-00000.parquet and so on

big files: tables (.csv .tsv .jsonl .ndjson, also with .gz, and .parquet) are read row by row, so memory does not grow
with them. A text file is one article and is read whole, since its layout is told from all its lines; put millions of
texts into the rows of a table. With --parts a run that was killed goes on if it is given again with --resume; it needs
the same inputs, model and settings. Broken rows behind the first of a table are then skipped and listed, also in
_state.json. What stops a run all the same, as a first row that is broken or a quotation mark that is missing, can be
mended before it goes on.

exit codes: 0 done, 1 data or model problem, 2 wrong usage, 3 some inputs or rows were skipped, 130 interrupted
"""


def add_parser(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "tag",
        help="tag the sentences of texts with topics",
        description="Split Russian texts into sentences and tag each with topics.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("inputs", nargs="+", metavar="INPUT", help="text file, folder, table (with --column), or - for standard input")
    add("--column", metavar="NAME", help="the column of texts in CSV, TSV, JSON Lines and Parquet files")
    add("--format", choices=tuple(FORMATS), help="default: by the suffix of --out, otherwise table")
    add("--out", type=Path, metavar="PATH", help="write here (.txt .jsonl .csv .parquet .html), not to standard output")
    add("--parts", action="store_true", help="write --out as a folder of files (default format: jsonl)")
    add(
        "--part-rows",
        type=int,
        metavar="N",
        help=f"with --parts: a file ends with the text that gives it its Nth sentence (default: {PART_ROWS})",
    )
    add("--resume", action="store_true", help="with --parts: go on with a run that was interrupted or killed")
    add_model_options(parser)
    add("--encoding", metavar="NAME", help="encoding of the inputs (default: found out for each)")
    add("--lang", choices=("ru", "en"), default="ru", help="language of titles in tables and pages (default: ru)")
    add(
        "--quiet",
        action="store_true",
        help="no progress bar and no summary; what was skipped or is in doubt is still said",
    )


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that mean the same to every command that uses a model."""
    parser.add_argument("--model", metavar="DIR", help=MODEL_HELP)
    parser.add_argument(
        "--precision",
        choices=("int8", "float32"),
        help="how to compute: int8 (default), or float32, which is slower and needs svodka[float32]",
    )
    parser.add_argument(
        "--device", choices=DEVICES, help=f"where the model runs (default: {DEVICE_VARIABLE}, or CUDA if there is any)"
    )
    parser.add_argument(
        "--threshold",
        action="append",
        default=[],
        metavar="X",
        help="0.4 for all topics or topic=0.4 for one, may be given several times (default: the model's own)",
    )


@dies_tidily()
def run(args: argparse.Namespace) -> int:
    """Tag the inputs; return 0, or 3 if some were skipped."""
    out = None if args.out in (None, Path(STDIN)) else args.out
    if args.parts or args.resume or args.part_rows is not None:
        return _run_parts(args, out)
    check_out(out, [Path(name) for name in args.inputs if name != STDIN])
    form = choose_format(args.format, out)
    inputs = Inputs(args.inputs, args.column, args.encoding, leave_out=out)
    tagger = load_tagger(args.model, **model_settings(args))
    thresholds = parse_thresholds(args.threshold, tagger.topics)
    from svodka.cli.pipeline import tag_documents  # the splitter is not for --help

    documents = 0
    with Meter(inputs.total, args.quiet) as meter, _opened(out, FORMATS[form]) as handle:
        writer = make_writer(form, handle, tagger.titles, args.lang)
        writer.begin()
        for document in tag_documents(tagger, inputs, thresholds, meter.advance):
            documents += 1
            with meter.aside():
                writer.write(document)
        with meter.aside():
            writer.end()
    return _report(inputs, documents, meter.sentences, args.quiet)


def _run_parts(args: argparse.Namespace, out: Path | None) -> int:
    """Tag the inputs into a folder of parts; return as `run`."""
    if not args.parts or out is None:
        raise ConfigError("--resume and --part-rows go with --parts, and --parts with --out FOLDER")
    rows = PART_ROWS if args.part_rows is None else args.part_rows
    job = PartsJob(out, args.format or "jsonl", rows, args.resume)
    check_folder(job, args.inputs)
    inputs = Inputs(args.inputs, args.column, args.encoding, leave_out=out, lenient=True)
    tagger = load_tagger(args.model, **model_settings(args))
    thresholds = parse_thresholds(args.threshold, tagger.topics)
    try:
        with Meter(inputs.total, args.quiet) as meter:
            state = write_parts(tagger, inputs, thresholds, job, meter)
    except ConfigError:
        raise  # it was refused, and nothing was skipped
    except (SvodkaError, OSError) as error:
        skipped = [reason for reason in inputs.skipped if reason != str(error)]
        sys.stderr.write(_lines(_told(skipped, inputs.doubts)))
        raise
    return _report(state, state.documents, state.rows, args.quiet, listed=f", all in {out / STATE_FILE}")


def model_settings(args: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of `Tagger.load` that the command line gives; those that it leaves alone are not in it."""
    given = {"precision": args.precision, "device": args.device}
    return {name: value for name, value in given.items() if value is not None}


def load_tagger(model: str | None, **settings: Any) -> Tagger:
    """Load a model as the command line names it; None is the one in force. Tests put their own tagger here.

    `settings` are those of `Tagger.load`.
    """
    from svodka.tagger import Tagger  # onnxruntime is not for --help

    return Tagger.load(model, **settings)


def parse_thresholds(given: Sequence[str], topics: Sequence[str]) -> float | Mapping[str, float] | None:
    """Read `0.4` (all topics) and `topic=0.4` (one, whatever the order); None if nothing is given.

    Raises:
        ConfigError: not a number from 0 to 1, an unknown topic, or two values for the same.
    """
    found: dict[str | None, float] = {}
    for text in given:
        topic, _, value = text.rpartition("=")
        if topic and topic not in topics:
            known = ", ".join(topics)
            raise ConfigError(f"--threshold {text}: no topic {topic!r}{did_you_mean(topic, topics)} (topics: {known})")
        if (topic or None) in found:
            raise ConfigError(f"--threshold {text}: a second value for {topic or 'all topics'}")
        found[topic or None] = _threshold(text, value)
    default = found.pop(None, None)
    single = {topic: value for topic, value in found.items() if topic is not None}
    if default is None:
        return single or None
    return {topic: single.get(topic, default) for topic in topics} if single else default


def _threshold(text: str, value: str) -> float:
    """Read one threshold."""
    try:
        number = float(value)
    except ValueError as error:
        raise ConfigError(f"--threshold {text}: {value!r} is not a number; use 0.4 or topic=0.4") from error
    if not 0 <= number <= 1:
        raise ConfigError(f"--threshold {text}: {value} is not between 0 and 1")
    return number


def _opened(out: Path | None, form: OutputFormat) -> AbstractContextManager[IO[Any]]:
    """Return the handle for the result, atomic if it is a file."""
    if out is None:
        return _standard_output(form.newline)
    return atomic_write(out, "wb" if form.binary else "w", newline=form.newline)


@contextmanager
def _standard_output(newline: str) -> Iterator[IO[str]]:
    """Give standard output: UTF-8 in files and pipes, on a terminal its own encoding with `?` for what it lacks."""
    stdout = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        if stdout.isatty():
            stdout.reconfigure(errors="replace")
        else:
            stdout.reconfigure(encoding="utf-8", newline=newline)
    yield stdout
    stdout.flush()


def _report(read: Inputs | State, documents: int, sentences: int, quiet: bool, listed: str = "") -> int:
    """Say on standard error what was done and what was not; return 0, or 3 if something was skipped."""
    lines = _told(read.skipped, read.doubts, listed)
    if not quiet:
        empty = f", {read.empty} empty" if read.empty else ""
        skipped = f", {len(read.skipped)} skipped" if read.skipped else ""
        lines.append(f"svodka: documents {documents}, sentences {sentences}{empty}{skipped}")
    sys.stderr.write(_lines(lines))
    return EXIT_SKIPPED if read.skipped else 0


def _told(skipped: Sequence[str], doubts: Sequence[str], listed: str = "") -> list[str]:
    """Return the lines that tell what was skipped and what is in doubt; `listed` says where all of it stands."""
    lines = []
    for word, reasons in (("skipped", skipped), ("warning:", doubts)):
        lines += [f"svodka: {word} {reason}" for reason in reasons[:SKIPPED_SHOWN]]
        if (more := len(reasons) - SKIPPED_SHOWN) > 0:
            lines.append(f"svodka: … and {more} more{listed}")
    return lines


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
