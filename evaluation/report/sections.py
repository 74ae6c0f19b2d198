"""The content as a document: which parts there are, and the headline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svodka.evaluation.bootstrap import TRUSTED_UNITS
from svodka.evaluation.report.blocks import Block, Card, Cards, Document, Paragraph, Section
from svodka.evaluation.report.charts import interval_bar
from svodka.evaluation.report.language import Language
from svodka.evaluation.report.lead import lead
from svodka.evaluation.report.part_errors import confusion_section, cooccurrence_section, examples_sections
from svodka.evaluation.report.part_figures import calibration_section, curves_section, slices_section, topics_section
from svodka.evaluation.report.part_others import behaviour_section, peers_section
from svodka.evaluation.report.part_terms import method_section, overlap_section, overlap_warnings, terms_section
from svodka.output.palette import clean

__all__ = ["make_document"]

Content = Mapping[str, Any]
HEADLINE = (
    ("macro_f1", "macro_note"),
    ("micro_f1", "micro_note"),
    ("samples_f1", "samples_note"),
    ("exact_match", "exact_note"),
    ("mean_average_precision", "map_note"),
)
FEW, RARE = 30, 10


def make_document(content: Content, lang: str | None = None) -> Document:
    """Return the report of a content as `build_report` makes it, or as it is read back from `report.json`.

    `lang` is "ru" or "en"; None takes the content's own.
    """
    say = Language(content, lang)
    sections = [
        _overview(content, say),
        topics_section(content, say),
        curves_section(content, say),
        calibration_section(content, say),
        confusion_section(content, say),
        cooccurrence_section(content, say),
        slices_section(content, say),
    ]
    sections += [peers_section(content, say)] if content["peers"] else []
    sections += [behaviour_section(content, say)] if content["behaviour"] else []
    sections += examples_sections(content, say)
    sections += [overlap_section(content, say), terms_section(content, say), method_section(say)]
    names = ", ".join(clean(str(one["name"])) for one in content["data"]["files"])
    model = content["model"]["folder"] or say(content["model"]["source"])
    return Document(
        lang=say.lang,
        title=say("title"),
        subtitle=f"{say('term_model')}: {clean(str(model))} · {say('term_data')}: {names} · {content['date'][:10]}",
        contents=say("contents"),
        warning=say("warning"),
        footer=say("made_by", version=content["versions"].get("svodka", say("unknown"))),
        sections=tuple(sections),
    )


def _overview(content: Content, say: Language) -> Section:
    """Return warnings, the headline in words and in figures, and what to bear in mind."""
    blocks: list[Block] = [Paragraph(text, "warning") for text in overlap_warnings(content, say)]
    blocks += [Paragraph(lead(content, say), "lead"), _cards(content, say)]
    blocks += [Paragraph(text, "note") for text in _notes(content, say)]
    return Section("overview", say("overview"), tuple(blocks))


def _cards(content: Content, say: Language) -> Cards:
    """Return the headline figures."""
    cards = []
    for key, note in HEADLINE:
        figure, name = content["result"][key], say(key)
        value = say.number(figure["value"])
        ends = {end: say.number(figure[end]) for end in ("low", "high")}
        alt = say("value_alt" if figure["low"] is None else "interval_alt", name=name, value=value, **ends)
        svg = interval_bar(figure["value"], figure["low"], figure["high"], alt)
        cards.append(Card(name, value, say.range(figure["low"], figure["high"]), say(note), svg))
    return Cards(tuple(cards))


def _notes(content: Content, say: Language) -> list[str]:
    """Return what to bear in mind with these data."""
    result, data = content["result"], content["data"]
    n = result["n"]
    topics = result["topics"]
    always = [one["topic"] for one in topics if one["support"] and one["support"] == one["judged"]]
    rare = [one["topic"] for one in topics if 0 < one["support"] < RARE]
    notes = []
    if n < FEW:
        notes.append(say("note_one" if n == 1 else "note_few"))
    if data["documents"] is not None:
        if result["unit_count"] < TRUSTED_UNITS:
            notes.append(say("note_one_document" if result["unit_count"] == 1 else "note_few_documents"))
        notes.append(say("note_documents", n=say.count(data["documents"])))
    if result["without_positives"]:
        notes.append(say("note_without", topics=say.topics(result["without_positives"])))
    if always:
        notes.append(say("note_always", topics=say.topics(always)))
    if rare:
        notes.append(say("note_rare", topics=say.topics(rare)))
    if partly := n - result["fully_judged"]:
        notes.append(say("note_partly", n=say.count(partly)))
    if data["not_labelled"]:
        notes.append(say("note_left_out", n=say.count(data["not_labelled"])))
    return [*notes, _truncated(content, say), *_speed(content, say)]


def _truncated(content: Content, say: Language) -> str:
    """Say how many inputs the model did not see whole."""
    cut, n = content["data"]["truncated"], content["speed"]["sentences"]
    if not cut:
        return say("note_no_truncated")
    return say("note_truncated", n=say.count(cut), all=say.count(n), share=say.share(cut / n))


def _speed(content: Content, say: Language) -> list[str]:
    """Say how fast the model was, if somebody measured it."""
    speed, machine = content["speed"]["per_second"], content["hardware"]
    if speed is None:
        return []
    cpu = machine["cpu"] or say("unknown")
    return [say("note_speed", speed=say.number(speed, 0), cpu=cpu, cores=machine["cores"])]
