import sys
import zipfile
from datetime import date

import pytest

from svodka.errors import DataError, MissingExtraError

openpyxl = pytest.importorskip("openpyxl", reason="needs svodka[xlsx]")


@pytest.fixture
def workbook(tmp_path):
    """Write an Excel file: sheets by name, each a list of rows, and ranges to merge in the first."""

    def call(sheets, merged=(), hidden=()):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for cells in rows:
                sheet.append(cells)
            sheet.sheet_state = "hidden" if title in hidden else "visible"
        for cells in merged:
            book.worksheets[0].merge_cells(cells)
        path = tmp_path / "labels.xlsx"
        book.save(path)
        return path

    return call


def test_a_sheet_as_people_make_it(read, workbook):
    path = workbook(
        {
            "Разметка": [
                ["Разметка за март"],
                [],
                ["№", "Текст", "Темы", "Дата"],
                [1.0, "Льёт", "Дожди; Ремонт дорог", date(2026, 3, 1)],
                [2, "Тихо", "нет", None],
                [None, None, None, None],
                [3, "Никем не читано", None, None],
            ]
        },
        merged=["A1:D1"],
    )
    reading = read("", path)
    assert [(one.row, one.id, one.text, one.topics, one.meta) for one in reading.examples] == [
        (4, "1", "Льёт", ("rain", "road_works"), {"Дата": "2026-03-01T00:00:00"}),
        (5, "2", "Тихо", (), {}),
        (7, "3", "Никем не читано", None, {}),
    ]
    assert (reading.blank, reading.understood[0]) == (1, "Excel, sheet 'Разметка', header in row 3")


def test_a_sheet_without_a_header(read, workbook):
    rows = [["Под Тверью весь день шёл сильный дождь", "Дожди"], ["В Омске неделю сухо и жарко", "Жара и засуха"]]
    reading = read("", workbook({"A": rows}))
    assert [(one.row, one.topics) for one in reading.examples] == [(1, ("rain",)), (2, ("heat",))]
    assert reading.understood[0] == "Excel, sheet 'A', no header row: the first row is data"


def test_a_heading_between_rows_is_set_aside(faults, workbook):
    path = workbook({"A": [["text", "topics"], ["Льёт", "rain"], ["Апрель"], ["Печёт", "heat"]]}, merged=["A3:B3"])
    assert faults("", path) == ["3: a cell is merged across columns: a heading, no sentence"]


def test_a_sentence_merged_across_columns_is_no_heading(labels, faults, workbook):
    rows = [["text", None, "topics"], ["Льёт", None, "rain"], ["Печёт", None, "heat"], ["Апрель", None, None]]
    path = workbook({"A": rows}, merged=["A2:B2", "A4:C4"])
    assert labels("", path) == {"Льёт": ("rain",), "Печёт": ("heat",)}
    assert faults("", path) == ["4: a cell is merged across columns: a heading, no sentence"]


def test_a_label_merged_over_rows_counts_for_each(labels, workbook):
    path = workbook({"A": [["text", "topics"], ["Льёт", "rain"], ["Капает"], ["Печёт", "heat"]]}, merged=["B2:B3"])
    assert labels("", path) == {"Льёт": ("rain",), "Капает": ("rain",), "Печёт": ("heat",)}


def test_a_header_of_two_rows(read, workbook):
    rows = [["Текст", "Темы", None, None], [None, "Дожди", "Жара и засуха", "Ремонт дорог"], ["Льёт", 1, 0, None]]
    one = read("", workbook({"A": rows}, merged=["A1:A2", "B1:D1"])).examples[0]
    assert (one.text, one.topics, one.unknown) == ("Льёт", ("rain",), ("road_works",))


def test_a_name_merged_across_columns_names_each(read, workbook):
    rows = [["Текст", "Темы"], ["Льёт и печёт", "Дожди", "Жара и засуха"], ["Кладут", None, None, "Ремонт дорог"]]
    reading = read("", workbook({"A": rows}, merged=["B1:D1"]))
    assert [one.topics for one in reading.examples] == [("rain", "heat"), ("road_works",)]
    assert reading.understood[1] == "text from 'Текст', topics from 'Темы', 'Темы (2)', 'Темы (3)'"


def test_a_name_merged_over_rows_and_columns(labels, workbook):
    rows = [["Текст", "Темы"], [], ["Льёт и печёт", "Дожди", "Жара и засуха"]]
    assert labels("", workbook({"A": rows}, merged=["A1:A2", "B1:C2"])) == {"Льёт и печёт": ("rain", "heat")}


def test_numbers_and_logical_values_are_marks(labels, workbook):
    rows = [["text", "rain", "heat", "road_works"], ["Льёт", 1.0, False, 0], ["Печёт", 0, True, 0]]
    assert labels("", workbook({"A": rows})) == {"Льёт": ("rain",), "Печёт": ("heat",)}


def test_a_number_is_no_text(faults, workbook):
    assert faults("", workbook({"A": [["text", "topics"], [12, "rain"]]})) == [
        "2: column 'text': expected a text, got 12"
    ]


def test_sheets_without_sentences_are_passed_over(labels, workbook):
    sheets = {"Справка": [["Как размечать"]], "Лист2": [["text", "topics"], ["Льёт", "rain"]], "Пусто": []}
    assert labels("", workbook(sheets)) == {"Льёт": ("rain",)}


def test_several_sheets_with_sentences_need_a_choice(read, labels, workbook):
    rows = [["text", "topics"], ["Льёт", "rain"]]
    path = workbook({"Март": rows, "Апрель": [*rows, ["Печёт", "heat"]]})
    with pytest.raises(DataError, match=r"2 sheets hold sentences, choose one with --sheet \(.*'Март'; .*'Апрель'\)"):
        read("", path)
    assert len(labels("", path, sheet="апрель")) == 2
    with pytest.raises(DataError, match=r"no sheet 'Мрат'; did you mean 'Март'\? \(its sheets: 'Март', 'Апрель'\)"):
        read("", path, sheet="Мрат")


def test_hidden_sheets_are_read_only_if_named(labels, workbook):
    rows = [["text", "topics"], ["Льёт", "rain"]]
    path = workbook({"A": rows, "Старое": [["text", "topics"], ["Печёт", "heat"]]}, hidden=["Старое"])
    assert labels("", path) == {"Льёт": ("rain",)}
    assert labels("", path, sheet="Старое") == {"Печёт": ("heat",)}


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (["content.xml"], "an OpenDocument file; save it as .xlsx or CSV"),
        (["a.csv", "b.csv"], r"an archive and no Excel workbook \(in it: 'a.csv', 'b.csv'\); unpack it"),
        (["xl/workbook.xml"], "no readable Excel file"),
    ],
)
def test_archives_that_are_no_workbooks(read, tmp_path, inside, message):
    path = tmp_path / "labels.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name in inside:
            archive.writestr(name, "")
    with pytest.raises(DataError, match=message):
        read("", path)


def test_without_openpyxl_the_extra_is_named(read, workbook, monkeypatch):
    path = workbook({"A": [["text"], ["Льёт"]]})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"reading Excel files needs: pip install 'svodka\[xlsx\]'"):
        read("", path)


def test_a_damaged_file(read):
    with pytest.raises(DataError, match="a damaged Excel file or archive"):
        read("labels.xlsx", b"PK\x03\x04 and nothing more")
