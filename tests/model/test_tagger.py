"""The tagger, on the tiny model with the topics weather, sport and music."""

import copy
import dataclasses
import itertools
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import svodka.tagger
from svodka import ArticlePrediction, ConfigError, DataError, ModelFilesError, Prediction, Tagger, predict
from svodka.source import ModelSource

MOST_READ_AHEAD = 2000  # texts; a number of its own, so that a stream without a bound cannot move it
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
    answers = tagger.predict(TEXTS)
    assert isinstance(answers, list)
    assert [one.text for one in answers] == TEXTS
    assert tagger.predict([]) == []


@pytest.mark.parametrize("wrap", [tuple, iter, np.array, lambda texts: (text for text in texts)])
def test_any_iterable_of_strings_will_do(tagger, wrap):
    assert tagger.predict(wrap(TEXTS)) == tagger.predict(TEXTS)


def test_a_series_will_do_and_a_data_frame_will_not(tagger):
    pandas = pytest.importorskip("pandas", reason="comes with svodka[train]")
    assert tagger.predict(pandas.Series(TEXTS)) == tagger.predict(TEXTS)
    with pytest.raises(DataError, match="DataFrame of 2 dimensions; give one column"):
        tagger.predict(pandas.DataFrame({"text": TEXTS}))
    with pytest.raises(DataError, match=r"text 1 .*<NA> \(NAType\); drop or fill missing values first"):
        tagger.predict(pandas.Series(["Снег.", None], dtype="string"))


def test_an_array_of_texts_gives_plain_strings_and_other_arrays_are_refused(tagger):
    assert {type(one.text) for one in tagger.predict(np.array(TEXTS))} == {str}
    with pytest.raises(DataError, match="ndarray of 2 dimensions; give one column"):
        tagger.predict(np.array([TEXTS, TEXTS]))
    with pytest.raises(DataError, match=r"text 0 .*\(bytes_\); decode it first"):
        tagger.predict(np.array([b"snow"]))


def test_the_callers_order_is_kept_whatever_the_lengths(tagger):
    texts = [f"{'снег ' * (i * 7 % 23)}матч {i}" for i in range(200)]
    together = tagger.predict(texts)
    assert [one.text for one in together] == texts
    for text, one in zip(texts, together, strict=True):
        assert one.scores == pytest.approx(tagger.predict(text).scores, abs=1e-4)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_answers_do_not_depend_on_the_batch(tagger, size):
    texts = [*TEXTS, "", "Матч отменили: дождь.", "Концерт под снегом и ещё что-то длинное, чего никто не ждал."]
    single = [list(tagger.predict(text).scores.values()) for text in texts]
    parts = [tagger.predict_proba(texts[i : i + size]) for i in range(0, len(texts), size)]
    np.testing.assert_allclose(np.concatenate(parts), single, rtol=0, atol=1e-4)


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


def test_a_stream_wants_several_texts(tagger):
    with pytest.raises(DataError, match=r"stream takes several texts, got one string; write stream\(\[text\]\)"):
        tagger.stream("Снег.")


def test_thresholds_for_one_call(tagger):
    assert tagger.predict("Снег.", thresholds=0.0).topics == tagger.topics
    assert tagger.predict("Снег.", thresholds=1).topics == ()
    text = "Команда вышла в финал."
    own = tagger.predict(text).topics
    for topic in tagger.topics:
        assert tagger.predict(text, {topic: 0}).topics == tuple(t for t in tagger.topics if t == topic or t in own)
        assert tagger.predict(text, {topic: np.float32(1)}).topics == tuple(t for t in own if t != topic)
    assert tagger.predict(text).topics == own  # nothing sticks


def test_a_score_at_its_threshold_is_enough_and_just_below_is_not(tagger):
    scores = tagger.predict("Хор пел.").scores
    for topic, score in scores.items():
        assert topic in tagger.predict("Хор пел.", {topic: score}).topics
        assert topic not in tagger.predict("Хор пел.", {topic: np.nextafter(score, 1)}).topics


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), True, "0.5", None])
def test_a_threshold_that_makes_no_sense(tagger, value):
    with pytest.raises(ConfigError, match="the threshold of 'sport' must be a number from 0 to 1"):
        tagger.predict("Снег.", thresholds={"sport": value})


@pytest.mark.parametrize("value", [-0.1, 1.1, float("inf"), float("nan"), True, "sport"])
def test_a_threshold_for_all_that_makes_no_sense(tagger, value):
    with pytest.raises(ConfigError, match=f"the threshold of 'weather' must be a number from 0 to 1, got {value!r}"):
        tagger.predict("Снег.", thresholds=value)


def test_a_threshold_for_an_unknown_topic(tagger):
    with pytest.raises(ConfigError, match="a threshold for 'sprot', no topic of the model; did you mean 'sport'"):
        tagger.predict("Снег.", thresholds={"sprot": 0.5})
    with pytest.raises(ConfigError, match="a threshold for 1, no topic of the model"):
        tagger.predict("Снег.", thresholds={1: 0.5})


def test_a_stream_takes_no_more_than_it_needs(tagger):
    def without_end():
        for i in taken:
            if i > MOST_READ_AHEAD:
                pytest.fail("the stream reads on and on")
            yield f"Снег номер {i}."

    taken = itertools.count()
    answers = tagger.stream(without_end())
    assert next(taken) == 0  # nothing was read yet
    assert [one.text for one in itertools.islice(answers, 5)] == [f"Снег номер {i}." for i in range(1, 6)]


