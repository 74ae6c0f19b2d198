"""Errors that were read by eye, counted by kind."""

import json
from pathlib import Path

import pytest

from svodka.errors import DataError
from svodka.evaluation import error_kinds
from svodka.evaluation.error_kinds import main, read_errors, table

OURS = Path(__file__).parents[2] / "evaluation" / "errors"
MISSED = {"id": "a1", "topic": "forces", "error": "missed", "kind": "data gap"}
FALSE = {"id": "a1", "topic": "threats", "error": "false", "kind": "label border"}


@pytest.fixture
def errors_file(tmp_path):
    path = tmp_path / "errors.jsonl"

    def write(*errors):
        path.write_text("".join(json.dumps(one) + "\n" for one in errors), encoding="utf-8")
        return path

    return write


def test_errors_are_counted_by_kind_and_topic(errors_file):
    lines = table(read_errors(errors_file(MISSED, FALSE, MISSED | {"id": "a2"}))).splitlines()
    assert lines[0] == "3 wrong decisions in 2 sentences."
    assert lines[4].startswith("| data gap: ")
    assert lines[4].endswith(" | 2 | 0 |")
    assert "| `threats` | 0 | 1 |" in lines


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ([MISSED, {"id": "a2"}], r"errors\.jsonl:2: expected id, topic, error and kind"),
        ([MISSED | {"kind": "bad luck"}], r"errors\.jsonl:1: got 'missed' and 'bad luck'; known are .*data gap"),
        ([MISSED, MISSED], r"errors\.jsonl:2: a1 and forces stand there twice"),
    ],
)
def test_a_wrong_line_is_named(errors_file, errors, message):
    with pytest.raises(DataError, match=message):
        read_errors(errors_file(*errors))


def test_our_own_table_is_that_of_our_file(tmp_path):
    out = tmp_path / "README.md"
    assert main([str(OURS / "real.jsonl"), "--out", str(out)]) == 0
    assert (OURS / "README.md").read_text(encoding="utf-8").startswith(out.read_text(encoding="utf-8"))
    assert set(error_kinds.KINDS) >= {error["kind"] for error in read_errors(OURS / "real.jsonl")}
