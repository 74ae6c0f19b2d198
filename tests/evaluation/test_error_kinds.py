"""Errors that were read by eye, counted by kind."""

import json
from pathlib import Path

import pytest

from svodka.errors import DataError
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


def test_a_new_file_has_the_table_between_markers(errors_file, tmp_path):
    path, out = errors_file(MISSED), tmp_path / "ERRORS.md"
    assert main([str(path), "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert text.startswith(
        "# Errors by kind\n\nMade by `python -m svodka.evaluation.error_kinds` from `errors.jsonl`.\n"
    )
    assert f"\n<!-- errors: errors.jsonl -->\n{table([MISSED])}<!-- end of errors -->\n" in text


def test_what_people_wrote_around_the_table_stays(errors_file, tmp_path):
    out = tmp_path / "ERRORS.md"
    out.write_text(
        "Before.\n<!-- errors: errors.jsonl -->\nold\n<!-- end of errors -->\nAfter \\1.\n", encoding="utf-8"
    )
    assert main([str(errors_file(FALSE)), "--out", str(out)]) == 0
    expected = f"Before.\n<!-- errors: errors.jsonl -->\n{table([FALSE])}<!-- end of errors -->\nAfter \\1.\n"
    assert out.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("What people wrote.\n", 0),
        ("<!-- errors: other.jsonl -->\n<!-- end of errors -->\n", 0),
        ("<!-- errors: errors.jsonl -->\n<!-- end of errors -->\n" * 2, 2),
    ],
)
def test_a_file_without_a_place_for_the_table_stays_as_it_is(errors_file, tmp_path, text, times):
    out = tmp_path / "ERRORS.md"
    out.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"ERRORS\.md: expected '<!-- errors: errors\.jsonl -->' .* them {times} t"):
        main([str(errors_file(FALSE)), "--out", str(out)])
    assert out.read_text(encoding="utf-8") == text


def test_our_own_table_is_that_of_our_file(tmp_path):
    ours, copy = OURS / "README.md", tmp_path / "README.md"
    copy.write_bytes(ours.read_bytes())
    assert main([str(OURS / "real.jsonl"), "--out", str(copy)]) == 0
    assert copy.read_bytes() == ours.read_bytes()
    new = tmp_path / "NEW.md"  # also its head is the command's
    assert main([str(OURS / "real.jsonl"), "--out", str(new)]) == 0
    assert ours.read_text(encoding="utf-8").startswith(new.read_text(encoding="utf-8"))
