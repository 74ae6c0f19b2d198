"""What an import sets aside, and what it only warns of: repeats, contradictions, leaks, topics with few examples."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

from svodka.training.formats.example import Example, Fault, Rejected
from svodka.training.formats.native import record_of
from svodka.training.near_duplicates import cross_duplicates, folded

__all__ = ["FEW_TO_LEARN", "FEW_TO_TUNE", "Singles", "few_examples", "repeats", "seen_elsewhere"]

FEW_TO_LEARN = 16  # examples below which a topic is hardly learnt
FEW_TO_TUNE = 8  # examples below which a threshold is a guess

Sorted = tuple[list[Example], list[Rejected]]


@dataclass(frozen=True, slots=True)
class Singles:
    """What becomes of rows with repeated texts.

    Attributes:
        kept: one row for each text, in the order of the file.
        rejected: the rows set aside.
        merged: number of rows whose judgements went into another row of the same text.
    """

    kept: list[Example]
    rejected: list[Rejected]
    merged: int


def repeats(examples: Sequence[Example], topic_ids: Sequence[str]) -> Singles:
    """Return the examples without repeated texts, and what was set aside; `topic_ids` are all, in their order.

    Texts are the same if they differ in case, punctuation or ё at most. Where two labels contradict each other, in a
    topic that was judged for both, all labelled rows of that text are set aside, as nobody can tell which is right.
    Otherwise the first labelled row stays, and takes over what others say of topics that were not judged for it.
    """
    groups: dict[str, list[Example]] = {}
    for example in examples:
        groups.setdefault(folded(example.text) or example.text, []).append(example)
    kept: list[Example] = []
    aside: list[Rejected] = []
    merged = 0
    for group in groups.values():
        labelled = [one for one in group if one.topics is not None]
        if any(_contradict(one, other) for one in labelled for other in labelled):
            aside += _contradictory(group, labelled)
            continue
        one, rows = _merge(labelled or group, topic_ids)
        kept.append(one)
        fault = Fault(f"the same text as row {one.row}")
        aside += [_rejected(other, fault) for other in group if other.row not in rows]
        merged += len(rows) - 1
    by_row = attrgetter("row")
    return Singles(sorted(kept, key=by_row), sorted(aside, key=by_row), merged)


def _contradictory(group: Sequence[Example], labelled: Sequence[Example]) -> Iterator[Rejected]:
    """Yield the rows of one text whose labels contradict each other; they are all set aside."""
    clash = {one.row: other for one in labelled for other in labelled if _contradict(one, other)}
    for one in group:
        if one.topics is None:
            yield _rejected(one, Fault("the same text as rows whose labels contradict each other"))
        else:
            other = clash.get(one.row) or next(iter(clash.values()))
            what = f"{_shown(one)} here, {_shown(other)} in row {other.row}"
            yield _rejected(one, Fault(f"other topics for the same text: {what}"))


def _merge(group: Sequence[Example], topic_ids: Sequence[str]) -> tuple[Example, set[int]]:
    """Return the first of some rows of one text with all that they judged, and the rows that it is made of."""
    one, *others = group
    rows = {one.row}
    for other in others:
        added = set(one.unknown) - set(other.unknown)
        if not added or other.topics is None or one.topics is None:
            continue
        one = replace(
            one,
            topics=tuple(topic for topic in topic_ids if topic in {*one.topics, *other.topics}),
            unknown=tuple(topic for topic in one.unknown if topic not in added),
            genre=one.genre or other.genre,
            meta={**other.meta, **one.meta},
        )
        rows.add(other.row)
    return one, rows


def _contradict(one: Example, other: Example) -> bool:
    """Tell if two labelled examples differ in a topic that was judged for both."""
    different = set(one.topics or ()) ^ set(other.topics or ())
    return bool(different - set(one.unknown) - set(other.unknown))


def _shown(example: Example) -> str:
    """Return the topics of an example for a message."""
    return ", ".join(example.topics or ()) or "none"


def seen_elsewhere(examples: Sequence[Example], others: Sequence[tuple[Path, Sequence[Example]]]) -> Sorted:
    """Return the examples whose texts, or nearly the same, stand in no other file, and those set aside.

    Near is measured as in `svodka data check`: half of the 5-grams of letters or more are shared.
    """
    places = [f"{path}:{one.row}" for path, rows in others for one in rows]
    texts = [one.text for _, rows in others for one in rows]
    nearest: dict[int, tuple[float, int]] = {}
    for mine, theirs, similarity in cross_duplicates([one.text for one in examples], texts):
        nearest[mine] = max(nearest.get(mine, (0.0, theirs)), (similarity, theirs))
    aside = []
    for place, (similarity, at) in nearest.items():
        same = folded(examples[place].text) == folded(texts[at])
        how = "the same text" if same else f"similarity {similarity:.2f}"
        aside.append(_rejected(examples[place], Fault(f"stands in {places[at]} as well ({how})")))
    return _without(examples, aside)


def few_examples(counts: Mapping[str, int], split: str, share: float) -> list[str]:
    """Warn of topics with too few examples for what a file is for.

    Args:
        counts: number of examples of each topic; those without any are left out.
        split: "validation" and "test" are not learnt from; any other is.
        share: of the rows that are learnt from, how much is held out to tune thresholds, 0 to below 1.
    """
    warnings = []
    for topic, count in counts.items():
        number = "1 example" if count == 1 else f"{count} examples"
        held = count if split == "validation" else count * share
        if not count or split == "test":
            continue
        if split != "validation" and count < FEW_TO_LEARN:
            warnings.append(
                f"{topic}: {number}, too few to learn from (at least {FEW_TO_LEARN}, here or in other files)"
            )
        elif split == "validation" and count < FEW_TO_TUNE:
            warnings.append(f"{topic}: {number}, too few to tune its threshold (at least {FEW_TO_TUNE})")
        elif 0 < held < FEW_TO_TUNE:
            warnings.append(
                f"{topic}: {number}; trained on this file alone, about {held:.0f} are held out to tune its threshold: "
                f"too few (at least {FEW_TO_TUNE}, so {math.ceil(FEW_TO_TUNE / share)} in all, or a validation file)"
            )
    return warnings


def _rejected(example: Example, fault: Fault) -> Rejected:
    """Return an example as a row that is set aside."""
    return Rejected(example.row, (fault,), record_of(example))


def _without(examples: Sequence[Example], aside: list[Rejected]) -> Sorted:
    """Return the examples that are not set aside, and those that are, by row."""
    rows = {one.row for one in aside}
    return [one for one in examples if one.row not in rows], sorted(aside, key=lambda one: one.row)
