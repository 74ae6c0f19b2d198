"""`svodka evaluate`: measure a model on labelled sentences, beside its peers if they are asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.cli import tag
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, MissingExtraError
from svodka.evaluation.behaviour import run_behaviour
from svodka.evaluation.behaviour_table import render_behaviour
from svodka.evaluation.earlier_ids import schemes_of
from svodka.evaluation.labelled import Labelled, document_groups, read_labelled
from svodka.evaluation.metrics import DEFAULT_SEED, evaluate_predictions
from svodka.evaluation.peers.registry import PEERS, check_installed, choose_peers
from svodka.evaluation.peers.run import run_peers
from svodka.evaluation.report.build import (
    Measured,
    Options,
    build_report,
    describe_behaviour,
    slice_columns,
    without_data,
)
from svodka.evaluation.report.examples import EXAMPLES
from svodka.evaluation.report.overlap import Overlap, TrainingFile, find_overlap, training_files
from svodka.evaluation.report.part_terms import plain_warnings
from svodka.evaluation.report.texts import LANGUAGES
from svodka.evaluation.report.words import Probabilities
from svodka.evaluation.report.write import as_json, check_folder, write_report
from svodka.evaluation.results import CapabilityResult, PeerResult
from svodka.evaluation.scored import score, terms, thresholds_in_force
from svodka.evaluation.suites import Suite, read_suites, shipped_cases
from svodka.evaluation.table import render
from svodka.files import atomic_write

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["add_parser", "run"]

JSON_ENDING = ".json"
OTHER_ENDINGS = (".html", ".htm", ".md", ".txt", ".csv", ".jsonl")

EPILOG = """\
examples:
  svodka evaluate --data test.jsonl                        the model in force, see svodka install
  svodka evaluate --data test.jsonl --out report           also report/report.html, report.md and report.json
  svodka evaluate --model runs/mine --data test.jsonl --out test.json
  svodka evaluate --data test.jsonl --out report --slice source --train train.jsonl
  svodka evaluate --data test.jsonl --peers --train train.jsonl            all peers, which takes an hour or more
  svodka evaluate --data test.jsonl --peers tfidf,navec --train train.jsonl
  svodka evaluate --behaviour                              the behaviour cases shipped with svodka
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a model on labelled sentences",
        description="Measure a model on labelled sentences: precision, recall and F1 of each topic, and of the whole.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--data",
        nargs="+",
        action="extend",
        type=Path,
        metavar="FILE",
        help="labelled .jsonl, .csv or .tsv files",
    )
    add(
        "--behaviour",
        nargs="*",
        action="extend",
        type=Path,
        metavar="FILE|FOLDER",
        help="run behaviour cases, by default those that come with svodka; goes without --data, too",
    )
    tag.add_model_options(parser)
    _add_report_options(parser)
    _add_peer_options(parser)


