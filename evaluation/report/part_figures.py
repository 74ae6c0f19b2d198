"""The parts of the report with figures: topics, curves, calibration, parts of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from svodka.evaluation.report.blocks import Block, Cell, Figure, Figures, Paragraph, Section, Table
from svodka.evaluation.report.charts import interval_bar, precision_recall_chart, reliability_chart
from svodka.evaluation.report.language import DASH, THIN, Language
from svodka.evaluation.report.slices import LEAST_FOR_INTERVAL
from svodka.output.palette import clean

__all__ = ["calibration_section", "curves_section", "head", "slices_section", "topics_section"]

Content = Mapping[str, Any]
FEW = 30  # sentences of a part
FEW_MARK = "†"


def head(*names: str) -> tuple[Cell, ...]:
    """Return the header of a table; its first column holds names."""
    return tuple(Cell(name, kind="num" if place else "name") for place, name in enumerate(names))


def topics_section(content: Content, say: Language) -> Section:
    """Return a row of figures for each topic."""
    names = ("topic", "f1_interval", "from_0_to_1", "precision", "recall", "f1_half", "threshold", "ap", "support")
    header = head(*map(say, names), say("predicted_n"))
    rows = tuple(_topic_row(one, say) for one in content["result"]["topics"])
    return Section("topics", say("topics"), (Paragraph(say("topics_text")), Table(header, rows)))


def _topic_row(one: Mapping[str, Any], say: Language) -> tuple[Cell, ...]:
    """Return the figures of one topic."""
    title = say.topic(one["topic"])
    low, high = (None, None) if one["judged"] < LEAST_FOR_INTERVAL else (one["f1_low"], one["f1_high"])
    interval = f"{say.number(one['f1'])} {say.range(low, high)}".strip()
    alt = say("value_alt", name=f"F1, {title}", value=interval)
    if one["f1_at_half"] is not None:
        alt += "; " + say("half_alt", value=say.number(one["f1_at_half"]))
    svg = interval_bar(one["f1"], low, high, alt, one["f1_at_half"])
    return (
        Cell(title, kind="name", colour=say.colour(one["topic"]), tip=one["topic"]),
        Cell(interval),  # first, as a telephone shows no more without scrolling
        Cell("", svg=svg),
        Cell(say.number(one["precision"])),
        Cell(say.number(one["recall"])),
        Cell(say.number(one["f1_at_half"])),
        Cell(say.number(one["threshold"])),
        Cell(say.number(one["average_precision"])),
        Cell(say.count(one["support"])),
        Cell(say.count(one["predicted"])),
    )


def curves_section(content: Content, say: Language) -> Section:
    """Return a small chart of precision against recall for each topic."""
    figures = tuple(_curve(one, content["curves"][one["topic"]], say) for one in content["result"]["topics"])
    return Section("curves", say("curves"), (Paragraph(say("curves_text")), Figures(figures)))


def _curve(one: Mapping[str, Any], points: list[list[float]], say: Language) -> Figure:
    """Return the chart of one topic."""
    title, names = say.topic(one["topic"]), (say("x_recall"), say("y_precision"))
    if not points:
        alt = say("curve_none", topic=title)
        return Figure(title, DASH, alt, precision_recall_chart([], (None, None), alt, names, _decimal(say)))
    ap, threshold = say.number(one["average_precision"]), say.number(one["threshold"])
    recall, precision = one["recall"], one["precision"]
    alt = say(
        "curve_alt",
        topic=title,
        ap=ap,
        threshold=threshold,
        recall=say.number(recall),
        precision=say.number(precision),
    )
    svg = precision_recall_chart(points, (recall, precision), alt, names, _decimal(say))
    return Figure(title, say("curve_fact", ap=ap, threshold=threshold), alt, svg)


def calibration_section(content: Content, say: Language) -> Section:
    """Return how far probabilities come true, as a chart and as a table."""
    bins, title, errors = content["reliability"], say("calibration"), _calibration_errors(content["result"], say)
    if not bins:
        return Section("calibration", title, (Paragraph(say("calibration_none")),))
    far = max(bins, key=lambda one: abs(one["mean"] - one["share"]))
    alt = say(
        "calibration_alt",
        **errors,
        low=say.number(far["low"], 1),
        high=say.number(far["high"], 1),
        mean=say.number(far["mean"], 2),
        share=say.number(far["share"], 2),
        far=say.count(far["n"]),
    )
    names = (say("x_probability"), say("y_share"), "n")
    svg = reliability_chart(bins, alt, names, _decimal(say), THIN)
    rows = tuple(
        (
            Cell(f"{say.number(one['low'], 1)}–{say.number(one['high'], 1)}", kind="name"),
            Cell(say.count(one["n"])),
            Cell(say.number(one["mean"])),
            Cell(f"{say.number(one['share'])} {say.range(one['share_low'], one['share_high'])}"),
        )
        for one in bins
    )
    table = Table(head(say("bin"), say("decisions"), say("mean"), say("share")), rows)
    blocks: tuple[Block, ...] = (
        Paragraph(say("calibration_text")),
        Paragraph(say("calibration_errors", **errors)),
        Figures((Figure("", "", alt, svg),), "large"),
        table,
    )
    return Section("calibration", title, blocks)


def _calibration_errors(result: Mapping[str, Any], say: Language) -> dict[str, str]:
    """Return the calibration error over all decisions and over those of 0.1 and more, each with its number."""
    return {
        "ece": say.number(result["calibration_error"]),
        "n": say.count(result["decisions"]),
        "likely": say.number(result["calibration_error_likely"]),
        "n_likely": say.count(result["decisions_likely"]),
    }


def slices_section(content: Content, say: Language) -> Section:
    """Return a table for each way of taking the data apart."""
    blocks: list[Block] = [Paragraph(say("slices_text"))]
    names = ("micro_f1", "from_0_to_1", "sentences", "topics_n", "macro_f1", "exact_match")
    for one in content["slices"]:
        caption = _slice_name(one["name"], say)
        header = head(caption, *map(say, names))
        rows = tuple(_slice_row(value, caption, say) for value in one["values"])
        blocks.append(Table(header, rows, ""))
    if any(value["n"] < FEW for one in content["slices"] for value in one["values"]):
        blocks.append(Paragraph(say("slices_few", mark=FEW_MARK)))
    return Section("slices", say("slices"), tuple(blocks))


def _slice_name(name: str, say: Language) -> str:
    """Return what to call a way of taking the data apart."""
    return say(f"by_{name}") if name in ("length", "genre") else say("by_column", name=clean(name))


def _slice_row(one: Mapping[str, Any], caption: str, say: Language) -> tuple[Cell, ...]:
    """Return the figures of one part; grey and marked if few sentences stand behind them."""
    rest = one["value"] is None
    name = say("other_values", n=one["values"]) if rest else clean(one["value"]) or say("no_value")
    micro, few = one["micro_f1"], one["n"] < FEW
    alt = say("value_alt", name=f"{say('micro_f1')}, {caption}: {name}", value=say.estimate(micro))
    cells = (
        Cell(name, kind="name"),
        Cell(say.estimate(micro)),
        Cell("", svg=interval_bar(micro["value"], micro["low"], micro["high"], alt)),
        Cell(f"{say.count(one['n'])} {FEW_MARK if few else ''}".strip()),
        Cell(say.count(one["topics"])),
        Cell(say.estimate(one["macro_f1"])),
        Cell(say.estimate(one["exact_match"])),
    )
    return tuple(replace(cell, faint=few) for cell in cells)


def _decimal(say: Language) -> str:
    """Return the decimal mark."""
    return "," if say.lang == "ru" else "."