def test_a_stream_begins_with_few_texts_and_never_holds_many(tagger, monkeypatch):
    monkeypatch.setattr("svodka.tagger.FIRST_CHUNK", 2)
    monkeypatch.setattr("svodka.tagger.CHUNK", 5)
    taken = 0

    def counted():
        nonlocal taken
        for i in range(50):
            taken += 1
            yield f"Снег номер {i}."

    ahead = []
    for i, answer in enumerate(tagger.stream(counted())):
        assert answer.text == f"Снег номер {i}."
        ahead.append(taken - i)
    assert ahead[0] == 3 * 2
    assert 3 * 5 <= max(ahead) <= 4 * 5


def test_thresholds_of_a_stream_are_checked_at_once(tagger):
    with pytest.raises(ConfigError, match="must be a number from 0 to 1, got 7"):
        tagger.stream(["Снег."], thresholds=7)


def test_a_text_is_truncated_beyond_the_limit_and_not_at_it(tagger):
    # The tiny model reads 32 tokens: <s>, thirty words that are one piece each, </s>.
    assert tagger.info.max_tokens == 32
    assert [tagger.predict("снег " * n).truncated for n in (1, 29, 30, 31, 300)] == [False, False, False, True, True]


def test_what_lies_behind_the_limit_changes_nothing(tagger):
    start = "снег " * 30
    assert tagger.predict(f"{start}оркестр хор").scores == pytest.approx(tagger.predict(start).scores, abs=1e-4)


def test_an_article(tagger):
    text = "Ночью выпал снег.\n\n— Играть будем? — спросил вратарь.\nХор запел."
    article = tagger.predict_article(text)
    assert isinstance(article, ArticlePrediction)
    assert article.text == text
    assert [one.index for one in article.sentences] == list(range(len(article.sentences)))
    assert text[article.sentences[0].start : article.sentences[0].end] == "Ночью выпал снег."
    assert text[article.sentences[-1].start : article.sentences[-1].end] == "Хор запел."
    for one in article.sentences:
        assert text[one.start : one.end] == one.prediction.text
    counted = [topic for one in article.sentences for topic in one.prediction.topics]
    assert article.topics == {topic: counted.count(topic) for topic in article.topics}
    assert list(article.topics.values()) == sorted(article.topics.values(), reverse=True)


def test_topics_of_an_article_that_are_as_frequent_stand_in_the_models_order(tagger):
    article = tagger.predict_article("Хор пел. Снег растаял. Гол забит.", thresholds=0.0)
    assert list(article.topics.items()) == [("weather", 3), ("sport", 3), ("music", 3)]


def test_an_empty_article_has_no_sentences(tagger):
    assert tagger.predict_article(" \n") == ArticlePrediction(" \n", (), {})


def test_several_threads_may_use_one_tagger(tagger):
    jobs = [[f"{text} {i}" for text in TEXTS * i] for i in range(1, 9)]  # each its own, so that a mix-up shows
    alone = [tagger.predict_proba(job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        for together, one in zip(pool.map(tagger.predict_proba, jobs), alone, strict=True):
            np.testing.assert_allclose(together, one, rtol=0, atol=1e-4)


def test_answers_are_not_changed_by_accident(tagger):
    article = tagger.predict_article("Выпал снег.")
    for answer, field in [(article, "topics"), (article.sentences[0], "start"), (tagger.predict("Снег."), "topics")]:
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{field}'"):
            setattr(answer, field, None)


def test_the_number_of_threads_does_not_change_the_answers(tagger, trained_folder):
    one = Tagger.load(str(trained_folder), threads=1)
    np.testing.assert_allclose(one.predict_proba(TEXTS), tagger.predict_proba(TEXTS), rtol=0, atol=1e-4)


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2"])
def test_a_number_of_threads_that_makes_no_sense(trained_folder, threads):
    with pytest.raises(ConfigError, match=f"threads must be a whole number of at least 1, got {threads!r}"):
        Tagger.load(trained_folder, threads=threads)


def test_the_function_loads_the_model_in_force_once(tagger, trained_folder, monkeypatch):
    asked = []
    source = ModelSource("installed", trained_folder)
    monkeypatch.setattr(svodka.tagger, "choose_model", lambda named: asked.append(named) or source)
    svodka.tagger._default_tagger.cache_clear()
    try:
        assert predict("Снег.").text == "Снег."
        assert [one.text for one in predict(TEXTS, thresholds=0.5)] == TEXTS
        assert predict("Снег.").scores == pytest.approx(tagger.predict("Снег.").scores, abs=1e-4)
    finally:
        svodka.tagger._default_tagger.cache_clear()
    assert asked == [None]


def test_a_missing_folder(tmp_path):
    with pytest.raises(ModelFilesError, match="no model folder"):
        Tagger.load(tmp_path / "nowhere")


@pytest.mark.parametrize("take", [pickle.dumps, copy.deepcopy])
def test_a_tagger_stays_in_its_process_and_says_so(tagger, take):
    with pytest.raises(TypeError, match=r"cannot be pickled or copied; call Tagger\.load\(\) once in each process"):
        take(tagger)
