"""The content of a report as plain values: what `report.json` holds, and the page and the Markdown are made of.

Keys of format version 3, beside the terms (`date`, `model`, `seed`, `versions`, `hardware`, `git_commit`):

- `lang`: language of the page and of the Markdown, "ru" or "en".
- `data`: `files` (name, SHA-256, rows), `n`, `not_labelled`, `truncated`, `documents` (None if the files name none).
- `topics`: `id`, `title_ru` and `title_en` of each topic in the model's order.
- `thresholds`, and `thresholds_from`: the topics with thresholds of the `model` and those `given`; the
  model's own were tuned on `tuned_rows` of the files `tuned_on` and of a `tuned_share` of the rows given to training.
- `result`: `EvaluationResult`. Headline figures are `result.macro_f1.value`, `.low`, `.high`, and likewise `micro_f1`,
  `samples_f1`, `exact_match`, `mean_average_precision`; each topic's figures stand in the list `result.topics`.
- `speed`: `sentences`, `seconds` and `per_second` of this run.
- `curves`: for each topic id its points [recall, precision], see `precision_recall_points`.
- `reliability`: see `reliability`; `confusion` and `cooccurrence`: see there, rows and columns in the model's order.
- `slices`: a list of `name` ("length" or a column) and `values`, see `slice_figures`.
- `overlap`: see `find_overlap`, and `without`: `n`, `macro_f1` and `micro_f1` of the sentences without a duplicate.
- `examples`: see `pick_examples`; None if none were wanted.
- `peers`, `behaviour`: what else was measured; empty if nothing was. `train`: `files` and `n` of what the peers learnt
  from, or None. `failure_rate` of a capability is `value`, `low` and `high`; its `failures` are `CaseFailure`s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from svodka.evaluation.behaviour import failure_rate
from svodka.evaluation.labelled import Labelled, document_groups
from svodka.evaluation.report.confusion import confusion, cooccurrence
from svodka.evaluation.report.curves import precision_recall_points, reliability
from svodka.evaluation.report.examples import pick_examples
from svodka.evaluation.report.overlap import Overlap, find_overlap, training_files
from svodka.evaluation.report.slices import LENGTHS, column_values, length_names, slice_figures
from svodka.evaluation.report.words import Probabilities
from svodka.evaluation.results import CapabilityResult, EvaluationResult, PeerResult
from svodka.evaluation.scored import Scored
from svodka.topics import Topic

__all__ = [
    "FORMAT_VERSION",
    "Measured",
    "Options",
    "build_report",
    "describe_behaviour",
    "slice_columns",
    "without_data",
]

FORMAT_VERSION = 3
LENGTH = "length"
SPEED_PLACES = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """A model's answers on labelled data, and their figures.

    Attributes:
        data: the labelled rows.
        scored: the model's answers to them.
        result: the figures.
        topics: the model's topics in its order.
        details: the content of its `model.json`.
        terms: date, model, seed, versions, hardware and commit, see `svodka.evaluation.scored.terms`.
        given: ids of the topics whose threshold is not the model's own.
    """

    data: Labelled
    scored: Scored
    result: EvaluationResult
    topics: Sequence[Topic]
    details: Mapping[str, Any]
    terms: Mapping[str, Any]
    given: Sequence[str]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user wants to see.

    Attributes:
        lang: "ru" or "en".
        slices: further columns by which to break the figures down.
        train: further files that the model may have learnt from.
        examples: how many errors and how many hits to show; 0 keeps all sentences out of the report.
    """

    lang: str = "ru"
    slices: Sequence[str] = ()
    train: Sequence[Path] = ()
    examples: int = 10


def build_report(
    measured: Measured,
    options: Options,
    probabilities: Probabilities,
    *,
    peers: Sequence[PeerResult] = (),
    behaviour: Sequence[CapabilityResult] = (),
    say: Callable[[str], None] = lambda _line: None,
    overlap: Overlap | None = None,
) -> dict[str, Any]:
    """Return the content of the report; see above for its keys.

    Args:
        measured: what was measured.
        options: what to show.
        probabilities: the model: gives (m, topics) for m texts.
        peers: what else was measured on the same data.
        behaviour: what the model does on behaviour cases.
        say: takes a line about what is being done.
        overlap: of the data with the training files, if somebody has looked for it already.

    Raises:
        ConfigError: a column to slice by does not exist.
        DataError: a training file is missing or unusable.
    """
    data, scored, result = measured.data, measured.scored, measured.result
    ids = [topic.id for topic in measured.topics]
    predicted = scored.probabilities >= np.array([scored.thresholds[topic] for topic in ids])
    slices = _slices(measured, predicted, options.slices)
    overlap = overlap or find_overlap(
        measured.details, data.files, data.texts, training_files(measured.details, options.train)
    )
    return {
        "format_version": FORMAT_VERSION,
        "lang": options.lang,
        **measured.terms,
        "data": _data(measured),
        "topics": [{"id": one.id, "title_ru": one.title_ru, "title_en": one.title_en} for one in measured.topics],
        "thresholds": dict(scored.thresholds),
        "thresholds_from": _thresholds_from(measured),
        "result": _plain(asdict(result)),
        "speed": _speed(scored),
        "curves": {
            topic: precision_recall_points(gold, own, scored.thresholds[topic])
            for topic, gold, own in zip(ids, data.gold.T, scored.probabilities.T, strict=True)
        },
        "reliability": reliability(data.gold, scored.probabilities),
        "confusion": confusion(data.gold, predicted),
        "cooccurrence": cooccurrence(data.gold, predicted),
        "slices": slices,
        "overlap": _overlap(measured, predicted, overlap, pairs=bool(options.examples)),
        "examples": _examples(measured, ids, probabilities, options.examples, say),
        "train": None,
        "peers": [_plain(asdict(one)) for one in peers],
        "behaviour": describe_behaviour(behaviour),
    }


