"""Make an encoder narrower: what matters least is taken out, of its feed-forward parts or of all its vectors.

What an inner neuron matters is the size of what it adds to the output: the mean of its absolute activation on given
sentences, times the length of its column in the outgoing matrix (a structured variant of the criterion of Molchanov et
al. 2017, arXiv:1611.06440, without gradients). The same is said of a channel of the token vectors by how far it moves
around its mean, and of an attention head's channels by their part in its scores and in its output. What is lost is
learned again by training.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

from svodka.errors import ConfigError

__all__ = ["narrow_feed_forward", "narrow_vectors"]


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


def narrow_vectors(bert: BertModel, ids: Sequence[Sequence[int]], width: int) -> None:
    """Keep `width` channels of the token vectors, the same in all layers, and as many in the attention heads together.

    Args:
        bert: the encoder; it is changed.
        ids: token ids of a few hundred ordinary sentences.
        width: at most what the encoder has, and a multiple of the number of heads.

    Raises:
        ConfigError: the encoder's vectors are narrower than that, or its heads cannot share them out.
    """
    heads, before = bert.config.num_attention_heads, bert.config.hidden_size
    if width > before:
        raise ConfigError(f"hidden: {width}, but the backbone has only {before}")
    if width % heads:
        raise ConfigError(f"hidden: {width} is no multiple of the backbone's {heads} attention heads")
    norms = [bert.embeddings.LayerNorm, *(layer.output.LayerNorm for layer in _layers(bert))]
    products = [
        linear
        for layer in _layers(bert)
        for linear in (layer.attention.self.query, layer.attention.self.key, layer.attention.self.value)
    ]
    seen = _observed(bert, [*norms, *products], ids)
    moves = torch.stack([one.squares - one.sums**2 for one in seen[: len(norms)]]).clamp(min=0).sqrt()
    sizes = [one.sizes for one in seen[len(norms) :]]
    kept = (moves / moves.sum(dim=1, keepdim=True)).sum(dim=0).topk(width).indices.sort().values
    _keep_embeddings(bert, kept)
    for i, layer in enumerate(_layers(bert)):
        _keep_attention(layer, kept, sizes[3 * i : 3 * i + 3], heads, width)
        _keep(layer.intermediate.dense, columns=kept)
        _keep(layer.output.dense, rows=kept)
        _keep_norm(layer.attention.output.LayerNorm, kept)
        _keep_norm(layer.output.LayerNorm, kept)
    bert.config.hidden_size = width


def _keep_embeddings(bert: BertModel, kept: Tensor) -> None:
    tables = bert.embeddings.word_embeddings, bert.embeddings.position_embeddings, bert.embeddings.token_type_embeddings
    for table in tables:
        table.weight = nn.Parameter(table.weight.detach()[:, kept])
        table.embedding_dim = len(kept)
    _keep_norm(bert.embeddings.LayerNorm, kept)


def _keep_attention(layer: BertLayer, kept: Tensor, sizes: Sequence[Tensor], heads: int, width: int) -> None:
    """Narrow one attention part; `sizes` are the mean absolute values of queries, keys and values."""
    own, out = layer.attention.self, layer.attention.output.dense
    scores = _best_of_each_head(sizes[0] * sizes[1], heads, width // heads)
    values = _best_of_each_head(sizes[2] * out.weight.detach().norm(dim=0), heads, width // heads)
    before = own.attention_head_size
    _keep(own.query, rows=scores, columns=kept)
    _keep(own.key, rows=scores, columns=kept)
    _keep(own.value, rows=values, columns=kept)
    _keep(out, rows=kept, columns=values)
    own.attention_head_size, own.all_head_size = width // heads, width
    own.scaling = own.attention_head_size**-0.5
    with torch.no_grad():  # scores are divided by the root of a head's width, which was larger
        for parameter in own.query.parameters():
            parameter.mul_(math.sqrt(own.attention_head_size / before))


def _best_of_each_head(matter: Tensor, heads: int, each: int) -> Tensor:
    """Return the places of the channels that matter most, as many in each head."""
    by_head = matter.reshape(heads, -1)
    best = by_head.topk(each, dim=1).indices.sort(dim=1).values
    return (best + by_head.shape[1] * torch.arange(heads)[:, None]).flatten()


def _keep(linear: nn.Linear, rows: Tensor | None = None, columns: Tensor | None = None) -> None:
    """Keep some outputs (`rows`) and inputs (`columns`) of a linear layer."""
    weight, bias = linear.weight.detach(), linear.bias.detach()
    if rows is not None:
        weight, bias = weight[rows], bias[rows]
    if columns is not None:
        weight = weight[:, columns]
    linear.weight, linear.bias = nn.Parameter(weight.contiguous()), nn.Parameter(bias)
    linear.out_features, linear.in_features = weight.shape


def _keep_norm(norm: nn.LayerNorm, kept: Tensor) -> None:
    norm.weight, norm.bias = nn.Parameter(norm.weight.detach()[kept]), nn.Parameter(norm.bias.detach()[kept])
    norm.normalized_shape = (len(kept),)


class _Observed:
    """Means over all tokens of what a module gives: of its values, their squares and their sizes, by channel."""

    def __init__(self) -> None:
        self.sums = self.squares = self.sizes = torch.zeros(())
        self.count = 0

    def add(self, _module: nn.Module, _given: Any, output: Tensor) -> None:
        """Take the output of a forward pass in."""
        rows = output.detach().float().flatten(0, -2)
        new = self.count + len(rows)
        for name, values in (("sums", rows), ("squares", rows**2), ("sizes", rows.abs())):
            setattr(self, name, (getattr(self, name) * self.count + values.sum(dim=0)) / new)
        self.count = new


def _observed(bert: BertModel, modules: Sequence[nn.Module], ids: Sequence[Sequence[int]]) -> list[_Observed]:
    """Return what modules give on sentences, in the order of the modules."""
    seen = [_Observed() for _ in modules]
    bert.train(mode=False)
    with _hooked(modules, seen), torch.inference_mode():
        for row in ids:
            bert(input_ids=torch.tensor([list(row)]))
    return seen


@contextmanager
def _hooked(modules: Sequence[nn.Module], seen: Sequence[_Observed]) -> Iterator[None]:
    hooks = [module.register_forward_hook(one.add) for module, one in zip(modules, seen, strict=True)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _activations(bert: BertModel, ids: Sequence[Sequence[int]]) -> list[Tensor]:
    """Return for each layer the mean absolute activation of each inner neuron, over all tokens."""
    return [one.sizes for one in _observed(bert, [layer.intermediate for layer in _layers(bert)], ids)]


def _layers(bert: BertModel) -> list[BertLayer]:
    return [cast("BertLayer", layer) for layer in bert.encoder.layer]
