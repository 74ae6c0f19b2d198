"""The process that runs one contender: questions come on standard input, answers go to standard output, a line each.

Each line is a JSON object. Texts are given once under a name and asked about by it, so that no transfer is timed.
Whatever a library prints goes to standard error. An error ends the process; its last words are on standard error.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import IO, Any

from svodka.evaluation.bench.protocol import Contender, Job, Prepare

__all__ = ["Service", "main", "peak_memory", "serve"]

CONTENDERS = "svodka.evaluation.bench.contenders"
STATUS = Path("/proc/self/status")


class Service:
    """Holds the contender and the texts; every public method answers a question of that name."""

    def __init__(self) -> None:
        self._contender: Contender | None = None
        self._texts: dict[str, Sequence[str]] = {}

    def prepare(self, module: str, job: Mapping[str, Any]) -> dict[str, Any]:
        """Make the contender and say how many seconds that took."""
        began = perf_counter()
        make: Prepare = import_module(f"{CONTENDERS}.{module}").prepare
        self._contender = make(Job.from_dict(job))
        return {"seconds": perf_counter() - began}

    def keep(self, name: str, texts: Sequence[str]) -> dict[str, Any]:
        """Keep texts under a name."""
        self._texts[name] = texts
        return {"texts": len(texts)}

    def tag(self, name: str) -> dict[str, Any]:
        """Tag the texts of a name together; say how many seconds that took and how many sentences they held."""
        contender, texts = self._ready(), self._texts[name]
        gc.collect()
        began = perf_counter()
        answers = contender.tag(texts)
        return {"seconds": perf_counter() - began, "sentences": len(answers)}

    def singly(self, name: str) -> dict[str, Any]:
        """Tag the texts of a name one by one; return the seconds of each."""
        contender, seconds = self._ready(), []
        gc.collect()
        for text in self._texts[name]:
            began = perf_counter()
            contender.tag([text])
            seconds.append(perf_counter() - began)
        return {"seconds": seconds}

    def answers(self, name: str) -> dict[str, Any]:
        """Return the topics of the sentences of a name."""
        return {"answers": self._ready().answers(self._texts[name])}

    def memory(self) -> dict[str, Any]:
        """Return the most memory that this process has held, in bytes; None if the system does not tell."""
        return {"bytes": peak_memory()}

    def _ready(self) -> Contender:
        if self._contender is None:
            raise RuntimeError("asked before it was prepared")
        return self._contender


def peak_memory() -> int | None:
    """Return the largest resident memory of this process so far, in bytes; None where it cannot be had.

    `getrusage` also counts, on Linux, what the parent process held when it made this one, so /proc is asked first.
    """
    try:
        lines = STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return _largest_resident()
    found = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)
    return found or _largest_resident()


def _largest_resident() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def serve(questions: IO[str], answers: IO[str]) -> None:
    """Answer questions `{"ask": method, …arguments}` until there are no more."""
    service = Service()
    for line in questions:
        question = json.loads(line)
        method: Callable[..., dict[str, Any]] = getattr(service, question.pop("ask"))
        answers.write(json.dumps(method(**question), ensure_ascii=False) + "\n")
        answers.flush()


def main() -> None:
    """Serve standard input; what others print to standard output goes to standard error."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        with open(sys.stdin.fileno(), encoding="utf-8", closefd=False) as questions:
            serve(questions, answers)


if __name__ == "__main__":
    main()
