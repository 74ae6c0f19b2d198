"""`svodka data audit` from the command line to the file for review."""

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from svodka.cli import main, tag

YAML = """\
version: 1
topics:
  - {id: rain, title_ru: Дожди, title_en: Rain, definition_ru: Льёт вода., definition_en: Water falls.}
  - {id: heat, title_ru: Жара, title_en: Heat, definition_ru: Жарко., definition_en: It is hot.}
"""
TOWNS = ("Туле", "Твери", "Пскове", "Калуге", "Рязани", "Орле")
ROWS = [(f"В {town} дождь.", ["rain"]) for town in TOWNS] + [(f"В {town} жара.", ["heat"]) for town in TOWNS]
MISSED = ("=Дождь: в Курске", ["heat"])  # rain is missing, heat is one too many; and a spreadsheet's formula


class KeywordTagger:
    """Gives 0.9 to a topic whose keyword stands in the text, otherwise 0.1."""

    topics = ("rain", "heat")

    def __init__(self, name="x.jsonl", digest=""):
        self.info = SimpleNamespace(details={"data": {"train": [{"name": name, "sha256": digest}]}})

    def predict_proba(self, texts):
        words = ("дожд", "жар")
        return np.array([[0.9 if word in text.lower() else 0.1 for word in words] for text in texts], dtype=np.float32)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """Work in a folder with `weather.jsonl`, whose last row is wrong, and topics of its own."""
    pytest.importorskip("sklearn", reason="needs svodka[report]")
    pytest.importorskip("cleanlab", reason="needs svodka[report]")
    monkeypatch.setattr(tag, "load_tagger", lambda folder: KeywordTagger())  # noqa: ARG005
    monkeypatch.chdir(tmp_path)
    Path("topics.yaml").write_text(YAML, encoding="utf-8")
    write([*ROWS, MISSED])
    return tmp_path


def write(rows):
    lines = [json.dumps({"text": text, "topics": topics}, ensure_ascii=False) for text, topics in rows]
    Path("weather.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def audit(*words):
    return main(["data", "audit", "weather.jsonl", *words])


def test_the_table(capsys):
    assert audit("--scores", "model") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["suspect", "probability", "quality", "place", "id", "given", "text"]
    row = ["weather.jsonl:13", "weather:13", "heat", "=Дождь:", "в", "Курске"]
    assert sorted(lines[1:3]) == [["add", "rain", "0.900", "0.100", *row], ["remove", "heat", "0.100", "0.100", *row]]
    assert " ".join(lines[3]) == "suspects: 2 of 26 judged labels, in 1 of 13 sentences"


def test_only_some_suspects_are_shown(capsys):
    audit("--scores", "model", "--top", "1")
    out = capsys.readouterr().out
    assert "1 more are not shown: --top N shows N, --out FILE.csv holds all\n" in out
    audit("--scores", "model", "--top", "0")
    assert capsys.readouterr().out.startswith("suspects: 2 of 26")


def test_a_file_without_suspects(capsys):
    write(ROWS)
    assert audit("--scores", "model", "--out", "review.csv") == 0
    assert capsys.readouterr().out == "suspects: 0 of 24 judged labels, in 0 of 12 sentences\n"
    assert len(Path("review.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_the_spreadsheet_for_review():
    audit("--scores", "model", "--out", "review.csv")
    assert Path("review.csv").read_bytes().startswith(b"\xef\xbb\xbfid,source,line,")
    with Path("review.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = sorted(csv.DictReader(handle), key=lambda row: row["suggestion"])
    assert rows[0] == {
        "id": "weather:13",
        "source": "weather.jsonl",
        "line": "13",
        "text": "'=Дождь: в Курске",
        "topics": "heat",
        "suspect_topic": "rain",
        "suggestion": "add",
        "probability": "0.9",
        "quality": "0.1",
    }
    assert (rows[1]["suspect_topic"], rows[1]["suggestion"]) == ("heat", "remove")


def test_the_json_lines_for_review():
    audit("--scores", "model", "--out", "review.jsonl")
    first = json.loads(Path("review.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (first["text"], first["topics"], first["line"]) == ("=Дождь: в Курске", ["heat"], 13)


def test_tfidf_learns_inside_the_file(capsys):
    write([*ROWS, *ROWS, MISSED])
    lines = Path("weather.jsonl").read_text(encoding="utf-8").replace("В ", "Во ", 6)
    Path("weather.jsonl").write_text(lines, encoding="utf-8")
    assert audit("--topics", "topics.yaml", "--out", "review.jsonl") == 0
    assert "training TF-IDF on 25 sentences" in capsys.readouterr().err
    found = [json.loads(line) for line in Path("review.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(one["line"], one["suspect_topic"]) for one in found[:2]} == {(25, "rain"), (25, "heat")}


def test_rows_that_nobody_labelled_are_left_out(capsys):
    write([*ROWS, MISSED, ("Дождь и жара.", None)])
    audit("--scores", "model")
    assert "in 1 of 13 sentences" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "same", "warning"),
    [
        ("old-name.jsonl", True, "the model has learnt the labels of weather.jsonl, errors included"),
        ("weather.jsonl", False, "the model has learnt from another version, it seems, of weather.jsonl"),
        ("other.jsonl", False, None),
    ],
)
def test_a_model_that_has_learnt_these_labels(capsys, monkeypatch, folder, name, same, warning):
    digest = hashlib.sha256((folder / "weather.jsonl").read_bytes()).hexdigest() if same else "another"
    monkeypatch.setattr(tag, "load_tagger", lambda _: KeywordTagger(name, digest))
    audit("--model", "somewhere")
    assert capsys.readouterr().err == (f"svodka: warning: {warning}\n" if warning else "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scores", "tfidf", "--model", "x"], "--model belongs to --scores model"),
        (["--scores", "tfidf", "--model", ""], "--model belongs to --scores model"),
        (["--scores", "model", "--topics", "topics.yaml"], "a model brings its own topics"),
        (["--top", "-1"], "--top must be 0 or more, got -1"),
        (["--out", "review.txt"], "--out review.txt: expected a file ending in .csv or .jsonl"),
        (["--out", "weather.jsonl"], "is also an input and would be overwritten"),
    ],
)
def test_a_wrong_command_line(capsys, words, message):
    assert audit(*words) == 2
    assert message in capsys.readouterr().err


def test_nothing_labelled(capsys):
    write([("Дождь.", None)])
    assert audit("--scores", "model") == 1
    assert "weather.jsonl: none of 1 rows is labelled" in capsys.readouterr().err


def test_the_command_loads_nothing_heavy():
    heavy = {"cleanlab", "sklearn", "torch", "rich"}
    program = f"import sys, svodka.training.data_audit; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
