"""Fine-tuning with `transformers.Trainer`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.utils.data import Dataset, SequentialSampler
from transformers import PreTrainedTokenizerBase, Trainer, TrainingArguments, set_seed
from transformers.models.bert.modeling_bert import BertSelfAttention
from transformers.trainer_utils import get_last_checkpoint

from svodka.errors import ConfigError
from svodka.evaluation.metrics import f1_scores
from svodka.files import atomic_write
from svodka.normalise import normalise
from svodka.training.classifier import SentenceClassifier, load_encoder
from svodka.training.dropout import use_byte_dropout
from svodka.training.progress import EpochLines
from svodka.training.quiet import quiet_libraries
from svodka.training.recipe import Recipe

if TYPE_CHECKING:
    import datasets

__all__ = ["Fitted", "TokenisedRows", "checkpoint_folder", "fine_tune", "tokenise"]

FINGERPRINT_FILE = "run.json"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best epoch's classifier and its logits `(n, n_topics)` on the validation rows."""

    model: SentenceClassifier
    validation_logits: npt.NDArray[np.float32]
    history: tuple[dict[str, float], ...]


class TokenisedRows(Dataset[dict[str, Any]]):
    """Rows as token ids and labels (1, 0, or -1 for not judged), with the lengths that batches are sorted by."""

    def __init__(self, ids: Sequence[Sequence[int]], labels: npt.NDArray[np.float32]) -> None:
        self.ids = ids
        self.labels = labels
        self.column_names = ["input_ids", "labels", "length"]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, key: int | str) -> Any:
        if key == "length":
            return [len(row) for row in self.ids]
        return {"input_ids": self.ids[int(key)], "labels": self.labels[int(key)]}


def tokenise(rows: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_tokens: int) -> TokenisedRows:
    """Return normalised, tokenised rows of a split with the columns `text` and `labels`."""
    texts = [normalise(text) for text in rows["text"]]
    ids = tokenizer(texts, truncation=True, max_length=max_tokens)["input_ids"]
    return TokenisedRows(ids, np.asarray(rows["labels"], dtype=np.float32))


