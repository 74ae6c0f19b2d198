"""The tagger, on the tiny model with the topics weather, sport and music."""

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from svodka import ArticlePrediction, ConfigError, DataError, ModelFilesError, Prediction, Tagger
from svodka.tagger import CHUNK

TEXTS = ["Снег.", "Вратарь отбил мяч, и команда вышла в финал.", "Хор!", "Дождь и ветер весь день, к ночи мороз."]


@pytest.fixture(scope="module")
def tagger(trained_folder):
    return Tagger.load(trained_folder)


def test_one_text_gives_one_prediction(tagger):
    one = tagger.predict("Ночью выпал снег.")
    assert isinstance(one, Prediction)
    assert one.text == "Ночью выпал снег."
    assert "weather" in one.topics
    assert tuple(one.scores) == tagger.topics == ("weather", "sport", "music")
    assert one.truncated is False


def test_a_list_gives_a_list(tagger):
    assert [one.text for one in tagger.predict(TEXTS)] == TEXTS
    assert tagger.predict([]) == []


@pytest.mark.parametrize("wrap", [tuple, iter, np.array, lambda texts: (text for text in texts)])
def test_any_iterable_of_strings_will_do(tagger, wrap):
    assert tagger.predict(wrap(TEXTS)) == tagger.predict(TEXTS)


def test_a_series_will_do_and_a_data_frame_will_not(tagger):
    pandas = pytest.importorskip("pandas", reason="comes with svodka[train]")
    assert tagger.predict(pandas.Series(TEXTS)) == tagger.predict(TEXTS)
    with pytest.raises(DataError, match="DataFrame of 2 dimensions; give one column"):
        tagger.predict(pandas.DataFrame({"text": TEXTS}))


def test_the_callers_order_is_kept_whatever_the_lengths(tagger):
    texts = [f"{'снег ' * (i * 7 % 23)}матч {i}" for i in range(200)]
    together = tagger.predict(texts)
    assert [one.text for one in together] == texts
    for i in (0, 17, 150, 199):
        assert together[i].scores == pytest.approx(tagger.predict(texts[i]).scores, abs=1e-4)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_answers_do_not_depend_on_the_batch(tagger, size):
    texts = [*TEXTS, "", "Матч отменили: дождь.", "Концерт под снегом и ещё что-то длинное, чего никто не ждал."]
    parts = [tagger.predict_proba(texts[i : i + size]) for i in range(0, len(texts), size)]
    np.testing.assert_allclose(np.concatenate(parts), tagger.predict_proba(texts), atol=1e-4)


def test_probabilities_and_labels_come_from_the_same_numbers(tagger):
    scores = tagger.predict_proba(TEXTS)
    assert scores.dtype == np.float32
    assert scores.shape == (4, 3)
    for row, one in zip(scores, tagger.predict(TEXTS), strict=True):
        assert list(one.scores.values()) == row.tolist()
        assert one.topics == tuple(topic for topic in tagger.topics if one.scores[topic] >= tagger.thresholds[topic])


def test_no_texts_give_no_rows(tagger):
    assert tagger.predict_proba([]).shape == (0, 3)


def test_predict_proba_wants_a_list(tagger):
    with pytest.raises(DataError, match=r"write predict_proba\(\[text\]\)"):
        tagger.predict_proba("Снег.")


def test_thresholds_for_one_call(tagger):
    assert tagger.predict("Снег.", thresholds=0.0).topics == tagger.topics
    assert tagger.predict("Снег.", thresholds=1).topics == ()
    loose = tagger.predict("Снег.", thresholds={"music": 0.0})
    assert loose.topics == tuple(t for t in tagger.topics if t == "music" or t in tagger.predict("Снег.").topics)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), True, "0.5", None])
def test_a_threshold_that_makes_no_sense(tagger, value):
    with pytest.raises(ConfigError, match="the threshold of 'sport' must be a number from 0 to 1"):
        tagger.predict("Снег.", thresholds={"sport": value})


def test_a_threshold_for_an_unknown_topic(tagger):
    with pytest.raises(ConfigError, match="a threshold for 'sprot', no topic of the model; did you mean 'sport'"):
        tagger.predict("Снег.", thresholds={"sprot": 0.5})


def test_a_stream_takes_no_more_than_it_needs(tagger):
    taken = itertools.count()
    endless = (f"Снег номер {i}." for i in taken)
    first = list(itertools.islice(tagger.stream(endless), 5))
    assert [one.text for one in first] == [f"Снег номер {i}." for i in range(5)]
    assert next(taken) <= CHUNK + 1


def test_thresholds_of_a_stream_are_checked_at_once(tagger):
    with pytest.raises(ConfigError, match="must be a number from 0 to 1, got 7"):
        tagger.stream(["Снег."], thresholds=7)


def test_a_text_is_truncated_beyond_the_limit_and_not_at_it(tagger):
    # The tiny model reads 32 tokens: <s>, thirty letters that make no word together, </s>.
    assert tagger.predict("ц " * 15).truncated is False
    lengths = [n for n in range(1, 60) if not tagger.predict("ъ" * n).truncated]
    assert lengths == list(range(1, max(lengths) + 1))
    assert 25 <= max(lengths) <= 30


def test_an_article(tagger):
    text = "Ночью выпал снег.\n\n— Играть будем? — спросил вратарь.\nХор запел."
    article = tagger.predict_article(text)
    assert isinstance(article, ArticlePrediction)
    for i, one in enumerate(article.sentences):
        assert one.index == i
        assert text[one.start : one.end] == one.prediction.text
    counted = [topic for one in article.sentences for topic in one.prediction.topics]
    assert article.topics == {topic: counted.count(topic) for topic in article.topics}
    assert list(article.topics.values()) == sorted(article.topics.values(), reverse=True)


def test_an_empty_article_has_no_sentences(tagger):
    assert tagger.predict_article(" \n") == ArticlePrediction(" \n", (), {})


def test_several_threads_may_use_one_tagger(tagger):
    alone = tagger.predict_proba(TEXTS * 20)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: tagger.predict_proba(TEXTS * 20), range(8)):
            np.testing.assert_allclose(scores, alone, atol=1e-4)


def test_predictions_are_not_changed_by_accident(tagger):
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'topics'"):
        tagger.predict("Снег.").topics = ()


def test_the_number_of_threads(trained_folder):
    assert Tagger.load(trained_folder, threads=1).predict("Снег.").topics
    with pytest.raises(ConfigError, match="threads must be a whole number of at least 1, got 0"):
        Tagger.load(trained_folder, threads=0)


def test_a_missing_folder(tmp_path):
    with pytest.raises(ModelFilesError, match="no model folder"):
        Tagger.load(tmp_path / "nowhere")
