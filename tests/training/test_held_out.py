"""The rows that a run holds out, written to a file."""

import json

import pytest

from svodka.errors import ConfigError
from svodka.topics import load_topics
from svodka.training.held_out import main
from svodka.training.recipe import load_recipe
from svodka.training.splits import load_parts

TEXTS = [f"В часть номер {n} прибыло пополнение." for n in range(1, 41)]


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "labelled.jsonl"
    rows = [{"text": text, "topics": ["forces"], "unknown": ["logistics"]} for text in TEXTS]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_rows_are_those_that_the_run_does_not_learn_from(labelled, tmp_path, capsys):
    out = tmp_path / "held.jsonl"
    assert main(["--config", "finish", "--data", str(labelled), "--out", str(out)]) == 0
    held = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    learnt = load_parts(load_recipe("finish"), load_topics(), [labelled])["given"]["text"]
    assert {row["text"] for row in held} == set(TEXTS) - set(learnt)
    assert len(held) == 4  # a tenth
    assert all(row["topics"] == ["forces"] and row["unknown"] == ["logistics"] for row in held)
    assert "4 rows" in capsys.readouterr().out


def test_a_setting_of_the_run_counts(labelled, tmp_path):
    out = tmp_path / "held.jsonl"
    main(["--config", "finish", "--data", str(labelled), "--set", "validation_share=0.5", "--out", str(out)])
    assert len(out.read_text(encoding="utf-8").splitlines()) == 20


def test_a_run_that_holds_nothing_out_is_refused(labelled, tmp_path):
    out = tmp_path / "held.jsonl"
    with pytest.raises(ConfigError, match="nothing is held out of these rows; validation_share is 0"):
        main(["--config", "finish", "--data", str(labelled), "--set", "validation_share=0", "--out", str(out)])
    assert not out.exists()
