"""`svodka suggest`: which sentences of unlabelled text to label next, with the model's predictions filled in."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from svodka.cli import tag
from svodka.cli.outfile import check_out
from svodka.cli.progress import Meter
from svodka.documents import STDIN
from svodka.errors import ConfigError, DataError, did_you_mean
from svodka.training.acquisition import acquire, diverse, doubts
from svodka.training.loading import expand_files
from svodka.training.new_topic import Ranking, find_new_topic, rank_for_new_topic
from svodka.training.pool import Pool, read_pool
from svodka.training.sentence_vectors import backbone_encoder
from svodka.training.suggestion_file import FORMS, Suggestion, choose_form, print_suggestions, write_suggestions
from svodka.training.texts import read_texts

if TYPE_CHECKING:
    from svodka.results import Prediction
    from svodka.tagger import Tagger
    from svodka.topics import Topic

__all__ = ["add_parser", "run"]

EXIT_SKIPPED = 3
DEFAULT_N = 100

EPILOG = """\
examples:
  svodka suggest news.txt --n 200 --out next.jsonl
  svodka suggest news/ --n 200 --to label-studio --out next.json
  svodka suggest posts.csv --column text --topic logistics --topic forces --out next.csv
  svodka suggest news.txt --labelled mine.jsonl --model my-model --out next.jsonl
  svodka suggest news.txt --topics topics.yaml --new-topic drones --out next.jsonl

exit codes: as for svodka tag
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "suggest",
        help="say which unlabelled sentences to label next",
        description="Rank sentences by how much labelling them would teach the model: those near the thresholds of "
        "its topics, and unlike each other. For a topic that no model knows yet: those most like its definition or, "
        "once some are labelled, those near a quick classifier's threshold.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("inputs", nargs="+", metavar="INPUT", help="text file, folder, table (with --column; also .gz), or -")
    add("--n", type=int, default=DEFAULT_N, metavar="N", help=f"number of sentences wanted (default: {DEFAULT_N})")
    add("--topic", action="append", default=[], metavar="ID", help="ask for this topic only, or these")
    add("--labelled", nargs="+", type=Path, default=[], metavar="FILE", help="leave out sentences of these files")
    add("--topics", type=Path, metavar="FILE", help="topics in YAML, among them the new one")
    add("--new-topic", metavar="ID", help="the topic of --topics that the model does not know yet; needs svodka[train]")
    add("--to", choices=tuple(FORMS), help="form of the file (default: by the ending of --out, otherwise jsonl)")
    add("--out", type=Path, metavar="FILE", help="write here instead of standard output")
    add("--column", metavar="NAME", help="the column of texts in tables")
    add("--encoding", metavar="NAME", help="encoding of the inputs (default: found out for each)")
    add("--quiet", action="store_true", help="no progress bar and no summary; what was skipped is still said")
    tag.add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Suggest sentences; return 0, or 3 if some inputs were skipped.

    Raises:
        ConfigError: options that make no sense, or not with each other.
        DataError: an input is unusable, or there is no sentence to suggest.
    """
    _check(args)
    form = choose_form(args.to, args.out)
    tagger = tag.load_tagger(args.model, **tag.model_settings(args))
    new = find_new_topic(args.topics, args.new_topic, tagger.titles) if args.new_topic else None
    asked = _asked(args.topic, tagger.topics)
    labelled = expand_files(args.labelled)
    known = [text for path in labelled for text in read_texts(path)]
    pool = read_pool(args.inputs, args.column, args.encoding, known=known, leave_out=args.out)
    if not pool.sentences:
        raise DataError(f"no sentence to suggest: {_left_out(pool) or 'the inputs are empty'}")
    predictions = _predicted(tagger, pool, args)
    if new is None:
        suggestions = _by_doubt(pool, predictions, tagger, asked, args)
        topics = tagger.titles
    else:
        ranking = rank_for_new_topic(new, [one.text for one in pool.sentences], labelled, backbone_encoder())
        suggestions = _by_ranking(pool, predictions, ranking, new.topic.id, args.n)
        topics = (*tagger.titles, new.topic)
        sys.stderr.write(f"svodka: {_how(new.topic.id, ranking)}\n")
    files = _write(form, args.out, suggestions, topics)
    _report(pool, len(suggestions), files, form, args.quiet)
    return EXIT_SKIPPED if pool.skipped else 0


def _check(args: argparse.Namespace) -> None:
    """Refuse options that cannot work."""
    if args.n < 1:
        raise ConfigError(f"--n must be 1 or more, got {args.n}")
    if bool(args.topics) != bool(args.new_topic):
        raise ConfigError("--topics FILE and --new-topic ID belong together: the file defines the topic")
    if args.new_topic and args.topic:
        raise ConfigError("--topic is for topics that the model knows, --new-topic for one that it does not; give one")
    check_out(args.out, [*(Path(name) for name in args.inputs if name != STDIN), *args.labelled])


def _asked(given: Sequence[str], topics: Sequence[str]) -> list[int]:
    """Return the places of the topics asked for; all if none is named."""
    for topic in given:
        if topic not in topics:
            hint = did_you_mean(topic, topics) or f" (topics: {', '.join(topics)})"
            raise ConfigError(f"--topic {topic}: the model has no such topic{hint}; for a new one there is --new-topic")
    return [place for place, topic in enumerate(topics) if topic in given or not given]


def _predicted(tagger: Tagger, pool: Pool, args: argparse.Namespace) -> list[Prediction]:
    """Return the model's predictions for the pool."""
    thresholds = tag.parse_thresholds(args.threshold, tagger.topics)
    found = []
    with Meter(sum(len(one.text) for one in pool.sentences), args.quiet) as meter:
        for prediction in tagger.stream((one.text for one in pool.sentences), thresholds):
            found.append(prediction)
            meter.advance(len(prediction.text))
    return found


