"""`svodka data card`: write the data card of a folder of labelled sentences."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import resources
from pathlib import Path

from svodka.errors import DataError
from svodka.files import atomic_write
from svodka.topics import load_borderline, load_topics
from svodka.training.agreement import Agreement, measure_agreement, read_readings
from svodka.training.composition import compose
from svodka.training.curve_points import read_points
from svodka.training.data_card import CardContent, data_card
from svodka.training.digested import read_labels
from svodka.training.realness import missing_lemmas, tell_apart
from svodka.training.recipe import checkout_data_folder
from svodka.training.rows import read_rows
from svodka.training.texts import read_texts

__all__ = ["add_parser", "run"]

SPLITS = ("train", "validation", "test")
READINGS = Path("readings") / "readings.jsonl"
NEWS = Path("readings") / "news.jsonl"
CURVES = "curves"
FRAME = "card_frame.md"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `svodka data`."""
    parser = commands.add_parser(
        "card",
        help="write the data card of a folder of labelled sentences",
        description="Write README.md of a data folder (train.jsonl, validation.jsonl, test.jsonl, readings, curves).",
    )
    parser.add_argument("folder", nargs="?", type=Path, help="data folder; default: the data shipped with svodka")
    parser.add_argument(
        "--real", nargs="+", type=Path, default=[], metavar="FILE", help="real text to compare with (texts or .gz)"
    )
    parser.add_argument("--topics", type=Path, metavar="FILE", help="YAML file of topics; default: the shipped one")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: README.md in the folder")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure the folder and write its card; return 0.

    Raises:
        DataError: a file is missing or wrong.
    """
    folder = args.folder or checkout_data_folder()
    out = args.out or folder / "README.md"
    frame = resources.files("svodka.training").joinpath("data", FRAME).read_text(encoding="utf-8")
    card = data_card(_content(folder, args.real, args.topics), frame)
    with atomic_write(out) as handle:
        handle.write(card)
    sys.stderr.write(f"svodka: wrote {out}\n")
    return 0


def _content(folder: Path, real: list[Path], topics_file: Path | None) -> CardContent:
    topics = load_topics(topics_file)
    ids = [topic.id for topic in topics]
    files = {split: folder / f"{split}.jsonl" for split in SPLITS if (folder / f"{split}.jsonl").is_file()}
    if "train" not in files:
        raise DataError(f"{folder}: expected a file train.jsonl in the data folder")
    rows = {split: read_rows(path, ids) for split, path in files.items()}
    ours = [row.text for row in rows["train"]]
    texts = {path.name: read_texts(path) for path in real}
    return CardContent(
        topics=topics,
        borderline=load_borderline(topics_file),
        splits={split: compose(given, ids) for split, given in rows.items()},
        agreement=_agreement(folder / READINGS, ids),
        realness={f"`{name}`": tell_apart(ours, given) for name, given in texts.items()},
        lemmas=missing_lemmas(ours, [text for given in texts.values() for text in given]) if texts else {},
        news=read_labels(folder / NEWS, ids) if (folder / NEWS).is_file() else {},
        curves={_title(path): read_points(path) for path in _curves(folder / CURVES)},
    )


def _agreement(path: Path, ids: list[str]) -> Agreement | None:
    return measure_agreement(read_readings(path, ids), ids) if path.is_file() else None


def _curves(folder: Path) -> list[Path]:
    """Return the files of learning curves; other figures in the folder say of what kind they are."""
    files = sorted(folder.glob("*.json"))
    return [path for path in files if "kind" not in json.loads(path.read_text(encoding="utf-8"))]


def _title(path: Path) -> str:
    """Return what a curve's file says of itself, or its name."""
    title = json.loads(path.read_text(encoding="utf-8")).get("title")
    return str(title or path.stem)
