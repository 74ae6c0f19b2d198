import json
import xml.etree.ElementTree as ET

import pytest

from svodka.errors import ConfigError, DataError
from svodka.topics import Topic
from svodka.training.formats import Example
from svodka.training.formats.to_tools import (
    doccano_labels,
    doccano_rows,
    label_studio_config,
    label_studio_tasks,
    spoken_names,
)


def choices(*names, control="topics"):
    return {"from_name": control, "to_name": "text", "type": "choices", "value": {"choices": list(names)}}


def task(text, *results, **more):
    """A task with one annotation for each list of results."""
    annotations = [{"id": 100 + place, "completed_by": place, "result": list(one)} for place, one in enumerate(results)]
    return {"id": 5, "data": {"text": text}, "annotations": annotations} | more


class TestTasks:
    def test_choices_are_topics(self, labels):
        tasks = [task("Льёт и печёт", [choices("Дожди", "heat")]), task("Печёт", [choices("Жара и засуха")])]
        assert labels("project.json", tasks) == {"Льёт и печёт": ("rain", "heat"), "Печёт": ("heat",)}

    def test_an_annotation_without_a_choice_means_no_topic(self, labels):
        assert labels("project.json", [task("Тихо", [])]) == {"Тихо": ()}

    def test_no_annotation_and_a_skipped_one_mean_not_labelled(self, read):
        skipped = task("Скучно", [choices("rain")])
        skipped["annotations"][0]["was_cancelled"] = True
        reading = read("project.json", [task("Не читано", id=6), skipped])
        assert [one.topics for one in reading.examples] == [None, None]
        assert reading.understood[-1] == "1 tasks were skipped (cancelled) by their readers: taken as not labelled"

    def test_a_skipped_annotation_does_not_count_beside_another(self, labels):
        one = task("Льёт", [choices("rain")], [choices("heat")])
        one["annotations"][1]["was_cancelled"] = True
        assert labels("project.json", [one]) == {"Льёт": ("rain",)}

    def test_readers_who_agree(self, labels):
        both = [choices("rain", "heat")], [choices("Жара и засуха"), choices("Дожди")]
        assert labels("project.json", [task("Льёт и печёт", *both)]) == {"Льёт и печёт": ("rain", "heat")}

    def test_readers_who_disagree(self, faults):
        one = task("Льёт", [choices("rain")], [choices("heat", "rain")], [])
        assert faults("project.json", [one]) == ["1: column 'topics': its 3 readers disagree: none, rain, rain+heat"]

    def test_who_labelled_when_is_kept(self, read):
        one = task("Льёт", [choices("rain")], updated_at="today")
        one["annotations"][0] |= {"lead_time": 3.5, "ground_truth": False}
        one["data"]["source"] = "tv"
        example = read("project.json", [one]).examples[0]
        kept = {"task": 5, "annotations": [{"id": 100, "completed_by": 0, "lead_time": 3.5}]}
        assert (example.id, example.meta) == ("5", {"source": "tv", "label_studio": kept})

    def test_predictions_are_no_labels(self, read):
        prediction = {"model_version": "a", "score": 0.7, "result": [choices("heat")]}
        example = read("project.json", [task("Печёт", predictions=[prediction])]).examples[0]
        assert (example.topics, example.meta["label_studio"]["predictions"]) == (None, [prediction])

    def test_the_control_whose_choices_are_topics(self, read):
        results = [choices("good", control="quality"), choices("Дожди", control="what")]
        reading = read("project.json", [task("Льёт", results), task("Печёт", results[:1])])
        assert [one.topics for one in reading.examples] == [("rain",), ()]
        assert reading.understood[1] == "text from data.text, topics from the choices of 'what'"
        assert reading.examples[0].meta["label_studio"]["other_results"] == results[:1]

    def test_the_user_may_name_control_and_text(self, labels):
        one = {
            "data": {"text": "заголовок", "lead": "Льёт"},
            "annotations": [{"result": [choices("rain", control="b")]}],
        }
        assert labels("project.json", [one], text_column="lead", label_columns=("b",)) == {"Льёт": ("rain",)}

    def test_a_control_that_is_not_there(self, read):
        with pytest.raises(DataError, match=r"no column 'topcs' for --label-column; did you mean 'topics'\?"):
            read("project.json", [task("Льёт", [choices("rain")])], label_columns=("topcs",))

    def test_a_project_without_choices(self, read):
        span = {"from_name": "what", "type": "labels", "value": {"start": 0, "end": 4, "labels": ["rain"]}}
        with pytest.raises(DataError, match=r"its annotations have no choices.*\(they have: labels\)"):
            read("project.json", [task("Льёт", [span])])

    def test_completions_of_old_versions(self, labels):
        old = {"data": {"text": "Льёт"}, "completions": [{"skipped": False, "result": [choices("rain")]}]}
        assert labels("project.json", [old]) == {"Льёт": ("rain",)}

    def test_an_unknown_choice_is_named(self, faults):
        assert faults("project.json", [task("Льёт", [choices("Дождь")])]) == [
            "1: column 'topics': unknown topic 'Дождь'; did you mean 'Дожди'?"
        ]

    def test_one_task_alone(self, labels):
        assert labels("5.json", task("Льёт", [choices("rain")])) == {"Льёт": ("rain",)}
        assert labels("5.json", json.dumps(task("Льёт", [choices("rain")]), indent=2)) == {"Льёт": ("rain",)}


HEADER = '"annotation_id","annotator","created_at","id","lead_time","sentiment","text","updated_at"\n'


