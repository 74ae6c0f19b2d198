"""Which sentences two models answer differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svodka.evaluation.labelled import Labelled

__all__ = ["KINDS", "Change", "Kind", "changed_sentences"]

Kind = Literal["broken", "moved", "mended"]
KINDS: tuple[Kind, ...] = ("broken", "moved", "mended")  # what the owner of a model looks at first


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence to which two models give different topics; all topics are those that both models know.

    Attributes:
        kind: "mended" if A was wrong about it and B is right, "broken" if A was right and B is wrong, "moved" if the
            change decides neither: both are wrong, or the topics that changed were judged by nobody.
        id: of the sentence.
        source: its file.
        line: where it begins there, from 1.
        text: the sentence.
        gold: ids of its topics.
        unknown: ids of the topics that nobody judged.
        a: ids of the topics that A gives.
        b: ids of the topics that B gives.
    """

    kind: Kind
    id: str
    source: str
    line: int
    text: str
    gold: tuple[str, ...]
    unknown: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]


def changed_sentences(
    data: Labelled,
    gold: NDArray[np.float64],
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    topics: Sequence[str],
) -> tuple[Change, ...]:
    """Return the sentences to which A (`first`) and B (`second`) give different topics, in the order of the rows.

    Args:
        data: n labelled sentences.
        gold: (n, t) of its labels, 1, 0, or -1 for not judged, columns in the order of `topics`.
        first: (n, t), the topics that A gives.
        second: (n, t), those that B gives.
        topics: ids.
    """

    def ids(cells: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(topic for topic, chosen in zip(topics, cells, strict=True) if chosen)

    found = []
    for row, labels, a, b in zip(data.rows, gold, first, second, strict=True):
        if (a == b).all():
            continue
        place = (row.id, row.source, row.line, row.text)
        found.append(Change(_kind(labels, a, b), *place, ids(labels == 1), ids(labels < 0), ids(a), ids(b)))
    return tuple(found)


def _kind(labels: NDArray[np.float64], a: NDArray[np.bool_], b: NDArray[np.bool_]) -> Kind:
    """Say what became of one sentence, by its judged topics."""
    judged = labels >= 0
    yes = labels[judged] == 1
    a_right, b_right = bool((a[judged] == yes).all()), bool((b[judged] == yes).all())
    if a_right == b_right:
        return "moved"
    return "mended" if b_right else "broken"
