"""`svodka install`: put a model in force for every command and program of this user, and go back."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from svodka.errors import ConfigError
from svodka.home import Installed, data_home, read_pointer
from svodka.model_folder import model_digest, read_model_info
from svodka.source import MODEL_VARIABLE, SHIPPED, choose_model, installed_folder, named_folder, shipped_folder, way_out

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add_parser", "run"]

DIGITS = 12  # of a digest: enough to tell models apart, as in `svodka compare`

EPILOG = """\
examples:
  svodka install my-model       my-model is copied to your data folder and used from now on
  svodka install                says which model is in force
  svodka install --previous     back to the model before; once more: forth again
  svodka install --shipped      back to the model that comes with svodka

which model a command uses, the first that is there: --model; the folder in the variable SVODKA_MODEL; the installed
  model; the model that comes with svodka. A broken one is an error, never passed over.
data folder: SVODKA_HOME, by default ~/.local/share/svodka (in XDG_DATA_HOME), on Windows svodka in LOCALAPPDATA, on
  macOS ~/Library/Application Support/svodka
"""


def add_parser(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "install",
        help="put a model in force, or say which one is",
        description="Put a model in force: checked, copied and switched in one step. The one before it is kept.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = parser.add_mutually_exclusive_group()
    add = group.add_argument
    add("model", nargs="?", metavar="MODEL", help="model folder that `svodka train` wrote")
    add("--previous", action="store_true", help="exchange the model in force and the one before")
    add("--shipped", action="store_true", help="return to the model that comes with svodka")
    add("--list", action="store_true", help="say which model is in force and where it comes from (the default)")


def run(args: argparse.Namespace) -> int:
    """Change what is in force, or check it if no change is asked for, and say what it is; return 0."""
    if args.model == SHIPPED:
        raise ConfigError("the model that comes with svodka needs no copy: svodka install --shipped")
    if args.model is not None or args.previous or args.shipped:
        _change(args)
        if os.environ.get(MODEL_VARIABLE):
            sys.stderr.write(f"svodka: warning: {MODEL_VARIABLE} is set and stands before the installed model\n")
    else:
        _check()
    sys.stdout.write("".join(f"{heading:<10} {text}\n" for heading, text in _state()))
    return 0


def _change(args: argparse.Namespace) -> None:
    """Do what is asked for."""
    from svodka.install import install_model, install_previous, install_shipped  # numpy is not for --list

    if args.model is not None:
        install_model(named_folder(args.model))
    elif args.previous:
        install_previous()
    else:
        install_shipped()


def _check() -> None:
    """Refuse a broken model in force."""
    source = choose_model()
    with way_out(source):
        read_model_info(source.folder)


def _state() -> list[tuple[str, str]]:
    """Return what there is to say of the models in force, installed and before, by headings."""
    home = data_home()
    pointer = read_pointer(home)
    variable = os.environ.get(MODEL_VARIABLE)
    lines = [("in force", f"{variable} ({MODEL_VARIABLE})")] if variable else []
    lines.append(("installed" if variable else "in force", _described(pointer.current)))
    if home and pointer.current:
        lines.append(("", str(installed_folder(home, pointer.current))))
    if pointer.previous != pointer.current:
        lines.append(("previous", _described(pointer.previous)))
    return lines


def _described(model: Installed | None) -> str:
    """Say which model it is and where it comes from."""
    if model is None:
        return f"shipped with svodka ({model_digest(shipped_folder())[:DIGITS]})"
    return f"{model.origin} ({model.digest[:DIGITS]}), installed on {model.date[:10]}"
