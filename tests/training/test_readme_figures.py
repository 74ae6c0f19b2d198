"""Figures that nobody types."""

import json
from pathlib import Path

import pytest

from svodka.errors import DataError
from svodka.training.readme_figures import filled, main

ROOT = Path(__file__).parents[2]
TEXT = "Before\n<!-- figures: {} -->\nold\n<!-- end of figures -->\nafter\n"


def simulation(title, suggest):
    def run(method, second):
        points = [{"labels": 100, "macro_f1": 0.1, "mean_average_precision": 0.2}]
        points.append({"labels": 1000, "macro_f1": second, "mean_average_precision": second})
        return {"method": method, "seed": 1, "points": points}

    runs = [run("suggest", suggest), run("random", 0.5)]
    return {"kind": "active_learning", "title": title, "pool": {"rows": 5000}, "runs": runs}


def few():
    points = [
        {"system": system, "positives": k, "topic": "rain", "seed": 1, "average_precision": k / 20, "f1": k / 40}
        for k in (8, 16)
        for system in ("quick", "tfidf")
    ]
    zero_shot = {"rain": {"average_precision": 0.31, "share": 0.05}}
    return {"kind": "few_labels", "title": "Real", "encoder": "words", "zero_shot": zero_shot, "points": points}


@pytest.fixture
def folder(tmp_path):
    for name, content in (("a", simulation("plain", 0.5)), ("b", simulation("rare", 0.4)), ("few", few())):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_simulations_share_a_table(folder):
    lines = filled(TEXT.format("a.json b.json"), [folder]).splitlines()
    assert lines[:2] == ["Before", "<!-- figures: a.json b.json -->"]
    assert lines[4:6] == [
        "| plain | 5,000 | 1,000 | 0.500 | 1,000 | 0% | 0.500 | 1,000 | 0% |",
        "| rare | 5,000 | 1,000 | 0.500 | – | – | 0.500 | – | – |",
    ]
    assert lines[6:] == ["<!-- end of figures -->", "after"]


def test_few_labels(folder):
    text = filled(TEXT.format("few.json"), [folder])
    assert "Real (means over rain; 1 draw each; vectors: words):" in text
    assert "| none, by the definition | 0.310 |  |  |  |" in text
    assert "| 8 | 0.400 | 0.400 | 0.200 | 0.200 |" in text


def test_filling_twice_changes_nothing(folder):
    once = filled(TEXT.format("a.json"), [folder])
    assert filled(once, [folder]) == once


def test_a_text_without_markers_stays(folder):
    assert filled("old\n", [folder]) == "old\n"


def test_kinds_are_not_mixed(folder):
    with pytest.raises(DataError, match=r"a\.json, few\.json: expected files of one kind"):
        filled(TEXT.format("a.json few.json"), [folder])


def test_a_missing_file_is_told(folder):
    with pytest.raises(DataError, match=r"c\.json: cannot be read"):
        filled(TEXT.format("c.json"), [folder])


def test_the_command(folder):
    (folder / "README.md").write_text(TEXT.format("a.json"), encoding="utf-8")
    assert main([str(folder / "README.md"), "--figures", str(folder)]) == 0
    assert "| plain |" in (folder / "README.md").read_text(encoding="utf-8")


def test_the_readme_says_what_was_measured():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert filled(text, [ROOT / "training" / "data" / "curves", ROOT / "evaluation" / "measured"]) == text
