"""Makes the model that ships, from the sentences of this repository and further ones that are given.

    python -m svodka.training.make_shipped --data real.jsonl \
        --unlabelled pool.jsonl.gz --unlabelled unlabelled.jsonl.gz --out runs/shipped

With `--chain quick` it makes the quick model that reads before the shipped one, for
`svodka.training.make_cascade` to put into its folder.

The commands are those of `configs/chains/shipped.yaml` or `quick.yaml`, each run as a process of its own; `--dry-run`
only prints them. Broken off by whatever, the same command goes on: what is whole stays, a training goes on from its
last checkpoint. How far it is, and how many minutes each step took, stands in `chain.json` beside what the steps make.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from svodka.cli.dying import dies_tidily
from svodka.cli.main import guarded
from svodka.errors import ConfigError, DataError
from svodka.lock import alone
from svodka.training.chain import GIVEN, Chain, Places, read_chain
from svodka.training.chain_run import Job, run_process
from svodka.training.chain_state import LOCK_FILE, STATE_FILE, State, origin_of, read_state
from svodka.training.history import check_history
from svodka.training.loading import expand_files

__all__ = ["check_given", "main", "make"]


def make(job: Job, run: Callable[[Sequence[str], int], int] = run_process) -> tuple[int, State]:
    """Run a chain, or what is left of it; return 0 or the exit code of the step that failed, and how far it is now.

    Args:
        job: the chain and its files.
        run: runs a command line, with the descriptor of the lock that is held meanwhile, and returns its exit code.

    Raises:
        ConfigError: the places do not go together, something in them was not made by this chain, another process is at
            it, or svodka's earlier files cannot be had.
        DataError: a given file, or the chain's state, is unusable.
        ModelFilesError: a model folder is damaged.
        OSError: a place cannot be written.
    """
    job.check_places()
    if not job.today:
        check_history(step.git for step in job.chain.steps if step.git)
    check_given(job.chain, job.given)
    job.runs.mkdir(parents=True, exist_ok=True)
    busy = f"{job.runs}: another process is running a chain there, or a step of one that was killed"
    with alone(job.runs / LOCK_FILE, busy) as lock:
        state = read_state(job.runs, origin_of(job.chain, job.given, job.runs, today=job.today))
        return job.run(state, _say, lambda words: run(words, lock)), state


def check_given(chain: Chain, given: Places) -> None:
    """Look for the given files, so that a slip in a name is told before anything runs.

    Raises:
        ConfigError: one that the chain needs is not given.
        DataError: one is not there.
    """
    for name in chain.needed():
        if not given[name]:
            raise ConfigError(f"the chain {chain.name!r} needs --{name} FILE")
    for path in (path for paths in given.values() for path in paths):
        if not path.is_file():
            raise DataError(f"{path}: there is no such file")


def _say(line: str) -> None:
    """Write a line to standard error. If nobody reads that any more, this and what steps write goes nowhere."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())
        os.close(nowhere)


def _printed(job: Job) -> str:
    """Return all commands, as a shell takes them."""
    steps = "".join(f"\n# {title}\n{job.line(step)}\n" for title, step in job.titled())
    return f"mkdir -p {shlex.quote(str(job.runs))}\n{steps}"


def _told(job: Job, state: State) -> str:
    """Return how long the steps took; the state also has the last ones of models elsewhere, which do not count here."""
    minutes = {name: state.steps[name].minutes for name in map(job.name, job.chain.steps)}
    lines = [f"{taken:7.1f} min  {name}\n" for name, taken in minutes.items()]
    total = sum(minutes.values())
    return "".join(lines) + f"{total:7.1f} min  {job.out}, all steps together; see {job.runs / STATE_FILE}\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the chain, or print it; return 0, or the exit code of the step that failed."""
    parser = argparse.ArgumentParser(prog="svodka.training.make_shipped", description=__doc__.split("\n", 1)[0])
    add = parser.add_argument
    add("--data", action="append", default=[], type=Path, metavar="FILE", help="labelled sentences to learn from, too")
    told = "articles or sentences of the news that training/data/readings/news.jsonl has labels of"
    add("--unlabelled", action="append", default=[], type=Path, metavar="FILE", help=told)
    add("--out", required=True, type=Path, metavar="DIR", help="the model folder to write")
    add("--runs", default=Path("runs"), type=Path, metavar="DIR", help="what the steps make (default: runs)")
    add("--chain", default="shipped", metavar="NAME|FILE", help="the steps, in YAML (default: shipped)")
    told = "today's sentences and labels in place of those of earlier commits; another model comes out"
    add("--today", action="store_true", help=told)
    add("--dry-run", action="store_true", help="print the commands, run nothing")
    args = parser.parse_args(argv)
    given = {name: expand_files(getattr(args, name)) for name in GIVEN}
    job = Job(read_chain(args.chain), given, args.runs, args.out, args.today)
    if args.dry_run:
        sys.stdout.write(_printed(job))
        return 0
    with dies_tidily():
        code, state = make(job, run_process)
    if code == 0:
        sys.stdout.write(_told(job, state))
    return code


if __name__ == "__main__":
    raise SystemExit(guarded(main))
