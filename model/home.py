"""The user's data folder: which model is installed, and where its files lie.

`models/` holds model folders, each under a name of its own that is never used again; `installed.json`, the pointer,
says which of them is in force and which was before. Only the pointer decides: it is small and replaced in one step, so
whoever reads it finds the old state or the new one, and folders that it does not name do not count.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from svodka.errors import ModelFilesError
from svodka.files import atomic_write

__all__ = [
    "MODELS_FOLDER",
    "POINTER_FILE",
    "SHIPPED_AGAIN",
    "Installed",
    "Pointer",
    "data_home",
    "expanded",
    "read_pointer",
    "write_pointer",
]

FORMAT_VERSION = 1
POINTER_FILE = "installed.json"
MODELS_FOLDER = "models"
HOME_VARIABLE = "SVODKA_HOME"
SHIPPED_AGAIN = "`svodka install --shipped` returns to the model that comes with svodka"


@dataclass(frozen=True, slots=True)
class Installed:
    """One installed model.

    Attributes:
        folder: name of its folder in `models/`.
        digest: of the model, as `ModelInfo` gives it.
        origin: the folder that it was copied from.
        date: when, in UTC, ISO 8601.
    """

    folder: str
    digest: str
    origin: str
    date: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is in force now and what was before; None is the model that comes with svodka."""

    current: Installed | None = None
    previous: Installed | None = None


def data_home(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path | None:
    """Return svodka's folder for the user's data, which need not exist.

    It is `SVODKA_HOME`, `expanded`; without that the folder `svodka` in `LOCALAPPDATA` on Windows, in
    `~/Library/Application Support` on macOS, and elsewhere in `XDG_DATA_HOME` (XDG Base Directory Specification), by
    default `~/.local/share`. None if the user has no home folder, as in some containers.
    """
    if own := environment.get(HOME_VARIABLE):
        return expanded(own)
    variable = {"win32": "LOCALAPPDATA", "darwin": ""}.get(platform, "XDG_DATA_HOME")
    base = environment.get(variable, "")
    if Path(base).is_absolute():  # the specification has relative ones ignored
        return Path(base) / "svodka"
    inside = {"win32": "AppData/Local", "darwin": "Library/Application Support"}.get(platform, ".local/share")
    try:
        return Path.home() / inside / "svodka"
    except RuntimeError:
        return None


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path, a `~` at its beginning replaced by the user's home folder if there is one.

    Shells do that, but not in `--model=~/my-model`, and neither do systemd units, Dockerfiles and .env files.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111  # Path takes `./~` for `~`, and raises without a home folder


def read_pointer(home: Path | None) -> Pointer:
    """Return what the pointer in `home` says; without a home or a pointer nothing was ever installed.

    Raises:
        ModelFilesError: it cannot be read, or another version of svodka wrote it.
    """
    if home is None:
        return Pointer()
    path = home / POINTER_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format_version"] != FORMAT_VERSION:
            raise ValueError(f"format version {content['format_version']!r}, this svodka reads {FORMAT_VERSION}")
        return Pointer(_installed(content["current"]), _installed(content["previous"]))
    except (FileNotFoundError, NotADirectoryError):
        return Pointer()
    except OSError as error:
        raise ModelFilesError(f"{path} cannot be read: {error.strerror}; {SHIPPED_AGAIN}") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelFilesError(f"{path} does not tell the installed model: {error!r}; {SHIPPED_AGAIN}") from error


def write_pointer(home: Path, pointer: Pointer) -> None:
    """Replace the pointer in one step.

    Raises:
        OSError: it cannot be written.
    """
    with atomic_write(home / POINTER_FILE) as out:
        json.dump({"format_version": FORMAT_VERSION, **asdict(pointer)}, out, ensure_ascii=False, indent=2)
        out.write("\n")


def _installed(value: dict[str, Any] | None) -> Installed | None:
    """Return one entry of the pointer; its folder lies in `models/` and nowhere else."""
    if value is None:
        return None
    entry = Installed(**value)
    if not all(isinstance(text, str) for text in asdict(entry).values()):
        raise TypeError(f"texts are expected in {value!r}")
    if Path(entry.folder).name != entry.folder:
        raise ValueError(f"{entry.folder!r} is no name of a folder in {MODELS_FOLDER}/")
    return entry
