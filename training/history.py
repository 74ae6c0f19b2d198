"""Files of svodka's own data as they were in an earlier commit, from the checkout that svodka is installed from."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from svodka.errors import ConfigError
from svodka.files import atomic_write
from svodka.provenance import ask_git
from svodka.training.recipe import checkout_data_folder

__all__ = ["check_history", "own_file", "show_words", "write_earlier", "write_today"]


def check_history(files: Iterable[str]) -> None:
    """Make sure that git has files, each `COMMIT:PATH`.

    Raises:
        ConfigError: svodka was not installed from a checkout of its repository, or only from a shallow one; or there is
            no git, or it refuses.
    """
    for file in files:
        kind, reason = _kind(file)
        if kind != "blob":
            raise ConfigError(
                f"git has no {file} ({reason or kind}): svodka must be installed for development (as `make test` does) "
                "in a checkout of its repository with the whole history (`git fetch --unshallow`); --today does "
                "without, but makes another model"
            )


def _kind(file: str) -> tuple[str, str]:
    """Return what git calls the object `COMMIT:PATH`, and its first word on why it does not."""
    words = ["git", "cat-file", "-t", file]
    try:
        done = subprocess.run(
            words, cwd=checkout_data_folder(), capture_output=True, check=False, text=True, errors="replace"
        )
    except OSError as error:
        return "", f"git: {error.strerror}"
    return done.stdout.strip(), done.stderr.partition("\n")[0]


def own_file(file: str) -> Path:
    """Return where the file of `COMMIT:PATH` stands among svodka's own data today."""
    return checkout_data_folder() / file.partition(":training/data/")[2]


def show_words(file: str) -> list[str]:
    """Return the command line with which git prints the file `COMMIT:PATH`, wherever one stands."""
    top = ask_git(checkout_data_folder(), "rev-parse", "--show-toplevel")
    elsewhere = ["-C", top] if top and not Path.cwd().is_relative_to(top) else []
    return ["git", *elsewhere, "show", file]


def write_earlier(file: str, out: Path) -> None:
    """Write the file `COMMIT:PATH` as it was then.

    Raises:
        ConfigError: git does not give it.
        OSError: `out` cannot be written, or there is no git.
    """
    with atomic_write(out, "wb") as handle:
        done = subprocess.run(["git", "show", file], cwd=checkout_data_folder(), stdout=handle, check=False)
        if done.returncode:
            raise ConfigError(f"`git show {file}` failed with exit code {done.returncode}")


def write_today(file: str, out: Path) -> None:
    """Write the file of `COMMIT:PATH` as it is today.

    Raises:
        OSError: it is not there any more, or `out` cannot be written.
    """
    with own_file(file).open("rb") as source, atomic_write(out, "wb") as handle:
        shutil.copyfileobj(source, handle)
