import pytest

from svodka.errors import ConfigError, DataError


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_encodings_and_separators_are_found(read, separator, encoding):
    table = (
        f'Текст{separator}Темы\r\n"Дождь, а потом; снег | град"{separator}Дожди\r\nВечером было сухо{separator}нет\r\n'
    )
    reading = read("rows.csv", table.encode(encoding))
    assert [(one.row, one.text, one.topics) for one in reading.examples] == [
        (2, "Дождь, а потом; снег | град", ("rain",)),
        (3, "Вечером было сухо", ()),
    ]


def test_what_was_understood_is_said(read):
    reading = read("rows.csv", "№;Текст;Темы\n1;Под Тверью прошёл сильный дождь;Дожди\n".encode("windows-1251"))
    assert reading.understood == (
        "text table, windows-1251, separator ';'",
        "text from 'Текст', topics from 'Темы', id from '№'",
    )


def test_the_first_line_of_excel_names_the_separator(labels):
    assert labels("rows.csv", "sep=|\ntext|topics\nЛьёт, льёт, льёт|rain\n") == {"Льёт, льёт, льёт": ("rain",)}


def test_the_user_may_name_the_separator(labels):
    assert labels("rows.txt", "text^topics\nЛьёт|льёт^rain\n", separator="^") == {"Льёт|льёт": ("rain",)}
    assert labels("rows.txt", "text\ttopics\nЛьёт\train\n", separator="tab") == {"Льёт": ("rain",)}
    with pytest.raises(ConfigError, match="--separator must be one character, or tab, got ';;'"):
        labels("rows.txt", "text;;topics\n", separator=";;")


def test_a_title_above_the_header(read):
    reading = read("rows.csv", "Разметка за март;;\n;;\nid;Предложение;Тема\n7;Льёт;Дожди\n")
    assert [(one.row, one.id, one.text) for one in reading.examples] == [(4, "7", "Льёт")]
    assert reading.understood[0] == "text table, utf-8, separator ';', header in row 3"


def test_without_a_header_the_first_row_is_data(read):
    table = (
        "Под Тверью весь день шёл сильный дождь;Дожди\nВ Омске неделю сухо и жарко;Жара и засуха\n;\n"
        "На трассе под Тверью кладут новый асфальт;road_works\n"
    )
    reading = read("rows.csv", table)
    assert [(one.row, one.topics) for one in reading.examples] == [(1, ("rain",)), (2, ("heat",)), (4, ("road_works",))]
    assert reading.understood == (
        "text table, utf-8, separator ';', no header row: the first row is data",
        "text from 'column 1', topics from 'column 2'",
    )
    assert (reading.blank, reading.rejected) == (1, ())


def test_a_comma_in_every_sentence_does_not_separate_cells_if_topics_stand_behind_a_semicolon(labels):
    table = "Под Тверью шёл дождь, весь день лило;Дожди\nВ Омске неделю сухо, жара не спадает;Жара и засуха\n"
    assert list(labels("rows.csv", table).values()) == [("rain",), ("heat",)]


def test_the_first_row_may_have_no_topic_too(labels):
    table = "Весь день в городе было тихо и спокойно,нет\nПод Тверью весь день шёл дождь,Дожди\n"
    assert list(labels("rows.csv", table).values()) == [(), ("rain",)]


@pytest.mark.parametrize(
    "table",
    [
        "№,Запись,Дожди\n1,Под Тверью весь день шёл сильный дождь,Дожди\n",
        "Запись целиком,Дожди,Жара и засуха\nПод Тверью весь день шёл сильный дождь,да,нет\n",
    ],
)
def test_names_of_topics_in_a_header_make_it_no_data(read, table):
    reading = read("rows.csv", table)
    assert [(one.row, one.topics) for one in reading.examples] == [(2, ("rain",))]


def test_blank_rows_between_others_are_counted(read):
    reading = read("rows.csv", "text,topics\nЛьёт,rain\n,\n\nПечёт,heat\n,\n")
    assert ([one.row for one in reading.examples], reading.blank, reading.rejected) == ([2, 5], 2, ())


def test_further_columns_are_kept_if_they_hold_something(read):
    one, other = read("rows.csv", "text,topics,source,note\nЛьёт,rain,tv,\nПечёт,heat,,жарко\n").examples
    assert (one.meta, other.meta) == ({"source": "tv"}, {"note": "жарко"})


