"""A big file in small: edits of the pool, figures of memory, rows that are missing."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import pytest

from svodka.errors import ConfigError, DataError, SvodkaError
from svodka.evaluation import big_file
from svodka.evaluation.big_file import MIB, Memory, Sample, edited, memory, missing_rows, write_input
from svodka.files import atomic_write
from svodka.output import FORMATS, TaggedDocument, make_writer
from svodka.results import ArticlePrediction, Prediction, TaggedSentence


def test_no_text_comes_twice_and_what_it_says_stays():
    texts = list(itertools.islice(edited(["Сбиты 12 целей.", "Хор пел"], seed=1), 2000))
    assert len(set(texts)) == 2000
    assert texts[0].startswith("Сбиты ")
    assert texts[0].endswith(" целей № 0.")
    assert texts[0][6:8] != texts[2][6:8]
    assert texts[3] == "Хор пел № 3"


def test_the_input_has_as_many_rows_as_asked_for(tmp_path):
    (tmp_path / "pool.csv").write_text("text\nСбиты 12 целей.\nХор пел.\n", encoding="utf-8")
    write_input(tmp_path / "pool.csv", "text", 5, tmp_path / "input.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "input.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["text"][:3] for row in rows] == ["Сби", "Хор", "Сби", "Хор", "Сби"]


def test_drift_and_spread_are_counted_from_the_end_of_warm_up():
    # Fifths of two samples: warm-up, 100 and 100 MiB, ..., 104 and 106 MiB.
    sizes = [10, 300, 100, 100, 101, 98, 107, 103, 104, 106]
    samples = [Sample(i, size * MIB, 0.0) for i, size in enumerate(sizes)]
    assert memory(samples) == Memory(100.0, 105.0, 300.0, pytest.approx(5.0), pytest.approx(7.0))


def part(folder, number, form, *rows):
    """Write a part as `svodka tag` does; `rows` are row and index of its sentences."""
    documents = (
        TaggedDocument("input.jsonl", row, ArticlePrediction("Да.", tuple(sentences(group)), {}))
        for row, group in itertools.groupby(rows, key=lambda place: place[0])
    )
    layout = FORMATS[form]
    with atomic_write(
        folder / f"part-{number:05d}.{form}", "wb" if layout.binary else "w", newline=layout.newline
    ) as handle:
        writer = make_writer(form, handle, ())
        writer.begin()
        for document in documents:
            writer.write(document)
        writer.end()


def sentences(places):
    for _, index in places:
        yield TaggedSentence(index, 0, 3, Prediction("Да.", (), {}, truncated=False))


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize(
    ("second", "wrong"),
    [
        ([(3, 0)], None),
        ([(2, 1), (3, 0)], None),
        ([(4, 0)], "1: sentence (4, 0) follows (2, 0)"),  # row 3 is lost
        ([(2, 0), (3, 0)], "1: sentence (2, 0) follows (2, 0)"),  # row 2 comes again
        ([(3, 0), (3, 2)], "2: sentence (3, 2) follows (3, 0)"),
        ([], "the last row is 2, not 3"),
    ],
)
def test_a_row_that_is_lost_or_comes_twice_is_found(tmp_path, form, second, wrong):
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
    part(tmp_path, 0, form, (1, 0), (1, 1), (2, 0))
    part(tmp_path, 1, form, *second)
    place = f"{tmp_path / f'part-00001.{form}'}:" if wrong and second else ""
    assert missing_rows(tmp_path, 3) == (wrong and place + wrong)


LINUX = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")


@pytest.fixture
def words(tmp_path, monkeypatch):
    """The words of a command line for 3,000 sentences in 2,000 rows, 30 parts."""
    monkeypatch.setattr(big_file, "SAMPLE_SECONDS", 0.005)
    (tmp_path / "pool.csv").write_text("text\nСбиты 12 целей. Выпал снег.\nХор пел.\n", encoding="utf-8")
    return ["--pool", str(tmp_path / "pool.csv"), "--rows", "2000", "--part-rows", "100", "--work", str(tmp_path)]


@LINUX
def test_a_small_big_file_is_tagged_killed_and_measured(trained_folder, words, capsys):
    assert big_file.main([*words, "--kills", "2", "--", "--model", str(trained_folder)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["rows"], result["sentences"], result["kills"]) == (2000, 3000, 2)
    assert 132 <= result["rows_before_last_run"] < 2000  # two parts at least
    assert 0 < result["rss_after_warm_up_mib"] <= result["rss_highest_mib"]


@LINUX
def test_a_folder_that_is_there_is_told_before_anything_is_written(words, tmp_path):
    (tmp_path / "tagged-jsonl").mkdir()
    with pytest.raises(ConfigError, match="tagged-jsonl is there already; remove it or give another --work"):
        big_file.main(words)
    assert not (tmp_path / "input.jsonl").exists()


@LINUX
def test_a_run_that_is_done_before_it_can_be_killed_is_told(words, monkeypatch):
    monkeypatch.setattr(big_file, "PROGRAM", "")
    with pytest.raises(DataError, match="a run to be killed ended by itself with exit code 0; give more --rows"):
        big_file.main([*words, "--kills", "1"])


@LINUX
def test_a_last_run_that_begins_with_nothing_is_told(words, monkeypatch):
    monkeypatch.setattr(big_file, "_kill_behind_a_part", lambda command, folder: None)  # noqa: ARG005
    with pytest.raises(DataError, match="no row was done when the last run began"):
        big_file.main([*words, "--kills", "1"])


def test_a_command_that_fails_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(big_file, "PROGRAM", "import sys; sys.exit(7)")
    (tmp_path / "pool.csv").write_text("text\nХор пел.\n", encoding="utf-8")
    expected = "exit code 7" if sys.platform == "linux" else "/proc"
    with pytest.raises(SvodkaError, match=expected):
        big_file.main(["--pool", str(tmp_path / "pool.csv"), "--rows", "3", "--work", str(tmp_path / "new")])
