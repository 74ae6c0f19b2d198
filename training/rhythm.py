"""When a training run looks at its validation rows, when it saves, and when it stops for Ctrl-C."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from svodka.training.interrupt import Interruption

__all__ = ["MOST_EVALUATIONS", "Rhythm"]

MOST_EVALUATIONS = 10
SAVE_SECONDS = 300.0
SAVE_SHARE = 50  # a save that takes long is made less often: it costs no more than one part in so many


class Rhythm(TrainerCallback):
    """Evaluates and saves after at most ten epochs of a run, saves between them every five minutes, and for Ctrl-C.

    A save between epochs takes nothing from the run but time: the order of the rows depends on seed and epoch alone,
    and what is random besides is in the checkpoint. None is made at the last step of an epoch, since the evaluation
    that belongs to it comes a moment later.

    Args:
        epochs: of the run.
        interruption: whether Ctrl-C was pressed.
    """

    def __init__(self, epochs: int, interruption: Interruption) -> None:
        self.epochs = epochs
        self.every = -(-epochs // MOST_EVALUATIONS)
        self.interruption = interruption
        self.stopping = False
        self.saved_at = time.monotonic()
        self.pause = SAVE_SECONDS

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **_kwargs: Any,
    ) -> None:
        """Find the best checkpoint again, wherever the folder was when it was saved."""
        self.saved_at, self.pause = time.monotonic(), SAVE_SECONDS
        if state.best_global_step:
            state.best_model_checkpoint = str(Path(str(args.output_dir)) / f"checkpoint-{state.best_global_step}")

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_kwargs: Any
    ) -> None:
        """Save if it is time to, or if somebody wants to stop."""
        if state.epoch is not None and not float(state.epoch).is_integer():
            control.should_save = self._must_save(args)

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_kwargs: Any
    ) -> None:
        """Pass over the evaluation and the save after most of very many epochs."""
        must_save = self._must_save(args)
        epoch = round(state.epoch or 0)
        if epoch % self.every and epoch < self.epochs:
            control.should_evaluate = control.should_log = False
            control.should_save = must_save

    def _must_save(self, args: TrainingArguments) -> bool:
        """Return whether to save between evaluations; all processes agree."""
        due = time.monotonic() - self.saved_at >= self.pause
        wishes = torch.tensor([int(self.interruption.wanted), int(due)], device=args.device)
        if args.world_size > 1:
            torch.distributed.all_reduce(wishes, torch.distributed.ReduceOp.MAX)
        stop, save = map(bool, wishes.tolist())
        self.stopping = self.stopping or stop
        return stop or save

    def save_took(self, seconds: float) -> None:
        """Take note of a save that just ended."""
        self.saved_at, self.pause = time.monotonic(), max(SAVE_SECONDS, SAVE_SHARE * seconds)

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **_kwargs: Any,
    ) -> None:
        """Leave if that is what the save was for.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
        """
        if self.stopping:
            raise KeyboardInterrupt(
                f"interrupted: step {state.global_step} of {state.max_steps} is saved in {args.output_dir}; "
                "the same command with --resume goes on"
            )
