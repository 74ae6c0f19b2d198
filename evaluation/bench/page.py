"""A run as a page with pictures: what `bench.json` holds, in the report's own blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from svodka.evaluation.bench.pictures import accuracy_figure, growth_figures, speed_figure
from svodka.evaluation.bench.wording import (
    NO_PROMISES,
    NOTHING,
    SIZES,
    STARTUP,
    count,
    disturbed,
    exact,
    interval,
    machine,
    megabytes,
    middle,
    number,
    percent,
)
from svodka.evaluation.report.blocks import Block, Cell, Document, Figures, Paragraph, Section, Table

__all__ = ["make_page"]

Content = Mapping[str, Any]

SPEED_TEXT = (
    "All contenders get the same sentences and the same number of threads, each in a process of its own. They take "
    "turns, round by round. “× time” is how many times as long as the first row a contender took, by the ratio within "
    "each round. Where no splitting is named, sentences come split, and that is not counted; svodka's own first row "
    "starts from raw text. One sentence by itself: the median and the 95th percentile."
)
STOCK_TEXT = (
    "torch and transformers.pipeline run the model folder as it is: an ordinary BertForSequenceClassification whose "
    "last layer only averages the tokens (svodka's own graph averages without it). The sorted variant of torch leaves "
    "that layer out. “Equal” is the share of text-topic decisions that are the same as the first row's; apart from "
    "rounding, transformers reads the text without svodka's own normalisation."
)
SAME_TEXT = (
    "The same sentences are asked about alone, in pairs, by 7, by 64, all together, in random orders, and beside the "
    "longest one, to which a tagger that pads would pad them. A flip is a decision about a topic that turns."
)
GROWTH_TEXT = (
    "Sentences: raw text, all threads. Tokens: sentences made of the data's own words, 64 of each length. Topics: the "
    "rows of the topic head are repeated, of the folder's own network alone, without exits and quick model. Threads: "
    "the drawn sentences. Lines through the points are quartiles."
)


def make_page(content: Content) -> Document:
    """Return the page of a content as `run_bench` makes it, or as it is read back from `bench.json`."""
    model, made_by = content["models"][0], content["versions"].get("svodka", "")
    return Document(
        lang="en",
        title="How fast svodka is",
        subtitle=f"Model: {_model(model)} · {machine(content)} · {content['date'][:10]}",
        contents="Contents",
        warning="Note",
        footer=f"Made by svodka {made_by}, svodka bench. All figures of this page are in bench.json.",
        sections=tuple(_sections(content)),
    )


def _sections(content: Content) -> Iterator[Section]:
    """Yield the parts that were measured."""
    yield _promises(content)
    if "contenders" in content:
        if (picture := accuracy_figure(content)) is not None:
            yield Section("accuracy", "Accuracy against speed", (Figures((picture,), "wide"),))
        yield _speed(content)
    if "startup" in content:
        yield _start(content)
    if "independence" in content:
        yield _sameness(content)
    if "growth" in content:
        yield _growth(content)
    yield _terms(content)


def _promises(content: Content) -> Section:
    """Return what is promised and whether it is kept."""
    header = _head("Promise", "", "Measured", "")
    rows = []
    for row in content["targets"]:
        kept = {True: "kept", False: "missed", None: "not measured"}[row["met"]]
        value = NOTHING if row["value"] is None else f"{number(row['value'])} {row['unit']}"
        limit = f"{row['sign']} {row['limit']:,g} {row['unit']}"
        rows.append((_name(row["title"]), Cell(limit), Cell(value), Cell(kept, kind="best" if row["met"] else "num")))
    blocks: list[Block] = [Table(header, tuple(rows)) if rows else Paragraph(NO_PROMISES)]
    quick = "this was a quick run of few sentences and few rounds" if content["quick"] else ""
    blocks[:0] = [Paragraph(f"{text.capitalize()}.", "warning") for text in (quick, disturbed(content)) if text]
    return Section("promises", "What is promised", tuple(blocks))


def _speed(content: Content) -> Section:
    """Return who took part and how quick each was, the picture of it, and who did not take part."""
    rows = content["contenders"]
    single = ("One by itself, ms", "95 %, ms", "× time")
    rest = ("Threads", "Ready after, s", "Peak memory, MB", "Macro F1", "Equal")
    blocks: list[Block] = [
        Paragraph(SPEED_TEXT),
        Table(_head("", "Sentences a second", "× time", *single), tuple(map(_times, rows))),
        Figures((speed_figure(content),), "wide"),
        Paragraph(STOCK_TEXT),
        Table(_head("", *rest), tuple(map(_others, rows))),
    ]
    blocks += [Paragraph(f"{row['id']}: {row['title']}", "note") for row in rows]
    blocks += [Paragraph(f"Left out: {one['id']}: {one['reason']}", "note") for one in content["skipped"]]
    return Section("speed", "Speed", tuple(blocks))


def _times(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return how quick a contender was."""
    single = row["single_ms"]
    return (
        _name(row["id"]),
        Cell(middle(row["per_second"])),
        Cell(middle(row["ratio"])),
        Cell(number(single["median"])),
        Cell(number(single["p95"])),
        Cell(number(row["single_ratio"]["median"])),
    )