def _add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what shapes the report."""
    add = parser.add_argument
    add(
        "--out",
        type=Path,
        metavar="PATH",
        help="a folder for the report as a page, Markdown and JSON; or a file.json for the JSON alone",
    )
    add("--lang", choices=LANGUAGES, default="ru", help="language of the page and the Markdown (default: ru)")
    add(
        "--slice",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="in the report, break the figures down by these columns, too",
    )
    add(
        "--examples",
        type=int,
        default=EXAMPLES,
        metavar="N",
        help=f"in the report, show N errors and N narrow hits; 0 keeps sentences out of it (default: {EXAMPLES})",
    )


def _add_peer_options(parser: argparse.ArgumentParser) -> None:
    """Add what is measured beside the model, and the seed of both."""
    add = parser.add_argument
    add(
        "--peers",
        nargs="*",
        action="extend",
        metavar="NAME,NAME",
        help=f"train these on the files of --train and show them beside the model (default: all: {', '.join(PEERS)})",
    )
    add("--baseline", nargs=1, action="extend", dest="peers", choices=("tfidf",), help="the same as --peers tfidf")
    add(
        "--train",
        nargs="+",
        action="extend",
        type=Path,
        metavar="FILE",
        help="labelled files for the peers; the report also looks in them for sentences of the data",
    )
    add(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        metavar="N",
        help=f"of the intervals, and of the training of peers (default: {DEFAULT_SEED})",
    )


def run(args: argparse.Namespace) -> int:
    """Measure, print the tables, and write the report if one is asked for; return 0."""
    _check(args)
    tagger = tag.load_tagger(args.model, **tag.model_settings(args))
    thresholds = thresholds_in_force(args.threshold, tagger)
    suites = _suites(args.behaviour, tagger.topics)
    found = _on_data(args, tagger, thresholds) if args.data else None
    behaviour = _on_cases(suites, tagger, thresholds, below=bool(args.data)) if suites else ()
    if not args.out:
        return 0
    if found is None:
        content = without_data(terms(tagger, args.seed), thresholds)
        content["behaviour"] = describe_behaviour(behaviour)
    else:
        measured, overlap, peers, peers_train = found
        options = Options(lang=args.lang, slices=args.slice, train=args.train or (), examples=args.examples)
        asking = _asking(tagger, thresholds)
        content = build_report(measured, options, asking, peers=peers, behaviour=behaviour, say=_say, overlap=overlap)
        content["train"] = {"files": peers_train.files, "n": len(peers_train.rows)} if peers_train else None
    _write(args.out, content)
    return 0


def _on_data(
    args: argparse.Namespace, tagger: Tagger, thresholds: Mapping[str, float]
) -> tuple[Measured, Overlap, list[PeerResult], Labelled | None]:
    """Measure on the labelled files and print the tables.

    Returns:
        The figures, what the model has seen of the data, the peers, and what these learnt from.
    """
    scheme_of = schemes_of(tagger.titles, tagger.info.details)
    data = read_labelled(args.data, tagger.topics, scheme_of)
    slice_columns(data, args.slice)  # a slip in a name is said before the long work, here
    files = training_files(tagger.info.details, args.train or ())  # and there
    train = read_labelled(args.train, tagger.topics, scheme_of) if args.peers is not None else None
    overlap = _seen(tagger, data, files)
    scored = score(tagger, data.texts, thresholds)
    result = evaluate_predictions(
        data.gold, scored.probabilities, thresholds, tagger.topics, seed=args.seed, groups=document_groups(data)
    )
    peers = run_peers(args.peers, train, data, scored, tagger.topics, args.seed, _say) if train else []
    truncated = int(scored.truncated.sum())
    table = render(result, peers, not_labelled=data.not_labelled, truncated=truncated, seconds=scored.seconds)
    sys.stdout.write(table)
    sys.stdout.flush()
    measured = Measured(
        data=data,
        scored=scored,
        result=result,
        topics=tagger.titles,
        details=tagger.info.details,
        terms=terms(tagger, args.seed),
        given=_given(args.threshold, tagger),
    )
    return measured, overlap, peers, train


def _seen(tagger: Tagger, data: Labelled, files: Sequence[TrainingFile]) -> Overlap:
    """Return what the model has seen of the data, and warn of it: such figures flatter it."""
    if files:
        _say(f"comparing the data with the sentences of {len(files)} training file(s)")
    overlap = find_overlap(tagger.info.details, data.files, data.texts, files)
    for line in plain_warnings(overlap.content, len(data.rows)):
        _say(f"WARNING: {line}")
    return overlap


def _suites(names: Sequence[Path] | None, topics: Sequence[str]) -> list[Suite] | None:
    """Return the behaviour cases of `--behaviour`: None without it, those of svodka if it names no file."""
    return None if names is None else read_suites(names or [shipped_cases()], topics)


def _on_cases(
    suites: Sequence[Suite], tagger: Tagger, thresholds: Mapping[str, float], *, below: bool
) -> list[CapabilityResult]:
    """Run behaviour cases and print their table, `below` another or not."""
    results = run_behaviour(tagger, thresholds, suites)
    sys.stdout.write(("\n" if below else "") + render_behaviour(results))
    return results


def _asking(tagger: Tagger, thresholds: Mapping[str, float]) -> Probabilities:
    """Return the model as the report asks it."""
    return lambda texts: score(tagger, texts, thresholds, quiet=True).probabilities


def _write(out: Path, content: Mapping[str, object]) -> None:
    """Write the content where the user wants it, as a file or as a folder."""
    if out.suffix.lower() == JSON_ENDING:
        with atomic_write(out) as handle:
            handle.write(as_json(content))
    else:
        write_report(content, out)
        _say(f"wrote {out / 'report.html'}")


def _say(line: str) -> None:
    """Tell what is being done."""
    sys.stderr.write(f"svodka: {line}\n")


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before the model is loaded."""
    if not args.data and args.behaviour is None:
        raise ConfigError("nothing to measure; give --data FILE, or --behaviour, or both")
    if args.peers is not None and not args.data:
        raise ConfigError("--peers needs --data FILE, too")
    if args.peers is not None and not args.train:
        raise ConfigError("--peers needs sentences to learn from: --peers tfidf --train FILE")
    for name in ("train", "slice"):
        if getattr(args, name) and not args.data:
            raise ConfigError(f"--{name} needs --data FILE, too")
    for name in ("seed", "examples"):
        if getattr(args, name) < 0:
            raise ConfigError(f"--{name} must be 0 or more, got {getattr(args, name)}")
    if args.out is not None:
        inputs = [name for names in (args.data, args.train, args.behaviour) for name in names or []]
        _check_out(args.out, inputs, figures=bool(args.data))
    if not args.data:
        return
    try:
        import jinja2  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("svodka evaluate", "report") from error
    if args.peers is not None:
        check_installed(choose_peers(args.peers))


def _check_out(out: Path, inputs: Sequence[Path], *, figures: bool) -> None:
    """Refuse a place for the report that cannot be right; without `figures` on data there is no page to write."""
    ending = out.suffix.lower()
    if any(name.resolve() == out.resolve() for name in inputs):
        raise ConfigError(f"--out {out} is also an input and would be overwritten")
    if ending == JSON_ENDING:
        check_out(out, inputs)
    elif ending in OTHER_ENDINGS:
        raise ConfigError(f"--out {out}: give a folder, which gets report.html, report.md and report.json, or a .json")
    elif not figures:
        raise ConfigError(f"--out {out}: a page needs --data FILE; behaviour cases alone go into a file.json")
    else:
        check_folder(out, inputs)


def _given(thresholds: Sequence[str], tagger: Tagger) -> list[str]:
    """Return the topics whose threshold the command line gives."""
    chosen = tag.parse_thresholds(thresholds, tagger.topics)
    if chosen is None:
        return []
    return list(tagger.topics) if isinstance(chosen, float) else [topic for topic in tagger.topics if topic in chosen]
