"""What a model card says of measurements: the `report.json` files of `svodka evaluate --out DIR`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from svodka.errors import DataError

__all__ = ["TASK", "index_entries", "measured_section", "read_report"]

Report = Mapping[str, Any]

TASK = {"type": "text-classification", "name": "multi-label topic classification"}
HEADLINES = {
    "macro_f1": ("f1", "macro F1"),
    "micro_f1": ("f1", "micro F1"),
    "samples_f1": ("f1", "samples F1"),
    "exact_match": ("accuracy", "exact match"),
    "mean_average_precision": ("mean_average_precision", "mean average precision"),
}


def read_report(path: Path, digest: str) -> Report:
    """Read a report and make sure that it is about the model with this digest; a folder means its `report.json`.

    Raises:
        DataError: the file is missing, is no report, or is about another model.
    """
    path = path / "report.json" if path.is_dir() else path
    try:
        report: Report = json.loads(path.read_text(encoding="utf-8"))
        found = report["model"]["digest"]
        _ = report["result"]["macro_f1"], report["data"]["files"]
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: expected the report.json of 'svodka evaluate --out DIR': {error!r}") from error
    if found != digest:
        raise DataError(f"{path}: is about another model ({found[:12]}…, not {digest[:12]}…); measure this one again")
    return report


def index_entries(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Return the entries of the card's `model-index`, one a report; figures that are not defined are left out."""
    return [
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
    ]


def measured_section(reports: Sequence[Report]) -> str:
    """Return the section of the card with every report's figures, or nothing without reports."""
    return "## Measured\n\n" + "\n\n".join(map(_one, reports)) + "\n" if reports else ""


def _one(report: Report) -> str:
    data, result = report["data"], report["result"]
    head = (
        f"On {data['n']} labelled sentences of {_names(report)} (SHA-256 {_digests(report)}), {report['date'][:10]}, "
        f"intervals 95 % by bootstrap over {result['units']}:"
    )
    lines = [head, "", "| | value | 95 % interval |", "|---|---|---|"]
    for key, (_, name) in HEADLINES.items():
        if _defined(one := result.get(key)):
            lines.append(f"| {name} | {one['value']:.3f} | {one['low']:.3f} to {one['high']:.3f} |")
    lines += ["", "| topic | precision | recall | F1 | sentences |", "|---|---|---|---|---|"]
    for topic in result["topics"]:
        figures = " | ".join(_number(topic[key]) for key in ("precision", "recall", "f1"))
        lines.append(f"| `{topic['topic']}` | {figures} | {topic['support']} |")
    return "\n".join(lines)


def _defined(estimate: Mapping[str, Any] | None) -> bool:
    return estimate is not None and estimate["value"] is not None


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _names(report: Report) -> str:
    """Return the names of the measured files without their folders, which are nobody's business."""
    return ", ".join(Path(one["name"]).name for one in report["data"]["files"])


def _digests(report: Report) -> str:
    return ", ".join(f"{one['sha256'][:12]}" for one in report["data"]["files"])
