"""`svodka install`, and the model that other commands use after it."""

import json
import shutil
import subprocess
import sys

import pytest

from svodka.cli import main
from svodka.home import read_pointer
from svodka.model_folder import model_digest
from svodka.source import shipped_folder

SHIPPED = f"shipped with svodka ({model_digest(shipped_folder())[:12]})"


@pytest.fixture
def mine(trained_folder, tmp_path, monkeypatch):
    """Work in a folder with the tiny model in `my-model`; return what the program calls it."""
    monkeypatch.chdir(tmp_path)
    folder = shutil.copytree(trained_folder, tmp_path / "my-model")
    return f"{folder} ({model_digest(folder)[:12]}), installed on "


def printed(capsys, *words, code=0):
    """Run `svodka install`, and return its lines: heading and the beginning of the text."""
    assert main(["install", *words]) == code
    return capsys.readouterr().out.splitlines()


def topics(capsys):
    assert main(["topics"]) == 0
    out, err = capsys.readouterr()
    return out.split("\t", 1)[0], err.split(" (")[0]


@pytest.mark.parametrize("words", [[], ["--list"]])
def test_at_first_the_shipped_model_is_in_force(capsys, own_home, words):
    assert printed(capsys, *words) == [f"in force   {SHIPPED}"]
    assert not own_home.exists()


def test_there_and_back_and_there_again(capsys, mine, own_home):
    one, two, three = printed(capsys, "my-model")
    assert one.startswith(f"in force   {mine}20")
    assert two == f"           {own_home / 'models' / read_pointer(own_home).current.folder}"
    assert three == f"previous   {SHIPPED}"
    assert topics(capsys) == ("weather", "svodka: topics of the model installed")
    assert printed(capsys) == [one, two, three]

    one, two = printed(capsys, "--previous")
    assert one == f"in force   {SHIPPED}"
    assert two.startswith(f"previous   {mine}20")
    assert topics(capsys) == ("threats", "svodka: topics of the model shipped")

    assert printed(capsys, "--previous")[0].startswith(f"in force   {mine}20")
    assert printed(capsys, "--shipped")[0] == f"in force   {SHIPPED}"
    assert printed(capsys, "--shipped")[1].startswith(f"previous   {mine}20")


@pytest.mark.usefixtures("mine")
def test_what_is_written_by_the_installed_model_is_what_its_folder_writes(capsys, tmp_path):
    (tmp_path / "a.txt").write_text("Ночью выпал снег. Хор запел.", encoding="utf-8")
    answers = []
    for words in (["--model", "my-model"], ["--model", "shipped"], []):
        assert main(["tag", "a.txt", "--format", "jsonl", *words]) == 0
        answers.append([list(json.loads(line)["scores"]) for line in capsys.readouterr().out.splitlines()])
        main(["install", "my-model"])
        capsys.readouterr()
    assert answers[0] == answers[2] != answers[1]


def test_the_variable_stands_before_the_installed_model_and_that_is_said(capsys, mine, monkeypatch):
    monkeypatch.setenv("SVODKA_MODEL", "my-model")
    assert printed(capsys) == ["in force   my-model (SVODKA_MODEL)", f"installed  {SHIPPED}"]
    assert topics(capsys) == ("weather", "svodka: topics of the model my-model")
    assert main(["install", "my-model"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1].startswith(f"installed  {mine}20")
    assert err == "svodka: warning: SVODKA_MODEL is set and stands before the installed model\n"


@pytest.mark.usefixtures("mine")
def test_a_broken_installed_model_is_told_and_the_way_out_works(capsys, own_home):
    main(["install", "my-model"])
    capsys.readouterr()
    shutil.rmtree(own_home / "models")
    for words in (["install"], ["topics"], ["tag", "-"]):
        assert main(words) == 1
        assert "this is the installed model: `svodka install MODEL` installs another" in capsys.readouterr().err
    assert printed(capsys, "--shipped")[0] == f"in force   {SHIPPED}"
    assert topics(capsys)[0] == "threats"


def test_a_broken_model_of_the_variable_does_not_hinder_the_way_out(capsys, monkeypatch):
    monkeypatch.setenv("SVODKA_MODEL", "nowhere")
    assert main(["install"]) == 1
    assert "no model folder 'nowhere'" in capsys.readouterr().err
    assert printed(capsys, "--shipped") == ["in force   nowhere (SVODKA_MODEL)", f"installed  {SHIPPED}"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nowhere"], 1, "no model folder 'nowhere'"),
        ([""], 2, "expected a model folder, got ''"),
        (["~/nowhere"], 1, "no model folder '/home/anna/nowhere'"),
        (["shipped"], 2, "needs no copy: svodka install --shipped"),
        (["--previous"], 1, "there is no previous model"),
        (["my-model", "--previous"], 2, "not allowed with argument"),
        (["--shipped", "--list"], 2, "not allowed with argument"),
    ],
)
def test_what_cannot_be(capsys, own_home, monkeypatch, words, code, message):
    monkeypatch.setenv("HOME", "/home/anna")
    assert main(["install", *words]) == code
    assert message in capsys.readouterr().err
    assert not (own_home / "installed.json").exists()


def test_saying_what_is_in_force_loads_nothing_heavy():
    program = (
        "import sys; from svodka.cli import main; main(['install']); print({'onnxruntime', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
