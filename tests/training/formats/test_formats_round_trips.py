"""What is exported for a tool and imported again is what it was: nothing is lost on the way."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
@pytest.mark.parametrize("form", ["label-studio", "csv"])
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


def test_a_sentence_labelled_in_doccano_after_the_export(read):
    row = {"id": "a", "text": "Льёт", "label": ["Дожди"], "labelled": False, "svodka": {"genre": "tv"}, "Comments": []}
    one = read("all.jsonl", [row]).examples[0]
    assert (one.topics, one.genre, one.meta) == (("rain",), "tv", {"Comments": []})
