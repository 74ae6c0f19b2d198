"""Every contender on the tiny model: those with the same weights give the same answers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from svodka import Tagger
from svodka.errors import ConfigError
from svodka.evaluation.bench.contenders import learned, more_topics, ours, static_vectors
from svodka.evaluation.bench.contenders.static_vectors import StaticVectors
from svodka.evaluation.bench.protocol import Job, chosen
from svodka.evaluation.bench.registry import KINDS, choose_kinds, lacks
from svodka.evaluation.bench.worker import CONTENDERS

ARTICLES = ["Ночью выпал снег. Команда вышла в финал!", "Хор пел без дирижёра."]
SENTENCES = ["Ночью выпал снег.", "Команда вышла в финал!", "Хор пел без дирижёра."]


@pytest.fixture
def job(trained_folder, labelled_files):
    def make(**options):
        topics = ("weather", "sport", "music")
        return Job(str(trained_folder), topics, 1, (str(labelled_files["train"]),), 3, options)

    return make


@pytest.fixture
def expected(trained_folder):
    return [one.topics for one in Tagger.load(trained_folder).predict(SENTENCES)]


def test_a_topic_is_chosen_at_its_threshold():
    assert chosen([[0.5, 0.2], [0.1, 0.9]], np.array([0.5, 0.3]), ["a", "b"]) == [("a",), ("b",)]
    assert chosen(np.zeros((0, 2)), np.array([0.5, 0.3]), ["a", "b"]) == []


@pytest.mark.parametrize("wish", ["cpu", "cuda"])
def test_svodka_computes_where_the_job_says_whatever_the_environment_wishes(job, card, monkeypatch, wish):
    monkeypatch.setenv("SVODKA_DEVICE", wish)
    for device, opened in (("cpu", "model.onnx"), ("cuda", "float32")):
        ours.prepare(replace(job(way="single"), device=device))
        assert card.opened.pop() == (device, opened)


def test_a_job_goes_to_another_process_and_back(job):
    assert Job.from_dict(job(way="single").to_dict()) == job(way="single")


def test_articles_are_split_and_sentences_are_not(job, expected):
    articles = ours.prepare(job(way="articles"))
    assert articles.tag(ARTICLES) == expected
    assert len(articles.answers(ARTICLES)) == 2
    for way in ("sentences", "single"):
        assert ours.prepare(job(way=way)).tag(SENTENCES) == expected


@pytest.mark.parametrize("name", ["onnx-float32", "torch", "torch-sorted", "pipeline-1", "pipeline-32"])
def test_the_same_weights_give_the_same_answers(name, job, expected):
    pytest.importorskip("torch", reason="needs svodka[train]")
    kind = KINDS[name]
    module = __import__(f"{CONTENDERS}.{kind.module}", fromlist=["prepare"])
    contender = module.prepare(job(**kind.options))
    assert contender.tag(SENTENCES) == expected
    assert contender.tag([]) == []


def test_a_peer_is_trained_and_asked(job):
    pytest.importorskip("sklearn", reason="needs svodka[report]")
    peer = learned.prepare(job(peer="tfidf"))
    assert peer.tag(["Ночью выпал снег, к утру подморозило."]) == [("weather",)]


def test_static_vectors_are_a_mean_of_pieces():
    class Letters:
        def encode_batch(self, texts, add_special_tokens):
            assert not add_special_tokens
            return [SimpleNamespace(ids=["аб".index(letter) for letter in text]) for text in texts]

    encode = StaticVectors(Letters(), np.array([[2, 0], [0, 4]], dtype=np.float32))
    assert encode(["аб", "ааб", ""]) == pytest.approx(np.array([[1, 2], [4 / 3, 4 / 3], [0, 0]]))


def test_static_vectors_learn(job):
    pytest.importorskip("sklearn", reason="needs svodka[report]")
    assert static_vectors.prepare(job()).tag(["снег мороз снег мороз"]) == [("weather",)]


def test_a_wish_for_a_card_does_not_keep_more_topics_from_being_tried(job, monkeypatch):
    monkeypatch.setenv("SVODKA_DEVICE", "cuda")
    assert len(more_topics.prepare(job(topics=4, sentences=SENTENCES)).tag(SENTENCES)) == 3


def test_more_topics_than_the_model_has_are_its_own_again(job):
    contender = more_topics.prepare(job(topics=7, sentences=SENTENCES))
    for topics in contender.tag(SENTENCES):
        places = {int(topic.rpartition("_")[2]) for topic in topics}
        assert {place % 3 for place in places} == {place for place in places if place < 3}


def test_choosing_contenders():
    assert [kind.id for kind in choose_kinds(["tfidf, torch", "torch"])] == ["svodka", "torch", "tfidf"]
    assert len(choose_kinds([])) == len(KINDS)
    with pytest.raises(ConfigError, match="no contender 'pipline-1'; did you mean 'pipeline-1'"):
        choose_kinds(["pipline-1"])


def test_what_a_contender_lacks(trained_folder, tmp_path, monkeypatch):
    assert lacks(KINDS["svodka"], tmp_path, trains=False) is None
    assert lacks(KINDS["onnx-int8"], tmp_path, trains=False) is None
    assert "has no 8-bit products" in lacks(KINDS["onnx-int8"], tmp_path, trains=False, device="cuda")
    assert lacks(KINDS["tfidf"], trained_folder, trains=False) == "learns from labelled sentences: give --train FILE"
    assert "needs config.json, which this model folder lacks" in lacks(KINDS["onnx-float32"], tmp_path, trains=True)
    monkeypatch.setattr("svodka.evaluation.bench.registry.find_spec", lambda _: None)
    assert lacks(KINDS["torch"], trained_folder, trains=True) == "needs: pip install 'svodka[train]'"
