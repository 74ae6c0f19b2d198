"""Write the model folder: weights, tokenizer, ONNX file, description, card and manifest, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from svodka.files import atomic_folder
from svodka.model_folder import FORMAT_VERSION
from svodka.topics import KEYS, Topic
from svodka.training.calibration import Calibration
from svodka.training.checkpoints import checkpoint_folder
from svodka.training.classifier import SentenceClassifier, from_stock, to_stock
from svodka.training.described import write_description
from svodka.training.disk import full_disk_told
from svodka.training.export import Exported, Samples, export_checked
from svodka.training.quiet import quiet_libraries
from svodka.training.token_ids import TokenIds

__all__ = ["save_model"]


def save_model(
    folder: Path,
    model: SentenceClassifier,
    tokenizer: PreTrainedTokenizerBase,
    topics: Sequence[Topic],
    calibration: Calibration,
    thresholds: Mapping[str, float],
    details: Mapping[str, Any],
    samples: Samples,
) -> Exported:
    """Write the trained classifier to `folder` as a whole model folder, replacing an older one only when it is whole.

    It is built among the checkpoints of its run, if there are any, so that what a kill leaves goes away with them. The
    weights are stored in float16; what is exported and compared are these stored weights.

    Args:
        folder: the model folder.
        model: the trained classifier.
        tokenizer: its tokenizer.
        topics: the topics in the order of the outputs.
        calibration: folded into the head's weights.
        thresholds: by topic id, in the same order.
        details: what else `model.json` and the card tell; `max_tokens` must be in it.
        samples: texts that fix the scales of the int8 file, make its exits and compare its decisions.

    Raises:
        ExportError: the int8 file does not decide as the trained weights do; nothing is written then.
        OSError: the folder cannot be written; an older one is untouched then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    checkpoints = checkpoint_folder(folder)
    workplace = checkpoints if checkpoints.is_dir() else None
    with full_disk_told(folder), atomic_folder(folder, workplace) as temporary, quiet_libraries():
        _save_weights(temporary, model, tokenizer, topics, calibration)
        stored = from_stock(str(temporary)).eval()
        ids = TokenIds(tokenizer, details["max_tokens"])
        exported = export_checked(stored, temporary, ids, samples, thresholds)
        described = _describe(topics, thresholds, dict(details) | exported.to_dict())
        write_description(temporary, described)
    return exported


def _save_weights(
    folder: Path,
    model: SentenceClassifier,
    tokenizer: PreTrainedTokenizerBase,
    topics: Sequence[Topic],
    calibration: Calibration,
) -> None:
    scale, shift = (torch.tensor(x, dtype=torch.float32) for x in (calibration.scale, calibration.shift))
    stock = to_stock(model.float().cpu(), {topic.id: topic.title_ru for topic in topics}, scale, shift)
    for weight in stock.parameters():
        weight.data = weight.data.half()
    stock.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    # Stored in half precision to be small, computed in full: processors are slow at float16, and no score should move.
    _write_json(folder / "config.json", config | {"dtype": "float32"})
    tokenizer.save_pretrained(str(folder))
    for path in folder.iterdir():
        path.chmod(0o644)


def _describe(topics: Sequence[Topic], thresholds: Mapping[str, float], details: Mapping[str, Any]) -> dict[str, Any]:
    titles = [{key: getattr(topic, key) for key in KEYS} for topic in topics]
    for title, topic in zip(titles, topics, strict=True):
        if topic.was is not None:  # files labelled before the topic was renamed can still be measured on
            title["was"] = topic.was
    return {"format_version": FORMAT_VERSION, "topics": titles, "thresholds": dict(thresholds), **details}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
