"""Which model is in force, and the way out if it is broken.

The first of these decides: the model that the caller names, the environment variable `SVODKA_MODEL`, the model that
`svodka install` put in force, the model that comes with svodka. If the deciding one is broken that is an error: svodka
never falls back to the next.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from svodka.errors import ConfigError, ModelFilesError
from svodka.home import MODELS_FOLDER, SHIPPED_AGAIN, Installed, data_home, expanded, read_pointer

__all__ = [
    "MODEL_VARIABLE",
    "SHIPPED",
    "ModelSource",
    "choose_model",
    "installed_folder",
    "named_folder",
    "shipped_folder",
    "way_out",
]

SHIPPED = "shipped"  # this word in place of a folder; `./shipped` is a folder of that name
MODEL_VARIABLE = "SVODKA_MODEL"
WAYS_OUT = {
    "environment": f"; {MODEL_VARIABLE} names this model: correct it, or unset it and {SHIPPED_AGAIN}",
    "installed": f"; this is the installed model: `svodka install MODEL` installs another, {SHIPPED_AGAIN}",
}


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model folder and who chose it.

    Attributes:
        kind: `given` by the caller, from the `environment`, `installed` or `shipped`.
        folder: the model folder.
    """

    kind: Literal["given", "environment", "installed", "shipped"]
    folder: Path

    @property
    def name(self) -> str | None:
        """The folder as somebody named it; None for the installed and the shipped model, which need no name."""
        return str(self.folder) if self.kind in ("given", "environment") else None

    def __str__(self) -> str:
        """Return the folder as somebody named it, or `installed` or `shipped`."""
        return f"{self.name or self.kind}{f' ({MODEL_VARIABLE})' if self.kind == 'environment' else ''}"


def choose_model(named: str | os.PathLike[str] | None = None) -> ModelSource:
    """Return the model to use; nothing in its folder is looked at.

    Args:
        named: a model folder, or the string `shipped`; None goes by the order above. An empty variable counts as none.

    Raises:
        ConfigError: the name is empty.
        ModelFilesError: nobody can tell which model is installed, or this installation of svodka has none.
    """
    if named is None and (variable := os.environ.get(MODEL_VARIABLE)):
        return ModelSource("environment", expanded(variable)) if variable != SHIPPED else choose_model(SHIPPED)
    if named == SHIPPED:
        return ModelSource("shipped", shipped_folder())
    if named is not None:
        return ModelSource("given", named_folder(named))
    home = data_home()
    current = read_pointer(home).current
    if home is None or current is None:
        return choose_model(SHIPPED)
    return ModelSource("installed", installed_folder(home, current))


def named_folder(name: str | os.PathLike[str]) -> Path:
    """Return the model folder that the caller names.

    Raises:
        ConfigError: the name is empty; as a path that would be the current folder, which nobody meant.
    """
    if not os.fspath(name):
        raise ConfigError(
            "expected a model folder, got ''; is it from a variable that is not set? "
            "Without a name the model in force is used"
        )
    return expanded(name)


def installed_folder(home: Path, model: Installed) -> Path:
    """Return where an installed model lies."""
    return home / MODELS_FOLDER / model.folder


def shipped_folder() -> Path:
    """Return the folder of the model that comes with svodka.

    Raises:
        ModelFilesError: this installation has none.
    """
    folder = resources.files("svodka") / "weights"
    if not isinstance(folder, Path) or not folder.is_dir():
        raise ModelFilesError(
            "this installation of svodka has no model in it; give a model folder, or reinstall svodka"
        )
    return folder


@contextmanager
def way_out(source: ModelSource) -> Iterator[None]:
    """Add to an error about the files of a model that nobody named in this call how to get away from it.

    Raises:
        ModelFilesError: the one raised inside, longer.
    """
    try:
        yield
    except ModelFilesError as error:
        if hint := WAYS_OUT.get(source.kind):
            raise ModelFilesError(f"{error}{hint}") from error
        raise
