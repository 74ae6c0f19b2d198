"""A topic taken for new, learned from few rows by several systems."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs svodka[report]")

from svodka.errors import ConfigError, DataError
from svodka.training import few_labels
from svodka.training.few_label_systems import draw_rows
from svodka.training.few_labels import main, mean_figures, zero_shot_figures
from svodka.training.sentence_vectors import Encoder

WORDS = ("снег", "матч", "хор")


def encode(texts):
    """Count the keywords; the last number keeps vectors from being zero."""
    return np.array([[*(text.lower().count(word) for word in WORDS), 0.1] for text in texts], dtype=np.float32)


def test_a_smaller_draw_lies_within_a_larger_one():
    column = np.array([1.0] * 4 + [0.0] * 20 + [-1.0] * 9)
    small, large = draw_rows(column, "rain", 2, seed=3), draw_rows(column, "rain", 4, seed=3)
    assert small.labels.tolist() == [1] * 2 + [0] * 10
    assert set(small.places) < set(large.places)
    assert (column[large.places] == large.labels).all()
    assert set(draw_rows(column, "rain", 2, seed=4).places) != set(small.places)


def test_what_nobody_judged_is_not_drawn():
    with pytest.raises(ConfigError, match=r"rain: 1 rows with it and 5 without are asked for, .* only 2 and 4"):
        draw_rows(np.array([1.0, 1, 0, 0, 0, 0, -1, -1]), "rain", 1, seed=0)


def point(system, positives, topic, precision):
    return {"system": system, "positives": positives, "topic": topic, "seed": 1, "average_precision": precision}


def test_means_are_over_topics():
    points = [
        point("quick", 8, "a", 0.5),
        point("quick", 8, "b", 0.7),
        point("quick", 16, "a", 0.9),
        point("tfidf", 8, "a", 0.1),
    ]
    assert mean_figures({"points": points}, "average_precision") == {
        "quick": {8: pytest.approx(0.6), 16: pytest.approx(0.9)},
        "tfidf": {8: pytest.approx(0.1)},
    }


def test_a_random_order_finds_the_share_of_the_topic():
    rows = {"a": {"average_precision": 0.4, "share": 0.1}, "b": {"average_precision": 0.6, "share": 0.2}}
    assert zero_shot_figures({"zero_shot": rows}) == (pytest.approx(0.5), pytest.approx(0.15))


@pytest.fixture
def command(monkeypatch, labelled_files, topics_file, tmp_path):
    monkeypatch.setattr(few_labels, "backbone_encoder", lambda: Encoder("words", encode))

    def run(*words):
        fixed = ["--train", labelled_files["train"], "--measure", labelled_files["validation"], "--topics", topics_file]
        main([*map(str, fixed), "--out", str(tmp_path / "few.json"), *words])
        return json.loads((tmp_path / "few.json").read_text(encoding="utf-8"))

    return run


def test_the_command(command, capsys):
    words = ("--topic", "weather", "--sizes", "2", "3", "--seeds", "1", "--systems", "quick", "quick-words", "tfidf")
    content = command(*words)
    assert [(one["system"], one["positives"]) for one in content["points"]] == [
        (system, positives) for positives in (2, 3) for system in ("quick", "quick-words", "tfidf")
    ]
    assert all(0 <= one["average_precision"] <= 1 and 0 <= one["f1"] <= 1 for one in content["points"])
    assert content["zero_shot"]["weather"]["share"] == 0.25  # 2 of 8 rows
    assert content["encoder"] == "words"
    assert [(one["name"], len(one["sha256"])) for one in content["train"]["files"]] == [("train.jsonl", 64)]
    out = capsys.readouterr().out
    assert out.split("\n")[0].split()[:3] == ["positives", "quick", "AP"]
    assert "by the definition alone: AP" in out
    assert "in random order: 0.250" in out


def test_vectors_are_kept(command, tmp_path):
    cache = tmp_path / "vectors.npz"
    command("--topic", "weather", "--sizes", "2", "--seeds", "1", "--systems", "quick", "--cache", str(cache))
    assert cache.is_file()


def test_a_model_that_has_learned_the_topic_is_refused(command, trained_folder):
    with pytest.raises(ConfigError, match=r"--topic sport: .* has learned it, so it cannot be taken for new"):
        command("--topic", "sport", "--model", str(trained_folder))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--topic", "wether"], r"--topic wether: no such topic; did you mean 'weather'\?"),
        (["--topic", "weather", "--model", ""], "expected a model folder, got ''"),
        (["--topic", "weather", "--sizes", "8"], "weather: 8 rows with it and 40 without are asked for"),
    ],
)
def test_a_wrong_command_line(command, words, message):
    with pytest.raises(ConfigError, match=message):
        command(*words)


def test_a_topic_that_no_measured_row_has(command, tmp_path):
    path = tmp_path / "dry.jsonl"
    path.write_text('{"text": "Вратарь отбил мяч.", "topics": ["sport"]}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"dry\.jsonl: no row has the topic 'weather'"):
        command("--topic", "weather", "--measure", str(path))
    assert not Path(tmp_path / "few.json").exists()
