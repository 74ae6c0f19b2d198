"""A simulation of what choosing sentences saves."""

import json

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs svodka[report]")

from svodka.errors import ConfigError, DataError
from svodka.training.active_learning import main, needed_labels, saved_labels
from svodka.training.simulation import Rows, Simulation, thinned

PLACES = ("Туле", "Твери", "Пскове", "Калуге", "Рязани", "Орле", "Ухте", "Чите")
TEXTS = [f"В {place} {what}." for what in ("дождь", "жара", "пирог") for place in PLACES]
GOLD = np.repeat([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], len(PLACES), axis=0)
MEASURED = Rows(["Дождь с утра.", "Жара и жажда.", "Пирог остыл."], np.array([[1.0, 0], [0, 1], [0, 0]]))


@pytest.fixture
def simulation():
    return Simulation(Rows(TEXTS, GOLD), MEASURED)


@pytest.mark.parametrize("method", ["suggest", "random"])
def test_every_round_has_as_many_labels_as_asked_for(simulation, method):
    points = simulation.run(method, [4, 10, 24], seed=1)
    assert [point.labels for point in points] == [4, 10, 24]
    assert points[-1].positives == 16
    assert points[-1].mean_average_precision == 1  # all is labelled, and one word tells each topic


def test_all_methods_start_alike_and_a_seed_repeats(simulation):
    suggest, random = (simulation.run(method, [6, 12], seed=1) for method in ("suggest", "random"))
    assert suggest[0] == random[0]
    assert simulation.run("suggest", [6, 12], seed=1) == suggest


def test_no_sentence_is_labelled_twice(simulation):
    labelled = np.arange(6)
    rest = np.arange(6, 24)
    chosen = simulation.by_doubt(labelled, rest, 18, np.random.default_rng(0))
    assert sorted(chosen) == list(range(6, 24))


def test_a_topic_of_which_only_one_answer_is_known():
    simulation = Simulation(Rows(TEXTS, GOLD), MEASURED)
    point = simulation.measure(np.arange(8))  # rain alone: everything has it, nothing has heat
    # All scores are equal, so the precision of both topics is their share, a third; rain is found with two false
    # alarms, F1 2·1 / (2·1 + 2) = 0.5, heat is not, F1 0.
    assert point.mean_average_precision == pytest.approx(1 / 3)
    assert point.macro_f1 == pytest.approx(0.25)


def test_what_nobody_judged_teaches_nothing():
    gold = GOLD.copy()
    gold[:, 1] = -1
    point = Simulation(Rows(TEXTS, gold), MEASURED).measure(np.arange(24))
    assert point.mean_average_precision == pytest.approx((1 + 1 / 3) / 2)


def test_a_thinned_pool_keeps_all_rows_without_a_topic():
    thin = thinned(Rows(TEXTS, GOLD), 3)
    assert len(thin.texts) == 11
    assert (thin.gold == 1).sum() == 3


def test_nothing_to_find_is_refused():
    with pytest.raises(DataError, match="none of the measured rows has a topic"):
        Simulation(Rows(TEXTS, GOLD), Rows(["Пирог."], np.zeros((1, 2))))


def curves(random, suggest):
    runs = []
    for method, figures in (("random", random), ("suggest", suggest)):
        points = [{"labels": labels, "macro_f1": value} for labels, value in figures]
        runs.append({"method": method, "seed": 1, "points": points})
    return {"runs": runs}


def test_labels_saved_are_read_off_the_curve():
    content = curves([(100, 0.2), (200, 0.4), (400, 0.5)], [(100, 0.2), (200, 0.45), (400, 0.47)])
    # 0.4 lies at four fifths of the way from 0.2 to 0.45, that is at 180 labels; 0.5 is never reached.
    assert saved_labels(content, "macro_f1") == [
        {"random": 100, "figure": 0.2, "suggest": 100},
        {"random": 200, "figure": 0.4, "suggest": pytest.approx(180)},
        {"random": 400, "figure": 0.5, "suggest": None},
    ]


def test_seeds_are_averaged():
    content = curves([(100, 0.2), (200, 0.4)], [(100, 0.2), (200, 0.6)])
    content["runs"] += [{**run, "points": [{**p, "macro_f1": 0.0} for p in run["points"]]} for run in content["runs"]]
    assert saved_labels(content, "macro_f1")[1]["figure"] == pytest.approx(0.2)


def test_saved_labels_in_words():
    assert needed_labels({"random": 2000, "figure": 0.5, "suggest": 1500}) == ("1,500", "25%")
    assert needed_labels({"random": 2000, "figure": 0.5, "suggest": None}) == ("–", "–")


@pytest.fixture
def command(labelled_files, topics_file, tmp_path):
    def run(*words):
        fixed = ["--pool", labelled_files["train"], "--measure", labelled_files["validation"], "--topics", topics_file]
        main([*map(str, fixed), "--out", str(tmp_path / "saved.json"), *words])
        return json.loads((tmp_path / "saved.json").read_text(encoding="utf-8"))

    return run


def test_the_command(command, capsys):
    content = command("--sizes", "8", "16", "99", "--seeds", "5", "--title", "Tiny")
    assert [(run["method"], run["seed"]) for run in content["runs"]] == [("suggest", 5), ("random", 5)]
    assert [point["labels"] for point in content["runs"][0]["points"]] == [8, 16]
    assert content["topics"] == ["weather", "sport", "music"]
    assert content["pool"]["rows"] == content["all_rows"]["labels"] == 28
    assert [sorted(one) for one in content["pool"]["files"]] == [["name", "sha256"]]
    assert content["measured_on"]["files"][0]["name"] == "validation.jsonl"
    out = capsys.readouterr().out
    assert out.startswith("labels at random")
    assert "all 28 rows of the pool labelled" in out


def test_one_topic_in_a_thinned_pool(command):
    content = command("--topic", "sport", "--positives", "2", "--sizes", "4", "8", "--seeds", "1")
    assert content["topics"] == ["sport"]
    assert content["pool"]["rows"] == 21  # 19 rows without sport, 2 of 9 with it


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--topic", "sports"], r"--topic sports: no such topic; did you mean 'sport'\?"),
        (["--sizes", "8", "8"], "--sizes must grow from 1 or more, got 8 8"),
        (["--sizes", "8", "99"], "--sizes needs two numbers up to the 28 rows"),
    ],
)
def test_a_wrong_command_line(command, words, message):
    with pytest.raises(ConfigError, match=message):
        command(*words)
