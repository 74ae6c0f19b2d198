"""What is told of a run that goes on from an earlier model: its topics, and its figures before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from svodka.topics import Topic
from svodka.training.before_after import Decider, Figures, compare_on
from svodka.training.calibration import Calibration
from svodka.training.label_scheme import files_without, label_scheme
from svodka.training.loading import load_dataset_dict
from svodka.training.recipe import is_own_file, own_data_folder
from svodka.training.start import Start
from svodka.training.topic_changes import changes_table, topic_changes

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase

    from svodka.training.classifier import SentenceClassifier

__all__ = ["measure", "note", "tell_changes"]

NEW_ROWS = "new data, held-out rows"
OWN_ROWS = "svodka's own validation sentences"
VALIDATION_FILE = "validation.jsonl"


def tell_changes(
    start: Start,
    topics: Sequence[Topic],
    learnt: datasets.Dataset,
    files: Sequence[Path],
    say: Callable[[str], None],
) -> None:
    """Say which topics are kept, new and dropped, and warn of files that were perhaps not judged for the new ones.

    Args:
        start: the earlier model.
        topics: those of the new one.
        learnt: the training rows.
        files: where the rows come from.
        say: takes a line, or several.
    """
    changes = topic_changes(topics, start.topics)
    carried = (np.asarray(learnt["labels"]) == 1).sum(axis=0)
    positives = {topic.id: int(count) for topic, count in zip(topics, carried, strict=True)}
    say(f"going on from the model {start.name!r}; its topics and the new ones:\n{changes_table(changes, positives)}")
    added = [change.topic for change in changes if change.state == "new"]
    owners = {path: label_scheme(path, topics, start.topics) for path in files if not is_own_file(path)}
    for path, absent in files_without(added, owners):
        say(
            f"note: no row of {path} carries {', '.join(absent)}, so all of them teach what is not {absent[0]}; "
            f'if nobody judged them for it, they need "unknown": ["{absent[0]}"]'
        )


def measure(
    start: Start,
    model: SentenceClassifier,
    decider: Callable[[np.ndarray[Any, np.dtype[np.float32]]], Decider],
    tokenizer: PreTrainedTokenizerBase,
    topics: Sequence[Topic],
    held: datasets.Dataset | None,
    max_tokens: int,
) -> list[Figures]:
    """Return the figures of the earlier and of the new model on new rows and on svodka's own validation sentences.

    Both are computed by the weights in full precision, before the export.

    Args:
        start: the earlier model.
        model: the new one, uncalibrated.
        decider: calibrates the new model's logits.
        tokenizer: of both.
        topics: of the new model.
        held: the new data's held-out rows, if there are any.
        max_tokens: what the new model reads of a sentence.
    """
    from svodka.training.classifier import from_stock
    from svodka.training.export import torch_logits
    from svodka.training.quiet import quiet_libraries
    from svodka.training.tokenised import tokenise

    with quiet_libraries():
        earlier = from_stock(str(start.folder)).eval()
    limits = np.array([start.info.thresholds[topic] for topic in start.topics])
    folded = Calibration(scale=np.ones(len(limits)), shift=np.zeros(len(limits)))  # the saved head has it inside
    figures = []
    for name, rows in {NEW_ROWS: held, OWN_ROWS: _own_rows(topics)}.items():
        if rows is not None:
            ids = tokenise(rows, tokenizer, max_tokens).ids
            before = Decider(folded.apply(torch_logits(earlier, ids)), limits)
            both = (before, decider(torch_logits(model, ids)))
            figures += compare_on(name, rows, [topic.id for topic in topics], start.head_rows(topics), both)
    return figures


def _own_rows(topics: Sequence[Topic]) -> datasets.Dataset | None:
    """Return svodka's own validation sentences; None if they were judged for none of the topics."""
    path = own_data_folder() / VALIDATION_FILE
    scheme_of = partial(label_scheme, topics=topics)
    if not scheme_of(path).judged:
        return None
    ids = [topic.id for topic in topics]
    return load_dataset_dict({"own": [path]}, ids, labelled_only=True, scheme_of=scheme_of)["own"]


def note(start: Start, topics: Sequence[Topic], figures: Sequence[Figures]) -> Mapping[str, Any]:
    """Return what the new model's `model.json` says of the earlier one; its folder is nobody's business."""
    return {
        "name": start.name,
        "digest": start.info.digest,
        "topics": {change.topic: change.state for change in topic_changes(topics, start.topics)},
        "figures": [one.to_dict() for one in figures],
    }
