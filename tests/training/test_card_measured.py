import argparse
import json

import pytest

from svodka.errors import DataError
from svodka.model_folder import read_model_info, verify_files
from svodka.training.card_cli import add_parser
from svodka.training.card_measured import index_entries, measured_section, read_report

EMPTY = {"value": None, "low": None, "high": None}


def report(digest="d" * 64, **figures):
    """Return the parts of a report.json that a card tells of."""
    result = {
        "macro_f1": {"value": 0.81239, "low": 0.75, "high": 0.86},
        "micro_f1": {"value": 0.85, "low": 0.8, "high": 0.9},
        "exact_match": EMPTY,
        "units": "sentences",
        "topics": [{"topic": "sport", "precision": 0.5, "recall": None, "f1": None, "support": 0}],
    }
    overlap = {"same_files": [], "exact": 0, "near": 0, "without": None}
    return {
        "overlap": overlap,
        "thresholds_from": {"given": []},
        "speed": {"sentences": 42},
        "date": "2026-11-25T10:00:00+00:00",
        "model": {"digest": digest},
        "data": {"n": 42, "files": [{"name": "some/where/dev.jsonl", "sha256": "ab" * 32, "rows": 42}]},
        "result": result | figures,
    }


def test_the_section_tells_figures_with_intervals_and_what_was_measured():
    section = measured_section([report()])
    assert "On 42 labelled sentences of dev.jsonl (SHA-256 abababababab), 2026-11-25" in section
    assert "| macro F1 | 0.812 | 0.750 to 0.860 |" in section
    assert "| `sport` | 0.500 | – | – | 0 |" in section
    assert "exact match" not in section  # it is not defined on these data
    assert "some/where" not in section


def test_others_on_the_same_sentences_stand_beside_the_model():
    score = {"value": 0.7, "low": 0.65, "high": 0.75}
    result = {"macro_f1": score, "micro_f1": score}
    ahead = {"value": 0.11, "low": 0.05, "high": 0.17, "p_value": 0.002}
    peer = {"title": "TF-IDF", "n_train": 63706, "result": result, "difference": ahead}
    own = report() | {"peers": [peer]}
    other = report(macro_f1=score) | {"model": {"digest": "e" * 64, "folder": "runs/open", "source": "folder"}}
    elsewhere = other | {"data": {"files": [{"name": "dev.jsonl", "sha256": "cd" * 32}]}}
    section = measured_section([own], [other, elsewhere])
    assert section.count("`open`") == 1
    assert "| `open` | – | 0.700 | 0.650 to 0.750 | 0.850 | – |" in section
    assert "| TF-IDF | 63,706 sentences | 0.700 | 0.650 to 0.750 | 0.700 | +11.0 [+5.0, +17.0], p = 0.002 |" in section
    assert "Others on the same" not in measured_section([report()], [elsewhere])


def test_what_others_learned_from_is_told_as_far_as_it_is_known():
    files = [
        {"name": "train.jsonl", "rows": 14313, "split": "train", "other_version": True},
        {"name": "validation.jsonl", "rows": 479, "split": "validation", "other_version": False},
    ]
    further = [{"name": "mine.jsonl", "rows": 2000, "split": "train"}]
    other = report("e" * 64) | {"overlap": report()["overlap"] | {"compared": files, "not_compared": further}}
    other["model"] |= {"folder": "runs/open", "source": "folder"}
    told = "an earlier or later `train.jsonl`, `mine.jsonl` (2,000 rows)"
    assert f"| `open` | {told} | 0.812 |" in measured_section([report()], [other])
    other["overlap"]["compared"][0]["other_version"] = False
    assert "| `open` | `train.jsonl` (14,313 rows), `mine.jsonl` (2,000 rows) |" in measured_section(
        [report()], [other]
    )


def test_without_reports_there_is_no_section():
    assert measured_section([]) == ""


