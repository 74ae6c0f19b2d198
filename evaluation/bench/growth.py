"""How the time grows with the number of sentences, with their length, with the topics, and with threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from svodka.engine import Engine
from svodka.errors import SvodkaError
from svodka.evaluation.bench.processes import Worker
from svodka.evaluation.bench.protocol import Job
from svodka.evaluation.bench.registry import KINDS, lacks
from svodka.evaluation.bench.timing import give_up, spread, take_turns

__all__ = ["Sizes", "measure_growth", "of_length"]

WARM_UP = 64  # sentences
FOR_RANGES = 64  # sentences by which the graphs with more topics fix their input scales
EACH = 64  # sentences of each length
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Where growth is measured.

    Attributes:
        sentences: numbers of sentences that are tagged together.
        tokens: lengths of sentences in tokens, special ones included.
        topics: numbers of topics.
        rounds: how often each is measured.
    """

    sentences: tuple[int, ...] = (1, 10, 100, 1000, 10_000)
    tokens: tuple[int, ...] = (5, 10, 20, 40, 60, 80, 100, 120)
    topics: tuple[int, ...] = (12, 50, 200)
    rounds: int = 5


@dataclass(frozen=True, slots=True)
class _Point:
    """A measurement: which worker tags what.

    Attributes:
        x: the size that grows.
        module: of the contender.
        job: of the contender.
        texts: to be tagged.
    """

    x: float
    module: str
    job: Job
    texts: Sequence[str]


def measure_growth(
    job: Job, engine: Engine, sentences: Sequence[str], drawn: Sequence[str], sizes: Sizes, say: Say
) -> dict[str, Any]:
    """Return the seconds that work takes as it grows.

    Args:
        job: of the model that is measured; its threads are the most that are tried.
        engine: the model, which tells how long sentences are in tokens.
        sentences: to make long work of; repeated if there are too few.
        drawn: the sentences with which topics and threads are tried.
        sizes: what is tried.
        say: takes a line about what is going on.

    Returns:
        For each of `sentences`, `tokens`, `topics`, `threads` a list of points: `x`, `n` (sentences tagged), `seconds`
        (median, quartiles); and `skipped`, for each that could not be measured the reason.
    """
    whole, single = replace(job, options={"way": "articles"}), replace(job, options={"way": "sentences"})
    lengths = of_length(engine, sentences, sizes.tokens)
    series = {
        "sentences": [_Point(n, "ours", whole, list(islice(cycle(sentences), n))) for n in sizes.sentences],
        "tokens": [_Point(x, "ours", single, texts) for x, texts in lengths.items()],
        "topics": [_Point(n, "more_topics", _topics_job(job, n, sentences), drawn) for n in sizes.topics],
        "threads": [_Point(n, "ours", replace(whole, threads=n), drawn) for n in range(1, job.threads + 1)],
    }
    found: dict[str, Any] = {"skipped": {}}
    if reason := _without_topics(job):
        found["skipped"]["topics"] = reason
        del series["topics"]
    for name, points in series.items():
        say(f"growth with {name}")
        try:
            found[name] = _measured(points, sizes.rounds)
        except SvodkaError as error:
            found["skipped"][name] = str(error)
    return found


def of_length(engine: Engine, sentences: Sequence[str], tokens: Sequence[int]) -> dict[float, list[str]]:
    """Return texts of about the lengths that are asked for, made of the sentences' own words in their order.

    The keys are the mean lengths that came out, in tokens, special ones included. What the model would cut is left out.
    """
    words = [word for sentence in sentences for word in sentence.split()]
    pieces = _pieces_of(engine, words)
    least = len(engine.encode([""])[0].ids)
    made: dict[float, list[str]] = {}
    for wanted in tokens:
        texts = list(islice(_cut(words, pieces, wanted - least), EACH))
        encoded = engine.encode(texts)
        if texts and not any(one.truncated for one in encoded):
            made[round(float(np.mean([len(one.ids) for one in encoded])), 1)] = texts
    return made


def _pieces_of(engine: Engine, words: Sequence[str]) -> list[int]:
    """Return how many tokens each word adds."""
    least = len(engine.encode([""])[0].ids)
    distinct = list(dict.fromkeys(words))
    lengths = {word: len(one.ids) - least for word, one in zip(distinct, engine.encode(distinct), strict=True)}
    return [lengths[word] for word in words]


def _cut(words: Sequence[str], pieces: Sequence[int], wanted: int) -> Iterator[str]:
    """Yield runs of words with at most `wanted` tokens, the next word being too many; a longer word is left out."""
    run: list[str] = []
    held = 0
    for word, count in zip(words, pieces, strict=True):
        if count > wanted:
            continue
        if held + count > wanted:
            yield " ".join(run)
            run, held = [], 0
        run.append(word)
        held += count


def _without_topics(job: Job) -> str | None:
    """Return why more topics cannot be tried; None if they can."""
    if job.device == "cuda":
        return "the network with more topics is one of 8 bits, which a graphics card does not compute"
    return lacks(KINDS["onnx-float32"], Path(job.model), trains=True)  # it, too, builds a graph from the weights


def _topics_job(job: Job, n: int, sentences: Sequence[str]) -> Job:
    return replace(job, options={"topics": n, "sentences": list(sentences[:FOR_RANGES])})


def _measured(points: Sequence[_Point], rounds: int) -> list[dict[str, Any]]:
    """Measure all points of a series in turns; points of the same contender share its process."""
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        measures: dict[str, Callable[[], float]] = {}
        for place, point in enumerate(points):
            key = repr((point.module, point.job))
            if key not in workers:
                workers[key] = stack.enter_context(Worker(f"growth ({point.module})", point.job.threads))
                workers[key].ask("prepare", module=point.module, job=point.job.to_dict())
                workers[key].ask("keep", name="warm-up", texts=point.texts[:WARM_UP])
                workers[key].ask("tag", name="warm-up")
            workers[key].ask("keep", name=str(place), texts=list(point.texts))
            measures[str(place)] = _tagging(workers[key], str(place))
        seconds = take_turns(measures, rounds, failed=give_up)
    return [_described(point, seconds[str(place)]) for place, point in enumerate(points)]


def _tagging(worker: Worker, name: str) -> Callable[[], float]:
    return lambda: float(worker.ask("tag", name=name)["seconds"])


def _described(point: _Point, seconds: Sequence[float]) -> dict[str, Any]:
    return {"x": point.x, "n": len(point.texts), "seconds": spread(seconds).to_dict()}
