"""`svodka tag --parts`: a folder of files that a killed run goes on with, without repeating or losing a row."""

from __future__ import annotations

import gzip
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
from fakes import FakeTagger

from svodka import Tagger
from svodka.cli import main, tag
from svodka.cli.part_state import STATE_FILE
from svodka.cli.parts import LOCK_FILE

SENTENCES = ("Учения идут.", "Зенитный расчёт прикрыл подвоз топлива.", "Вечером прошёл дождь. Склад полон.", "")
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
    """Work in an empty folder with the fake tagger; return it."""
    fake = FakeTagger()
    monkeypatch.setattr(tag, "load_tagger", lambda folder: fake)  # noqa: ARG005
    monkeypatch.chdir(tmp_path)
    return fake


def table(name="a.jsonl", rows=30):
    """Write a table: every fourth text is empty, every fourth has two sentences."""
    lines = [json.dumps({"text": SENTENCES[i % 4].replace(".", f" {i}.")}, ensure_ascii=False) for i in range(rows)]
    content = "".join(f"{line}\n" for line in lines).encode()
    Path(name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return name


def svodka(*words, rows="10", out="parts"):
    return main(["tag", *words, "--column", "text", "--out", out, "--parts", "--part-rows", rows])


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


def parts(folder="parts"):
    return {path.name: path.read_bytes() for path in sorted(Path(folder).glob("part-*"))}


def state(folder="parts"):
    return json.loads((Path(folder) / STATE_FILE).read_text(encoding="utf-8"))


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


def test_broken_rows_are_skipped_and_listed(capsys):
    assert svodka(table(), out="whole") == 0
    capsys.readouterr()
    lines = Path("a.jsonl").read_text(encoding="utf-8").splitlines()
    broken = [2, 5, *range(7, 27, 2)]  # rows from 0; of four rows, number 3 is empty
    for number in broken:
        lines[number] = lines[number][:-2]
    Path("a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert svodka("a.jsonl") == 3
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 12
    assert said[0].startswith("svodka: skipped a.jsonl:3: not valid JSON: ")
    assert said[10:] == [
        f"svodka: … and 2 more, all in parts/{STATE_FILE}",
        "svodka: documents 16, sentences 22, 2 empty, 12 skipped",
    ]
    assert [int(reason.split(":")[1]) - 1 for reason in state()["skipped"]] == broken
    gone = tuple(f'{{"source": "a.jsonl:{number + 1}",' for number in broken)
    kept = [line for line in b"".join(parts("whole").values()).decode().splitlines() if not line.startswith(gone)]
    assert b"".join(parts().values()).decode().splitlines() == kept
    assert svodka("a.jsonl", "--resume") == 3
    assert capsys.readouterr().err.splitlines() == said


def test_a_finished_run_has_nothing_left_to_do(capsys, tagger):
    assert svodka(table()) == 0
    before, tagger.taken = parts(), 0
    capsys.readouterr()
    assert svodka("a.jsonl", "--resume") == 0
    assert capsys.readouterr().err == "svodka: documents 23, sentences 30, 7 empty\n"
    assert tagger.taken == 0
    assert parts() == before


def test_a_finished_run_still_tells_what_it_skipped(capsys, tagger):
    Path("b.csv").write_text("id,note\n1,Да.\n", encoding="utf-8")
    assert svodka(table(), "b.csv") == 3
    said, tagger.taken = capsys.readouterr().err, 0
    assert said.startswith("svodka: skipped b.csv: no column 'text'")
    assert svodka("a.jsonl", "b.csv", "--resume") == 3
    assert capsys.readouterr().err == said
    assert tagger.taken == 0


def test_what_is_done_is_not_tagged_again(monkeypatch, tagger):
    proceed = interrupt_at(monkeypatch, tagger, "298")  # of 300 sentences, in the last part of 10
    assert svodka(table(rows=300)) == 130
    proceed()
    tagger.taken = 0
    assert svodka("a.jsonl", "--resume") == 0
    assert tagger.taken == 10


BROKEN = '"Учения "Рубеж" идут."'  # its inner quotation marks are not doubled


def rows(broken, first="Учения идут."):
    """Return a table in which the row behind the first 30 is broken or mended."""
    row = BROKEN if broken else '"Учения ""Рубеж"" идут."'
    return "".join(f"{line}\n" for line in ["text", first, *[f"Склад полон {i}." for i in range(29)], row, "Дождь."])


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_run_that_broke_off_goes_on_when_the_rest_is_mended(capsys, tagger, suffix):
    def give(content):
        data = content.encode()
        Path(f"a.csv{suffix}").write_bytes(gzip.compress(data) if suffix else data)

    give(rows(broken=True))
    assert svodka(f"a.csv{suffix}") == 1
    assert f"a.csv{suffix}:32: broken CSV" in capsys.readouterr().err
    assert (len(parts()), state()["documents"]) == (3, 30)
    give(rows(broken=False))
    tagger.taken = 0
    assert svodka(f"a.csv{suffix}", "--resume") == 0
    assert tagger.taken == 2
    assert svodka(f"a.csv{suffix}", out="unbroken") == 0
    assert parts() == parts("unbroken")
    assert state() == state("unbroken")
    assert svodka(f"a.csv{suffix}", "--resume") == 0


def test_a_run_that_broke_off_does_not_go_on_behind_other_texts(capsys):
    Path("a.csv").write_text(rows(broken=True), encoding="utf-8")
    assert svodka("a.csv") == 1
    before = parts()
    capsys.readouterr()
    Path("a.csv").write_text(rows(broken=False, first="Учений нет."), encoding="utf-8")
    assert svodka("a.csv", "--resume") == 2
    assert capsys.readouterr().err == (
        "svodka: error: --resume: the first 30 texts are not those of which the parts in parts were made; give the "
        "inputs as they were up to there, or another --out\n"
    )
    Path("a.csv").write_text("text\nУчения идут.\n", encoding="utf-8")  # and what is shorter is not the same either
    assert svodka("a.csv", "--resume") == 2
    assert parts() == before


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
    assert err.startswith(f"svodka: error: --resume: parts/{STATE_FILE} is of another run: ")
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


def test_without_resume_what_is_there_is_not_touched(capsys):
    table()
    Path("parts").mkdir()
    Path("parts/mine.txt").write_text("Моё.", encoding="utf-8")
    assert svodka("a.jsonl") == 2
    assert svodka("a.jsonl", "--resume") == 2
    assert capsys.readouterr().err == "svodka: error: --out parts is not empty; name a new folder\n" * 2
    Path("parts/mine.txt").unlink()
    assert svodka("a.jsonl") == 0
    capsys.readouterr()
    assert svodka("a.jsonl") == 2
    assert "parts holds a finished result; name another folder or remove it" in capsys.readouterr().err
    (Path("parts") / STATE_FILE).write_text(json.dumps(state() | {"complete": False}), encoding="utf-8")
    assert svodka("a.jsonl") == 2
    assert (
        "parts holds an unfinished run (3 parts, 30 sentences): add --resume to go on, or remove the folder"
        in capsys.readouterr().err
    )


def test_two_runs_do_not_work_in_one_folder(capsys, monkeypatch, tagger):
    whole, codes = tagger.stream, []

    def with_company(texts, thresholds=None):
        for prediction in whole(texts, thresholds):
            if "17" in prediction.text:
                monkeypatch.setattr(tagger, "stream", whole)
                codes.append(svodka("a.jsonl", "--resume"))  # a second run begins while the first is in its second part
            yield prediction

    monkeypatch.setattr(tagger, "stream", with_company)
    assert svodka(table()) == 0
    assert codes == [2]
    assert (
        "svodka: error: --out parts: another run is at work in this folder; wait until it has ended, or name another "
        "folder\n"
    ) in capsys.readouterr().err
    assert state()["complete"]


def test_a_run_that_was_overtaken_does_not_go_on_with_the_work_of_the_other(capsys, monkeypatch, tagger):
    def load(folder):  # noqa: ARG001
        monkeypatch.setattr(tag, "load_tagger", lambda folder: tagger)  # noqa: ARG005
        assert svodka("a.jsonl") == 0  # while the first one's model was being loaded
        return tagger

    monkeypatch.setattr(tag, "load_tagger", load)
    assert svodka(table()) == 2
    assert "parts holds a finished result; name another folder or remove it" in capsys.readouterr().err


def test_a_folder_of_something_else_keeps_all_that_is_in_it(capsys):
    Path("parts").mkdir()
    for name in ("mine.txt", ".svodka-aabbccddeeff.tmp"):  # the second is being written by another command
        (Path("parts") / name).write_text("Моё.", encoding="utf-8")
    assert svodka(table(), "--resume") == 2
    assert "parts is not empty" in capsys.readouterr().err
    assert sorted(path.name for path in Path("parts").iterdir()) == [".svodka-aabbccddeeff.tmp", "mine.txt"]


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


def test_the_state_of_a_later_svodka_is_refused(capsys):
    assert svodka(table()) == 0
    (Path("parts") / STATE_FILE).write_text('{"format_version": 3}', encoding="utf-8")
    assert svodka("a.jsonl", "--resume") == 2
    assert f"{STATE_FILE} has format version 3, this svodka reads 2" in capsys.readouterr().err


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
        (["a.jsonl", "--parts", "--out", "x/parts"], "--out x/parts: there is no folder 'x'"),
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
