"""`svodka tag --parts`: a folder of files that a killed run goes on with, without repeating or losing a row."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from part_runs import fake_at_work, parts, state, svodka, table

from svodka import Tagger
from svodka.cli import main, tag
from svodka.cli.part_state import STATE_FILE
from svodka.cli.parts import LOCK_FILE

# What the tests below run in a process of its own: the command line with the fake tagger, which kills itself when it is
# about to rename a temporary file for the Nth time, or just has.
PROGRAM = """
import os, pathlib, signal, sys
sys.path.insert(0, sys.argv.pop(1))
last, after = int(sys.argv.pop(1)), sys.argv.pop(1) == "after"
import fakes, svodka.cli.tag
svodka.cli.tag.load_tagger = lambda folder: fakes.FakeTagger()
rename, count = pathlib.Path.replace, 0
def replace(self, target):
    global count
    count += 1
    if count == last and not after:
        os.kill(os.getpid(), signal.SIGKILL)
    rename(self, target)
    if count == last:
        os.kill(os.getpid(), signal.SIGKILL)
pathlib.Path.replace = replace
sys.exit(svodka.cli.main())
"""


@pytest.fixture(autouse=True)
def tagger(monkeypatch, tmp_path):
    return fake_at_work(monkeypatch, tmp_path)


def interrupt_at(monkeypatch, tagger, mark):
    """Let Ctrl-C be pressed at the sentence with this mark; return what takes it back."""
    whole = tagger.stream

    def cut(texts, thresholds=None):
        for prediction in whole(texts, thresholds):
            if mark in prediction.text:
                raise KeyboardInterrupt
            yield prediction

    monkeypatch.setattr(tagger, "stream", cut)
    return lambda: monkeypatch.setattr(tagger, "stream", whole)


def test_the_parts_together_are_the_whole(capsys):
    assert svodka(table()) == 0
    assert capsys.readouterr().err == "svodka: documents 23, sentences 30, 7 empty\n"
    assert main(["tag", "a.jsonl", "--column", "text", "--out", "whole.jsonl"]) == 0
    assert b"".join(parts().values()) == Path("whole.jsonl").read_bytes()
    assert list(parts()) == ["part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl"]


def test_a_part_ends_with_the_document_that_fills_it():
    Path("a.csv").write_text("text\n" + "Учения идут. Склад полон. Дождь.\n" * 4, encoding="utf-8")
    assert svodka("a.csv", rows="4") == 0  # each text has three sentences, so two of them fill a part
    assert [part["rows"] for part in state()["parts"]] == [6, 6]
    assert [content.count(b"\n") for content in parts().values()] == [6, 6]


def test_the_state_tells_from_what_and_how_far():
    assert svodka(table(), "--threshold", "logistics=0.4") == 0
    now = state()
    assert (now["documents"], now["complete"]) == (23, True)
    assert [(part["name"], part["bytes"]) for part in now["parts"]] == [(n, len(c)) for n, c in parts().items()]
    origin = now["origin"]
    assert origin["thresholds"] == {"exercises": 0.5, "air_defence": 0.5, "logistics": 0.4}
    assert (origin["column"], origin["format"], origin["part_rows"]) == ("text", "jsonl", 10)
    assert origin["inputs"][0]["bytes"] == Path("a.jsonl").stat().st_size


def test_each_part_of_csv_has_its_header():
    assert svodka(table(), "--format", "csv") == 0
    assert main(["tag", "a.jsonl", "--column", "text", "--out", "whole.csv"]) == 0
    header, whole = Path("whole.csv").read_bytes().split(b"\r\n", 1)
    rows = [content.removeprefix(header + b"\r\n") for content in parts().values()]
    assert b"".join(rows) == whole
    assert [len(row) < len(content) for row, content in zip(rows, parts().values(), strict=True)] == [True] * 3


def test_a_folder_of_parquet_parts_is_read_as_one_table():
    dataset = pytest.importorskip("pyarrow.dataset", reason="needs svodka[parquet]")
    assert svodka(table(), out="plain") == 0
    assert svodka("a.jsonl", "--format", "parquet") == 0
    assert list(parts()) == ["part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]
    rows = dataset.dataset("parts").to_table().to_pylist()  # the state is passed over
    plain = [json.loads(line) for content in parts("plain").values() for line in content.splitlines()]
    same = ("source", "index", "start", "end", "text", "topics", "truncated")
    assert [{key: row[key] for key in same} for row in rows] == [{key: row[key] for key in same} for row in plain]


def killed(*words, last, when, out="parts"):
    """Run in another process that kills itself at the renaming number `last`; return whether it did."""
    words = ["tag", *words, "--column", "text", "--out", out, "--parts", "--part-rows", "10", "--quiet", "--resume"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), str(last), when, *words], check=False
    )
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize(("when", "name"), [("before", "a.jsonl"), ("after", "a.jsonl.gz")])
def test_killed_at_every_step_it_comes_to_the_same_bytes(when, name):
    assert svodka(table(name, rows=20), out="unbroken") == 0
    kills = 0
    # A part, its entry in the state and the part after it are renamed in turn: runs are cut at each of these steps.
    while killed(name, last=1 + kills % 3, when=when):
        kills += 1
    assert kills >= 3
    assert parts() == parts("unbroken")
    assert {**state(), "origin": None} == {**state("unbroken"), "origin": None}
    assert not list(Path("parts").glob(".svodka-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_run_with_a_real_model_is_killed_from_outside_and_resumed(trained_folder, monkeypatch):
    monkeypatch.setattr(tag, "load_tagger", Tagger.load)
    lines = (f"Ночью выпал снег, {i}. Команда вышла в финал {i * 7} раз.\n" for i in range(2000))
    Path("a.csv").write_text("text\n" + "".join(f'"{line.strip()}"\n' for line in lines), encoding="utf-8")
    words = ["tag", "a.csv", "--column", "text", "--model", str(trained_folder), "--parts", "--part-rows", "500"]
    for enough in (1, 3):
        command = [sys.executable, "-c", "import svodka.cli; svodka.cli.main()", *words, "--out", "parts", "--resume"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
            while running.poll() is None and len(list(Path("parts").glob("part-*"))) < enough:
                time.sleep(0.01)
            running.kill()
    assert state()["parts"]
    assert main([*words, "--out", "parts", "--resume"]) == 0
    assert main([*words, "--out", "unbroken"]) == 0
    assert parts() == parts("unbroken")
    assert state()["documents"] == 2000


def test_ctrl_c_keeps_the_finished_parts(capsys, monkeypatch, tagger):
    proceed = interrupt_at(monkeypatch, tagger, "17")
    assert svodka(table(), "--format", "csv") == 130
    assert capsys.readouterr().err == "svodka: error: interrupted\n"
    assert sorted(path.name for path in Path("parts").iterdir()) == [LOCK_FILE, STATE_FILE, "part-00000.csv"]
    proceed()
    assert svodka("a.jsonl", "--format", "csv", "--resume") == 0
    assert svodka("a.jsonl", "--format", "csv", out="unbroken") == 0
    assert parts() == parts("unbroken")


def test_a_finished_run_has_nothing_left_to_do(capsys, tagger):
    assert svodka(table()) == 0
    before, tagger.taken = parts(), 0
    capsys.readouterr()
    assert svodka("a.jsonl", "--resume") == 0
    assert capsys.readouterr().err == "svodka: documents 23, sentences 30, 7 empty\n"
    assert tagger.taken == 0
    assert parts() == before


def test_what_is_done_is_not_tagged_again(monkeypatch, tagger):
    proceed = interrupt_at(monkeypatch, tagger, "298")  # of 300 sentences, in the last part of 10
    assert svodka(table(rows=300)) == 130
    proceed()
    tagger.taken = 0
    assert svodka("a.jsonl", "--resume") == 0
    assert tagger.taken == 10


def test_no_texts_give_no_parts():
    Path("a.csv").write_text("text\n\n", encoding="utf-8")
    assert svodka("a.csv") == 0
    assert parts() == {}
    assert state()["complete"]


def test_the_folder_of_results_may_lie_among_the_inputs():
    Path("in").mkdir()
    shutil.move(table(), "in/a.jsonl")
    assert svodka("in", out="in/parts") == 0
    assert svodka("in", "--resume", out="in/parts") == 0
    assert state("in/parts")["documents"] == 23


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: ["--threshold", "0.4"], "thresholds was "),
        (lambda: ["--format", "csv"], 'format was "jsonl", is "csv"'),
        (lambda: ["--encoding", "utf-8"], 'encoding was null, is "utf-8"'),
        (lambda: ["b.jsonl"], "b.jsonl was not among the inputs"),
        (lambda: os.utime("a.jsonl", ns=(1, 1)) or [], "a.jsonl has changed since"),
        (lambda: table(rows=31) and [], "a.jsonl has changed since"),
        (lambda: ["a.jsonl"], "the inputs stood in another order or number"),
    ],
)
def test_a_resume_with_something_else_is_refused(capsys, change, message):
    table("b.jsonl")
    assert svodka(table()) == 0
    before = parts()
    capsys.readouterr()
    assert svodka("a.jsonl", *change(), "--resume") == 2
    err = capsys.readouterr().err
    assert err.startswith(f"svodka: error: --resume: {Path('parts') / STATE_FILE} is of another run: ")
    assert message in err
    assert err.endswith("; give the same inputs, model and settings, or another --out\n")
    assert parts() == before


def test_a_resume_with_another_model_or_size_of_parts_is_refused(capsys, tagger, monkeypatch):
    assert svodka(table()) == 0
    assert svodka("a.jsonl", "--resume", rows="11") == 2
    assert "part_rows was 10, is 11" in capsys.readouterr().err
    monkeypatch.setattr(tagger, "info", type("Info", (), {"digest": "other"}))
    assert svodka("a.jsonl", "--resume") == 2
    assert re.search(r'model was "[ab]+…, is "other"', capsys.readouterr().err)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "part-00001.jsonl").unlink(), "part-00001.jsonl is missing; bring it back"),
        (lambda folder: (folder / "part-00001.jsonl").write_text(""), "part-00001.jsonl has 0 bytes instead of "),
        (lambda folder: (folder / STATE_FILE).write_text("{"), f"{STATE_FILE} is not JSON: "),
        (lambda folder: (folder / STATE_FILE).write_text("[]"), f"{STATE_FILE} does not hold the state of a folder"),
        (
            lambda folder: (folder / STATE_FILE).write_text('{"format_version": 2, "parts": []}'),
            "does not hold the sta",
        ),
    ],
)
def test_a_damaged_folder_is_not_gone_on_with(capsys, spoil, message):
    assert svodka(table()) == 0
    spoil(Path("parts"))
    capsys.readouterr()
    assert svodka("a.jsonl", "--resume") == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("version", [1, 3])
def test_the_state_of_another_svodka_is_refused(capsys, version):
    assert svodka(table()) == 0
    (Path("parts") / STATE_FILE).write_text(f'{{"format_version": {version}}}', encoding="utf-8")
    assert svodka("a.jsonl", "--resume") == 2
    assert capsys.readouterr().err.endswith(
        f"{STATE_FILE} has format version {version}, this svodka reads 2: finish it with the svodka that began it, or "
        "name another --out\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.jsonl", "--out", "parts", "--resume"], "--resume and --part-rows go with --parts, and --parts with --out"),
        (["a.jsonl", "--parts"], "and --parts with --out FOLDER"),
        (["a.jsonl", "--parts", "--out", "-"], "and --parts with --out FOLDER"),
        (
            ["a.jsonl", "--parts", "--out", "parts", "--format", "html"],
            "html cannot be written in parts (formats: jsonl",
        ),
        (["a.jsonl", "--parts", "--out", "parts", "--part-rows", "0"], "--part-rows must be at least 1, got 0"),
        (["a.jsonl", "--parts", "--out", "a.jsonl"], "--out a.jsonl is a file; with --parts it is a folder"),
        (["a.jsonl", "--parts", "--out", "x/parts"], f"--out {Path('x/parts')}: there is no folder 'x'"),
        (["in/a.jsonl", "--parts", "--out", "in"], "--out in: the input in/a.jsonl lies in it"),
        (["-", "--parts", "--out", "parts", "--resume"], "standard input cannot be read again"),
        (["a.jsonl", "--format", "parquet"], "--format parquet is not for standard output; name a file with --out"),
    ],
)
def test_a_command_line_that_makes_no_sense(capsys, words, message):
    table()
    Path("in").mkdir()
    assert main(["tag", *words, "--column", "text"]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not Path("parts").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_read_once_and_whole_and_cannot_be_resumed(capsys):
    os.mkfifo("a.jsonl")
    writer = subprocess.Popen(["sh", "-c", "printf '%s\\n' '{\"text\": \"Учения идут.\"}' > a.jsonl"])
    assert svodka("a.jsonl") == 0
    assert writer.wait(timeout=30) == 0
    assert state()["documents"] == 1
    assert svodka("a.jsonl", "--resume") == 2
    assert "--resume: a.jsonl is a pipe, which cannot be read again" in capsys.readouterr().err


def test_parts_computed_in_another_precision_are_not_gone_on_with(tagger, capsys):
    assert svodka(table()) == 0
    tagger.precision = "float32"
    assert svodka("a.jsonl", "--resume") == 2
    assert 'precision was null, is "float32"' in capsys.readouterr().err


def test_parts_computed_on_another_device_are_not_gone_on_with(tagger, capsys):
    tagger.precision, tagger.device = "float32", "cuda"
    assert svodka(table()) == 0
    assert state()["origin"]["device"] == "cuda"
    tagger.device = "cpu"  # float32 there, too, but added up in another order
    assert svodka("a.jsonl", "--resume") == 2
    assert 'device was "cuda", is null' in capsys.readouterr().err
