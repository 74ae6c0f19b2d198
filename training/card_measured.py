"""What a model card says of measurements: the `report.json` files of `svodka evaluate --out DIR`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, cast

from svodka.errors import DataError
from svodka.evaluation.cells import UNDEFINED, points, without_folders
from svodka.evaluation.report.part_terms import plain_warnings

__all__ = [
    "TASK",
    "Shape",
    "flatters",
    "index_entries",
    "measured_section",
    "read_report",
    "refuse_lacking",
    "same_data",
    "same_model",
    "warnings",
]

Report = Mapping[str, Any]
Shape = Mapping[str, type | UnionType]

TASK = {"type": "text-classification", "name": "multi-label topic classification"}
HEADLINES = {
    "macro_f1": ("f1", "macro F1"),
    "micro_f1": ("f1", "micro F1"),
    "samples_f1": ("f1", "samples F1"),
    "exact_match": ("accuracy", "exact match"),
    "mean_average_precision": ("mean_average_precision", "mean average precision"),
}

EXPECTED = "expected the report.json of 'svodka evaluate --data FILE --out DIR'"
SHAPE: Shape = {  # what a card reads of a report, and what it must be; a star stands for each of a list
    "date": str,
    "model.digest": str,
    "data.n": int,
    "data.files": list,
    "data.files.*.name": str,
    "data.files.*.sha256": str,
    "result.macro_f1": dict,
    "result.micro_f1": dict,
    "result.topics": list,
    "speed.sentences": int,
    "overlap.same_files": list,
    "overlap.same_files.*.data": str,
    "overlap.same_files.*.split": str,
    "overlap.same_files.*.training": str,
    "overlap.exact": int,
    "overlap.near": int,
    "overlap.without": dict | None,
    "thresholds_from.given": list,
}


def read_report(path: Path, digest: str | None) -> Report:
    """Read a report and make sure that a card of the model with this digest may tell of it; a folder means its JSON.

    Without a digest it may be about any model.

    Raises:
        DataError: the file is missing, is no report, is about another model, or was made with other thresholds than the
            model's own, which nobody who uses the model would get.
    """
    path = path / "report.json" if path.is_dir() else path
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # also bytes that are no UTF-8
        raise DataError(f"{path}: {EXPECTED}; this is no JSON") from error
    if other := _other_kind(report):
        raise DataError(f"{path}: {EXPECTED}; {other}")
    refuse_lacking(path, report, SHAPE)
    found = report["model"]["digest"]
    if digest is not None and found != digest:
        raise DataError(f"{path}: is about another model ({found[:12]}…, not {digest[:12]}…); measure this one again")
    if given := report["thresholds_from"]["given"]:
        raise DataError(
            f"{path}: measured with thresholds from the command line ({', '.join(given)}), not with the model's own; "
            "measure again without --threshold"
        )
    return cast(Report, report)


def _other_kind(report: Any) -> str | None:
    """Say which other JSON file of svodka this is; None if it is none of those that are easily taken for a report."""
    if isinstance(report, dict) and {"verdict", "models"} <= report.keys():
        return "this comes from 'svodka compare'"
    if isinstance(report, dict) and "result" in report and report["result"] is None:
        return "this one has behaviour cases alone, and no figures"
    return None


def refuse_lacking(path: Path, report: Any, shape: Shape) -> None:
    """Make sure that a report has what is read of it.

    Args:
        path: of the report.
        report: content of its JSON.
        shape: types by keys joined with dots, where a star stands for each of a list.

    Raises:
        DataError: a key is missing, or its value is of another type.
    """
    for keys, kind in shape.items():
        if not _has(report, keys.split("."), kind):
            raise DataError(f"{path}: {EXPECTED}; this has no {keys!r}")


def _has(content: Any, keys: Sequence[str], kind: type | UnionType) -> bool:
    if not keys:
        return isinstance(content, kind)
    first, *rest = keys
    if first == "*":
        return isinstance(content, list) and all(_has(one, rest, kind) for one in content)
    return isinstance(content, dict) and first in content and _has(content[first], rest, kind)


def warnings(report: Report) -> list[str]:
    """Return why the figures of a report may flatter the model, a sentence or two each; nothing if they do not."""
    overlap = report["overlap"]
    same = [one | {"data": Path(one["data"]).name} for one in overlap["same_files"]]
    return plain_warnings(dict(overlap) | {"same_files": same}, report["speed"]["sentences"])


def flatters(report: Report) -> bool:
    """Return whether the model has seen all that a report measured, or a whole file of it."""
    overlap = report["overlap"]
    found = overlap["exact"] + overlap["near"]
    return bool(overlap["same_files"]) or (found > 0 and overlap["without"] is None)


def same_data(one: Report, other: Report) -> bool:
    """Return whether two reports are on the same files."""
    return _digests(one) == _digests(other)


def same_model(one: Report, other: Report) -> bool:
    """Return whether two reports are about one model in one precision; one that tells no precision may have any."""
    precisions = {report["model"].get("precision") for report in (one, other)} - {None}
    return one["model"]["digest"] == other["model"]["digest"] and len(precisions) < 2


def index_entries(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Return the entries of the card's `model-index`, one a report.

    Figures that are not defined are left out, and so are reports without any, and those on data that the model has
    seen: whoever reads the index sees no warning.
    """
    entries = [
        {
            "task": dict(TASK),
            "dataset": {"name": _names(report), "type": "svodka", "revision": _digests(report)},
            "metrics": [
                {"type": kind, "name": name, "value": round(report["result"][key]["value"], 4)}
                for key, (kind, name) in HEADLINES.items()
                if _defined(report["result"].get(key))
            ],
        }
        for report in reports
        if not flatters(report)
    ]
    return [entry for entry in entries if entry["metrics"]]


