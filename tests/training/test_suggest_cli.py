"""`svodka suggest` from the command line to the file for labelling."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs svodka[report]")

from svodka.cli import main, tag
from svodka.results import Prediction
from svodka.topics import Topic
from svodka.training import suggest_cli
from svodka.training.new_topic import Ranking

# How surely a word gives a topic: "гроза" is rain for sure, "тучи" is doubtful
SCORES = {"гроза": {"rain": 0.99}, "тучи": {"rain": 0.55}, "сухо": {"heat": 0.3}, "зной": {"heat": 0.95}}
NEWS = "Гроза прошла. Тучи над рекой. На дорогах сухо. Зной не спадает. Пирог остыл."
YAML = """\
version: 1
topics:
  - {id: wind, title_ru: Ветер, title_en: Wind, definition_ru: Про ветер., definition_en: About wind.}
"""


class Tagger:
    """Gives each topic the highest score that a word of the sentence has for it, otherwise 0.01."""

    titles = (
        Topic("rain", "Дожди", "Rain", "Льёт вода.", "Water falls."),
        Topic("heat", "Жара", "Heat", "Жарко.", "It is hot."),
    )
    topics = ("rain", "heat")
    thresholds = {"rain": 0.5, "heat": 0.3}  # noqa: RUF012

    def stream(self, texts, thresholds=None):
        limits = dict.fromkeys(self.topics, thresholds) if isinstance(thresholds, float) else self.thresholds
        for text in texts:
            scores = dict.fromkeys(self.topics, 0.01)
            for word, given in SCORES.items():
                scores |= given if word in text.lower() else {}
            yield Prediction(text, tuple(t for t in self.topics if scores[t] >= limits[t]), scores, truncated=False)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """Work in a folder with `news.txt`, and with the tagger above."""
    monkeypatch.setattr(tag, "load_tagger", lambda folder: Tagger())  # noqa: ARG005
    monkeypatch.chdir(tmp_path)
    Path("news.txt").write_text(NEWS, encoding="utf-8")
    return tmp_path


def suggest(*words):
    return main(["suggest", "news.txt", *words])


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


def test_the_most_doubtful_sentences_come_first(capsys):
    assert suggest("--n", "2") == 0
    out, err = capsys.readouterr()
    first, second = rows(out)
    # Doubts: тучи 0.45 of 0.5 for rain; сухо lies at the threshold of heat, 0.5.
    assert {first["text"], second["text"]} == {"Тучи над рекой.", "На дорогах сухо."}
    assert {first["meta"]["doubtful"], second["meta"]["doubtful"]} == {"rain", "heat"}
    assert (first["meta"]["rank"], second["meta"]["rank"]) == (1, 2)
    assert err == "svodka: 2 of 5 sentences\n"


def test_one_topic_alone(capsys):
    suggest("--n", "1", "--topic", "heat")
    (only,) = rows(capsys.readouterr().out)
    assert only["text"] == "На дорогах сухо."
    assert only["meta"]["predicted"] == ["heat"]
    assert only["scores"] == {"rain": 0.01, "heat": 0.3}


def test_another_threshold_moves_the_doubt(capsys):
    suggest("--n", "1", "--topic", "rain", "--threshold", "0.99")
    assert rows(capsys.readouterr().out)[0]["text"] == "Гроза прошла."


def test_what_is_labelled_is_not_asked_again(capsys):
    Path("mine.jsonl").write_text('{"text": "Тучи над рекой", "topics": []}\n', encoding="utf-8")
    suggest("--labelled", "mine.jsonl")
    out, err = capsys.readouterr()
    assert "Тучи над рекой." not in [row["text"] for row in rows(out)]
    assert err == "svodka: 4 of 4 sentences; left out: 1 labelled already\n"


def test_a_file_for_label_studio(capsys):
    assert suggest("--out", "next.json", "--n", "1") == 0
    assert len(json.loads(Path("next.json").read_text(encoding="utf-8"))) == 1
    assert "svodka: wrote next.json, next.xml: in a new project paste the .xml" in capsys.readouterr().err


def test_inputs_that_were_skipped_are_told(capsys):
    assert suggest("missing.txt", "--quiet") == 3
    assert capsys.readouterr().err.startswith("svodka: skipped missing.txt: no such file")


def test_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Тучи. Гроза.".encode())))
    assert main(["suggest", "-", "--n", "1"]) == 0
    assert rows(capsys.readouterr().out)[0]["id"] == "-#0"


@pytest.fixture
def ranking(monkeypatch):
    """Put a ranking in place of the encoder; return what it was asked for."""
    asked = {}

    def rank(new, texts, labelled, encoder):  # noqa: ARG001
        asked.update(topic=new.topic.id, texts=texts, labelled=labelled)
        likeness = np.array([0.1, 0.4, -0.2, 0.3, 0.0])
        return Ranking(likeness, likeness.clip(0), asked.get("probability"), 0.5, asked.get("counts", (0, 0)))

    monkeypatch.setattr(suggest_cli, "rank_for_new_topic", rank)
    monkeypatch.setattr(suggest_cli, "backbone_encoder", lambda: None)
    Path("new.yaml").write_text(YAML, encoding="utf-8")
    return asked


def test_a_new_topic_is_ranked_by_its_definition(capsys, ranking):
    assert suggest("--topics", "new.yaml", "--new-topic", "wind", "--n", "2") == 0
    out, err = capsys.readouterr()
    assert [(row["text"], row["meta"]["likeness"]) for row in rows(out)] == [
        ("Тучи над рекой.", 0.4),
        ("Зной не спадает.", 0.3),
    ]
    assert rows(out)[0]["meta"]["predicted"] == ["rain"]  # what the model knows is filled in as ever
    assert "wind" not in rows(out)[0]["scores"]
    assert "wind: 0 sentences are labelled with it and 0 without, too few to learn from; ranked by likeness" in err
    assert ranking["topic"] == "wind"


def test_a_new_topic_with_labels_has_probabilities(capsys, ranking):
    ranking.update(probability=np.array([0.1, 0.8, 0.1, 0.4, 0.1]), counts=(8, 40))
    Path("mine.jsonl").write_text('{"text": "Буря.", "topics": ["wind"]}\n', encoding="utf-8")
    suggest("--topics", "new.yaml", "--new-topic", "wind", "--n", "2", "--labelled", "mine.jsonl", "--out", "next.csv")
    assert (
        "ranked by a quick classifier that learned from 8 sentences with it and 40 without" in capsys.readouterr().err
    )
    with Path("next.csv").open(encoding="utf-8-sig", newline="") as handle:
        first, second = csv.DictReader(handle)
    assert json.loads(first["scores"]) == {"rain": 0.55, "heat": 0.01, "wind": 0.8}
    assert (json.loads(first["meta.predicted"]), first["topics"]) == (["rain", "wind"], "")
    assert json.loads(second["meta.predicted"]) == ["heat"]  # 0.4 is below the threshold of wind
    assert ranking["labelled"] == [Path("mine.jsonl")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--n", "0"], "--n must be 1 or more, got 0"),
        (["--topic", "rian"], "--topic rian: the model has no such topic; did you mean 'rain'?"),
        (["--topics", "new.yaml"], "--topics FILE and --new-topic ID belong together"),
        (["--topics", "new.yaml", "--new-topic", "wind", "--topic", "rain"], "give one"),
        (["--out", "news.txt"], "is also an input and would be overwritten"),
        (["--to", "csv"], "--to csv needs a file"),
    ],
)
def test_a_wrong_command_line(capsys, words, message):
    assert suggest(*words) == 2
    assert message in capsys.readouterr().err


def test_nothing_left_to_label(capsys):
    Path("news.txt").write_text("Тучи. Тучи!", encoding="utf-8")
    Path("mine.csv").write_text("text\nТучи\n", encoding="utf-8")
    assert suggest("--labelled", "mine.csv") == 1
    assert "no sentence to suggest: left out: 2 labelled already" in capsys.readouterr().err


def test_the_command_loads_nothing_heavy():
    heavy = {"sklearn", "torch", "onnxruntime", "rich", "onnx"}
    program = f"import sys, svodka.training.suggest_cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
