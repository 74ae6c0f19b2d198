"""What is exported for a tool and imported again is what it was: nothing is lost on the way."""

import csv
import io
import sys
from dataclasses import replace
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svodka.errors import ConfigError, DataError, MissingExtraError
from svodka.topics import Topic
from svodka.training.formats import Example, TopicNames, read_examples
from svodka.training.formats.exports import EXPORTS
from svodka.training.formats.native import record_of, write_jsonl

TOPICS = (
    Topic("rain", "Дожди", "Rain and storms", "Льёт вода.", "Water falls."),
    Topic("heat", "Жара, засуха", "Heat", "Сухо.", "Dry."),
    Topic("road_works", "Ремонт дорог", "Road works", "Кладут асфальт.", "Asphalt is laid."),
)
IDS = tuple(topic.id for topic in TOPICS)
WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
TEXTS = st.one_of(
    WORDS.filter(str.strip), st.sampled_from(["=1+1", "- Да!", "'-5", "nan", 'Утих "Буран"; всё', "а\rб\nв"])
)
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(), st.booleans(), st.none(), st.sampled_from(["5", "null", "", "[]", "=A1"])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(WORDS, inner, max_size=2)),
    max_leaves=3,
)
KEYS = WORDS.map(str.strip).filter(lambda key: key not in ("label_studio", "id", "genre", "unknown", "scores", "meta"))


NEEDS_XLSX = pytest.mark.skipif(find_spec("openpyxl") is None, reason="needs svodka[xlsx]")


@st.composite
def rows(draw):
    """Up to four examples, each with all that an example can have."""
    examples = []
    for place in range(draw(st.integers(1, 4))):
        states = draw(st.lists(st.sampled_from(["yes", "no", "not judged"]), min_size=3, max_size=3))
        labelled = draw(st.booleans())
        chosen = {state: tuple(one for one, own in zip(IDS, states, strict=True) if own == state) for state in states}
        score = st.floats(0, 1)
        examples.append(
            Example(
                row=place,
                id=f"р{place}",
                text=draw(TEXTS),
                topics=chosen.get("yes", ()) if labelled else None,
                unknown=chosen.get("not judged", ()) if labelled else (),
                genre=draw(st.sampled_from([None, "tv", "=кино"])),
                scores=draw(st.one_of(st.none(), st.fixed_dictionaries(dict.fromkeys(IDS, score)))),
                meta=draw(st.dictionaries(KEYS, VALUES, max_size=3)),
            )
        )
    return examples


def read_back(path):
    reading = read_examples(path, TopicNames(TOPICS))
    assert (reading.rejected, reading.warnings) == ((), ())
    return [replace(one, row=place) for place, one in enumerate(reading.examples)]


@pytest.mark.parametrize("kind", ["ru", "en", "id"])
@pytest.mark.parametrize("form", ["label-studio", "csv", pytest.param("xlsx", marks=NEEDS_XLSX)])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(examples=rows())
def test_out_and_back(tmp_path, form, kind, examples):
    path = tmp_path / "out.dat"
    EXPORTS[form].write(path, examples, TOPICS, kind)
    assert read_back(path) == examples


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(examples=rows())
def test_out_and_back_through_doccano(tmp_path, examples):
    path = tmp_path / "out.jsonl"
    EXPORTS["doccano"].write(path, examples, TOPICS, "ru")
    reading = read_examples(path, TopicNames(TOPICS))
    assert [replace(one, row=place) for place, one in enumerate(reading.examples)] == examples
    unread = [one for one in examples if one.topics is None]
    assert bool(reading.warnings) == bool(unread)  # an empty list that nobody has read stays in doubt


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(examples=rows())
def test_out_and_back_as_json_lines(tmp_path, examples):
    path = tmp_path / "out.jsonl"
    with path.open("w", encoding="utf-8", newline="\n") as handle:
        write_jsonl(handle, map(record_of, examples))
    assert read_back(path) == examples


def test_a_spreadsheet_gets_no_formula(tmp_path):
    path = tmp_path / "out.csv"
    EXPORTS["csv"].write(path, [Example(1, "=id", "=HYPERLINK(1)", ("rain",), meta={"note": "@A1"})], TOPICS, "id")
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")  # or Excel takes Cyrillic for Latin
    cells = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert cells[1] == ["'=id", "'=HYPERLINK(1)", "rain", "", "", "", "'@A1"]
    assert read_back(path)[0].text == "=HYPERLINK(1)"