def test_the_index_has_one_entry_for_each_report():
    (entry,) = index_entries([report()])
    assert entry["dataset"]["name"] == "dev.jsonl"
    assert [(one["name"], one["value"]) for one in entry["metrics"]] == [("macro F1", 0.8124), ("micro F1", 0.85)]


SAME = {"same_files": [{"data": "some/where/dev.jsonl", "split": "validation", "training": "tuned.jsonl"}]}
FLATTERED = "**Warning:** dev.jsonl is the very file on which thresholds and calibration were fitted (tuned.jsonl"


def seen(**overlap):
    """Return a report on data of which the model has seen something."""
    clean = report()
    return clean | {"overlap": clean["overlap"] | overlap}


def test_data_that_the_model_was_tuned_on_stay_out_of_the_index():
    assert len(index_entries([report(), seen(**SAME)])) == 1
    section = measured_section([seen(**SAME)])
    assert FLATTERED in section
    assert "some/where" not in section
    assert "Warning" not in measured_section([report()])


def test_sentences_that_the_model_has_seen_are_told_with_the_figures_of_the_others():
    without = {"n": 30, "macro_f1": {"value": 0.7, "low": 0.6, "high": 0.8}, "micro_f1": EMPTY}
    some = seen(exact=10, near=2, without=without)
    section = measured_section([some])
    assert "**Warning:** Sentences that the model has seen in training or tuning are in the data: 10 word" in section
    assert "Without the sentences that it has seen, on 30: macro F1 0.700 (0.600 to 0.800)." in section
    assert len(index_entries([some])) == 1


def test_data_of_which_the_model_has_seen_every_sentence_stay_out_of_the_index():
    assert index_entries([seen(exact=40, near=2)]) == []
    assert "The model has seen all of these sentences." in measured_section([seen(exact=40, near=2)])


def test_a_report_without_figures_stays_out_of_the_index():
    assert index_entries([report(macro_f1=EMPTY, micro_f1=EMPTY)]) == []


def test_a_figure_without_an_interval():
    assert "| macro F1 | 0.812 | – |" in measured_section(
        [report(macro_f1={"value": 0.812, "low": None, "high": None})]
    )


def read(tmp_path, text):
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    return read_report(path, "d" * 64)


# what else a JSON file may be, and what is said of it
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "this has no 'date'"),
        ({}, "this has no 'date'"),
        ("date", "this has no 'date'"),
        ({"date": "2026", "model": {"digest": None}}, "this has no 'model.digest'"),
        (report() | {"result": None}, "this one has behaviour cases alone, and no figures"),
        (report() | {"data": [1]}, "this has no 'data.n'"),
        ({"verdict": {}, "models": {}, "result": {}}, "this comes from 'svodka compare'"),
    ],
)
def test_something_else_than_a_report_is_refused(tmp_path, content, message):
    with pytest.raises(DataError, match=r"report\.json: expected the report\.json of 'svodka evaluate .*; ") as error:
        read(tmp_path, json.dumps(content))
    assert str(error.value).endswith(message)


def test_a_file_that_is_no_json_is_refused(tmp_path):
    with pytest.raises(DataError, match="this is no JSON"):
        read(tmp_path, "id,text")


def test_figures_with_other_thresholds_are_not_those_of_the_model(tmp_path):
    other = report() | {"thresholds_from": {"given": ["sport", "art"]}}
    with pytest.raises(DataError, match=r"thresholds from the command line \(sport, art\), .* without --threshold"):
        read(tmp_path, json.dumps(other))
    assert read(tmp_path, json.dumps(report()))["data"]["n"] == 42


@pytest.fixture
def write_card(model_copy, tmp_path):
    """Run `svodka card` on the tiny model with a report's content."""
    paths = [tmp_path / "report.json", tmp_path / "other.json"]

    def run(*contents):
        for path, content in zip(paths, contents, strict=False):
            path.write_text(json.dumps(content), encoding="utf-8")
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers())
        beside = ["--beside", str(paths[1])] if len(contents) > 1 else []
        args = parser.parse_args(["card", str(model_copy), str(paths[0]), *beside])
        from svodka.training.card_cli import run as command

        return command(args)

    return run


