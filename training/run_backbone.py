"""The encoder that a run begins with: as it is, or made smaller, or trained beforehand, as the recipe says."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from svodka.errors import ConfigError
from svodka.training.backbone import backbone_folder
from svodka.training.quiet import quiet_libraries
from svodka.training.recipe import Recipe
from svodka.training.run_rows import RunRows
from svodka.training.token_ids import TokenIds
from svodka.training.unlabelled import read_sentences

__all__ = ["run_backbone"]

# So many training texts tell which neurons matter.
TELLING_TEXTS = 400
PRETRAINING_BATCH = 64


@contextmanager
def run_backbone(recipe: Recipe, rows: RunRows, measured: Sequence[str] = ()) -> Iterator[str]:
    """Give the folder of the backbone, changed if the recipe says so, or of the model to go on from.

    Args:
        recipe: the settings.
        rows: what the run learns from.
        measured: sentences that must not be met in unlabelled text, besides those of the validation rows.

    Raises:
        ConfigError: the backbone cannot be had, or cannot be made smaller or trained beforehand in this way.
        DataError: a file of unlabelled text cannot be used.
    """
    if rows.start:
        if changes := _changes(recipe):
            raise ConfigError(
                f"{changes[0]}: a model that a run goes on from (start) keeps its vocabulary and its width, and it has "
                "been trained already"
            )
        yield str(rows.start.folder)
        return
    folder = backbone_folder(recipe.backbone)
    if not _changes(recipe):
        yield folder
        return
    texts = rows.splits["train"]["text"][:]
    with tempfile.TemporaryDirectory(prefix="svodka-backbone-") as scratch:
        with quiet_libraries():
            if recipe.pieces is not None or recipe.words:
                folder = _with_vocabulary(recipe, folder, texts, Path(scratch) / "vocabulary")
            if recipe.feed_forward is not None or recipe.hidden is not None:
                folder = _narrowed(recipe, folder, texts, Path(scratch) / "narrow")
            if recipe.pretraining != "none":
                folder = _pretrained(recipe, folder, rows, measured, Path(scratch) / "pretrained")
        yield folder


def _changes(recipe: Recipe) -> list[str]:
    """Return the settings that change the backbone, as far as the recipe uses them."""
    changes = [key for key in ("pieces", "words", "feed_forward", "hidden") if getattr(recipe, key)]
    return changes if recipe.pretraining == "none" else [*changes, "pretraining"]


def _with_vocabulary(recipe: Recipe, folder: str, texts: Sequence[str], out: Path) -> str:
    from transformers import AutoTokenizer

    from svodka.training.vocabulary import fit_vocabulary

    out.mkdir()
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    fit_vocabulary(folder, tokenizer, texts, out, pieces=recipe.pieces, words=recipe.words)
    return str(out)


def _narrowed(recipe: Recipe, folder: str, texts: Sequence[str], out: Path) -> str:
    """Write the layers that the recipe keeps, as narrow as it says.

    The layers are chosen first: what a neuron matters depends on what the layers before it hand on.
    """
    from transformers import AutoTokenizer

    from svodka.training.classifier import load_encoder
    from svodka.training.narrow import narrow_feed_forward, narrow_vectors

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    encoder = load_encoder(folder, recipe.layers)
    ids = TokenIds(tokenizer, recipe.max_tokens)(texts[:: max(1, len(texts) // TELLING_TEXTS)])
    if recipe.feed_forward is not None:
        narrow_feed_forward(encoder, ids, recipe.feed_forward)
    if recipe.hidden is not None:
        narrow_vectors(encoder, ids, recipe.hidden)
    encoder.save_pretrained(out)
    tokenizer.save_pretrained(str(out))
    return str(out)


def _pretrained(recipe: Recipe, folder: str, rows: RunRows, measured: Sequence[str], out: Path) -> str:
    """Write the layers that the recipe keeps, trained on what it names; see `svodka.training.pretraining`."""
    import numpy as np
    import torch
    from transformers import AutoTokenizer

    from svodka.training.classifier import SentenceClassifier, load_encoder
    from svodka.training.fit import prepare
    from svodka.training.pretraining import PretrainingSettings, pretrain_contrastive, pretrain_masked

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    train = rows.splits["train"]
    labels = np.asarray(train["labels"], dtype=np.float32)
    pooling = "mean" if recipe.pretraining == "masked" else recipe.pooling  # hidden words stand anywhere
    model = SentenceClassifier(load_encoder(folder, recipe.layers), labels.shape[1], pooling=pooling)
    prepare(model, recipe.attention_dropout)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    settings = PretrainingSettings(recipe.pretraining_steps, PRETRAINING_BATCH, recipe.learning_rate, recipe.seed)
    read = TokenIds(tokenizer, recipe.max_tokens)
    if recipe.pretraining == "masked":
        pretrain_masked(model.bert, tokenizer, read(_texts_to_guess(recipe, rows, measured)), settings)
    else:
        pretrain_contrastive(model, read(train["text"][:]), labels, tokenizer.pad_token_id, settings)
    model.cpu().bert.save_pretrained(out)
    tokenizer.save_pretrained(str(out))
    return str(out)


def _texts_to_guess(recipe: Recipe, rows: RunRows, measured: Sequence[str]) -> list[str]:
    """Return the texts of the training rows, or as many unlabelled sentences as the steps take, drawn by the seed."""
    if not recipe.pretraining_texts:
        texts: list[str] = rows.splits["train"]["text"][:]
        return texts
    paths = [Path(name) for name in recipe.pretraining_texts]
    sentences = read_sentences(paths, leave_out=[*rows.splits["validation"]["text"][:], *measured])
    random.Random(recipe.seed).shuffle(sentences)
    return sentences[: recipe.pretraining_steps * PRETRAINING_BATCH]
