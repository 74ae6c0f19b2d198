import re
from pathlib import Path

import pytest

from svodka.errors import ConfigError
from svodka.topics import Topic, load_borderline, load_topics

WEATHER = """\
version: 1
topics:
  - id: rain
    title_ru: Дожди
    title_en: Rain
    definition_ru: С неба льёт вода.
    definition_en: Water falls from the sky.
"""
HEAT = WEATHER.split("topics:\n")[1].replace("rain", "heat")


def topics_of(folder: Path, text: str) -> tuple[Topic, ...]:
    path = folder / "weather.yaml"
    path.write_text(text, encoding="utf-8")
    return load_topics(path)


def test_the_shipped_topics_keep_their_order():
    assert [topic.id for topic in load_topics()] == [
        "threats", "training", "arms_supply", "exercises", "air_defence", "cooperation",
        "diplomacy", "logistics", "forces", "defence_industry", "operations", "peacekeeping",
    ]  # fmt: skip


@pytest.mark.parametrize("topic", load_topics(), ids=lambda topic: topic.id)
def test_a_shipped_topic_is_described_in_both_languages(topic):
    for russian, english in ((topic.title_ru, topic.title_en), (topic.definition_ru, topic.definition_en)):
        assert re.search("[а-яё]", russian)
        assert not re.search("[а-яё]", english, re.IGNORECASE)
    assert "Не сюда:" in topic.definition_ru
    assert "Not:" in topic.definition_en


def test_an_owner_brings_other_topics(tmp_path):
    rain, heat = topics_of(tmp_path, WEATHER + HEAT)
    assert rain == Topic("rain", "Дожди", "Rain", "С неба льёт вода.", "Water falls from the sky.")
    assert heat.id == "heat"


def test_a_topic_may_have_had_another_id(tmp_path):
    rain, heat = topics_of(tmp_path, WEATHER + "    was: wet\n" + HEAT)
    assert (rain.was, heat.was) == ("wet", None)


def test_an_id_that_yaml_takes_for_a_truth_value_stays_a_word(tmp_path):
    assert topics_of(tmp_path, WEATHER.replace("rain", "on"))[0].id == "on"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# только заметка\n", "the file is empty"),
        ("version: 1\ntopics: []\n", r"yaml:2: 'topics' must be a list of at least one topic"),
        ("version: 1\ntopics:\n  rain: Дожди\n", r"yaml:3: 'topics' must be a list"),
        ("version: 1\ntopics:\n  - rain\n", r"yaml:3: expected the keys 'id', .* got 'rain'"),
        ("- rain\n- heat\n", r"yaml:1: expected the keys 'version', 'topics', got a YAML seq"),
        (WEATHER.replace("version: 1", "version: 2"), r"yaml:1: expected version 1, got '2'"),
        (WEATHER.replace("version: 1\n", ""), r"yaml:1: the key 'version' is missing"),
        (WEATHER.replace("title_ru:", "titel_ru:"), r"yaml:4: unknown key 'titel_ru'; did you mean 'title_ru'\?"),
        (WEATHER.replace("    title_en: Rain\n", ""), r"yaml:3: the key 'title_en' is missing"),
        (WEATHER + "    title_en: Rains\n", r"yaml:8: the key 'title_en' is given twice"),
        (WEATHER.replace("title_en: Rain", "title_en:"), r"yaml:5: 'title_en' must be a text that is not empty"),
        (WEATHER.replace("title_en: Rain", "title_en: 12"), r"yaml:5: 'title_en' must be a text .* got '12'"),
        (WEATHER.replace("id: rain", "id: [rain]"), r"yaml:3: 'id' must be a text .* got a YAML seq"),
        (WEATHER + HEAT.replace("heat", "rain"), r"yaml:8: the topic 'rain' is given twice"),
        (WEATHER + "    was: Wet\n", r"yaml:3: the id 'Wet' may have only small Latin letters"),
        (WEATHER + HEAT + "    was: rain\n", r"yaml:8: 'heat' says it was 'rain', which is a topic of this file"),
        (WEATHER + "    was: wet\n" + HEAT + "    was: wet\n", r"yaml:9: both 'rain' and 'heat' say they were 'wet'"),
        (WEATHER.replace("id: rain", "id: Rain"), r"yaml:3: the id 'Rain' may have only small Latin letters"),
        (WEATHER.replace("id: rain", "id: дождь"), r"yaml:3: the id 'дождь' may have only small Latin letters"),
        (WEATHER.replace("id: rain", "id: 2rain"), r"yaml:3: the id '2rain' may have only .* begins with a letter"),
        (WEATHER.replace("title_en: Rain", "title_en: [Rain"), r"yaml:6: not valid YAML: "),
        (WEATHER.replace("Rain", "\x07"), r"yaml: not valid YAML: "),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        topics_of(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"absent\.yaml: cannot be read: No such file"):
        load_topics(tmp_path / "absent.yaml")


def test_another_encoding_is_refused(tmp_path):
    path = tmp_path / "weather.yaml"
    path.write_bytes(WEATHER.encode("cp1251"))
    with pytest.raises(ConfigError, match="is not UTF-8 at byte"):
        load_topics(path)


def test_borderline_cases_are_texts_and_may_be_left_out(tmp_path):
    path = tmp_path / "weather.yaml"
    path.write_text(WEATHER + "borderline:\n  - Град - тоже rain.\n", encoding="utf-8")
    assert load_borderline(path) == ("Град - тоже rain.",)
    path.write_text(WEATHER, encoding="utf-8")
    assert load_borderline(path) == ()


def test_shipped_borderline_cases_name_only_known_topics():
    words = set(re.findall(r"\b[a-z_]{5,}\b", " ".join(load_borderline())))
    assert words
    assert words <= {topic.id for topic in load_topics()}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Град - тоже rain.", r"yaml:8: 'borderline' must be a list of texts, got 'Град"),
        ("[1]", r"yaml:8: 'borderline' must be a text that is not empty, got '1'"),
    ],
)
def test_borderline_cases_of_another_kind_are_refused(tmp_path, value, message):
    path = tmp_path / "weather.yaml"
    path.write_text(f"{WEATHER}borderline: {value}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_borderline(path)