def test_the_card_of_a_folder_is_written_anew_and_the_hub_understands_it(model_copy, write_card):
    from huggingface_hub import ModelCard

    digest = read_model_info(model_copy).digest
    assert write_card(report(digest)) == 0
    card = ModelCard.load(model_copy / "README.md")
    figures = {(one.dataset_name, one.metric_name): one.metric_value for one in card.data.eval_results}
    assert figures["dev.jsonl", "macro F1"] == 0.8124
    assert ("validation rows of the recipe", "macro F1") in figures
    verify_files(model_copy)
    assert read_model_info(model_copy).digest == digest  # a second report still fits


def test_a_report_about_another_model_is_refused_and_the_card_stays(model_copy, write_card):
    before = (model_copy / "README.md").read_bytes()
    with pytest.raises(DataError, match=r"report\.json: is about another model \(dddddddddddd…, not "):
        write_card(report())
    assert (model_copy / "README.md").read_bytes() == before


def test_a_report_to_compare_with_must_be_on_the_same_files(model_copy, write_card):
    own = report(read_model_info(model_copy).digest)
    elsewhere = report() | {"data": {"n": 42, "files": [{"name": "old.jsonl", "sha256": "cd" * 32, "rows": 42}]}}
    with pytest.raises(DataError, match=r"other\.json: is on other files than the reports about "):
        write_card(own, elsewhere)
    assert write_card(own, report() | {"model": {"digest": "e" * 64, "folder": "open", "source": "folder"}}) == 0
    assert "| `open` |" in (model_copy / "README.md").read_text(encoding="utf-8")


def test_the_command_warns_of_figures_that_flatter(model_copy, write_card, capsys):
    content = seen(**SAME) | {"model": {"digest": read_model_info(model_copy).digest}}
    assert write_card(content) == 0
    err = capsys.readouterr().err
    assert "report.json: dev.jsonl is the very file on which thresholds and calibration were fitted" in err
    assert "its model-index leaves these figures out.\n" in err
    card = (model_copy / "README.md").read_text(encoding="utf-8")
    assert FLATTERED in card
    assert "name: dev.jsonl" not in card


OPEN = {"digest": "e" * 64, "folder": "runs/open", "source": "folder"}
INT8, FLOAT32 = {"precision": "int8"}, {"precision": "float32"}


def test_figures_beside_the_model_that_flatter_another_are_marked(model_copy, write_card, capsys):
    own = report(read_model_info(model_copy).digest)
    assert write_card(own, seen(**SAME) | {"model": OPEN}) == 0
    err = capsys.readouterr().err
    assert "other.json: dev.jsonl is the very file on which thresholds and calibration were fitted" in err
    assert err.count("WARNING") == 1  # the model's own report does not flatter it
    card = (model_copy / "README.md").read_text(encoding="utf-8")
    assert "**Warning** about `open`: dev.jsonl is the very file on which thresholds and calibration were" in card
    assert "some/where" not in card
    assert "name: dev.jsonl" in card  # the model's own figures stay in the index


@pytest.mark.parametrize("precision", [INT8, {}])  # reports from before told none
def test_a_model_does_not_stand_beside_itself(model_copy, write_card, precision):
    about = OPEN | {"digest": read_model_info(model_copy).digest}
    before = (model_copy / "README.md").read_bytes()
    with pytest.raises(DataError, match=r"other\.json: is about .* itself, in the same precision"):
        write_card(report() | {"model": about | INT8}, report() | {"model": about | precision})
    assert (model_copy / "README.md").read_bytes() == before


def test_a_model_stands_beside_itself_in_another_precision(model_copy, write_card):
    about = OPEN | {"digest": read_model_info(model_copy).digest}
    assert write_card(report() | {"model": about | INT8}, report() | {"model": about | FLOAT32}) == 0
    assert "| `open` in float32 | – | 0.812 |" in (model_copy / "README.md").read_text(encoding="utf-8")