def test_numbered_columns_of_topics_are_one(labels):
    table = "Текст;Тема 1;Тема 2\nЛьёт и печёт;Дожди;Жара и засуха\nЛьёт;Дожди;\nТихо;;\n"
    assert labels("rows.csv", table) == {"Льёт и печёт": ("rain", "heat"), "Льёт": ("rain",), "Тихо": None}


def test_columns_without_telling_names_are_told_by_their_content(read):
    rows = (
        "Фрагмент;Решение;Кто\nВ Твери весь день шёл дождь, улицы стоят;rain;Аня\nВ Омске неделю сухо и жарко;heat;Я\n"
    )
    reading = read("rows.csv", rows)
    assert [one.topics for one in reading.examples] == [("rain",), ("heat",)]
    assert reading.understood[1] == "text from 'Фрагмент', topics from 'Решение'"


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("data", "01.03.2026", "02.03.2026"),
        ("data", "2026-03-01T12:00:00.000+03:00", "2026-03-02T12:00:00.000+03:00"),
        ("document", "https://example.org/news/2026/03/1", "https://example.org/news/2026/03/2"),
    ],
)
def test_a_name_that_dates_have_as_well_is_told_by_content(read, name, first, second):
    table = (
        f"{name};Новость;Темы\n{first};В Твери весь день шёл дождь;rain\n{second};В Омске неделю сухо и жарко;heat\n"
    )
    reading = read("rows.csv", table)
    assert reading.understood[1] == "text from 'Новость', topics from 'Темы'"
    assert [one.meta for one in reading.examples] == [{name: first}, {name: second}]


@pytest.mark.parametrize("text", ["Льёт", "В Твери весь день шёл дождь"])
def test_such_a_name_counts_where_no_other_column_holds_sentences(labels, text):
    assert labels("rows.csv", f"data;Источник;Темы\n{text};ТВ;rain\n") == {text: ("rain",)}


def test_the_user_may_name_the_columns(labels):
    table = "text,Черновик,Разбор\nчерновик,Льёт,rain\n"
    assert labels("rows.csv", table, text_column="черновик", label_columns=("Разбор",)) == {"Льёт": ("rain",)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text_column": "Текс"}, r"no column 'Текс' for --text-column; did you mean 'Текст'\? \(its columns: 'Текст'"),
        ({"label_columns": ("Метка",)}, r"no column 'Метка' for --label-column"),
    ],
)
def test_columns_that_are_not_there(read, options, message):
    with pytest.raises(DataError, match=message):
        read("rows.csv", "Текст,Темы\nЛьёт,rain\n", **options)


def test_without_a_column_of_sentences_the_options_are_named(read):
    with pytest.raises(DataError, match=r"no column of sentences found \('a', 'b'\); name it with --text-column"):
        read("rows.csv", "a,b\n1,2\n")


def test_where_nothing_is_labelled_no_columns_are_swapped(labels):
    assert labels("rows.csv", "text,topics\nNONE,\n") == {"NONE": None}


def test_swapped_columns_are_told_from_unknown_topics(read, labels):
    table = "Текст;Темы\nДожди;Под Тверью льёт, и льёт\nДожди|Жара и засуха;Льёт и печёт\n"
    with pytest.raises(
        DataError,
        match=r"rows\.csv: 'Текст' holds topics and 'Темы' does not: the columns look swapped; "
        r"say --text-column Темы --label-column Текст$",
    ):
        read("rows.csv", table)
    assert labels("rows.csv", table, text_column="Темы", label_columns=("Текст",)) == {
        "Под Тверью льёт, и льёт": ("rain",),
        "Льёт и печёт": ("rain", "heat"),
    }


def test_a_text_that_is_the_name_of_a_topic_swaps_nothing(labels):
    assert labels("rows.csv", "text,topics\nДожди,rain\nТихо,-\n") == {"Дожди": ("rain",), "Тихо": ()}


def test_without_a_column_of_topics_the_reader_warns(read):
    reading = read("rows.csv", "text,source\nЛьёт,tv\n")
    assert reading.examples[0].topics is None
    assert reading.warnings == (
        "no column of topics found: no row is labelled; name it with --label-column (columns: 'source')",
    )


