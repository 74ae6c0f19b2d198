"""`svodka evaluate`: measure a model on labelled sentences, beside a baseline if one is asked for."""

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
from svodka.evaluation.baseline import TfidfBaseline, fit_tfidf
from svodka.evaluation.behaviour import failure_rate, run_behaviour
from svodka.evaluation.behaviour_table import render_behaviour
from svodka.evaluation.labelled import Labelled, read_labelled
from svodka.evaluation.metrics import DEFAULT_SEED, compare_predictions, evaluate_predictions
from svodka.evaluation.results import BaselineResult
from svodka.evaluation.scored import Scored, score, terms, thresholds_in_force
from svodka.evaluation.suites import Suite, read_suites, shipped_cases
from svodka.evaluation.table import render
from svodka.files import atomic_write

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["add_parser", "run"]

FORMAT_VERSION = 1

EPILOG = """\
examples:
  svodka evaluate --data test.jsonl                        the model shipped with svodka
  svodka evaluate --model runs/mine --data test.jsonl --out test.json
  svodka evaluate --data test.jsonl --baseline tfidf --train train.jsonl
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
    add("--baseline", choices=("tfidf",), help="train this on the files of --train and show it beside the model")
    add("--train", nargs="+", action="extend", type=Path, metavar="FILE", help="labelled files for the baseline")
    add("--seed", type=int, default=DEFAULT_SEED, metavar="N", help=f"of the intervals (default: {DEFAULT_SEED})")


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
            | {"data": None, "thresholds": thresholds, "result": None, "baseline": None}
            | figures
            | {"behaviour": behaviour}
        )
        with atomic_write(args.out) as handle:
            handle.write(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return 0


def _on_data(args: argparse.Namespace, tagger: Tagger, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Measure on the labelled files, print the tables, and return what the JSON file says of it."""
    data = read_labelled(args.data, tagger.topics)
    train = read_labelled(args.train, tagger.topics) if args.baseline else None
    scored = score(tagger, data.texts, thresholds)
    truncated = int(scored.truncated.sum())
    result = evaluate_predictions(data.gold, scored.probabilities, thresholds, tagger.topics, seed=args.seed)
    fitted = _fit(train, tagger.topics) if train else None
    baseline = _measure(fitted, data, scored, args.seed) if fitted else None
    sys.stdout.write(render(result, baseline, not_labelled=data.not_labelled, truncated=truncated))
    return {
        "data": {"files": data.files, "n": result.n, "not_labelled": data.not_labelled, "truncated": truncated},
        "result": asdict(result),
        "baseline": _described(baseline, fitted, train),
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
    if bool(args.baseline) != bool(args.train):
        raise ConfigError("--baseline and --train belong together: --baseline tfidf --train FILE")
    if args.baseline and not args.data:
        raise ConfigError("--baseline is measured on --data FILE, which is missing")
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


def _fit(train: Labelled, topics: Sequence[str]) -> TfidfBaseline:
    """Train the baseline, which may take minutes."""
    sys.stderr.write(f"svodka: training the TF-IDF baseline on {len(train.texts)} sentences\n")
    return fit_tfidf(train.texts, train.gold, topics)


def _measure(fitted: TfidfBaseline, data: Labelled, model: Scored, seed: int) -> BaselineResult:
    """Measure the baseline on the data, and its distance from the model."""
    own = (fitted.predict_proba(data.texts), fitted.thresholds)
    ours = (model.probabilities, model.thresholds)
    return BaselineResult(
        kind="tfidf",
        n_train=fitted.n,
        result=evaluate_predictions(data.gold, *own, fitted.topics, seed=seed),
        difference=compare_predictions(data.gold, ours, own, fitted.topics, seed=seed),
    )


def _described(
    baseline: BaselineResult | None, fitted: TfidfBaseline | None, train: Labelled | None
) -> dict[str, object] | None:
    """Return what the JSON file says of the baseline."""
    if baseline is None or fitted is None or train is None:
        return None
    return asdict(baseline) | {"train_files": train.files, "strengths": fitted.strengths}
