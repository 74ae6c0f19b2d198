"""What labelled sentences can be written as."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from svodka.files import atomic_write
from svodka.topics import Topic
from svodka.training.formats.example import Example
from svodka.training.formats.native import write_jsonl
from svodka.training.formats.own_csv import rows_of_table, table_names, write_csv
from svodka.training.formats.own_xlsx import write_xlsx
from svodka.training.formats.to_tools import (
    doccano_labels,
    doccano_rows,
    label_studio_config,
    label_studio_tasks,
    spoken_names,
)

__all__ = ["EXPORTS", "Export", "write_doccano_labels"]

LABELS = ".labels.json"
CELLS = "topics are separated by ;, none is -, empty means not labelled"

Writer = Callable[[Path, Sequence[Example], Sequence[Topic], str], list[Path]]


@dataclass(frozen=True, slots=True)
class Export:
    """A form to write.

    Attributes:
        write: writes examples to a path, with the topics and the kind of their names (`NAME_KINDS`); returns the files
            that were written.
        next_step: what the user does with them, one line.
        kind: the kind of names if the user chooses none: titles where people tick them; ids, which no later change of a
            title can break, in tables.
    """

    write: Writer
    next_step: str
    kind: str = "ru"


def _label_studio(out: Path, examples: Sequence[Example], topics: Sequence[Topic], kind: str) -> list[Path]:
    """Write the tasks, and the labelling configuration beside them."""
    names = spoken_names(topics, kind)
    config = out.with_suffix(".xml")
    with atomic_write(config) as handle:
        handle.write(label_studio_config(topics, names))
    with atomic_write(out) as handle:
        json.dump(list(label_studio_tasks(examples, names)), handle, ensure_ascii=False, indent=1)
        handle.write("\n")
    return [out, config]


def _doccano(out: Path, examples: Sequence[Example], topics: Sequence[Topic], kind: str) -> list[Path]:
    """Write rows for doccano, and its labels beside them."""
    names = spoken_names(topics, kind)
    labels = write_doccano_labels(out, names)
    with atomic_write(out) as handle:
        write_jsonl(handle, doccano_rows(examples, names))
    return [out, labels]


def write_doccano_labels(out: Path, names: Mapping[str, str]) -> Path:
    """Write the labels of a doccano project beside its rows; return the file."""
    labels = out.with_suffix(LABELS)
    with atomic_write(labels) as handle:
        json.dump(doccano_labels(names), handle, ensure_ascii=False, indent=1)
        handle.write("\n")
    return labels


def _csv(out: Path, examples: Sequence[Example], topics: Sequence[Topic], kind: str) -> list[Path]:
    """Write a table for spreadsheets."""
    names = table_names(topics, kind)
    with atomic_write(out, newline="") as handle:
        write_csv(handle, examples, names)
    return [out]


def _xlsx(out: Path, examples: Sequence[Example], topics: Sequence[Topic], kind: str) -> list[Path]:
    """Write an Excel workbook."""
    names = table_names(topics, kind)
    with atomic_write(out, "wb") as handle:
        write_xlsx(handle, rows_of_table(examples, names))
    return [out]


EXPORTS = {
    "label-studio": Export(
        _label_studio,
        "in a new project paste the .xml under Settings > Labeling Interface > Code, then import the .json",
    ),
    "doccano": Export(
        _doccano,
        f"in a project of text classification import the {LABELS} under Labels, then the rows under Dataset as JSONL, "
        "with the columns text and label",
    ),
    "csv": Export(_csv, f"a table for programs (a Russian Excel opens --to xlsx better); {CELLS}", "id"),
    "xlsx": Export(_xlsx, f"open it in Excel or LibreOffice; {CELLS}", "id"),
}
