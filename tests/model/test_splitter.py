"""Examples of sentence splitting, grouped by phenomenon: `|` marks every expected cut.

To add one, write the text with its cuts: whitespace around `|` belongs to the text, the bar does not.
`⏎` stands for a line end.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from svodka import splitter
from svodka.splitter import Sentence, has_sentence, split_sentences

SHARED = Path(__file__).parents[2].parent / "shared"

PLAIN = """
Полк прибыл на полигон.
Полк прибыл на полигон.| Стрельбы начнутся утром.
Кто отдал приказ?| Неизвестно.
Приказ отдан!| Колонна вышла.
Что это было?!| Штаб молчит.
Сапёры ушли…| Мост остался цел.
Сапёры ушли...| Мост остался цел.
Сапёры… остались у моста.
...и тогда колонна встала.| Все ждали.
Склад опечатан.[3]| Охрана снята.
Склад опечатан.²| Охрана снята.
Охрана снята .| Склад пуст.
"""

ABBREVIATIONS = """
Прибыл ген. Иванов.| Он сообщил о потерях.
Прибыл полк. Седов.| Он сообщил о потерях.
Прибыл полк.| Город его ждал.
Привезли рис.| Люди рады.
Схема дана на рис. 3.| Она проста.
Спор восьми команд.| Мастера судят.
Прибыл ген.-полк. Иванов.| Он сообщил о потерях.
Рапорт подал ст. лейт. Орлов.| Его приняли.
Роту ведёт кап. Седов.| Она готова.
В бой пошла 5-я гв. танковая бригада.
Курсанты ВВВУ им. Нестерова вернулись.| Их ждали.
Склад стоит на ул. Заречной, д. 5.| Его сдали.
Колонна вышла из пос. Лесной.| Дорога свободна.
Часть стоит в г. Энске.| Она готова.
Часть стоит в Энской обл.| Жалоб нет.
Отряд стоит у о. Северный.| Льда нет.
Мост через р. Быструю цел.| Охрана усилена.
По ст. 275 УК возбуждено дело.
См. приложение к приказу.| Оно закрыто.
Создана т. н. «серая зона».| Её патрулируют.
Создана т.н. «серая зона».| Её патрулируют.
Это мины, т. е. скрытая угроза.
Везут воду, муку и т. д.| Дорога открыта.
Везут воду, муку и т.п. на двух машинах.
Ушли врачи, связисты и др. специалисты.
И.о. командира назначен Седов.| Приказ подписан.
И. о. министра Седов убыл.| Его ждут.
Учения ведут ВС РФ.| Участвует флот.
Колонна прошла р-н Лесной.| Потерь нет.
В совет вошёл чл.-корр. Орлов.| Он инженер.
Назначен зам. командира по тылу.| Он полковник.
Встретил проф. Дж. Смит.| Они говорили час.
"""

NUMBERS = """
Отправлено 5 тыс. снарядов.| Ещё столько же в пути.
Контракт стоит 3 млрд руб.| Аванс выплачен.
Контракт стоит 3 млрд руб. и подписан.
Погибли 20 чел.| Поиски идут.
Контракт стоит 500 млн долл. США и подписан.
Контракт стоит 500 млн. долл. США и подписан.
Контракт стоит 500 млн долл.| Срок год.
Переданы 12 ед. БТР и 40 шт. Су-35.
На складе 12 ед.| Потерь нет.
За 9 мес. 2025 г. завод собрал 300 машин.
Ремонт занял 9 мес.| Завод готов.
До границы 15 км.| Колонна встала.
Марш занял 5 ч. 20 мин. и прошёл без потерь.
Завод построен в 1943 г.| Его закрыли.
Завод построен в 1943 г. и закрыт в 1991 г. по приказу.
В мае 2018 г. Россия закрыла базу.
К 2030 г. Минобороны обновит парк.
24 мая 2018 г. Россия закрыла базу.
Весной 2018 г. Россия закрыла базу.
База закрыта 24 мая 2018 г.| Её сдали.
За 1941–1945 гг. Россия потеряла миллионы.
Это крепость XIX в.| Она цела.
База занимает 200 кв. м.| Её закрыли.
Купили на 5 млрд руб. (32 % плана).| Срок год.
Сбито 3.5 процента целей.| Остальные ушли.
Удар нанесли в 4.30 утра.| Цель поражена.
Приказ от 05.03.2021 отменён.| Причин нет.
Приказ от 05. 03. 2021 отменён.
Сбито 12.| Ещё 3 упали.
Приняты Т-90М.| Экипажи обучены.
В составе 155.| Это много.
"""

NAMES = """
А. Б. Седов вернулся в часть.
Доклад сделал А. Б. Седов.| Вопросов не было.
Доклад сделал А.Б. Седов.| Вопросов не было.
Прибыл Седов А. Б.| Он доложил о потерях.
На базе был U.S. Army Band.
Конструктор В. Орлов умер.| Ему было сто лет.
"""

QUOTES = """
«Мы готовы.| Враг отступит», – сказал он.
"Мы готовы.| Враг отступит", - сказал он.
«Вперёд!» – крикнул сержант.| Рота встала.
«Вперёд!» – Седов поднял роту.
«Где рота?» – спросил он.
«Где рота?» спросил он.
«Стой!»| Колонна замерла.
Он крикнул: «Стой!»| Колонна замерла.
В газете «Вперёд!» Седов писал о флоте.
Он сказал, что «рота готова».| Её ждут.
Он сказал: «Рота готова.»| Её ждут.
“Рота готова.”| Её ждут.
Так начался «Щит-2024».| В нём три этапа.
Он ответил: "Да".| "Нет", - сказал другой.
"""

DIALOGUE = """
– Мы готовы, – сказал он.| – Ждём приказа.
— Мы готовы! — сказал он.| — Ждём приказа.
– Где рота?| – В поле.
– Где рота?⏎|– В поле.
- Стоим насмерть!⏎|- Стоим, - ответил сержант.
Рота цела. – сказал он.
"""

BRACKETS = """
Сбит дрон (модель уточняется).| Обломки собраны.
(Фото сделал Седов.)| Оно удалено.
Запрет введён (прим. ред.) и действует.
Колонна (танки, тягачи и др.) Седову не нужна.
Боец (герой!) Седов награждён.
Он введён весной (запрет – ред.).| Срок не назван.
"""

WEB = """
Сводка: https://example.ru/a.b?c=1.| Читайте утром.
Пишите на press@example.ru.| Ответим за день.
Следите за @svodka_test.| Там всё.
**Срочно.**| Колонна ушла.
__Колонна ушла.__| Её ждут.
Враг ушёл.| **Колонна** цела.
Файл сводка.txt открыт.| Он пуст.
Колонна ушла.|Об этом сообщил штаб.
Сайт Газета.Ру закрыт.
Колонна в пути.| #сводка #флот
Бригада отошла.| iPhone в части запрещён.
"""

EMOJI = """
Дрон сбит! 🔥| Обломки найдены.
Дрон сбит. 🔥🔥
❗️Внимание, ракета.| ⚡️Все в укрытие.
⚡️ Дрон сбит⏎|Обломки найдены⏎|Подробности позже 👇
"""

LISTS = """
Доставлены:⏎|• вода;⏎|• мука;⏎|• топливо.
Доставлены:⏎|- вода;⏎|- мука.
Решили:⏎|1. Закрыть мост.⏎|2. Открыть склад.
Решили:⏎|1) закрыть мост⏎|2) открыть склад
Решили:⏎|а) закрыть мост⏎|б) открыть склад
1.⏎Закрыть мост.⏎|2.⏎Открыть склад.
1. Закрыть мост.| 2. Открыть склад.
1.1. Закрыть мост.| Срок неделя.
"""

LINES = """
Флот вышел в море⏎⏎|Корабли покинули базу утром.| Их ждут в мае.
Флот вышел в море⏎|Корабли покинули базу утром.
Корабли покинули базу⏎и вышли в море.| Их ждут.
Корабли покинули базу в⏎Энске.| Их ждут.
Учения пройдут в Энске,⏎Лесном и Заречном.
Завод выпустил «⏎Щит».
Флот вышел.⏎|* * *⏎|Армия стоит.
ФЛОТ ВЫШЕЛ В МОРЕ⏎|Корабли покинули базу утром.
"""
TABLES = {
    "plain": PLAIN,
    "abbreviations": ABBREVIATIONS,
    "numbers": NUMBERS,
    "names": NAMES,
    "quotes": QUOTES,
    "dialogue": DIALOGUE,
    "brackets": BRACKETS,
    "web": WEB,
    "emoji": EMOJI,
    "lists": LISTS,
    "lines": LINES,
}
CASES = [pytest.param(row, id=f"{name}: {row}") for name, rows in TABLES.items() for row in rows.split("\n") if row]

# A wrapped article: title, two paragraphs, a wrapped dash, a word cut at its hyphen, a quotation over two sentences.
WRAPPED = """\
Завод передал флоту новый корабль

