"""One run from a plan to the content of `bench.json`, from which table, page and pictures are made."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from svodka import provenance
from svodka.cascade import open_engine
from svodka.engine import Engine, Precision, Scorer
from svodka.errors import ConfigError, MissingExtraError, ModelFilesError
from svodka.evaluation.bench.growth import Sizes, measure_growth
from svodka.evaluation.bench.independence import cuts, measure_independence
from svodka.evaluation.bench.material import Material, read_material
from svodka.evaluation.bench.processes import apart, processor_ids
from svodka.evaluation.bench.protocol import Job
from svodka.evaluation.bench.registry import FIRST, KINDS, TEACHER, Kind, lacks
from svodka.evaluation.bench.rounding import measure_rounding
from svodka.evaluation.bench.speed import Entry, Terms, measure_speed
from svodka.evaluation.bench.startup import measure_sizes, measure_startup
from svodka.evaluation.bench.targets import check_targets
from svodka.evaluation.cells import without_folders
from svodka.evaluation.labelled import Labelled, read_labelled
from svodka.float32 import WEIGHT_FILES
from svodka.model_folder import ModelInfo, read_model_info
from svodka.providers import session
from svodka.source import ModelSource, choose_model

__all__ = ["FORMAT_VERSION", "PARTS", "Plan", "run_bench"]

FORMAT_VERSION = 1
PARTS = ("speed", "start", "same", "growth")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and how.

    Attributes:
        data: files with the text to tag.
        models: model folders as the command line names them, None for the one in force; the first one is compared with
            everything, the others only take part.
        teacher: the folder of a teacher; None for none.
        measure: labelled files by which answers are judged; none: nobody judges.
        train: labelled files for contenders that learn.
        kinds: the contenders.
        parts: of `PARTS`, what is measured.
        threads: for each contender.
        sentences: how many are drawn from the data; 0 for all.
        singly: how many are asked about one at a time.
        terms: of the rounds.
        sizes: of the measurements of growth.
        quick: leave out what takes long and tells little more.
        device: where svodka computes, "cpu" or "cuda", whatever the environment wishes.
    """

    data: tuple[Path, ...]
    models: tuple[str | None, ...]
    teacher: str | None
    measure: tuple[Path, ...]
    train: tuple[Path, ...]
    kinds: tuple[Kind, ...]
    parts: tuple[str, ...]
    threads: int
    sentences: int
    singly: int
    terms: Terms
    sizes: Sizes = field(default_factory=Sizes)
    quick: bool = False
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class _Model:
    """A model that takes part."""

    source: ModelSource
    info: ModelInfo

    @property
    def topics(self) -> tuple[str, ...]:
        """Their ids, in the order of the outputs."""
        return tuple(topic.id for topic in self.info.topics)


def run_bench(plan: Plan, say: Say, keep: Callable[[dict[str, Any]], None] = lambda _content: None) -> dict[str, Any]:
    """Measure and return the content, plain values for JSON.

    Args:
        plan: what is measured.
        say: takes a line about what is going on.
        keep: takes the content after each part, so that what took an hour outlives an end that comes too early.

    Raises:
        DataError: a file is unusable.
        ConfigError: the models have other topics, or there is no card to compute on.
        ModelFilesError: a model folder is unusable.
        WorkerError: the first contender fails, or the process that tries the card.
    """
    load = os.getloadavg() if hasattr(os, "getloadavg") else None  # before we add to it
    models = [_read(name) for name in plan.models]
    teacher = _read(plan.teacher) if plan.teacher is not None else None
    first = models[0]
    _check_topics(first, [*models[1:], *([teacher] if teacher else [])])
    if plan.device == "cuda":
        apart(_open, first.source.folder, plan.device)  # says at once, not after an hour, that there is no card
    material = read_material(plan.data, plan.sentences, plan.singly, plan.terms.seed)
    labelled = read_labelled(plan.measure, first.topics) if plan.measure else None
    content = _head(plan, models, teacher, material, labelled, load)
    train = tuple(map(str, plan.train))
    job = Job(str(first.source.folder), first.topics, plan.threads, train, plan.terms.seed, device=plan.device)
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "speed": lambda: _speed(_entries(plan, models, teacher, job), material, labelled, plan, say),
        "start": lambda: _start(first, plan, say),
        "same": lambda: _sameness(first, material, labelled, plan, say),
        "growth": lambda: _growth(first, job, material, plan, say),
    }
    for part in plan.parts:
        content |= measures[part]()
        content["targets"] = check_targets(content)
        keep(content)
    return content


def _open(folder: Path, device: str) -> None:
    """Load a model on a device; its context takes memory of the card until the process ends."""
    session(folder, device)


def _read(name: str | None) -> _Model:
    source = choose_model(name)
    return _Model(source, read_model_info(source.folder))


def _check_topics(first: _Model, others: Sequence[_Model]) -> None:
    """Refuse models that answer another question than the first."""
    for other in others:
        if set(other.topics) != set(first.topics):
            differ = ", ".join(sorted(set(other.topics) ^ set(first.topics)))
            raise ConfigError(f"{other.source} and {first.source} cannot be compared: only one of them knows {differ}")


