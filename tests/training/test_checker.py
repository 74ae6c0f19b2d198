import json
from pathlib import Path

import pytest

from svodka.errors import DataError
from svodka.training.checker import check
from svodka.training.composition import SHARES, compose
from svodka.training.rows import Row

TOPICS = ("rain", "heat")
GOOD = (
    {"text": "Над Вологдой с утра льёт.", "topics": ["rain"]},
    {"text": "В Астрахани вчера плавился асфальт.", "topics": ["heat"]},
    {"text": "Ярмарка откроется в пятницу.", "topics": []},
)


def written(folder: Path, name: str, *values: dict[str, object]) -> Path:
    path = folder / name
    lines = (
        json.dumps({"id": f"{path.stem}-{place}"} | value, ensure_ascii=False) for place, value in enumerate(values)
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def found(report):
    """Return the findings as `file:line level: message`."""
    return [f"{Path(one.source).name}:{one.line} {one.level}: {one.message}" for one in report.findings]


def findings_of(folder: Path, *values: dict[str, object]) -> list[str]:
    return found(check({"train": [written(folder, "train.jsonl", *GOOD, *values)]}, TOPICS))


def row(text: str, topics: tuple[str, ...] | None = (), genre: str | None = None) -> Row:
    return Row("r", text, topics, genre, (), 1, "r.jsonl")


def test_good_rows_give_no_findings(tmp_path):
    assert findings_of(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Мoкрый снег в Твери", "Latin and Cyrillic letters in one word: 'Мoкрый' (CLCCCC)"),
        ("Ураган Kатрина утих", "Latin and Cyrillic letters in one word: 'Kатрина' (LCCCCCC)"),
        ("Ветер c моря стих", "the word 'c' is a Latin letter among Cyrillic words"),
        ("C моря подул ветер", "the word 'C' is a Latin letter among Cyrillic words"),
        ("Иней  лёг за ночь", "two spaces, a tab or a line break inside the text"),
        ("Иней лёг\nза ночь", "two spaces, a tab or a line break inside the text"),
        (" Иней лёг за ночь", "white space before or after the text"),
        ("Иней лёг\u200bза ночь", "invisible character ZERO WIDTH SPACE (U+200B)"),
        ("Иней лёг\u0007 за ночь", "invisible character without a name (U+0007)"),
        ("Иней л\ufffdг за ночь", "invisible character REPLACEMENT CHARACTER (U+FFFD)"),
        ("Похолодало — ", "white space before or after the text"),
        ("Похолодало.", "expected at least 2 words (fewer only in fragment and headline), got 1"),
        ("— Похолодало!", "expected at least 2 words (fewer only in fragment and headline), got 1"),
    ],
)
def test_a_slip_of_typing_is_a_warning(tmp_path, text, message):
    assert f"train.jsonl:4 warning: {message}" in findings_of(tmp_path, {"text": text, "topics": []})


@pytest.mark.parametrize(
    "text",
    [
        "Канал на YouTube и IT-компания",
        "Витамин C полезен зимой",
        "Метеозонд M-31 над Ямалом",
        "Telegramканал о погоде",
        "Боинг-737 сел",
        "No comment, сказал синоптик",
    ],
)
def test_latin_words_in_their_place_are_no_slip(tmp_path, text):
    assert findings_of(tmp_path, {"text": text, "topics": []}) == []


@pytest.mark.parametrize("genre", ["fragment", "headline"])
def test_one_word_may_be_a_fragment(tmp_path, genre):
    assert findings_of(tmp_path, {"text": "Похолодало", "topics": [], "genre": genre}) == []


def test_schema_errors_do_not_stop_the_other_checks(tmp_path):
    assert findings_of(tmp_path, {"text": "", "topics": []}, {"text": "Град  выпал", "topics": ["hail"]}, GOOD[0]) == [
        "train.jsonl:4 error: 'text' is empty: ''",
        "train.jsonl:5 error: unknown topic 'hail' in 'topics' (the topics are rain, heat)",
        f"train.jsonl:6 error: the same text as train {tmp_path}/train.jsonl:1",
    ]


