"""Screening recipes: plans, runs that are made once, and the table."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from svodka.errors import ConfigError, DataError
from svodka.model_folder import file_digest
from svodka.training import recipes_table, screen
from svodka.training.recipes_table import compare_runs
from svodka.training.screen import read_plan

PLAN = """\
config: open
rows: 100
seeds: [13, 14]
set: {epochs: 2}
runs:
  - {name: plain, note: as it is}
  - {name: smooth, note: label smoothing 0.1, set: {label_smoothing: 0.1}, seeds: [13]}
"""


def trial(decisions, seed=13, **figures):
    """A trial's JSON with two topics."""
    return {
        "recipe": {"seed": seed},
        "train_rows": 100,
        "train_files": [{"name": "train.jsonl", "sha256": "123"}],
        "measured_on": {"name": "old.jsonl", "sha256": "abc"},
        "macro_f1": [0.5, 0.4, 0.6],
        "micro_f1": [0.5, 0.4, 0.6],
        "mean_average_precision": 0.7,
        "calibration_error": 0.01,
        "decisions": decisions,
        "minutes": 2.0,
        **figures,
    }


@pytest.fixture
def plan_file(tmp_path):
    path = tmp_path / "first.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


def test_a_run_takes_over_what_the_plan_says_for_all(plan_file):
    plain, smooth = read_plan(plan_file).runs
    assert (plain.recipe.epochs, plain.recipe.label_smoothing, plain.rows, plain.seeds) == (2, 0.0, 100, (13, 14))
    assert (smooth.recipe.epochs, smooth.recipe.label_smoothing, smooth.seeds) == (2, 0.1, (13,))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("note: as it is", "nots: as it is"), r"run 1: unknown key 'nots'; did you mean 'note'\?"),
        (("label_smoothing", "label_smooth"), r"unknown setting 'label_smooth'; did you mean 'label_smoothing'\?"),
        (("name: smooth", "name: plain"), "the name 'plain' stands twice"),
        (("runs:", "run:"), "expected settings and a list 'runs'"),
        (("{name: plain", "{nane: plain"), "run 1: expected a 'name' and settings"),
    ],
)
def test_a_wrong_plan_is_named(plan_file, change, message):
    plan_file.write_text(PLAN.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_plan(plan_file)


@pytest.fixture
def screened(plan_file, monkeypatch):
    """Run the plan on `train.jsonl` and `dev.jsonl` beside it, without training; return what was made."""
    made = []
    plan_file.write_text(
        PLAN.replace("set: {epochs", f"set: {{train: [{plan_file.parent}/train.jsonl], epochs"), "utf-8"
    )
    for name in ("train", "more", "dev"):
        plan_file.with_name(f"{name}.jsonl").write_text(name, encoding="utf-8")

    def fake(recipe, _topics, measure, *, extra, rows):
        made.append((recipe.seed, recipe.label_smoothing, rows))
        files, measured = described(*recipe.train, *extra), described(measure)[0]
        return trial(["10"], seed=recipe.seed, train_files=files, measured_on=measured)

    def run(*data, measure="dev"):
        given = [f"--data={plan_file.with_name(name)}" for name in data]
        assert screen.main([str(plan_file), "--measure", str(plan_file.with_name(f"{measure}.jsonl")), *given]) == 0
        return made

    monkeypatch.setattr(screen, "run_trial", fake)
    return run


def described(*paths):
    """Return what a run tells of its files."""
    return [{"name": Path(path).name, "sha256": file_digest(Path(path))} for path in paths]


def test_runs_that_are_there_are_not_made_again(screened, plan_file):
    screened("more.jsonl")
    assert screened("more.jsonl") == [(13, 0.0, 100), (14, 0.0, 100), (13, 0.1, 100)]
    assert json.loads((plan_file.parent / "first-smooth-13.json").read_text(encoding="utf-8"))["name"] == "smooth"


def test_a_run_that_is_there_must_be_measured_on_the_same_file(screened):
    screened()
    with pytest.raises(ConfigError, match=r"first-plain-13\.json was measured on dev\.jsonl, not on .*more\.jsonl"):
        screened(measure="more")


def test_a_run_that_is_there_must_have_learned_from_the_same_files(screened, plan_file):
    screened("more.jsonl")
    with pytest.raises(ConfigError, match=r"first-plain-13\.json learned from more\.jsonl \(.*…\), which is no file"):
        screened()
    with pytest.raises(ConfigError, match=r"first-plain-13\.json did not learn from .*dev\.jsonl \("):
        screened("more.jsonl", "dev.jsonl")
    plan_file.with_name("train.jsonl").write_text("another version", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"first-plain-13\.json learned from train\.jsonl \("):
        screened("more.jsonl")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        json.dumps(trial(["10"], measured_on={"name": "dev.jsonl"})),  # no SHA-256
        json.dumps(trial(["10"], train_files=["train.jsonl"])),
    ],
)
def test_a_file_that_is_no_run_is_named(screened, plan_file, content):
    plan_file.with_name("first-plain-13.json").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"first-plain-13\.json: no finished run"):
        screened()