def _head(
    plan: Plan,
    models: Sequence[_Model],
    teacher: _Model | None,
    material: Material,
    labelled: Labelled | None,
    load: tuple[float, float, float] | None,
) -> dict[str, Any]:
    """Return under which terms everything is measured."""
    machine = {
        "load": None if load is None else round(load[0], 2),
        "gpu": provenance.graphics_card() if plan.device == "cuda" else None,
    }
    return {
        "format_version": FORMAT_VERSION,
        "date": provenance.now(),
        "models": [_described(model) for model in models],
        "teacher": _described(teacher) if teacher else None,
        "versions": provenance.versions(),
        "hardware": provenance.hardware() | machine,
        "device": plan.device,
        "git_commit": provenance.git_commit(),
        "threads": plan.threads,
        "processors": processor_ids(plan.threads),
        "rounds": plan.terms.rounds,
        "seed": plan.terms.seed,
        "quick": plan.quick,
        "data": {
            "files": material.files,
            "sentences": len(material.sentences),
            "drawn_texts": len(material.texts),
            "drawn": len(material.drawn),
            "characters": round(sum(map(len, material.drawn)) / len(material.drawn), 1),
            "single": len(material.single),
        },
        "measure": {"files": without_folders(labelled.files), "n": len(labelled.rows)} if labelled else None,
        "train": [path.name for path in plan.train],
    }


def _described(model: _Model) -> dict[str, Any]:
    return {
        "folder": model.source.folder.name if model.source.name else None,
        "source": model.source.kind,
        "digest": model.info.digest,
        "topics": list(model.topics),
        "max_tokens": model.info.max_tokens,
    }


def _entries(
    plan: Plan, models: Sequence[_Model], teacher: _Model | None, job: Job
) -> tuple[list[Entry], list[dict[str, str]]]:
    """Return the contenders that can take part, the first model's before those of others, and why others cannot."""
    entries: list[Entry] = []
    skipped: list[dict[str, str]] = []
    for kind in plan.kinds:
        if reason := lacks(kind, models[0].source.folder, trains=bool(plan.train), device=plan.device):
            skipped.append({"id": kind.id, "reason": reason})
        else:
            entries.append(_entry(kind.id, kind.title, kind, job, models[0]))
    for number, model in enumerate(models[1:], 2):
        name = f"{FIRST}:{model.source.folder.name}"
        name = name if all(entry.id != name for entry in entries) else f"{name}-{number}"
        called = model.source.folder.name if model.source.name else str(model.source)  # no folders of this machine
        entries.append(_entry(name, f"{KINDS[FIRST].title}, with {called}", KINDS[FIRST], job, model))
    if teacher:
        entries.append(_entry(TEACHER.id, TEACHER.title, TEACHER, job, teacher))
    return entries, skipped


def _entry(name: str, title: str, kind: Kind, job: Job, model: _Model) -> Entry:
    threads = min(kind.threads or job.threads, job.threads)
    return Entry(name, title, kind, replace(job, model=str(model.source.folder), threads=threads, options=kind.options))


def _speed(
    entries: tuple[list[Entry], list[dict[str, str]]],
    material: Material,
    labelled: Labelled | None,
    plan: Plan,
    say: Say,
) -> dict[str, Any]:
    """Return how quick and how right the contenders are."""
    taking_part, skipped = entries
    contenders, fallen = measure_speed(taking_part, material, labelled, plan.terms, say)
    return {"contenders": contenders, "skipped": [*skipped, *fallen]}


def _start(model: _Model, plan: Plan, say: Say) -> dict[str, Any]:
    """Return what a fresh process takes, and how large everything is."""
    say("starting fresh processes")
    folder = model.source.folder
    stock = all(map(find_spec, ("torch", "transformers"))) and all((folder / name).is_file() for name in WEIGHT_FILES)
    pipeline = stock and not plan.quick
    started = measure_startup(folder, plan.terms.rounds, plan.threads, pipeline=pipeline, device=plan.device)
    return {"startup": started, "sizes": measure_sizes(folder, deflate=not plan.quick)}


def _sameness(model: _Model, material: Material, labelled: Labelled | None, plan: Plan, say: Say) -> dict[str, Any]:
    """Return whether answers depend on company, and whether they depend on rounding, which only the processor does."""
    limits = cuts([model.info.thresholds[topic] for topic in model.topics])

    def engine(precision: Precision, device: str) -> Scorer:
        return open_engine(model.source.folder, model.info, plan.threads, precision, device)

    rounded = engine("int8", "cpu")
    asked = rounded if plan.device == "cpu" else engine("float32", plan.device)
    sentences = material.drawn if plan.quick else material.sentences
    say(f"asking about {len(sentences)} sentences in other company")
    independence = measure_independence(asked, asked.encode(sentences), limits, plan.terms.seed, say)
    say(f"asking about {len(sentences)} sentences in float32")
    try:
        exact = engine("float32", "cpu") if asked is rounded else asked
        rounding = measure_rounding((rounded, exact), sentences, limits, labelled, plan.terms.seed)
    except (MissingExtraError, ModelFilesError) as error:
        rounding = {"skipped": str(error)}
    return {"independence": independence, "precision": rounding}


def _growth(model: _Model, job: Job, material: Material, plan: Plan, say: Say) -> dict[str, Any]:
    """Return how the time grows."""
    engine = Engine(model.source.folder, model.info.max_tokens, plan.threads, device="cpu")  # it only tokenises
    return {"growth": measure_growth(job, engine, material.sentences, material.drawn, plan.sizes, say)}
