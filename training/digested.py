"""Labels of sentences that are not ours to give away, kept by a digest of each sentence.

Who has the texts can put the labels to them again:

    python -m svodka.training.digested join news.jsonl.gz --out labelled.jsonl

and who has labelled other such texts can keep the labels without the sentences:

    python -m svodka.training.digested make labelled.jsonl --out labels.jsonl

Sentences of articles are found as `svodka.splitter` cuts them, and only those that `svodka.training.unlabelled` takes,
of 20 to 400 characters.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svodka.cli.main import guarded
from svodka.decode import read_text
from svodka.errors import DataError, did_you_mean
from svodka.files import atomic_write
from svodka.normalise import normalise
from svodka.topics import load_topics
from svodka.training.recipe import checkout_data_folder
from svodka.training.rows import read_rows
from svodka.training.unlabelled import read_sentences

__all__ = ["Decision", "Label", "digest", "join", "main", "make", "own_labels", "read_labels"]

KEPT = ("unsure", "second", "third", "doubted")  # what a labelled row may tell beside its topics
DIGITS = 16  # hexadecimal: that two of a million sentences have the same is less likely than one in ten millions


@dataclass(frozen=True, slots=True)
class Label:
    """What readers found in a sentence.

    Attributes:
        topics: ids that the first reader found, none if it has none.
        unsure: to a reader the taxonomy leaves it open.
        second: what a second reader found who saw the sentence only; None if there was none.
        third: what a third one found; only after a second.
        doubted: it was read again because a model decided otherwise, not because it was drawn at random.
    """

    topics: tuple[str, ...]
    unsure: bool
    second: tuple[str, ...] | None = None
    third: tuple[str, ...] | None = None
    doubted: bool = False

    def decided(self) -> Decision:
        """Return what the readings come to."""
        readings = [dict.fromkeys(one) for one in (self.topics, self.second, self.third) if one is not None]
        votes = Counter(topic for one in readings for topic in one)
        return Decision(
            tuple(topic for topic, n in votes.items() if 2 * n > len(readings)),
            tuple(topic for topic, n in votes.items() if 2 * n == len(readings)),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """The topics that most readings of a sentence give, and those that one of two gives and the other does not."""

    topics: tuple[str, ...]
    disputed: tuple[str, ...]


def digest(text: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a sentence, normalised and in small letters."""
    return hashlib.sha256(normalise(text).casefold().encode("utf-8")).hexdigest()[:DIGITS]


def own_labels() -> Path:
    """Return the file of labels of news sentences that comes with a checkout of svodka.

    Raises:
        DataError: this is an installation without it.
    """
    path = checkout_data_folder() / "readings" / "news.jsonl"
    if not path.is_file():
        raise DataError(f"{path}: not found; the labels of news come with a checkout of svodka only")
    return path


def read_labels(path: Path, topics: Sequence[str]) -> dict[str, Label]:
    """Read a file of labels: JSON Lines with `digest` and `topics`, some with the other attributes of a label.

    Raises:
        DataError: the file is missing, a line is broken, has an unknown topic, a third reading or a doubt without a
            second reading, or a digest stands there twice.
    """
    labels: dict[str, Label] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            values = json.loads(line)
            key, first = str(values["digest"]), values["topics"]
        except (ValueError, KeyError, TypeError) as error:
            expected = "expected an object with a digest and a list of topics"
            raise DataError(f"{place}: {expected}, got {line!r:.80}") from error
        if key in labels:
            raise DataError(f"{place}: the digest {key} stands there twice")
        labels[key] = _label(first, values, topics, place)
    return labels


def _label(first: object, told: Mapping[str, Any], topics: Sequence[str], place: str) -> Label:
    """Return a label made of the first reading and what else is told of it.

    Raises:
        DataError: a reading is no list of known topics; there is a third one, or a doubt, without a second.
    """
    second, third = (
        None if told.get(name) is None else _reading(told[name], name, topics, place) for name in ("second", "third")
    )
    doubted = bool(told.get("doubted"))
    if second is None and (third is not None or doubted):
        raise DataError(f"{place}: {'third' if third is not None else 'doubted'!r} without a 'second' reading")
    return Label(_reading(first, "topics", topics, place), bool(told.get("unsure")), second, third, doubted)


