"""The rows that a run holds out, written to a file."""

import json

import pytest

from svodka.errors import ConfigError
from svodka.evaluation.labelled import read_labelled
from svodka.topics import load_topics
from svodka.training.held_out import main
from svodka.training.recipe import load_recipe
from svodka.training.splits import load_parts

TOPICS = [topic.id for topic in load_topics()]


def labelled(path, word):
    """Write forty rows, all with the same ids in every file."""
    path.parent.mkdir(exist_ok=True)
    rows = [
        {"id": f"r{n}", "text": f"{word} номер {n} пополнили.", "topics": ["forces"] if n % 2 else [], "doc": f"d{n}"}
        | ({"unknown": ["logistics"]} if n % 3 else {})
        for n in range(1, 41)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def held(out, *arguments):
    assert main([*map(str, arguments), "--out", str(out)]) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_the_rows_are_those_that_the_run_does_not_learn_from(tmp_path, capsys):
    data = labelled(tmp_path / "labelled.jsonl", "Роту")
    rows = held(tmp_path / "held.jsonl", "--config", "own", "--data", data, "--set", "validation_share=0.25")
    recipe = load_recipe("own", {"validation_share": 0.25})
    learnt = set(load_parts(recipe, load_topics(), [data])["given"]["text"])
    all_rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    assert rows == [row for row in all_rows if row["text"] not in learnt]
    assert len(rows) == 10
    assert "10 rows, which tuned the run" in capsys.readouterr().out


def test_files_with_the_same_ids_make_one_file_that_can_be_measured_on(tmp_path):
    data = [labelled(tmp_path / folder / "labelled.jsonl", word) for folder, word in (("a", "Роту"), ("b", "Полк"))]
    out = tmp_path / "held.jsonl"
    options = ("--config", "own", "--set", "validation_share=0.5", "--data", data[0], "--data", data[1])
    assert len(held(out, *options)) == 40
    assert len(read_labelled([out], TOPICS).rows) == 40


def test_a_further_file_changes_what_is_held_out(tmp_path):
    first, second = labelled(tmp_path / "first.jsonl", "Роту"), labelled(tmp_path / "second.jsonl", "Батарею")
    options = ("--config", "own", "--set", "validation_share=0.25", "--data", first)
    alone = {row["text"] for row in held(tmp_path / "alone.jsonl", *options)}
    both = {row["text"] for row in held(tmp_path / "both.jsonl", *options, "--data", second)}
    assert alone != {text for text in both if text.startswith("Роту")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "finish", "--set", "validation_share=0"], "finish: nothing is held out; validation_share is 0"),
        (["--config", "continue"], "continue: rows held out by a run that goes on from a model cannot be told"),
    ],
)
def test_what_cannot_be_told_is_refused(arguments, message, tmp_path):
    data, out = labelled(tmp_path / "labelled.jsonl", "Роту"), tmp_path / "held.jsonl"
    with pytest.raises(ConfigError, match=message):
        main([*arguments, "--data", str(data), "--out", str(out)])
    assert not out.exists()
