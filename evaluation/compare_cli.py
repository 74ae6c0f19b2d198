"""`svodka compare`: say whether the new model (B) is better than the old one (A), and may be shipped."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from svodka.cli import tag
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, MissingExtraError
from svodka.evaluation.changed_rows import Change, changed_sentences
from svodka.evaluation.compare_table import render_changes, render_comparison, render_verdict
from svodka.evaluation.comparison import Comparison, compare_decisions
from svodka.evaluation.earlier_ids import all_topics, schemes_of, shared_topics
from svodka.evaluation.gate import Outcome, check, parse_requirement
from svodka.evaluation.labelled import Labelled, document_groups, read_labelled
from svodka.evaluation.metrics import DEFAULT_SEED
from svodka.evaluation.report.overlap import find_overlaps
from svodka.evaluation.report.part_terms import plain_warnings
from svodka.evaluation.scored import score, terms
from svodka.evaluation.verdict import Verdict, verdict_of
from svodka.files import atomic_write
from svodka.trained_on import learnt_from

if TYPE_CHECKING:
    from svodka.tagger import Tagger

__all__ = ["add_parser", "run"]

FORMAT_VERSION = 1
CURRENT = "current"
SHOWN = 20

EPILOG = """\
examples:
  svodka compare shipped runs/new --data test.jsonl
  svodka compare current runs/new --data test.jsonl            before `svodka install runs/new`
  svodka compare runs/old runs/new --data test.jsonl --show 50 --out difference.json
  svodka compare shipped runs/new --data test.jsonl --require 'macro_f1>=-0.5' --require 'f1:threats.low>=-5'

requirements: differences B - A in points (0.5 is half a hundredth of 1) of macro_f1, micro_f1, samples_f1,
  exact_match, mean_average_precision and f1:TOPIC, with >= or >; with .low behind the metric the lower end of the
  95 % interval is compared

exit codes: 0 done, 1 a requirement fails (the last line of stderr begins with "svodka: gate failed:") or a data or
  model problem ("svodka: error:"), 2 wrong usage
"""


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two models.

    Attributes:
        tagger: the model.
        topics: its ids of the shared topics; the two models may know a topic by different ones.
        probabilities: (n, shared topics), 0 to 1.
        decisions: bool (n, shared topics), the topics that it gives to each sentence.
        truncated: number of sentences whose end it did not see.
        overlap: what it has seen of the data, as `find_overlap` tells, without the sentences.
    """

    tagger: Tagger
    topics: Sequence[str]
    probabilities: NDArray[np.float64]
    decisions: NDArray[np.bool_]
    truncated: int
    overlap: Mapping[str, Any]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "compare",
        help="say whether a new model is better than an old one",
        description="Compare model B, the new one, with model A on labelled sentences: differences with intervals, "
        "the sentences that changed, a verdict, and a gate for scripts. Each model decides by its own thresholds.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("a", metavar="A", help="folder of the old model, `shipped` for svodka's own, `current` for the one in force")
    add("b", metavar="B", help="folder of the new model")
    add(
        "--data",
        nargs="+",
        action="extend",
        type=Path,
        required=True,
        metavar="FILE",
        help="labelled .jsonl, .csv or .tsv files; a column `doc` keeps sentences of a document together",
    )
    add("--require", action="append", default=[], metavar="X", help="'macro_f1>=-0.5', may be given several times")
    add("--show", type=int, default=SHOWN, metavar="N", help=f"print N changed sentences at most (default: {SHOWN})")
    add("--out", type=Path, metavar="FILE.json", help="write all figures, changed sentences and terms to this file")
    add("--seed", type=int, default=DEFAULT_SEED, metavar="N", help=f"of the intervals (default: {DEFAULT_SEED})")


