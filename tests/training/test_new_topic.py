"""Sentences for a topic that no model knows yet."""

import json

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs svodka[report]")

from svodka.errors import ConfigError, DataError
from svodka.topics import Topic, load_topics
from svodka.training import new_topic
from svodka.training.new_topic import find_new_topic, rank_for_new_topic
from svodka.training.sentence_vectors import Encoder

WORDS = ("дожд", "матч", "скрипк")
YAML = """\
version: 1
topics:
  - {id: rain, title_ru: Дожди, title_en: Rain, definition_ru: Про дождь., definition_en: About rain.}
  - {id: sport, title_ru: Спорт, title_en: Sport, definition_ru: Про матчи., definition_en: About matches.}
"""
SPORT = Topic("sport", "Спорт", "Sport", "Про матчи.", "About matches.")
MUSIC = Topic("music", "Музыка", "Music", "Про скрипки.", "About violins.")
POOL = ["Матч отложили.", "В Орле дождь.", "Скрипка молчит.", "Дождь, опять дождь!"]


def encode(texts):
    """Count the keywords; the last number keeps vectors from being zero."""
    return np.array([[*(text.lower().count(word) for word in WORDS), 0.1] for text in texts], dtype=np.float32)


@pytest.fixture(autouse=True)
def own_texts(monkeypatch):
    """Stand-ins for svodka's own sentences, of which there are many."""
    texts = [
        f"{what} {when}." for what in ("Дождь", "Матч", "Скрипка", "Пирог") for when in ("утром", "днём", "вечером")
    ]
    monkeypatch.setattr(new_topic, "_own_texts", lambda: texts)


@pytest.fixture
def topics_file(tmp_path):
    path = tmp_path / "new.yaml"
    path.write_text(YAML, encoding="utf-8")
    return path


@pytest.fixture
def new(topics_file):
    return find_new_topic(topics_file, "rain", [SPORT, MUSIC])


def labelled(tmp_path, rows):
    path = tmp_path / "mine.jsonl"
    lines = [json.dumps({"text": text} | more, ensure_ascii=False) for text, more in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_new_topic_is_told_from_all_others(new, topics_file):
    assert new.topic == load_topics(topics_file)[0]
    assert [topic.id for topic in new.others] == ["sport", "music"]


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("rains", r"--new-topic rains: .*new\.yaml has no such topic; did you mean 'rain'\?"),
        ("sport", "--new-topic sport: the model knows this topic; ask for it with --topic sport"),
    ],
)
def test_a_topic_that_is_not_new(topics_file, topic, message):
    with pytest.raises(ConfigError, match=message):
        find_new_topic(topics_file, topic, [SPORT])


def test_without_labels_the_definition_ranks(new):
    ranking = rank_for_new_topic(new, POOL, [], Encoder("words", encode))
    assert set(np.argsort(-ranking.likeness)[:2]) == {1, 3}
    assert ranking.probability is None
    assert ranking.labelled == (0, 0)
    assert (ranking.priority >= 0).all()


def test_with_labels_a_classifier_ranks(new, tmp_path):
    rows = [("Дождь в Туле.", {"topics": ["rain"]}), ("Идёт дождь.", {"topics": ["rain", "sport"]})]
    rows += [("Матч в Туле.", {"topics": ["sport"]}), ("Пирог остыл.", {"topics": []})]
    ranking = rank_for_new_topic(new, POOL, [labelled(tmp_path, rows)], Encoder("words", encode))
    assert ranking.labelled == (2, 2)
    assert set(np.argsort(-ranking.probability)[:2]) == {1, 3}
    assert ranking.priority.max() <= 0.5


def test_rows_that_nobody_judged_for_the_new_topic_teach_nothing(new, tmp_path):
    rows = [("Дождь в Туле.", {"topics": ["rain"]}), ("Идёт дождь.", {"topics": ["rain"]})]
    rows += [("Матч в Туле.", {"topics": ["sport"], "unknown": ["rain"]}), ("Пирог.", {})]
    ranking = rank_for_new_topic(new, POOL, [labelled(tmp_path, rows)], Encoder("words", encode))
    assert ranking.labelled == (2, 0)
    assert ranking.probability is None


def test_one_sentence_is_enough(new):
    assert rank_for_new_topic(new, ["Дождь."], [], Encoder("words", encode)).likeness.shape == (1,)


def test_a_labelled_file_with_an_unknown_topic_is_refused(new, tmp_path):
    path = labelled(tmp_path, [("Дождь.", {"topics": ["rian"]})])
    with pytest.raises(DataError, match="unknown topic 'rian' in 'topics'; did you mean 'rain'"):
        rank_for_new_topic(new, POOL, [path], Encoder("words", encode))


def test_svodkas_own_sentences_are_there(monkeypatch):
    monkeypatch.undo()
    assert len(new_topic._own_texts()) > 1000