def without_data(terms: Mapping[str, Any], thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Return the content of a file about behaviour cases alone: there is nothing in it to make a page of."""
    return {
        "format_version": FORMAT_VERSION,
        **terms,
        "data": None,
        "thresholds": dict(thresholds),
        "result": None,
        "train": None,
        "peers": [],
        "behaviour": [],
    }


def describe_behaviour(results: Sequence[CapabilityResult]) -> list[dict[str, Any]]:
    """Return results of behaviour cases as plain values, with `failure_rate` as an interval."""
    return [_plain(asdict(one)) | {"failure_rate": asdict(failure_rate(one))} for one in results]


def slice_columns(data: Labelled, wanted: Sequence[str]) -> dict[str, list[str]]:
    """Return the values of each column to slice by: sentence length, the genre if there is one, and those wanted.

    Raises:
        ConfigError: no row has a wanted column.
    """
    columns = {LENGTH: length_names(data.texts)}
    genres = data.column("genre")
    if genres is not None:
        columns["genre"] = genres
    return columns | {name: column_values(data, name) for name in wanted}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values as they come back from a JSON file: lists for tuples."""
    plain: dict[str, Any] = json.loads(json.dumps(values, allow_nan=False))
    return plain


def _data(measured: Measured) -> dict[str, Any]:
    """Return what was measured on."""
    groups = document_groups(measured.data)
    return {
        "files": measured.data.files,
        "n": measured.result.n,
        "not_labelled": measured.data.not_labelled,
        "truncated": int(measured.scored.truncated.sum()),
        "documents": None if groups is None else len(set(groups)),
    }


def _thresholds_from(measured: Measured) -> dict[str, Any]:
    """Return whose thresholds are in force, and on which files the model's own were tuned."""
    data = measured.details.get("data", {})
    return {
        "model": [topic.id for topic in measured.topics if topic.id not in measured.given],
        "given": list(measured.given),
        "tuned_on": [str(one["name"]) for one in data.get("validation", ())],
        "tuned_rows": data.get("rows", {}).get("validation"),
        "tuned_share": measured.details.get("recipe", {}).get("validation_share"),
    }


def _speed(scored: Scored) -> dict[str, float | int | None]:
    """Return how fast the model was."""
    seconds, n = scored.seconds, len(scored.probabilities)
    return {
        "sentences": n,
        "seconds": None if seconds is None else round(seconds, 3),
        "per_second": round(n / seconds, SPEED_PLACES) if seconds else None,
    }


def _slices(measured: Measured, predicted: Any, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Return the figures of every part of the data."""
    lengths = [f"{low}+" if high is None else f"{low}–{high}" for low, high in LENGTHS]
    data, result = measured.data, measured.result
    options: dict[str, Any] = {"resamples": result.resamples, "seed": result.seed, "groups": document_groups(data)}
    return [
        {
            "name": name,
            "values": slice_figures(data.gold, predicted, values, **options, order=lengths if name == LENGTH else ()),
        }
        for name, values in slice_columns(data, wanted).items()
    ]


def _overlap(measured: Measured, predicted: Any, found: Overlap, *, pairs: bool) -> dict[str, Any]:
    """Return the overlap, with `pairs` or not, and measure again without the sentences that were found there."""
    data, result = measured.data, measured.result
    content = dict(found.content) | {"without": None}
    if not pairs:
        content["pairs"] = []
    if found.rows:
        values = ["found" if row in found.rows else "new" for row in range(len(data.rows))]
        terms: dict[str, Any] = {"resamples": result.resamples, "seed": result.seed, "groups": document_groups(data)}
        parts = slice_figures(data.gold, predicted, values, **terms)
        new = [one for one in parts if one["value"] == "new"]
        content["without"] = {key: new[0][key] for key in ("n", "macro_f1", "micro_f1")} if new else None
    return content


def _examples(
    measured: Measured, ids: Sequence[str], probabilities: Probabilities, most: int, say: Callable[[str], None]
) -> dict[str, Any] | None:
    """Return the sentences to show."""
    if not most:
        return None
    say("looking for the words behind errors and narrow hits")
    return pick_examples(measured.data, measured.scored, ids, probabilities, most)
