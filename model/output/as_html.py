"""One self-contained HTML page: the texts with their sentences in the colours of their topics.

The first topic colours a sentence; every topic stands behind it as a chip with its title, so colour never speaks alone.
Scores show on hover and on focus; the legend filters. The page has no outside links, works without its script, prints,
and follows the reader's light or dark setting.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import IO, TYPE_CHECKING

from svodka.lines import paragraphs
from svodka.output import TaggedDocument
from svodka.output.page import SCRIPT, STYLE
from svodka.output.palette import WORDS, clean, colour, titles
from svodka.results import ArticlePrediction, Prediction, TaggedSentence

if TYPE_CHECKING:
    from svodka.topics import Topic

__all__ = ["HtmlWriter", "make"]

TIP_SCORES = 4  # at least so many are shown on hover, and every topic that the sentence carries
FINAL = '.!?…:;»"'  # a first paragraph that is one sentence and ends otherwise is the article's title
TITLE = ' class="title"'
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


class HtmlWriter:
    """Writes a page; the legend with its totals comes last in the file and stands beside the text."""

    def __init__(self, handle: IO[str], topics: Sequence[Topic], lang: str) -> None:
        """Write to `handle`."""
        self._handle = handle
        self._topics = topics
        self._titles = {topic: _shown(title) for topic, title in titles(topics, lang).items()}
        self._places = {topic.id: place for place, topic in enumerate(topics)}
        self._lang = lang
        self._words = WORDS[lang]
        self._counts: Counter[str] = Counter()
        self._documents = self._sentences = self._bare = 0
        self._rows_of: str | None = None

    def begin(self) -> None:
        """Write the head of the page."""
        colours = "".join(f".t{place}{{--c:{colour(place)}}}" for place in range(len(self._topics)))
        self._put(
            f'<!doctype html>\n<html lang="{self._lang}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            f"<title>{self._words['heading']} — svodka</title>\n<style>{STYLE}{colours}</style>\n</head>\n"
            '<body>\n<div class="page">\n<main>\n'
        )

    def write(self, document: TaggedDocument) -> None:
        """Write one document: an article of its own, or a row under the heading of its table file."""
        self._documents += 1
        if document.row is None:
            self._close_rows()
            self._article(document)
        else:
            self._row(document, document.row)
        for sentence in document.article.sentences:
            self._sentences += 1
            self._bare += not sentence.prediction.topics
            self._counts.update(sentence.prediction.topics)

    def end(self) -> None:
        """Write the legend and the script."""
        self._close_rows()
        words = self._words
        text = f"{words['shown']}: # {words['of']} #"
        legend = "".join(f"<li>{self._legend(topic)}</li>\n" for topic in self._by_count(self._counts))
        self._put(
            f'</main>\n<aside aria-label="{words["heading"]}">\n<h1>{words["heading"]}</h1>\n'
            f"<p>{words['documents']}: {self._documents} · {self._count_line(self._sentences, self._bare)}</p>\n"
            f'<p class="js-only" id="shown" role="status" data-text="{text}" data-hint="{words["hint"]}"></p>\n'
            f"<ul>\n{legend}</ul>\n"
            f'<div class="tools"><label><input type="checkbox" id="names" checked> {words["names"]}</label>'
            f'<button type="button" class="js-only" id="reset">{words["reset"]}</button></div>\n'
            f"</aside>\n</div>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
        )

    def _put(self, html: str) -> None:
        """Write a piece of the page."""
        self._handle.write(html)

    def _article(self, document: TaggedDocument) -> None:
        """Write a text file: name, summary, strip of its sentences, text."""
        article = document.article
        name = document.name if document.name != "-" else self._words["input"]
        bare = sum(not sentence.prediction.topics for sentence in article.sentences)
        mix = "".join(
            f'<li class="{self._style(topic)} chip">{self._titles[topic]} <b>{article.topics[topic]}</b></li>'
            for topic in self._by_count(article.topics)
            if topic in article.topics
        )
        cells = "".join(self._cell(sentence) for sentence in article.sentences)
        self._put(
            f'<article id="d{self._documents}">\n<h2>{_shown(name)}</h2>\n'
            f'<p class="count">{self._count_line(len(article.sentences), bare)}</p>\n'
            f'<div class="strip" aria-hidden="true" title="{self._words["map"]}">{cells}</div>\n'
            f'<ul class="mix" aria-label="{self._words["heading"]}">{mix}</ul>\n'
            f'<div class="text">\n{self._text(article)}</div>\n</article>\n'
        )

    def _row(self, document: TaggedDocument, row: int) -> None:
        """Write a row of a table file."""
        if self._rows_of != document.name:
            self._close_rows()
            self._rows_of = document.name
            self._put(f'<section class="rows">\n<h2>{_shown(document.name)}</h2>\n')
        anchor = f"d{self._documents}"
        self._put(
            f'<div class="row" id="{anchor}"><a href="#{anchor}" title="{self._words["row"]} {row}">{row}</a>'
            f'<div class="text">\n{self._text(document.article)}</div></div>\n'
        )

    def _close_rows(self) -> None:
        """End the section of a table file."""
        if self._rows_of is not None:
            self._put("</section>\n")
        self._rows_of = None

    def _text(self, article: ArticlePrediction) -> str:
        """Return the paragraphs of a text."""
        ends = [end for _, end in paragraphs(article.text)]
        parts = groupby(article.sentences, key=lambda sentence: bisect_left(ends, sentence.end))
        return "".join(self._paragraph(article, list(part)) for _, part in parts)

    def _paragraph(self, article: ArticlePrediction, sentences: Sequence[TaggedSentence]) -> str:
        """Return the sentences of a paragraph, with whatever stands between them in the text."""
        pieces = []
        for sentence in sentences:
            before = article.sentences[sentence.index - 1].end if sentence.index else 0
            pieces += [_shown(article.text[before : sentence.start]), self._sentence(sentence)]
        if sentences[-1].index == len(article.sentences) - 1:
            pieces.append(_shown(article.text[sentences[-1].end :]))
        is_title = not sentences[0].index and len(sentences) == 1 and sentences[0].prediction.text[-1] not in FINAL
        return f"<p{TITLE if is_title else ''}>{' '.join(filter(None, pieces))}</p>\n"

    def _sentence(self, sentence: TaggedSentence) -> str:
        """Return one sentence with its chips and its scores."""
        prediction = sentence.prediction
        anchor = self._anchor(sentence)
        text = _shown(prediction.text) + (self._cut() if prediction.truncated else "")
        tip = f'<span class="tip" role="tooltip" id="{anchor}t">{self._tip(prediction)}</span>'
        if not prediction.topics:
            return f'<span class="s" id="{anchor}">{text}{tip}</span>'
        chips = "".join(
            f' <span class="{self._style(topic)} chip">{self._titles[topic]}</span>' for topic in prediction.topics
        )
        return (
            f'<mark class="s {self._style(prediction.topics[0])}" id="{anchor}" {self._data(prediction)} tabindex="0" '
            f'aria-describedby="{anchor}t">{text}{tip}</mark>'
            f'<span class="chips"><span class="sr"> {self._words["topics"]}: </span>{chips}</span>'
        )

    def _tip(self, prediction: Prediction) -> str:
        """Return the highest scores of a sentence, as bars."""
        best = sorted(prediction.scores, key=lambda topic: -prediction.scores[topic])
        most = max(TIP_SCORES, len(prediction.topics))
        shown = [topic for place, topic in enumerate(best) if place < most or topic in prediction.topics]
        return "".join(self._score(topic, prediction) for topic in shown)

    def _score(self, topic: str, prediction: Prediction) -> str:
        """Return one score; topics below their threshold are paler."""
        score = prediction.scores[topic]
        name = self._titles[topic]
        name = f"<b>{name}</b>" if topic in prediction.topics else f'<span class="no">{name}</span>'
        return f'{name}<i class="{self._style(topic)}" style="--w:{score:.0%}"></i><u>{score:.2f}</u>'

    def _cell(self, sentence: TaggedSentence) -> str:
        """Return the sentence's cell in the strip above an article, a link to it."""
        prediction = sentence.prediction
        style = f' class="{self._style(prediction.topics[0])}" {self._data(prediction)}' if prediction.topics else ""
        return f'<a{style} href="#{self._anchor(sentence)}" tabindex="-1"></a>'

    def _legend(self, topic: str) -> str:
        """Return a topic's button in the legend."""
        count = self._counts[topic]
        definition = next(getattr(entry, f"definition_{self._lang}") for entry in self._topics if entry.id == topic)
        return (
            f'<button type="button" class="{self._style(topic)} topic" data-t="{self._places[topic]}" '
            f'aria-pressed="false" title="{_shown(definition)}"{"" if count else " disabled"}><span class="dot"></span>'
            f'<span>{self._titles[topic]}</span><span class="num">{count}</span>'
            f'<span class="bar" style="--w:{count / max(self._sentences, 1):.0%}"></span></button>'
        )

    def _by_count(self, counts: Mapping[str, int]) -> list[str]:
        """Return all topic ids, most frequent first."""
        return sorted(self._places, key=lambda topic: (-counts.get(topic, 0), self._places[topic]))

    def _count_line(self, sentences: int, bare: int) -> str:
        """Return how many sentences there are, and how many of them have no topic."""
        return f"{self._words['sentences']}: {sentences} · {self._words['without']}: {bare}"

    def _anchor(self, sentence: TaggedSentence) -> str:
        """Return a sentence's id in the page."""
        return f"d{self._documents}s{sentence.index}"

    def _style(self, topic: str) -> str:
        """Return the CSS classes that set a topic's colour."""
        return f"t t{self._places[topic]}"

    def _data(self, prediction: Prediction) -> str:
        """Return the attribute by which the legend finds a sentence."""
        return f'data-t="{" ".join(str(self._places[topic]) for topic in prediction.topics)}"'

    def _cut(self) -> str:
        """Return the sign that a sentence was too long for the model."""
        hint = self._words["truncated"]
        return f' <span class="cut" role="img" aria-label="{hint}" title="{hint}">✂</span>'


def _shown(text: str) -> str:
    """Return a text as it may stand in the page."""
    return escape(clean(text))


def make(handle: IO[str], topics: Sequence[Topic], lang: str) -> HtmlWriter:
    """Return a writer to `handle`."""
    return HtmlWriter(handle, topics, lang)
