"""`svodka evaluate`: measure a model on labelled sentences, beside a baseline if one is asked for.

The one module of `svodka.evaluation` that imports from `svodka.training`: how labelled rows are read is defined there,
and nothing of that needs torch.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from svodka import provenance
from svodka.cli import tag
from svodka.cli.progress import Meter
from svodka.errors import ConfigError, DataError, MissingExtraError
from svodka.evaluation.baseline import TfidfBaseline, fit_tfidf
from svodka.evaluation.metrics import DEFAULT_SEED, compare_predictions, evaluate_predictions
from svodka.evaluation.results import BaselineResult
from svodka.evaluation.table import render
from svodka.files import atomic_write
from svodka.model_folder import file_digest
from svodka.training.loading import expand_files, label_vector
from svodka.training.rows import read_rows

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["add_parser", "run"]

FORMAT_VERSION = 1

EPILOG = """\
examples:
  svodka evaluate --data test.jsonl                        the model shipped with svodka
  svodka evaluate --model runs/mine --data test.jsonl --out test.json
  svodka evaluate --data test.jsonl --baseline tfidf --train train.jsonl
"""


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The labelled rows of some files.

    Attributes:
        files: name, SHA-256 and number of rows of each file.
        texts: the sentences.
        gold: float64 (n, topics) of 1, 0, and -1 for not judged.
        not_labelled: number of rows that nobody labelled; they are not in `texts`.
    """

    files: list[dict[str, str | int]]
    texts: list[str]
    gold: NDArray[np.float64]
    not_labelled: int


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
        required=True,
        metavar="FILE",
        help="labelled .jsonl, .csv or .tsv files",
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
    thresholds = _thresholds(args.threshold, tagger)
    data = _read(args.data, tagger.topics)
    train = _read(args.train, tagger.topics) if args.baseline else None
    probabilities, truncated = _predict(tagger, data.texts)
    result = evaluate_predictions(data.gold, probabilities, thresholds, tagger.topics, seed=args.seed)
    fitted = _fit(train, tagger.topics) if train else None
    baseline = _measure(fitted, data, (probabilities, thresholds), args.seed) if fitted else None
    sys.stdout.write(render(result, baseline, not_labelled=data.not_labelled, truncated=truncated))
    if args.out:
        content = _terms(args.model, tagger, args.seed) | {
            "data": {"files": data.files, "n": result.n, "not_labelled": data.not_labelled, "truncated": truncated},
            "thresholds": thresholds,
            "result": asdict(result),
            "baseline": _described(baseline, fitted, train),
        }
        with atomic_write(args.out) as handle:
            handle.write(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before the model is loaded."""
    if bool(args.baseline) != bool(args.train):
        raise ConfigError("--baseline and --train belong together: --baseline tfidf --train FILE")
    if args.seed < 0:
        raise ConfigError(f"--seed must be 0 or more, got {args.seed}")
    if args.out is not None:
        if args.out.is_dir():
            raise ConfigError(f"--out {args.out} is a folder; name a file in it")
        if not args.out.parent.is_dir():
            raise ConfigError(f"--out {args.out}: there is no folder {str(args.out.parent)!r}")
        if any(name.resolve() == args.out.resolve() for name in [*args.data, *(args.train or [])]):
            raise ConfigError(f"--out {args.out} is also an input and would be overwritten")
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("svodka evaluate", "report") from error


def _thresholds(given: Sequence[str], tagger: Tagger) -> dict[str, float]:
    """Return the thresholds in force: the model's own, and over them what the command line gives."""
    chosen = tag.parse_thresholds(given, tagger.topics)
    if isinstance(chosen, float):
        return dict.fromkeys(tagger.topics, chosen)
    return {topic: float((chosen or {}).get(topic, tagger.thresholds[topic])) for topic in tagger.topics}


def _read(names: Sequence[Path], topics: Sequence[str]) -> _Labelled:
    """Read labelled files; topics that the model does not know are errors."""
    paths = expand_files(names)
    tables = [read_rows(path, topics) for path in paths]
    rows = [row for table in tables for row in table]
    labelled = [row for row in rows if row.topics is not None]
    if not labelled:
        raise DataError(f"{', '.join(map(str, paths))}: none of {len(rows)} rows is labelled (has 'topics')")
    return _Labelled(
        files=[
            {"name": str(path), "sha256": file_digest(path), "rows": len(table)}
            for path, table in zip(paths, tables, strict=True)
        ],
        texts=[row.text for row in labelled],
        gold=np.array([label_vector(row, topics) for row in labelled], dtype=np.float64),
        not_labelled=len(rows) - len(labelled),
    )


def _predict(tagger: Tagger, texts: Sequence[str]) -> tuple[NDArray[np.float64], int]:
    """Return the probabilities (n, topics) and the number of truncated texts."""
    rows: list[list[float]] = []
    truncated = 0
    with Meter(len(texts)) as meter:
        for prediction in tagger.stream(texts):
            rows.append([prediction.scores[topic] for topic in tagger.topics])
            truncated += prediction.truncated
            meter.advance(1)
    return np.array(rows, dtype=np.float64), truncated


def _fit(train: _Labelled, topics: Sequence[str]) -> TfidfBaseline:
    """Train the baseline, which may take minutes."""
    sys.stderr.write(f"svodka: training the TF-IDF baseline on {len(train.texts)} sentences\n")
    return fit_tfidf(train.texts, train.gold, topics)


def _measure(
    fitted: TfidfBaseline, data: _Labelled, model: tuple[NDArray[np.float64], Mapping[str, float]], seed: int
) -> BaselineResult:
    """Measure the baseline on the data, and its distance from the model."""
    own = (fitted.predict_proba(data.texts), fitted.thresholds)
    return BaselineResult(
        kind="tfidf",
        n_train=fitted.n,
        result=evaluate_predictions(data.gold, *own, fitted.topics, seed=seed),
        difference=compare_predictions(data.gold, model, own, fitted.topics, seed=seed),
    )


def _described(
    baseline: BaselineResult | None, fitted: TfidfBaseline | None, train: _Labelled | None
) -> dict[str, object] | None:
    """Return what the JSON file says of the baseline."""
    if baseline is None or fitted is None or train is None:
        return None
    return asdict(baseline) | {"train_files": train.files, "strengths": fitted.strengths}


def _terms(model: Path | None, tagger: Tagger, seed: int) -> dict[str, object]:
    """Return under which terms the figures were measured."""
    return {
        "format_version": FORMAT_VERSION,
        "date": provenance.now(),
        "model": {"folder": None if model is None else str(model), "digest": tagger.info.digest},
        "seed": seed,
        "versions": provenance.versions(),
        "hardware": provenance.hardware(),
        "git_commit": provenance.git_commit(),
    }
