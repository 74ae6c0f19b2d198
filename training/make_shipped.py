"""Makes the model that ships, from the sentences of this repository and further ones that are given.

    python -m svodka.training.make_shipped --data real.jsonl \
        --unlabelled pool.jsonl.gz --unlabelled unlabelled.jsonl.gz --out runs/shipped

The commands are those of `configs/chains/shipped.yaml`, each run as a process of its own; `--dry-run` only prints them.
Broken off by whatever, the same command goes on: what is whole stays, a training goes on from its last checkpoint. How
far it is, and how many minutes each step took, stands in `chain.json` beside what the steps make.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from svodka.cli.dying import dies_tidily
from svodka.cli.main import guarded
from svodka.errors import ConfigError, DataError
from svodka.lock import alone
from svodka.topics import load_topics
from svodka.training.chain import GIVEN, Chain, Places, read_chain
from svodka.training.chain_run import Job, Run, run_process
from svodka.training.chain_state import STATE_FILE, State, origin_of, read_state
from svodka.training.history import check_history
from svodka.training.label_scheme import label_scheme
from svodka.training.loading import expand_files
from svodka.training.texts import read_texts

__all__ = ["check_given", "main", "make"]

LOCK_FILE = "chain.lock"


def make(job: Job, run: Run = run_process) -> tuple[int, State]:
    """Run a chain, or what is left of it; return 0 or the exit code of the step that failed, and how far it is now.

    Args:
        job: the chain and its files.
        run: runs a command line and returns its exit code.

    Raises:
        ConfigError: the places do not go together, something in them was not made by this chain, another process is at
            it, or svodka's earlier files cannot be had.
        DataError: a given file is unusable.
        ModelFilesError: a model folder is damaged.
        OSError: a place cannot be written.
    """
    job.check_places()
    if not job.today:
        check_history(step.git for step in job.chain.steps if step.git)
    if not job.out.parent.is_dir() and job.out.parent != job.runs:
        raise ConfigError(f"--out {job.out}: there is no folder {str(job.out.parent)!r}")
    check_given(job.chain, job.given)
    job.runs.mkdir(parents=True, exist_ok=True)
    with alone(job.runs / LOCK_FILE, f"{job.runs}: another process is running a chain there"):
        state = read_state(job.runs, origin_of(job.chain, job.given, today=job.today))
        return job.run(state, _say, run), state


def check_given(chain: Chain, given: Places) -> None:
    """Read the given files once, so that hours of training do not end with a slip in the last one.

    Raises:
        ConfigError: one that the chain needs is not given.
        DataError: one is missing or damaged, or a row of it is wrong.
        MissingExtraError: the library that reads the format is not installed.
    """
    for name in chain.needed():
        if not given[name]:
            raise ConfigError(f"the chain {chain.name!r} needs --{name} FILE")
    topics = load_topics(next((Path(value) for value in chain.values("--topics")), None))
    for path in given["data"]:
        label_scheme(path, topics).read(path)
    for path in given["unlabelled"]:
        if not read_texts(path):
            raise DataError(f"{path}: has no texts")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _printed(job: Job) -> str:
    """Return all commands, as a shell takes them."""
    steps = "".join(f"\n# {title}\n{job.line(step)}\n" for title, step in job.titled())
    return f"mkdir -p {shlex.quote(str(job.runs))}\n{steps}"


def _told(job: Job, state: State) -> str:
    """Return how long the steps took."""
    lines = [f"{made.minutes:7.1f} min  {name}\n" for name, made in state.steps.items()]
    return "".join(lines) + f"{state.minutes:7.1f} min  {job.out}, all steps together; see {job.runs / STATE_FILE}\n"


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
