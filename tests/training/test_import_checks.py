from pathlib import Path

import pytest

from svodka.training.formats import Example
from svodka.training.import_checks import few_examples, repeats, seen_elsewhere


def example(row, text, topics=(), unknown=()):
    return Example(row, str(row), text, topics, unknown)


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
    assert outcome(repeats(rows)) == ([2, 3], {1: "the same text as row 2", 4: "the same text as row 2"})


def test_contradictions_are_all_set_aside():
    rows = [example(1, "Льёт", ("rain",)), example(2, "Льёт", ()), example(3, "Льёт", None), example(4, "Печёт")]
    assert outcome(repeats(rows)) == (
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
    assert outcome(repeats(rows))[0] == [3]
    assert outcome(repeats(judged)) == ([1, 3], {2: "the same text as row 1"})


def test_texts_without_letters_are_compared_as_they_are():
    assert outcome(repeats([example(1, "…"), example(2, "!"), example(3, "…")])) == (
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
