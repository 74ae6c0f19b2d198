import json

import pytest

from svodka.errors import DataError


def flat(text, answers, statuses=None, **more):
    statuses = statuses or ["submitted"] * len(answers)
    users = [f"u{place}" for place in range(len(answers))]
    question = {"what.responses": answers, "what.responses.users": users, "what.responses.status": statuses}
    return {"id": text.lower(), "text": text} | question | more


def test_flat_columns(read):
    rows = [
        flat("Льёт и печёт", [["Дожди", "heat"]], **{"what.suggestion": ["rain"], "what.suggestion.score": [0.9]}),
        flat("Тихо", [[]]),
        flat("Не читано", []),
    ]
    reading = read("records.json", rows)
    assert [(one.id, one.topics) for one in reading.examples] == [
        ("льёт и печёт", ("rain", "heat")),
        ("тихо", ()),
        ("не читано", None),
    ]
    assert reading.understood[:2] == (
        "JSON list: Argilla records",
        "text from 'text', topics from the responses to 'what'",
    )
    assert reading.examples[0].meta["what.suggestion"] == ["rain"]  # kept apart, and no label


def test_drafts_and_discarded_responses_are_no_labels(read):
    rows = [flat("Льёт", [["heat"], ["rain"]], ["draft", "submitted"]), flat("Печёт", [["heat"]], ["discarded"])]
    reading = read("records.json", rows)
    assert [one.topics for one in reading.examples] == [("rain",), None]
    assert reading.understood[-1] == "1 records have only drafts or discarded responses: taken as not labelled"


def test_readers_who_disagree(faults):
    assert faults("records.json", [flat("Льёт", [["rain"], ["heat"]])]) == [
        "1: column 'what': its 2 readers disagree: heat, rain"
    ]


def test_a_question_with_one_label(labels):
    assert labels("records.json", [flat("Льёт", ["Дожди"]), flat("Печёт", ["heat"])]) == {
        "Льёт": ("rain",),
        "Печёт": ("heat",),
    }


def test_the_question_whose_answers_are_topics(labels):
    rows = [flat("Льёт", [["rain"]], **{"sure.responses": ["yes"], "sure.responses.status": ["submitted"]})]
    assert labels("records.json", rows) == {"Льёт": ("rain",)}


def test_a_question_that_is_not_there(read):
    with pytest.raises(DataError, match=r"no column 'wat' for --label-column.*\(its columns: 'what'\)"):
        read("records.json", [flat("Льёт", [["rain"]])], label_columns=("wat",))


def test_nested_records(read):
    record = {
        "id": "7",
        "fields": {"text": "Льёт"},
        "metadata": {"source": "tv"},
        "suggestions": {"what": {"value": ["heat"], "score": 0.4, "agent": "m"}},
        "responses": {"what": [{"value": ["rain"], "user_id": "u"}], "note": [{"value": "сыро", "user_id": "u"}]},
        "vectors": {},
        "_server_id": None,
    }
    one = read("records.json", [record]).examples[0]
    assert (one.id, one.text, one.topics) == ("7", "Льёт", ("rain",))
    assert one.meta == {"source": "tv", "suggestions": record["suggestions"], "note.responses": ["сыро"]}


@pytest.mark.parametrize(
    "responses",
    [
        [{"user_id": "u", "value": ["rain"], "status": "submitted"}],
        {"user_id": ["u"], "value": [["rain"]], "status": ["submitted"]},
    ],
)
def test_version_1(labels, responses):
    assert labels("records.json", [{"text": "Льёт", "what": responses, "what-suggestion": ["heat"]}]) == {
        "Льёт": ("rain",)
    }


def test_a_folder_of_argilla(tmp_path, read):
    (tmp_path / "records.json").write_text(json.dumps([flat("Льёт", [["rain"]])]), encoding="utf-8")
    reading = read("", tmp_path)
    assert reading.examples[0].topics == ("rain",)
    assert reading.understood[0] == "Argilla folder: Argilla records"


def test_a_dataset_on_disk(tmp_path, read):
    datasets = pytest.importorskip("datasets", reason="needs svodka[train]")
    datasets.disable_progress_bars()
    datasets.Dataset.from_list([flat("Льёт", [["rain"]]), flat("Тихо", [["heat"], []])]).save_to_disk(tmp_path / "data")
    reading = read("", tmp_path / "data")
    assert [one.topics for one in reading.examples] == [("rain",)]
    assert reading.rejected[0].row == 2


def test_a_record_without_a_field_of_text(read):
    with pytest.raises(DataError, match=r"no column of sentences found \('picture'\)"):
        read("records.json", [{"fields": {"picture": "a.png"}, "responses": {}, "suggestions": {}}])
