"""Fine-tuning with `transformers.Trainer`."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.utils.data import Sampler
from transformers import PreTrainedTokenizerBase, Trainer, TrainingArguments, set_seed
from transformers.models.bert.modeling_bert import BertSelfAttention

from svodka.errors import ConfigError
from svodka.evaluation.metrics import f1_scores
from svodka.training import processes
from svodka.training.adversarial import moved, perturbed
from svodka.training.averaging import WeightAverage
from svodka.training.checkpoints import claim_checkpoints, last_whole, prune, run_fingerprint, seal, told
from svodka.training.classifier import SentenceClassifier, copy_head, define_head, load_encoder
from svodka.training.coarse_words import settle_words
from svodka.training.disk import full_disk_told
from svodka.training.dropout import use_byte_dropout
from svodka.training.head_start import HeadStart
from svodka.training.interrupt import Interruption, ctrl_c_waits
from svodka.training.layer_rates import parameter_groups
from svodka.training.losses import Objective
from svodka.training.progress import EpochLines
from svodka.training.quiet import quiet_libraries
from svodka.training.recipe import Recipe
from svodka.training.rhythm import Rhythm
from svodka.training.row_order import EpochOrder, padding_share
from svodka.training.spent import Spent, told_shares
from svodka.training.token_ids import TokenIds
from svodka.training.tokenised import TokenisedRows, collate, tokenise

if TYPE_CHECKING:
    import datasets

__all__ = ["Fitted", "bf16_helps", "fine_tune", "prepare"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fine-tuning came to.

    Attributes:
        model: the best epoch's classifier.
        validation_logits: its logits `(n, n_topics)` on the validation rows.
        history: the figures of each epoch.
        seconds: what all passes took, with checkpoints and the validation after each, since the start or the last
            `--resume`.
        padding: the share of the tokens in a pass that is padding.
        shares: of `seconds`, by what they were spent on; empty on a graphics card, which works behind the clock's back.
    """

    model: SentenceClassifier
    validation_logits: npt.NDArray[np.float32]
    history: tuple[dict[str, float], ...]
    seconds: float
    padding: float
    shares: Mapping[str, float]

    def told(self) -> str:
        """Return in words how long it took."""
        where = f" ({told_shares(self.shares)})" if self.shares else ""
        return f"{self.seconds / 60:.1f} minutes of training{where}; {self.padding:.1%} of the tokens were padding"

    def details(self) -> dict[str, Any]:
        """Return what `model.json` tells of it, plain values."""
        return {
            "history": [{key: round(value, 4) for key, value in line.items()} for line in self.history],
            "training": {
                "seconds": round(self.seconds, 1),
                "padding": round(self.padding, 4),
                "shares": dict(self.shares),
            },
        }


