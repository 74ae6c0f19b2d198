"""Tag a big file as a user would, and watch: `python -m svodka.evaluation.big_file --pool FILE --work DIR`.

The sentences of the pool are repeated until there are enough, each time with other numbers in them, so that nothing
that is remembered helps. `svodka tag --parts` runs as a process of its own; its memory and processor time are read from
/proc while it works, which only Linux has. It can be killed on the way (`--kills`), each time behind one more part, and
must then go on by itself; in the end every row of the input has to be there once, in order.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from svodka.cli.main import guarded
from svodka.cli.part_state import State, read_state
from svodka.columns import read_column
from svodka.errors import ConfigError, DataError
from svodka.files import atomic_write
from svodka.provenance import hardware, now, versions

__all__ = ["Memory", "Sample", "edited", "main", "memory", "missing_rows", "write_input"]

SAMPLE_SECONDS = 0.5
WARM_UP = 0.2  # share of the time after which memory should stay as it is
MIB = 1 << 20
PROGRAM = "import sys; from svodka.cli import main; sys.exit(main())"
DIGIT = re.compile(r"\d")
FINAL = re.compile(r"[.!?…]*$")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process used at one moment.

    Attributes:
        seconds: time since it was started.
        rss: resident memory in bytes.
        cpu: processor time so far, in seconds, of all its threads.
    """

    seconds: float
    rss: int
    cpu: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a process, in MiB.

    Attributes:
        after_warm_up: median of the fifth of the time that follows warm-up, which is the first fifth.
        at_end: median of the last fifth.
        highest: the most at any time.
        drift_percent: by how much `at_end` is above `after_warm_up`.
        spread_percent: the farthest that any sample behind warm-up is from `after_warm_up`.
    """

    after_warm_up: float
    at_end: float
    highest: float
    drift_percent: float
    spread_percent: float


def edited(texts: Iterable[str], seed: int) -> Iterator[str]:
    """Yield the texts over and over, never twice the same: with other digits and a number before the final mark."""
    draw = random.Random(seed)
    for count, text in enumerate(cycle(texts)):
        changed = DIGIT.sub(lambda _: str(draw.randrange(1, 10)), text)
        place = FINAL.search(changed)
        assert place is not None  # the pattern also matches nothing
        yield f"{changed[: place.start()]} № {count}{place.group()}"


def write_input(pool: Path, column: str, rows: int, path: Path, seed: int = 1) -> None:
    """Write `rows` edited texts of the pool, a table with `column`, as JSON Lines with the field `text`.

    Raises:
        DataError: the pool cannot be read or holds no text.
    """
    texts = [cell.text for cell in read_column(pool, column) if cell.text and cell.text.strip()]
    if not texts:
        raise DataError(f"{pool}: no texts in the column {column!r}")
    with atomic_write(path) as out:
        for text in islice(edited(texts, seed), rows):
            out.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")


def memory(samples: Sequence[Sample]) -> Memory:
    """Return how a process's memory went; `samples` are in the order of time, at least five."""
    fifth = len(samples) // 5
    sizes = [sample.rss / MIB for sample in samples]
    start, end = statistics.median(sizes[fifth : 2 * fifth]), statistics.median(sizes[-fifth:])
    farthest = max(abs(size - start) for size in sizes[fifth:])
    return Memory(start, end, max(sizes), (end / start - 1) * 100, farthest / start * 100)


def missing_rows(folder: Path, rows: int) -> str | None:
    """Say what is wrong with a folder of parts in which rows 1 to `rows` must stand in order, or None.

    A row with several sentences has them one after another, with `index` from 0. The number behind the path counts
    sentences, from 1.
    """
    row, index = 0, -1
    for path in sorted(folder.glob("part-*")):
        for number, (source, place) in enumerate(PLACES[path.suffix](path), 1):
            found = (int(source.rpartition(":")[2]), place)
            if found not in ((row, index + 1), (row + 1, 0)):
                return f"{path}:{number}: sentence {found} follows {(row, index)}"
            row, index = found
    return None if row == rows else f"the last row is {row}, not {rows}"


def _places_in_jsonl(path: Path) -> Iterator[tuple[str, int]]:
    """Yield source and index of every sentence of a part in JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            yield record["source"], record["index"]


def _places_in_csv(path: Path) -> Iterator[tuple[str, int]]:
    """Yield source and index of every sentence of a part in CSV."""
    csv.field_size_limit(sys.maxsize)  # a sentence may be long
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for record in csv.DictReader(lines):
            yield record["source"], int(record["index"])


def _places_in_parquet(path: Path) -> Iterator[tuple[str, int]]:
    """Yield source and index of every sentence of a part in Parquet."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["source", "index"]):
            yield from zip(batch["source"].to_pylist(), batch["index"].to_pylist(), strict=True)


PLACES = {".jsonl": _places_in_jsonl, ".csv": _places_in_csv, ".parquet": _places_in_parquet}


def _never() -> bool:
    return False


