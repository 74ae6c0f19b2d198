"""What a folder of parts says about itself: from what it is made, and how far it has come.

Inputs may be mended behind the texts that are done: what stands in the parts depends on these texts alone, and their
digest tells whether they are still the same. Whether a file is the very same as before matters only to a finished run.

`_state.json` is written whole after every part, and after it: a part that it does not list is made again. Readers of
data sets (pyarrow, Spark, DuckDB's globs of `part-*`) pass over names that begin with an underscore.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from svodka.documents import Document
from svodka.errors import ConfigError, DataError
from svodka.files import atomic_write, printable

__all__ = ["STATE_FILE", "Digested", "Part", "State", "describe", "differences", "read_state", "write_state"]

STATE_FILE = "_state.json"
FORMAT_VERSION = 2
PREFIX_BYTES = 1 << 20  # of each input, to tell it from another of the same size and time
UNKNOWN = {"bytes": None, "modified": None, "first_mib_sha256": None}  # of an input that cannot be told from others
SHOWN = 5
OF_NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """One finished part.

    Attributes:
        name: its file in the folder.
        rows: number of sentences in it.
        bytes: size of the file.
    """

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class State:
    """How far a folder of parts has come.

    Attributes:
        origin: what the result depends on, as JSON: the settings by their names, and `inputs` as `describe` gives them.
        documents: number of documents, from the first, whose sentences are in the parts.
        digest: of these documents, as `Digested` makes it.
        parts: the finished parts in order.
        empty: number of texts without a sentence that were read so far.
        skipped: what could not be read so far and why, as in `Inputs`.
        doubts: what may have been read wrongly, as in `Inputs`.
        complete: whether that is all of them.
    """

    origin: Mapping[str, Any]
    documents: int = 0
    digest: str = OF_NOTHING
    parts: tuple[Part, ...] = ()
    empty: int = 0
    skipped: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    complete: bool = False

    @property
    def rows(self) -> int:
        """Number of sentences in all parts."""
        return sum(part.rows for part in self.parts)

    def grown(self, part: Part, documents: int, digest: str) -> State:
        """Return the state with one part more, which holds so many documents; the digest is of all."""
        return replace(self, parts=(*self.parts, part), documents=self.documents + documents, digest=digest)


class Digested(Iterator[Document]):
    """Documents in their order, and a digest of those that were given so far."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = iter(documents)
        self._hash = hashlib.sha256()

    def __next__(self) -> Document:
        """Return the next document."""
        document = next(self._documents)
        # The length keeps two texts apart from one; file names that are no UTF-8 have escapes in `source`.
        self._hash.update(f"{document.source}\n{len(document.text)}\n{document.text}".encode("utf-8", "surrogatepass"))
        return document

    @property
    def digest(self) -> str:
        """SHA-256 of the sources and texts so far, in hexadecimal digits."""
        return self._hash.hexdigest()


def describe(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return for each input file its name, size in bytes, time of change in ns and SHA-256 of its first MiB.

    All but the name are None for what cannot be read, for standard input, and for a pipe, which can be read only once.
    """
    return [{"name": printable(name), **_identity(Path(name))} for name in names]


def _identity(path: Path) -> dict[str, Any]:
    """Return what tells a file from others."""
    if not path.is_file():
        return UNKNOWN
    try:
        with path.open("rb") as handle:
            stat = path.stat()
            digest = hashlib.sha256(handle.read(PREFIX_BYTES)).hexdigest()
    except OSError:
        return UNKNOWN
    return {"bytes": stat.st_size, "modified": stat.st_mtime_ns, "first_mib_sha256": digest}


def differences(before: Mapping[str, Any], now: Mapping[str, Any], *, contents: bool) -> list[str]:
    """Say in what two origins differ; an empty list if they are the same.

    Args:
        before: one origin.
        now: the other.
        contents: whether input files of the same name must also be the same files.
    """
    keys = [key for key in {**before, **now} if key != "inputs" and before.get(key) != now.get(key)]
    found = [f"{key} was {_shown(before.get(key))}, is {_shown(now.get(key))}" for key in keys]
    found += _changed_inputs(before["inputs"], now["inputs"], contents)
    return found if len(found) <= SHOWN else [*found[:SHOWN], f"{len(found) - SHOWN} more"]


def _changed_inputs(
    before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], contents: bool
) -> Iterator[str]:
    """Say which inputs are new, gone, changed if `contents` count, or in another order."""
    old, new = ({one["name"]: one for one in inputs} for inputs in (before, now))
    yield from (f"{name} was not among the inputs" for name in new if name not in old)
    yield from (f"{name} is no longer among the inputs" for name in old if name not in new)
    if contents:
        yield from (f"{name} has changed since" for name in new if name in old and old[name] != new[name])
    if set(old) == set(new) and [one["name"] for one in before] != [one["name"] for one in now]:
        yield "the inputs stood in another order or number"


def _shown(value: object) -> str:
    """Return a value as a message names it: digests and thresholds are too long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:18]}…"


def read_state(folder: Path) -> State | None:
    """Return the state of a folder of parts, None if it has none.

    Raises:
        DataError: the file is not what `write_state` writes, or a finished part is missing or has another size.
        ConfigError: another version of svodka wrote it.
    """
    path = folder / STATE_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}") from error
    try:
        version = content.pop("format_version")
        if version != FORMAT_VERSION:
            raise ConfigError(
                f"{path} has format version {version!r}, this svodka reads {FORMAT_VERSION}: finish it with the svodka "
                "that began it, or name another --out"
            )
        told = {"skipped": tuple(content["skipped"]), "doubts": tuple(content.get("doubts", ()))}
        state = State(**content | {"parts": tuple(Part(**part) for part in content["parts"])} | told)
    except (AttributeError, KeyError, TypeError) as error:
        raise DataError(f"{path} does not hold the state of a folder of parts: {error!r}") from error
    _check_parts(folder, state.parts)
    return state


def _check_parts(folder: Path, parts: Sequence[Part]) -> None:
    """Refuse a folder in which a finished part is not what it was."""
    for part in parts:
        path = folder / part.name
        size = path.stat().st_size if path.is_file() else None
        if size != part.bytes:
            what = "is missing" if size is None else f"has {size} bytes instead of {part.bytes}"
            raise DataError(f"{path} {what}; bring it back, or remove the folder and begin again")


def write_state(folder: Path, state: State) -> None:
    """Write the state of a folder of parts, whole or not at all."""
    with atomic_write(folder / STATE_FILE, keep=False) as out:  # the next run would remove it
        json.dump({"format_version": FORMAT_VERSION, **asdict(state)}, out, ensure_ascii=False, indent=1)
        out.write("\n")
