"""The parts of the report on what stands behind the figures: overlap with the training data, terms, methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svodka.evaluation.report.blocks import Block, Cell, Paragraph, Section, Table
from svodka.evaluation.report.language import Language
from svodka.output.palette import clean

__all__ = ["method_section", "overlap_section", "overlap_warnings", "plain_warnings", "terms_section"]

Content = Mapping[str, Any]
METHODS = ("f1", "macro", "ap", "interval", "partly", "ece")


def overlap_warnings(content: Content, say: Language) -> list[str]:
    """Return what the reader must know before any figure: that the model has seen these sentences."""
    overlap = content["overlap"]
    warnings = [
        say(f"same_{one['split']}", data=clean(one["data"]), training=clean(one["training"]))
        for one in overlap["same_files"]
    ]
    if overlap["exact"] or overlap["near"]:
        numbers = {key: say.count(overlap[key]) for key in ("exact", "near")}
        warnings.append(say("found_overlap", **numbers, n=say.count(content["speed"]["sentences"])))
    return warnings


def plain_warnings(overlap: Mapping[str, Any], sentences: int) -> list[str]:
    """Return the same in English for a terminal, from an overlap with the given number of `sentences` of the data."""
    content = {"overlap": overlap, "speed": {"sentences": sentences}, "topics": []}
    return overlap_warnings(content, Language(content, "en"))


def overlap_section(content: Content, say: Language) -> Section:
    """Return what was compared with the training data, what was found, and what could not be compared."""
    overlap = content["overlap"]
    compared = overlap["compared"]
    warnings = overlap_warnings(content, say)
    blocks: list[Block] = [Paragraph(text, "warning") for text in warnings]
    if compared and not (overlap["exact"] or overlap["near"]):
        blocks.append(Paragraph(say("no_overlap")))
    if (rest := overlap["without"]) is not None:
        figures = {"macro": say.estimate(rest["macro_f1"]), "micro": say.estimate(rest["micro_f1"])}
        blocks.append(Paragraph(say("without", n=say.count(rest["n"]), **figures)))
    if compared:
        blocks.append(Paragraph(say("overlap_text", similarity=say.number(overlap["similarity"], 1))))
    else:
        blocks.append(Paragraph(say("nothing_compared")))
    blocks += [Paragraph(say("compared", **_file(one, say), how=say(_how(one))), "note") for one in compared]
    blocks += [Paragraph(say("not_compared", **_file(one, say)), "note") for one in overlap["not_compared"]]
    if not overlap["known"]:
        blocks.append(Paragraph(say("not_known"), "note"))
    if overlap["pairs"]:
        header = (Cell(say("data_text"), kind="name"), Cell(say("training_text"), kind="name"), Cell(say("similarity")))
        rows = tuple(
            (
                Cell(clean(pair["text"]), kind="prose"),
                Cell(clean(pair["training"]), kind="prose"),
                Cell(say.number(pair["similarity"], 2)),
            )
            for pair in overlap["pairs"]
        )
        blocks.append(Table(header, rows))
    return Section("overlap", say("overlap"), tuple(blocks))


def _file(one: Mapping[str, Any], say: Language) -> dict[str, str]:
    """Return what identifies a training or validation file."""
    return {"name": clean(one["name"]), "rows": say.count(one["rows"]), "split": say(f"split_{one['split']}")}


def _how(one: Mapping[str, Any]) -> str:
    """Return the key of the text on what a compared file is to the model."""
    if one["listed"]:
        return "how_listed"
    return "how_other" if one["other_version"] else "how_given"


def terms_section(content: Content, say: Language) -> Section:
    """Return under which terms the figures were measured."""
    result, speed, model = content["result"], content["speed"], content["model"]
    machine = content["hardware"]
    files = [
        (say("term_data"), say("term_file", name=clean(str(one["name"])), rows=one["rows"], digest=one["sha256"]))
        for one in content["data"]["files"]
    ]
    interval = say(
        "intervals", units=say(f"units_{result['units']}"), resamples=result["resamples"], seed=result["seed"]
    )
    rows = [
        (say("term_date"), content["date"]),
        (say("term_model"), clean(str(model["folder"] or say(model["source"])))),
        (say("term_precision"), model["precision"]),
        (say("term_device"), model["device"]),
        (say("term_model_digest"), model["digest"]),
        *files,
        (say("term_n"), say.count(result["n"])),
        *((say("term_thresholds"), text) for text in _thresholds(content, say)),
        (say("term_intervals"), interval),
    ]
    if speed["per_second"] is not None:
        text = say(
            "speed",
            speed=say.number(speed["per_second"], 0),
            sentences=say.count(speed["sentences"]),
            seconds=say.number(speed["seconds"], 1),
        )
        rows.append((say("term_speed"), text))
    cpu = machine["cpu"] or say("unknown")
    rows += [
        (say("term_hardware"), say("hardware", cpu=cpu, cores=machine["cores"], system=machine["system"])),
        (say("term_versions"), ", ".join(f"{name} {version}" for name, version in content["versions"].items())),
        (say("term_commit"), content["git_commit"] or _package(content, say)),
    ]
    table = Table((), tuple((Cell(name, kind="name"), Cell(text, kind="prose")) for name, text in rows), kind="terms")
    return Section("terms", say("terms"), (table,))


def _package(content: Content, say: Language) -> str:
    """Say which package the code comes from, where its commit is not known."""
    return say("commit_unknown", version=content["versions"].get("svodka", say("unknown")))


def _thresholds(content: Content, say: Language) -> list[str]:
    """Say whose thresholds are in force."""
    source = content["thresholds_from"]
    texts = []
    if source["model"]:
        rows, share = source["tuned_rows"], source["tuned_share"]
        tuned_on = [
            *map(clean, source["tuned_on"]),
            *([say("thresholds_share", share=say.share(share))] if share else []),
        ]
        files = ", ".join(tuned_on)
        known = rows is not None
        texts.append(
            say("thresholds_model", rows=say.count(rows), files=files or say("unknown"))
            if known
            else say("thresholds_model_unknown")
        )
    if source["given"]:
        texts.append(
            say("thresholds_given", topics=say.topics(source["given"]))
            if source["model"]
            else say("thresholds_all_given")
        )
    return texts


def method_section(say: Language) -> Section:
    """Return how the figures are defined."""
    return Section("method", say("method"), tuple(Paragraph(say(f"method_{name}")) for name in METHODS))
