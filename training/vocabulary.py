"""Fit an encoder's vocabulary to the texts that it is for: drop pieces hardly used there, add words often used.

A word that stands as one piece instead of two or three makes sentences shorter, and everything quicker. It begins with
the mean of the vectors of the pieces that it was written with before; training does the rest.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import BertModel, PreTrainedTokenizerBase

from svodka.errors import ConfigError
from svodka.model_folder import TOKENIZER_FILE
from svodka.normalise import normalise
from svodka.training.classifier import load_encoder

__all__ = ["fit_vocabulary"]

SHORT_PIECE = 2  # characters; with all pieces up to this length, every text can still be written
SPACE = "▁"  # how the tokenizer writes the beginning of a word
WORD = re.compile(r"(?:^|(?<= ))(?:[^\W\d_]+(?:-[^\W\d_]+)*|\d+)")


def fit_vocabulary(
    backbone: str,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    folder: Path,
    *,
    pieces: int | None = None,
    words: int = 0,
) -> None:
    """Write the encoder of `backbone` to `folder` with another vocabulary.

    Special and very short pieces are always kept. A text whose piece is gone is written with shorter ones.

    Args:
        backbone: a folder that `load_encoder` takes.
        tokenizer: its tokenizer, of the unigram kind.
        texts: what the model will learn from; pieces and words are counted in them.
        folder: an existing folder.
        pieces: keep so many pieces, the most used; None keeps all.
        words: so many words become pieces of their own first, those that save the most pieces.

    Raises:
        ConfigError: the tokenizer is of another kind.
    """
    description = json.loads(tokenizer.backend_tokenizer.to_str())
    vocabulary = description["model"].get("vocab")
    if description["model"].get("type") != "Unigram":
        kind = description["model"].get("type")
        raise ConfigError(
            f"the backbone {backbone!r} has a tokenizer of type {kind!r}; only a Unigram's vocabulary can be changed"
        )
    clean = [normalise(text) for text in texts]
    encoder = load_encoder(backbone)
    vectors = encoder.embeddings.word_embeddings.weight.detach()
    if words:
        added, made_of = _new_words(tokenizer, vocabulary, clean, words)
        vocabulary.extend(added)
        vectors = torch.cat([vectors, *(vectors[ids].mean(dim=0, keepdim=True) for ids in made_of)])
    kept = list(range(len(vocabulary)))
    if pieces is not None:
        kept = _kept(vocabulary, description, _counts(description, clean), pieces)
    description["model"]["vocab"] = [vocabulary[i] for i in kept]
    description["model"]["unk_id"] = kept.index(description["model"]["unk_id"])
    _renumber(description, {old: new for new, old in enumerate(kept)})
    _save_encoder(encoder, vectors, kept, folder)
    tokenizer.save_pretrained(str(folder))
    (folder / TOKENIZER_FILE).write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")


def _new_words(
    tokenizer: PreTrainedTokenizerBase, vocabulary: Sequence[Sequence[Any]], texts: Iterable[str], words: int
) -> tuple[list[list[Any]], list[list[int]]]:
    """Return the new pieces with their scores, and for each the ids that its word is written with so far.

    A score is the logarithm of the word's share of all words: far above the sum of its parts' scores, so that the
    tokenizer prefers the whole.
    """
    found: Counter[str] = Counter()
    for text in texts:
        found.update(WORD.findall(text))
    known = {piece for piece, _ in vocabulary}
    total = found.total()
    several = [word for word, n in found.items() if n > 1 and SPACE + word not in known]
    written = tokenizer(several, add_special_tokens=False)["input_ids"] if several else []
    made_of = dict(zip(several, written, strict=True))
    best = sorted(several, key=lambda word: (-found[word] * (len(made_of[word]) - 1), word))[:words]
    return [[SPACE + word, math.log(found[word] / total)] for word in best], [made_of[word] for word in best]


def _counts(description: dict[str, Any], texts: Sequence[str]) -> Counter[int]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(json.dumps(description))
    tokenizer.no_truncation()
    counts: Counter[int] = Counter()
    for encoding in tokenizer.encode_batch(texts):
        counts.update(encoding.ids)
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


def _save_encoder(encoder: BertModel, vectors: Tensor, kept: list[int], folder: Path) -> None:
    table = encoder.embeddings.word_embeddings
    table.weight.data = vectors[kept]
    table.num_embeddings = len(kept)
    special = {name: getattr(encoder.config, name) for name in ("pad_token_id", "bos_token_id", "eos_token_id")}
    new = {old: i for i, old in enumerate(kept)}
    for name, old in special.items():
        setattr(encoder.config, name, None if old is None else new[old])
    table.padding_idx = encoder.config.pad_token_id
    encoder.config.vocab_size = len(kept)
    encoder.save_pretrained(folder)