def test_a_spreadsheet_that_changed_encoding_and_separator(tmp_path):
    path = tmp_path / "out.csv"
    examples = [Example(0, "а", "- Льёт; льёт!", ("rain", "heat"), meta={"n": 5}), Example(1, "б", "Тихо", ())]
    EXPORTS["csv"].write(path, examples, TOPICS, "id")
    table = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    with path.open("w", encoding="windows-1251", newline="") as handle:
        csv.writer(handle, delimiter=";").writerows(table)
    assert read_back(path) == examples


def test_topics_stand_in_a_table_by_the_names_that_the_user_wants(tmp_path):
    path = tmp_path / "out.csv"
    examples = [Example(0, "а", "Печёт", ("rain", "heat"), unknown=("road_works",))]
    EXPORTS["csv"].write(path, examples, TOPICS, "ru")
    cells = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))[1]
    assert cells[2:4] == ["Дожди;Жара, засуха", "Ремонт дорог"]
    assert read_back(path) == examples


@pytest.mark.parametrize("title", ["Дожди; град", "heat", "-"])
def test_a_title_that_a_table_would_not_give_back_is_refused(tmp_path, title):
    topics = [replace(TOPICS[0], title_ru=title), *TOPICS[1:]]
    with pytest.raises(ConfigError, match=r"would not be read as the topic 'rain' again; take --names id"):
        EXPORTS["csv"].write(tmp_path / "out.csv", [], topics, "ru")


@NEEDS_XLSX
class TestExcel:
    """The workbook that `svodka data export --to xlsx` writes."""

    def sheet(self, path):
        openpyxl = pytest.importorskip("openpyxl")
        return openpyxl.load_workbook(path).active

    def test_all_cells_are_texts_and_none_is_run(self, tmp_path):
        path = tmp_path / "out.xlsx"
        EXPORTS["xlsx"].write(path, [Example(0, "007", "=HYPERLINK(1)", ("rain",), meta={"n": 5})], TOPICS, "id")
        cells = list(self.sheet(path))[1]
        assert [one.value for one in cells] == ["007", "=HYPERLINK(1)", "rain", None, None, None, "5"]
        assert {one.data_type for one in cells if one.value} == {"s"}
        assert {one.number_format for one in cells} == {"@"}  # and stays a text when it is edited
        one = read_back(path)[0]
        assert (one.id, one.text, one.meta) == ("007", "=HYPERLINK(1)", {"n": 5})

    @pytest.mark.parametrize(
        "text",
        ["а\rб\r\nв", "\x0bЛьёт\x00", "_x000D_", "_x005F_x000D_", "'=1", "- Да!", "  Льёт ", "#N/A", "1e5", "\uffff!"],
    )
    def test_no_character_is_lost(self, tmp_path, text):
        path = tmp_path / "out.xlsx"
        examples = [Example(0, "а", text, (), meta={"note": text, "x000D_": 1})]
        EXPORTS["xlsx"].write(path, examples, TOPICS, "id")
        back = read_examples(path, TopicNames(TOPICS))
        assert [replace(one, row=0) for one in back.examples] == examples

    def test_a_csv_that_a_spreadsheet_saved_as_a_workbook(self, tmp_path):
        openpyxl = pytest.importorskip("openpyxl")
        examples = [Example(0, "а", "- Льёт; льёт!", ("rain", "heat"))]
        EXPORTS["csv"].write(tmp_path / "out.csv", examples, TOPICS, "id")
        book = openpyxl.Workbook()
        for cells in csv.reader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))):
            book.active.append(cells)
        book.save(tmp_path / "out.xlsx")
        assert read_back(tmp_path / "out.xlsx") == examples

    def test_a_text_that_excel_would_cut_is_refused(self, tmp_path):
        with pytest.raises(DataError, match=r"row 2 of the sheet: a cell of 32768 characters, Excel holds 32767"):
            EXPORTS["xlsx"].write(tmp_path / "out.xlsx", [Example(0, None, "а" * 32768, ())], TOPICS, "id")
        assert not list(tmp_path.iterdir())


def test_without_openpyxl_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"writing Excel files needs: pip install 'svodka\[xlsx\]'"):
        EXPORTS["xlsx"].write(tmp_path / "out.xlsx", [], TOPICS, "id")


def test_a_sentence_labelled_in_doccano_after_the_export(read):
    row = {"id": "a", "text": "Льёт", "label": ["Дожди"], "labelled": False, "svodka": {"genre": "tv"}, "Comments": []}
    one = read("all.jsonl", [row]).examples[0]
    assert (one.topics, one.genre, one.meta) == (("rain",), "tv", {"Comments": []})
