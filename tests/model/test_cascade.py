"""Two models in a row: who reads what, whose answer counts, and what is refused."""

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from svodka import Tagger
from svodka.cascade import Cascade, cut_logits, sureness
from svodka.engine import Encoded
from svodka.errors import ConfigError, ModelFilesError
from svodka.model_folder import INFO_FILE, write_manifest
from svodka.training.make_cascade import main, make_cascade

TEXTS = [
    "Ночью выпал снег.",
    "Гол!",
    "Хор пел без дирижёра.",
    "Команда проиграла матч в гостях, а оркестр сыграл вальс.",
    "Погода, спорт и музыка.",
    "Пирог с капустой остыл.",
]


class Reader:
    """An engine that gives every text the logits in a table, and keeps what it was asked."""

    device, precision = "cpu", "int8"

    def __init__(self, table):
        self.table, self.asked = table, []

    def encode(self, texts):
        return [Encoded([len(text)], truncated=False, blank=False) for text in texts]

    def logits(self, encoded, n_topics):
        self.asked += [one.ids[0] for one in encoded]
        return np.array([self.table[one.ids[0]] for one in encoded], np.float32).reshape(len(encoded), n_topics)


def test_only_what_is_near_a_threshold_goes_on_and_gets_the_answer_of_the_last():
    # Thresholds of the first at logit 0 and 1; those of the last lie 2 lower, so that 2 is added to its logits.
    first = Reader({1: [3.0, -3.0], 2: [3.0, 1.4], 3: [-0.5, -3.0]})
    last = Reader({2: [1.0, -7.0], 3: [-9.0, 4.0]})
    cascade = Cascade(first, last, np.array([0, 1], np.float32), np.array([2, 2], np.float32), doubt=0.5)
    logits = cascade.logits(cascade.encode(["a", "bb", "ccc"]), 2)
    assert first.asked == [1, 2, 3]
    assert last.asked == [2, 3]
    assert logits.tolist() == [[3, -3], [3, -5], [-7, 6]]


def test_the_last_model_is_not_asked_for_nothing():
    last = Reader({})
    cascade = Cascade(Reader({1: [9.0]}), last, np.zeros(1, np.float32), np.zeros(1, np.float32), doubt=0.5)
    assert cascade.logits(cascade.encode(["a"]), 1).tolist() == [[9]]
    assert cascade.logits([], 1).shape[0] == 0
    assert last.asked == []


def test_thresholds_of_0_and_1_have_a_logit_too():
    assert cut_logits({"a": 0.5, "b": 0.0, "c": 1.0}).tolist() == pytest.approx([0, -13.8, 13.8], abs=0.02)
    assert sureness(np.array([[1.0, -3.0]], np.float32), np.array([0.5, 0], np.float32)).tolist() == [0.5]


@pytest.fixture
def first(trained_folder, tmp_path, monkeypatch):
    """A model that decides otherwise than `trained_folder`, which is the shipped one here: by other thresholds."""
    for module in ("svodka.cascade", "svodka.training.make_cascade"):
        monkeypatch.setattr(f"{module}.shipped_folder", lambda: trained_folder)
    folder = tmp_path / "first"
    shutil.copytree(trained_folder, folder)
    return changed(folder, thresholds={"weather": 0.02, "sport": 0.97, "music": 0.03})


def changed(folder, **values):
    path = folder / INFO_FILE
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values, ensure_ascii=False), encoding="utf-8")
    write_manifest(folder)
    return folder


def decisions(tagger):
    return [prediction.topics for prediction in tagger.predict(TEXTS)]


def test_the_more_goes_on_the_more_is_decided_as_the_last_model_does(first, trained_folder, tmp_path):
    alone, last = Tagger.load(first), Tagger.load(trained_folder)
    assert decisions(alone) != decisions(last)
    doubt = make_cascade(first, TEXTS, 0.5, tmp_path / "half")
    half = Tagger.load(tmp_path / "half")
    handed_on = [near <= doubt for near in sureness(logits_of(alone), cut_logits(alone.thresholds))]
    assert sum(handed_on) == 3
    for decided, by_first, by_last, on in zip(*map(decisions, (half, alone, last)), handed_on, strict=True):
        assert decided == (by_last if on else by_first)
    assert decisions(Tagger.load(tmp_path / "half", early_exits=False)) == decisions(last)
    assert half.thresholds == alone.thresholds


def logits_of(tagger):
    probabilities = tagger.predict_proba(TEXTS).astype(np.float64)
    return np.log(probabilities / (1 - probabilities)).astype(np.float32)


def test_an_answer_does_not_depend_on_the_texts_beside_it(first, tmp_path):
    make_cascade(first, TEXTS, 0.5, tmp_path / "half")
    tagger = Tagger.load(tmp_path / "half")
    together = tagger.predict_proba(TEXTS)
    assert np.array_equal(together, np.concatenate([tagger.predict_proba([text]) for text in TEXTS]))
    assert np.array_equal(together[::-1], tagger.predict_proba(TEXTS[::-1]))


def test_a_blank_text_has_no_topic(first, tmp_path):
    make_cascade(first, TEXTS, 0.9, tmp_path / "most")
    assert Tagger.load(tmp_path / "most").predict(" ").scores == {"weather": 0, "sport": 0, "music": 0}


def test_the_command_tells_what_counts_as_doubt_and_the_card_does_too(first, tmp_path, capsys):
    texts = tmp_path / "texts.jsonl"
    texts.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS), encoding="utf-8")
    assert main([str(first), "--share", "0.5", "--texts", str(texts), "--out", str(tmp_path / "out")]) == 0
    assert "hands on what lies within" in capsys.readouterr().out
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "A sentence goes on to the shipped model" in card
    assert "as 50% of 6 ordinary texts are" in card


def test_another_shipped_model_is_refused(first, tmp_path, monkeypatch):
    make_cascade(first, TEXTS, 0.5, tmp_path / "half")
    monkeypatch.setattr("svodka.cascade.shipped_folder", lambda: first)
    with pytest.raises(ModelFilesError, match=r"half hands sentences in doubt on to the shipped model with"):
        Tagger.load(tmp_path / "half")


@pytest.mark.parametrize("told", ["shipped", {"doubt": -1, "digest": ""}, {"doubt": True, "digest": ""}, {"doubt": 1}])
def test_a_damaged_description_is_refused(first, told):
    with pytest.raises(ModelFilesError, match="is not a description of a model: 'cascade' is"):
        Tagger.load(changed(first, cascade=told))


@pytest.mark.parametrize("share", [0, 1, 1.5])
def test_a_share_out_of_range_is_refused(first, tmp_path, share):
    with pytest.raises(ConfigError, match=f"share must be above 0 and below 1, got {share}"):
        make_cascade(first, TEXTS, share, tmp_path / "out")


def test_without_texts_there_is_no_telling(first, tmp_path):
    with pytest.raises(ConfigError, match="one text or more is needed"):
        make_cascade(first, [], 0.5, tmp_path / "out")


def test_a_model_of_other_topics_is_refused(trained_folder, tmp_path):
    with pytest.raises(ConfigError, match="tiny has the topics weather, sport, music; expected those of the shipped"):
        make_cascade(trained_folder, TEXTS, 0.5, tmp_path / "out")
