"""The keyword rules: how they are written, and that each finds the sentence beside it."""

from importlib import resources

import numpy as np
import pytest
import yaml

from svodka.errors import ConfigError
from svodka.evaluation.peers import rules
from svodka.evaluation.peers.rules import load_rules, make_pattern
from svodka.normalise import normalise
from svodka.topics import load_topics

SHIPPED = yaml.safe_load(resources.files("svodka.configs").joinpath(rules.FILE).read_text(encoding="utf-8"))
EVERY = [
    (pattern, example)
    for found in [SHIPPED["never"], *(topic[key] for topic in SHIPPED["topics"].values() for key in topic)]
    for pattern, example in found.items()
]
WEATHER = """
version: 1
words: {water: дожд|ливен}
never: {"матч": "Матч прошёл под дождём."}
topics:
  rain:
    find:
      <water>: Льёт дождь.
      луж & двор|улиц: На улице лужи.
    exclude: {"град & орден": "Град орденов."}
  heat:
    find: {жар: Стоит жара.}
"""


@pytest.mark.parametrize(("pattern", "example"), EVERY, ids=[pattern[:30] for pattern, _ in EVERY])
def test_each_pattern_finds_its_example(pattern, example):
    parts = make_pattern(pattern, SHIPPED["words"])
    assert all(part.search(normalise(example).lower()) for part in parts)


def test_each_topic_of_svodka_has_rules():
    assert list(SHIPPED["topics"]) == [topic.id for topic in load_topics()]


# text, its score for rain: 1 - 1/2 for one pattern, 1 - 1/4 for two
@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("льёт дождь, ливень", 0.5),  # two words of one pattern
        ("дождь, на улице лужи", 0.75),
        ("лужи", 0.0),  # the other part is missing
        ("на улице лужи", 0.5),
        ("моросит пододождь", 0.0),  # a pattern begins where a word begins
        ("матч под дождём", 0.0),  # excluded for all topics
        ("дождь, град орденов", 0.0),  # excluded for this one
        ("", 0.0),
    ],
)
def test_the_score_grows_with_the_patterns_found(text, score):
    assert load_rules(WEATHER)["rain"].score(text) == score


def test_exclusions_of_one_topic_leave_the_others_alone():
    assert load_rules(WEATHER)["heat"].score("жара, град орденов") == 0.5


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("дожд(", r"'дожд\(' is no regular expression"), ("<watre>", "'<watre>': no words are listed as 'watre'")],
)
def test_a_wrong_pattern_is_named(pattern, message):
    with pytest.raises(ConfigError, match=message):
        make_pattern(pattern, {"water": "дожд"})


TEXTS = [
    "Миротворцы прибыли на границу.",
    "Миротворцы следят за перемирием.",
    "Прекращение огня и обмен пленными согласованы.",
    "В музее открылась выставка «Миротворец».",
    "Погода в горах ясная.",
]


@pytest.mark.parametrize(
    ("labels", "threshold"),
    [
        ([1, 1, 1, 0, 0], 0.25),  # one pattern is enough: 3 of 4 are right, F1 6/7; two patterns: F1 4/5
        ([0, 1, 1, 0, 0], 0.625),  # two patterns: F1 1; the middle of 0.5 and 0.75
        ([-1, 1, 1, 0, -1], 0.625),
        ([0, 0, 0, 0, 1], 0.5),  # only a sentence that no pattern finds
        ([0, 0, 0, 0, 0], 0.5),
        ([-1, -1, -1, -1, -1], 0.5),
    ],
)
def test_training_sentences_say_how_many_patterns_it_takes(labels, threshold):
    gold = np.array(labels, dtype=float)[:, None]
    assert rules.fit(TEXTS, gold, ["peacekeeping"]).thresholds == {"peacekeeping": threshold}


def test_scores_have_a_column_for_each_topic_asked_for():
    peer = rules.fit(TEXTS, np.zeros((5, 2)), ["exercises", "peacekeeping"])
    assert peer.predict_proba(["Учения миротворцев начались."]).tolist() == [[0.5, 0.5]]
    assert peer.predict_proba([]).shape == (0, 2)
    assert peer.settings["patterns"]["exercises"] == len(SHIPPED["topics"]["exercises"]["find"])


def test_other_topics_have_no_rules():
    with pytest.raises(ConfigError, match="no keyword rules for the topic 'weather'; leave the peer 'rules' out"):
        rules.fit(TEXTS, np.zeros((5, 1)), ["weather"])
