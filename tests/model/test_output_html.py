"""The HTML page, read back by a parser."""

from __future__ import annotations

import io
import itertools
import re
from html.parser import HTMLParser

import pytest
from fakes import FakeTagger, tagged

from svodka.output import TaggedDocument, make_writer
from svodka.output.palette import COLOURS
from svodka.results import ArticlePrediction, Prediction, TaggedSentence

VOID = {"meta", "input"}


class Page(HTMLParser):
    """A page as a list of elements (tag, attributes, text directly and deeper inside); checks that tags match."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        element = {"tag": tag, "text": "", "inside": [], **dict(attrs)}
        if self.open:
            self.open[-1]["inside"].append(element)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        hidden = any(element.get("class") == "tip" for element in self.open)
        for element in self.open:
            if not hidden:
                element["text"] += data

    def all(self, tag, style=""):
        return [
            element
            for element in self.elements
            if element["tag"] == tag and style in [*(element.get("class") or "").split(), ""]
        ]


def source(*documents, lang="ru"):
    handle = io.StringIO()
    writer = make_writer("html", handle, FakeTagger.titles, lang)
    writer.begin()
    for document in documents:
        writer.write(document)
    writer.end()
    return handle.getvalue()


def page(*documents, **options):
    return Page(source(*documents, **options))


def test_sentences_are_coloured_by_their_first_topic_and_named_by_all():
    got = page(tagged("a.txt", ["Зенитчики и топливо.", "Дождь."]))
    (mark,) = got.all("mark")
    assert mark["text"] == "Зенитчики и топливо."
    assert "t1" in mark["class"].split()
    assert mark["data-t"] == "1 2"
    assert mark["tabindex"] == "0"
    chips = [chip["text"] for chip in got.all("span", "chip")]
    assert chips == ["ПВО и ПРО", "Тыл и обеспечение"]
    assert [plain["text"] for plain in got.all("span", "s")] == ["Дождь."]


def test_scores_are_shown_on_hover_and_described_to_screen_readers():
    got = page(tagged("a.txt", ["Зенитчики."]))
    (mark,), (tip,) = got.all("mark"), got.all("span", "tip")
    assert mark["aria-describedby"] == tip["id"]
    assert ".s:hover > .tip, .s:focus > .tip" in source()
    assert "<u>0.90</u>" in source(tagged("a.txt", ["Зенитчики."]))


def test_the_legend_counts_the_sentences_of_each_topic():
    got = page(tagged("a.txt", ["Учения.", "Учения.", "Дождь."]), tagged("b.csv", ["Топливо. Учения."], row=1))
    buttons = got.all("button", "topic")
    assert [button["text"] for button in buttons] == ["Учения3", "Тыл и обеспечение1", "ПВО и ПРО0"]
    assert [button["data-t"] for button in buttons] == ["0", "2", "1"]
    assert ["disabled" in button for button in buttons] == [False, False, True]
    assert buttons[0]["aria-pressed"] == "false"
    assert buttons[0]["title"] == "О теме «Учения»."


def test_text_cannot_become_markup():
    evil = '<script>alert(1)</script> & "учения" \x00\x1b'
    html = source(tagged("<b>.txt", [evil]))
    assert "<script>alert" not in html
    assert Page(html).all("mark")[0]["text"] == '<script>alert(1)</script> & "учения" ��'
    assert Page(html).all("h2")[0]["text"] == "<b>.txt"


def test_the_page_fetches_nothing():
    html = source(tagged("a.txt", ["Учения."]))
    assert not re.search(r"https?:|//[a-z]|url\(|@import|<link|<img|src=", html)
    assert "default-src 'none'" in html
    assert {element["href"][0] for element in Page(html).elements if "href" in element} == {"#"}


@pytest.mark.parametrize(
    ("lang", "heading", "chip"), [("ru", "Темы в тексте", "Учения"), ("en", "Topics in the text", "Exercises")]
)
def test_the_page_has_a_language(lang, heading, chip):
    got = page(tagged("a.txt", ["Учения."]), lang=lang)
    assert got.all("html")[0]["lang"] == lang
    assert got.all("h1")[0]["text"] == heading
    assert got.all("span", "chip")[0]["text"] == chip


def test_ids_are_unique_and_links_lead_somewhere():
    got = page(tagged("a.txt", ["Учения.", "Зенит."]), tagged("b.csv", ["Учения."], row=1), tagged("a.txt", ["Да."]))
    ids = [element["id"] for element in got.elements if "id" in element]
    assert len(ids) == len(set(ids))
    assert {element["href"][1:] for element in got.elements if "href" in element} <= set(ids)


def test_rows_of_a_table_stand_under_one_heading():
    got = page(tagged("b.csv", ["Учения."], row=1), tagged("b.csv", ["Дождь."], row=3), tagged("c.csv", ["Да."], row=1))
    assert [heading["text"] for heading in got.all("h2")] == ["b.csv", "c.csv"]
    assert [row["text"].split()[0] for row in got.all("div", "row")] == ["1", "3", "1"]


def test_the_page_follows_dark_mode_and_prints():
    assert "prefers-color-scheme: dark" in source()
    assert "@media print" in source()


def test_what_stands_between_sentences_is_kept():
    got = page(tagged("a.txt", ["Да.", "Нет."], gaps=" * * * "))
    assert "Да. * * * Нет." in [paragraph["text"] for paragraph in got.all("p")]


# Sentences and what is between them stand between bars.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Первое.| |Второе.", ["Первое. Второе."]),
        ("Первое.|\r\n\r\n|Второе.| |Третье.", ["Первое.", "Второе. Третье."]),
        ("Первое.|\n\n* * *\n\n|Второе.", ["Первое.", "* * * Второе."]),
        ("Заголовок|\n\n|Первое\nпредложение.", ["Заголовок", "Первое предложение."]),
    ],
)
def test_paragraphs_of_the_original_are_kept(text, expected):
    pieces = text.split("|")
    article = ArticlePrediction(text.replace("|", ""), tuple(sentences_of(pieces)), {})
    got = page(TaggedDocument("b.csv", 1, article))
    assert [
        paragraph["text"] for paragraph in got.all("div", "text")[0]["inside"] if paragraph["tag"] == "p"
    ] == expected
    assert [paragraph["text"] for paragraph in got.all("p", "title")] == expected[:1] * text.startswith("Заголовок")


def sentences_of(pieces):
    start = 0
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            yield TaggedSentence(place // 2, start, start + len(piece), Prediction(piece, (), {}, truncated=False))
        start += len(piece)


def simulated(colour, matrix):
    red, green, blue = ((int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return [min(1, max(0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in matrix]


def lab(linear):
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(a * b for a, b in zip(row, linear, strict=True)) for row in to_xyz]
    f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (xyz[0] / 0.9505, xyz[1], xyz[2] / 1.089)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)),
    "deuteranopia": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
}


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_colours_can_be_told_apart(sight):
    seen = [lab(simulated(colour, SIGHT[sight])) for colour in COLOURS]
    gaps = [sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 for pair in itertools.combinations(seen, 2)]
    assert min(gaps) > 15  # about 2 can just be seen side by side
    assert len(COLOURS) == 12


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_stands_out_on_white(colour):
    red, green, blue = simulated(colour, SIGHT["normal"])
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 3  # WCAG 2, 1.4.11
