"""Find the command, run it, and turn what went wrong into one line and an exit code.

Exit codes: 0 all done; 1 a problem with data, files or the model; 2 a wrong command line or setting; 3 some inputs were
skipped, the rest is done; 130 interrupted with Ctrl-C. A reader that closes the pipe early (`| head`) has what it
wanted: that ends quietly with 0.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from svodka import __version__
from svodka.errors import ConfigError, MissingExtraError, SvodkaError, did_you_mean

__all__ = [
    "COMMANDS",
    "EXIT_ERROR",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_SKIPPED",
    "EXIT_USAGE",
    "Command",
    "guarded",
    "main",
]

EXIT_OK, EXIT_ERROR, EXIT_USAGE, EXIT_SKIPPED, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        module: has its `add_parser(subparsers)` and `run(args) -> int`; imported only when the command is asked for.
        help: one line for `svodka --help`.
        extra: the optional dependencies that it needs; None if the base install is enough.
    """

    module: str
    help: str
    extra: str | None = None


COMMANDS = {
    "tag": Command("svodka.cli.tag", "tag the sentences of texts with topics"),
    "topics": Command("svodka.cli.topics", "list the topics that a model knows"),
    "suggest": Command("svodka.training.suggest_cli", "say which unlabelled sentences to label next", "report"),
    "data": Command("svodka.training.data_cli", "check labelled sentences, find label errors", "train"),
    "train": Command("svodka.training.cli", "train a model on labelled sentences", "train"),
    "teach": Command("svodka.training.teach_cli", "write teachers' answers for a smaller model to learn from", "train"),
    "card": Command("svodka.training.card_cli", "write measured figures into a model's card", "train"),
    "evaluate": Command("svodka.evaluation.cli", "measure a model on labelled sentences", "report"),
    "compare": Command("svodka.evaluation.compare_cli", "say whether a new model is better than an old one", "report"),
    "bench": Command("svodka.evaluation.bench.cli", "measure the speed beside the peers", "report"),
    "install": Command("svodka.cli.install", "put a model in force, or say which one is"),
}


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours: one line, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Raise ConfigError instead of leaving the program."""
        raise ConfigError(f"{message} (see {self.prog} --help)")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuse what is unknown here: the parser above, which argparse leaves it to, has other options and help."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            options = re.findall(r"--[a-z-]+", self.format_usage())
            self.error(f"unrecognized arguments: {' '.join(unknown)}{did_you_mean(unknown[0].split('=')[0], options)}")
        return found, unknown


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (None: the program's own) and return the exit code."""
    return guarded(lambda: _dispatch(list(sys.argv[1:] if argv is None else argv)))


def guarded(work: Callable[[], int]) -> int:
    """Do the work of a command and return its exit code; what users can mend becomes one line, not a traceback."""
    try:
        code = work()
        sys.stdout.flush()  # here a full disk or a closed pipe still has an answer
    except KeyboardInterrupt as interruption:  # a command that saved something says what
        return _fail(str(interruption) or "interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        _drop_stdout()
        return EXIT_OK
    except (ConfigError, MissingExtraError) as error:
        return _fail(str(error), EXIT_USAGE)
    except SvodkaError as error:
        return _fail(str(error), EXIT_ERROR)
    except OSError as error:
        _drop_stdout()
        return _fail(_os_message(error), EXIT_ERROR)
    return code


def _dispatch(argv: list[str]) -> int:
    """Parse the command line and run its command."""
    name = next((word for word in argv if not word.startswith("-")), "")
    if name and name not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise ConfigError(f"unknown command {name!r}{did_you_mean(name, COMMANDS)} (commands: {known})")
    module = _load(name) if name else None
    parser = _parser(name, module)
    try:
        args = parser.parse_args(argv)
    except SystemExit as leaving:  # --help is done
        return leaving.code if isinstance(leaving.code, int) else EXIT_OK
    if args.version:
        sys.stdout.write(f"svodka {__version__}\n")
        return EXIT_OK
    if module is None:
        parser.print_help(sys.stderr)
        return EXIT_USAGE
    try:
        code: int = module.run(args)
    except ModuleNotFoundError as error:
        raise _explained(name, error) from error
    return code


def _parser(name: str, module: ModuleType | None) -> argparse.ArgumentParser:
    """Return the parser with all commands, of which only the one called `name` knows its options."""
    parser = _Parser(prog="svodka", description="Tag the sentences of Russian defence and security text with topics.")
    parser.add_argument("--version", action="store_true", help="print the version and leave")
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command")
    for other, command in COMMANDS.items():
        if module is not None and other == name:
            module.add_parser(subparsers)
        else:
            subparsers.add_parser(other, help=command.help)
    return parser


def _load(name: str) -> ModuleType:
    """Import a command's module."""
    try:
        return import_module(COMMANDS[name].module)
    except ModuleNotFoundError as error:
        raise _explained(name, error) from error


def _explained(name: str, error: ModuleNotFoundError) -> ImportError:
    """Return the error that tells which extra brings a missing module; a hole in svodka itself stays what it is."""
    extra = COMMANDS[name].extra
    if isinstance(error, MissingExtraError) or extra is None or (error.name or "").startswith("svodka"):
        return error
    return MissingExtraError(f"svodka {name}", extra)


def _fail(message: str, code: int) -> int:
    """Print the message, one line or a list of lines, and return the exit code."""
    sys.stderr.write(f"svodka: error: {message.strip()}\n")
    return code


def _os_message(error: OSError) -> str:
    """Say what the system refused, and for which file."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _drop_stdout() -> None:
    """Send what is still in the buffer of standard output nowhere, or Python complains when it ends."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):  # not a real file, as in tests
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