@pytest.mark.parametrize("header", ["text,topics,topics", "text,text,topics", "Текст,Дожди,rain"])
def test_a_column_that_is_needed_must_not_stand_twice(read, header):
    with pytest.raises(DataError, match=r"the header has '.*' twice, and it is needed; rename or delete one"):
        read("rows.csv", f"{header}\nЛьёт,1,1\n")


def test_other_columns_may_stand_twice(read):
    assert read("rows.csv", "text,topics,note,note\nЛьёт,rain,a,b\n").examples[0].meta == {"note": "a", "note (2)": "b"}


def test_all_bad_rows_come_at_once_with_row_and_column(faults):
    table = "Текст;Темы\nЛьёт;rian\n;rain\nnan;rain\nПечёт;heat\nТихо;нет;лишнее\nОборвано\nСухо;rain|спорт\n"
    assert faults("rows.csv", table) == [
        "2: column 'Темы': unknown topic 'rian'; did you mean 'rain'?",
        "3: column 'Текст': the text is empty",
        "4: column 'Текст': the text is empty: 'nan' is a program's word for a missing value",
        "6: expected 2 cells as in the header, got 3; is a text with ';' in it not quoted?",
        "7: expected 2 cells as in the header, got 1; is it cut off?",
        "8: column 'Темы': unknown topic 'спорт' (the topics are rain, heat, road_works)",
    ]


def test_no_topic_beside_topics_is_a_fault(faults):
    assert faults("rows.csv", "text,topics\nЛьёт,rain;нет\n") == [
        "2: column 'topics': 'нет' (no topic) stands beside topics"
    ]


def test_quotation_marks_that_are_mere_letters(read):
    reading = read("rows.csv", 'text;topics\n"Буран" накрыл Омск;rain\nУтих "Буран";rain\n')
    assert [one.text for one in reading.examples] == ['"Буран" накрыл Омск', 'Утих "Буран"']
    assert "quotation marks are letters" in reading.understood[0]


def test_a_quotation_mark_without_a_partner_costs_one_line(read):
    good = [f'"Льёт, {place}",rain' for place in range(99)]
    table = ["text,topics", *good[:4], '"Ангара" стартовала с Плесецка.,нет', *good[4:]]
    reading = read("rows.csv", "\n".join(table))
    assert [one.row for one in reading.examples] == [2, 3, 4, 5, *range(7, 102)]
    assert reading.examples[-1].text == "Льёт, 98"
    (one,) = reading.rejected
    assert (one.row, one.original) == (6, ['"Ангара" стартовала с Плесецка.,нет'])
    assert one.reason.startswith("this line cannot be read, often because a quotation mark")


def test_several_lines_with_such_marks_are_each_set_aside(read):
    reading = read("rows.csv", 'text,topics\n"А" и Б,нет\n"Льёт, льёт",rain\n"В" и Г,нет\nПечёт,heat\n"Д" и Е, ж,нет\n')
    assert [one.text for one in reading.examples] == ["Льёт, льёт", "Печёт"]
    assert [one.row for one in reading.rejected] == [2, 4, 6]


def test_a_quotation_mark_that_never_closes(read):
    reading = read("rows.csv", 'text,topics\nЛьёт,rain\n"Печёт, печёт,heat\nТихо,-\n"Льёт, льёт",rain\n')
    assert [(one.row, one.text) for one in reading.examples] == [(2, "Льёт"), (4, "Тихо"), (5, "Льёт, льёт")]
    assert [one.row for one in reading.rejected] == [3]


def test_a_quotation_mark_that_closes_rows_later_swallows_none(read):
    table = 'text,topics\n"Льёт, льёт",rain\n"Печёт, печёт,heat\nТихо,-\nПечёт 5",heat\n"Сухо, сухо",heat\n'
    reading = read("rows.csv", table)
    assert [one.text for one in reading.examples] == ["Льёт, льёт", "Тихо", "Сухо, сухо"]
    assert [one.row for one in reading.rejected] == [3, 5]
    assert "the quoted text goes on over whole rows" in reading.rejected[0].reason


@pytest.mark.parametrize(
    ("table", "topics"),
    [
        ('topics,text\nrain,"Льёт\nheat,Печёт"\n-,Тихо\n', [("rain",), ("heat",), ()]),
        ('topics,text\nrain,"Льёт\n-,Сухо\nheat,Печёт"\n-,Тихо\n', [("rain",), (), ("heat",), ()]),
        ('text,rain,heat\n"Льёт,1,0\nПечёт",0,1\nТихо,0,0\n', [("rain",), ("heat",), ()]),
        ('rain,heat,text\n1,0,"Льёт\n0,1,Печёт"\n0,0,Тихо\n', [("rain",), ("heat",), ()]),
    ],
)
def test_rows_that_two_stray_marks_would_join_are_rows(read, table, topics):
    assert [one.topics for one in read("rows.csv", table).examples] == topics


