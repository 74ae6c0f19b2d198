"""`svodka evaluate`: measure a model on labelled sentences, beside a baseline if one is asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from svodka.cli import tag
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, MissingExtraError
from svodka.evaluation.baseline import TfidfBaseline, fit_tfidf
from svodka.evaluation.behaviour import run_behaviour
from svodka.evaluation.behaviour_table import render_behaviour
from svodka.evaluation.labelled import Labelled, document_groups, read_labelled
from svodka.evaluation.metrics import DEFAULT_SEED, compare_predictions, evaluate_predictions
from svodka.evaluation.report.build import (
    Measured,
    Options,
    build_report,
    describe_behaviour,
    slice_columns,
    without_data,
)
from svodka.evaluation.report.examples import EXAMPLES
from svodka.evaluation.report.overlap import training_files
from svodka.evaluation.report.texts import LANGUAGES
from svodka.evaluation.report.words import Probabilities
from svodka.evaluation.report.write import as_json, check_folder, write_report
from svodka.evaluation.results import BaselineResult, CapabilityResult
from svodka.evaluation.scored import Scored, score, terms, thresholds_in_force
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
  svodka evaluate --data test.jsonl                        the model shipped with svodka
  svodka evaluate --data test.jsonl --out report           also report/report.html, report.md and report.json
  svodka evaluate --model runs/mine --data test.jsonl --out test.json
  svodka evaluate --data test.jsonl --out report --slice source --train train.jsonl
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
    add("--baseline", choices=("tfidf",), help="train this on the files of --train and show it beside the model")
    add(
        "--train",
        nargs="+",
        action="extend",
        type=Path,
        metavar="FILE",
        help="labelled files for the baseline; the report also looks in them for sentences of the data",
    )
    add("--seed", type=int, default=DEFAULT_SEED, metavar="N", help=f"of the intervals (default: {DEFAULT_SEED})")


def run(args: argparse.Namespace) -> int:
    """Measure, print the tables, and write the report if one is asked for; return 0."""
    _check(args)
    tagger = tag.load_tagger(args.model)
    thresholds = thresholds_in_force(args.threshold, tagger)
    suites = _suites(args.behaviour, tagger.topics)
    found = _on_data(args, tagger, thresholds) if args.data else None
    behaviour = _on_cases(suites, tagger, thresholds, below=bool(args.data)) if suites else ()
    if not args.out:
        return 0
    if found is None:
        content = without_data(terms(args.model, tagger, args.seed), thresholds)
        content["behaviour"] = describe_behaviour(behaviour)
    else:
        measured, baseline = found
        options = Options(lang=args.lang, slices=args.slice, train=args.train or (), examples=args.examples)
        content = build_report(measured, options, _asking(tagger, thresholds), behaviour=behaviour, say=_say)
        content["baseline"] = baseline
    _write(args.out, content)
    return 0


def _on_data(
    args: argparse.Namespace, tagger: Tagger, thresholds: Mapping[str, float]
) -> tuple[Measured, Mapping[str, object] | None]:
    """Measure on the labelled files and print the tables; return the figures, and what is said of the baseline."""
    data = read_labelled(args.data, tagger.topics)
    slice_columns(data, args.slice)  # a slip in a name is said before the long work, here
    training_files(tagger.info.details, args.train or ())  # and there
    train = read_labelled(args.train, tagger.topics) if args.baseline else None
    scored = score(tagger, data.texts, thresholds)
    result = evaluate_predictions(
        data.gold, scored.probabilities, thresholds, tagger.topics, seed=args.seed, groups=document_groups(data)
    )
    fitted = _fit(train, tagger.topics) if train else None
    baseline = _measure(fitted, data, scored, args.seed) if fitted else None
    truncated = int(scored.truncated.sum())
    sys.stdout.write(render(result, baseline, not_labelled=data.not_labelled, truncated=truncated))
    sys.stdout.flush()
    measured = Measured(
        data=data,
        scored=scored,
        result=result,
        topics=tagger.titles,
        details=tagger.info.details,
        terms=terms(args.model, tagger, args.seed),
        given=_given(args.threshold, tagger),
    )
    return measured, _described(baseline, fitted, train)


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
    if args.baseline and not args.train:
        raise ConfigError("--baseline needs sentences to learn from: --baseline tfidf --train FILE")
    for name in ("baseline", "train", "slice"):
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


def _fit(train: Labelled, topics: Sequence[str]) -> TfidfBaseline:
    """Train the baseline, which may take minutes."""
    _say(f"training the TF-IDF baseline on {len(train.texts)} sentences")
    return fit_tfidf(train.texts, train.gold, topics)


def _measure(fitted: TfidfBaseline, data: Labelled, model: Scored, seed: int) -> BaselineResult:
    """Measure the baseline on the data, and its distance from the model."""
    own = (fitted.predict_proba(data.texts), fitted.thresholds)
    ours = (model.probabilities, model.thresholds)
    groups = document_groups(data)
    return BaselineResult(
        kind="tfidf",
        n_train=fitted.n,
        result=evaluate_predictions(data.gold, *own, fitted.topics, seed=seed, groups=groups),
        difference=compare_predictions(data.gold, ours, own, fitted.topics, seed=seed, groups=groups),
    )


def _described(
    baseline: BaselineResult | None, fitted: TfidfBaseline | None, train: Labelled | None
) -> dict[str, object] | None:
    """Return what the JSON file says of the baseline."""
    if baseline is None or fitted is None or train is None:
        return None
    return asdict(baseline) | {"train_files": train.files, "strengths": fitted.strengths}
