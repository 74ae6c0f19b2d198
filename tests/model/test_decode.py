"""Bytes in every encoding that a Russian text comes in, and bytes that are no text."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svodka.decode import decode_bytes, read_text
from svodka.errors import ConfigError, DataError

TEXT = "Зенитный полк вышел на полигон.\r\nЦели сбиты, потерь нет.\rЯсно?\n"
OFFICE = r"save a table as CSV and name its column, as in --column text, or a document as plain text \(\.txt\)"
SHORT = "полк прибыл на склад"
CYRILLIC = ["windows-1251", "koi8-r", "cp866", "iso-8859-5", "mac-cyrillic"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", *CYRILLIC])
def test_finds_the_encoding_and_keeps_line_ends(encoding: str):
    assert decode_bytes(TEXT.encode(encoding), "a.txt") == TEXT


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8"])
def test_byte_order_mark_is_no_part_of_the_text(mark: str):
    assert decode_bytes(("\ufeff" + TEXT).encode(mark), "a.txt") == TEXT
    assert decode_bytes(("\ufeff" + TEXT).encode(mark), "a.txt", encoding=mark) == TEXT


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "cp866", "iso-8859-5", "utf-16-le"])
@pytest.mark.parametrize(
    "line", [SHORT, "ПВО сбила три дрона.", "Учения «Щит» начались", "Флот: 12 кораблей РФ", "«Тор» сбил 3 БПЛА…"]
)
def test_finds_the_encoding_of_a_short_line(encoding: str, line: str):
    data = line.replace("…", "...").replace("«", '"').replace("»", '"').encode(encoding)
    assert decode_bytes(data, "a.txt") == data.decode(encoding)


def test_windows_1251_with_its_own_signs():
    assert decode_bytes("«Тор» — комплекс ПВО № 1…".encode("windows-1251"), "a.txt") == "«Тор» — комплекс ПВО № 1…"


@pytest.mark.parametrize(("data", "text"), [(b"", ""), (b"F-16", "F-16"), ("я".encode(), "я"), (b"\xef\xbb\xbf", "")])
def test_tiny_files(data: bytes, text: str):
    assert decode_bytes(data, "a.txt") == text


@pytest.mark.parametrize("name", ["windows-1251", "cp1251", "CP1251", "win-1251", "win1251"])
def test_named_encoding(name: str):
    assert decode_bytes(SHORT.encode("cp1251"), "a.txt", encoding=name) == SHORT


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("windows-1252x", "unknown encoding 'windows-1252x'; did you mean 'windows-1252'"),
        ("koi8r-", "unknown encoding 'koi8r-'; did you mean 'koi8"),
        ("base64", "unknown encoding 'base64'"),
        ("", "unknown encoding ''"),
        ("a\0b", "unknown encoding 'a"),
    ],
)
def test_unknown_encoding(name: str, message: str):
    with pytest.raises(ConfigError, match=message):
        decode_bytes(b"abc", "a.txt", encoding=name)


def test_named_encoding_that_does_not_fit():
    data = "строка\nещё".encode() + "строка".encode("cp1251")
    with pytest.raises(
        DataError, match=r"a\.txt: not valid utf-8: byte b'\\xf1' at offset 19, about line 2 .*--encoding"
    ):
        decode_bytes(data, "a.txt", encoding="utf-8")


def test_damaged_utf8_names_the_place():
    data = "Полк прибыл.\nСклад пу".encode() + b"\xff" + "ст.\n".encode()
    with pytest.raises(DataError, match=r"a\.txt: damaged UTF-8: byte 0xff at offset 38, line 2 .*--encoding"):
        decode_bytes(data, "a.txt")


def test_utf8_cut_in_the_middle_of_a_letter():
    with pytest.raises(DataError, match="damaged UTF-8: byte 0xd1 at offset 10, line 1"):
        decode_bytes("складу".encode()[:-1], "a.txt")


def test_utf16_cut_in_the_middle_of_a_letter():
    with pytest.raises(DataError, match=r"not valid utf-16-le: .*truncated data"):
        decode_bytes(TEXT.encode("utf-16")[:-1], "a.txt")


def test_text_that_is_not_russian_in_any_encoding():
    data = "Les forces armées françaises à l'étranger, déjà engagées".encode("latin-1")
    with pytest.raises(DataError, match=r"neither UTF-8 \(byte 0xe9 at offset 14, line 1\) nor a known Cyrillic"):
        decode_bytes(data, "a.txt")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "got a PDF document; copy its text or run pdftotext"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", rf"got an old Office file \(DOC, XLS\); {OFFICE}$"),
        (b"PK\x03\x04\x14\0\0\0", rf"got a ZIP archive or an Office file \(DOCX, XLSX, ODT\); {OFFICE}$"),
        (b"{\\rtf1\\ansi", "got an RTF document"),
        (gzip.compress(b"text"), "got a gzip archive; unpack it first"),
        (b"\x89PNG\r\n\x1a\n\0\0", "got a PNG picture"),
        (b"\x7fELF\x02\x01\x01\0\0\0", r"got binary data \(NUL byte at offset 7, line 1\)"),
        (b"one\ntwo\0three", r"got binary data \(NUL byte at offset 7, line 2\)"),
        (b"\0" * 100, r"got binary data \(NUL byte at offset 0, line 1\)"),
    ],
)
def test_binary_file_is_named(data: bytes, message: str):
    with pytest.raises(DataError, match=r"a\.bin: expected text, " + message):
        decode_bytes(data, "a.bin")


def test_word_document_is_named(tmp_path: Path):
    path = tmp_path / "сводка.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    with pytest.raises(DataError, match=r"сводка\.docx: expected text, got a ZIP archive or an Office file"):
        read_text(path)


def test_read_text(tmp_path: Path):
    path = tmp_path / "сводка.txt"
    path.write_bytes(TEXT.encode("koi8-r"))
    assert read_text(path) == TEXT
    assert read_text(str(path), encoding="koi8-r") == TEXT


def test_missing_file_suggests_its_neighbour(tmp_path: Path):
    (tmp_path / "svodka.txt").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=r"svodka\.tx: no such file; did you mean 'svodka\.txt'"):
        read_text(tmp_path / "svodka.tx")
    with pytest.raises(DataError, match=r"a\.txt: no such file$"):
        read_text(tmp_path / "nowhere" / "a.txt")


def test_folder_is_no_text(tmp_path: Path):
    with pytest.raises(DataError, match="cannot be read"):
        read_text(tmp_path)


@given(st.binary())
def test_any_bytes_give_text_or_a_named_error(data: bytes):
    try:
        text = decode_bytes(data, "a.bin")
    except DataError as error:
        assert str(error).startswith("a.bin: ")
    else:
        assert isinstance(text, str)


@given(st.text())
def test_utf8_with_a_mark_comes_back_whole(text: str):
    try:
        data = text.encode("utf-8-sig")
    except UnicodeEncodeError:
        return
    assert decode_bytes(data, "a.txt") == text
