"""Every odd input has an answer that is written down here."""

import json

import numpy as np
import pytest

from svodka import DataError, Tagger
from svodka.cli import main


@pytest.fixture(scope="module")
def tagger(trained_folder):
    return Tagger.load(trained_folder)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0", "\u200b\ufeff", "\x00", "\ud83d"])
def test_nothing_to_read_has_no_topic_and_no_score(tagger, text):
    one = tagger.predict(text)
    assert one.text == text
    assert one.topics == tagger.predict(text, thresholds=0).topics == ()
    assert set(one.scores.values()) == {0.0}


@pytest.mark.parametrize(
    "text",
    ["🔥🔥🔥", "Only Latin letters here.", "天气预报说今天下雪。", "\x00\x01\x07 снег \x1b[31m", "\ud800 снег", "..!?"],
    ids=["emoji", "latin", "chinese", "control", "surrogate", "signs"],
)
def test_odd_text_gets_probabilities_like_any_other(tagger, text):
    one = tagger.predict(text)
    assert one.text == text
    assert all(0 <= score <= 1 for score in one.scores.values())


def test_control_characters_do_not_change_the_answer(tagger):
    assert tagger.predict("сн\x00ег\x07").scores == tagger.predict("снег").scores


@pytest.mark.parametrize("sentence", ["снег " * 1_000_000, "с" * 5_000_000], ids=["words", "one word"])
def test_a_sentence_of_five_megabytes_is_cut_and_told(tagger, sentence):
    one = tagger.predict(sentence)
    assert one.truncated
    assert one.text == sentence


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, r"text 1 \(counted from 0\) is not a string but None .*drop or fill missing values"),
        (float("nan"), "is not a string but nan .*drop or fill missing values"),
        ({"text": "Снег."}, "text 1 .*dict"),
        (b"\xd1\xed\xe5\xe3", "decode it first"),
        (7, r"is not a string but 7 \(int\)"),
        (["Снег."], "text 1 .*list"),
    ],
)
def test_what_is_no_string_is_named_by_its_index(tagger, wrong, message):
    with pytest.raises(DataError, match=message):
        tagger.predict(["Снег.", wrong])


@pytest.mark.parametrize("kind", ["array", "chunked_array"])
def test_an_array_of_pyarrow_is_made_a_list_first(tagger, kind):
    pa = pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
    texts = getattr(pa, kind)([["Снег."]] if kind == "chunked_array" else ["Снег."])
    message = (
        r"text 0 .* is not a string but <.*'Снег\.'> \(StringScalar\); give the \.to_pylist\(\) of the Arrow array$"
    )
    for method in (tagger.predict, tagger.predict_proba):
        with pytest.raises(DataError, match=message):
            method(texts)
    assert tagger.predict(texts.to_pylist()) == tagger.predict(["Снег."])


@pytest.mark.parametrize("wrong", [None, 7, 2.5, b"snow", bytearray(b"snow"), {"text": "Снег."}])
def test_what_is_no_list_either(tagger, wrong):
    with pytest.raises(DataError, match="expected a string or a list of strings, got"):
        tagger.predict(wrong)


def test_what_came_before_a_wrong_text_is_not_lost_in_a_stream(tagger):
    texts = [f"Снег {i}." for i in range(1500)]
    answered = tagger.stream([*texts, np.nan, "Снег."])
    assert [next(answered).text for _ in texts] == texts
    with pytest.raises(DataError, match=r"text 1500 \(counted from 0\) is not a string but nan"):
        next(answered)


@pytest.mark.parametrize("wrong", [None, ["Снег."]])
def test_probabilities_refuse_the_same(tagger, wrong):
    with pytest.raises(DataError, match=r"text 1 \(counted from 0\) is not a string"):
        tagger.predict_proba(["Снег.", wrong])


@pytest.mark.parametrize("wrong", [None, 7, b"snow", ["Снег."]])
def test_an_article_is_one_string(tagger, wrong):
    with pytest.raises(DataError, match="is not a string"):
        tagger.predict_article(wrong)


def test_a_file_that_is_neither_utf_8_nor_anything_known(trained_folder, tmp_path, capsys):
    path = tmp_path / "broken.txt"
    path.write_bytes("Выпал снег, и команда осталась дома. ".encode() * 20 + b"\xff\xfe\xff" + "Хор запел.".encode())
    assert main(["tag", str(path), "--model", str(trained_folder)]) == 1
    message = capsys.readouterr().err
    assert "broken.txt" in message
    assert "--encoding" in message


def test_a_missing_column_is_told_with_those_that_exist(trained_folder, tmp_path, capsys):
    path = tmp_path / "posts.csv"
    path.write_text("id,text\n1,Выпал снег.\n", encoding="utf-8")
    assert main(["tag", str(path), "--column", "txet", "--model", str(trained_folder)]) == 1
    message = capsys.readouterr().err
    assert "did you mean 'text'" in message


def test_an_unknown_topic_in_a_threshold_is_told(trained_folder, tmp_path, capsys):
    path = tmp_path / "a.txt"
    path.write_text("Выпал снег.", encoding="utf-8")
    assert main(["tag", str(path), "--threshold", "wether=0.3", "--model", str(trained_folder)]) == 2
    assert "did you mean 'weather'" in capsys.readouterr().err


def test_odd_characters_in_a_file_come_back_as_they_were(trained_folder, tmp_path, capsys):
    text = "Выпал\x07 снег 🔥. Only Latin here. 天气预报。"
    (tmp_path / "odd.txt").write_text(text, encoding="utf-8")
    words = ["tag", str(tmp_path / "odd.txt"), "--format", "jsonl", "--quiet", "--model", str(trained_folder)]
    assert main(words) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows
    assert all(text[row["start"] : row["end"]] == row["text"] for row in rows)


@pytest.mark.parametrize("name", ["model.json", "model.onnx", "tokenizer.json"])
def test_a_model_file_cut_short_is_told(model_copy, tmp_path, capsys, name):
    (model_copy / name).write_bytes((model_copy / name).read_bytes()[:-100])
    (tmp_path / "a.txt").write_text("Выпал снег.", encoding="utf-8")
    assert main(["tag", str(tmp_path / "a.txt"), "--model", str(model_copy)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{name} has " in captured.err
    assert "cut short or edited" in captured.err
