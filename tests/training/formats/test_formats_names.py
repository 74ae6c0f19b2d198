import pytest

from svodka.topics import Topic, load_topics
from svodka.training.formats import TopicNames
from svodka.training.formats.cells import label_names, mark, plain, plain_id


@pytest.mark.parametrize(
    "spelling",
    [
        "road_works",
        "Road works",
        "road-works",
        "ROAD  WORKS",
        "Ремонт дорог",
        "ремонт дорог ",
        "«Ремонт дорог»",
        "Ремонт_дорог.",
    ],
)
def test_ids_and_titles_name_a_topic_whatever_their_case(names, spelling):
    assert names.find(spelling) == "road_works"


def test_yo_is_ye():
    assert TopicNames([Topic("ice", "Гололёд", "Ice", "", "")]).find("гололед") == "ice"


def test_a_title_that_two_topics_share_names_neither():
    names = TopicNames([Topic("a", "Осадки", "A", "", ""), Topic("b", "осадки", "B", "", "")])
    assert (names.find("Осадки"), names.find("a"), names.find("B")) == (None, "a", "b")


@pytest.mark.parametrize("column", ["rain", "label_rain", "topic: rain", "is_rain", "Тема: Дожди", "Дожди"])
def test_columns_named_after_a_topic(names, column):
    assert names.of_column(column) == "rain"


@pytest.mark.parametrize("column", ["score_rain", "raincoat", "text", ""])
def test_other_columns(names, column):
    assert names.of_column(column) is None


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        ("rian", "unknown topic 'rian'; did you mean 'rain'?"),
        ("Жара и засух", "unknown topic 'Жара и засух'; did you mean 'Жара и засуха'?"),
        ("road work", "unknown topic 'road work'; did you mean"),
        ("спорт", "unknown topic 'спорт' (the topics are rain, heat, road_works)"),
    ],
)
def test_a_slip_is_guessed_in_the_spelling_of_the_topics_file(names, slip, message):
    assert names.unknown(slip).startswith(message)


def test_words_for_no_topic(topics):
    names = TopicNames(topics, none=["прочее"])
    assert all(map(names.is_none, ["-", "—", "[]", "нет", "Нет темы", "none", "Прочее"]))
    assert not any(map(names.is_none, ["rain", "", "None of these"]))
    assert not TopicNames([Topic("none", "Ничего", "Nothing", "", "")]).is_none("none")  # a topic of that name wins


def test_ids_of_the_shipped_topics_bring_their_titles():
    shipped = load_topics()
    assert TopicNames.of_ids([one.id for one in shipped]).find(shipped[0].title_ru) == shipped[0].id
    assert TopicNames.of_ids(["rain"]).find("rain") == "rain"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("rain", ["rain"]),
        ("rain;heat", ["rain", "heat"]),
        ("Дожди | Жара и засуха", ["Дожди", "Жара и засуха"]),
        ("rain, heat", ["rain", "heat"]),
        ("rain; heat, road_works", ["rain", "heat", "road_works"]),
        ("Дожди\nЖара и засуха", ["Дожди", "Жара и засуха"]),
        ("rain#heat", ["rain", "heat"]),  # doccano's CSV
        ('["rain", "heat"]', ["rain", "heat"]),
        ("['rain', 'heat']", ["rain", "heat"]),  # pandas' CSV
        ('{"choices": ["rain", "heat"]}', ["rain", "heat"]),  # Label Studio's CSV
        ("rian;heat", ["rian", "heat"]),
        ("[rain]", ["[rain]"]),
        (["rain", "heat"], ["rain", "heat"]),
        ({"choices": ["rain"]}, ["rain"]),
        ({"rain": 1.0, "heat": 0.0}, ["rain"]),  # spaCy's cats
        (7, ["7"]),
        ("-", []),
        ("нет", []),
        ("[]", []),
        ([], []),
        ("", None),
        ("  ", None),
        (None, None),
        (float("nan"), None),
        ("NaN", None),
        ("None", None),  # Python's word; a human's "none" means no topic
        ("none", []),
    ],
)
def test_topics_in_a_cell(names, cell, found):
    assert label_names(cell, names) == found


def test_a_title_with_a_comma_is_not_cut():
    names = TopicNames([Topic("air", "ПВО, ПРО", "Air", "", ""), Topic("sea", "Флот", "Sea", "", "")])
    assert label_names("ПВО, ПРО", names) == ["ПВО, ПРО"]
    assert label_names("ПВО, ПРО; Флот", names) == ["ПВО, ПРО", "Флот"]


@pytest.mark.parametrize("cell", [1, 1.0, True, "1", "1.0", "1,0", "да", "Да ", "x", "Х", "+", "TRUE", "✓", "yes"])
def test_marks_that_say_yes(cell):
    assert mark(cell) is True


@pytest.mark.parametrize("cell", [0, 0.0, False, "0", "0.0", "нет", "-", "—", "FALSE", "no"])
def test_marks_that_say_no(cell):
    assert mark(cell) is False


@pytest.mark.parametrize("cell", [None, "", " ", float("nan"), "NaN"])
def test_blank_marks(cell):
    assert mark(cell) is None


@pytest.mark.parametrize("cell", [2, 0.7, "может быть", [1]])
def test_marks_that_say_neither(cell):
    with pytest.raises(ValueError, match="expected 1 or 0, yes or no, x or nothing, got"):
        mark(cell)


def test_values_that_json_can_hold():
    from datetime import date

    value = {"on": date(2026, 3, 1), "nan": float("nan"), "inf": float("inf"), 1: (1, None)}
    assert plain(value) == {"on": "2026-03-01", "nan": None, "inf": "inf", "1": [1, None]}


@pytest.mark.parametrize(("value", "name"), [(7, "7"), (7.0, "7"), (" a1 ", "a1"), ("", None), (float("nan"), None)])
def test_ids(value, name):
    assert plain_id(value) == name
