"""The data card: what the labelled sentences are, how they came about, how far they can be trusted, in figures.

Every figure is computed from the files or read from the JSON of a command; nothing is typed by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from svodka.topics import Topic
from svodka.training.agreement import Agreement, Reading, measure_agreement
from svodka.training.composition import Composition
from svodka.training.digested import Label
from svodka.training.realness import Realness

__all__ = ["CardContent", "data_card"]

LEMMAS_SHOWN = 30
FEATURES_SHOWN = 20
LEAST_PAIRS_SHOWN = 10
# Mean average precision does not depend on thresholds, which are noisy and come from validation rows of the same kind.
CURVE_COLUMNS = ("training rows", "seeds", "macro-F1", "micro-F1", "mean average precision", "weakest topics (F1)")


@dataclass(frozen=True, slots=True)
class CardContent:
    """What the card tells; parts that were not measured stay out of it.

    Attributes:
        topics: the topics in their order.
        borderline: how borderline cases were decided.
        splits: the figures of each split.
        agreement: of the two readings; None without them.
        realness: adversarial validation by the name of the real text.
        lemmas: frequent lemmas of the real text that the sentences lack.
        curves: points of learning curves by their names.
        news: labels of sentences that are not ours, by digest.
    """

    topics: Sequence[Topic]
    borderline: Sequence[str]
    splits: Mapping[str, Composition]
    agreement: Agreement | None = None
    realness: Mapping[str, Realness] = field(default_factory=dict)
    lemmas: Mapping[str, int] = field(default_factory=dict)
    curves: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    news: Mapping[str, Label] = field(default_factory=dict)


def data_card(content: CardContent, frame: str) -> str:
    """Return the card in Markdown: `frame` is text for people in which `{{name}}` stands for a generated part.

    Parts: composition, shares, pairs, agreement, realness, curves, borderline, news.

    Raises:
        KeyError: the frame names another part.
    """
    parts = {
        "composition": _composition(content),
        "shares": _shares(content.splits),
        "pairs": _pairs(content.splits),
        "agreement": _agreement(content.agreement),
        "realness": _realness(content),
        "curves": "\n\n".join(_curve(name, points) for name, points in content.curves.items()),
        "news": _news(content),
        "borderline": "\n".join(f"- {case}" for case in content.borderline),
    }
    pieces = frame.split("{{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        filled.append(parts[name] + rest)
    return "".join(filled)


def _composition(content: CardContent) -> str:
    splits = content.splits
    rows = [["sentences", *(str(one.rows) for one in splits.values())]]
    for topic in content.topics:
        rows.append([f"`{topic.id}` {topic.title_ru}", *(str(one.topics[topic.id]) for one in splits.values())])
    rows.append(["no topic", *(str(one.none) for one in splits.values())])
    rows.append(["two topics or more", *(str(one.two_or_more) for one in splits.values())])
    genres = dict.fromkeys(genre for one in splits.values() for genre in one.genres)
    rows += [[f"genre {genre}", *(str(one.genres.get(genre, 0)) for one in splits.values())] for genre in genres]
    return _table(["", *splits], rows)


def _shares(splits: Mapping[str, Composition]) -> str:
    rows = [["words, 5th / 50th / 95th percentile", *(" / ".join(map(str, one.words)) for one in splits.values())]]
    for name in next(iter(splits.values())).shares:
        rows.append([name, *(f"{one.shares[name]:.1%}" for one in splits.values())])
    rows.append(["different runs of four words", *(f"{one.distinct_grams:.1%}" for one in splits.values())])
    rows.append(["commonest opening of three words", *(_opening(one) for one in splits.values())])
    return _table(["", *splits], rows)


def _opening(figures: Composition) -> str:
    words, share = next(iter(figures.openings.items()), ("", 0.0))
    return f"«{words}» {share:.2%}"


def _pairs(splits: Mapping[str, Composition]) -> str:
    counts: Counter[str] = Counter()
    for one in splits.values():
        counts.update(one.pairs)
    rows = [[f"`{pair}`", str(n)] for pair, n in counts.most_common() if n >= LEAST_PAIRS_SHOWN]
    return _table(["topics that a pair tells apart", "pairs"], rows)


def _agreement(agreement: Agreement | None) -> str:
    if agreement is None:
        return "No second reading."
    rows = [[f"`{one.topic}`", _number(one.f1), _number(one.kappa), str(one.either)] for one in agreement.topics]
    rows.append(["mean of the topics", _number(agreement.macro_f1), "", ""])
    said = (
        f"{agreement.sentences} sentences were read twice ({agreement.read_once} once). {agreement.equal} of them got "
        f"the same topics both times, {agreement.sentences - agreement.equal} were disputed; {agreement.dropped} were "
        f"dropped afterwards, {agreement.open} disputes are open."
    )
    return said + "\n\n" + _table(["topic", "F1", "kappa", "given by either"], rows)


def _news(content: CardContent) -> str:
    if not content.news:
        return "No such labels."
    labels = list(content.news.values())
    ids = [topic.id for topic in content.topics]
    decided = [label.decided() for label in labels]
    counts = ", ".join(f"`{one}` {sum(one in decision.topics for decision in decided)}" for one in ids)
    nothing = sum(not decision.topics and not decision.disputed for decision in decided)
    disputed = sum(bool(decision.disputed) for decision in decided)
    third = sum(label.third is not None for label in labels)
    drawn = [label for label in labels if label.second is not None and not label.doubted]
    doubted = [label for label in labels if label.second is not None and label.doubted]
    said = (
        f"{len(labels)} sentences: {counts}; {nothing} with no topic. "
        f"Of {sum(label.unsure for label in labels)} a reader was not sure."
    )
    if drawn:
        said += (
            f" {len(drawn)} drawn from among them were read again by somebody who saw the text only: "
            f"{_read_again(drawn, ids)}."
        )
    if doubted:
        said += (
            f" {len(doubted)} on which a trained model decided otherwise were read again in the same way: "
            f"{_read_again(doubted, ids)}."
        )
    if third:
        said += f" {third} were read a third time, and the majority counts."
    if disputed:
        said += f" In {disputed} a topic is left open, which one of two readers gave: it teaches nothing."
    return said


def _read_again(labels: Sequence[Label], ids: Sequence[str]) -> str:
    """Say how far the first two readings of sentences agree."""
    readings = [
        Reading(str(place), frozenset(label.topics), frozenset(label.second or ()), None, False)
        for place, label in enumerate(labels)
    ]
    agreement = measure_agreement(readings, ids)
    between = f"the mean F1 of the topics between both readings is {_number(agreement.macro_f1)}"
    return f"{agreement.equal} got the same topics, and {between}"


def _realness(content: CardContent) -> str:
    lines = [
        f"- against real text, {name}: AUC {one.auc:.3f} ({one.sentences} sentences of each). Ours are betrayed by: "
        f"{_marks(one.ours)}; the real ones by: {_marks(one.real)}."
        for name, one in content.realness.items()
    ]
    if content.lemmas:
        shown = ", ".join(f"{lemma} ({n})" for lemma, n in list(content.lemmas.items())[:LEMMAS_SHOWN])
        least = min(content.lemmas.values())
        lines.append(
            f"- the {len(content.lemmas)} most frequent lemmas of real text that ours never have occur there "
            f"{max(content.lemmas.values())} to {least} times each, first of all: {shown}."
        )
    return "\n".join(lines) or "Not measured."


def _marks(features: Sequence[str]) -> str:
    return " ".join(f"`{feature}`" for feature in features[:FEATURES_SHOWN])


def _curve(name: str, points: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of one curve: a row for each number of rows, the mean over seeds where there are several."""
    ordered = sorted(points, key=lambda point: int(point["train_rows"]))
    rows = []
    for size, group in groupby(ordered, key=lambda point: int(point["train_rows"])):
        runs = list(group)
        macro = [run["macro_f1"][0] for run in runs]
        spread = f" ({min(macro):.3f} to {max(macro):.3f})" if len(runs) > 1 else ""
        micro = np.mean([run["micro_f1"][0] for run in runs])
        weakest = sorted((value, topic) for topic, value in _mean_topics(runs).items())[:3]
        worst = ", ".join(f"{topic} {value:.2f}" for value, topic in weakest)
        precision = np.mean([run["mean_average_precision"] for run in runs])
        rows.append(
            [str(size), str(len(runs)), f"{np.mean(macro):.3f}{spread}", f"{micro:.3f}", f"{precision:.3f}", worst]
        )
    measured = points[0]["measured_on"]
    title = f"{name}, measured on {measured['rows']} rows of `{measured['name']}`:"
    return f"{title}\n\n" + _table(list(CURVE_COLUMNS), rows)


def _mean_topics(runs: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return {topic: float(np.mean([run["topics"][topic] or 0.0 for run in runs])) for topic in runs[0]["topics"]}


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
