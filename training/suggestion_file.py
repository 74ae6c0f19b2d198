"""Suggested sentences as files that people label in: a text editor, Label Studio, doccano, a spreadsheet.

In none of them a suggestion counts as labelled before somebody has said so, but for doccano, which knows no other way
to show a prediction than as labels.
"""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from svodka.errors import ConfigError
from svodka.files import atomic_write
from svodka.output.as_csv import BOM, guard
from svodka.topics import Topic

__all__ = ["FORMS", "Form", "Suggestion", "choose_form", "write_jsonl", "write_suggestions"]

DIGITS = 4


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

    def record(self) -> dict[str, object]:
        """Return it as a row that nobody has labelled: without `topics`, which its reader adds."""
        about: dict[str, object] = {"id": self.id, "text": self.text, "source": self.source, "rank": self.rank}
        about["predicted"] = list(self.predicted)
        if self.doubtful is not None:
            about["doubtful"] = self.doubtful
        if self.likeness is not None:
            about["likeness"] = round(self.likeness, DIGITS)
        return about | {"scores": {topic: round(score, DIGITS) for topic, score in self.scores.items()}}


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


def write_jsonl(handle: IO[str], suggestions: Suggestions) -> None:
    """Write one JSON object a line."""
    for one in suggestions:
        handle.write(json.dumps(one.record(), ensure_ascii=False) + "\n")


def _jsonl(out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:  # noqa: ARG001  # as all forms
    with atomic_write(out) as handle:
        write_jsonl(handle, suggestions)
    return [out]


def _label_studio(out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:
    """Write the tasks, and beside them the labelling configuration that they fit."""
    titles = {topic.id: topic.title_ru for topic in topics}
    config = out.with_suffix(".xml")
    with atomic_write(config) as handle:
        handle.write(_configuration(topics))
    with atomic_write(out) as handle:
        json.dump([_task(one, titles) for one in suggestions], handle, ensure_ascii=False, indent=1)
        handle.write("\n")
    return [out, config]


def _configuration(topics: Sequence[Topic]) -> str:
    """Return a labelling interface with a tick box for each topic."""
    view = ET.Element("View")
    ET.SubElement(view, "Text", name="text", value="$text")
    choices = ET.SubElement(view, "Choices", name="topics", toName="text", choice="multiple")
    for topic in topics:
        ET.SubElement(choices, "Choice", value=topic.title_ru, hint=topic.definition_ru)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _task(one: Suggestion, titles: Mapping[str, str]) -> dict[str, object]:
    """Return a task whose prediction shows as ticked; its score is how sure the model is of its least sure decision."""
    record = one.record()
    data = {key: record[key] for key in record if key not in ("predicted", "scores")}
    chosen = {"choices": [titles[topic] for topic in one.predicted]}
    result = [{"from_name": "topics", "to_name": "text", "type": "choices", "value": chosen}] if one.predicted else []
    sure = min((max(score, 1 - score) for score in one.scores.values()), default=0.0)
    return {
        "data": data | {"scores": record["scores"]},
        "predictions": [{"model_version": "svodka", "score": round(sure, DIGITS), "result": result}],
    }


def _doccano(out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:
    """Write rows with the predicted topics as labels."""
    titles = {topic.id: topic.title_ru for topic in topics}
    with atomic_write(out) as handle:
        for one in suggestions:
            row = one.record() | {"label": [titles[topic] for topic in one.predicted]}
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")
    return [out]


def _csv(out: Path, suggestions: Suggestions, topics: Sequence[Topic]) -> list[Path]:
    """Write a spreadsheet whose column `topics` is empty, for its reader to fill."""
    ids = [topic.id for topic in topics]
    with atomic_write(out, newline="") as handle:
        handle.write(BOM)
        table = csv.writer(handle, lineterminator="\r\n")
        table.writerow(["rank", "id", "text", "topics", "predicted", "doubtful", *ids])
        for one in suggestions:
            scores = [round(one.scores[topic], DIGITS) if topic in one.scores else "" for topic in ids]
            words = [one.id, one.text, "", ";".join(one.predicted) or "-", one.doubtful or ""]
            table.writerow([one.rank, *map(guard, words), *scores])
    return [out]


FORMS = {
    "jsonl": Form(_jsonl, ".jsonl", "add the key topics to each line that you have read, as in 'topics': ['forces']"),
    "label-studio": Form(
        _label_studio,
        ".json",
        "in a new project paste the .xml under Settings > Labeling Interface > Code, then import the .json",
    ),
    "doccano": Form(_doccano, ".jsonl", "import it as JSONL for text classification; its labels are predictions"),
    "csv": Form(_csv, ".csv", "fill the column topics: ids separated by ;, - for none, empty for not read"),
}
