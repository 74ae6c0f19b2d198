"""The tutorial of the README, command by command as it stands there, from a spreadsheet to an installed model.

Only two things are other than in real life: the shipped model is a tiny one, and training makes one pass.
"""

import json
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("torch", reason="needs svodka[train]")
pytest.importorskip("sklearn", reason="needs svodka[report]")
pytest.importorskip("jinja2", reason="needs svodka[report]")

from svodka import source
from svodka.cli import main
from svodka.model_folder import read_model_info
from svodka.topics import load_topics
from svodka.training import cli as train_command
from svodka.training.recipe import load_recipe, make_recipe
from svodka.training.run import train

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
(BLOCK,) = re.findall(r"<!-- tutorial.*?-->\n```console\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [shlex.split(line, comments=True)[1:] for line in BLOCK.splitlines() if line.startswith("svodka ")]


@pytest.fixture
def tiny_shipped(tiny_settings, tmp_path, monkeypatch):
    """Put a tiny model with svodka's topics in place of the shipped one, and let training make one pass."""
    lines = (ROOT / "training" / "data" / "validation.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    files = {"train": tmp_path / "a.jsonl", "validation": tmp_path / "b.jsonl"}
    for begin, path in enumerate(files.values()):
        path.write_text("".join(lines[begin::4]), encoding="utf-8")
    settings = tiny_settings | {name: [str(path)] for name, path in files.items()} | {"epochs": 1, "batch_size": 16}
    folder = tmp_path / "package" / "weights"
    train(make_recipe(settings), load_topics(), folder, quiet=True)
    monkeypatch.setattr(source, "resources", SimpleNamespace(files=lambda _package: folder.parent))

    def quick(*given, **named):
        return replace(load_recipe(*given, **named), epochs=1, least_steps=0, max_tokens=32)

    monkeypatch.setattr(train_command, "load_recipe", quick)
    return folder


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Work in a folder with the files that the tutorial begins with, and nothing else."""
    folder = tmp_path / "desk"
    for name in ("tutorial", "articles"):
        shutil.copytree(ROOT / "tests" / name, folder / "tests" / name)
    monkeypatch.chdir(folder)
    return folder


def test_every_command_does_what_the_tutorial_says(desk, tiny_shipped, own_home, capsys):
    outputs = {}
    for words in COMMANDS:
        code = main(words)
        out, err = capsys.readouterr()
        # The gate may rightly close: one pass over a tiny model teaches it little.
        assert code == (1 if "required" in out and "FAILS" in out else 0), (words, err)
        outputs[words[0]] = out  # of the last one

    rows = [json.loads(line) for line in (desk / "data.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 300
    assert any(row["topics"] == [] for row in rows)
    assert {topic for row in rows for topic in row["topics"]} == {topic.id for topic in load_topics()}
    assert len((desk / "held-out.jsonl").read_text(encoding="utf-8").splitlines()) == 60
    assert sorted(path.name for path in (desk / "report").iterdir()) == ["report.html", "report.json", "report.md"]
    measured = json.loads((desk / "report" / "report.json").read_text(encoding="utf-8"))
    mine = read_model_info(desk / "my-model").digest
    assert measured["model"]["digest"] == mine != read_model_info(tiny_shipped).digest
    assert outputs["compare"].startswith("A: shipped (")
    assert "verdict: " in outputs["compare"]
    assert "sosedi.txt" in outputs["tag"]
    assert outputs["install"].startswith("in force   shipped with svodka")  # after --previous
    assert f"previous   {desk / 'my-model'} ({mine[:12]}), installed on" in outputs["install"]
    (copy,) = (own_home / "models").iterdir()
    assert read_model_info(copy).digest == mine


def test_the_spreadsheets_are_as_the_tutorial_says(desk):  # noqa: ARG001
    titles = {topic.title_ru for topic in load_topics()}
    for name, rows in (("sentences.csv", 300), ("held-out.csv", 60)):
        header, *lines = Path("tests/tutorial", name).read_text(encoding="cp1251").splitlines()
        assert (header, len(lines)) == ("№;Предложение;Темы", rows)
        named = {title for line in lines for title in line.rpartition(";")[2].split(", ")}
        assert named <= titles | {"нет"}
