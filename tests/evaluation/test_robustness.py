"""Spellings that must not matter: how many decisions turn, and what macro-F1 loses."""

import json

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs svodka[report]")

from svodka.evaluation.robustness import main, measure

TEXTS = ["Ёлку везёт оркестр.", "Снег и мороз.", "Хор пел."]
GOLD = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])


def decide(texts):
    """The first topic hangs on the letter ё, the second on the word «снег» in small or capital letters."""
    return np.array([["ё" in text, "снег" in text.lower()] for text in texts])


def result_of(change):
    return next(result for result in measure(TEXTS, GOLD, decide) if result.change == change)


def test_one_decision_of_six_turns_without_yo():
    yo = result_of("yo")
    assert yo.changed == 1
    assert yo.turned == pytest.approx(1 / 6)
    assert yo.turned_where_changed == pytest.approx(1 / 2)


def test_macro_f1_falls_by_the_lost_topic():
    # As they are: F1 of both topics is 1. Without ё the first topic is never found: (0 + 1) / 2.
    assert result_of("yo").macro_f1.value == pytest.approx(-0.5)


def test_a_change_that_changes_nothing_turns_nothing():
    dash = result_of("dash")
    assert (dash.changed, dash.turned, dash.turned_where_changed, dash.macro_f1.value) == (0, 0.0, None, 0.0)


def test_the_command_prints_a_table_and_writes_json(trained_folder, labelled_files, tmp_path, capsys):
    out = tmp_path / "robust.json"
    given = ["--data", str(labelled_files["validation"]), "--model", str(trained_folder), "--out", str(out)]
    assert main(given) == 0
    assert "All capitals" in capsys.readouterr().out
    content = json.loads(out.read_text(encoding="utf-8"))
    assert {change["change"] for change in content["changes"]} >= {"yo", "typos", "case_lower"}
    name = labelled_files["validation"].name
    assert [(one["name"], one["rows"]) for one in content["files"]] == [(name, 8)]
