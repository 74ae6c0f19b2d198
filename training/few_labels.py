"""Measures how good a quick classifier of a new topic is after 8, 16, 32, 64 and 128 examples.

Run it as `python -m svodka.training.few_labels --topic logistics exercises --measure FILE --out FILE`. Each topic is
taken for new in turn: so many rows with it and five times as many without it are drawn from the training rows, every
system learns from the same ones, and is measured on rows set apart. The systems are

- `quick`: what `svodka suggest --new-topic` uses (`svodka.training.quick_features`): frozen vectors, latent topics and
  words of unlabelled text, likeness to the topic's definition; logistic regression;
- `quick-words`: the same without an encoder;
- `tfidf` and `setfit`: the peers of `svodka evaluate`.

The encoder must not have learned the topic from labels: it is the untouched backbone, or with `--model` a model that
lacks these topics. The unlabelled text is that of all training rows, without their labels. Besides, the measured rows
are ranked by likeness to the definition alone, without any label (zero-shot).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.cli.grid import grid
from svodka.cli.main import guarded
from svodka.cli.outfile import check_out
from svodka.errors import ConfigError, DataError, did_you_mean
from svodka.evaluation.labelled import Labelled, read_labelled
from svodka.evaluation.metrics import f1_scores
from svodka.files import atomic_write
from svodka.model_folder import read_model_info
from svodka.provenance import git_commit, hardware, now, versions
from svodka.source import named_folder
from svodka.topics import Topic, load_topics
from svodka.training.few_label_systems import NEGATIVES, SYSTEMS, Answer, Setting, draw_rows
from svodka.training.quick_features import learn_space, told
from svodka.training.sentence_vectors import Encoder, backbone_encoder, model_encoder, vectors_of

__all__ = ["KIND", "main", "mean_figures", "zero_shot_figures"]

KIND = "few_labels"
SIZES = (8, 16, 32, 64, 128)
DEFAULT_SYSTEMS = ("quick", "tfidf")
Floats = NDArray[np.float64]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all systems, print the means and write the JSON; return 0.

    Raises:
        ConfigError: options that make no sense, a model without a name, or one that has learned a topic taken for new.
        DataError: a file is missing or wrong, or has no row with a topic.
        MissingExtraError: an encoder or a peer is not installed.
    """
    args = _parser().parse_args(argv)
    args.model = None if args.model is None else named_folder(args.model)
    check_out(args.out, [*args.train, args.measure])
    topics = load_topics(args.topics)
    ids = [topic.id for topic in topics]
    _check_topics(args, ids)
    encoder = model_encoder(args.model) if args.model else backbone_encoder()
    train, measured = read_labelled(args.train, ids), read_labelled([args.measure], ids)
    _check_measured(args, measured, ids)
    setting = _setting(args, topics, (train, measured), encoder)
    content = {
        "kind": KIND,
        "title": args.title or args.out.stem,
        "encoder": encoder.name,
        "train": _described(train),
        "measured_on": _described(measured),
        "negatives": NEGATIVES,
        "setfit_steps": args.setfit_steps if "setfit" in args.systems else None,
        "zero_shot": _zero_shot(setting, measured, args.topic),
        "points": list(_points(args, setting, train, measured)),
        **{"date": now(), "git_commit": git_commit(), "versions": versions(), "hardware": hardware()},
    }
    with atomic_write(args.out) as out:
        out.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    sys.stdout.write(_table(content) + "\n")
    return 0


def mean_figures(content: Mapping[str, Any], figure: str) -> dict[str, dict[int, float]]:
    """Return the mean of a figure over topics and seeds: by system, then by number of positives.

    Args:
        content: the JSON of this command.
        figure: "average_precision" or "f1".
    """
    cells: dict[str, dict[int, list[float]]] = {}
    for point in content["points"]:
        cells.setdefault(point["system"], {}).setdefault(point["positives"], []).append(point[figure])
    return {system: {k: float(np.mean(values)) for k, values in row.items()} for system, row in cells.items()}


def zero_shot_figures(content: Mapping[str, Any]) -> tuple[float, float]:
    """Return the mean average precision by the definitions alone, and that of a random order: the topics' share."""
    rows = content["zero_shot"].values()
    return float(np.mean([row["average_precision"] for row in rows])), float(np.mean([row["share"] for row in rows]))


def _setting(
    args: argparse.Namespace, topics: Sequence[Topic], data: tuple[Labelled, Labelled], encoder: Encoder
) -> Setting:
    """Place all rows and definitions in the space of the quick features."""
    texts, measured = data[0].texts, data[1].texts
    definitions = [told(topic) for topic in topics]

    def say(done: int, of: int) -> None:
        sys.stderr.write(f"encoded {done} of {of} sentences\n")

    vectors = vectors_of([*texts, *measured, *definitions], encoder, args.cache, say)
    first, second = len(texts), len(texts) + len(measured)
    space = learn_space(texts, vectors[:first])
    return Setting(
        topics=[topic.id for topic in topics],
        texts=texts,
        measured_texts=measured,
        placed=space.place(texts, vectors[:first]),
        measured=space.place(measured, vectors[first:second]),
        defined=space.place(definitions, vectors[second:]),
        setfit_steps=args.setfit_steps,
    )


