"""Measure how answers change under spellings and layouts that must not matter.

Run it as `python -m svodka.evaluation.robustness --data FILE`. Every sentence of the labelled files is changed in each
of the ways of `svodka.evaluation.changes`. For each way it tells the share of text × topic decisions that turn, and
what macro-F1 loses, with the interval of a paired bootstrap.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svodka.cli import tag
from svodka.cli.grid import grid
from svodka.cli.main import guarded
from svodka.cli.outfile import check_out
from svodka.evaluation import bootstrap
from svodka.evaluation.cells import points, without_folders
from svodka.evaluation.changes import CHANGES, SEED, apply_change
from svodka.evaluation.earlier_ids import schemes_of
from svodka.evaluation.labelled import read_labelled
from svodka.evaluation.results import Difference
from svodka.evaluation.scored import score, terms, thresholds_in_force
from svodka.files import atomic_write

__all__ = ["Robustness", "main", "measure"]

RESAMPLES = 1000
Decide = Callable[[Sequence[str]], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Robustness:
    """What one way of changing sentences does to the answers.

    Attributes:
        change: its name in `CHANGES`.
        changed: number of sentences that it changes at all.
        turned: share of text × topic decisions that turn, 0 to 1, over all sentences.
        turned_where_changed: the same over the changed sentences only; None if there are none.
        macro_f1: macro-F1 of the changed sentences minus that of the sentences as they are.
    """

    change: str
    changed: int
    turned: float
    turned_where_changed: float | None
    macro_f1: Difference


def measure(texts: Sequence[str], gold: NDArray[np.floating], decide: Decide, seed: int = SEED) -> list[Robustness]:
    """Return what each change does.

    Args:
        texts: n sentences.
        gold: labels (n, topics) of 1, 0, or -1 for not judged.
        decide: gives the decisions bool (n, topics) on n texts.
        seed: of the changes and of the bootstrap.
    """
    before = decide(texts)
    results = []
    for name in CHANGES:
        changed = [apply_change(name, text, seed) for text in texts]
        after = decide(changed)
        touched = np.array([new != old for new, old in zip(changed, texts, strict=True)])
        counts = [bootstrap.sentence_counts(gold, decisions) for decisions in (after, before)]
        results.append(
            Robustness(
                change=name,
                changed=int(touched.sum()),
                turned=float((after != before).mean()),
                turned_where_changed=float((after != before)[touched].mean()) if touched.any() else None,
                macro_f1=bootstrap.compare(*counts, resamples=RESAMPLES, seed=seed),
            )
        )
    return results


def main(argv: Sequence[str] | None = None) -> int:
    """Measure a model and print the table; return 0."""
    parser = argparse.ArgumentParser(prog="svodka.evaluation.robustness", description=__doc__)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FILE", help="labelled sentences")
    tag.add_model_options(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the figures here too, as JSON")
    args = parser.parse_args(argv)
    check_out(args.out, args.data)
    tagger = tag.load_tagger(args.model, **tag.model_settings(args))
    thresholds = thresholds_in_force(args.threshold, tagger)
    limits = np.array([thresholds[topic] for topic in tagger.topics])
    data = read_labelled(args.data, tagger.topics, schemes_of(tagger.titles, tagger.info.details))
    results = measure(
        data.texts, data.gold, lambda texts: score(tagger, texts, thresholds, quiet=True).probabilities >= limits
    )
    sys.stdout.write(_table(results, len(data.rows)))
    if args.out:
        files, changes = without_folders(data.files), [asdict(result) for result in results]
        content = terms(tagger, SEED) | {"files": files, "changes": changes}
        with atomic_write(args.out) as out:
            json.dump(content, out, ensure_ascii=False, indent=2)
            out.write("\n")
    return 0


def _table(results: Sequence[Robustness], rows: int) -> str:
    head = ["change", f"sentences changed of {rows}", "decisions turned", "macro-F1, points"]
    lines = [
        [
            CHANGES[result.change]["en"],
            str(result.changed),
            f"{result.turned:.2%}",
            points(result.macro_f1),
        ]
        for result in results
    ]
    return grid(head, lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(guarded(main))