def run(args: argparse.Namespace) -> int:
    """Compare, print, and write the JSON file if one is asked for; return 1 if a requirement fails, otherwise 0."""
    _check(args)
    taggers = [tag.load_tagger(None if name == CURRENT else name) for name in (args.a, args.b)]
    both = _shared(*taggers)
    shared = list(both.values())  # the new model's ids
    requirements = [parse_requirement(text, shared) for text in args.require]
    data, gold = _read(args.data, taggers, shared)
    sides = zip(taggers, (list(both), shared), _seen(taggers, data), strict=True)
    a, b = (_answer(tagger, data, own, overlap) for tagger, own, overlap in sides)
    comparison = compare_decisions(
        gold,
        a.decisions,
        b.decisions,
        shared,
        probabilities=(a.probabilities, b.probabilities),
        seed=args.seed,
        groups=document_groups(data),
    )
    changes = changed_sentences(data, gold, a.decisions, b.decisions, shared)
    verdict = verdict_of(comparison)
    outcomes = [check(requirement, comparison) for requirement in requirements]
    parts = [
        _heading((a, b), shared, data),
        render_comparison(comparison),
        render_changes(changes, args.show),
        render_verdict(verdict, outcomes),
    ]
    sys.stdout.write("\n".join(parts))
    if args.out:
        content = _terms((a, b), shared, data, args.seed) | _found(comparison, changes, verdict, outcomes)
        with atomic_write(args.out) as handle:
            handle.write(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return _gate(outcomes)


def _gate(outcomes: Sequence[Outcome]) -> int:
    """Return the exit code; of a failed gate tell on stderr, as a missing model ends with the same code."""
    failed = [outcome.requirement.text for outcome in outcomes if not outcome.holds]
    if not failed:
        return 0
    sys.stdout.flush()  # so that the line is the last one on a terminal, too
    sys.stderr.write(f"svodka: gate failed: {len(failed)} of {len(outcomes)} requirements: {', '.join(failed)}\n")
    return 1


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before the models are loaded."""
    for name in ("seed", "show"):
        if getattr(args, name) < 0:
            raise ConfigError(f"--{name} must be 0 or more, got {getattr(args, name)}")
    check_out(args.out, args.data)
    try:
        import scipy  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("svodka compare", "report") from error


def _shared(first: Tagger, second: Tagger) -> dict[str, str]:
    """Return the second model's id for each id of the first one, for the topics that both know."""
    shared = shared_topics(first.titles, second.titles)
    if not shared:
        known = f"A knows {', '.join(first.topics)}; B knows {', '.join(second.topics)}"
        raise ConfigError(f"the models share no topic and cannot be compared; {known}")
    return shared


def _read(
    files: Sequence[Path], taggers: Sequence[Tagger], shared: Sequence[str]
) -> tuple[Labelled, NDArray[np.float64]]:
    """Return the labelled rows, whose topics may stand under the ids of either model, and the labels of `shared`."""
    topics = all_topics(*(tagger.titles for tagger in taggers))
    ids = [topic.id for topic in topics]
    data = read_labelled(files, ids, schemes_of(topics, *(tagger.info.details for tagger in taggers)))
    return data, data.gold[:, [ids.index(topic) for topic in shared]]


def _seen(taggers: Sequence[Tagger], data: Labelled) -> list[dict[str, Any]]:
    """Return what each model has seen of the data, and warn of it: it flatters that model."""
    found = []
    details = [tagger.info.details for tagger in taggers]
    for letter, overlap in zip("AB", find_overlaps(details, data.files, data.texts), strict=True):
        for line in plain_warnings(overlap.content, len(data.rows)):
            sys.stderr.write(f"svodka: WARNING: {letter}: {line}\n")
        found.append({key: value for key, value in overlap.content.items() if key != "pairs"})
    return found


def _answer(tagger: Tagger, data: Labelled, topics: Sequence[str], overlap: Mapping[str, Any]) -> _Side:
    """Let a model decide about all sentences by its own thresholds; `topics` are its ids of the shared ones."""
    scored = score(tagger, data.texts, tagger.thresholds)
    columns = [tagger.topics.index(topic) for topic in topics]
    limits = np.array([tagger.thresholds[topic] for topic in topics])
    own = scored.probabilities[:, columns]
    return _Side(tagger, topics, own, own >= limits, int(scored.truncated.sum()), overlap)


def _heading(sides: Sequence[_Side], shared: Sequence[str], data: Labelled) -> str:
    """Say what is compared, and what is left out."""
    lines = []
    for letter, side in zip("AB", sides, strict=True):
        truncated = f", {side.truncated} sentences truncated" if side.truncated else ""
        lines.append(f"{letter}: {side.tagger.source} ({side.tagger.info.digest[:12]}){truncated}")
        if seen := learnt_from(side.tagger.info, data.files):
            lines.append(f"   WARNING: {letter} has learnt from {', '.join(seen)}, which flatters it")
        if alone := _alone(side):
            lines.append(f"   only {letter} knows, and not compared: {', '.join(alone)}")
    if renamed := _renamed(sides):
        lines.append(f"renamed: {', '.join(f'{new} (A: {old})' for old, new in renamed.items())}")
    if sides[0].tagger.info.digest == sides[1].tagger.info.digest:
        lines.append("A and B are the same model")
    if any(len(side.tagger.topics) > len(shared) for side in sides):
        lines.append(f"compared on {len(shared)} shared topics")
    if data.not_labelled:
        lines.append(f"not labelled and left out: {data.not_labelled}")
    return "\n".join(lines) + "\n"


def _alone(side: _Side) -> list[str]:
    """Return the topics that only this model knows."""
    return [topic for topic in side.tagger.topics if topic not in side.topics]


def _renamed(sides: Sequence[_Side]) -> dict[str, str]:
    """Return B's id for A's, where they differ."""
    return {old: new for old, new in zip(*(side.topics for side in sides), strict=True) if old != new}


def _terms(sides: Sequence[_Side], shared: Sequence[str], data: Labelled, seed: int) -> dict[str, Any]:
    """Return under which terms the models were compared."""
    both = [terms(side.tagger, seed) for side in sides]
    models = {}
    for letter, side, one in zip("ab", sides, both, strict=True):
        limits = {topic: float(side.tagger.thresholds[topic]) for topic in side.tagger.topics}
        models[letter] = one["model"] | {"thresholds": limits, "truncated": side.truncated}
        models[letter]["learnt_from"] = learnt_from(side.tagger.info, data.files)
        models[letter]["overlap"] = side.overlap
    common = {key: value for key, value in both[0].items() if key != "model"}
    return {
        "format_version": FORMAT_VERSION,
        **common,
        "models": models,
        "data": {"files": data.files, "labelled": len(data.rows), "not_labelled": data.not_labelled},
        "topics": {
            "shared": list(shared),
            "renamed": _renamed(sides),
            "only_a": _alone(sides[0]),
            "only_b": _alone(sides[1]),
        },
    }


def _found(
    comparison: Comparison, changes: Sequence[Change], verdict: Verdict, outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    """Return what was found, for the JSON file."""
    return {
        "verdict": asdict(verdict),
        "requirements": [asdict(outcome) for outcome in outcomes],
        "result": asdict(comparison),
        "changed": [asdict(change) for change in changes],
    }
