"""What another list of topics means for a trained model."""

import pytest

from svodka.errors import ConfigError
from svodka.topics import Topic
from svodka.training.topic_changes import TopicChange, changes_table, topic_changes

KNOWN = ("rain", "wet", "fog")


def topic(id, was=None):
    return Topic(id, id, id, id, id, was)


def test_kept_renamed_new_and_dropped_topics():
    assert topic_changes([topic("storm"), topic("damp", was="wet"), topic("rain")], KNOWN) == (
        TopicChange("storm", "new", None),
        TopicChange("damp", "renamed", "wet"),
        TopicChange("rain", "kept", "rain"),
        TopicChange("fog", "dropped", "fog"),
    )


def test_an_earlier_id_that_the_model_never_had_means_nothing():
    assert topic_changes([topic("rain", was="drizzle")], ["rain"]) == (TopicChange("rain", "kept", "rain"),)
    assert topic_changes([topic("storm", was="gale")], ["rain"])[0].state == "new"


def test_two_topics_of_the_model_cannot_become_one():
    with pytest.raises(ConfigError, match="'rain' says it was 'wet', but both were topics before"):
        topic_changes([topic("rain", was="wet")], KNOWN)


def test_the_table():
    changes = topic_changes([topic("storm"), topic("damp", was="wet"), topic("rain")], KNOWN)
    assert changes_table(changes, {"storm": 31, "rain": 1200}).splitlines() == [
        "  storm  new                   31 training rows carry it",
        "  damp   renamed, was wet       0 training rows carry it",
        "  rain   kept               1,200 training rows carry it",
        "  fog    dropped",
    ]
