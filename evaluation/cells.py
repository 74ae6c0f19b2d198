"""What stands in the tables of several commands: differences in points, and files without their folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from svodka.evaluation.results import Difference

__all__ = ["UNDEFINED", "points", "without_folders"]

UNDEFINED = "–"
ENDS = ("value", "low", "high")


def points(difference: Difference | Mapping[str, Any] | None, *, signed: bool = True, p_value: bool = False) -> str:
    """Return a difference in hundredths, with its interval, and with p if that is asked for: `+1.2 [+0.3, +2.1]`.

    What is not defined is left out; a dash stands where nothing is.

    Args:
        difference: as it was measured, or as it stands in a report's JSON; None where nothing was compared.
        signed: with a plus where it is above zero.
        p_value: with p, where there is one.
    """
    found = asdict(difference) if isinstance(difference, Difference) else difference
    if found is None or found["value"] is None:
        return UNDEFINED
    sign = "+" if signed else ""
    value, low, high = (None if found[key] is None else f"{100 * found[key]:{sign}.1f}" for key in ENDS)
    interval = "" if low is None or high is None else f" [{low}, {high}]"
    told = f", p = {found['p_value']:.3f}" if p_value and found["p_value"] is not None else ""
    return f"{value}{interval}{told}"


def without_folders(files: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return files of a report with their bare names: the folders of whoever measured are nobody's business."""
    return [{**one, "name": Path(str(one["name"])).name} for one in files]
