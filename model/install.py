"""Put a model in force for this user: `svodka install`.

A model is checked, tried, copied under a name that nobody used before, and only then does the pointer change, in one
step (`svodka.home`). Until then the old model is in force, from then on the new one, wherever the process is killed;
what a killed one leaves behind the next one removes. Folders in force are never written to.

One installation at a time: see `svodka.lock`.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from svodka import provenance
from svodka.errors import ConfigError, ModelFilesError
from svodka.files import atomic_folder
from svodka.home import MODELS_FOLDER, Installed, Pointer, data_home, read_pointer, write_pointer
from svodka.lock import alone
from svodka.model_folder import CASCADE_KEY, MANIFEST_FILE, manifest_files, verify_files
from svodka.source import installed_folder
from svodka.tagger import Tagger

__all__ = ["install_model", "install_previous", "install_shipped"]

LOCK_FILE = "install.lock"
PATIENCE = 60.0  # seconds to wait for another installation
DIGITS = 12  # of the digest, in a folder's name
TRIAL = "Расчёты ПВО сбили над морем два беспилотника."


def install_model(folder: Path) -> Pointer:
    """Copy a model folder to the user's data folder and put the copy in force; return the new state.

    The model in force so far is kept as the previous one, older ones are removed. If `folder` holds the very model that
    is in force, nothing changes but its card.

    Raises:
        ModelFilesError: the folder is incomplete, damaged, of another format version, or cannot be loaded.
        ConfigError: there is nowhere to install to.
        OSError: the copy cannot be written.
    """
    verify_files(folder)
    digest = _tried(folder)

    def change(home: Path, old: Pointer) -> Pointer:
        if old.current is None or old.current.digest != digest:
            return Pointer(_copy(folder, home, digest), old.current)
        if _same(folder, installed_folder(home, old.current)):
            return old
        return Pointer(_copy(folder, home, digest), old.previous)

    return _changed(change, damaged=Pointer())


def install_previous() -> Pointer:
    """Exchange the model in force and the previous one; return the new state.

    Raises:
        ModelFilesError: there is no previous model, or it is damaged.
        ConfigError: there is nowhere to install to.
        OSError: the pointer cannot be written.
    """

    def change(home: Path, old: Pointer) -> Pointer:
        if old.previous == old.current:
            raise ModelFilesError("there is no previous model to return to; nothing else was installed so far")
        if old.previous:
            _tried(installed_folder(home, old.previous))
        return Pointer(old.previous, old.current)

    return _changed(change)


def install_shipped() -> Pointer:
    """Put the model that comes with svodka in force, whatever the state is in; return the new one.

    Raises:
        ConfigError: there is nowhere to install to.
        OSError: the pointer cannot be written.
    """
    return _changed(lambda _home, old: old if old.current is None else Pointer(None, old.current), damaged=Pointer())


def _changed(change: Callable[[Path, Pointer], Pointer], damaged: Pointer | None = None) -> Pointer:
    """Replace the state by what `change` makes of it, alone, and remove what is not needed any more.

    `damaged` stands for a state that cannot be read; with None that is an error. Then nothing is removed: another
    version of svodka may have written that state and need the folders.
    """
    home = data_home()
    if home is None:
        raise ConfigError("this user has no home folder to install to; set SVODKA_HOME to a folder for svodka's data")
    (home / MODELS_FOLDER).mkdir(parents=True, exist_ok=True)
    busy = f"another `svodka install` has been at work for {PATIENCE:.0f} s (it holds {home / LOCK_FILE})"
    with alone(home / LOCK_FILE, busy, PATIENCE):
        try:
            old, readable = read_pointer(home), True
        except ModelFilesError:
            if damaged is None:
                raise
            old, readable = damaged, False
        new = change(home, old)
        if new != old or not readable:
            write_pointer(home, new)
        if readable:
            _sweep(home, new)
        return new


def _copy(folder: Path, home: Path, digest: str) -> Installed:
    """Copy a model folder; links are followed, and what the manifest does not list is left behind."""
    entry = Installed(
        folder=f"{digest[:DIGITS]}-{secrets.token_hex(4)}",
        digest=digest,
        origin=str(folder.resolve()),
        date=provenance.now(),
    )
    with atomic_folder(installed_folder(home, entry)) as temporary:
        for name in manifest_files(folder):
            _copy_file(folder / name, temporary / name)
        verify_files(temporary)
    return entry


def _copy_file(source: Path, target: Path) -> None:
    """Copy one file down to the disk, so that after a power cut the pointer leads to no empty files."""
    with source.open("rb") as data, target.open("xb") as out:
        shutil.copyfileobj(data, out)
        out.flush()
        os.fsync(out.fileno())


def _tried(folder: Path) -> str:
    """Load a model, let it tag a sentence, and return its digest.

    Where a quick model may have answered alone, the folder's own is asked, too.
    """
    tagger = Tagger.load(folder, threads=1)
    tagger.predict(TRIAL)
    if CASCADE_KEY in tagger.info.details:
        Tagger.load(folder, threads=1, early_exits=False).predict(TRIAL)
    return tagger.info.digest


def _same(folder: Path, other: Path) -> bool:
    """Say whether `other` is a whole copy of `folder`, the card included."""
    try:
        verify_files(other)
        return (folder / MANIFEST_FILE).read_bytes() == (other / MANIFEST_FILE).read_bytes()
    except ModelFilesError:
        return False


def _sweep(home: Path, pointer: Pointer) -> None:
    """Remove models that are neither in force nor the previous one, and what killed installations left."""
    kept = {entry.folder for entry in (pointer.current, pointer.previous) if entry}
    for path in list((home / MODELS_FOLDER).iterdir()):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
    for path in home.glob(".svodka-*.tmp"):
        path.unlink(missing_ok=True)
