"""Examples of normalising: what people type, and what the model reads."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from svodka.normalise import normalise

EXAMPLES = [
    # composed and decomposed letters
    ("воинскии\u0306 учёт", "воинский учет"),
    ("Елка и ЁЛКА, ёлка и е\u0308лка", "Елка и ЕЛКА, елка и елка"),
    # quotes
    ("«Алмаз»", '"Алмаз"'),
    ("„Алмаз“ и “Алмаз”", '"Алмаз" и "Алмаз"'),
    ("‹Алмаз› и ‘Алмаз’", '"Алмаз" и "Алмаз"'),
    ("'Алмаз' и `Алмаз`", '"Алмаз" и "Алмаз"'),
    ("<<Алмаз>> и ''Алмаз''", '"Алмаз" и "Алмаз"'),
    ("концерн «„Алмаз“»", 'концерн "Алмаз"'),
    ("Кот-д’Ивуар и O'Neill", "Кот-д'Ивуар и O'Neill"),
    # dashes; the hyphen of a word stays a hyphen
    ("Щит – это учение", "Щит - это учение"),
    ("Щит — это, ― то, −5, ‒ всё", "Щит - это, - то, -5, - все"),
    ("2014–2018 и 2014—2018", "2014-2018 и 2014-2018"),
    ("военно‑морской", "военно-морской"),
    ("Щит -- это учение", "Щит - это учение"),
    # spaces and line ends
    ("5\u00a0тыс.\u2009км\t и\r\n\r\nболее ", "5 тыс. км и более"),
    ("\u3000два\u2028слова\u2800", "два слова"),
    ("в Киев\u3164pакета", "в Киев ракета"),
    # characters that nobody sees
    ("пере\u00adговоры", "переговоры"),
    ("\ufeffПВО\u200b \u2066С-400\u2069\x07", "ПВО С-400"),
    ("вни\u200dма\u2060ние ❗\ufe0f", "внимание ❗"),
    ("сбит \ud83d дрон", "сбит дрон"),
    # words cut by a line end
    ("материально-\n\nтехнического", "материально-технического"),
    ("материально-  \r\n  технического", "материально-технического"),
    ("самолёт Су-\n35", "самолет Су-35"),
    ("пере\u00ad\nговоры", "переговоры"),
    ("рас¬\nчёты на поли¬  \r\n\r\nгоне", "расчеты на полигоне"),
    ("рас¬чёты, за\u0301¬мок, p¬акета", "расчеты, замок, ракета"),
    ("2¬3, ¬ и а¬¬б", "2¬3, ¬ и а¬¬б"),
    ("Иванов -\nкомандир", "Иванов - командир"),
    # stress marks
    ("за\u0301мок и замо\u0301к", "замок и замок"),
    ("зáмок", "замок"),
    ("Café в Москве", "Café в Москве"),
    ("свій край", "свій край"),
    # Latin look-alikes in a Russian word
    ("Mосква и pакета", "Москва и ракета"),
    ("HATOвский", "НАТОвский"),
    ("пoлëт", "полет"),
    ("MиГ-29", "МиГ-29"),
    # genuine Latin stays
    ("C-400 и F-16", "C-400 и F-16"),
    ("Т-90M", "Т-90M"),
    ("HATO, PATRIOT, Hamas", "HATO, PATRIOT, Hamas"),
    ("Zoomер и VIPы", "Zoomер и VIPы"),
    # a text that is all capitals
    ("ПВО СБИЛА ДВА БЕСПИЛОТНИКА НАД ТУЛОЙ!", "ПВО сбила два беспилотника над тулой!"),
    ("«ИСКАНДЕР», СУ-35 И С-400: УЧЕНИЯ ПОД ОМСКОМ", '"Искандер", Су-35 и С-400: учения под омском'),
    ("ЁЛКА, АРТИЛЛЕРИЯ И ВСЁ", "Елка, артиллерия и все"),
    # a few capitals are no shouting, and acronyms alone are names
    ("СРОЧНО: ракеты", "СРОЧНО: ракеты"),
    ("НАТО, ОДКБ, ООН", "НАТО, ОДКБ, ООН"),
    ("АРТИЛЛЕРИЯ ВС", "АРТИЛЛЕРИЯ ВС"),
    # ellipsis
    ("Посмотрим…", "Посмотрим..."),
    ("Посмотрим.....", "Посмотрим..."),
    # nothing to do
    ("Полк прибыл на полигон, 12:30.", "Полк прибыл на полигон, 12:30."),
    ("", ""),
    (" \n\t\u200b", ""),
    ("军队 🚀", "军队 🚀"),
]
PIECES = st.sampled_from(
    [
        *"аеёийуАЕpaoyxCHPK'`\"«»<>-–—.… \n\r\t",
        "\u0301",
        "\u0306",
        "\u0308",
        "\u00ad",
        "\u200d",
        "\ud83d",
        "é",
        "ë",
        "s",
    ]
)


VOWELS_WITH_MARKS = [
    letter
    for letter in map(chr, range(0x400, 0x530))
    if unicodedata.normalize("NFD", letter)[0] in "аеиоуыэюяАЕИОУЫЭЮЯ" and letter not in "аеиоуыэюяАЕИОУЫЭЮЯйЙўЎ"
]


@pytest.mark.parametrize("letter", VOWELS_WITH_MARKS)  # from ё to ӹ
def test_a_vowel_that_has_its_mark_in_one_character_loses_it(letter):
    assert normalise(f"б{letter}б") == f"б{unicodedata.normalize('NFD', letter)[0]}б"


@pytest.mark.parametrize(("typed", "read"), EXAMPLES)
def test_normalise(typed: str, read: str):
    assert normalise(typed) == read


@given(st.text() | st.lists(PIECES, max_size=25).map("".join))
@example("xа\u0301p")
@example("е\u0301\u0308\u0301")
@example("y\u0306а")
def test_twice_is_once(text: str):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text())
def test_result_is_composed_and_has_single_spaces(text: str):
    result = normalise(text)
    assert unicodedata.is_normalized("NFC", result)
    assert result == " ".join(result.split())
    assert not set(result) & set("ёЁ«»“”„—–…\u200b\u00ad")


@pytest.mark.parametrize("unit", ["aа", "а\u0301", "-", "'", "\u00ad ", "- ", "<", "a", "а-\n"])
def test_huge_text_comes_through(unit: str):
    # Long enough that a quadratic step would be felt: 400,000 repetitions take minutes then.
    assert len(normalise(unit * 400_000)) <= 400_000 * len(unit)
