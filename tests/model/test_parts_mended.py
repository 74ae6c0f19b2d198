"""`svodka tag --parts` and broken rows: what is skipped, what stops the run, and how it goes on."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from part_runs import fake_at_work, parts, state, svodka, table

from svodka.cli.part_state import STATE_FILE
from svodka.errors import SvodkaError

BROKEN = '"Учения "Рубеж" идут."'  # its inner quotation marks are not doubled


@pytest.fixture(autouse=True)
def tagger(monkeypatch, tmp_path):
    return fake_at_work(monkeypatch, tmp_path)


def rows(broken, first="Учения идут."):
    """Return a table in which the row behind the first 30 is broken or mended."""
    row = BROKEN if broken else '"Учения ""Рубеж"" идут."'
    return "".join(f"{line}\n" for line in ["text", first, *[f"Склад полон {i}." for i in range(29)], row, "Дождь."])


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_run_that_broke_off_goes_on_when_the_rest_is_mended(capsys, tagger, suffix):
    def give(content):
        data = content.encode()
        Path(f"a.csv{suffix}").write_bytes(gzip.compress(data) if suffix else data)

    give(rows(broken=True))
    assert svodka(f"a.csv{suffix}") == 1
    assert f"a.csv{suffix}:32: broken CSV" in capsys.readouterr().err
    assert (len(parts()), state()["documents"]) == (3, 30)
    give(rows(broken=False))
    tagger.taken = 0
    assert svodka(f"a.csv{suffix}", "--resume") == 0
    assert tagger.taken == 2
    assert svodka(f"a.csv{suffix}", out="unbroken") == 0
    assert parts() == parts("unbroken")
    assert state() == state("unbroken")
    assert svodka(f"a.csv{suffix}", "--resume") == 0


def test_what_was_skipped_before_cannot_be_mended_in_its_place(capsys):
    lines = Path(table(rows=40)).read_text(encoding="utf-8").splitlines()
    whole = lines[1]
    lines[1] = lines[1][:-2]  # skipped, and in the first part
    Path("a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    Path("b.jsonl").write_text("{\n", encoding="utf-8")  # the run stops here
    assert svodka("a.jsonl", "b.jsonl") == 1
    skipped, stopped = capsys.readouterr().err.splitlines()
    assert skipped.startswith("svodka: skipped a.jsonl:2: not valid JSON: ")
    assert stopped.startswith("svodka: error: b.jsonl:1: not valid JSON: ")
    lines[1] = whole
    Path("a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert svodka("a.jsonl", "b.jsonl", "--resume") == 2
    assert capsys.readouterr().err == (
        "svodka: error: --resume: the first 23 texts are not those of which the parts in parts were made; what was "
        f"skipped before must stay as it was, too (1 in {Path('parts') / STATE_FILE}): tag it apart; give the inputs "
        "as they were up to there, or another --out\n"
    )


def test_a_run_that_stops_tells_of_ten_rows_that_it_skipped(capsys):
    Path("a.jsonl").write_text('{"text": "Да."}\n' + "{\n" * 12, encoding="utf-8")
    Path("b.jsonl").write_text("{\n", encoding="utf-8")
    assert svodka("a.jsonl", "b.jsonl") == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[:3] for line in said[:10]] == [["svodka", " skipped a.jsonl", f"{n}"] for n in range(2, 12)]
    assert said[10] == "svodka: … and 2 more"
    assert said[11].startswith("svodka: error: b.jsonl:1: ")


def test_a_run_that_stops_for_another_reason_tells_what_it_skipped_too(capsys, monkeypatch, tagger):
    def broken(texts, thresholds=None):  # noqa: ARG001
        list(texts)
        raise SvodkaError("the card is gone")

    Path("a.jsonl").write_text('{"text": "Да."}\n{\n{"text": "Нет."}\n', encoding="utf-8")
    monkeypatch.setattr(tagger, "stream", broken)
    assert svodka("a.jsonl") == 1
    skipped, stopped = capsys.readouterr().err.splitlines()
    assert skipped.startswith("svodka: skipped a.jsonl:2: not valid JSON: ")
    assert stopped == "svodka: error: the card is gone"


@pytest.mark.parametrize("refused", ["part-00001.jsonl", STATE_FILE])
def test_a_part_that_the_system_does_not_take_is_made_again(capsys, monkeypatch, refused):
    replace = Path.replace

    def busy(self, target):
        if Path(target).name == refused and len(parts()) > 0:
            raise PermissionError(13, "in use by another program", str(self), None, str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    assert svodka(table()) == 1
    said = f"{Path('parts') / refused}: in use by another program; --resume makes this part again\n"
    assert capsys.readouterr().err == f"svodka: error: {said}"
    assert not list(Path("parts").glob(".svodka-*"))
    monkeypatch.setattr(Path, "replace", replace)
    assert svodka("a.jsonl", "--resume") == 0


def test_an_input_that_is_not_there_is_told_once(capsys):
    assert svodka("a.jsonl") == 1
    assert capsys.readouterr().err == "svodka: error: a.jsonl: no such file\n"


@pytest.mark.parametrize(
    ("name", "broken", "reason"),
    [
        ("b.jsonl", b'{"text": 7}\n', "b.jsonl:1: 'text' must be a text or null"),
        ("b.csv", b"id,text\n1\n", "b.csv:2: expected 2 cells"),
        ("b.csv", b'text\n"\xd1\xf2\xee\xef" \xe4\xe0.\n', "b.csv: "),
        ("b.csv.gz", b"text\n", "b.csv.gz: damaged gzip file, soon after row 0"),
    ],
    ids=["first row", "first row of CSV", "first bytes", "not packed"],
)
def test_a_later_table_that_is_broken_from_its_beginning_can_be_mended(capsys, name, broken, reason):
    Path(name).write_bytes(broken)
    words = [table(), name, "--encoding", "utf-8"]
    assert svodka(*words) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"svodka: error: {reason}")
    assert error.endswith("; mend it, and --resume goes on behind the parts that are done\n")
    assert (len(parts()), state()["complete"]) == (3, False)
    mended = '{"text": "Дождь."}\n' if name == "b.jsonl" else "text\nДождь.\n"
    Path(name).write_bytes(gzip.compress(mended.encode()) if name.endswith(".gz") else mended.encode())
    assert svodka(*words, "--resume") == 0
    assert svodka(*words, out="unbroken") == 0
    assert parts() == parts("unbroken")
    assert len(parts()) == 4


def test_what_comes_from_standard_input_is_not_told_to_go_on(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": 7}\n')))
    assert svodka("-") == 1
    assert "'text' must be a text or null, got '7'\n" in capsys.readouterr().err


def test_a_run_that_broke_off_does_not_go_on_behind_other_texts(capsys):
    Path("a.csv").write_text(rows(broken=True), encoding="utf-8")
    assert svodka("a.csv") == 1
    before = parts()
    capsys.readouterr()
    Path("a.csv").write_text(rows(broken=False, first="Учений нет."), encoding="utf-8")
    assert svodka("a.csv", "--resume") == 2
    assert capsys.readouterr().err == (
        "svodka: error: --resume: the first 30 texts are not those of which the parts in parts were made; give the "
        "inputs as they were up to there, or another --out\n"
    )
    Path("a.csv").write_text("text\nУчения идут.\n", encoding="utf-8")  # and what is shorter is not the same either
    assert svodka("a.csv", "--resume") == 2
    assert parts() == before


def test_broken_rows_are_skipped_and_listed(capsys):
    assert svodka(table(), out="whole") == 0
    capsys.readouterr()
    lines = Path("a.jsonl").read_text(encoding="utf-8").splitlines()
    broken = [2, 5, *range(7, 27, 2)]  # rows from 0; of four rows, number 3 is empty
    for number in broken:
        lines[number] = lines[number][:-2]
    Path("a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert svodka("a.jsonl") == 3
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 12
    assert said[0].startswith("svodka: skipped a.jsonl:3: not valid JSON: ")
    assert said[10:] == [
        f"svodka: … and 2 more, all in {Path('parts') / STATE_FILE}",
        "svodka: documents 16, sentences 22, 2 empty, 12 skipped",
    ]
    assert [int(reason.split(":")[1]) - 1 for reason in state()["skipped"]] == broken
    gone = tuple(f'{{"source": "a.jsonl:{number + 1}",' for number in broken)
    kept = [line for line in b"".join(parts("whole").values()).decode().splitlines() if not line.startswith(gone)]
    assert b"".join(parts().values()).decode().splitlines() == kept
    assert svodka("a.jsonl", "--resume") == 3
    assert capsys.readouterr().err.splitlines() == said


def test_a_finished_run_still_tells_what_it_skipped(capsys, tagger):
    Path("b.csv").write_text("id,note\n1,Да.\n", encoding="utf-8")
    assert svodka(table(), "b.csv") == 3
    said, tagger.taken = capsys.readouterr().err, 0
    assert said.startswith("svodka: skipped b.csv: no column 'text'")
    assert svodka("a.jsonl", "b.csv", "--resume") == 3
    assert capsys.readouterr().err == said
    assert tagger.taken == 0