def _watch(command: Sequence[str], enough: Callable[[], bool] = _never) -> tuple[list[Sample], int]:
    """Run a command, kill it once `enough` is true, and return what it used and its exit code."""
    samples: list[Sample] = []
    started = time.monotonic()
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            seconds = time.monotonic() - started
            samples += _sample(process.pid, seconds)
            if enough():
                process.kill()
            time.sleep(SAMPLE_SECONDS)
    return samples[:-1], process.returncode  # the last may be of a process that was just ending


def _kill_behind_a_part(command: Sequence[str], folder: Path) -> None:
    """Run a command that writes parts into a folder, and kill it when the folder's state tells of a further one.

    Raises:
        DataError: it came to its end before.
    """
    before = read_state(folder)
    parts = len(before.parts) if before else 0

    def enough() -> bool:
        now = read_state(folder)
        return now is not None and len(now.parts) > parts and not now.complete

    _, code = _watch(command, enough)
    if code != -signal.SIGKILL:
        raise DataError(
            f"a run to be killed ended by itself with exit code {code}; give more --rows, fewer --part-rows or --kills"
        )


def _sample(pid: int, seconds: float) -> list[Sample]:
    """Return what a process uses now; nothing if it has just ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        ticks = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    except (OSError, IndexError):
        return []
    rss = pages * os.sysconf("SC_PAGE_SIZE")
    return [Sample(seconds, rss, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"))] if rss else []


def main(argv: Sequence[str] | None = None) -> int:
    """Make the file, tag it, check the result and print what was measured; return 0."""
    result = _measure(_parser().parse_args(argv))
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    return 0


def _measure(args: argparse.Namespace) -> dict[str, object]:
    """Do the work and return the figures.

    Raises:
        ConfigError: this is no Linux, or there is a result already.
        DataError: a run did not end as it should, or a row is missing.
    """
    if not Path("/proc/self/statm").exists():
        raise ConfigError("memory is read from /proc, which this system does not have")
    table, folder = args.work / "input.jsonl", args.work / f"tagged-{args.format}"
    if folder.exists():
        raise ConfigError(f"{folder} is there already; remove it or give another --work")
    args.work.mkdir(parents=True, exist_ok=True)
    write_input(args.pool, args.column, args.rows, table)
    command = [sys.executable, "-c", PROGRAM, "tag", str(table), "--column", "text", "--out", str(folder)]
    command += ["--parts", "--format", args.format, "--part-rows", str(args.part_rows), "--resume", *args.option]
    for _ in range(args.kills):
        _kill_behind_a_part(command, folder)
    begun = read_state(folder) or State({})
    if args.kills and not begun.documents:
        raise DataError("no row was done when the last run began: going on was not tried")
    samples, code = _watch(command)
    state = read_state(folder)
    if code or state is None or not state.complete:
        raise DataError(f"svodka tag ended with exit code {code}")
    if wrong := missing_rows(folder, args.rows):
        raise DataError(wrong)
    return _figures(samples, begun, state, args)


def _figures(samples: Sequence[Sample], begun: State, ended: State, args: argparse.Namespace) -> dict[str, object]:
    """Return what was measured on the run that came to the end; `begun` is what was done before it."""
    if len(samples) < 5:
        raise DataError(f"it took only {len(samples)} samples of {SAMPLE_SECONDS} s; give more --rows")
    used, last = memory(samples), samples[-1]
    return {
        "rows": args.rows,
        "sentences": ended.rows,
        "format": args.format,
        "kills": args.kills,
        "rows_before_last_run": begun.documents,
        "seconds": round(last.seconds, 1),
        "sentences_per_second": round((ended.rows - begun.rows) / last.seconds, 1),
        "cores_busy": round(last.cpu / last.seconds, 2),
        "rss_after_warm_up_mib": round(used.after_warm_up, 1),
        "rss_at_end_mib": round(used.at_end, 1),
        "rss_highest_mib": round(used.highest, 1),
        "rss_drift_percent": round(used.drift_percent, 2),
        "rss_spread_percent": round(used.spread_percent, 2),
        "date": now(),
        "hardware": hardware(),
        "versions": versions(),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="svodka.evaluation.big_file", description=__doc__)
    add = parser.add_argument
    add("--pool", type=Path, required=True, help="table of texts to repeat (.jsonl .csv .tsv, also .gz, .parquet)")
    add("--column", default="text", help="the column of texts (default: text)")
    add("--rows", type=int, default=1_000_000, help="texts to tag (default: 1000000)")
    add("--work", type=Path, required=True, metavar="DIR", help="where the input and the result go")
    add("--format", default="jsonl", choices=("jsonl", "csv", "parquet"), help="of the result (default: jsonl)")
    add("--part-rows", type=int, default=100_000, help="as for svodka tag (default: 100000)")
    add("--kills", type=int, default=0, help="kill the process behind so many parts and go on (default: 0)")
    add("option", nargs="*", help="further options of svodka tag, behind --: -- --model DIR")
    return parser


if __name__ == "__main__":
    raise SystemExit(guarded(main))
