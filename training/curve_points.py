"""The points of a learning curve's file, which `svodka.training.learning_curve` writes and the data card shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from svodka.errors import DataError

__all__ = ["Point", "read_points"]

Point = dict[str, Any]


def read_points(path: Path) -> list[Point]:
    """Return the points of a curve's file; none if there is no file yet.

    Raises:
        DataError: the file holds something else.
    """
    if not path.exists():
        return []
    try:
        points = json.loads(path.read_text(encoding="utf-8"))["points"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: expected a learning curve's JSON with the key 'points': {error}") from error
    return list(points)
