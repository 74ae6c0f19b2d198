import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from svodka.errors import ConfigError, DataError
from svodka.training import learning_curve
from svodka.training.curve_points import read_points
from svodka.training.learning_curve import main
from svodka.training.splits import some_rows


class Rows(list):
    """Stands for a split."""

    def select(self, places):
        return Rows(self[place] for place in places)


def test_a_smaller_draw_lies_within_a_larger_one():
    rows = Rows(range(100))
    small, large = some_rows(rows, 10, seed=3), some_rows(rows, 50, seed=3)
    assert len(small) == 10
    assert set(small) < set(large)
    assert some_rows(rows, 10, seed=4) != small


def test_all_rows_are_taken_if_fewer_are_there_than_asked_for():
    assert some_rows(Rows(range(5)), 10, seed=3) == [0, 1, 2, 3, 4]
    assert some_rows(Rows(range(5)), None, seed=3) == [0, 1, 2, 3, 4]


@pytest.fixture
def recipe_file(tiny_settings, tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(json.dumps(tiny_settings | {"epochs": 2}), encoding="utf-8")
    return path


@pytest.fixture
def curve(recipe_file, topics_file, labelled_files, tmp_path):
    """Run the command; give the points of its file."""
    out = tmp_path / "curve.json"

    def run(*words):
        fixed = ["--config", recipe_file, "--topics", topics_file, "--measure", labelled_files["validation"]]
        assert main([*map(str, fixed), "--out", str(out), *words]) == 0
        return read_points(out)

    run.out = out
    return run


def test_each_point_is_trained_and_measured(curve):
    points = curve("--rows", "12", "28", "--title", "Tiny")
    assert [point["train_rows"] for point in points] == [12, 28]
    one = points[0]
    assert one["measured_on"]["rows"] == 8
    assert len(one["decisions"]) == 8
    assert set("".join(one["decisions"])) <= {"0", "1"}
    assert list(one["topics"]) == ["weather", "sport", "music"]
    assert 0 <= one["macro_f1"][1] <= one["macro_f1"][2] <= 1
    assert json.loads(curve.out.read_text(encoding="utf-8"))["title"] == "Tiny"


def test_points_that_are_there_are_not_trained_again(curve, monkeypatch):
    curve("--rows", "12")
    asked = []

    def remember(recipe, *_args, rows, **_kwargs):
        asked.append((rows, recipe.seed))
        return {"train_rows": rows, "recipe": recipe.to_dict(), "macro_f1": [0.5, 0.4, 0.6]}

    monkeypatch.setattr(learning_curve, "run_trial", remember)
    curve("--rows", "12", "20", "--seeds", "13", "14")
    assert asked == [(20, 13), (12, 14), (20, 14)]


def test_points_of_another_recipe_are_not_added_to(curve, monkeypatch):
    def invent(recipe, *_args, rows, **_kwargs):
        return {"train_rows": rows, "recipe": recipe.to_dict(), "macro_f1": [0.5, 0.4, 0.6]}

    monkeypatch.setattr(learning_curve, "run_trial", invent)
    before = curve("--rows", "12", "--seeds", "13", "14", "--set", "name=mine")
    with pytest.raises(ConfigError, match=r"curve\.json holds points of another recipe \(epochs, loss\); give another"):
        curve("--rows", "20", "--set", "epochs=3", "--set", "loss=focal")
    assert read_points(curve.out) == before
    assert len(curve("--rows", "20", "--set", "name=yours")) == 3


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "curve.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match=r"curve\.json: expected a learning curve's JSON with the key 'points'"):
        read_points(path)


def test_the_decisions_are_those_of_the_figures(curve, labelled_files):
    (point,) = curve("--rows", "28")
    rows = [json.loads(line) for line in labelled_files["validation"].read_text(encoding="utf-8").splitlines()]
    gold = np.array([[topic in row["topics"] for topic in point["topics"]] for row in rows])
    found = np.array([[cell == "1" for cell in row] for row in point["decisions"]])
    hits = (gold & found).sum()
    assert point["micro_f1"][0] == pytest.approx(2 * hits / (gold.sum() + found.sum()), abs=1e-4)