def _zero_shot(setting: Setting, measured: Labelled, topics: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return for each topic what the definitions alone are worth."""
    likeness = setting.measured.likeness(setting.defined)
    found = {}
    for topic in topics:
        column = setting.topics.index(topic)
        gold = measured.gold[:, column]
        precision, _ = _figures(gold, Answer(likeness[:, column], 0.0))
        found[topic] = {"average_precision": precision, "share": round(float((gold[gold >= 0] == 1).mean()), 4)}
    return found


def _points(args: argparse.Namespace, setting: Setting, train: Labelled, measured: Labelled) -> Any:
    """Yield the figures of every topic, seed, number of positives and system, and tell them: the next take minutes."""
    for topic in args.topic:
        column = setting.topics.index(topic)
        for seed in args.seeds:
            for positives in args.sizes:
                draw = draw_rows(train.gold[:, column], topic, positives, seed)
                for system in args.systems:
                    answer = SYSTEMS[system](setting, draw)
                    precision, f1 = _figures(measured.gold[:, column], answer)
                    about = {"system": system, "topic": topic, "positives": positives, "seed": seed}
                    told_as = f"{topic}, {positives} positives, seed {seed}: {system}"
                    sys.stderr.write(f"{told_as} AP {precision:.3f}, F1 {f1:.3f}\n")
                    yield about | {"average_precision": precision, "f1": f1}


def _figures(gold: Floats, answer: Answer) -> tuple[float, float]:
    """Return average precision and F1 on the rows that were judged."""
    from sklearn.metrics import average_precision_score

    judged = gold >= 0
    scores = answer.probabilities[judged]
    f1, _ = f1_scores(gold[judged][:, None], (scores >= answer.threshold)[:, None])
    return round(float(average_precision_score(gold[judged] == 1, scores)), 4), round(f1, 4)


def _table(content: Mapping[str, Any]) -> str:
    """Return the means over topics and seeds, a row for each number of positives."""
    figures = {name: mean_figures(content, key) for key, name in (("average_precision", "AP"), ("f1", "F1"))}
    systems = list(figures["AP"])
    header = ["positives", *(f"{system} {name}" for name in figures for system in systems)]
    rows = [
        [str(k), *(f"{figures[name][system][k]:.3f}" for name in figures for system in systems)]
        for k in figures["AP"][systems[0]]
    ]
    precision, share = zero_shot_figures(content)
    return f"{grid(header, rows)}\n\nby the definition alone: AP {precision:.3f}; in random order: {share:.3f}"


def _check_topics(args: argparse.Namespace, ids: Sequence[str]) -> None:
    """Refuse topics that are unknown, or that the model has learned."""
    learned = {topic.id for topic in read_model_info(args.model).topics} if args.model else set()
    for topic in args.topic:
        if topic not in ids:
            raise ConfigError(f"--topic {topic}: no such topic{did_you_mean(topic, ids)} (topics: {', '.join(ids)})")
        if topic in learned:
            raise ConfigError(f"--topic {topic}: {args.model} has learned it, so it cannot be taken for new")


def _check_measured(args: argparse.Namespace, measured: Labelled, ids: Sequence[str]) -> None:
    """Refuse to measure a topic that no row has."""
    for topic in args.topic:
        if not (measured.gold[:, ids.index(topic)] == 1).any():
            raise DataError(f"{args.measure}: no row has the topic {topic!r}, so nothing can be measured")


def _described(data: Labelled) -> dict[str, Any]:
    return {"files": data.digests, "rows": len(data.rows)}


def _parser() -> argparse.ArgumentParser:
    own = Path(str(resources.files("svodka.training") / "data"))
    parser = argparse.ArgumentParser(prog="svodka.training.few_labels", description=__doc__)
    add = parser.add_argument
    add("--topic", nargs="+", required=True, metavar="ID", help="topics taken for new, one after another")
    add("--train", nargs="+", type=Path, default=[own / "train.jsonl"], help="labelled files to draw from")
    add("--measure", type=Path, default=own / "test.jsonl", help="labelled file set apart")
    add("--topics", type=Path, help="topics in YAML instead of svodka's own")
    add("--model", metavar="DIR", help="a model without these topics, for its vectors")
    add("--systems", nargs="+", choices=tuple(SYSTEMS), default=list(DEFAULT_SYSTEMS), help="what is compared")
    add("--sizes", type=int, nargs="+", default=list(SIZES), metavar="K", help="numbers of positives")
    add("--seeds", type=int, nargs="+", default=[1, 2, 3], help="one draw for each")
    add("--setfit-steps", type=int, default=100, metavar="N", help="steps of SetFit's training (default: 100)")
    add("--cache", type=Path, metavar="FILE", help=".npz file that keeps sentence vectors between runs")
    add("--title", help="what the README calls it (default: the file's name)")
    add("--out", type=Path, required=True, help="JSON file to write")
    return parser


if __name__ == "__main__":
    raise SystemExit(guarded(main))
