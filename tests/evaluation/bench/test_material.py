"""What is tagged: the draw, sentences of whole texts, sentences of a length, sizes, start."""

import gzip
import json
import random

import pytest

from svodka.errors import DataError
from svodka.evaluation.bench import startup
from svodka.evaluation.bench.growth import of_length
from svodka.evaluation.bench.material import draw, read_material
from svodka.evaluation.bench.processes import WorkerError

TEXTS = ["Один. Два. Три.", "Четыре.", "Пять. Шесть."]


def test_texts_are_drawn_until_there_are_enough_sentences():
    order = list(TEXTS)
    random.Random(4).shuffle(order)
    counts = {TEXTS[0]: 3, TEXTS[1]: 1, TEXTS[2]: 2}
    drawn = draw(TEXTS, 2, 4)
    assert drawn == order[: len(drawn)]
    assert sum(counts[text] for text in drawn) >= 2 > sum(counts[text] for text in drawn[:-1])
    assert sorted(draw(TEXTS, 100, 4)) == sorted(TEXTS)


def test_a_packed_file_of_whole_texts(tmp_path):
    path = tmp_path / "pool.jsonl.gz"
    lines = "".join(json.dumps({"text": text}) + "\n" for text in TEXTS)
    path.write_bytes(gzip.compress(lines.encode()))
    found = read_material([path], most=0, singly=2, seed=1)
    assert found.sentences == found.drawn == ["Один.", "Два.", "Три.", "Четыре.", "Пять.", "Шесть."]
    assert found.texts == TEXTS
    assert found.single == ["Один.", "Два."]
    assert (found.files[0]["name"], found.files[0]["texts"]) == ("pool.jsonl.gz", 3)


def test_a_file_without_a_sentence(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text('{"text": "…"}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"empty\.jsonl: no sentence in 1 texts"):
        read_material([path], 10, 1, 1)


def test_sentences_of_a_length(trained_folder):
    from svodka.engine import Engine

    engine = Engine(trained_folder, 32)
    words = ["снег снег вальс", "скрипка снег"] * 40
    found = of_length(engine, words, (6, 31, 100))
    # every word is a piece of its own, and the two ends make two tokens more; 100 tokens are cut, and left out
    assert list(found) == [6, 31]
    assert found[6][0] == "снег снег вальс скрипка"
    assert all(len(text.split()) == 29 for text in found[31])


def test_a_word_longer_than_the_sentence_is_left_out(trained_folder):
    from svodka.engine import Engine

    engine = Engine(trained_folder, 32)
    found = of_length(engine, ["снег чрезвычайнопревосходный вальс снег снег"], (4,))
    assert found == {4: ["снег вальс"]}  # the last run may be too short, and is left out


def test_the_code_is_counted_without_weights_and_bytecode():
    names = {path.name for path in startup.code_files()}
    assert {"tagger.py", "topics.yaml", "train.jsonl", "report.html"} <= names
    assert not {name for name in names if name.endswith((".pyc", ".onnx", ".safetensors"))}


def test_sizes_add_up(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"0" * 5000)
    (tmp_path / "model.json").write_bytes(b"{}")
    found = startup.measure_sizes(tmp_path, deflate=False)
    assert (found["model_onnx"], found["model_folder"]) == (5000, 5002)
    assert found["package"] == found["code"] + 5002
    assert found["deflated"] is None
    assert startup.measure_sizes(tmp_path, deflate=True)["deflated"] < found["package"]


def test_the_time_of_an_import_is_read_from_the_process(trained_folder):
    seconds, printed = startup._run(startup.IMPORT, trained_folder, 1)
    assert 0 < float(printed) < seconds


def test_a_process_that_cannot_start(tmp_path):
    with pytest.raises(WorkerError, match="a fresh process ended with code 1: ZeroDivisionError"):
        startup._run("1 / 0", tmp_path, 1)


def test_start_is_measured_in_turns_after_a_first_one_that_does_not_count(monkeypatch, tmp_path):
    clock = iter(range(1, 100))
    asked = []

    def run(code, folder, threads, device="cpu"):
        asked.append((code, folder, threads, device))
        return float(next(clock)), "0.5\n"

    monkeypatch.setattr(startup, "_run", run)
    found = startup.measure_startup(tmp_path, 3, 2, pipeline=False)
    # the first turns are 1, 2, 3; the interpreter then has 4, 7, 10 and the first answer 6, 9, 12
    assert found["interpreter"]["median"] == 7
    assert found["first_answer"] == {"median": 9, "low": 7.5, "high": 10.5, "n": 3}
    assert found["import"]["median"] == 0.5
    assert {(threads, device) for _, _, threads, device in asked} == {(2, "cpu")}
    assert "pipeline_first_answer" in startup.measure_startup(tmp_path, 1, 2, pipeline=True)
    asked.clear()
    startup.measure_startup(tmp_path, 1, 2, pipeline=False, device="cuda")
    assert {device for code, _, _, device in asked if "Tagger" in code} == {"cuda"}
