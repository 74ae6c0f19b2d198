"""The parts of the report that other measurements give: peers on the same data, and behaviour tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from svodka.evaluation.report.blocks import Block, Cell, Paragraph, Section, Table
from svodka.evaluation.report.case_words import expected_words, got_words
from svodka.evaluation.report.charts import interval_bar
from svodka.evaluation.report.language import DASH, Language
from svodka.evaluation.report.part_figures import head
from svodka.evaluation.report.peer_words import peer_family, peer_settings, peer_title
from svodka.output.palette import clean

__all__ = ["behaviour_section", "peers_section"]

Content = Mapping[str, Any]
MOST_FAILURES = 3  # of a capability; the JSON has more


def peers_section(content: Content, say: Language) -> Section:
    """Return the model and its peers, as a whole and by topic."""
    peers = content["peers"]
    names = ("system", "macro_f1", "from_0_to_1", "micro_f1", "difference", "p_value", "trained_on")
    header = head(*map(say, names), say("train_seconds"), say("per_second"))
    own = _system(say("this_model"), content["result"], None, say)
    own += (Cell(DASH), Cell(DASH), Cell(say.number(content["speed"]["per_second"], 0)))
    rows = [own, *(_peer_row(one, say) for one in peers)]
    blocks: list[Block] = [
        Paragraph(say("peers_text")),
        Table(header, tuple(rows), kind="dense"),
        _by_topic(content, peers, say),
    ]
    blocks += [
        Paragraph(f"{peer_title(one, say)}. {say('settings', settings=peer_settings(one['settings'], say))}", "note")
        for one in peers
        if one["settings"]
    ]
    return Section("peers", say("peers"), tuple(blocks))


def _peer_row(one: Mapping[str, Any], say: Language) -> tuple[Cell, ...]:
    """Return the figures of one peer."""
    seconds = one["train_seconds"]
    return (
        *_system(f"{peer_title(one, say)} ({peer_family(one, say)})", one["result"], one["difference"], say),
        Cell(say.count(one["n_train"])),
        Cell(say.number(seconds, 1 if seconds < 10 else 0)),
        Cell(say.number(one["sentences_per_second"], 0)),
    )


def _system(
    name: str, result: Mapping[str, Any], difference: Mapping[str, Any] | None, say: Language
) -> tuple[Cell, ...]:
    """Return the first cells of a row: name, both F1, and the distance to the model."""
    macro = result["macro_f1"]
    alt = say("value_alt", name=f"{say('macro_f1')}, {name}", value=say.estimate(macro))
    apart, p_value = DASH, DASH
    if difference is not None and difference["value"] is not None:
        apart = f"{say.signed(difference['value'])} {say.range(difference['low'], difference['high'])}"
        p_value = say.number(difference["p_value"])
    return (
        Cell(name, kind="name"),
        Cell(say.estimate(macro)),
        Cell("", svg=interval_bar(macro["value"], macro["low"], macro["high"], alt)),
        Cell(say.estimate(result["micro_f1"])),
        Cell(apart),
        Cell(p_value),
    )


def _by_topic(content: Content, peers: Sequence[Mapping[str, Any]], say: Language) -> Table:
    """Return F1 of each topic for the model and every peer; the darker the better."""
    systems = [content["result"], *(one["result"] for one in peers)]
    header = head(say("topic"), say("this_model"), *(peer_title(one, say) for one in peers))
    rows = []
    for place, one in enumerate(content["result"]["topics"]):
        figures = [system["topics"][place]["f1"] for system in systems]
        best = max((figure for figure in figures if figure is not None), default=None)
        cells = [Cell(say.number(figure), kind="best" if figure == best is not None else "num") for figure in figures]
        rows.append((Cell(say.topic(one["topic"]), kind="name", colour=say.colour(one["topic"])), *cells))
    return Table(header, tuple(rows), say("topic_f1"))


def behaviour_section(content: Content, say: Language) -> Section:
    """Return how the model passes behaviour cases, and examples of failures."""
    capabilities = content["behaviour"]
    names = ("capability", "kind", "cases", "failed", "failure_rate", "from_0_to_1")
    rows = tuple(_capability_row(one, say) for one in capabilities)
    blocks: list[Block] = [Paragraph(say("behaviour_text")), Table(head(*map(say, names)), rows)]
    failures = tuple(
        _failure_row(failure, one, say) for one in capabilities for failure in one["failures"][:MOST_FAILURES]
    )
    if failures:
        header = tuple(Cell(say(name), kind="name") for name in ("capability", "sentence", "expected", "got"))
        blocks.append(Table(header, failures, say("failures")))
    return Section("behaviour", say("behaviour"), tuple(blocks))


def _capability_row(one: Mapping[str, Any], say: Language) -> tuple[Cell, ...]:
    """Return the figures of one capability."""
    title, rate = clean(one["title"][say.lang]), one["failure_rate"]
    alt = say("rate_alt", name=title, failed=say.count(one["failed"]), cases=say.count(one["cases"]))
    return (
        Cell(title, kind="name", tip=one["capability"]),
        Cell(one["kind"]),
        Cell(say.count(one["cases"])),
        Cell(say.count(one["failed"])),
        Cell(say.estimate(rate)),
        Cell("", svg=interval_bar(rate["value"], rate["low"], rate["high"], alt)),
    )


def _failure_row(failure: Mapping[str, Any], one: Mapping[str, Any], say: Language) -> tuple[Cell, ...]:
    """Return one case that the model did not pass."""
    text = clean(failure["text"])
    if failure["changed"] is not None:
        text += f" ({say('changed', text=clean(failure['changed']))})"
    return (
        Cell(clean(one["title"][say.lang]), kind="name", tip=failure["case"]),
        Cell(text, kind="prose"),
        Cell(expected_words(failure, say), kind="prose"),
        Cell(got_words(failure, say), kind="prose"),
    )