def test_the_same_text_with_other_topics_is_a_second_error(tmp_path):
    again = {"text": "Над Вологдой с утра льет", "topics": ["heat"]}
    where = f"train {tmp_path}/train.jsonl:1"
    assert findings_of(tmp_path, again) == [
        f"train.jsonl:4 error: the same text as {where}",
        f"train.jsonl:4 error: other topics for nearly the same text: heat here, rain; similarity 1.00 to {where}",
    ]


@pytest.mark.parametrize(
    "again",
    [{"topics": None}, {"topics": [], "unknown": ["rain"]}, {"topics": ["rain"]}],
    ids=["not labelled", "not judged", "same"],
)
def test_topics_that_nobody_judged_make_no_conflict(tmp_path, again):
    findings = findings_of(tmp_path, {"text": "над вологдой с утра льёт"} | again)
    assert len(findings) == 1
    assert "the same text as" in findings[0]


# "над вологдой с утра льет" has 20 different 5-grams; "… и льет" adds six, as " льет" comes again: 20 / 26.
def test_few_near_duplicates_are_a_warning_and_many_an_error(tmp_path):
    near = {"text": "Над Вологдой с утра льёт и льёт.", "topics": ["rain"]}
    message = f"near duplicate: similarity 0.77 to train {tmp_path}/train.jsonl:1"
    assert findings_of(tmp_path, near) == [f"train.jsonl:4 error: {message}"]
    # One in 204 rows is under half a per cent; nothing but numbers keeps the fillers unlike each other.
    fillers = [{"text": f"{7919**2 * n % 10**9:09} {104729 * n**3 % 10**9:09}", "topics": []} for n in range(1, 201)]
    assert findings_of(tmp_path, near, *fillers) == [f"train.jsonl:4 warning: {message}"]


def test_a_leak_between_splits_is_an_error(tmp_path):
    train = written(tmp_path, "train.jsonl", *GOOD)
    test = written(tmp_path, "test.jsonl", *GOOD[:2], {"text": "Над Вологдой с утра льёт и льёт.", "topics": []})
    errors = found(check({"train": [train], "test": [test]}, TOPICS))
    assert f"test.jsonl:1 error: leak between splits: similarity 1.00 to train {train}:1" in errors
    assert f"test.jsonl:3 error: leak between splits: similarity 0.77 to train {train}:1" in errors


def test_an_id_in_two_files_is_an_error(tmp_path):
    one = written(tmp_path, "one.jsonl", {"id": "a", "text": "Гроза ушла на восток", "topics": ["rain"]})
    two = written(tmp_path, "two.jsonl", {"id": "a", "text": "Печёт с самого утра", "topics": ["heat"]})
    assert found(check({"train": [one, two]}, TOPICS)) == [f"two.jsonl:1 error: the id 'a' is taken by train {one}:1"]


def test_foreign_texts_must_not_occur(tmp_path):
    report = check({"train": [written(tmp_path, "train.jsonl", *GOOD)]}, TOPICS, ["Ярмарка откроется в пятницу!"])
    assert found(report) == ["train.jsonl:3 error: near duplicate of a text that must not be here: similarity 1.00"]


def test_a_topic_that_a_split_lacks_is_a_warning(tmp_path):
    test = written(tmp_path, "test.jsonl", {"text": "Ливень затопил подвалы", "topics": ["rain"]})
    report = check({"test": [test]}, TOPICS)
    assert found(report) == ["test.jsonl:1 warning: no row of the split 'test' has: heat"]
    assert report.errors == 0