def measured_section(reports: Sequence[Report], beside: Sequence[Report] = ()) -> str:
    """Return the section of the card with every report's figures, or nothing without reports.

    Args:
        reports: about the model.
        beside: about others; each stands with the reports on the same files.
    """
    parts = [_one(report, [one for one in beside if same_data(one, report)]) for report in reports]
    return "## Measured\n\n" + "\n\n".join(parts) + "\n" if reports else ""


def _one(report: Report, beside: Sequence[Report]) -> str:
    data, result = report["data"], report["result"]
    head = (
        f"On {data['n']} labelled sentences of {_names(report)} (SHA-256 {_digests(report)}), {report['date'][:10]}, "
        f"intervals 95 % by bootstrap over {result['units']}:"
    )
    lines = [
        *(f"**Warning:** {text}\n" for text in warnings(report)),
        head,
        "",
        "| | value | 95 % interval |",
        "|---|---|---|",
    ]
    for key, (_, name) in HEADLINES.items():
        if _defined(one := result.get(key)):
            lines.append(f"| {name} | {one['value']:.3f} | {_interval(one)} |")
    if result.get("calibration_error") is not None:
        lines.append(f"| calibration error, all decisions | {result['calibration_error']:.3f} | – |")
    lines += _without(report["overlap"])
    lines += ["", "| topic | precision | recall | F1 | sentences |", "|---|---|---|---|---|"]
    for topic in result["topics"]:
        figures = " | ".join(_number(topic[key]) for key in ("precision", "recall", "f1"))
        lines.append(f"| `{topic['topic']}` | {figures} | {topic['support']} |")
    return "\n".join([*lines, *_beside(report, beside)])


def _beside(report: Report, others: Sequence[Report]) -> list[str]:
    """Return what other models reach on the same sentences: those of other reports, and the peers of this one."""
    names = [_model_name(one, report) for one in others]
    rows = [(name, _learned_from(one), one["result"], None) for name, one in zip(names, others, strict=True)]
    for peer in report.get("peers") or ():
        rows.append((peer["title"], f"{peer['n_train']:,} sentences", peer["result"], peer["difference"]))
    if not rows:
        return []
    named = zip(names, others, strict=True)
    lines = [
        *(f"\n**Warning** about {name}: {text}" for name, one in named for text in warnings(one)),
        "",
        "Others on the same sentences, and by how many points of macro F1 this model is ahead (paired bootstrap):",
        "",
        "| | learned from | macro F1 | 95 % interval | micro F1 | ahead |",
        "|---|---|---|---|---|---|",
    ]
    for name, learned, result, difference in rows:
        figures = f"{_number(result['macro_f1']['value'])} | {_interval(result['macro_f1'])}"
        micro = _number(result["micro_f1"]["value"])
        lines.append(f"| {name} | {learned} | {figures} | {micro} | {points(difference, p_value=True)} |")
    return lines


def _learned_from(report: Report) -> str:
    """Return the training files of the model that a report is about, as far as the report knows them."""
    overlap = report["overlap"]
    files = [one for key in ("compared", "not_compared") for one in overlap.get(key, ()) if one["split"] == "train"]
    told = [
        f"an earlier or later `{one['name']}`"
        if one.get("other_version")
        else f"`{one['name']}` ({one['rows']:,} rows)"
        for one in files
    ]
    return ", ".join(told) or UNDEFINED


def _model_name(report: Report, beside: Report) -> str:
    """Return what a model is called: its folder's name, or that it ships; beside itself also its precision."""
    about = report["model"]
    name = f"`{Path(about['folder'] or about['source']).name}`"
    if about["digest"] != beside["model"]["digest"]:
        return name
    return f"{name} in {about.get('precision', 'another precision')}"


def _without(overlap: Mapping[str, Any]) -> list[str]:
    """Return the figures without the sentences that the model has seen, if there are such."""
    if not overlap["exact"] + overlap["near"]:
        return []
    rest = overlap["without"]
    if rest is None:
        return ["", "The model has seen all of these sentences."]
    figures = [
        f"{name} {rest[key]['value']:.3f} ({_interval(rest[key])})"
        for key, (_, name) in HEADLINES.items()
        if _defined(rest.get(key))
    ]
    return [
        "",
        f"Without the sentences that it has seen, on {rest['n']}: {', '.join(figures) or 'nothing is defined'}.",
    ]


def _interval(estimate: Mapping[str, Any]) -> str:
    if estimate["low"] is None:
        return UNDEFINED
    return f"{estimate['low']:.3f} to {estimate['high']:.3f}"


def _defined(estimate: Mapping[str, Any] | None) -> bool:
    return estimate is not None and estimate["value"] is not None


def _number(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.3f}"


def _names(report: Report) -> str:
    """Return the names of the measured files."""
    return ", ".join(one["name"] for one in without_folders(report["data"]["files"]))


def _digests(report: Report) -> str:
    return ", ".join(f"{one['sha256'][:12]}" for one in report["data"]["files"])
