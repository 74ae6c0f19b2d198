"""`svodka bench`: measure svodka's speed beside the peers, in one run."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from svodka.cli.tag import MODEL_HELP
from svodka.engine import processors
from svodka.errors import ConfigError, MissingExtraError, did_you_mean
from svodka.evaluation.bench.growth import Sizes
from svodka.evaluation.bench.registry import KINDS, choose_kinds
from svodka.evaluation.bench.run import PARTS, Plan, run_bench
from svodka.evaluation.bench.speed import Terms
from svodka.evaluation.bench.table import render
from svodka.evaluation.bench.write import FILES, write_bench
from svodka.evaluation.metrics import DEFAULT_SEED
from svodka.evaluation.report.write import check_folder

__all__ = ["add_parser", "plan_of", "run"]

ROUNDS, SENTENCES, SINGLY, REST = 7, 1000, 100, 0.5
QUICK_ROUNDS, QUICK_SENTENCES, QUICK_SINGLY = 2, 100, 20
QUICK_SIZES = Sizes(sentences=(1, 10, 100), tokens=(10, 40), topics=(12, 50), rounds=2)

EPILOG = """\
examples:
  svodka bench --data texts.jsonl --quick                        a minute, to see what there is
  svodka bench --data pool.jsonl.gz --out bench                  also bench/bench.html, bench.md, bench.json, *.svg
  svodka bench --data pool.jsonl.gz --measure test.jsonl --train train.jsonl --out bench
  svodka bench --data pool.jsonl.gz --model small --model large --teacher teacher --measure test.jsonl
  svodka bench --data pool.jsonl.gz --parts speed --only pipeline-1,pipeline-32
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "bench",
        help="measure the speed beside the peers",
        description="Measure speed, start, size and sameness of answers, beside torch, transformers.pipeline and "
        "others. Each contender has a process of its own and as many threads as all others; they take turns.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_inputs(parser)
    add = parser.add_argument
    add("--only", action="append", default=[], metavar="NAME,NAME", help=f"of {', '.join(KINDS)} (default: all)")
    add("--parts", action="append", default=[], metavar="NAME,NAME", help=f"of {', '.join(PARTS)} (default: all)")
    add(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where svodka computes, whatever SVODKA_DEVICE says (default: cpu); the others always take the processor",
    )
    add("--threads", type=int, metavar="N", help="for each contender (default: all processors of this process)")
    add("--rounds", type=int, metavar="N", help=f"turns of each contender (default: {ROUNDS})")
    add("--sentences", type=int, metavar="N", help=f"drawn from the data; 0 takes all (default: {SENTENCES})")
    add("--quick", action="store_true", help="few sentences, few rounds, short series")
    add("--seed", type=int, default=DEFAULT_SEED, metavar="N", help=f"of all draws (default: {DEFAULT_SEED})")
    add("--out", type=Path, metavar="DIR", help="a folder for the page, Markdown, JSON and the charts")


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    """Add what is tagged, by what, and what it is judged on."""
    add = parser.add_argument
    files: dict[str, Any] = {"nargs": "+", "action": "extend", "type": Path, "metavar": "FILE"}
    add("--data", required=True, help="texts or sentences to tag: .jsonl, .csv or .tsv, also as .gz", **files)
    add(
        "--model",
        action="append",
        metavar="DIR",
        help=f"{MODEL_HELP}; several times to compare several, all others beside the first",
    )
    add("--teacher", metavar="DIR", help="a larger model that takes part, too")
    add("--measure", default=[], help="labelled files by which all answers are judged", **files)
    add("--train", default=[], help="labelled files for those contenders that learn", **files)


def run(args: argparse.Namespace) -> int:
    """Measure, write the folder after each part if one is asked for, and print the tables; return 0."""
    plan = plan_of(args)
    if args.out:
        if find_spec("jinja2") is None:
            raise MissingExtraError("svodka bench --out", "report")
        check_folder(args.out, [*plan.data, *plan.measure, *plan.train], FILES)
    keep = partial(write_bench, folder=args.out) if args.out else lambda _content: None
    sys.stdout.write(render(run_bench(plan, _say, keep)))
    return 0


def plan_of(args: argparse.Namespace) -> Plan:
    """Return what a command line asks for.

    Raises:
        ConfigError: a number, a contender or a part makes no sense.
    """
    rounds, sentences = (QUICK_ROUNDS, QUICK_SENTENCES) if args.quick else (ROUNDS, SENTENCES)
    rounds = rounds if args.rounds is None else args.rounds
    sentences = sentences if args.sentences is None else args.sentences
    threads = processors() if args.threads is None else args.threads
    for name, value, least in (
        ("rounds", rounds, 1),
        ("sentences", sentences, 0),
        ("threads", threads, 1),
        ("seed", args.seed, 0),
    ):
        if value < least:
            raise ConfigError(f"--{name} must be {least} or more, got {value}")
    if threads > processors():
        raise ConfigError(f"--threads {threads}: this process may use {processors()} processors")
    return Plan(
        data=tuple(args.data),
        models=tuple(args.model or [None]),
        teacher=args.teacher,
        measure=tuple(args.measure),
        train=tuple(args.train),
        kinds=tuple(choose_kinds(args.only)),
        parts=_parts(args.parts),
        threads=threads,
        sentences=sentences,
        singly=QUICK_SINGLY if args.quick else SINGLY,
        terms=Terms(rounds, 0.0 if args.quick else REST, args.seed),
        sizes=QUICK_SIZES if args.quick else Sizes(),
        quick=args.quick,
        device=args.device,
    )


def _parts(given: list[str]) -> tuple[str, ...]:
    """Return the parts of these names, each once, in their own order; no name means all."""
    names = [name.strip() for one in given for name in one.split(",") if name.strip()]
    for name in names:
        if name not in PARTS:
            raise ConfigError(f"--parts: no part {name!r}{did_you_mean(name, PARTS)} (parts: {', '.join(PARTS)})")
    return tuple(part for part in PARTS if not names or part in names)


def _say(line: str) -> None:
    """Tell what is being done."""
    sys.stderr.write(f"svodka: {line}\n")
