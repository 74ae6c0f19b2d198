"""Averages of weights: a running one, which is evaluated and kept in place of the weights that learn, or of models.

The running one is an exponential moving average, evaluated as by Szegedy et al. 2015, arXiv:1512.00567. Early on it
forgets faster, so that the untrained beginning does not stay in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from svodka.training.restored import restored

__all__ = ["WeightAverage", "mean_of_weights"]

AVERAGE_FILE = "average.safetensors"


def mean_of_weights(states: Iterable[tuple[Mapping[str, Tensor], float]]) -> dict[str, Tensor]:
    """Return the weighted mean of models' weights, whole numbers left out.

    Args:
        states: of models of one shape, each with its share; the shares are 1 together. They are taken one by one, so
            that a generator need hold only one model at a time.
    """
    mean: dict[str, Tensor] = {}
    for state, share in states:
        for name, weight in state.items():
            if weight.is_floating_point():
                mean[name] = mean[name] + weight * share if name in mean else weight * share
    return mean


class WeightAverage(TrainerCallback):
    """Averages the weights after each step; a checkpoint holds the average beside the weights.

    Args:
        decay: how much of the average stays at each step, at most; 0 to below 1.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.weights: dict[str, Tensor] = {}

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **kwargs: Any,
    ) -> None:
        """Take the weights after a step into the average."""
        self.update(kwargs["model"], state.global_step)

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take the weights after a step, counted from 1, into the average."""
        stays = min(self.decay, step / (step + 9))
        for name, weight in model.named_parameters():
            if name in self.weights:
                self.weights[name] = self.weights[name].to(weight.device).lerp_(weight, 1 - stays)
            else:
                self.weights[name] = weight.detach().clone()

    @torch.no_grad()
    def give(self, model: nn.Module) -> None:
        """Put the average into the model."""
        for name, weight in model.named_parameters():
            weight.copy_(self.weights[name])

    @contextmanager
    def in_place(self, model: nn.Module) -> Iterator[None]:
        """Have the average in the model for a while; afterwards the weights are back, to the bit."""
        with restored(list(model.parameters())):
            self.give(model)
            yield

    def save(self, checkpoint: Path) -> None:
        """Write the average into the folder of a checkpoint."""
        save_file({name: weight.contiguous() for name, weight in self.weights.items()}, checkpoint / AVERAGE_FILE)

    def load(self, checkpoint: Path) -> None:
        """Read the average from the folder of a checkpoint."""
        self.weights = load_file(checkpoint / AVERAGE_FILE)
