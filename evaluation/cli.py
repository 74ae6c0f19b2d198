"""`svodka evaluate`: measure a model on labelled sentences, beside its peers if they are asked for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svodka.cli import tag
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, MissingExtraError
from svodka.evaluation.behaviour import failure_rate, run_behaviour
from svodka.evaluation.behaviour_table import render_behaviour
from svodka.evaluation.labelled import read_labelled
from svodka.evaluation.metrics import DEFAULT_SEED, evaluate_predictions
from svodka.evaluation.peers.registry import PEERS, check_installed, choose_peers
from svodka.evaluation.peers.run import run_peers
from svodka.evaluation.scored import score, terms, thresholds_in_force
from svodka.evaluation.suites import Suite, read_suites, shipped_cases
from svodka.evaluation.table import render
from svodka.files import atomic_write

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["add_parser", "run"]

FORMAT_VERSION = 2

EPILOG = """\
examples:
  svodka evaluate --data test.jsonl                        the model shipped with svodka
  svodka evaluate --model runs/mine --data test.jsonl --out test.json
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
    add("--out", type=Path, metavar="FILE.json", help="write all figures and terms to this file, too")
    add(
        "--peers",
        nargs="*",
        action="extend",
        metavar="NAME,NAME",
        help=f"train these on the files of --train and show them beside the model (default: all: {', '.join(PEERS)})",
    )
    add("--baseline", nargs=1, action="extend", dest="peers", choices=("tfidf",), help="the same as --peers tfidf")
    add("--train", nargs="+", action="extend", type=Path, metavar="FILE", help="labelled files for the peers")
    add(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        metavar="N",
        help=f"of the intervals, and of the training of peers (default: {DEFAULT_SEED})",
    )


def run(args: argparse.Namespace) -> int:
    """Measure, print the tables, and write the JSON file if one is asked for; return 0."""
    _check(args)
    tagger = tag.load_tagger(args.model)
    thresholds = thresholds_in_force(args.threshold, tagger)
    suites = _suites(args.behaviour, tagger.topics)
    figures = _on_data(args, tagger, thresholds) if args.data else {}
    behaviour = _on_cases(suites, tagger, thresholds, below=bool(args.data)) if suites else None
    if args.out:
        content = (
            {"format_version": FORMAT_VERSION}
            | terms(args.model, tagger, args.seed)
            | {"data": None, "thresholds": thresholds, "result": None, "train": None, "peers": []}
            | figures
            | {"behaviour": behaviour}
        )
        with atomic_write(args.out) as handle:
            handle.write(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return 0


def _on_data(args: argparse.Namespace, tagger: Tagger, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Measure on the labelled files, print the tables, and return what the JSON file says of it."""
    data = read_labelled(args.data, tagger.topics)
    train = read_labelled(args.train, tagger.topics) if args.train else None
    scored = score(tagger, data.texts, thresholds)
    truncated = int(scored.truncated.sum())
    result = evaluate_predictions(data.gold, scored.probabilities, thresholds, tagger.topics, seed=args.seed)
    peers = run_peers(args.peers, train, data, scored, tagger.topics, args.seed, _say) if train else []
    table = render(result, peers, not_labelled=data.not_labelled, truncated=truncated, seconds=scored.seconds)
    sys.stdout.write(table)
    return {
        "data": {"files": data.files, "n": result.n, "not_labelled": data.not_labelled, "truncated": truncated},
        "result": asdict(result),
        "train": {"files": train.files, "n": len(train.texts)} if train else None,
        "peers": [asdict(peer) for peer in peers],
    }


def _suites(names: Sequence[Path] | None, topics: Sequence[str]) -> list[Suite] | None:
    """Return the behaviour cases of `--behaviour`: None without it, those of svodka if it names no file."""
    return None if names is None else read_suites(names or [shipped_cases()], topics)


def _on_cases(
    suites: Sequence[Suite], tagger: Tagger, thresholds: Mapping[str, float], *, below: bool
) -> list[dict[str, Any]]:
    """Run behaviour cases, print their table, `below` another or not, and return what the JSON file says of it."""
    results = run_behaviour(tagger, thresholds, suites)
    sys.stdout.write(("\n" if below else "") + render_behaviour(results))
    return [asdict(result) | {"failure_rate": asdict(failure_rate(result))} for result in results]


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before the model is loaded."""
    if not args.data and args.behaviour is None:
        raise ConfigError("nothing to measure; give --data FILE, or --behaviour, or both")
    if (args.peers is None) != (args.train is None):
        raise ConfigError("--peers and --train belong together: --peers tfidf --train FILE")
    if args.peers is not None and not args.data:
        raise ConfigError("--peers are measured on --data FILE, which is missing")
    if args.seed < 0:
        raise ConfigError(f"--seed must be 0 or more, got {args.seed}")
    inputs = [name for names in (args.data, args.train, args.behaviour) for name in names or []]
    check_out(args.out, inputs)
    if not args.data:
        return
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("svodka evaluate", "report") from error
    if args.peers is not None:
        check_installed(choose_peers(args.peers))


def _say(line: str) -> None:
    """Tell what is being done."""
    sys.stderr.write(f"svodka: {line}\n")
