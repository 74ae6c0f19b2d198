"""What an import sets aside, and what it only warns of: repeats, contradictions, leaks, topics with few examples."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from svodka.training.formats.example import Example, Fault, Rejected
from svodka.training.formats.native import record_of
from svodka.training.near_duplicates import cross_duplicates, folded

__all__ = ["FEW_TO_LEARN", "FEW_TO_TUNE", "few_examples", "repeats", "seen_elsewhere"]

FEW_TO_LEARN = 16  # examples below which a topic is hardly learnt
FEW_TO_TUNE = 8  # examples below which a threshold is a guess

Sorted = tuple[list[Example], list[Rejected]]


def repeats(examples: Sequence[Example]) -> Sorted:
    """Return the examples without repeated texts, and what was set aside.

    Texts are the same if they differ in case, punctuation or ё at most. Where two labels contradict each other, in a
    topic that was judged for both, all labelled rows of that text are set aside, as nobody can tell which is right;
    otherwise the first labelled row stays.
    """
    groups: dict[str, list[Example]] = {}
    for example in examples:
        groups.setdefault(folded(example.text) or example.text, []).append(example)
    aside = [one for group in groups.values() if len(group) > 1 for one in _of_group(group)]
    return _without(examples, aside)


def _of_group(group: Sequence[Example]) -> Iterator[Rejected]:
    """Yield the rows of one text that are set aside."""
    labelled = [one for one in group if one.topics is not None]
    clash = {one.row: other for one in labelled for other in labelled if _contradict(one, other)}
    kept = None if clash else (labelled or group)[0]
    for one in group:
        if clash and one.topics is not None:
            other = clash.get(one.row) or next(iter(clash.values()))
            what = f"{_shown(one)} here, {_shown(other)} in row {other.row}"
            yield _rejected(one, Fault(f"other topics for the same text: {what}"))
        elif clash:
            yield _rejected(one, Fault("the same text as rows whose labels contradict each other"))
        elif kept is not None and one is not kept:
            yield _rejected(one, Fault(f"the same text as row {kept.row}"))


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
