from pathlib import Path

import pytest

from svodka.training.formats import Example
from svodka.training.import_checks import few_examples, repeats, seen_elsewhere


def example(row, text, topics=(), unknown=()):
    return Example(row, str(row), text, topics, unknown)


IDS = ("rain", "heat", "snow")


def without_repeats(rows):
    found = repeats(rows, IDS)
    return outcome((found.kept, found.rejected))


def outcome(found):
    kept, aside = found
    return [one.row for one in kept], {one.row: one.reason for one in aside}


def test_the_first_labelled_row_of_a_text_stays():
    rows = [
        example(1, "Льёт!", None),
        example(2, "льёт", ("rain",)),
        example(3, "Печёт"),
        example(4, "Льет.", ("rain",)),
    ]
    assert without_repeats(rows) == ([2, 3], {1: "the same text as row 2", 4: "the same text as row 2"})


def test_contradictions_are_all_set_aside():
    rows = [example(1, "Льёт", ("rain",)), example(2, "Льёт", ()), example(3, "Льёт", None), example(4, "Печёт")]
    assert without_repeats(rows) == (
        [4],
        {
            1: "other topics for the same text: rain here, none in row 2",
            2: "other topics for the same text: none here, rain in row 1",
            3: "the same text as rows whose labels contradict each other",
        },
    )


def test_what_was_not_judged_contradicts_nothing():
    rows = [example(1, "Льёт", ("rain",)), example(2, "Льёт", ("rain", "heat")), example(3, "Тихо", ("heat",))]
    judged = [example(1, "Льёт", ("rain",), ("heat",)), *rows[1:]]
    assert without_repeats(rows)[0] == [3]
    assert without_repeats(judged) == ([1, 3], {})


def test_rows_judged_for_different_topics_become_one():
    rows = [
        example(1, "Льёт", ("heat",), ("rain", "snow")),
        example(2, "Тихо", ()),
        example(3, "Льёт!", ("rain",), ("heat", "snow")),
        example(4, "льёт", (), ("rain", "heat", "snow")),
        example(5, "Льёт", None),
    ]
    found = repeats(rows, IDS)
    assert [(one.row, one.topics, one.unknown) for one in found.kept] == [
        (1, ("rain", "heat"), ("snow",)),
        (2, (), ()),
    ]
    assert {one.row: one.reason for one in found.rejected} == dict.fromkeys((4, 5), "the same text as row 1")
    assert found.merged == 1


def test_judgements_that_meet_in_a_topic_must_agree_there():
    one, other = example(1, "Льёт", ("rain",), ("snow",)), example(2, "Льёт", ("heat",), ("snow",))
    assert without_repeats([one, other])[0] == []


def test_texts_without_letters_are_compared_as_they_are():
    assert without_repeats([example(1, "…"), example(2, "!"), example(3, "…")]) == (
        [1, 2],
        {3: "the same text as row 1"},
    )


def test_rows_that_stand_in_another_file():
    rows = [
        example(1, "Над Вологдой весь день льёт дождь"),
        example(2, "В Омске вторую неделю стоит жара"),
        example(3, "Ярмарка откроется в пятницу"),
    ]
    others = [(Path("test.jsonl"), [example(7, "над Вологдой весь день льет дождь!")])]
    others.append((Path("b.csv"), [example(9, "В Омске вторую неделю стоит сильная жара")]))
    kept, aside = outcome(seen_elsewhere(rows, others))
    assert kept == [3]
    assert aside[1] == "stands in test.jsonl:7 as well (the same text)"
    assert aside[2].startswith("stands in b.csv:9 as well (similarity 0.")


@pytest.mark.parametrize(
    ("split", "share", "warnings"),
    [
        (
            "labels",
            0.1,
            [
                "rain: 1 example, too few to learn from (at least 16, here or in other files)",
                "heat: 79 examples; trained on this file alone, about 8 are held out to tune its threshold: too few "
                "(at least 8, so 80 in all, or a validation file)",
            ],
        ),
        ("labels", 0.0, ["rain: 1 example, too few to learn from (at least 16, here or in other files)"]),
        ("validation", 0.1, ["rain: 1 example, too few to tune its threshold (at least 8)"]),
        ("test", 0.1, []),
    ],
)
def test_topics_with_few_examples(split, share, warnings):
    assert few_examples({"rain": 1, "heat": 79, "road": 80, "snow": 0}, split, share) == warnings
