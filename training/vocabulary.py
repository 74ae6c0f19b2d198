"""Cut an encoder's vocabulary to the pieces that a set of texts uses most."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from svodka.errors import ConfigError
from svodka.float32 import POOLING_KEY
from svodka.normalise import normalise
from svodka.training.classifier import load_encoder

__all__ = ["cut_vocabulary"]

SHORT_PIECE = 2  # characters; with all pieces up to this length, every text can still be written
TOKENIZER_FILE = "tokenizer.json"


def cut_vocabulary(
    backbone: str, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], pieces: int, folder: Path
) -> None:
    """Write the encoder of `backbone` to `folder` with the `pieces` most used pieces of its vocabulary.

    Special and very short pieces are kept besides, so there may be more. A text whose piece is gone is written with
    shorter ones.

    Args:
        backbone: a folder that `load_encoder` takes.
        tokenizer: its tokenizer, of the unigram kind.
        texts: what the model will learn from; pieces are counted in them.
        pieces: how many to keep.
        folder: an existing folder.

    Raises:
        ConfigError: the tokenizer is of another kind.
    """
    description = json.loads(tokenizer.backend_tokenizer.to_str())
    vocabulary = description["model"].get("vocab")
    if description["model"].get("type") != "Unigram":
        kind = description["model"].get("type")
        raise ConfigError(
            f"pieces: the backbone {backbone!r} has a tokenizer of type {kind!r}, only Unigram can be cut"
        )
    kept = _kept(vocabulary, description, _counts(tokenizer, texts), pieces)
    description["model"]["vocab"] = [vocabulary[i] for i in kept]
    description["model"]["unk_id"] = kept.index(description["model"]["unk_id"])
    _renumber(description, {old: new for new, old in enumerate(kept)})
    _save_encoder(backbone, kept, folder)
    tokenizer.save_pretrained(str(folder))
    (folder / TOKENIZER_FILE).write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")


def _counts(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for ids in tokenizer([normalise(text) for text in texts])["input_ids"]:
        counts.update(ids)
    return counts


def _kept(
    vocabulary: Sequence[Sequence[Any]], description: dict[str, Any], counts: Counter[int], pieces: int
) -> list[int]:
    """Return the ids that stay, in their old order."""
    special = {token["id"] for token in description["added_tokens"]}
    short = {i for i, (piece, _) in enumerate(vocabulary) if len(piece) <= SHORT_PIECE}
    used = {i for i, _ in counts.most_common(pieces)}
    return sorted(special | short | used)


def _renumber(description: dict[str, Any], new: dict[int, int]) -> None:
    for token in description["added_tokens"]:
        token["id"] = new[token["id"]]
    for token in description["post_processor"]["special_tokens"].values():
        token["ids"] = [new[i] for i in token["ids"]]


def _save_encoder(backbone: str, kept: list[int], folder: Path) -> None:
    encoder = load_encoder(backbone)
    words = encoder.embeddings.word_embeddings
    words.weight.data = words.weight.data[kept]
    words.num_embeddings = len(kept)
    special = {name: getattr(encoder.config, name) for name in ("pad_token_id", "bos_token_id", "eos_token_id")}
    new = {old: i for i, old in enumerate(kept)}
    for name, old in special.items():
        setattr(encoder.config, name, None if old is None else new[old])
    words.padding_idx = encoder.config.pad_token_id
    encoder.config.vocab_size = len(kept)
    if hasattr(encoder.config, POOLING_KEY):
        delattr(encoder.config, POOLING_KEY)
    encoder.save_pretrained(folder)