Корабль связи прибыл на базу Северного флота в среду утром, и экипаж
принял его под командой капитана Седова. Корвет построен на заводе в
Энске - это пятый корабль серии. "Экипаж готов к походу. Мы ждём
приказа", - сообщил журналистам на причале командир корвета Седов.

Ещё два корабля той же серии завод должен сдать до конца года. Материально-
техническая база для них уже готова, рассказали в штабе объединения.
"""
WRAPPED_SENTENCES = [
    "Завод передал флоту новый корабль",
    "Корабль связи прибыл на базу Северного флота в среду утром, и экипаж принял его под командой капитана Седова.",
    "Корвет построен на заводе в Энске - это пятый корабль серии.",
    '"Экипаж готов к походу.',
    'Мы ждём приказа", - сообщил журналистам на причале командир корвета Седов.',
    "Ещё два корабля той же серии завод должен сдать до конца года.",
    "Материально- техническая база для них уже готова, рассказали в штабе объединения.",
]
PIECES = st.sampled_from(
    [*'абвгАБ .!?…\n\r\t«»"“”()-–1•🔥,;:', "г. ", "т. е.", " и т. д. ", "\n\n", "слово ", "a.b@c.ru "]
)
TEXTS = st.text() | st.lists(PIECES, max_size=60).map("".join)


def texts(sentences: list[Sentence]) -> list[str]:
    return [" ".join(sentence.text.split()) for sentence in sentences]


def expected(row: str) -> list[str]:
    return [" ".join(part.split()) for part in row.split("|") if any(map(str.isalnum, part))]


@pytest.mark.parametrize("row", CASES)
def test_cuts_where_the_bar_stands(row: str):
    row = row.replace("⏎", "\n")
    assert texts(split_sentences(row.replace("|", ""))) == expected(row)


def test_there_are_enough_examples():
    assert len(CASES) >= 80


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028"])
@pytest.mark.parametrize("margin", ["", "    "], ids=["flush", "indented"])
def test_wrapped_article_is_read_as_paragraphs(line_end: str, margin: str):
    article = "".join(margin + line + line_end for line in WRAPPED.split("\n"))
    assert texts(split_sentences(article)) == WRAPPED_SENTENCES


def test_wrapped_article_with_a_blank_line_after_every_line():
    article = WRAPPED.replace("\n\n", "\n").replace("\n", "\n\n")
    assert texts(split_sentences(article)) == WRAPPED_SENTENCES


def test_offsets_point_into_the_original_text():
    text = "\t  Полк прибыл.\r\n\r\n  Он\u00a0готов!  "
    assert split_sentences(text) == [Sentence(3, 15, "Полк прибыл."), Sentence(21, 30, "Он\u00a0готов!")]


@pytest.mark.parametrize("space", ["\u200b", "\u200b ", " \ufeff"])
def test_cuts_at_unseen_whitespace(space: str):
    assert texts(split_sentences(f"Полк прибыл.{space}Он готов.")) == ["Полк прибыл.", "Он готов."]


@pytest.mark.parametrize(
    "text", ["Сайт example.\u200bcom открыт.", "Скорость 3.\u200b5 км.", "Сайт rg.\u200bRu/abc открыт."]
)
def test_unseen_whitespace_inside_an_address_or_a_number_cuts_nothing(text: str):
    assert texts(split_sentences(text)) == [text]


@pytest.mark.parametrize("text", ["", " \n\t ", "...", "?!", "* * *", "—", "🔥🔥", "\r\n\r\n", "«»"])
def test_text_without_letters_and_digits_has_no_sentences(text: str):
    assert split_sentences(text) == []
    assert not has_sentence(text)


@given(TEXTS)
@example(WRAPPED)
@example("1.\r\n\u2029а. Б.🔥 .")
def test_sentences_are_ordered_slices_and_lose_no_word(text: str):
    sentences = split_sentences(text)
    assert has_sentence(text) == bool(sentences)
    end = 0
    for sentence in sentences:
        assert sentence.text == text[sentence.start : sentence.end]
        assert sentence.text == sentence.text.strip()
        assert any(map(str.isalnum, sentence.text))
        assert not any(map(str.isalnum, text[end : sentence.start]))
        assert end <= sentence.start < sentence.end
        end = sentence.end
    assert not any(map(str.isalnum, text[end:]))


@pytest.mark.parametrize(
    ("unit", "most"),
    [("слово ", 1), ("а, ", 1), ("... ", 0), ("А. ", 1), ("[1", 1), ('."', 0), ("слово\n", 1), ("🔥 ", 0)],
)
def test_long_text_without_an_end_is_one_sentence(unit: str, most: int):
    # Long enough that a quadratic step would be felt: 100,000 repetitions take minutes then.
    assert len(split_sentences(unit * 100_000)) == most


def test_each_mark_is_judged_by_a_bounded_neighbourhood(monkeypatch: pytest.MonkeyPatch):
    seen: list[int] = []

    def judge(place: splitter.Boundary) -> bool:
        seen.append(len(place.sentence) + len(place.left) + len(place.right))
        return False

    monkeypatch.setattr(splitter, "is_boundary", judge)
    split_sentences("слово. " * 1000)
    assert len(seen) == 999
    assert max(seen) <= 180


def test_real_wrapped_article():
    path = SHARED / "real" / "astana.txt"
    if not path.exists():
        pytest.skip("the real article lies beside the repository, not in it")
    assert len(split_sentences(path.read_text(encoding="utf-8"))) == 19
