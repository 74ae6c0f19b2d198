"""The parts of the report about errors: topics taken for each other, pairs of topics, and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svodka.evaluation.report.blocks import Block, Cell, Example, Examples, Paragraph, Section, Table, Word
from svodka.evaluation.report.language import Language
from svodka.evaluation.report.part_figures import head
from svodka.output.palette import clean

__all__ = ["confusion_section", "cooccurrence_section", "examples_sections"]

Content = Mapping[str, Any]
MOST_PAIRS = 8
LEAST_WEIGHT = 0.05  # of a word that is marked, and
LEAST_SHARE = 0.25  # of the strongest word's weight
MOST_DRIVERS = 4
MARKS = '«»“”".,:;!?()…'  # around a word


def confusion_section(content: Content, say: Language) -> Section:
    """Return what was predicted in place of missed topics."""
    found = content["confusion"]
    ids = [one["id"] for one in content["topics"]]
    darkest = max([*(number for row in found["instead"] for number in row), *found["nothing"], *found["added"], 1])
    numbers = [Cell(str(place), kind="head", tip=say.topic(topic)) for place, topic in enumerate(ids, 1)]
    header = (*head(say("topic"), say("found"), say("missed")), *numbers, Cell(say("nothing"), kind="head"))
    rows = []
    for place, (topic, row) in enumerate(zip(ids, found["instead"], strict=True)):
        nothing = found["nothing"][place]
        cells = [
            Cell("", kind="self") if other == place else _heat(number, darkest, say) for other, number in enumerate(row)
        ]
        name = Cell(f"{place + 1}. {say.topic(topic)}", kind="name", colour=say.colour(topic))
        missed = Cell(say.count(round(sum(row) + nothing)))
        rows.append((name, Cell(say.count(found["found"][place])), missed, *cells, _heat(nothing, darkest, say)))
    added = [_heat(number, darkest, say) for number in found["added"]]
    blank = Cell("", kind="blank")
    rows.append((Cell(say("added"), kind="name"), blank, blank, *added, blank))
    table = Table(header, tuple(rows), kind="heat")
    return Section("confusion", say("confusion"), (Paragraph(say("confusion_text")), table))


def _heat(number: float, darkest: float, say: Language) -> Cell:
    """Return a cell that is the darker the more it counts; nothing for 0."""
    if not number:
        return Cell("·", kind="blank")
    return Cell(say.number(number, 0 if number == int(number) else 1), shade=number / darkest)


def cooccurrence_section(content: Content, say: Language) -> Section:
    """Return how often topics come together, and where predictions differ most from the labels."""
    gold, predicted = content["cooccurrence"]["gold"], content["cooccurrence"]["predicted"]
    ids = [one["id"] for one in content["topics"]]
    pairs = [(i, j) for i in range(len(ids)) for j in range(i + 1, len(ids))]
    darkest = max([1, *(max(gold[i][j], predicted[i][j]) for i, j in pairs)])
    header = (*head(say("topic")), *(Cell(str(i + 1), kind="head", tip=say.topic(ids[i])) for i in range(len(ids))))
    rows = []
    for i, topic in enumerate(ids):
        own = f"{say.count(gold[i][i])} / {say.count(predicted[i][i])}"
        cells = [
            Cell(own, kind="head") if i == j else _heat((gold if i < j else predicted)[i][j], darkest, say)
            for j in range(len(ids))
        ]
        rows.append((Cell(f"{i + 1}. {say.topic(topic)}", kind="name", colour=say.colour(topic)), *cells))
    blocks: list[Block] = [Paragraph(say("cooccurrence_text")), Table(header, tuple(rows), kind="heat")]
    apart = sorted(pairs, key=lambda pair: (-abs(predicted[pair[0]][pair[1]] - gold[pair[0]][pair[1]]), pair))
    different = tuple(
        (
            Cell(f"{say.topic(ids[i])} + {say.topic(ids[j])}", kind="name"),
            Cell(say.count(gold[i][j])),
            Cell(say.count(predicted[i][j])),
            Cell(f"{predicted[i][j] - gold[i][j]:+d}".replace("-", "−")),
        )
        for i, j in apart[:MOST_PAIRS]
        if predicted[i][j] != gold[i][j]
    )
    if different:
        names = head(say("pair"), say("gold"), say("predicted"), say("difference"))
        blocks.append(Table(names, different, say("pairs")))
    return Section("cooccurrence", say("cooccurrence"), tuple(blocks))


def examples_sections(content: Content, say: Language) -> list[Section]:
    """Return the surest errors and the least sure hits."""
    examples = content["examples"]
    if examples is None:
        return [Section("errors", say("errors"), (Paragraph(say("no_texts")),))]
    sections = []
    for part in ("errors", "hits"):
        shown = tuple(_example(one, say) for one in examples[part])
        text = Paragraph(say(f"{part}_text"))
        blocks: tuple[Block, ...] = (text, Examples(shown)) if shown else (Paragraph(say(f"no_{part}")),)
        sections.append(Section(part, say(part), blocks))
    return sections


def _example(one: Mapping[str, Any], say: Language) -> Example:
    """Return one decision with its sentence."""
    places = 2
    least = max([LEAST_WEIGHT, *(LEAST_SHARE * abs(weight) for _, weight in one["words"])])
    words = tuple(
        Word(clean(word), weight, _signed(weight, say) if abs(weight) >= least else "") for word, weight in one["words"]
    )
    strongest = sorted((word for word in words if word.shown), key=lambda word: -abs(word.weight))[:MOST_DRIVERS]
    drivers = ", ".join(f"«{word.text.strip(MARKS)}» {word.shown}" for word in strongest) or say("no_drivers")
    facts = [(say("labels"), say.topics(one["gold"])), (say("predictions"), say.topics(one["predicted"]))]
    facts += [(say("not_judged"), say.topics(one["unknown"]))] if one["unknown"] else []
    facts.append((say("drivers"), drivers))
    numbers = {key: say.number(one[key], places) for key in ("probability", "threshold")}
    fact = say("example_facts", **numbers)
    if one["truncated"]:
        fact += "; " + say("example_cut")
    head_text = f"{say('kind_' + one['kind'])}: {say.topic(one['topic'])}"
    return Example(one["kind"], head_text, fact, words, tuple(facts))


def _signed(weight: float, say: Language) -> str:
    """Return a weight with its sign and two places."""
    return say.number(weight, 2) if weight < 0 else f"+{say.number(weight, 2)}"
