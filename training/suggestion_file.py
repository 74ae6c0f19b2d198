"""Suggested sentences as files that people label in: a text editor, Label Studio, doccano, a spreadsheet.

In none of them a suggestion counts as labelled before somebody has said so, but for doccano, which knows no other way
to show a prediction than as labels.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from svodka.errors import ConfigError
from svodka.files import atomic_write
from svodka.topics import Topic
from svodka.training.formats.example import Example
from svodka.training.formats.exports import EXPORTS, write_doccano_labels
from svodka.training.formats.native import record_of, write_jsonl
from svodka.training.formats.own_csv import write_csv
from svodka.training.formats.to_tools import doccano_rows, label_studio_config, label_studio_tasks, spoken_names

__all__ = ["FORMS", "Form", "Suggestion", "choose_form", "print_suggestions", "write_suggestions"]

DIGITS = 4
ABOVE_ALL = 2.0  # no probability reaches it


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One sentence that somebody should label.

    Attributes:
        rank: its place in the order of labelling, from 1.
        id: a name that no other suggestion of the file has.
        source: where the sentence stands.
        text: the sentence.
        predicted: ids of the topics that the model would give it.
        doubtful: id of the topic that the model is most unsure of, as that topic goes; None if nobody asked.
        scores: probability, 0 to 1, of each topic.
        likeness: how like the sentence is to the definition of a new topic, -1 to 1; None if that was not asked.
    """

    rank: int
    id: str
    source: str
    text: str
    predicted: tuple[str, ...]
    doubtful: str | None
    scores: Mapping[str, float]
    likeness: float | None = None

    def example(self) -> Example:
        """Return it as a row that nobody has labelled; all but its text and scores stands under `meta`."""
        meta: dict[str, object] = {"source": self.source, "rank": self.rank, "predicted": list(self.predicted)}
        if self.doubtful is not None:
            meta["doubtful"] = self.doubtful
        if self.likeness is not None:
            meta["likeness"] = round(self.likeness, DIGITS)
        scores = {topic: round(score, DIGITS) for topic, score in self.scores.items()}
        return Example(self.rank, self.id, self.text, None, scores=scores, meta=meta)


Suggestions = Sequence[Suggestion]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of file: what writes it, the ending of its name, and what its reader does with it, in one line."""

    write: Callable[[Path, Suggestions, Sequence[Topic]], list[Path]]
    ending: str
    next_step: str


def write_suggestions(form: str, out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:
    """Write the suggestions in one of `FORMS`; return the files that were written.

    Raises:
        OSError: nothing can be written there.
    """
    return FORMS[form].write(out, suggestions, topics)


def choose_form(asked: str | None, out: Path | None) -> str:
    """Return the form that was asked for, or that the ending of `out` tells; JSON Lines without a file.

    Raises:
        ConfigError: the ending tells none, or the form needs a file and there is none.
    """
    if asked not in (None, "jsonl") and out is None:
        raise ConfigError(f"--to {asked} needs a file: --out FILE{FORMS[str(asked)].ending}")
    if asked is not None or out is None:
        return asked or "jsonl"
    by_ending = {form.ending: name for name, form in reversed(FORMS.items())}
    if out.suffix.lower() not in by_ending:
        raise ConfigError(f"--out {out}: expected a file ending in {', '.join(by_ending)}, or the form with --to")
    return by_ending[out.suffix.lower()]


def print_suggestions(handle: IO[str], suggestions: Suggestions) -> None:
    """Write the suggestions as JSON Lines."""
    write_jsonl(handle, (record_of(one.example()) for one in suggestions))


def _jsonl(out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:  # noqa: ARG001  # as all forms
    with atomic_write(out) as handle:
        print_suggestions(handle, suggestions)
    return [out]


def _label_studio(out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:
    """Write the tasks, and beside them the labelling configuration that they fit."""
    names = spoken_names(topics)
    config = out.with_suffix(".xml")
    with atomic_write(config) as handle:
        handle.write(label_studio_config(topics, names))
    with atomic_write(out) as handle:
        json.dump([_task(one, names) for one in suggestions], handle, ensure_ascii=False, indent=1)
        handle.write("\n")
    return [out, config]


def _task(one: Suggestion, names: Mapping[str, str]) -> dict[str, object]:
    """Return a task with what was predicted ticked, whatever the thresholds were."""
    limits = {topic: 0.0 if topic in one.predicted else ABOVE_ALL for topic in names}
    return next(label_studio_tasks([one.example()], names, thresholds=limits))


def _doccano(out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:
    """Write rows with the predicted topics as labels, and the labels of the project beside them."""
    names = spoken_names(topics)
    rows = doccano_rows((one.example() for one in suggestions), names)
    labels = ([names[topic] for topic in one.predicted] for one in suggestions)
    beside = write_doccano_labels(out, names)
    with atomic_write(out) as handle:
        write_jsonl(handle, (row | {"label": label} for row, label in zip(rows, labels, strict=True)))
    return [out, beside]


def _csv(out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:
    """Write a spreadsheet whose column `topics` is empty, for its reader to fill."""
    with atomic_write(out, newline="") as handle:
        write_csv(handle, [one.example() for one in suggestions], spoken_names(topics, "id"))
    return [out]


FORMS = {
    "jsonl": Form(
        _jsonl, ".jsonl", "replace null under topics in each line that you have read, as by ['forces'] or []"
    ),
    "label-studio": Form(_label_studio, ".json", EXPORTS["label-studio"].next_step),
    "doccano": Form(
        _doccano,
        ".jsonl",
        f"{EXPORTS['doccano'].next_step}; its labels are predictions: export approved documents only",
    ),
    "csv": Form(_csv, ".csv", "fill the column topics: ids separated by ;, - for none, empty for not read"),
}
