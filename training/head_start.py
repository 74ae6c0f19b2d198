"""What there is for a run to begin with, besides its rows and its encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svodka.training.taught_vectors import Taught

__all__ = ["HeadStart"]


@dataclass(frozen=True, slots=True)
class HeadStart:
    """What a run knows before the first step.

    Attributes:
        rows: the backbone is a model folder of svodka: which row of its head each topic begins with, None for a new
            topic. None if it is none.
        definitions: of each topic, with its title, if the recipe asks for them.
        taught: a teacher's vectors of training rows, if the recipe gives them a weight.
    """

    rows: Sequence[int | None] | None = None
    definitions: Sequence[str] = ()
    taught: Taught | None = None