def _by_doubt(
    pool: Pool, predictions: Sequence[Prediction], tagger: Tagger, asked: Sequence[int], args: argparse.Namespace
) -> list[Suggestion]:
    """Return the sentences that the model doubts most, with the topic that it doubts in each."""
    topics = [tagger.topics[place] for place in asked]
    given = tag.parse_thresholds(args.threshold, tagger.topics)
    limits = dict.fromkeys(topics, given) if isinstance(given, float) else {**tagger.thresholds, **(given or {})}
    scores = np.array([[one.scores[topic] for topic in topics] for one in predictions])
    doubted = doubts(scores, [limits[topic] for topic in topics])
    most = (doubted / doubted.mean(axis=0)).argmax(axis=1)
    order = acquire(doubted, [one.text for one in pool.sentences], args.n)
    return [_suggestion(rank, place, pool, predictions, topics[most[place]]) for rank, place in enumerate(order, 1)]


def _by_ranking(
    pool: Pool, predictions: Sequence[Prediction], ranking: Ranking, topic: str, n: int
) -> list[Suggestion]:
    """Return the sentences that a new topic needs most; the topics that the model knows are as predicted."""
    order = diverse(ranking.priority, [one.text for one in pool.sentences], n)
    found = []
    for rank, place in enumerate(order, 1):
        one = _suggestion(rank, place, pool, predictions, topic)
        if ranking.probability is None:
            found.append(replace(one, likeness=float(ranking.likeness[place])))
            continue
        score = float(ranking.probability[place])
        predicted = (*one.predicted, topic) if score >= ranking.threshold else one.predicted
        found.append(replace(one, scores={**one.scores, topic: score}, predicted=predicted))
    return found


def _suggestion(rank: int, place: int, pool: Pool, predictions: Sequence[Prediction], doubtful: str) -> Suggestion:
    """Return the sentence at a place of the pool with what the model says of it."""
    one, said = pool.sentences[place], predictions[place]
    return Suggestion(rank, one.id, one.source, one.text, said.topics, doubtful, said.scores)


def _how(topic: str, ranking: Ranking) -> str:
    """Say how sentences for a new topic were found, and what that is worth."""
    with_it, without = ranking.labelled
    if ranking.probability is None:
        return (
            f"{topic}: {with_it} sentences are labelled with it and {without} without, too few to learn from; "
            "ranked by likeness to its title and definition alone (zero-shot), a start that must be read with care"
        )
    return f"{topic}: ranked by a quick classifier that learned from {with_it} sentences with it and {without} without"


def _write(form: str, out: Path | None, suggestions: Sequence[Suggestion], topics: Sequence[Topic]) -> list[Path]:
    """Write the suggestions to a file or, as JSON Lines, to standard output; return the files."""
    if out is not None:
        return write_suggestions(form, out, suggestions, topics)
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    print_suggestions(sys.stdout, suggestions)
    return []


def _report(pool: Pool, suggested: int, files: Sequence[Path], form: str, quiet: bool) -> None:
    """Say on standard error what was done and what was not."""
    lines = [f"svodka: skipped {reason}" for reason in pool.skipped]
    if not quiet:
        left_out = _left_out(pool)
        lines.append(f"svodka: {suggested} of {len(pool.sentences)} sentences" + (f"; {left_out}" if left_out else ""))
        if files:
            lines.append(f"svodka: wrote {', '.join(map(str, files))}: {FORMS[form].next_step}")
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def _left_out(pool: Pool) -> str:
    """Say how many sentences were left out and why."""
    counts = {"repeated": pool.doubles, "labelled already": pool.known}
    said = ", ".join(f"{count} {why}" for why, count in counts.items() if count)
    return f"left out: {said}" if said else ""
