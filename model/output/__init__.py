"""Write tagged documents: as a table to read, JSON Lines, CSV, Parquet, or one HTML page.

A writer gets documents one after another and keeps none, so that ten million sentences need no more memory than ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from svodka.errors import ConfigError, did_you_mean
from svodka.results import ArticlePrediction

if TYPE_CHECKING:
    from svodka.topics import Topic

__all__ = ["FORMATS", "TaggedDocument", "Writer", "choose_format", "make_writer"]


@dataclass(frozen=True, slots=True)
class TaggedDocument:
    """One tagged text and where it is from.

    Attributes:
        name: its file as the user named it; `-` is standard input.
        row: its 1-based data row in a table; None for a text file.
        article: its sentences and their topics.
    """

    name: str
    row: int | None
    article: ArticlePrediction

    @property
    def source(self) -> str:
        """What results call it: `article.txt`, `-`, or `table.csv:12`."""
        return self.name if self.row is None else f"{self.name}:{self.row}"


class Writer(Protocol):
    """Writes documents to a handle: `begin` once, `write` for each, `end` once if nothing went wrong."""

    def begin(self) -> None:
        """Write what stands before the first document."""

    def write(self, document: TaggedDocument) -> None:
        """Write one document."""

    def end(self) -> None:
        """Write what stands behind the last document."""


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """One way to write documents.

    Attributes:
        module: the module whose `make(handle, topics, lang)` returns the writer; imported when needed.
        suffixes: of the files in this format, the usual one first.
        newline: as for `open`; "" means that the writer itself writes line ends.
        binary: whether the writer wants a handle for bytes.
        rows: whether a row is a sentence, so that several files together are like one.
    """

    module: str
    suffixes: tuple[str, ...]
    newline: str
    binary: bool = False
    rows: bool = False


FORMATS: Mapping[str, OutputFormat] = {
    "table": OutputFormat("svodka.output.as_table", (".txt",), "\n"),
    "jsonl": OutputFormat("svodka.output.as_jsonl", (".jsonl", ".ndjson"), "\n", rows=True),
    "csv": OutputFormat("svodka.output.as_csv", (".csv",), "", rows=True),
    "parquet": OutputFormat("svodka.output.as_parquet", (".parquet",), "", binary=True, rows=True),
    "html": OutputFormat("svodka.output.as_html", (".html", ".htm"), "\n"),
}


def choose_format(name: str | None, out: Path | None) -> str:
    """Return the format for the file `out`; None is standard output, where a table is the default.

    Raises:
        ConfigError: no format is given and the suffix tells none, the two disagree, or the format needs a file.
    """
    suffix = out.suffix.lower() if out else ""
    told = next((key for key, value in FORMATS.items() if suffix in value.suffixes), None)
    if name and told and name != told:
        raise ConfigError(f"--format {name} and --out {out} disagree: {suffix} is {told}")
    if suffix == ".gz":
        raise ConfigError(f"--out {out}: results are not packed; leave {suffix} off")
    if out and not name and not told:
        known = [value.suffixes[0] for value in FORMATS.values()]
        hint = did_you_mean(suffix, known)
        raise ConfigError(
            f"--out {out}: the suffix {suffix!r} tells no format{hint}; use {' '.join(known)} or --format"
        )
    if name and not out and FORMATS[name].binary:
        raise ConfigError(f"--format {name} is not for standard output; name a file with --out")
    return name or told or "table"


def make_writer(name: str, handle: IO[Any], topics: Sequence[Topic], lang: str = "ru") -> Writer:
    """Return a writer of the format `name`; `lang`, "ru" or "en", is the language of titles and labels.

    Raises:
        MissingExtraError: the format needs a library that is not installed.
    """
    writer: Writer = import_module(FORMATS[name].module).make(handle, topics, lang)
    return writer
