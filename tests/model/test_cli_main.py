"""The command line around the commands."""

from __future__ import annotations

import re
import subprocess
import sys
import types
from importlib.util import find_spec

import pytest
from fakes import FakeTagger

from svodka.cli import main, tag
from svodka.cli.main import COMMANDS, Command

HEAVY = ("torch", "transformers", "datasets", "sklearn", "onnxruntime", "pyarrow", "rich")


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out and command.help in out for name, command in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_module(name):
    assert find_spec(COMMANDS[name].module) is not None


def test_no_command_shows_the_help_and_is_wrong_usage(capsys):
    assert main([]) == 2
    assert "usage: svodka" in capsys.readouterr().err


def test_an_unknown_command_is_guessed(capsys):
    assert main(["tga", "a.txt"]) == 2
    assert "svodka: error: unknown command 'tga'; did you mean 'tag'?" in capsys.readouterr().err


def test_an_unknown_option_is_guessed_among_those_of_its_command(capsys):
    assert main(["tag", "a.txt", "--treshold=0.5"]) == 2
    said = "unrecognized arguments: --treshold=0.5; did you mean '--threshold'? (see svodka tag --help)"
    assert capsys.readouterr().err == f"svodka: error: {said}\n"


def test_the_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert re.fullmatch(r"svodka \d+\.\d+\.\d+\S*\n", capsys.readouterr().out)


def test_topics_are_listed(capsys, monkeypatch):
    monkeypatch.setattr(tag, "load_tagger", lambda folder: FakeTagger())  # noqa: ARG005
    assert main(["topics"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1] == "air_defence\t0.50\tПВО и ПРО\tAir defence"
    assert err == "svodka: topics of the model my-model (abababababab)\n"


@pytest.mark.parametrize("words", [["--help"], ["tag", "--help"], ["--version"], ["tag", "no such file.csv"]])
def test_nothing_heavy_is_imported_for_light_work(words):
    program = (
        f"import sys; from svodka.cli import main; main({words!r}); print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def command_of(monkeypatch, **functions):
    """Put a command called `train` into the program."""
    module = types.ModuleType("svodka_test_command")
    module.add_parser = lambda subparsers: subparsers.add_parser("train")
    vars(module).update(functions)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(COMMANDS, "train", Command(module.__name__, "train", extra="train"))


def test_a_missing_library_is_told_with_its_extra(capsys, monkeypatch):
    def run(args):  # noqa: ARG001
        import no_such_library  # noqa: F401

    command_of(monkeypatch, run=run)
    assert main(["train"]) == 2
    assert capsys.readouterr().err == "svodka: error: svodka train needs: pip install 'svodka[train]'\n"


def test_a_missing_module_of_svodka_itself_is_no_missing_library(monkeypatch):
    def run(args):  # noqa: ARG001
        import svodka.no_such_module  # noqa: F401

    command_of(monkeypatch, run=run)
    with pytest.raises(ModuleNotFoundError, match=r"svodka\.no_such_module"):
        main(["train"])


def test_the_exit_code_of_a_command_is_the_programs(monkeypatch):
    command_of(monkeypatch, run=lambda args: 3)  # noqa: ARG005
    assert main(["train"]) == 3
