"""Choose the vocabulary pieces of the offline backbone by counting over real Russian text.

Run it as `python -m svodka.training.pieces TEXTFILE... --out pieces.tsv`; each input is plain text, or JSON Lines (also
gzipped) with a field `text`. The text is counted as it is and in lower case, so that headlines, chats and typing
without capitals keep whole words too.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from svodka.cli.main import guarded
from svodka.files import atomic_write
from svodka.normalise import normalise
from svodka.training.e5_file import find_e5_file, read_e5_file
from svodka.training.e5_tokenizer import build_tokenizer, choose_pieces, count_pieces

__all__ = ["main", "read_texts"]


def read_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a plain, JSON Lines or gzipped file, line by line."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"] if ".jsonl" in path.suffixes else line


def count_file_pieces(paths: Sequence[Path], pieces: Sequence[tuple[str, float]]) -> Counter[str]:
    """Return how often each piece occurs in the files, as written and in lower case together."""
    tokenizer = build_tokenizer(pieces)
    texts = (normalise(text) for path in paths for text in read_texts(path))
    return count_pieces((variant for text in texts for variant in (text, text.lower())), tokenizer)


def main(argv: Sequence[str] | None = None) -> int:
    """Count, choose and write the pieces with their counts; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.training.pieces", description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=32_000, help="how many pieces to keep at most (default 32000)")
    parser.add_argument("--least", type=int, default=1, help="a piece met less often is left out (default 1)")
    args = parser.parse_args(argv)
    source = read_e5_file(find_e5_file())
    scored = list(zip(source.pieces, map(float, source.log_probabilities), strict=True))
    counts = count_file_pieces(args.texts, scored)
    frequent = Counter({piece: n for piece, n in counts.items() if n >= args.least})
    with atomic_write(args.out) as out:
        for i in choose_pieces(frequent, source.pieces, args.limit):
            out.write(f"{source.pieces[i]}\t{counts[source.pieces[i]]}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(main))