def test_an_empty_file_and_a_file_given_twice(tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    assert found(check({"test": [empty]}, TOPICS)) == ["empty.jsonl:1 error: the file has no rows"]
    path = written(tmp_path, "train.jsonl", *GOOD)
    with pytest.raises(DataError, match=r"train\.jsonl: is given twice"):
        check({"train": [path], "test": [path]}, TOPICS)


def test_the_figures_of_a_split():
    figures = compose(
        [
            row("Утром в Твери минус пять", ("rain", "heat"), "wire"),
            row("Утром в Твери дождь и град", ("rain",), "wire"),
            row("Кто — за снег?", ()),
            row("Гололёд", None, "headline"),
        ],
        TOPICS,
    )
    assert (figures.rows, figures.none, figures.two_or_more, figures.not_labelled) == (4, 1, 1, 1)
    assert figures.topics == {"rain": 2, "heat": 1}
    assert figures.genres == {"wire": 2, "-": 1, "headline": 1}
    assert figures.words == (1, 3, 5)  # of the lengths 1, 3, 5, 6: places 0, 1 and 2
    assert figures.openings == {"утром в твери": 0.5, "кто за снег": 0.25}
    assert figures.distinct_grams == 1.0  # "утром в твери минус", "в твери минус пять", …: 2 + 3, all different
    assert figures.shares["no final stop"] == 0.75


def test_runs_of_four_words_that_come_again():
    # Two sentences of five words have two runs each; the first run is the same: three of four are different.
    assert compose([row("Ветер на море слаб сегодня"), row("Ветер на море слаб пока")], TOPICS).distinct_grams == 0.75


def test_no_rows_give_zeros():
    figures = compose([], TOPICS)
    assert (figures.rows, figures.words, figures.distinct_grams) == (0, (0, 0, 0), 1.0)
    assert set(figures.shares.values()) == {0.0}


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("digits", "Выпало 12 мм", "Выпало немного"),
        ("quotes", "Тайфун «Роза» утих", "Тайфун Роза утих"),
        ("quotes", 'Тайфун "Роза" утих', "Тайфун 'Роза' утих"),
        ("attribution", "Дождя не будет, сообщили в центре", "Сообщение с островом прервано"),
        ("attribution", "По её словам, снег сойдёт", "Снег сойдёт, слов нет"),
        ("attribution", "Как пишет газета, зима мягкая", "Художник напишет зиму"),
        ("attribution", "Передаёт наш корреспондент", "Передача прервалась"),
        ("acronyms", "В МЧС ждут шторма", "В центре ждут шторма"),
        ("acronyms", "В МЧС ждут шторма", "В МЧС ЖДУТ ШТОРМА"),
        ("no final stop", "Снег", "Снег…"),
        ("no final stop", "Сел на «Буран»", "Он сказал: «Снег!»"),
    ],
)
def test_what_the_shares_count(name, yes, no):
    assert SHARES[name](yes)
    assert not SHARES[name](no)


def test_an_opening_that_many_rows_share_is_a_warning(tmp_path):
    words = [f"{first}{second}" for first in "абвгдежзик" for second in "лмнопрстуф" * 10]
    rows = [{"text": f"{word} {place}{word} {word}{place} {place * 7919}"} for place, word in enumerate(words)]
    for place in range(4):  # 4 of 1000 rows are more than 0.3 %
        rows[place] = {"text": f"Утром в Твери {place * 7919} {words[place * 10]}{place}"}
    report = check({"train": [written(tmp_path, "train.jsonl", *rows)]}, TOPICS)
    expected = "train.jsonl:1 warning: 0.4% of the rows of the split 'train' begin with 'утром в твери'"
    assert expected in found(report)


def test_minimal_pairs_are_counted():
    one = Row("1", "Дождь.", ("rain",), None, (), 1, "r.jsonl", {"pair": "a"})
    other = Row("2", "Зной.", ("heat",), None, (), 2, "r.jsonl", {"pair": "a"})
    assert compose([one, other], TOPICS).pairs == {"heat / rain": 1}