class _Trainer(Trainer):
    """A Trainer with a recipe's ways of learning, whose runs can be resumed at any moment.

    The topic head learns faster than the encoder. What `average` holds, if there is one, is evaluated and kept.
    """

    recipe: Recipe
    average: WeightAverage | None = None
    rhythm: Rhythm
    spent: Spent

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        rows = cast("TokenisedRows", self.train_dataset if train_dataset is None else train_dataset)
        seed = int(self.args.data_seed or 0)
        return EpochOrder(self.args.train_batch_size, rows["length"], seed, lambda: int(self.state.epoch or 0))

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:  # noqa: ARG002
        """Return AdamW with a learning rate for each part of the model."""
        if self.optimizer is None:
            classifier = cast("SentenceClassifier", self.model)
            rate = self.args.learning_rate
            groups = parameter_groups(classifier, rate, self.recipe.head_factor, self.recipe.layer_decay)
            self.optimizer = torch.optim.AdamW(groups, lr=rate, weight_decay=self.args.weight_decay, fused=True)
        return self.optimizer

    def training_step(self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Any = None) -> torch.Tensor:
        """Return a step's loss and leave its gradients, with those on moved weights if the recipe says so."""
        with self.spent.on("gradients"):
            loss: torch.Tensor = super().training_step(model, inputs, num_items_in_batch)
            bert = cast("SentenceClassifier", self.model).bert
            if self.recipe.adversarial:
                with moved(bert.embeddings.word_embeddings.weight, self.recipe.adversarial):
                    super().training_step(model, inputs, num_items_in_batch)
            if self.recipe.weight_perturbation:
                products = [weight for weight in bert.encoder.parameters() if weight.dim() > 1]
                with perturbed(products, self.recipe.weight_perturbation):
                    super().training_step(model, inputs, num_items_in_batch)
        return loss

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Return the figures of the average, if there is one."""
        with (
            self.spent.on("validation"),
            self.average.in_place(cast("nn.Module", self.model)) if self.average else nullcontext(),
        ):
            figures: dict[str, float] = super().evaluate(*args, **kwargs)
        return figures

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        super()._load_from_checkpoint(resume_from_checkpoint, model)
        if self.average:
            self.average.load(Path(resume_from_checkpoint))

    def _load_best_model(self) -> None:
        super()._load_best_model()
        if self.average:
            self.average.load(Path(str(self.state.best_model_checkpoint)))
            self.average.give(cast("nn.Module", self.model))

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        """Save as the library does, seal what is whole, and only then remove what is no longer needed."""
        begun, folder = time.monotonic(), Path(str(self.args.output_dir))
        checkpoint = folder / f"checkpoint-{self.state.global_step}"
        if self.args.should_save:
            shutil.rmtree(checkpoint, ignore_errors=True)
        self.accelerator.wait_for_everyone()
        try:
            with full_disk_told(checkpoint), self.spent.on("checkpoints"):
                super()._save_checkpoint(model, trial)
                self.accelerator.wait_for_everyone()
                if self.args.should_save:
                    if self.average:
                        self.average.save(checkpoint)
                    seal(checkpoint)
        except Exception:
            shutil.rmtree(checkpoint, ignore_errors=True)
            raise
        if self.args.should_save:
            prune(folder)
        self.accelerator.wait_for_everyone()
        self.rhythm.save_took(time.monotonic() - begun)


def fine_tune(
    recipe: Recipe,
    backbone: str,
    tokenizer: PreTrainedTokenizerBase,
    splits: datasets.DatasetDict,
    checkpoints: Path,
    *,
    head: HeadStart | None = None,
    resume: bool = False,
    quiet: bool = False,
) -> Fitted:
    """Fine-tune the encoder in the folder `backbone` and return the epoch with the best validation macro-F1.

    Everything random is seeded before the model is built. See `Rhythm` for when checkpoints go to `checkpoints`.

    Args:
        recipe: the settings.
        backbone: a folder that `from_pretrained` takes.
        tokenizer: the backbone's.
        splits: `train` and `validation` with the columns `text` and `labels`.
        checkpoints: folder for checkpoints.
        head: what the topic head begins with, random numbers if None, and a teacher's vectors to learn from.
        resume: go on from the last checkpoint there, if there is one.
        quiet: no progress bar, and no line about where a resumed run goes on.

    Raises:
        ConfigError: `resume`, but the checkpoints belong to other data or settings; or `batch_size` cannot be shared
            out to the processes; or the vectors are wider or narrower than the encoder's.
        KeyboardInterrupt: Ctrl-C; a checkpoint was saved.
        OSError: the disk is full; no half-written checkpoint stays.
    """
    set_seed(recipe.seed)
    head = head or HeadStart()
    n_topics = len(splits["train"][0]["labels"])
    model = _beginning(recipe, backbone, n_topics, head, TokenIds(tokenizer, recipe.max_tokens))
    taught = head.taught.of(splits["train"]["text"], model.config.hidden_size) if head.taught else None
    prepare(model, recipe.attention_dropout)
    fingerprint = run_fingerprint(recipe, splits, backbone, head, processes.count())
    first = processes.is_first()
    last = claim_checkpoints(checkpoints, fingerprint, resume=resume) if first else last_whole(checkpoints)
    if resume and first and not quiet:
        _tell_where(checkpoints, last)
    rows = {name: tokenise(split, tokenizer, recipe.max_tokens) for name, split in splits.items()}
    rows["train"].vectors = taught
    with quiet_libraries(), ctrl_c_waits() as interruption:
        trainer = _trainer(recipe, model, rows, tokenizer.pad_token_id, checkpoints, interruption, quiet=quiet)
        trained = trainer.train(resume_from_checkpoint=None if last is None else str(last))
        if interruption.wanted:
            raise KeyboardInterrupt("interrupted: all steps are done and saved; the same command with --resume goes on")
        output = trainer.predict(rows["validation"])
    model.cpu().bert.set_attn_implementation("sdpa")
    lengths = rows["train"]["length"]
    return Fitted(
        model=model.eval(),
        validation_logits=np.asarray(output.predictions, dtype=np.float32),
        history=tuple(line for line in trainer.state.log_history if "eval_macro_f1" in line),
        seconds=trained.metrics["train_runtime"],
        padding=padding_share(lengths, EpochOrder(trainer.args.train_batch_size, lengths, recipe.seed, lambda: 0)),
        shares={} if torch.cuda.is_available() else trainer.spent.shares(trained.metrics["train_runtime"]),
    )


def _beginning(
    recipe: Recipe, backbone: str, n_topics: int, head: HeadStart, token_ids: TokenIds
) -> SentenceClassifier:
    """Return the classifier before the first step."""
    with quiet_libraries():
        model = SentenceClassifier(
            load_encoder(backbone, recipe.layers),
            n_topics,
            dropout=recipe.dropout,
            dropout_samples=recipe.dropout_samples,
            pooling=recipe.pooling,
            objective=Objective(recipe.loss, recipe.positive_weight, recipe.label_smoothing, recipe.r_drop),
            vector_weight=recipe.vectors,
        )
        if head.definitions:
            define_head(model, token_ids(head.definitions))
        if head.rows is not None:
            copy_head(model, backbone, head.rows)
    settle_words(model.bert, recipe.word_bits)
    return model


def _tell_where(checkpoints: Path, last: Path | None) -> None:
    """Tell where a resumed run goes on."""
    where = f"no whole checkpoint in {checkpoints}: beginning anew" if last is None else f"going on from {told(last)}"
    print(where, file=sys.stderr)  # noqa: T201


def prepare(model: SentenceClassifier, attention_dropout: float) -> None:
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
    recipe: Recipe,
    model: SentenceClassifier,
    rows: dict[str, TokenisedRows],
    pad_id: int,
    folder: Path,
    interruption: Interruption,
    *,
    quiet: bool,
) -> _Trainer:
    trainer = _Trainer(
        model=model,
        args=_arguments(recipe, folder, len(rows["train"]), quiet=quiet),
        train_dataset=rows["train"],
        eval_dataset=rows["validation"],
        data_collator=lambda batch: collate(pad_id, batch),
        compute_metrics=lambda output: _scores(np.asarray(output.predictions), np.asarray(output.label_ids)),
    )
    trainer.recipe, trainer.spent = recipe, Spent()
    if recipe.averaging:
        trainer.average = WeightAverage(recipe.averaging)
        trainer.add_callback(trainer.average)
    trainer.rhythm = Rhythm(round(trainer.args.num_train_epochs), interruption)
    trainer.add_callback(trainer.rhythm)
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
        per_device_train_batch_size=_share_of(recipe.batch_size),
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
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        logging_strategy="epoch",
        report_to="none",
        disable_tqdm=quiet,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=cuda,
        ddp_find_unused_parameters=False,
    )


def _share_of(batch_size: int) -> int:
    """Return how many sentences of a step each process, or each card of a single process, has to itself."""
    parts = processes.count() if processes.count() > 1 else max(1, torch.cuda.device_count())
    if batch_size % parts:
        raise ConfigError(f"batch_size: {batch_size} sentences cannot be shared out to {parts} processes alike")
    return batch_size // parts


def bf16_helps() -> bool:
    """Return whether bfloat16 is quick here: on a GPU that knows it, or a processor with instructions for it.

    Elsewhere PyTorch emulates it, which is slower than float32.
    """
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    instructions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in instructions)
