"""Make an encoder's feed-forward parts narrower: the inner neurons that matter least are taken out.

What a neuron matters is the size of what it adds to the output: the mean of its absolute activation on given sentences,
times the length of its column in the outgoing matrix (a structured variant of the criterion of Molchanov et al. 2017,
arXiv:1611.06440, without gradients). What is lost is learned again by training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

from svodka.errors import ConfigError

__all__ = ["narrow_feed_forward"]


def narrow_feed_forward(bert: BertModel, ids: Sequence[Sequence[int]], width: int) -> None:
    """Keep the `width` neurons of each layer's feed-forward part that matter most, in their old order.

    Args:
        bert: the encoder; it is changed.
        ids: token ids of a few hundred ordinary sentences.
        width: at most what the encoder has.

    Raises:
        ConfigError: the encoder's feed-forward parts are narrower than that.
    """
    if width > bert.config.intermediate_size:
        raise ConfigError(f"feed_forward: {width}, but the backbone has only {bert.config.intermediate_size}")
    for layer, sizes in zip(_layers(bert), _activations(bert, ids), strict=True):
        into, out = layer.intermediate.dense, layer.output.dense
        matter = sizes * out.weight.detach().norm(dim=0)
        kept = matter.topk(width).indices.sort().values
        into.weight, into.bias = nn.Parameter(into.weight.detach()[kept]), nn.Parameter(into.bias.detach()[kept])
        out.weight = nn.Parameter(out.weight.detach()[:, kept])
        into.out_features = out.in_features = width
    bert.config.intermediate_size = width


def _activations(bert: BertModel, ids: Sequence[Sequence[int]]) -> list[Tensor]:
    """Return for each layer the mean absolute activation of each inner neuron, over all tokens."""
    totals = [torch.zeros(bert.config.intermediate_size) for _ in _layers(bert)]
    hooks = [
        layer.intermediate.register_forward_hook(_adder(total))
        for layer, total in zip(_layers(bert), totals, strict=True)
    ]
    bert.train(mode=False)
    try:
        with torch.inference_mode():
            for row in ids:
                bert(input_ids=torch.tensor([list(row)]))
    finally:
        for hook in hooks:
            hook.remove()
    return [total / sum(map(len, ids)) for total in totals]


def _layers(bert: BertModel) -> list[BertLayer]:
    return [cast("BertLayer", layer) for layer in bert.encoder.layer]


def _adder(total: Tensor) -> Any:
    def add(_module: nn.Module, _given: Any, output: Tensor) -> None:
        total.add_(output.detach().abs().sum(dim=(0, 1)).float())

    return add
