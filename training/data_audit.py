"""`svodka data audit`: rank the labels of files by how likely they are wrong, for somebody to look at them again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from svodka.cli import tag
from svodka.cli.grid import grid
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, DataError
from svodka.model_folder import file_digest
from svodka.output.palette import clean
from svodka.topics import load_topics
from svodka.trained_on import learnt_from, namesakes
from svodka.training.audit import Audit, Suspect, audit, need_cleanlab
from svodka.training.loading import expand_files, label_vector
from svodka.training.review_file import ENDINGS, write_review
from svodka.training.rows import Row, read_rows

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["add_parser", "run"]

SHOWN = 20
TEXT_COLUMNS = ("place", "id", "given", "text")

EPILOG = """\
examples:
  svodka data audit mine.jsonl                            by TF-IDF, cross-validated inside the file
  svodka data audit mine.jsonl --out review.csv --top 50
  svodka data audit mine.jsonl --model runs/other         by a model that was not trained on this file
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `svodka data`."""
    parser = commands.add_parser(
        "audit",
        help="find likely label errors",
        description="Rank the labels of files by how likely they are wrong (confident learning, with cleanlab). What "
        "nobody judged (`unknown`) is left out. A suspicion is a reason to read a sentence again, not a correction.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="labelled .jsonl, .csv or .tsv files")
    add("--scores", choices=("tfidf", "model"), help="whose probabilities are believed (default: tfidf)")
    add("--model", metavar="DIR", help="model folder for --scores model, or `shipped` (default: the model in force)")
    add("--topics", type=Path, metavar="FILE", help="YAML file of topics for TF-IDF (default: the shipped one)")
    add("--out", type=Path, metavar="FILE", help="write all suspects to this .csv or .jsonl file for review")
    add("--top", type=int, default=SHOWN, metavar="N", help=f"print N suspects at most (default: {SHOWN})")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Audit the files, print the most suspicious labels, and write all of them if a file is asked for; return 0.

    Raises:
        DataError: a file is missing or unusable, a row is wrong, or no row is labelled.
        ConfigError: options that do not fit each other.
        MissingExtraError: scikit-learn or cleanlab is not installed.
    """
    by_model = _check(args)
    need_cleanlab()
    tagger = tag.load_tagger(args.model) if by_model else None
    topics = tagger.topics if tagger else tuple(topic.id for topic in load_topics(args.topics))
    paths = expand_files(args.files)
    rows = _labelled(paths, topics)
    gold = np.array([label_vector(row, topics) for row in rows], dtype=np.float64)
    texts = [row.text for row in rows]
    if tagger:
        _warn(tagger, paths)
    probabilities = tagger.predict_proba(texts).astype(np.float64) if tagger else _by_tfidf(texts, gold)
    found = audit(rows, gold, probabilities, topics)
    sys.stdout.write(_render(found, len(rows), args.top))
    if args.out:
        write_review(found.suspects, args.out)
    return 0


def _check(args: argparse.Namespace) -> bool:
    """Refuse options that cannot work; return whether a model gives the probabilities."""
    if args.scores == "tfidf" and args.model is not None:
        raise ConfigError("--model belongs to --scores model, not to --scores tfidf")
    by_model = args.scores == "model" or args.model is not None
    if by_model and args.topics:
        raise ConfigError("--topics is for --scores tfidf; a model brings its own topics")
    if args.top < 0:
        raise ConfigError(f"--top must be 0 or more, got {args.top}")
    if args.out and args.out.suffix.lower() not in ENDINGS:
        raise ConfigError(f"--out {args.out}: expected a file ending in {' or '.join(ENDINGS)}")
    check_out(args.out, args.files)
    return by_model


def _labelled(paths: Sequence[Path], topics: Sequence[str]) -> list[Row]:
    """Return the labelled rows of the files."""
    rows = [row for path in paths for row in read_rows(path, topics)]
    labelled = [row for row in rows if row.topics is not None]
    if not labelled:
        raise DataError(f"{', '.join(map(str, paths))}: none of {len(rows)} rows is labelled (has 'topics')")
    return labelled


def _warn(tagger: Tagger, paths: Sequence[Path]) -> None:
    """Say so if the model has learnt these labels, errors included: it then finds them right."""
    files = [{"name": str(path), "sha256": file_digest(path)} for path in paths]
    if seen := learnt_from(tagger.info, files):
        sys.stderr.write(f"svodka: warning: the model has learnt the labels of {', '.join(seen)}, errors included\n")
    if alike := namesakes(tagger.info, files):
        names = ", ".join(alike)
        sys.stderr.write(f"svodka: warning: the model has learnt from another version, it seems, of {names}\n")


def _by_tfidf(texts: Sequence[str], gold: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities by TF-IDF and logistic regression, cross-validated."""
    from svodka.evaluation.peers.tfidf import out_of_fold

    sys.stderr.write(f"svodka: training TF-IDF on {len(texts)} sentences, five times for each topic\n")
    return out_of_fold(texts, gold)


def _render(found: Audit, n: int, top: int) -> str:
    """Return the most suspicious labels as a table, and how many there are."""
    suspects = found.suspects
    header = ["suspect", "probability", "quality", *TEXT_COLUMNS]
    lines = [grid(header, [_cells(one) for one in suspects[:top]], texts=TEXT_COLUMNS)] if suspects[:top] else []
    sentences = len({(one.row.source, one.row.line) for one in suspects})
    lines.append(f"suspects: {len(suspects)} of {found.judged} judged labels, in {sentences} of {n} sentences")
    if len(suspects) > top:
        lines.append(f"{len(suspects) - top} more are not shown: --top N shows N, --out FILE.csv holds all")
    if found.left_out:
        lines.append(f"not audited, as too few sentences have them or lack them: {', '.join(found.left_out)}")
    return "\n".join(lines) + "\n"


def _cells(one: Suspect) -> list[str]:
    """Return a suspect as a row of the table."""
    row = one.row
    figures = [f"{one.probability:.3f}", f"{one.quality:.3f}"]
    words = [f"{row.source}:{row.line}", row.id, ", ".join(row.topics or ()) or "-", clean(row.text)]
    return [f"{one.suggestion} {one.topic}", *figures, *words]