def _others(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return what else there is to say of a contender."""
    return (
        _name(row["id"]),
        Cell(str(row["threads"])),
        Cell(number(row["prepare_seconds"])),
        Cell(megabytes(row["memory_bytes"])),
        Cell(interval(row["macro_f1"])),
        Cell(percent(row["equal"])),
    )


def _start(content: Content) -> Section:
    """Return seconds until the first answer, and sizes."""
    seconds = [(_name(STARTUP[name]), Cell(middle(value))) for name, value in content["startup"].items()]
    sizes = [(_name(title), Cell(megabytes(content["sizes"][name]))) for name, title in SIZES.items()]
    text = "Fresh processes, one after the other, their files in the system's cache."
    tables = (Table(_head("Fresh process", "Seconds"), tuple(seconds)), Table(_head("Size", "MB"), tuple(sizes)))
    return Section("start", "Start and size", (Paragraph(text), *tables))


def _sameness(content: Content) -> Section:
    """Return whether answers depend on company and on rounding."""
    found, rounding = content["independence"], content["precision"]
    rows = [
        (_name(row["name"]), Cell(count(row["flips"])), Cell(f"{row['largest_difference']:.2g}"))
        for row in found["arrangements"]
    ]
    lead = (
        f"{count(found['flips'])} decisions turn; the largest difference of two logits is "
        f"{found['largest_difference']:.2g} ({count(found['texts'])} sentences)."
    )
    header = _head("Asked", "Flips", "Largest difference of logits")
    blocks: list[Block] = [Paragraph(lead, "lead"), Paragraph(SAME_TEXT), Table(header, tuple(rows))]
    blocks.append(Paragraph(_rounding(rounding, exact(content))))
    return Section("same", "The same answer in any company", tuple(blocks))


def _rounding(found: Mapping[str, Any], other: str) -> str:
    """Say how int8 differs from float32, which `other` names."""
    if reason := found.get("skipped"):
        return f"int8 was not compared with {other}: {reason}"
    text = (
        f"int8 against {other}, the same weights, {count(found['texts'])} sentences: {percent(found['equal'])} of the "
        f"decisions are equal, {percent(found['equal_texts'])} of the sentences have all topics equal, and the largest "
        f"difference of two logits is {found['largest_difference']:.2g}."
    )
    if found["macro_f1_int8"] is None:
        return text
    return (
        f"{text} Macro F1 is {interval(found['macro_f1_int8'])} in int8 and {interval(found['macro_f1_float32'])} in "
        f"float32; the difference is {interval(found['macro_f1_difference'])}."
    )


def _growth(content: Content) -> Section:
    """Return how the time grows."""
    blocks: list[Block] = [Paragraph(GROWTH_TEXT), Figures(growth_figures(content), "pair")]
    left = content["growth"]["skipped"].items()
    blocks += [Paragraph(f"Left out: growth with {name}: {reason}", "note") for name, reason in left]
    return Section("growth", "How the time grows", tuple(blocks))


def _terms(content: Content) -> Section:
    """Return under which terms all this was measured."""
    data = content["data"]
    files = ", ".join(f"{one['name']} (SHA-256 {one['sha256'][:12]})" for one in data["files"])
    teacher = [("Teacher", _model(content["teacher"]))] if content["teacher"] else []
    judged = content["measure"]
    rows = [
        ("Date", content["date"]),
        *(("Model", f"{_model(model)}, SHA-256 {model['digest'][:12]}") for model in content["models"]),
        *teacher,
        ("Machine", machine(content)),
        ("Data", f"{files}: {count(data['sentences'])} sentences; drawn for the rounds: {count(data['drawn'])}"),
        ("Length", f"{data['characters']:g} characters a sentence on average"),
        ("Judged on", f"{count(judged['n'])} labelled sentences, 95 % bootstrap intervals" if judged else "nothing"),
        ("Trained on", ", ".join(content["train"]) or "nothing"),
        ("Rounds", f"{content['rounds']}, in turns; medians [quartiles]; seed {content['seed']}"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in content["versions"].items())),
        ("Commit", content["git_commit"] or f"unknown; package svodka {content['versions'].get('svodka', 'unknown')}"),
    ]
    table = Table((), tuple((_name(name), Cell(text, kind="prose")) for name, text in rows), kind="terms")
    return Section("terms", "Terms", (table,))


def _model(model: Mapping[str, Any]) -> str:
    return str(model["folder"] or model["source"])


def _head(first: str, *others: str) -> Sequence[Cell]:
    return (_name(first), *(Cell(text) for text in others))


def _name(text: str) -> Cell:
    return Cell(text, kind="name")