@pytest.mark.parametrize("text", ["Льёт\nдождь, ливень", "Льёт\n1,2 мм", "Льёт\nи дождь", "Льёт,\nдождь"])
def test_topics_before_a_text_of_several_lines(labels, text):
    assert labels("rows.csv", f'topics,text\nrain,"{text}"\n-,Тихо\n') == {text: ("rain",), "Тихо": ()}


def test_the_end_of_an_unreadable_text_is_no_row(read):
    reading = read("rows.csv", 'text,topics\n"Льёт,\nа "Буран" утих",rain\n"Печёт, печёт",heat\n')
    assert [one.text for one in reading.examples] == ["Печёт, печёт"]
    assert [one.row for one in reading.rejected] == [2, 3]


def test_one_bad_line_does_not_make_letters_of_all_quotation_marks(read):
    reading = read("rows.csv", 'text;topics\n"Льёт";rain\n"Печёт";heat\n"Буран" утих;нет\n')
    assert [one.text for one in reading.examples] == ["Льёт", "Печёт"]
    assert [one.row for one in reading.rejected] == [4]


def test_a_text_of_several_lines(read):
    reading = read("rows.csv", 'text,topics\n"Льёт,\nльёт",rain\nТихо,-\n')
    assert [(one.row, one.text) for one in reading.examples] == [(2, "Льёт,\nльёт"), (4, "Тихо")]


@pytest.mark.parametrize("cells", ['7,"Льёт\nвторой день",rain', '7,Льёт,"rain\nheat"', '"7","Тихо, нет\nа льёт",rain'])
def test_lines_in_a_quoted_text_are_no_rows(read, cells):
    reading = read("rows.csv", f"id,text,topics\n{cells}\n8,Тихо,-\n")
    assert [one.id for one in reading.examples] == ["7", "8"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("text,topics\n", r"expected a header and rows below it, got 1 rows \(text table"),
        (b"\xd0\xcf\x11\xe0 old", "an Excel file of the old kind"),
    ],
)
def test_files_without_rows(read, content, message):
    with pytest.raises(DataError, match=message):
        read("rows.csv", content)


