"""Files and models that know a topic under an earlier id."""

import json

import pytest

from svodka.errors import DataError
from svodka.evaluation.earlier_ids import all_topics, schemes_of, shared_topics
from svodka.evaluation.labelled import read_labelled
from svodka.topics import Topic
from svodka.training.recipe import own_data_folder


def topic(id, was=None):
    return Topic(id, id, id, id, id, was)


def gold(path, topics, *details):
    return read_labelled([path], [one.id for one in topics], schemes_of(topics, *details)).gold.tolist()


@pytest.fixture
def old_file(tmp_path):
    """A file labelled when rain was called wet, and fog was still a topic."""
    rows = [{"text": "Дождь.", "topics": ["wet", "fog"]}, {"text": "Ветер.", "topics": ["wind"], "unknown": ["wet"]}]
    path = tmp_path / "old.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_a_file_from_before_a_rename_and_a_drop_is_measured_on(old_file):
    topics = [topic("rain", was="wet"), topic("wind")]
    details = {"start": {"topics": {"rain": "renamed", "wind": "kept", "fog": "dropped"}}}
    assert gold(old_file, topics, details) == [[1, 0], [-1, 1]]


def test_an_id_that_the_model_never_knew_is_a_slip(old_file):
    with pytest.raises(DataError, match="unknown topic 'fog' in 'topics'"):
        gold(old_file, [topic("rain", was="wet"), topic("wind")], {})


def test_own_sentences_were_not_judged_for_the_topics_of_the_owner():
    labels = gold(own_data_folder() / "validation.jsonl", [topic("rain"), topic("threats")], {})
    assert {row[0] for row in labels} == {-1}
    assert {row[1] for row in labels} >= {0, 1}


def test_own_sentences_judged_for_no_topic_of_the_model_are_refused():
    with pytest.raises(DataError, match="svodka's own sentences, which were judged for none of rain"):
        gold(own_data_folder() / "validation.jsonl", [topic("rain")], {})


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ([topic("rain"), topic("wind")], [topic("wind"), topic("rain")], {"rain": "rain", "wind": "wind"}),
        ([topic("wet"), topic("wind")], [topic("rain", was="wet"), topic("frost")], {"wet": "rain"}),
        ([topic("rain", was="wet")], [topic("wet")], {"rain": "wet"}),
        ([topic("rain", was="wet")], [topic("showers", was="wet")], {"rain": "showers"}),
        ([topic("rain"), topic("wet")], [topic("rain", was="wet")], {"rain": "rain"}),
        ([topic("rain")], [topic("wind")], {}),
    ],
    ids=["same ids", "the second is newer", "the first is newer", "renamed twice", "both ids were topics", "nothing"],
)
def test_two_models_share_a_topic_by_its_id_or_the_earlier_one(first, second, shared):
    assert shared_topics(first, second) == shared


def test_labels_of_either_model_count_for_a_renamed_topic():
    first, second = [topic("wet"), topic("wind")], [topic("frost"), topic("rain", was="wet")]
    assert [(one.id, one.was) for one in all_topics(first, second)] == [
        ("rain", "wet"),
        ("wind", None),
        ("frost", None),
    ]
    found = all_topics([topic("rain", was="wet")], [topic("wet")])
    assert [(one.id, one.was) for one in found] == [("wet", "rain")]


def test_what_is_still_a_topic_of_one_model_is_no_earlier_id():
    found = all_topics([topic("rain", was="wet")], [topic("rain"), topic("wet")])
    assert [(one.id, one.was) for one in found] == [("rain", None), ("wet", None)]