class TestFlat:
    """CSV and JSON-MIN."""

    def test_one_choice_several_and_none(self, labels):
        table = HEADER + (
            '1,"a@b.c","2026",11,2.5,"Дожди","Льёт","2026"\n'
            '2,"a@b.c","2026",12,2.5,"{""choices"": [""rain"", ""heat""]}","Льёт и печёт","2026"\n'
            '3,"a@b.c","2026",13,2.5,,"Тихо","2026"\n'
        )
        assert labels("project.csv", table) == {"Льёт": ("rain",), "Льёт и печёт": ("rain", "heat"), "Тихо": ()}

    def test_rows_of_one_task_are_readers(self, read):
        table = HEADER + (
            '1,"a","",11,1,"rain","Льёт",""\n2,"b","",11,1,"Дожди","Льёт",""\n'
            '3,"a","",12,1,"heat","Печёт",""\n4,"b","",12,1,,"Печёт",""\n'
        )
        reading = read("project.csv", table)
        assert [(one.id, one.topics) for one in reading.examples] == [("11", ("rain",))]
        assert reading.rejected[0].reason == "column 'sentiment': its 2 readers disagree: heat, none"
        assert reading.understood[-1] == "2 tasks have annotations of several readers"

    def test_cancelled_and_missing_annotations(self, labels):
        header = "annotation_id\tannotator\tid\tlead_time\ttopics\ttext\twas_cancelled\n"
        rows = "1\ta\t1\t1\train\tЛьёт\tTrue\n\t\t2\t\t\tПечёт\t\n3\ta\t3\t1\theat\tЖарит\tFalse\n"
        assert labels("project.tsv", header + rows) == {"Льёт": None, "Печёт": None, "Жарит": ("heat",)}

    def test_json_min(self, labels):
        common = {"annotator": 1, "annotation_id": 7, "lead_time": 2.0}
        rows = [
            {"text": "Льёт", "id": 1, "what": "Дожди"} | common,
            {"text": "Льёт и печёт", "id": 2, "what": {"choices": ["rain", "heat"]}} | common,
            {"text": "Тихо", "id": 3} | common,
        ]
        assert labels("project.json", rows) == {"Льёт": ("rain",), "Льёт и печёт": ("rain", "heat"), "Тихо": ()}


class TestExport:
    EXAMPLES = (
        Example(1, "a", "Льёт и печёт", ("rain", "heat"), ("road_works",), "tv", None, {"doc": 3}),
        Example(2, "b", "Тихо", ()),
        Example(3, "c", "Не читано", None, scores={"rain": 0.8, "heat": 0.45, "road_works": 0.1}),
    )

    def test_tasks(self, topics):
        labelled, none, unread = label_studio_tasks(self.EXAMPLES, spoken_names(topics))
        assert labelled["data"] == {
            "svodka_id": "a", "text": "Льёт и печёт", "unknown": ["road_works"], "genre": "tv", "meta": {"doc": 3},
        }  # fmt: skip
        assert labelled["annotations"][0]["result"][0]["value"] == {"choices": ["Дожди", "Жара и засуха"]}
        assert none["annotations"] == [{"result": []}]
        assert "annotations" not in unread

    def test_scores_become_a_prediction(self, topics):
        last = list(label_studio_tasks(self.EXAMPLES, spoken_names(topics, "id"), model_version="m1"))[-1]
        prediction = last["predictions"][0]
        assert prediction["result"][0]["value"] == {"choices": ["rain"]}
        # The least sure decision is that on heat: 0.45 is "no" with 0.55.
        assert (prediction["model_version"], prediction["score"]) == ("m1", 0.55)

    @pytest.mark.parametrize(("limits", "chosen"), [(0.4, ["rain", "heat"]), ({"rain": 0.9, "heat": 0.4}, ["heat"])])
    def test_thresholds_of_the_prediction(self, topics, limits, chosen):
        last = list(label_studio_tasks(self.EXAMPLES, spoken_names(topics, "id"), thresholds=limits))[-1]
        assert last["predictions"][0]["result"][0]["value"]["choices"] == chosen

    def test_the_configuration_has_the_names_of_the_tasks(self, topics):
        view = ET.fromstring(label_studio_config(topics, spoken_names(topics)))
        assert (view.find("Text").get("name"), view.find("Text").get("value")) == ("text", "$text")
        control = view.find("Choices")
        assert (control.get("name"), control.get("toName"), control.get("choice")) == ("topics", "text", "multiple")
        assert [one.get("value") for one in control] == ["Дожди", "Жара и засуха", "Ремонт дорог"]
        assert control[1].get("hint") == "Сухо & жарко."

    def test_titles_must_differ(self):
        same = [Topic("a", "Осадки", "A", "", ""), Topic("b", "осадки", "B", "", "")]
        with pytest.raises(ConfigError, match=r"two topics have the same title \(ru\).* take --names id"):
            spoken_names(same)

    def test_labels_of_doccano_are_all_topics(self, topics):
        assert doccano_labels(spoken_names(topics, "en"))[1:] == [{"text": "Heat"}, {"text": "Road works"}]

    def test_rows_of_doccano_all_have_the_same_keys(self, topics):
        rows = list(doccano_rows(self.EXAMPLES, spoken_names(topics, "en")))
        assert {tuple(row) for row in rows} == {("id", "text", "label", "labelled", "svodka")}
        assert [(row["label"], row["labelled"]) for row in rows] == [
            (["Rain and storms", "Heat"], True),
            ([], True),
            ([], False),
        ]
