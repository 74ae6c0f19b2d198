"""Files labelled for different lists of topics in one run: whose labels count for which topic."""

import json

import pytest

from svodka.errors import ConfigError, DataError
from svodka.topics import Topic, load_topics
from svodka.training.label_scheme import files_without, label_scheme
from svodka.training.loading import load_dataset_dict
from svodka.training.recipe import own_data_folder
from svodka.training.rows import Row

OWN = own_data_folder() / "train.jsonl"


def topic(id, was=None):
    return Topic(id, id, id, id, id, was)


def row(topics, unknown=()):
    return Row("1", "Снег.", topics, None, tuple(unknown), 1, "x.jsonl")


def labels(tmp_path, rows, topics, known):
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in rows), encoding="utf-8")
    return table_labels(path, topics, known)


def table_labels(path, topics, known):
    ids = [one.id for one in topics]
    loaded = load_dataset_dict({"train": [path]}, ids, scheme_of=lambda one: label_scheme(one, topics, known))
    return loaded["train"]["labels"][:]


def test_own_sentences_were_not_judged_for_a_topic_of_the_owner():
    scheme = label_scheme(OWN, [topic("threats"), topic("drones")])
    one = scheme.translate(row(("threats", "training")))
    assert (one.topics, one.unknown) == (("threats",), ("drones",))


def test_own_sentences_follow_a_renamed_topic():
    scheme = label_scheme(OWN, [topic("dangers", was="threats")])
    assert scheme.translate(row(("threats",))).topics == ("dangers",)
    assert scheme.translate(row((), ["threats"])).unknown == ("dangers",)


def test_own_sentences_may_have_nothing_to_say():
    assert label_scheme(OWN, [topic("rain"), topic("wind")]).judged == frozenset()


def test_own_sentences_keep_their_labels_with_the_own_topics():
    scheme = label_scheme(OWN, load_topics())
    assert scheme.translate(row(("forces",), ["threats"])) == row(("forces",), ["threats"])


def test_a_file_of_the_owner_was_judged_for_all_but_what_its_rows_say(tmp_path):
    rows = [
        {"text": "Дождь.", "topics": ["rain"]},
        {"text": "Ветер.", "topics": ["wind"], "unknown": ["rain"]},
        {"text": "Пирог.", "topics": []},
        {"text": "Поезд."},
    ]
    # 1 has it, 0 has it not, -1 nobody judged it
    expected = [[1, 0], [-1, 1], [0, 0], [-1, -1]]
    assert labels(tmp_path, rows, [topic("rain"), topic("wind")], known=()) == expected


def test_a_file_labelled_before_the_topics_changed_still_goes(tmp_path):
    # `wet` is now called `rain`, `fog` was dropped.
    rows = [{"text": "Дождь в тумане.", "topics": ["wet", "fog"]}, {"text": "Ветер.", "topics": [], "unknown": ["wet"]}]
    topics = [topic("rain", was="wet"), topic("wind")]
    assert labels(tmp_path, rows, topics, known=["wet", "fog"]) == [[1, 0], [-1, 0]]


@pytest.mark.parametrize("column", ["rain", "wet"], ids=["the new id", "the earlier id"])
def test_a_column_of_yes_and_no_counts_for_a_renamed_topic_under_either_id(tmp_path, column):
    path = tmp_path / "mine.csv"
    # A blank cell in a table that says no elsewhere: nobody judged it.
    path.write_text(f"Текст;{column};wind\nДождь.;1;0\nВетер.;0;1\nПирог.;;0\n", encoding="utf-8")
    topics = [topic("rain", was="wet"), topic("wind")]
    assert table_labels(path, topics, known=["wet", "fog"]) == [[1, 0], [0, 1], [-1, 0]]


def test_a_table_may_have_columns_for_both_ids_of_a_renamed_topic(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("Текст;rain;wet;wind\nДождь.;;1;0\nВетер.;0;;1\nПирог.;;;0\n", encoding="utf-8")
    assert table_labels(path, [topic("rain", was="wet"), topic("wind")], known=["wet"]) == [[1, 0], [0, 1], [-1, 0]]


def test_a_renamed_topic_without_a_column_was_not_judged(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("Текст;wind\nДождь.;0\nВетер.;1\n", encoding="utf-8")
    assert table_labels(path, [topic("rain", was="wet"), topic("wind")], known=["wet"]) == [[-1, 0], [-1, 1]]


def test_a_topic_given_under_one_id_is_not_unknown_for_being_so_under_the_other(tmp_path):
    rows = [{"text": "Дождь.", "topics": ["rain"], "unknown": ["wet"]}]
    assert labels(tmp_path, rows, [topic("rain", was="wet")], known=["wet"]) == [[1]]


def test_a_topic_that_nobody_ever_knew_is_a_slip(tmp_path):
    with pytest.raises(DataError, match="unknown topic 'rian' in 'topics'; did you mean 'rain'"):
        labels(tmp_path, [{"text": "Дождь.", "topics": ["rian"]}], [topic("rain")], known=["wind"])


def test_two_topics_cannot_become_one():
    with pytest.raises(ConfigError, match="'threats' says it was 'forces', but both were topics before"):
        label_scheme(OWN, [topic("threats", was="forces")])


def test_files_that_were_perhaps_labelled_before_a_topic_was_thought_of(tmp_path):
    topics = [topic("rain"), topic("fog")]
    files = {
        "old.jsonl": [{"text": "Дождь.", "topics": ["rain"]}],
        "says-so.jsonl": [{"text": "Дождь.", "topics": ["rain"], "unknown": ["fog"]}],
        "new.jsonl": [{"text": "Туман.", "topics": ["fog"]}, {"text": "Дождь.", "topics": ["rain"]}],
    }
    schemes = {}
    for name, rows in files.items():
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in rows), encoding="utf-8")
        schemes[path] = label_scheme(path, topics, ["rain"])
    assert files_without(["fog"], schemes) == [(tmp_path / "old.jsonl", ["fog"])]