def _reading(value: object, name: str, topics: Sequence[str], place: str) -> tuple[str, ...]:
    """Return the topics of a reading.

    Raises:
        DataError: it is no list of known topics.
    """
    if not isinstance(value, list | tuple):
        raise DataError(f"{place}: expected a list of topics under {name!r}, got {value!r:.80}")
    for topic in value:
        if topic not in topics:
            raise DataError(f"{place}: unknown topic {topic!r} under {name!r}{did_you_mean(str(topic), topics)}")
    return tuple(value)


def join(labels: Path, texts: Iterable[Path], out: Path, topics: Sequence[str]) -> tuple[int, int]:
    """Write the sentences of files that have a label, as rows to learn from; return their number and that of labels.

    Args:
        labels: file of labels.
        texts: JSON Lines, CSV or TSV files, packed by gzip or not, whose `text` is a sentence or an article.
        out: JSON Lines with `id`, `text`, `topics` and, where it is so, `unsure`; replaced when it is whole. Where a
            sentence was read more than once, the majority of the readings stands under `topics`, and topics on which
            two readings differ under `unknown`, so that nothing is learned from them.
        topics: ids of the topics.

    Raises:
        DataError: a file is unusable, or none of its sentences has a label.
    """
    known = read_labels(labels, topics)
    found = {key: text for text in read_sentences(texts) if (key := digest(text)) in known}
    if not found:
        raise DataError(f"no sentence of the files has a label in {labels}; they hold other texts")
    with atomic_write(out) as lines:
        for key, text in found.items():
            decision = known[key].decided()
            row: dict[str, Any] = {"id": f"news-{key}", "text": text, "topics": list(decision.topics)}
            row |= {"unknown": list(decision.disputed)} if decision.disputed else {}
            _write(lines, row | ({"unsure": True} if known[key].unsure else {}))
    return len(found), len(known)


def make(labelled: Sequence[Path], out: Path, topics: Sequence[str]) -> int:
    """Write the labels of labelled files by the digests of their sentences; return their number.

    Sentences that are not labelled are left out; of sentences that differ in nothing but letters, quotes and the like,
    the last one counts. What stands under `unsure`, `second`, `third` and `doubted` is kept.

    Raises:
        DataError: a file is unusable, a reading is wrong, or a row leaves topics `unknown`: a digest keeps what readers
            found, not what is open.
    """
    by_digest: dict[str, dict[str, Any]] = {}
    for row in (row for path in labelled for row in read_rows(path, topics)):
        place = f"{row.source}:{row.line}"
        if row.unknown:
            raise DataError(f"{place}: {', '.join(row.unknown)} unknown; give the readings as 'topics' and 'second'")
        if row.topics is not None:
            _label(row.topics, row.other, topics, place)
            told = {name: row.other[name] for name in KEPT if row.other.get(name) not in (None, False)}
            by_digest[digest(row.text)] = {"topics": list(row.topics)} | told
    with atomic_write(out) as lines:
        for key, told in sorted(by_digest.items()):
            _write(lines, {"digest": key} | told)
    return len(by_digest)


def _write(lines: Any, row: dict[str, Any]) -> None:
    lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Join or make, and say how many; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.digested", description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    joining = commands.add_parser("join", help="put labels to the sentences of files")
    joining.add_argument("files", nargs="+", type=Path, help="JSON Lines, CSV or TSV with `text`, or packed by gzip")
    joining.add_argument("--labels", type=Path, default=None, help="file of labels; default: svodka's own, of news")
    making = commands.add_parser("make", help="keep labels without the sentences")
    making.add_argument("files", nargs="+", type=Path, help="labelled files")
    for command in (joining, making):
        command.add_argument("--out", type=Path, required=True, help="the file to write")
        command.add_argument("--topics", type=Path, default=None, help="YAML file of topics; default: the shipped one")
    args = parser.parse_args(argv)
    ids = [topic.id for topic in load_topics(args.topics)]
    if args.command == "join":
        found, known = join(args.labels or own_labels(), args.files, args.out, ids)
        sys.stdout.write(f"{args.out}: {found} of {known} labelled sentences found\n")
    else:
        sys.stdout.write(f"{args.out}: {make(args.files, args.out, ids)} labels\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
