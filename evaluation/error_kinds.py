"""The table of a model's errors, read one by one and sorted into kinds.

    python -m svodka.evaluation.error_kinds errors.jsonl --out ERRORS.md

`errors.jsonl` has one object a wrong decision: `id` of the row, `topic`, `error` (`missed` or `false`) and `kind`. The
sentences stay where they are. In a file that is there already, only what stands between `<!-- errors: NAME.jsonl -->`
and `<!-- end of errors -->` is written anew: what people concluded from the table stays.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from svodka.cli.main import guarded
from svodka.decode import read_text
from svodka.errors import DataError
from svodka.files import atomic_write

__all__ = ["KINDS", "filled", "main", "read_errors", "table"]

KINDS: Mapping[str, str] = {
    "data gap": "statements of this kind are hardly met in training",
    "label border": "the label lies at a border of the taxonomy, or is at odds with it",
    "threshold": "ranked right, less than 0.1 of probability on the wrong side",
    "rare word": "a rare name, term or likeness of words decided",
    "model": "plainly said in common words, and still wrong",
    "long sentence": "said in one of many clauses",
    "needs context": "clear only from the sentences around it",
}
MISSED, FALSE = "missed", "false"
NEW = "# Errors by kind\n\nMade by `python -m svodka.evaluation.error_kinds` from `{name}`.\n\n{begin}\n{end}\n"
BEGIN, END = "<!-- errors: {name} -->", "<!-- end of errors -->"
Error = Mapping[str, str]


def read_errors(path: Path) -> list[Error]:
    """Read a file of errors.

    Raises:
        DataError: the file is missing, a line is broken, has an unknown kind, or stands there twice.
    """
    errors: list[Error] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            told = json.loads(line)
            one = {key: str(told[key]) for key in ("id", "topic", "error", "kind")}
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}:{number}: expected id, topic, error and kind, got {line!r:.80}") from error
        if one["kind"] not in KINDS or one["error"] not in (MISSED, FALSE):
            known = f"error: {MISSED}, {FALSE}; kind: {', '.join(KINDS)}"
            raise DataError(f"{path}:{number}: got {one['error']!r} and {one['kind']!r}; known are {known}")
        if any((one["id"], one["topic"]) == (other["id"], other["topic"]) for other in errors):
            raise DataError(f"{path}:{number}: {one['id']} and {one['topic']} stand there twice")
        errors.append(one)
    return errors


def table(errors: Sequence[Error]) -> str:
    """Return the counts by kind and by topic in Markdown."""
    rows = len({error["id"] for error in errors})
    kinds = _counted(errors, "what it is", "kind", lambda kind: f"{kind}: {KINDS[kind]}")
    topics = _counted(errors, "topic", "topic", lambda topic: f"`{topic}`")
    return "\n".join([f"{len(errors)} wrong decisions in {rows} sentences.", "", *kinds, "", *topics, ""])


def _counted(errors: Sequence[Error], title: str, key: str, told: Callable[[str], str]) -> list[str]:
    """Return the lines of a table of one column's values, the most frequent first."""
    found = Counter((error[key], error["error"]) for error in errors)
    order = [value for value, _n in Counter(error[key] for error in errors).most_common()]
    lines = [f"| {title} | missed | false |", "|---|---|---|"]
    return lines + [f"| {told(one)} | {found[one, MISSED]} | {found[one, FALSE]} |" for one in order]


def filled(text: str, name: str, errors: Sequence[Error]) -> str:
    """Return a text with the table of the file of this name between that file's markers; the rest stays as it is.

    Raises:
        DataError: the text does not have these markers exactly once.
    """
    begin = BEGIN.format(name=name)
    pattern = re.compile(rf"({re.escape(begin)}\n).*?({re.escape(END)})", re.DOTALL)
    done, times = pattern.subn(lambda found: f"{found[1]}{table(errors)}{found[2]}", text)
    if times != 1:
        raise DataError(f"expected '{begin}' and '{END}' once, on lines of their own, found them {times} times")
    return done


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table; return 0.

    Raises:
        DataError: the errors cannot be read, or the file is there already and has no place for them.
    """
    parser = argparse.ArgumentParser(prog="svodka.evaluation.error_kinds", description=__doc__.split("\n", 1)[0])
    parser.add_argument("errors", type=Path, help="JSON Lines with id, topic, error, kind")
    parser.add_argument("--out", type=Path, required=True, help="Markdown file; what stands outside its markers stays")
    args = parser.parse_args(argv)
    name, errors = args.errors.name, read_errors(args.errors)
    new = NEW.format(name=name, begin=BEGIN.format(name=name), end=END)
    before = read_text(args.out) if args.out.exists() else new
    try:
        text = filled(before, name, errors)
    except DataError as error:
        raise DataError(f"{args.out}: {error}") from error
    with atomic_write(args.out) as out:
        out.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