def test_a_missing_file_is_guessed(tmp_path, read):
    (tmp_path / "labels.csv").write_text("text\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"lables\.csv: no such file; did you mean 'labels\.csv'\?"):
        read("x", tmp_path / "lables.csv")


def test_ids_that_rows_share_are_no_ids(read):
    reading = read("rows.csv", "id,text,topics\nстатья 1,Льёт,rain\nстатья 1,Печёт,heat\nстатья 2,Тихо,-\n")
    assert [(one.id, one.meta) for one in reading.examples] == [
        (None, {"id": "статья 1"}),
        (None, {"id": "статья 1"}),
        ("статья 2", {}),
    ]
    assert reading.understood[-1].startswith("2 rows share their id with others")


class TestMarks:
    """One column of yes and no for each topic."""

    def test_zeros_and_ones(self, read):
        table = "text,rain,heat,road_works\nЛьёт,1,0,0.0\nТихо,0,0,0\nНикем не читано,,,\n"
        assert [(one.topics, one.unknown) for one in read("rows.csv", table).examples] == [
            (("rain",), ()),
            ((), ()),
            (None, ()),
        ]

    def test_an_empty_cell_beside_others_was_not_judged(self, read):
        one = read("rows.csv", "text,rain,heat,road_works\nЛьёт,1,,нет\nПечёт,0,1,0\n").examples[0]
        assert (one.topics, one.unknown) == (("rain",), ("heat",))

    def test_topics_without_a_column_were_not_judged(self, read):
        reading = read("rows.csv", "Текст;Дожди;Жара и засуха\nЛьёт;да;нет\n")
        assert reading.examples[0].unknown == ("road_works",)
        assert "topics without a column, which nobody judged: road_works" in reading.understood

    def test_where_only_yes_is_written_empty_means_no(self, read):
        reading = read("rows.csv", "text,rain,heat,road_works\nЛьёт,x,,\nПечёт,,x,\nНичего,,,\n")
        assert [one.topics for one in reading.examples] == [("rain",), ("heat",), None]
        assert reading.warnings[0].startswith("1 rows have no mark at all, in a table where only yes is written")

    @pytest.mark.parametrize(("empty", "topics"), [("none", ()), ("unlabelled", None)])
    def test_the_user_says_what_a_row_without_marks_is(self, read, empty, topics):
        reading = read("rows.csv", "text,rain,heat,road_works\nЛьёт,x,,\nНичего,,,\n", empty=empty)
        assert (reading.examples[1].topics, reading.warnings) == (topics, ())

    def test_a_cell_that_says_neither_is_a_fault(self, faults):
        assert faults("rows.csv", "text,rain,heat\nЛьёт,1,0\nПечёт,0,2\nТихо,0,0\n") == [
            "3: column 'heat': expected 1 or 0, yes or no, x or nothing, got '2'"
        ]

    def test_probabilities_are_no_marks(self, read):
        reading = read("rows.csv", "text,topics,rain,heat\nЛьёт,rain,0.91,0.02\nПечёт,heat,0.12,0.83\n")
        assert [one.topics for one in reading.examples] == [("rain",), ("heat",)]
        assert reading.examples[0].meta == {"rain": "0.91", "heat": "0.02"}
        assert reading.warnings == ()

    def test_a_list_of_another_kind_does_not_hide_the_marks(self, labels):
        table = "text,category,rain,heat,road_works\nЛьёт,новости,1,0,0\nПечёт,обзор,0,1,0\n"
        assert labels("rows.csv", table) == {"Льёт": ("rain",), "Печёт": ("heat",)}

    def test_a_misspelt_column_is_a_warning(self, read):
        reading = read("rows.csv", "Текст;Дожди;Жара и засуха;Ремнот дорог;Проверено\nЛьёт;1;0;1;1\nТихо;0;0;0;1\n")
        assert reading.warnings == (
            "the column 'Ремнот дорог' of yes and no is named after no topic: not used; did you mean 'Ремонт дорог'?",
        )
        assert reading.examples[0].unknown == ("road_works",)

    def test_a_column_with_many_odd_cells_stays_that_of_its_topic(self, read, faults):
        table = "text,rain,heat,road_works\nЛьёт,1,0,0\nПечёт,?,1,0\nЗнойно,вроде,1,0\nТихо,0,0,0\nЖарко,сомн.,1,0\n"
        assert [(one.text, one.topics, one.unknown) for one in read("rows.csv", table).examples] == [
            ("Льёт", ("rain",), ()),
            ("Тихо", (), ()),
        ]
        expected = "column 'rain': expected 1 or 0, yes or no, x or nothing, got"
        assert faults("rows.csv", table) == [f"3: {expected} '?'", f"4: {expected} 'вроде'", f"6: {expected} 'сомн.'"]

    def test_a_column_that_says_neither_yes_nor_no_is_a_warning(self, read):
        reading = read("rows.csv", "text,rain,heat\nЛьёт,сильный,0\nПечёт,слабый,1\n")
        assert reading.warnings == ("the column 'rain' is named after a topic, but does not say yes or no: not used",)

    def test_marks_that_contradict_a_list_are_faults(self, read, faults):
        table = "text,topics,rain,heat\nЛьёт,rain,1,0\nПечёт,heat,1,0\nТихо,-,0,0\nКапает,,1,0\nНе читано,,0,0\n"
        reading = read("rows.csv", table)
        assert [(one.text, one.topics) for one in reading.examples] == [
            ("Льёт", ("rain",)),
            ("Тихо", ()),
            ("Не читано", None),
        ]
        assert faults("rows.csv", table) == [
            "3: column 'rain': says yes ('1'), but 'topics' does not name the topic; "
            "column 'heat': says no ('0'), but 'topics' names the topic",
            "5: column 'rain': says yes ('1'), but 'topics' does not name the topic",
        ]
        assert reading.understood[2] == "compared with the columns of yes and no: 'rain', 'heat'"

    def test_whoever_names_the_column_of_topics_has_chosen(self, read):
        reading = read("rows.csv", "text,topics,rain\nПечёт,heat,1\n", label_columns=("topics",))
        assert (reading.examples[0].topics, reading.warnings) == (("heat",), ())
