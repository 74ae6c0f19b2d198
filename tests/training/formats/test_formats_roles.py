"""Which columns are taken for those of topics, where names do not tell or several could be meant."""

import json

import pytest

SENTENCES = ("В Твери весь день шёл дождь", "В Омске неделю сухо и жарко", "На трассе тихо и спокойно весь день")


def lines(*rows):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


def topics_of(reading):
    return [one.topics for one in reading.examples]


class TestColumnsThatNeverNameATopic:
    """`нет`, `-` and `[]` mean "no topic" in a column of topics; elsewhere they mean something else."""

    @pytest.mark.parametrize("word", ["нет", "-", "[]"])
    def test_they_do_not_hide_the_topics(self, read, word):
        rows = zip(SENTENCES, ("Дожди", "Жара и засуха", "нет"), strict=True)
        table = "Текст;Повтор;Темы предложения\n" + "".join(f"{text};{word};{topic}\n" for text, topic in rows)
        reading = read("rows.csv", table)
        assert topics_of(reading) == [("rain",), ("heat",), ()]
        assert reading.understood[1] == "text from 'Текст', topics from 'Темы предложения'"
        assert reading.examples[0].meta == {"Повтор": word}

    def test_they_make_no_negatives_of_texts_that_nobody_labelled(self, read):
        reading = read("rows.csv", "Текст;Вложение\nЛьёт;нет\nПечёт;нет\n")
        assert topics_of(reading) == [None, None]
        assert reading.warnings[0].startswith("no column of topics found: no row is labelled")

    def test_empty_lists_beside_labels_of_parts_are_no_topics(self, read):
        row = {"text": "Льёт", "entities": [{"id": 1, "label": "GPE", "start_offset": 0}], "relations": []}
        assert topics_of(read("all.jsonl", lines(row, row))) == [None, None]

    def test_they_contradict_no_column_of_yes_and_no(self, read):
        reading = read("rows.csv", "Текст;Дожди;Жара и засуха;Ремонт дорог;Спорно\nЛьёт;1;0;0;нет\nТихо;0;0;0;нет\n")
        assert (topics_of(reading), reading.rejected) == ([("rain",), ()], ())

    def test_a_column_with_a_telling_name_counts_even_so(self, read):
        assert topics_of(read("rows.csv", "Текст;Темы\nТихо;нет\nСпокойно;-\n")) == [(), ()]

    def test_beside_another_with_a_telling_name_the_one_with_topics_wins(self, read):
        reading = read("rows.csv", "Текст;Темы;Метка\nЛьёт;нет;Дожди\nПечёт;нет;Жара\nТихо;нет;Дожди\n")
        assert reading.understood[1] == "text from 'Текст', topics from 'Метка'"

    def test_a_column_of_choices_in_label_studio(self, read):
        table = "annotation_id,annotator,id,note,repeat,what\n1,1,1,Льёт,нет,Дожди\n2,1,2,Печёт,нет,Зной\n"
        reading = read("rows.csv", table, text_column="note")
        assert reading.understood[1] == "text from 'note', topics from 'what'"

    def test_a_control_of_label_studio(self, read):
        def chosen(control, choice):
            return {"type": "choices", "from_name": control, "value": {"choices": [choice]}}

        pairs = (("Льёт", "Дожди"), ("Печёт", "Зной"))
        tasks = [
            {"data": {"text": text}, "annotations": [{"result": [chosen("repeat", "нет"), chosen("what", topic)]}]}
            for text, topic in pairs
        ]
        assert topics_of(read("rows.json", tasks)) == [("rain",)]

    def test_a_question_of_argilla(self, read):
        rows = [
            {"text": text, "repeat.responses": [["нет"]], "what.responses": [[topic]]}
            for text, topic in (("Льёт", "Дожди"), ("Печёт", "Зной"))
        ]
        assert topics_of(read("rows.json", rows)) == [("rain",)]


def test_of_columns_without_telling_names_the_one_with_most_topics_is_taken(read):
    table = "Фрагмент;Ещё;Решение\n" + "".join(
        f"{text};{more};{topic}\n"
        for text, more, topic in zip(SENTENCES, ("-", "rain", "-"), ("rain", "heat", "-"), strict=True)
    )
    assert read("rows.csv", table).understood[1] == "text from 'Фрагмент', topics from 'Решение'"


@pytest.mark.parametrize("further", [{"unknown": ["rain"]}, {"scores": {"rain": 0.9}}])
def test_what_svodka_writes_beside_labels_is_never_taken_for_labels(read, further):
    assert topics_of(read("rows.jsonl", lines({"text": "Льёт", **further}))) == [None]


class TestSeveralColumnsOfTopics:
    """A topic in a column that is not read would be learnt as a negative."""

    @pytest.mark.parametrize(
        "header",
        [
            "Текст;Темы;;",
            "Текст;Тема;Вторая тема;Третья тема",
            "Текст;Основная тема;Дополнительная тема;Тема 3",
            "text;Primary topic;Secondary topic;topic 3",
        ],
    )
    def test_those_of_one_kind_are_read_together(self, read, header):
        table = f"{header}\nЛьёт и печёт;Дожди;Жара и засуха;\nКладут;;;Ремонт дорог\nТихо;нет;;\nНе читано;;;\n"
        reading = read("rows.csv", table)
        assert topics_of(reading) == [("rain", "heat"), ("road_works",), (), None]
        assert reading.warnings == ()

    @pytest.mark.parametrize("header", ["Текст;Темы;Аня", "Текст;Темы;Метки", "Текст;Разметка;Вторая разметка"])
    def test_others_may_be_of_another_reader_and_are_a_warning(self, read, header):
        reading = read("rows.csv", f"{header}\nЛьёт и печёт;Дожди;Жара и засуха\nТихо;нет;нет\n")
        assert topics_of(reading) == [("rain",), ()]
        assert reading.warnings == (
            f"the column {header.split(';')[2]!r} names topics as well, and is not used: rows may lack topics; give "
            "all columns of topics with --label-column, or only the right one",
        )

    def test_whoever_names_the_columns_is_not_warned(self, read):
        table = "Текст;Темы;Аня\nЛьёт и печёт;Дожди;Жара и засуха\n"
        reading = read("rows.csv", table, label_columns=("Темы", "Аня"))
        assert (topics_of(reading), reading.warnings) == ([("rain", "heat")], ())
        assert read("rows.csv", table, label_columns=("Темы",)).warnings == ()

    def test_a_table_without_a_header_is_warned_of(self, read):
        rows = f"{SENTENCES[0]};Дожди;Жара и засуха\n{SENTENCES[1]};Жара и засуха;Дожди\n"
        (warning,) = read("rows.csv", rows).warnings
        assert warning.startswith("the column 'column 3' names topics as well, and is not used")

    def test_a_nameless_column_of_notes_is_kept(self, read):
        one = read("rows.csv", "Текст;Темы;\nЛьёт;Дожди;проверить\n").examples[0]
        assert (one.topics, one.meta) == (("rain",), {"column 3": "проверить"})

    def test_what_svodka_writes_beside_labels_is_no_second_column(self, read):
        row = {"text": "Льёт", "topics": ["rain"], "unknown": ["heat"], "scores": {"rain": 0.9}}
        assert read("rows.jsonl", lines(row)).warnings == ()
