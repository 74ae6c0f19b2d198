"""What there is for a topic head to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["HeadStart"]


@dataclass(frozen=True, slots=True)
class HeadStart:
    """What a run knows of its topics before the first step.

    Attributes:
        rows: the backbone is a model folder of svodka: which row of its head each topic begins with, None for a new
            topic. None if it is none.
        definitions: of each topic, with its title, if the recipe asks for them.
    """

    rows: Sequence[int | None] | None = None
    definitions: Sequence[str] = ()
