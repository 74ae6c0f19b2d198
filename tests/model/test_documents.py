"""What is found behind the names of a command line."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import sys
import threading
from pathlib import Path

import pytest
from reading import TEXT, cells, found

from svodka.columns import SAMPLE_BYTES, read_column
from svodka.documents import Inputs
from svodka.errors import ConfigError, DataError, MissingExtraError


def stdin_of(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_file_is_one_document(tmp_path):
    file = tmp_path / "сводка.txt"
    file.write_bytes(TEXT.encode())
    documents, inputs = found(file)
    assert documents == [(str(file), TEXT)]
    assert inputs.total == len(TEXT.encode())


def test_a_folder_gives_its_texts_sorted_and_tells_what_it_left(tmp_path):
    for name in ("б.txt", "а.md", "вложено/г.TXT", ".git/config.txt", "снимок.jpg", "ряды.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    documents, inputs = found(tmp_path)
    assert [Path(source) for source, _ in documents] == [tmp_path / name for name in ("а.md", "б.txt", "вложено/г.TXT")]
    assert inputs.skipped == [
        f"{tmp_path / 'ряды.csv'}: a table, and no --column was given",
        f"{tmp_path / 'снимок.jpg'}: not one of .txt .md",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("было.jsonl", '{"source": "a.txt", "index": 0}\n'),
        ("было.csv", "\ufeffsource,index,start\n"),
        ("было.html", "<!"),
    ],
)
def test_a_folder_does_not_give_earlier_results_that_are_replaced(tmp_path, name, content):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / name).write_text(content, encoding="utf-8")
    documents, inputs = found(tmp_path, column="text", leave_out=tmp_path / name)
    assert len(documents) == 1
    assert not inputs.skipped


@pytest.mark.parametrize(("name", "content"), [("b.txt", TEXT), ("b.csv", f"id,text\n1,{TEXT}\n")])
def test_a_text_of_a_folder_is_not_overwritten_with_results(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"--out .*{name} is also an input and would be overwritten"):
        Inputs([str(tmp_path)], "text", leave_out=tmp_path / name)


def test_a_column_of_what_is_no_table_is_refused(tmp_path):
    (tmp_path / "a.json").write_text('[{"text": "Да."}]', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.json is none of the tables that --column reads: \.csv"):
        Inputs([str(tmp_path / "a.json")], "text")


def test_a_column_of_text_files_alone_is_refused(tmp_path):
    (tmp_path / "из Excel.txt").write_text("id\ttext\n1\tДа.\n", encoding="utf-8")  # «Текст Юникод (*.txt)»
    with pytest.raises(ConfigError, match=r"--column text: .*из Excel\.txt is read as one text, .*ending \(\.csv"):
        Inputs([str(tmp_path / "из Excel.txt")], "text")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"text": "Учения начались."}\n{"text": "Связь есть."}\n', "JSON Lines; name the column of texts"),
        ('{"name": "Канал",\n "messages": [{"text": "Учения начались."}]}', "a JSON document; make a table of it"),
        ('[\n {"text": "Учения начались."}\n]', "a JSON document; make a table of it"),
        ("\n<!DOCTYPE html>\n<p>Учения начались.</p>", "a page of HTML or XML; open it"),
        ('<?xml version="1.0"?><p>Учения начались.</p>', "a page of HTML or XML; open it"),
    ],
)
def test_a_page_or_data_for_programs_is_no_text(tmp_path, monkeypatch, text, what):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"a\.txt: expected text, got {what}"):
        found(tmp_path / "a.txt")
    stdin_of(monkeypatch, text.encode())  # `cat posts.jsonl | svodka tag -` with --column forgotten
    with pytest.raises(DataError, match=rf"standard input: expected text, got {what}"):
        found("-")


@pytest.mark.parametrize(
    "text", ["<b>Учения</b> начались.", "[1] Учения начались.", "{Учения} начались.", "[1, 2]\nДа."]
)
def test_a_text_with_tags_or_brackets_is_a_text(tmp_path, text):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    assert found(tmp_path / "a.txt")[0] == [(str(tmp_path / "a.txt"), text)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="other systems have no named pipes")
@pytest.mark.parametrize("table", ["id;text\n1;Учение.\n2;Погода.\n", '{"text": "Учение."}\n{"text": "Погода."}\n'])
def test_a_pipe_without_an_ending_gives_its_column(tmp_path, table):
    pipe = tmp_path / "63"  # bash makes /dev/fd/63 of <(zcat posts.csv.gz)
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_text, args=(table, "utf-8"))
    writing.start()
    documents, _ = found(pipe, column="text")
    writing.join()
    assert documents == [(f"{pipe}:1", "Учение."), (f"{pipe}:2", "Погода.")]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_name_that_is_no_utf8_is_told_with_escapes(tmp_path):
    name = os.fsdecode(b"\xf1\xe2\xff\xe7\xfc.txt")  # «связь» in windows-1251
    (tmp_path / name).write_text(TEXT, encoding="utf-8")
    documents, _ = found(tmp_path)
    assert documents == [(f"{tmp_path}/\\xf1\\xe2\\xff\\xe7\\xfc.txt", TEXT)]


def test_a_table_without_the_column_does_not_stop_the_others(tmp_path):
    (tmp_path / "a.csv").write_text("id,note\n1,Да.\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"id,text\n1,{TEXT}\n", encoding="utf-8")
    documents, inputs = found(tmp_path, column="text")
    assert documents == [(f"{tmp_path / 'b.csv'}:1", TEXT)]
    assert inputs.skipped == [f"{tmp_path / 'a.csv'}: no column 'text' (its columns: 'id', 'note')"]


def test_a_folder_with_a_column_gives_texts_and_tables(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"text\n{TEXT}\n", encoding="utf-8")
    documents, _ = found(tmp_path, column="text")
    assert documents == [(str(tmp_path / "a.txt"), TEXT), (f"{tmp_path / 'b.csv'}:1", TEXT)]


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    (tmp_path / "good.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"%PDF-1.7 \x00\x01")
    documents, inputs = found(tmp_path / "bad.txt", tmp_path / "good.txt", tmp_path / "goood.txt")
    assert [text for _, text in documents] == [TEXT]
    assert "PDF" in inputs.skipped[0]
    assert inputs.skipped[1].endswith("no such file; did you mean 'good.txt'?")


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"нет\.txt: no such file"):
        found(tmp_path / "нет.txt")
    with pytest.raises(DataError, match=r"none of 2 inputs could be read, the first: .*нет\.txt"):
        found(tmp_path / "нет.txt", tmp_path / "тоже нет.txt")


@pytest.mark.parametrize("text", [" \n\t\n", "—", "…", "* * *", "\u200b\u2060", "•"])
def test_what_holds_no_sentence_is_counted_as_empty(tmp_path, text):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    documents, inputs = found(tmp_path / "a.txt")
    assert documents == []
    assert inputs.empty == 1


def test_standard_input_is_bytes_in_whatever_encoding(monkeypatch):
    stdin_of(monkeypatch, TEXT.encode("cp1251"))
    documents, inputs = found("-")
    assert documents == [("-", TEXT)]
    assert inputs.total is None


def test_standard_input_can_be_a_table(monkeypatch):
    stdin_of(monkeypatch, f'{{"text": "{TEXT}"}}\n'.encode())
    assert found("-", column="text")[0] == [("-:1", TEXT)]
    stdin_of(monkeypatch, f"id;text\n7;{TEXT}\n".encode())
    assert found("-", column="text")[0] == [("-:1", TEXT)]


def test_standard_input_is_read_once():
    with pytest.raises(ConfigError, match="only once"):
        Inputs(["-", "-"])


def test_a_table_needs_a_column(tmp_path):
    with pytest.raises(ConfigError, match=r"posts\.csv is a table: .*--column"):
        Inputs([str(tmp_path / "posts.csv")])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("запятая.csv", 'id,text,when\n1,"Учение, второе за год.",май\n2,Погода ясная,июнь\n'),
        ("точка с запятой.csv", "id;text;when\n1;Учение, второе за год.;май\n2;Погода ясная;июнь\n"),
        ("табуляция.csv", "id\ttext\twhen\n1\tУчение, второе за год.\tмай\n2\tПогода ясная\tиюнь\n"),
        ("с меткой.csv", '\ufeffid,text\r\n1,"Учение, второе за год."\r\n\r\n2,Погода ясная\r\n'),
        ("с линиями.csv", "id|text\n1|Учение, второе за год.\n2|Погода ясная\n"),
        ("пустые строки сверху.csv", "\n\nid;text\n1;Учение, второе за год.\n2;Погода ясная\n"),
        ("из Excel.csv", "sep=;\r\nid;text\r\n1;Учение, второе за год.\r\n2;Погода ясная\r\n"),
        ("ряды.tsv", "id\ttext\n1\tУчение, второе за год.\n2\tПогода ясная\n"),
        ("ряды.jsonl", '{"text": "Учение, второе за год."}\n\n{"id": 2, "text": "Погода ясная"}\n'),
    ],
)
def test_tables_give_their_column(tmp_path, name, content):
    (tmp_path / name).write_bytes(content.encode())
    assert cells(tmp_path / name) == [(1, "Учение, второе за год."), (2, "Погода ясная")]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-16", "utf-16-le"])
def test_a_table_may_have_an_older_encoding(tmp_path, encoding):
    text = "Личный состав подразделения прибыл на полигон, занятия начались по расписанию."
    (tmp_path / "ряды.csv").write_bytes(f'id,text\r\n1,"{text}"\r\n2,"{text}"\r\n'.encode(encoding))
    assert cells(tmp_path / "ряды.csv") == [(1, text), (2, text)]


def test_a_named_encoding_is_used(tmp_path):
    (tmp_path / "ряды.csv").write_bytes("text\nДа\n".encode("cp866"))
    assert cells(tmp_path / "ряды.csv", encoding="cp866") == [(1, "Да")]
    with pytest.raises(ConfigError, match="unknown encoding 'cp8666'"):
        cells(tmp_path / "ряды.csv", encoding="cp8666")


def test_a_cell_may_have_line_breaks_and_doubled_quotes(tmp_path):
    (tmp_path / "a.csv").write_text('text\n"Учение\n""Рубеж"" идёт"\n', encoding="utf-8")
    assert cells(tmp_path / "a.csv") == [(1, 'Учение\n"Рубеж" идёт')]


def test_tsv_without_quoting_keeps_its_quotation_marks(tmp_path):
    (tmp_path / "a.tsv").write_text('id\ttext\n1\t"Восток" начался\n2\tи "Запад"\n', encoding="utf-8")
    assert cells(tmp_path / "a.tsv") == [(1, '"Восток" начался'), (2, 'и "Запад"')]


def test_empty_cells_keep_their_row_and_are_counted(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,\n2,Связь есть.\n3, \n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": null}\n{"text": "Связи нет."}\n', encoding="utf-8")
    documents, inputs = found(tmp_path / "a.csv", tmp_path / "b.jsonl", column="text")
    assert documents == [(f"{tmp_path / 'a.csv'}:2", "Связь есть."), (f"{tmp_path / 'b.jsonl'}:2", "Связи нет.")]
    assert inputs.empty == 3


def test_a_row_of_json_lines_may_lack_the_text_or_have_a_number(tmp_path):
    rows = ['{"text": "Да."}', '{"id": 2}', '{"text": NaN}', '{"text": 112}', '{"text": 1.5}']
    (tmp_path / "a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    assert cells(tmp_path / "a.jsonl") == [(1, "Да."), (2, None), (3, None), (4, "112"), (5, "1.5")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_a_first_line_longer_than_the_sample_is_no_damage(tmp_path, encoding):
    text = "я" * SAMPLE_BYTES
    (tmp_path / "a.jsonl").write_text(json.dumps({"ab": 1, "text": text}, ensure_ascii=False), encoding=encoding)
    assert cells(tmp_path / "a.jsonl", encoding=encoding if encoding == "cp1251" else None) == [(1, text)]


def test_the_encoding_that_is_named_holds_where_the_beginning_is_plain(tmp_path):
    rows = b"text\n" + b"plain words\n" * (SAMPLE_BYTES // 12 + 10)
    (tmp_path / "a.csv").write_bytes(rows + "Пример\n".encode("cp1251"))
    assert cells(tmp_path / "a.csv", encoding="windows-1251")[-1][1] == "Пример"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_table_is_read_row_by_row(tmp_path, name):
    row = TEXT if name == "a.csv" else json.dumps({"text": TEXT})
    broken = '"' if name == "a.csv" else "{"
    count = 3 * SAMPLE_BYTES // len(row.encode())
    (tmp_path / name).write_text("text\n" * (name == "a.csv") + f"{row}\n" * count + broken, encoding="utf-8")
    first = next(read_column(tmp_path / name, "text"))  # the broken end has not been seen yet
    assert first.text == TEXT
    assert first.size < SAMPLE_BYTES


def test_parquet_gives_its_column(tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
    pq = pytest.importorskip("pyarrow.parquet", reason="needs svodka[parquet]")
    pq.write_table(pa.table({"id": [1, 2, 3], "text": [TEXT, None, "Да."]}), tmp_path / "a.parquet")
    assert cells(tmp_path / "a.parquet") == [(1, TEXT), (2, None), (3, "Да.")]
    with pytest.raises(DataError, match=r"no column 'txt'; did you mean 'text'"):
        cells(tmp_path / "a.parquet", "txt")
    with pytest.raises(DataError, match=r"the column 'id' holds int64, expected text"):
        cells(tmp_path / "a.parquet", "id")
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])
    with pytest.raises(DataError, match=r"b\.parquet: damaged"):
        cells(tmp_path / "b.parquet")


@pytest.mark.parametrize(
    "spoil",
    [lambda data: data[:4] + b"\xff" * 56 + data[60:], lambda data: data.replace("Э".encode(), b"\xff\xff")],
    ids=["the head of its first page", "a text that is no UTF-8"],
)
def test_a_parquet_file_that_is_damaged_inside_is_named_and_does_not_stop_the_others(tmp_path, spoil):
    pa = pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
    pq = pytest.importorskip("pyarrow.parquet", reason="needs svodka[parquet]")
    pq.write_table(pa.table({"text": ["Это радар."]}), tmp_path / "a.parquet", compression=None, use_dictionary=False)
    (tmp_path / "a.parquet").write_bytes(spoil((tmp_path / "a.parquet").read_bytes()))
    (tmp_path / "b.csv").write_text("text\nДа.\n", encoding="utf-8")
    documents, inputs = found(tmp_path / "a.parquet", tmp_path / "b.csv", column="text")
    assert [text for _, text in documents] == ["Да."]
    (reason,) = inputs.skipped
    assert reason.startswith(f"{tmp_path / 'a.parquet'}: damaged behind row 0, or no Parquet file: ")


def test_what_gives_no_document_is_counted_with_the_next_one(tmp_path):
    rows = [f'{{"text": "{TEXT}"}}', '{"text": null}', '{"text": "—"}', "{"] * 4000  # more than is read at once
    (tmp_path / "a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "b.pdf.txt").write_bytes(b"%PDF-1.7" * 1000)
    (tmp_path / "c.txt").write_text("* * *", encoding="utf-8")
    (tmp_path / "d.txt").write_text(TEXT, encoding="utf-8")
    inputs = Inputs([str(tmp_path)], "text", lenient=True)
    sizes = [document.size for document in inputs]
    assert len(sizes) == 4001
    assert sizes[-1] >= sum((tmp_path / name).stat().st_size for name in ("b.pdf.txt", "c.txt", "d.txt"))
    assert sum(sizes) == inputs.total


def test_rows_of_a_small_parquet_file_count_for_its_size(tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
    pq = pytest.importorskip("pyarrow.parquet", reason="needs svodka[parquet]")
    pq.write_table(pa.table({"text": [TEXT] * 5000}), tmp_path / "a.parquet")  # a row takes less than a byte
    inputs = Inputs([str(tmp_path / "a.parquet")], "text")
    assert inputs.total < 5000
    assert sum(document.size for document in inputs) == pytest.approx(inputs.total)


@pytest.mark.parametrize("rows_together", [1000, 8000])  # in eight row groups, and in one
def test_of_a_big_parquet_file_only_a_piece_is_in_memory(tmp_path, rows_together):
    pa = pytest.importorskip("pyarrow", reason="needs svodka[parquet]")
    pq = pytest.importorskip("pyarrow.parquet", reason="needs svodka[parquet]")
    draw = random.Random(1)
    texts = [draw.randbytes(800).hex() for _ in range(8000)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet", row_group_size=rows_together, compression=None)
    rows = read_column(tmp_path / "a.parquet", "text")
    pool = pa.default_memory_pool()
    before = pool.bytes_allocated()
    held = max(pool.bytes_allocated() - before for _ in rows)
    assert held < (tmp_path / "a.parquet").stat().st_size / 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("rows", [2, 1500])  # the second is longer than what is read at once
def test_a_table_may_be_packed(tmp_path, encoding, rows):
    (tmp_path / "a.csv.GZ").write_bytes(gzip.compress(f"id,text\n7,{TEXT}\n".encode(encoding)))
    texts = [f"{i}. {TEXT}" * 20 for i in range(rows)]
    lines = "".join(f'{{"text": "{text}"}}\n' for text in texts)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines.encode(encoding)))
    assert cells(tmp_path / "a.csv.GZ") == [(1, TEXT)]
    found_cells = list(read_column(tmp_path / "a.jsonl.gz", "text"))
    assert [cell.text for cell in found_cells] == texts
    assert sum(cell.size for cell in found_cells) == (tmp_path / "a.jsonl.gz").stat().st_size
    documents, inputs = found(tmp_path, column="text")
    assert len(documents) == rows + 1
    assert not inputs.skipped


def test_a_folder_does_not_give_the_folder_that_the_results_go_to(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "размечено").mkdir()
    (tmp_path / "размечено" / "part-00000.txt").write_text("Старое.", encoding="utf-8")
    documents, inputs = found(tmp_path, leave_out=tmp_path / "размечено")
    assert len(documents) == 1
    assert not inputs.skipped


def test_parquet_without_pyarrow_tells_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(MissingExtraError, match=r"reading Parquet needs: pip install 'svodka\[parquet\]'"):
        cells(tmp_path / "a.parquet")
