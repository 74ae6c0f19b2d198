"""A last encoder layer that computes the first token's vector only, where the head reads no other.

All tokens are still attended to. What is saved is the other tokens' queries and their feed-forward part, which is a
third of a step with two layers; the first token's vector is the same.
"""

from __future__ import annotations

from typing import Any, cast

from torch import Tensor, nn
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertLayer

__all__ = ["FirstTokenLayer"]


class FirstTokenLayer(BertLayer):  # type: ignore[no-untyped-call]
    """Does what a `BertLayer` does for the first token.

    Args:
        config: of the encoder.
        layer: the `BertLayer` whose parts it takes over.
    """

    def __init__(self, config: BertConfig, layer: nn.Module) -> None:
        super().__init__(config)  # type: ignore[no-untyped-call]
        given = cast("BertLayer", layer)
        self.attention, self.intermediate, self.output = given.attention, given.intermediate, given.output
        self.train(layer.training)

    def forward(self, hidden_states: Tensor, attention_mask: Tensor | None = None, *_none: Any, **_more: Any) -> Tensor:
        """Return the first token's vector (batch, 1, hidden).

        Args:
            hidden_states: (batch, tokens, hidden).
            attention_mask: (batch, 1, tokens or 1, tokens), True or 0 where there is no padding; None for none at all.
                No sentence may be padding alone, since in bfloat16 its mask is infinite.
        """
        own, first = self.attention.self, hidden_states[:, :1]
        query, key, value = (
            linear(read).unflatten(-1, (own.num_attention_heads, -1)).transpose(1, 2)
            for linear, read in ((own.query, first), (own.key, hidden_states), (own.value, hidden_states))
        )
        if attention_mask is not None:
            attention_mask = attention_mask[:, :, :1]
            if attention_mask.is_floating_point():
                attention_mask = attention_mask.to(query.dtype)
        dropout = own.dropout.p if self.training else 0.0
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attention_mask, dropout)
        attended = self.attention.output(mixed.transpose(1, 2).flatten(2), first)
        output: Tensor = self.output(self.intermediate(attended), attended)
        return output