def collate(pad_id: int, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Pad a batch to its longest row."""
    width = max(len(row["input_ids"]) for row in rows)
    ids = torch.full((len(rows), width), pad_id)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for i, row in enumerate(rows):
        n = len(row["input_ids"])
        ids[i, :n] = torch.as_tensor(row["input_ids"])
        mask[i, :n] = 1
    labels = torch.from_numpy(np.stack([row["labels"] for row in rows]))
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


class _Trainer(Trainer):
    """A Trainer whose topic head learns faster than the encoder, and that predicts rows in their own order."""

    head_factor = 1.0

    def _get_eval_sampler(self, eval_dataset: Any) -> SequentialSampler:
        # The stock Trainer groups by length here too, and gives predictions back in that order without saying so.
        return SequentialSampler(eval_dataset)

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:  # noqa: ARG002
        """Return AdamW with a higher learning rate for the topic head than for the encoder."""
        if self.optimizer is None:
            classifier = cast("SentenceClassifier", self.model)
            rate = self.args.learning_rate
            groups = [
                {"params": list(classifier.head.parameters()), "lr": rate * self.head_factor},
                {"params": list(classifier.bert.parameters()), "lr": rate},
            ]
            self.optimizer = torch.optim.AdamW(groups, lr=rate, weight_decay=self.args.weight_decay, fused=True)
        return self.optimizer


def checkpoint_folder(out: Path) -> Path:
    """Return the folder beside `out` that holds a run's checkpoints until the model folder is whole."""
    return out.with_name(out.name + ".checkpoints")


def fine_tune(
    recipe: Recipe,
    backbone: str,
    tokenizer: PreTrainedTokenizerBase,
    splits: datasets.DatasetDict,
    checkpoints: Path,
    *,
    resume: bool = False,
    quiet: bool = False,
) -> Fitted:
    """Fine-tune the encoder in the folder `backbone` and return the epoch with the best validation macro-F1.

    Everything random is seeded before the model is built. Checkpoints go to `checkpoints`, once an epoch.

    Args:
        recipe: the settings.
        backbone: a folder that `from_pretrained` takes.
        tokenizer: the backbone's.
        splits: `train` and `validation` with the columns `text` and `labels`.
        checkpoints: folder for checkpoints.
        resume: go on from the last checkpoint there, if there is one.
        quiet: no progress bar.

    Raises:
        ConfigError: `resume`, but the checkpoints belong to other data or settings.
    """
    set_seed(recipe.seed)
    with quiet_libraries():
        model = SentenceClassifier(
            load_encoder(backbone, recipe.layers),
            len(splits["train"][0]["labels"]),
            dropout=recipe.dropout,
            positive_weight=recipe.positive_weight,
            label_smoothing=recipe.label_smoothing,
        )
    _prepare(model, recipe.attention_dropout)
    last = _last_checkpoint(checkpoints, _fingerprint(recipe, splits), resume)
    rows = {name: tokenise(split, tokenizer, recipe.max_tokens) for name, split in splits.items()}
    trainer = _trainer(recipe, model, rows, tokenizer.pad_token_id, checkpoints, quiet=quiet)
    with quiet_libraries():
        trainer.train(resume_from_checkpoint=last)
        output = trainer.predict(rows["validation"])
    model.bert.set_attn_implementation("sdpa")
    history = tuple(line for line in trainer.state.log_history if "eval_macro_f1" in line)
    return Fitted(model.eval(), np.asarray(output.predictions, dtype=np.float32), history)


def _prepare(model: SentenceClassifier, attention_dropout: float) -> None:
    """Set the dropout of the attention weights, and what trains quicker on a processor than the library's defaults.

    PyTorch's fused attention is written for graphics cards; on a processor its backward pass is the slower one.
    """
    for module in model.bert.modules():
        if isinstance(module, BertSelfAttention):
            module.dropout = nn.Dropout(attention_dropout)
    if not torch.cuda.is_available():
        model.bert.set_attn_implementation("eager")
        use_byte_dropout(model)


def _trainer(
    recipe: Recipe, model: SentenceClassifier, rows: dict[str, TokenisedRows], pad_id: int, folder: Path, *, quiet: bool
) -> Trainer:
    trainer = _Trainer(
        model=model,
        args=_arguments(recipe, folder, len(rows["train"]), quiet=quiet),
        train_dataset=rows["train"],
        eval_dataset=rows["validation"],
        data_collator=lambda batch: collate(pad_id, batch),
        compute_metrics=lambda output: _scores(np.asarray(output.predictions), np.asarray(output.label_ids)),
    )
    trainer.head_factor = recipe.head_factor
    EpochLines.install(trainer, quiet=quiet)
    return trainer


def _scores(logits: npt.NDArray[np.float32], labels: npt.NDArray[np.float32]) -> dict[str, float]:
    macro, micro = f1_scores(labels, logits >= 0)
    return {"macro_f1": macro, "micro_f1": micro}


def _arguments(recipe: Recipe, folder: Path, n_rows: int, *, quiet: bool) -> TrainingArguments:
    steps_an_epoch = -(-n_rows // recipe.batch_size)
    epochs = max(recipe.epochs, -(-recipe.least_steps // steps_an_epoch))
    cuda = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=epochs,
        per_device_train_batch_size=recipe.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        warmup_steps=round(recipe.warmup * epochs * steps_an_epoch),
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        seed=recipe.seed,
        data_seed=recipe.seed,
        bf16=bf16_helps(),
        use_cpu=not cuda,
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        logging_strategy="epoch",
        report_to="none",
        disable_tqdm=quiet,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=cuda,
    )


def bf16_helps() -> bool:
    """Return whether bfloat16 is quick here: on a GPU that knows it, or a processor with instructions for it.

    Elsewhere PyTorch emulates it, which is slower than float32.
    """
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    instructions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in instructions)


def _fingerprint(recipe: Recipe, splits: datasets.DatasetDict) -> dict[str, Any]:
    """Return what must be the same for a run to be resumed."""
    digests = {}
    for name, split in splits.items():
        content = json.dumps([split["text"][:], split["labels"][:]], ensure_ascii=False)
        digests[name] = hashlib.sha256(content.encode("utf-8")).hexdigest()
    return {"recipe": recipe.to_dict(), "data": digests}


def _last_checkpoint(folder: Path, fingerprint: dict[str, Any], resume: bool) -> str | None:
    """Return the checkpoint to go on from, and note in `folder` which run its checkpoints belong to."""
    note = folder / FINGERPRINT_FILE
    last = get_last_checkpoint(str(folder)) if folder.is_dir() else None  # type: ignore[no-untyped-call]
    if last and not resume:
        raise ConfigError(f"{folder} holds checkpoints of an unfinished run; add --resume, or remove that folder")
    if last:
        found = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
        for part in ("recipe", "data"):
            if found.get(part) != fingerprint[part]:
                what = "another recipe" if part == "recipe" else "other rows"
                raise ConfigError(f"{folder} belongs to a run with {what}; give the same, or remove that folder")
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(note) as out:
        json.dump(fingerprint, out, ensure_ascii=False, indent=2)
    return last if last is None else os.fspath(last)
