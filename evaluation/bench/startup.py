"""How long a fresh process takes until it can answer, and how much there is to install."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from svodka.evaluation.bench.processes import WorkerError, environment, pinned, processor_ids
from svodka.evaluation.bench.timing import give_up, spread, take_turns

__all__ = ["PACKAGES", "code_files", "measure_sizes", "measure_startup"]

SENTENCE = "Расчёты ПВО сбили над морем два беспилотника."
IMPORT = "import time; t = time.perf_counter(); import svodka; print(time.perf_counter() - t)"
FIRST_ANSWER = (
    "import sys; from svodka import Tagger; "
    "print(Tagger.load(sys.argv[1], device=sys.argv[3]).predict(sys.argv[2]).topics)"
)
PIPELINE_ANSWER = (
    "import sys; from transformers import pipeline; print(pipeline('text-classification', model=sys.argv[1], "
    "top_k=None, function_to_apply='sigmoid', device=-1)(sys.argv[2]))"
)
PACKAGES = ("svodka", "svodka.training", "svodka.evaluation", "svodka.configs")
WEIGHTS = "weights"
COMPRESSION = 6  # what zip files have unless somebody asks for another


def measure_startup(folder: Path, rounds: int, threads: int, *, pipeline: bool, device: str = "cpu") -> dict[str, Any]:
    """Return seconds of fresh processes, medians and quartiles.

    Keys: `interpreter` (Python alone, for scale), `import` (`import svodka`, inside the process), `first_answer` (from
    the start of a process to the end of it: load the model on the device, tag one sentence, print),
    `pipeline_first_answer` (the same with `transformers.pipeline` on the processor, if asked for). Files are in the
    system's cache: each was read once before.
    """

    def wall(code: str) -> Callable[[], float]:
        return lambda: _run(code, folder, threads, device)[0]

    measures = {
        "interpreter": wall("pass"),
        "import": lambda: float(_run(IMPORT, folder, threads)[1]),
        "first_answer": wall(FIRST_ANSWER),
    }
    if pipeline:
        measures["pipeline_first_answer"] = wall(PIPELINE_ANSWER)
    take_turns(measures, 1, failed=give_up)
    found = take_turns(measures, rounds, failed=give_up)
    return {name: spread(values).to_dict() for name, values in found.items()}


def measure_sizes(folder: Path, *, deflate: bool) -> dict[str, int | None]:
    """Return sizes in bytes.

    Keys: `model_onnx`; `model_folder`, all its files; `code`, the installed files of svodka without weights and without
    bytecode; `package`, code and model folder together, which is what an installation with this model takes;
    `deflated`, about what a wheel of these files takes, or None unless it is asked for, as that takes a while.
    """
    model = [path for path in sorted(folder.iterdir()) if path.is_file()]
    code = code_files()
    sizes = {name: sum(path.stat().st_size for path in files) for name, files in (("model", model), ("code", code))}
    return {
        "model_onnx": (folder / "model.onnx").stat().st_size,
        "model_folder": sizes["model"],
        "code": sizes["code"],
        "package": sizes["model"] + sizes["code"],
        "deflated": _deflated([*model, *code]) if deflate else None,
    }


def code_files() -> list[Path]:
    """Return the installed files of svodka, each once, without weights and without bytecode."""
    found: set[Path] = set()
    for package in PACKAGES:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            root = Path(place).resolve()
            files = (path for path in root.rglob("*") if path.is_file())
            kept = (path for path in files if not {WEIGHTS, "__pycache__"} & {*path.relative_to(root).parts})
            found.update(path.resolve() for path in kept)
    return sorted(found)


def _run(code: str, folder: Path, threads: int, device: str = "cpu") -> tuple[float, str]:
    """Run code in a fresh process; return the seconds that it took and what it printed."""
    command = [sys.executable, "-P", "-c", code, str(folder), SENTENCE, device]
    began = perf_counter()
    with pinned(processor_ids(threads)):
        done = subprocess.run(
            command, env=environment(threads), capture_output=True, encoding="utf-8", errors="replace", check=False
        )
    seconds = perf_counter() - began
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no word of why"]
        raise WorkerError(f"a fresh process ended with code {done.returncode}: {said[-1]}")
    return seconds, done.stdout


def _deflated(files: Sequence[Path]) -> int:
    return sum(len(zlib.compress(path.read_bytes(), COMPRESSION)) for path in files)
