"""`svodka tag` from the command line to the file, with a tagger of three keyword rules."""

from __future__ import annotations

import csv
import errno
import io
import json
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from fakes import FakeTagger

from svodka.cli import main, tag
from svodka.cli.tag import parse_thresholds
from svodka.columns import SAMPLE_BYTES
from svodka.documents import Document
from svodka.errors import ConfigError, ModelFilesError

ARTICLE = """Учения «Рубеж» начались в среду.

Зенитный расчёт прикрыл подвоз топлива. Вечером над полигоном прошёл дождь.
"""

# What the tests below run in a process of its own: the command line with the fake tagger.
PROGRAM = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import fakes, svodka.cli.tag
svodka.cli.tag.load_tagger = lambda folder: fakes.FakeTagger()
sys.exit(svodka.cli.main())
"""


@pytest.fixture(autouse=True)
def tagger(monkeypatch, tmp_path):
    """Work in an empty folder with the fake tagger; return it."""
    fake = FakeTagger()
    monkeypatch.setattr(tag, "load_tagger", lambda folder: fake)  # noqa: ARG005
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    return fake


def write(name, content=ARTICLE, encoding="utf-8"):
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_bytes(content.encode(encoding))


def svodka(*words):
    return main(["tag", *words])


def names():
    return sorted(path.name for path in Path().iterdir())


def jsonl(text):
    return [json.loads(line) for line in text.splitlines()]


def process(*words, **options):
    command = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), "tag", *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)


def test_a_file_gives_a_table(capsys):
    write("a.txt")
    assert svodka("a.txt") == 0
    out, err = capsys.readouterr()
    assert "■ Учения 0.90" in out
    assert "Предложений: 3, без темы: 1" in out
    assert err == "svodka: documents 1, sentences 3\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_offsets_point_into_the_text(capsys, encoding, line_end):
    text = ARTICLE.replace("\n", line_end)
    write("a.txt", text, encoding)
    assert svodka("a.txt", "--format", "jsonl") == 0
    rows = jsonl(capsys.readouterr().out)
    assert [text[row["start"] : row["end"]] for row in rows] == [row["text"] for row in rows]
    assert [(row["source"], row["index"], row["topics"]) for row in rows] == [
        ("a.txt", 0, ["exercises"]),
        ("a.txt", 1, ["air_defence", "logistics"]),
        ("a.txt", 2, []),
    ]


def test_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ARTICLE.encode("cp1251"))))
    assert svodka("-", "--format", "jsonl") == 0
    assert [row["source"] for row in jsonl(capsys.readouterr().out)] == ["-"] * 3


def test_cells_are_documents(capsys):
    write("ряды.csv", "id,text\n1,Учения идут. Дождь тоже.\n2,\n3,Склад полон.\n")
    assert svodka("ряды.csv", "--column", "text", "--format", "jsonl") == 0
    out, err = capsys.readouterr()
    assert [(row["source"], row["index"], row["start"]) for row in jsonl(out)] == [
        ("ряды.csv:1", 0, 0),
        ("ряды.csv:1", 1, 13),
        ("ряды.csv:3", 0, 0),
    ]
    assert err == "svodka: documents 2, sentences 3, 1 empty\n"


def test_a_folder_with_something_else_in_it_is_tagged_and_told(capsys):
    write("папка/a.txt")
    write("папка/b.docx", "PK")
    assert svodka("папка", "--format", "jsonl", "--quiet") == 3
    out, err = capsys.readouterr()
    assert {row["source"] for row in jsonl(out)} == {str(Path("папка/a.txt"))}
    assert err == f"svodka: skipped {Path('папка/b.docx')}: not one of .txt .md\n"


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "html", "txt"])
def test_the_suffix_of_out_tells_the_format(capsys, suffix):
    write("a.txt")
    assert svodka("a.txt", "--out", f"b.{suffix}") == 0
    assert capsys.readouterr().out == ""
    text = Path(f"b.{suffix}").read_text(encoding="utf-8")
    begins = {"jsonl": '{"source"', "csv": "\ufeffsource,", "html": "<!doctype html>", "txt": "a.txt\n"}
    assert text.startswith(begins[suffix])
    assert "Вечером над полигоном прошёл дождь." in text


def test_csv_ends_lines_once_and_keeps_those_inside_cells():
    write("a.jsonl", json.dumps({"text": "Учения\nидут\r\nдальше."}))
    assert svodka("a.jsonl", "--column", "text", "--out", "b.csv") == 0
    with Path("b.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["text"] for row in rows] == ["Учения\nидут\r\nдальше."]
    assert b"\r\r" not in Path("b.csv").read_bytes()


def test_thresholds_change_the_topics(capsys):
    write("a.txt", "Манёвры у склада.")

    def topics(*words):
        assert svodka("a.txt", "--format", "jsonl", *words) == 0
        return jsonl(capsys.readouterr().out)[0]["topics"]

    assert topics() == []
    assert topics("--threshold", "0.4") == ["exercises", "logistics"]
    assert topics("--threshold", "logistics=0.4") == ["logistics"]
    assert topics("--threshold", "logistics=0.8", "--threshold", "0.3") == ["exercises"]


def test_titles_in_english(capsys):
    write("a.txt")
    assert svodka("a.txt", "--lang", "en") == 0
    assert "■ Air defence 0.90" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["нет.txt"], 1, "нет.txt: no such file"),
        (["a.txxt"], 1, "a.txxt: no such file; did you mean 'a.txt'?"),
        (["нет.csv", "--column", "text"], 1, "нет.csv: no such file"),
        (["b.csv"], 2, "b.csv is a table: say which column holds the texts, as in --column text"),
        (["b.csv", "--column", "txt"], 1, "b.csv: no column 'txt'; did you mean 'text'? (its columns: 'id', 'text')"),
        (["c.jsonl", "--column", "text"], 1, "c.jsonl:2: not valid JSON"),
        (["a.txt", "--format", "xml"], 2, "invalid choice: 'xml'"),
        (["a.txt", "--out", "b.html", "--format", "csv"], 2, "--format csv and --out b.html disagree"),
        (["a.txt", "--out", "b.jsonl.gz"], 2, "--out b.jsonl.gz: results are not packed; leave .gz off"),
        (["a.txt", "--out", "a.txt"], 2, "--out a.txt is also an input and would be overwritten"),
        (["a.txt", "--out", "там/b.html"], 2, f"--out {Path('там/b.html')}: there is no folder 'там'"),
        (["a.txt", "--out", "."], 2, "--out . is a folder; name a file in it"),
        (["a.txt", "--threshold", "много"], 2, "--threshold много: 'много' is not a number"),
        (["a.txt", "--threshold", "nan"], 2, "--threshold nan: nan is not between 0 and 1"),
        (["a.txt", "--threshold", "exercise=0.4"], 2, "no topic 'exercise'; did you mean 'exercises'?"),
        (["a.txt", "--encoding", "utf-88"], 2, "unknown encoding 'utf-88'"),
        ([], 2, "the following arguments are required: INPUT"),
        (["a.txt", "--colour"], 2, "unrecognized arguments: --colour"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(capsys, words, code, message):
    write("a.txt")
    write("b.csv", "id,text\n1,Да.\n")
    write("c.jsonl", '{"text": "Да."}\n{"text":\n')
    assert svodka(*words) == code
    err = capsys.readouterr().err
    assert err.startswith("svodka: error: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_damaged_model_is_said_in_one_line(capsys, monkeypatch):
    def refuse(folder):
        raise ModelFilesError(f"{folder}: no model.json")

    monkeypatch.setattr(tag, "load_tagger", refuse)
    write("a.txt")
    assert svodka("a.txt", "--model", "m") == 1
    assert capsys.readouterr().err == "svodka: error: m: no model.json\n"


def test_two_thresholds_for_the_same_are_refused():
    with pytest.raises(ConfigError, match="a second value for exercises"):
        parse_thresholds(["exercises=0.1", "exercises=0.2"], FakeTagger.topics)
    with pytest.raises(ConfigError, match="a second value for all topics"):
        parse_thresholds(["0.1", "0.2"], FakeTagger.topics)


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt(), 130), (OSError(errno.ENOSPC, "No space left"), 1)])
def test_if_the_work_is_cut_short_the_old_result_stands(capsys, monkeypatch, tagger, stop, code):
    write("a.txt", ARTICLE * 20)
    write("out.jsonl", "старое")
    whole = tagger.stream

    def cut(texts, thresholds=None):
        for count, prediction in enumerate(whole(texts, thresholds)):
            if count == 30:
                raise stop
            yield prediction

    monkeypatch.setattr(tagger, "stream", cut)
    assert svodka("a.txt", "a.txt", "--out", "out.jsonl") == code
    assert capsys.readouterr().err.startswith("svodka: error: ")
    assert Path("out.jsonl").read_text(encoding="utf-8") == "старое"
    assert names() == ["a.txt", "out.jsonl"]


@pytest.fixture
def default_signal():
    """Let child processes die of a signal even where these tests run under `nohup`, which children inherit."""
    before = {}

    def reset(name):
        number = getattr(signal, name)
        before[number] = signal.signal(number, signal.SIG_DFL)
        return number

    yield reset
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("words", [["--out", "out.jsonl"], ["--out", "out", "--parts"]])
def test_a_process_that_is_told_to_end_clears_up(name, words, default_signal):
    number = default_signal(name)
    write("out.jsonl", "старое")
    with process("-", "--column", "text", *words, stdin=subprocess.PIPE) as running:
        # More than it reads at once to tell the encoding; the pipe stays open, so it waits for more in its first part.
        running.stdin.write("text\nУчения идут.\n".encode() + b"\n" * 2 * SAMPLE_BYTES)
        running.stdin.flush()
        while not (begun := list(Path().rglob(".svodka-*.tmp"))) and running.poll() is None:
            time.sleep(0.01)
        running.send_signal(number)
        assert running.stderr.read() == b""
    assert begun
    assert running.returncode == -number
    assert not list(Path().rglob(".svodka-*.tmp"))
    assert Path("out.jsonl").read_text(encoding="utf-8") == "старое"


def test_a_broken_row_far_down_leaves_the_old_result():
    write("a.jsonl", '{"text": "Учения."}\n' * 50 + "{")
    write("out.csv", "старое")
    assert svodka("a.jsonl", "--column", "text", "--out", "out.csv") == 1
    assert Path("out.csv").read_text(encoding="utf-8") == "старое"
    assert names() == ["a.jsonl", "out.csv"]


def test_a_table_streams_through(tagger):
    write("a.csv", "text\n" + "Учения идут.\n" * 1000)
    rows = tag.Inputs(["a.csv"], "text")
    from svodka.cli.pipeline import tag_documents

    first = next(tag_documents(tagger, rows, None, lambda size: None))  # noqa: ARG005
    assert first.source == "a.csv:1"
    assert tagger.taken < 10


def test_rows_without_a_sentence_are_counted_with_the_empty_ones(capsys):
    texts = ["Учения идут.", "—", "…", "***", "\u200b", "Склад полон.", None, "  "]
    write("a.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
    assert svodka("a.jsonl", "--column", "text", "--format", "jsonl") == 0
    out, err = capsys.readouterr()
    assert [row["source"] for row in jsonl(out)] == ["a.jsonl:1", "a.jsonl:6"]
    assert err == "svodka: documents 2, sentences 2, 6 empty\n"


def test_texts_without_a_sentence_do_not_pile_up(tagger):
    from svodka.cli.pipeline import tag_documents

    rows = (Document("a.csv", row, "—" * 5000, 0) for row in range(1000))  # 10 MB
    tracemalloc.start()
    try:
        assert list(tag_documents(tagger, rows, None, lambda size: None)) == []  # noqa: ARG005
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full")
def test_a_full_disk_behind_standard_output_is_said():
    write("a.txt", ARTICLE * 200)
    with Path("/dev/full").open("w", encoding="utf-8") as full, process("a.txt", stdout=full) as running:
        assert running.stderr.read().decode() == "svodka: error: No space left on device\n"
    assert running.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of the system")
def test_a_real_limit_on_the_file_leaves_the_old_result():
    import resource

    write("a.txt", ARTICLE * 200)
    write("out.html", "старое")
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # noqa: E731
    with process("a.txt", "--out", "out.html", stdout=subprocess.PIPE, preexec_fn=limit) as running:
        assert running.stderr.read().decode() == "svodka: error: out.html: File too large\n"
    assert running.returncode == 1
    assert Path("out.html").read_text(encoding="utf-8") == "старое"
    assert names() == ["a.txt", "out.html"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close differently")
def test_a_reader_that_leaves_early_is_no_error():
    write("a.txt", ARTICLE * 2000)
    with process("a.txt", "--format", "jsonl", "--quiet", stdout=subprocess.PIPE) as running:
        assert json.loads(running.stdout.readline())["index"] == 0
        running.stdout.close()
        assert running.stderr.read().decode() == ""
    assert running.returncode == 0


def test_there_is_no_progress_bar_in_a_pipe(monkeypatch):
    monkeypatch.setattr("svodka.cli.progress.PATIENCE_SECONDS", -1.0)
    write("a.txt", ARTICLE * 20)
    with process("a.txt", "--format", "jsonl", stdout=subprocess.DEVNULL) as running:
        assert running.stderr.read().decode() == "svodka: documents 1, sentences 60\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("words", "shown"), [([], True), (["--quiet"], False)])
def test_long_work_shows_a_bar_on_a_terminal(monkeypatch, words, shown):
    monkeypatch.setattr("svodka.cli.progress.PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    write("a.txt", ARTICLE * 20)
    assert svodka("a.txt", "--out", "b.jsonl", *words) == 0
    assert ("sentences," in terminal.getvalue()) == shown
    assert ("svodka: documents 1, sentences 60\n" in terminal.getvalue()) == shown
