"""Measure the contenders against each other: all their processes are ready, then they take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from svodka.errors import SvodkaError
from svodka.evaluation.bench.accuracy import decisions, equal_share, macro_f1
from svodka.evaluation.bench.material import Material
from svodka.evaluation.bench.processes import Worker, WorkerError
from svodka.evaluation.bench.protocol import Answers, Job
from svodka.evaluation.bench.registry import Kind
from svodka.evaluation.bench.timing import Spread, ratios, spread, take_turns
from svodka.evaluation.labelled import Labelled

__all__ = ["Entry", "Terms", "Turn", "describe", "measure_speed"]

WARM_UP = 64  # sentences
Say = Callable[[str], None]
Failed = Callable[[str, SvodkaError], None]  # told a name and why it falls out; raises for the first contender


@dataclass(frozen=True, slots=True)
class Entry:
    """A contender that takes part.

    Attributes:
        id: its name in this run, `svodka`, `pipeline-32`, or `svodka:other-model`.
        title: what it is.
        kind: how it is made.
        job: what it is told.
    """

    id: str
    title: str
    kind: Kind
    job: Job


@dataclass(frozen=True, slots=True)
class Terms:
    """How the contenders are measured.

    Attributes:
        rounds: how many turns each has.
        rest: seconds of quiet before a turn.
        seed: of the intervals.
    """

    rounds: int
    rest: float
    seed: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What a contender took in one round.

    Attributes:
        seconds: for all sentences together.
        single: for each of some sentences by itself.
    """

    seconds: float
    single: Sequence[float]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A contender whose process is ready."""

    entry: Entry
    worker: Worker
    seconds: float


def measure_speed(
    entries: Sequence[Entry], material: Material, labelled: Labelled | None, terms: Terms, say: Say
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Return what was found for each contender, as values for JSON, and those that fell out with the reason.

    Args:
        entries: the contenders; all others are compared with the first.
        material: what they tag.
        labelled: sentences by which their answers are judged; None: nobody judges.
        terms: how they are measured.
        say: takes a line about what is going on.

    Raises:
        WorkerError: the first contender fails.
    """
    first = entries[0].id
    skipped: list[dict[str, str]] = []

    def failed(name: str, error: SvodkaError) -> None:
        if name == first:
            raise error
        say(str(error))
        skipped.append({"id": name, "reason": str(error)})

    with ExitStack() as stack:
        ready = _start(entries, material, stack, failed, say)
        measures = {name: _turns(one, material) for name, one in ready.items()}
        turns = take_turns(
            measures,
            terms.rounds,
            rest=terms.rest,
            failed=failed,
            began=lambda number, name: say(f"round {number} of {terms.rounds}: {name}"),
        )
        rows = [describe(ready[name].entry, own, turns[first], material) for name, own in turns.items()]
        rows = [row for row in rows if _ask_the_rest(row, ready[row["id"]], material, labelled, failed)]
    _judge(rows, labelled, terms.seed, entries[0].job.topics)
    return rows, skipped


def _start(
    entries: Sequence[Entry],
    material: Material,
    stack: ExitStack,
    failed: Failed,
    say: Say,
) -> dict[str, _Ready]:
    """Start and warm up all processes."""
    ready: dict[str, _Ready] = {}
    for entry in entries:
        say(f"preparing {entry.id}")
        worker = stack.enter_context(Worker(entry.id, entry.job.threads))
        try:
            seconds = worker.ask("prepare", module=entry.kind.module, job=entry.job.to_dict())["seconds"]
            for name in ("texts", "drawn", "single"):
                worker.ask("keep", name=name, texts=getattr(material, name))
            worker.ask("keep", name="warm-up", texts=material.drawn[:WARM_UP])
            worker.ask("tag", name="warm-up")
        except WorkerError as error:
            failed(entry.id, error)
        else:
            ready[entry.id] = _Ready(entry, worker, seconds)
    return ready


def _turns(one: _Ready, material: Material) -> Callable[[], Turn]:
    """Return what takes one turn of a contender."""

    def turn() -> Turn:
        done = one.worker.ask("tag", name="texts" if one.entry.kind.raw else "drawn")
        if done["sentences"] != len(material.drawn):
            raise WorkerError(f"{one.entry.id} answered {done['sentences']} of {len(material.drawn)} sentences")
        return Turn(done["seconds"], one.worker.ask("singly", name="single")["seconds"])

    return turn


def describe(entry: Entry, turns: Sequence[Turn], first: Sequence[Turn], material: Material) -> dict[str, Any]:
    """Return a contender's figures as values for JSON.

    Keys besides those of the entry: `seconds` of each round; `per_second`, sentences in a second; `ratio`, how many
    times as long as the first contender of all; `single_ms`, milliseconds for one sentence by itself, over all rounds,
    with `p95`; `single_ratio`, the same ratio for these, of the medians of each round.
    """
    seconds = {"own": [turn.seconds for turn in turns], "first": [turn.seconds for turn in first]}
    middles = {
        "own": [float(np.median(turn.single)) for turn in turns],
        "first": [float(np.median(turn.single)) for turn in first],
    }
    single = [1000 * one for turn in turns for one in turn.single]
    return {
        "id": entry.id,
        "title": entry.title,
        "family": entry.kind.family,
        "pictured": entry.kind.pictured,
        "threads": entry.job.threads,
        "seconds": [round(value, 5) for value in seconds["own"]],
        "per_second": spread([len(material.drawn) / value for value in seconds["own"]]).to_dict(),
        "ratio": _ratio(seconds).to_dict(),
        "single_ms": spread(single).to_dict() | {"p95": round(float(np.percentile(single, 95)), 4)},
        "single_ratio": _ratio(middles).to_dict(),
    }


def _ratio(values: Mapping[str, Sequence[float]]) -> Spread:
    return ratios(values, "first")["own"]


def _ask_the_rest(
    row: dict[str, Any], one: _Ready, material: Material, labelled: Labelled | None, failed: Failed
) -> bool:
    """Add what is not timed, and say whether it could be had: a contender can die as late as here.

    The answers themselves are taken out again when they have been judged.
    """
    row["prepare_seconds"] = round(one.seconds, 3)
    try:
        row["memory_bytes"] = one.worker.ask("memory")["bytes"]
        row["on_drawn"] = _answers(one.worker, material.drawn) if one.entry.kind.family != "other" else None
        row["on_labelled"] = _answers(one.worker, labelled.texts) if labelled else None
    except WorkerError as error:
        failed(row["id"], error)
        return False
    return True


def _answers(worker: Worker, sentences: Sequence[str]) -> Answers:
    worker.ask("keep", name="asked", texts=sentences)
    found: Answers = worker.ask("answers", name="asked")["answers"]
    return found


def _judge(rows: Sequence[dict[str, Any]], labelled: Labelled | None, seed: int, topics: Sequence[str]) -> None:
    """Put macro F1 and the share of decisions that equal the first contender's in place of the answers."""
    base = decisions(rows[0]["on_drawn"], topics)
    for row in rows:
        drawn, judged = row.pop("on_drawn"), row.pop("on_labelled")
        row["equal"] = None if drawn is None else equal_share(base, decisions(drawn, topics))
        row["macro_f1"] = macro_f1(labelled, decisions(judged, topics), seed) if labelled else None