def test_the_difference_of_runs_is_the_mean_over_the_seeds_that_both_have():
    gold = np.array([[1.0, 0.0], [0.0, 1.0]])
    right, wrong = trial(["10", "01"]), trial(["00", "01"])
    # Topic 1 is lost, topic 2 kept: macro-F1 1/2 instead of 1. The second seed of `right` has no partner.
    found = compare_runs([right, trial(["10", "01"], seed=14)], [wrong], gold)
    assert found.value == pytest.approx(0.5)
    assert compare_runs([trial(["10", "01"], seed=14)], [wrong], gold) is None


def test_the_table_has_a_line_for_each_run_that_was_made(plan_file, tmp_path, topics_file, labelled_files):
    measure = labelled_files["validation"]
    digest = file_digest(measure)
    for name, seed in (("plain", 13), ("plain", 14), ("smooth", 13)):
        content = trial(["100"] * 8, seed=seed, measured_on={"sha256": digest}, macro_f1=[0.47 + seed / 100, 0, 1])
        (tmp_path / f"first-{name}-{seed}.json").write_text(json.dumps(content), encoding="utf-8")
    out = tmp_path / "RECIPES.md"
    given = [str(plan_file), "--measure", str(measure), "--topics", str(topics_file), "--out", str(out)]
    assert recipes_table.main(given) == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[-2].startswith(
        "| plain | as it is | 100 | 13, 14 | 0.605 (0.600 to 0.610) | 0.500 | 0.700 | 0.010 |  |  | 2 |"
    )
    assert "| smooth | label smoothing 0.1 | 100 | 13 | 0.600 |" in lines[-1]
    assert "| +0.0 [+0.0, +0.0] | 1.000 |" in lines[-1]


def test_our_own_table_begins_as_the_command_begins_it():
    ours = Path(__file__).parents[2] / "training" / "RECIPES.md"
    assert ours.read_text(encoding="utf-8").startswith(f"{recipes_table.HEAD}\n## ")


def test_without_the_first_run_there_is_nothing_to_compare_with(plan_file, tmp_path):
    golds = {"abc": np.zeros((1, 2))}
    assert recipes_table.plan_table(read_plan(plan_file), tmp_path, golds) == "## first\n"
    (tmp_path / "first-smooth-13.json").write_text(json.dumps(trial(["10"])), encoding="utf-8")
    with pytest.raises(DataError, match=r"first-plain-13\.json: missing; .* are compared with its first, 'plain'"):
        recipes_table.plan_table(read_plan(plan_file), tmp_path, golds)
    (tmp_path / "first-plain-14.json").write_text(json.dumps(trial(["10"], seed=14)), encoding="utf-8")
    assert "| smooth |" in recipes_table.plan_table(read_plan(plan_file), tmp_path, golds)


def test_runs_measured_on_another_file_are_refused(plan_file, tmp_path):
    golds = {"abc": np.zeros((1, 2)), "def": np.zeros((1, 2))}
    (tmp_path / "first-plain-13.json").write_text(json.dumps(trial(["10"])), encoding="utf-8")
    assert "| plain |" in recipes_table.plan_table(read_plan(plan_file), tmp_path, golds)
    (tmp_path / "first-smooth-13.json").write_text(json.dumps(trial(["10"], measured_on={"sha256": "def"})), "utf-8")
    with pytest.raises(DataError, match=r"first-smooth-13\.json: measured on another file.* or than other runs"):
        recipes_table.plan_table(read_plan(plan_file), tmp_path, golds)


def test_runs_that_learned_from_other_files_are_refused(plan_file, tmp_path):
    for seed, digest in ((13, "123"), (14, "456")):
        content = trial(["10"], seed=seed, train_files=[{"name": "train.jsonl", "sha256": digest}])
        (tmp_path / f"first-plain-{seed}.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match=r"first-plain-14\.json: learned from other files than the runs before it"):
        recipes_table.plan_table(read_plan(plan_file), tmp_path, {"abc": np.zeros((1, 2))})


def test_runs_measured_on_a_file_that_is_not_there_are_refused(plan_file, tmp_path):
    (tmp_path / "first-plain-13.json").write_text(json.dumps(trial(["10"])), encoding="utf-8")
    with pytest.raises(DataError, match=r"first-plain-13\.json: measured on another file"):
        recipes_table.plan_table(read_plan(plan_file), tmp_path, {"another": np.zeros((1, 2))})
