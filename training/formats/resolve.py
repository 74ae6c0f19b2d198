"""From a draft to an example, or to everything that keeps it from being one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from svodka.training.formats.cells import MISSING_WORDS, is_blank, is_object, label_names, plain, plain_id
from svodka.training.formats.example import Draft, Example, Fault, Label, Rejected
from svodka.training.formats.names import TopicNames

__all__ = ["resolve"]

NUMBER = re.compile(r"-?\d+(?:\.0)?")
KNOWN = ("id", "genre", "unknown", "scores", "meta")


def resolve(draft: Draft, names: TopicNames, kind: str) -> Example | Rejected:
    """Return a draft with its names of topics looked up, or all its faults; `kind` is that of its table."""
    faults = [*draft.faults, *_text_faults(draft, kind)]
    answers = [_answer(answer, names, faults) for answer in draft.answers]
    topics = answers[0] if answers else None
    if any(answer != topics for answer in answers):
        shown = ", ".join(sorted({_shown(answer, names) for answer in answers}))
        faults.append(Fault(f"its {len(answers)} readers disagree: {shown}", _label_column(draft)))
    unknown = _unknown(draft, names, faults)
    if both := sorted((topics or frozenset()) & unknown):
        faults.append(Fault(f"the topic {both[0]!r} is both given and in 'unknown'", "unknown", both[0]))
    if faults:
        return Rejected(draft.row, tuple(dict.fromkeys(faults)), draft.original)
    genre, scores = draft.further.get("genre"), _scores(draft.further.get("scores"), names)
    return Example(
        row=draft.row,
        id=plain_id(draft.further.get("id")),
        text=str(draft.text),
        topics=None if topics is None else tuple(topic for topic in names.ids if topic in topics),
        unknown=tuple(topic for topic in names.ids if topic in unknown),
        genre=genre if isinstance(genre, str) and genre.strip() else None,
        scores=scores,
        meta=_meta(draft, kind, with_scores=scores is None),
    )


def _text_faults(draft: Draft, kind: str) -> list[Fault]:
    """Say what is wrong with the text."""
    text, column = draft.text, draft.text_column
    if is_blank(text):
        return [Fault("the text is empty", column, text)]
    if not isinstance(text, str):
        return [Fault(f"expected a text, got {text!r}", column, text)]
    if kind in ("csv", "xlsx") and text.strip() in MISSING_WORDS:
        return [Fault(f"the text is empty: {text.strip()!r} is a program's word for a missing value", column, text)]
    if any("\ud800" <= character <= "\udfff" for character in text):
        return [Fault("the text has half of a character (a lone surrogate), which no file can hold", column)]
    return []


def _answer(answer: tuple[Label, ...], names: TopicNames, faults: list[Fault]) -> frozenset[str]:
    """Return the ids of the topics that one reader gave; names that are none of a topic become faults."""
    topics = {names.find(label.name) for label in answer if names.find(label.name)}
    if answer and all(NUMBER.fullmatch(label.name) and not names.knows(label.name) for label in answer):
        faults.append(_unnamed(answer))
        return frozenset()
    for label in answer:
        if names.find(label.name):
            continue
        if not names.is_none(label.name):
            reason = _no_name(label.name) if is_object(label.name) else names.unknown(label.name)
            faults.append(Fault(reason, label.column, label.name))
        elif topics:
            faults.append(Fault(f"{label.name!r} (no topic) stands beside topics", label.column, label.name))
    return frozenset(topic for topic in topics if topic is not None)


def _no_name(shown: str) -> str:
    """Return the message for an object where the name of a topic should stand."""
    return (
        f"expected the name of a topic, got the object {shown}; write the name alone, or under 'name', 'label', 'text' "
        "or 'value' without a place in the text or a score"
    )


def _unnamed(numbers: Sequence[Label]) -> Fault:
    """Return the fault of classes that the file gives by number, without their names."""
    shown = ", ".join(label.name for label in numbers)
    if len(numbers) > 1 and {float(label.name) for label in numbers} <= {0, 1}:
        reason = (
            f"a list of 0 and 1 ({shown}), and nothing says which place is which topic's; make a column of 0 and 1 for "
            "each topic, named after it, or write the names of the topics"
        )
        return Fault(reason, numbers[0].column, shown)
    what = f"number {shown}" if len(numbers) == 1 else f"numbers {shown}"
    reason = f"class {what}, and the file does not name its classes; write the names of the topics in their place"
    return Fault(reason, numbers[0].column, shown)


def _shown(topics: frozenset[str], names: TopicNames) -> str:
    """Return a reader's topics for a message."""
    return "+".join(topic for topic in names.ids if topic in topics) or "none"


def _label_column(draft: Draft) -> str | None:
    """Return the column of the first label; None if there is no label."""
    return next((label.column for answer in draft.answers for label in answer), None)


def _unknown(draft: Draft, names: TopicNames, faults: list[Fault]) -> frozenset[str]:
    """Return the ids of the topics that nobody judged; names that are none of a topic become faults."""
    value = draft.further.get("unknown")
    found = label_names(value, names) or ()
    return _answer(tuple(Label("unknown", name) for name in found), names, faults) | set(draft.unjudged)


def _scores(value: object, names: TopicNames) -> dict[str, float] | None:
    """Return the probabilities in a mapping of topics to numbers from 0 to 1, or its JSON; None if it is none."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, Mapping) or not value:
        return None
    scores = {names.find(str(name)): score for name, score in value.items() if score is not None}
    good = all(isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one <= 1 for one in scores.values())
    if None in scores or not good:
        return None
    return {topic: float(scores[topic]) for topic in names.ids if topic in scores}


def _meta(draft: Draft, kind: str, *, with_scores: bool) -> dict[str, object]:
    """Return what else the file says; a name that stands both in `meta` and beside it is kept twice."""
    further = {key: value for key, value in draft.further.items() if key not in KNOWN}
    if with_scores and not is_blank(draft.further.get("scores")):
        further["scores"] = draft.further["scores"]
    genre, inner = draft.further.get("genre"), draft.further.get("meta")
    if not isinstance(genre, str) and genre is not None:
        further["genre"] = genre
    if isinstance(inner, Mapping):
        further |= {f"meta.{key}" if key in further else str(key): value for key, value in inner.items()}
    elif inner is not None:
        further["meta"] = inner
    if kind != "json":  # in a table every row has every column
        further = {key: value for key, value in further.items() if not is_blank(value)}
    return {key: plain(value) for key, value in further.items()}
