"""What a training run shows: one progress bar with the time left, one line an epoch."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from transformers import PrinterCallback, ProgressCallback, TrainerCallback

if TYPE_CHECKING:
    from transformers import Trainer, TrainerControl, TrainerState, TrainingArguments

__all__ = ["EpochLines"]


class _Bar(ProgressCallback):
    """The library's bar for the steps, without its dictionaries of numbers between."""

    def on_log(self, *_args: Any, **_kwargs: Any) -> None:
        """Print nothing."""

    def on_prediction_step(self, *_args: Any, **_kwargs: Any) -> None:
        """Show no second bar for the validation rows."""


class EpochLines(TrainerCallback):
    """Prints one line with the validation scores after each epoch."""

    @classmethod
    def install(cls, trainer: Trainer, *, quiet: bool) -> None:
        """Replace the library's own output in `trainer`."""
        trainer.remove_callback(ProgressCallback)
        trainer.remove_callback(PrinterCallback)
        if not quiet:
            trainer.add_callback(_Bar())
            trainer.add_callback(cls())

    def on_evaluate(
        self,
        args: TrainingArguments,  # noqa: ARG002
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        metrics: dict[str, float] | None = None,
        **_kwargs: Any,
    ) -> None:
        """Print the scores at threshold 0.5, before any is tuned."""
        if metrics and state.epoch is not None and state.is_world_process_zero:
            macro, micro = metrics["eval_macro_f1"], metrics["eval_micro_f1"]
            print(  # noqa: T201
                f"\nepoch {state.epoch:.0f}: validation macro-F1 {macro:.3f}, micro-F1 {micro:.3f} (threshold 0.5)",
                file=sys.stderr,
            )
