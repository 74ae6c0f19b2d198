"""Measure a model on a graphics card: `python -m svodka.evaluation.gpu_check POOL --labelled FILE --out JSON`.

How many sentences a second the card tags, and the processor, by turns; how many decisions of the card turn if it is
asked about the same sentences alone, together and in other orders; and how many it takes otherwise than the processor.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from svodka.cascade import open_engine
from svodka.cli.main import guarded
from svodka.cli.outfile import check_out
from svodka.cli.tag import MODEL_HELP
from svodka.engine import Precision, Scorer
from svodka.errors import ConfigError
from svodka.evaluation.bench.accuracy import macro_f1, macro_f1_difference
from svodka.evaluation.bench.independence import Logits, compare_logits, cuts, measure_independence
from svodka.evaluation.bench.material import read_material
from svodka.evaluation.bench.timing import give_up, spread, take_turns
from svodka.evaluation.cells import without_folders
from svodka.evaluation.labelled import Labelled, read_labelled
from svodka.evaluation.metrics import DEFAULT_SEED
from svodka.evaluation.scored import terms
from svodka.files import atomic_write
from svodka.model_folder import read_model_info
from svodka.provenance import graphics_card
from svodka.source import choose_model
from svodka.tagger import Tagger

__all__ = ["main", "measure"]

CARD = "cuda"
# The card comes first: where there is none, nothing else need be loaded.
WAYS: dict[str, tuple[Precision, str]] = {
    CARD: ("float32", "cuda"),
    "cpu_float32": ("float32", "cpu"),
    "cpu_int8": ("int8", "cpu"),
}
OTHERS = tuple(way for way in WAYS if way != CARD)


def measure(
    model: str | None, sentences: Sequence[str], labelled: Labelled | None, rounds: int, threads: int | None, seed: int
) -> dict[str, Any]:
    """Return what the card does beside the processor, plain values for JSON.

    Args:
        model: a model as the command line names it; None is the one in force.
        sentences: to tag, at least one.
        labelled: sentences by which the answers are judged; None: nobody judges.
        rounds: how often each way is timed, at least 1, after a first time that does not count.
        threads: of the processor; None takes all. On the card, so many batches are under way at once.
        seed: of random orders and of intervals.

    Returns:
        The terms, see `svodka.evaluation.scored.terms`, with the card as `gpu` of the hardware; `per_second`, sentences
        a second by way; `company`, see `measure_independence`, of the card; `decisions`, see `compare_logits`, of the
        card against each way of the processor; `judged`, see `_judged`.

    Raises:
        ConfigError: there is no card that can be used.
        ModelFilesError: the model folder is unusable.
        SvodkaError: the card failed on the way.
    """
    source = choose_model(model)
    info = read_model_info(source.folder)
    engines = {way: open_engine(source.folder, info, threads, *how) for way, how in WAYS.items()}
    taggers = {way: Tagger(info, engine, source) for way, engine in engines.items()}
    limits = cuts([info.thresholds[topic.id] for topic in info.topics])
    encoded = {way: engine.encode(sentences) for way, engine in engines.items()}
    logits = {way: engine.logits(encoded[way], len(limits)) for way, engine in engines.items()}
    found = terms(taggers[CARD], seed)
    return {
        **found,
        "hardware": found["hardware"] | {"gpu": graphics_card()},
        "sentences": len(sentences),
        "rounds": rounds,
        "per_second": _per_second(taggers, sentences, rounds),
        "company": measure_independence(engines[CARD], encoded[CARD], limits, seed, _say),
        "decisions": {way: compare_logits(logits[CARD], logits[way], limits) for way in OTHERS},
        "judged": _judged(engines, limits, labelled, seed) if labelled else None,
    }


def _per_second(taggers: Mapping[str, Tagger], sentences: Sequence[str], rounds: int) -> dict[str, Any]:
    """Return for each way the sentences that it tags in a second: median, quartiles, number of rounds."""
    _say("tagging by turns")
    turns = {way: _timed(tagger, sentences) for way, tagger in taggers.items()}
    take_turns(turns, 1, failed=give_up)
    seconds = take_turns(turns, rounds, failed=give_up)
    return {way: spread([len(sentences) / one for one in took]).to_dict() for way, took in seconds.items()}


def _timed(tagger: Tagger, sentences: Sequence[str]) -> Callable[[], float]:
    def turn() -> float:
        began = perf_counter()
        tagger.predict(sentences)
        return perf_counter() - began

    return turn


def _judged(engines: Mapping[str, Scorer], limits: Logits, labelled: Labelled, seed: int) -> dict[str, Any]:
    """Return `n`, `macro_f1` by way, and `difference`: that of the card minus that of each way of the processor."""
    decided = {
        way: engine.logits(engine.encode(labelled.texts), len(limits)) >= limits for way, engine in engines.items()
    }
    return {
        "n": len(labelled.rows),
        "macro_f1": {way: macro_f1(labelled, one, seed) for way, one in decided.items()},
        "difference": {way: macro_f1_difference(labelled, decided[CARD], decided[way], seed) for way in OTHERS},
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the figures as JSON and write them to `--out`; return 0."""
    args = _parser().parse_args(argv)
    check_out(args.out, [args.pool, *args.labelled])
    written = json.dumps(_measured(args), ensure_ascii=False, indent=1) + "\n"
    sys.stdout.write(written)
    sys.stdout.flush()  # what was measured is then seen even if the file is refused
    if args.out:
        with atomic_write(args.out) as out:
            out.write(written)
    return 0


def _measured(args: argparse.Namespace) -> dict[str, Any]:
    """Read what the command line names and return the figures, with the files from which they are."""
    for name, value, least in (("sentences", args.sentences, 0), ("rounds", args.rounds, 1), ("seed", args.seed, 0)):
        if value < least:
            raise ConfigError(f"--{name} must be {least} or more, got {value}")
    material = read_material([args.pool], args.sentences, 1, args.seed)
    topics = [topic.id for topic in read_model_info(choose_model(args.model).folder).topics]
    labelled = read_labelled(args.labelled, topics) if args.labelled else None
    found = measure(args.model, material.drawn, labelled, args.rounds, args.threads, args.seed)
    judged_by = without_folders(labelled.files) if labelled else []
    return found | {"files": {"pool": material.files, "labelled": judged_by}}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="svodka.evaluation.gpu_check", description=__doc__)
    add = parser.add_argument
    add("pool", type=Path, metavar="POOL", help="texts to tag: .jsonl, .csv or .tsv, also as .gz")
    add("--labelled", nargs="+", type=Path, default=[], metavar="FILE", help="labelled files that judge the answers")
    add("--model", metavar="DIR", help=MODEL_HELP)
    add("--sentences", type=int, default=2000, metavar="N", help="drawn from the pool; 0 takes all (default: 2000)")
    add("--rounds", type=int, default=5, metavar="N", help="turns of each way to tag (default: 5)")
    add("--threads", type=int, metavar="N", help="default: all processors of this process")
    add("--seed", type=int, default=DEFAULT_SEED, metavar="N", help=f"of all draws (default: {DEFAULT_SEED})")
    add("--out", type=Path, metavar="JSON", help="write the figures here, too")
    return parser


def _say(line: str) -> None:
    """Tell what is being done."""
    sys.stderr.write(f"gpu_check: {line}\n")


if __name__ == "__main__":
    raise SystemExit(guarded(main))
