import argparse
import json

import pytest

from svodka.errors import DataError
from svodka.model_folder import read_model_info, verify_files
from svodka.training.card_cli import add_parser
from svodka.training.card_measured import index_entries, measured_section

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
    return {
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


def test_without_reports_there_is_no_section():
    assert measured_section([]) == ""


def test_the_index_has_one_entry_for_each_report():
    (entry,) = index_entries([report()])
    assert entry["dataset"]["name"] == "dev.jsonl"
    assert [(one["name"], one["value"]) for one in entry["metrics"]] == [("macro F1", 0.8124), ("micro F1", 0.85)]


@pytest.fixture
def write_card(model_copy, tmp_path):
    """Run `svodka card` on the tiny model with a report's content."""
    path = tmp_path / "report.json"

    def run(content):
        path.write_text(json.dumps(content), encoding="utf-8")
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers())
        args = parser.parse_args(["card", str(model_copy), str(path)])
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


@pytest.mark.parametrize("content", [[], {}, {"model": {"digest": "x"}}])
def test_something_else_than_a_report_is_refused(write_card, content):
    with pytest.raises(DataError, match=r"expected the report\.json of 'svodka evaluate --out DIR'"):
        write_card(content)
