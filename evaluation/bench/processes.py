"""Start the processes of the contenders with equal threads on the same processors, ask them, and outlive them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from types import TracebackType
from typing import IO, Any, cast

from svodka.errors import SvodkaError

__all__ = ["Worker", "WorkerError", "apart", "environment", "pinned", "processor_ids"]

WORKER = "svodka.evaluation.bench.worker"
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",  # of tokenizers
)
LAST_WORDS = 400  # characters of a dead worker's standard error
PATIENCE_SECONDS = 10


class WorkerError(SvodkaError):
    """A contender's process has died or could not do its work."""


def processor_ids(threads: int) -> list[int] | None:
    """Return the first so many of the processors that this process may use; None where nobody can be pinned."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    return sorted(os.sched_getaffinity(0))[:threads]


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a contender: as many threads for every library, no network, no other output."""
    fixed = {
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "PYTHONWARNINGS": "ignore",
    }
    found = dict(os.environ) | dict.fromkeys(THREAD_VARIABLES, str(threads)) | fixed
    found.pop("PYTHONDONTWRITEBYTECODE", None)  # makes a process compile anew what an installation has compiled once
    return found


def apart(work: Callable[..., None], *arguments: Any) -> None:
    """Do some work in a fresh process, with which goes what it has opened; its error is raised here.

    Raises:
        WorkerError: the process has died of it.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            pool.submit(work, *arguments).result()
        except BrokenProcessPool as error:
            raise WorkerError("a process has died without a word of why, perhaps for memory") from error


@contextmanager
def pinned(processors: Sequence[int] | None) -> Iterator[None]:
    """Start processes on some processors only; None leaves everything as it is.

    A process inherits the processors of the thread that starts it, before it makes any thread of its own.
    """
    if processors is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Worker:
    """A process with one contender in it.

    Args:
        name: what errors call it.
        threads: how many threads its libraries may use, on as many processors.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        with pinned(processor_ids(threads)):
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=environment(threads),
                encoding="utf-8",
            )
        self._questions = cast(IO[str], self._process.stdin)
        self._answers = cast(IO[str], self._process.stdout)

    def __enter__(self) -> Worker:
        """Return the worker."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self.close()

    def ask(self, question: str, **arguments: Any) -> dict[str, Any]:
        """Put a question to the process and wait for the answer.

        Raises:
            WorkerError: the process has died; with its last words.
        """
        line = ""
        with suppress(BrokenPipeError):
            self._questions.write(json.dumps({"ask": question} | arguments, ensure_ascii=False) + "\n")
            self._questions.flush()
            line = self._answers.readline()
        if not line.endswith("\n"):
            raise WorkerError(self._obituary())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process: it leaves when there are no more questions, and is killed if it does not."""
        try:
            self._process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def _obituary(self) -> str:
        """Say how the process ended."""
        code = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", errors="replace").strip().splitlines()
        why = said[-1].strip()[:LAST_WORDS] if said else "killed, perhaps for memory" if code < 0 else "no word of why"
        return f"the process of {self._name} ended with code {code}: {why}"
