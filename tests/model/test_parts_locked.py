"""`svodka tag --parts` leaves alone what others make or have made in the folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from part_runs import fake_at_work, state, svodka, table

from svodka.cli import tag
from svodka.cli.part_state import STATE_FILE


@pytest.fixture(autouse=True)
def tagger(monkeypatch, tmp_path):
    return fake_at_work(monkeypatch, tmp_path)


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


def test_a_folder_of_something_else_keeps_all_that_is_in_it(capsys):
    Path("parts").mkdir()
    for name in ("mine.txt", ".svodka-aabbccddeeff.tmp"):  # the second is being written by another command
        (Path("parts") / name).write_text("Моё.", encoding="utf-8")
    assert svodka(table(), "--resume") == 2
    assert "parts is not empty" in capsys.readouterr().err
    assert sorted(path.name for path in Path("parts").iterdir()) == [".svodka-aabbccddeeff.tmp", "mine.txt"]
