"""Names and numbers of a run as people read them, in table and page alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "NOTHING",
    "NO_PROMISES",
    "SERIES",
    "SIZES",
    "STARTUP",
    "count",
    "disturbed",
    "exact",
    "interval",
    "machine",
    "megabytes",
    "middle",
    "number",
    "percent",
]

NOTHING = "-"
MEGABYTE, GIGABYTE = 1_000_000, 1_000_000_000
BUSY = 0.25  # load for each core
SERIES = (
    ("sentences", "sentences together"),
    ("tokens", "tokens a sentence"),
    ("topics", "topics"),
    ("threads", "threads"),
)
NO_PROMISES = "What svodka promises, it promises for the processor; this was a run on a graphics card."
STARTUP = {
    "interpreter": "Python alone",
    "import": "import svodka",
    "first_answer": "first answer of a fresh process",
    "pipeline_first_answer": "the same, transformers.pipeline",
}
SIZES = {
    "model_onnx": "model.onnx",
    "model_folder": "model folder",
    "code": "code and data of the installed package",
    "package": "package with this model",
    "deflated": "the same, packed as a wheel is",
}


def number(value: float | None) -> str:
    """Return three figures that count, with commas between thousands; `-` for None."""
    if value is None:
        return NOTHING
    return f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def middle(spread: Mapping[str, float] | None) -> str:
    """Return a median with its quartiles."""
    if spread is None:
        return NOTHING
    return f"{number(spread['median'])} [{number(spread['low'])}, {number(spread['high'])}]"


def interval(estimate: Mapping[str, float | None] | None) -> str:
    """Return a figure from -1 to 1 with its interval, three places each."""
    if estimate is None or estimate["value"] is None:
        return NOTHING
    if estimate["low"] is None:
        return f"{estimate['value']:.3f}"
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"


def percent(share: float | None) -> str:
    """Return a share, 0 to 1, as a percentage that is 100 only if nothing is missing."""
    if share is None:
        return NOTHING
    text = f"{100 * share:.2f}"
    return "100 %" if share == 1 else f"{'99.99' if text == '100.00' else text} %"


def megabytes(size: int | None) -> str:
    """Return bytes as millions of them."""
    return NOTHING if size is None else f"{size / MEGABYTE:.1f}"


def count(value: int | None) -> str:
    """Return a count with commas between thousands."""
    return NOTHING if value is None else f"{value:,}"


def disturbed(content: Mapping[str, Any]) -> str:
    """Say that other programs kept the machine busy before the run; nothing if they did not, or nobody knows."""
    load, cores = content["hardware"]["load"], content["hardware"]["cores"] or 1
    if load is None or load <= BUSY * cores:
        return ""
    return f"other programs kept this machine busy before the run (load {load:g}): times mean little"


def machine(content: Mapping[str, Any]) -> str:
    """Say on what machine a run was made, and how busy it was before."""
    found, pinned = content["hardware"], content["processors"]
    where = "not pinned" if pinned is None else f"pinned to processors {', '.join(map(str, pinned))}"
    busy = "" if found["load"] is None else f", load before the run {found['load']}"
    cpu = f"{found['cpu'] or 'unknown processor'}{_products(found)}, {found['cores']} cores"
    size = found.get("memory_bytes")  # older runs do not tell
    memory = "" if size is None else f", {size / GIGABYTE:.0f} GB of memory"
    return f"{cpu}{memory}, {found['system']}{_card(content)}; threads: {content['threads']}, {where}{busy}"


def exact(content: Mapping[str, Any]) -> str:
    """Return what int8, which is always the processor's, is compared with."""
    return "float32 on the graphics card" if content.get("device") == "cuda" else "float32"


def _card(content: Mapping[str, Any]) -> str:
    """Say that svodka computed on a graphics card, and on which; nothing if it did not."""
    if content.get("device") != "cuda":  # older runs do not tell, and were on the processor
        return ""
    return f"; svodka on the graphics card {content['hardware']['gpu'] or '(unknown)'}, all others on the processor"


def _products(found: Mapping[str, Any]) -> str:
    """Say with which instructions a processor multiplies 8-bit numbers; nothing if the run does not tell."""
    flags = found.get("flags")
    return "" if flags is None else f" ({', '.join(flags) or 'no instructions'} for 8-bit products)"
