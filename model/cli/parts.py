"""`svodka tag --parts`: results of any size as a folder of files, which a killed run can go on with.

A part is written whole or not at all and then entered into `_state.json`, so a kill at any moment costs the part that
was being written and no more. A part ends with the document that fills it, and the stream of sentences ends with it:
so what stands in a part does not depend on where a run was killed. A run that broke off at a damaged row goes on once
the row is mended, if the texts before it are the same; its error says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from svodka import __version__
from svodka.cli.part_state import STATE_FILE, Digested, Part, State, describe, differences, read_state, write_state
from svodka.documents import STDIN, Document, Inputs
from svodka.errors import ConfigError, DataError
from svodka.files import atomic_write, is_pipe, remove_leftovers
from svodka.lock import alone
from svodka.output import FORMATS, make_writer
from svodka.text_table import BrokenTableError

if TYPE_CHECKING:
    from svodka.cli.progress import Meter
    from svodka.tagger import Tagger, Thresholds

__all__ = ["PART_ROWS", "PartsJob", "check_folder", "write_parts"]

PART_ROWS = 100_000
LOCK_FILE = ".lock"  # hidden, as readers of data sets take every other file for a part


@dataclass(frozen=True, slots=True)
class PartsJob:
    """What to make of the inputs.

    Attributes:
        folder: where the parts go.
        form: their format, one with a row per sentence.
        rows: from so many sentences on a part is full, at least 1.
        resume: go on with what is in the folder; begin if nothing is.
    """

    folder: Path
    form: str
    rows: int = PART_ROWS
    resume: bool = False


def check_folder(job: PartsJob, names: Iterable[str]) -> None:
    """Refuse a job that cannot be right, before the model is loaded.

    Args:
        job: what to do.
        names: the inputs as the user named them.

    Raises:
        ConfigError: the format has no rows, the number of rows is below 1, the folder holds something else or an
            unfinished run that nobody asked to go on with, an input lies in it, or standard input or a pipe is to be
            resumed.
        DataError: the folder's state or a finished part is damaged.
    """
    folder = job.folder
    if not FORMATS[job.form].rows:
        known = ", ".join(name for name, form in FORMATS.items() if form.rows)
        raise ConfigError(f"--parts: {job.form} cannot be written in parts (formats: {known})")
    if job.rows < 1:
        raise ConfigError(f"--part-rows must be at least 1, got {job.rows}")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"--out {folder} is a file; with --parts it is a folder")
    if not folder.parent.is_dir():
        raise ConfigError(f"--out {folder}: there is no folder {str(folder.parent)!r}")
    for name in names:
        if name == STDIN and job.resume:
            raise ConfigError("--resume: standard input cannot be read again; put it into a file first")
        if job.resume and is_pipe(Path(name)):
            raise ConfigError(f"--resume: {name} is a pipe, which cannot be read again; put it into a file first")
        if name != STDIN and folder.resolve() in (Path(name).resolve(), *Path(name).resolve().parents):
            raise ConfigError(f"--out {folder}: the input {name} lies in it")
    if not job.resume or read_state(folder) is None:
        _check_new(folder)


def _check_new(folder: Path) -> None:
    """Refuse a folder in which there is something already."""
    state = read_state(folder)
    if state is not None and state.complete:
        raise ConfigError(f"--out {folder} holds a finished result; name another folder or remove it")
    if state is not None:
        done = f"{len(state.parts)} parts, {state.rows} sentences"
        raise ConfigError(
            f"--out {folder} holds an unfinished run ({done}): add --resume to go on, or remove the folder"
        )
    if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise ConfigError(f"--out {folder} is not empty; name a new folder")


def write_parts(tagger: Tagger, inputs: Inputs, thresholds: Thresholds | None, job: PartsJob, meter: Meter) -> State:
    """Tag the inputs into the folder of the job, from where an earlier run came to, and return its state.

    Raises:
        ConfigError: the job goes on with a run that had other inputs, another model or other settings, or other texts
            up to where it came, or another run is at work in the folder.
        DataError: as `Inputs` and `read_state`; the parts that are finished stay.
    """
    job.folder.mkdir(exist_ok=True)
    busy = f"--out {job.folder}: another run is at work in this folder; wait until it has ended, or name another folder"
    with alone(job.folder / LOCK_FILE, busy), _way_on(inputs):
        return _write_parts(tagger, inputs, thresholds, job, meter)


def _write_parts(tagger: Tagger, inputs: Inputs, thresholds: Thresholds | None, job: PartsJob, meter: Meter) -> State:
    """Do the work of `write_parts`, with nobody else in the folder."""
    state = _begin(job, _origin(tagger, inputs, thresholds, job))
    if state.complete:
        return state
    documents = Digested(inputs)
    for document in islice(documents, state.documents):
        meter.skip(document.size)
    if documents.digest != state.digest:
        raise ConfigError(_other_texts(state, job.folder))
    while (first := next(documents, None)) is not None:
        part, count = _write_part(tagger, chain([first], documents), thresholds, job, len(state.parts), meter)
        state = _with_passed(state.grown(part, count, documents.digest), inputs)
        write_state(job.folder, state)
    state = replace(_with_passed(state, inputs), complete=True)
    write_state(job.folder, state)
    return state


def _other_texts(state: State, folder: Path) -> str:
    """Say that the inputs do not begin with the texts that are done, and what may be the reason."""
    said = f"--resume: the first {state.documents} texts are not those of which the parts in {folder} were made; "
    if state.skipped:
        count = len(state.skipped)
        said += f"what was skipped before must stay as it was, too ({count} in {folder / STATE_FILE}): tag it apart; "
    return f"{said}give the inputs as they were up to there, or another --out"


@contextmanager
def _way_on(inputs: Inputs) -> Iterator[None]:
    """Let errors on the way tell how to go on, unless there is an input that can be read only once."""
    try:
        yield
    except (BrokenTableError, OSError) as error:
        if any(name == STDIN or is_pipe(Path(name)) for name in inputs.files):
            raise
        if isinstance(error, OSError):
            reason = f"{error.strerror or error}; --resume makes this part again"
            raise OSError(error.errno, reason, error.filename) from error
        raise DataError(f"{error}; mend it, and --resume goes on behind the parts that are done") from error


def _with_passed(state: State, inputs: Inputs) -> State:
    """Return the state with what the inputs held beside documents, for a later run that reads nothing any more."""
    return replace(state, empty=inputs.empty, skipped=tuple(inputs.skipped), doubts=tuple(inputs.doubts))


def _origin(tagger: Tagger, inputs: Inputs, thresholds: Thresholds | None, job: PartsJob) -> dict[str, object]:
    """Return all that the parts depend on."""
    limits = dict(tagger.thresholds)
    limits |= dict.fromkeys(limits, thresholds) if isinstance(thresholds, float) else thresholds or {}
    # Only what is not usual is entered: a state without these two is of int8 on the processor.
    usual = {"precision": "int8", "device": "cpu"}
    computed = {"precision": tagger.precision, "device": tagger.device}
    return {
        "svodka": __version__,
        "model": tagger.info.digest,
        "thresholds": limits,
        "format": job.form,
        "column": inputs.column,
        "encoding": inputs.encoding,
        "part_rows": job.rows,
        "inputs": describe(inputs.files),
        **{name: value for name, value in computed.items() if value != usual[name]},
    }


def _begin(job: PartsJob, origin: dict[str, object]) -> State:
    """Return the state to go on from; a folder in which nothing is yet gets one."""
    state = read_state(job.folder)
    if state is None or not job.resume:
        _check_new(job.folder)  # once more: another run may have been here since
        state = State(origin)
        write_state(job.folder, state)
    elif found := differences(state.origin, origin, contents=state.complete):
        raise ConfigError(
            f"--resume: {job.folder / STATE_FILE} is of another run: {'; '.join(found)}; "
            "give the same inputs, model and settings, or another --out"
        )
    remove_leftovers(job.folder)
    return replace(state, origin=origin)


def _write_part(
    tagger: Tagger,
    documents: Iterator[Document],
    thresholds: Thresholds | None,
    job: PartsJob,
    number: int,
    meter: Meter,
) -> tuple[Part, int]:
    """Write one part and return it and the number of its documents; `documents` stays behind the last of them."""
    from svodka.cli.pipeline import tag_documents  # the splitter is not for --help

    form = FORMATS[job.form]
    path = job.folder / f"part-{number:05d}{form.suffixes[0]}"
    before, count = meter.sentences, 0
    # What is kept would be of no use: only a part that stands in the state is whole, and the next run makes it again.
    with atomic_write(path, "wb" if form.binary else "w", newline=form.newline, keep=False) as handle:
        writer = make_writer(job.form, handle, tagger.titles)
        writer.begin()
        for document in tag_documents(tagger, documents, thresholds, meter.advance, at_most=job.rows):
            count += 1
            writer.write(document)
        writer.end()
    return Part(path.name, meter.sentences - before, path.stat().st_size), count
