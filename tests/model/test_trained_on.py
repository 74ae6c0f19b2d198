from types import SimpleNamespace

import pytest

from svodka.trained_on import learnt_from, namesakes

FILES = [{"name": "may.jsonl", "sha256": "a1"}, {"name": "june.jsonl", "sha256": "b2"}]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"train": [{"name": "renamed.jsonl", "sha256": "b2"}]}, ["june.jsonl"]),  # the content counts, not the name
        ({"train": [], "validation": [{"sha256": "a1"}]}, ["may.jsonl"]),
        ({"train": [{"name": "may.jsonl", "sha256": "c3"}]}, []),
        ({"mixed": [{"sha256": "a1"}], "earlier": {"validation": [{"sha256": "b2"}]}}, ["may.jsonl", "june.jsonl"]),
        ({}, []),
    ],
)
def test_a_file_is_known_by_its_digest(data, expected):
    assert learnt_from(SimpleNamespace(details={"data": data}), FILES) == expected
    assert learnt_from(SimpleNamespace(details={}), FILES) == []


@pytest.mark.parametrize(
    ("quick", "expected"),
    [
        ({"data": {"train": [{"sha256": "b2"}]}}, ["may.jsonl", "june.jsonl"]),
        ({"data": {"earlier": {"validation": [{"sha256": "b2"}]}}}, ["may.jsonl", "june.jsonl"]),
        ({}, ["may.jsonl"]),
    ],
)
def test_what_the_quick_model_has_learnt_from_counts_too(quick, expected):
    details = {"data": {"train": [{"sha256": "a1"}]}, "cascade": {"quick": quick}}
    assert learnt_from(SimpleNamespace(details=details), FILES) == expected
    assert learnt_from(SimpleNamespace(details=details | {"cascade": {}}), FILES) == ["may.jsonl"]


def test_an_edited_file_is_known_by_its_name():
    details = {"data": {"train": [{"name": "may.jsonl", "sha256": "c3"}, {"name": "june.jsonl", "sha256": "b2"}]}}
    files = [{"name": f"data/{one['name']}", "sha256": one["sha256"]} for one in FILES]
    assert namesakes(SimpleNamespace(details=details), files) == ["data/may.jsonl"]
