"""A big file in small: edits of the pool, figures of memory, rows that are missing."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import pytest

from svodka.evaluation import big_file
from svodka.evaluation.big_file import MIB, Memory, Sample, edited, memory, missing_rows, write_input


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


def part(folder, number, *rows):
    lines = [json.dumps({"source": f"input.jsonl:{row}", "index": index}) for row, index in rows]
    (folder / f"part-{number:05d}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("second", "wrong"),
    [
        ([(3, 0)], None),
        ([(2, 1), (3, 0)], None),
        ([(4, 0)], r"part-00001.jsonl:1: sentence (4, 0) follows (2, 0)"),  # row 3 is lost
        ([(2, 0), (3, 0)], r"part-00001.jsonl:1: sentence (2, 0) follows (2, 0)"),  # row 2 comes again
        ([(3, 1)], r"part-00001.jsonl:1: sentence (3, 1) follows (2, 0)"),
        ([], "the last row is 2, not 3"),
    ],
)
def test_a_row_that_is_lost_or_comes_twice_is_found(tmp_path, second, wrong):
    part(tmp_path, 0, (1, 0), (1, 1), (2, 0))
    part(tmp_path, 1, *second)
    found = missing_rows(tmp_path, 3)
    assert (found or "").endswith(wrong or "")
    assert bool(found) == bool(wrong)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_a_small_big_file_is_tagged_killed_and_measured(trained_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(big_file, "SAMPLE_SECONDS", 0.02)
    (tmp_path / "pool.csv").write_text("text\nСбиты 12 целей. Выпал снег.\nХор пел.\n", encoding="utf-8")
    words = ["--pool", str(tmp_path / "pool.csv"), "--rows", "600", "--part-rows", "100", "--work", str(tmp_path)]
    assert big_file.main([*words, "--kills", "1", "--kill-after", "0.3", "--", "--model", str(trained_folder)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["rows"], result["sentences"], result["kills"]) == (600, 900, 1)
    assert 0 < result["rss_after_warm_up_mib"] <= result["rss_highest_mib"]
    assert big_file.main([*words, "--", "--model", str(trained_folder)]) == 1
    assert "is there already; remove it or give another --work" in capsys.readouterr().err


def test_a_command_that_fails_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(big_file, "PROGRAM", "import sys; sys.exit(7)")
    (tmp_path / "pool.csv").write_text("text\nХор пел.\n", encoding="utf-8")
    assert big_file.main(["--pool", str(tmp_path / "pool.csv"), "--rows", "3", "--work", str(tmp_path / "new")]) == 1
    expected = "exit code 7" if sys.platform == "linux" else "/proc"
    assert expected in capsys.readouterr().err
