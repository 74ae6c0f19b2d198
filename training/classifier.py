"""The classifier: a BERT encoder, the mean of its token vectors or the first of them, one linear layer.

Stock `BertForSequenceClassification` reads the first token only. `to_stock` therefore appends one more encoder layer
with fixed weights, in which every token attends to all tokens alike: its first token then holds the normalised mean.
Where the first token is read anyway, the layer does nothing but normalise it. The folder loads in plain `transformers`
and gives the same logits, with no code of ours. Nothing is lost: `from_stock` takes the layer off again, and the ONNX
file is exported without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, BertConfig, BertForSequenceClassification, BertModel

from svodka.errors import ConfigError
from svodka.float32 import POOLER_SCALE, POOLING_KEY, POOLINGS
from svodka.graph import ACTIVATIONS, AVERAGING_WEIGHT
from svodka.training.first_token import FirstTokenLayer
from svodka.training.losses import Objective, disagreement, vector_distance

__all__ = ["SentenceClassifier", "copy_head", "define_head", "from_stock", "load_encoder", "to_stock"]

# AVERAGING_WEIGHT is how far the mean outweighs the token's own vector behind the residual connection of the averaging
# layer. The same share of the first token is part of our own pooling, so that both are equal, not only close. Powers of
# two lose no precision, and float16 still holds the product.

SAME = 1e-5  # what a vector of length 1 may be off by rounding


class SentenceClassifier(nn.Module):
    """Multi-label classifier over the tokens' mean, or the first of them.

    Args:
        bert: the encoder, without pooler.
        n_topics: number of outputs.
        dropout: share of the pooled vector's elements that training drops.
        dropout_samples: how many times training drops them out for each sentence; the loss is the mean of all.
        pooling: `mean`, or `first` for the first token's vector; the last layer then computes no other.
        objective: the settings of the loss; None for the ordinary one.
        vector_weight: weight, in the loss, of how far the pooled vector is from a teacher's.
    """

    def __init__(
        self,
        bert: BertModel,
        n_topics: int,
        *,
        dropout: float = 0.1,
        dropout_samples: int = 1,
        pooling: str = "mean",
        objective: Objective | None = None,
        vector_weight: float = 0.0,
    ) -> None:
        super().__init__()
        self.bert = bert
        self.config: BertConfig = bert.config
        if pooling == "first":
            bert.encoder.layer[-1] = FirstTokenLayer(bert.config, bert.encoder.layer[-1])
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(bert.config.hidden_size, n_topics)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        self.dropout_samples = dropout_samples
        self.pooling = pooling
        self.objective = objective or Objective()
        self.vector_weight = vector_weight

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        labels: Tensor | None = None,
        vectors: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Return `logits` (batch, topics) and, given `labels` (1, 0, or -1 for not judged), the `loss`.

        Where training gives a teacher's `vectors` (batch, hidden), the loss has their part; NaN is not known. With
        `r_drop` it is that of the first pass.
        """
        pooled = self.vectors(input_ids, attention_mask)
        samples = self._samples(pooled)
        if labels is None:
            return {"logits": samples[0]}
        alike = labels.expand_as(samples)
        loss = self.objective.of(samples, alike)
        if self.training and self.objective.r_drop:
            again = self._samples(self.vectors(input_ids, attention_mask))
            loss = (loss + self.objective.of(again, alike)) / 2
            loss = loss + self.objective.r_drop * disagreement(samples, again, alike)
        if vectors is not None:
            loss = loss + self.vector_weight * vector_distance(pooled, vectors)
        return {"loss": loss, "logits": samples[0]}

    def _samples(self, pooled: Tensor) -> Tensor:
        """Return the logits (samples, batch, topics) of pooled vectors, one sample unless training wants more.

        Several are the multi-sample dropout of Inoue 2019, arXiv:1905.09788.
        """
        number = self.dropout_samples if self.training else 1
        return torch.stack([self.head(self.dropout(pooled)) for _ in range(number)])

    def vectors(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return what the head reads of each sentence, (batch, hidden)."""
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.pool(hidden.float(), attention_mask)

    def pool(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the layer-normalised mean (batch, hidden) of the token vectors that are no padding, or the first."""
        if self.pooling == "first":
            pooled = hidden[:, 0]
        else:
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1)
            pooled = mean + hidden[:, 0] / AVERAGING_WEIGHT
        return nn.functional.layer_norm(pooled, pooled.shape[-1:], eps=self.config.layer_norm_eps)


def load_encoder(folder: str, layers: int | None = None) -> BertModel:
    """Load the BERT encoder of a model folder; the layer that `to_stock` appends is taken off.

    Args:
        folder: a local folder or a downloaded snapshot.
        layers: keep that many layers, evenly spaced and with the last; None keeps all.

    Raises:
        ConfigError: the model is not of BERT's architecture, or has fewer layers than asked for.
    """
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    if config.model_type != "bert":
        raise ConfigError(
            f"the backbone {folder!r} is of type {config.model_type!r}; svodka fine-tunes BERT encoders only"
        )
    if config.hidden_act not in ACTIVATIONS:
        raise ConfigError(
            f"the backbone {folder!r} has the activation {config.hidden_act!r}; "
            f"svodka exports {' and '.join(ACTIVATIONS)}"
        )
    bert: BertModel = AutoModel.from_pretrained(
        folder, add_pooling_layer=False, use_safetensors=True, trust_remote_code=False, dtype=torch.float32
    )
    if (appended := getattr(config, POOLING_KEY, None)) is not None:
        if appended not in POOLINGS.values():
            raise ConfigError(f"the backbone {folder!r} is of a later svodka: its {POOLING_KEY} is {appended!r}")
        _set_layers(bert, list(bert.encoder.layer)[:-1])
        delattr(bert.config, POOLING_KEY)  # saved again, it would have another layer taken off
    total = len(bert.encoder.layer)
    if layers is not None:
        if not 1 <= layers <= total:
            raise ConfigError(f"layers: {layers}, but the backbone {folder!r} has 1 to {total}")
        kept = [round((i + 1) * total / layers) - 1 for i in range(layers)]
        _set_layers(bert, [bert.encoder.layer[i] for i in kept])
    return bert


def _set_layers(bert: BertModel, layers: list[nn.Module]) -> None:
    bert.encoder.layer = nn.ModuleList(layers)
    bert.config.num_hidden_layers = len(layers)


def to_stock(
    model: SentenceClassifier, topics: Mapping[str, str], scale: Tensor, shift: Tensor
) -> BertForSequenceClassification:
    """Return an ordinary transformers model with the same logits, calibrated.

    Args:
        model: the trained classifier.
        topics: id to title, in the order of the outputs; the ids become `id2label`.
        scale: float (n_topics,), the calibration's factor of each logit.
        shift: float (n_topics,), what the calibration adds to each logit.
    """
    config = BertConfig.from_dict(model.config.to_dict())
    config.num_hidden_layers = model.config.num_hidden_layers + 1
    config.problem_type = "multi_label_classification"
    config.id2label = dict(enumerate(topics))
    config.label2id = {topic: i for i, topic in enumerate(topics)}
    setattr(config, POOLING_KEY, POOLINGS[model.pooling])
    stock = BertForSequenceClassification(config)
    weights = {f"bert.{k}": v for k, v in model.bert.state_dict().items()}
    head = {
        "classifier.weight": model.head.weight.detach() * scale[:, None] / POOLER_SCALE,
        "classifier.bias": model.head.bias.detach() * scale + shift,
    }
    share = AVERAGING_WEIGHT if model.pooling == "mean" else 0.0
    stock.load_state_dict(weights | _appended_layer(config, share) | head)
    stock.train(mode=False)
    return stock


def _appended_layer(config: BertConfig, share: float) -> dict[str, Tensor]:
    """Return the fixed weights of the last encoder layer and of the pooler.

    Queries and keys are zero, so attention is the same for all tokens; values pass unchanged; the feed-forward part
    adds nothing; the pooler is a near-zero slope of tanh.

    Args:
        config: of the whole network.
        share: how far the mean of all tokens outweighs a token's own vector; with 0 that is only normalised.
    """
    hidden, inner = config.hidden_size, config.intermediate_size
    unit, zero, none = torch.eye(hidden), torch.zeros(hidden, hidden), torch.zeros(hidden)
    dense = {
        "attention.self.query": (zero, none),
        "attention.self.key": (zero, none),
        "attention.self.value": (unit, none),
        "attention.output.dense": (unit * share, none),
        "attention.output.LayerNorm": (torch.ones(hidden), none),
        "intermediate.dense": (torch.zeros(inner, hidden), torch.zeros(inner)),
        "output.dense": (torch.zeros(hidden, inner), none),
        "output.LayerNorm": (torch.ones(hidden), none),
    }
    prefix = f"bert.encoder.layer.{config.num_hidden_layers - 1}"
    weights = {"bert.pooler.dense.weight": unit * POOLER_SCALE, "bert.pooler.dense.bias": none}
    for name, (weight, bias) in dense.items():
        weights[f"{prefix}.{name}.weight"] = weight
        weights[f"{prefix}.{name}.bias"] = bias
    return weights


def from_stock(folder: str, **settings: Any) -> SentenceClassifier:
    """Return the classifier that `to_stock` saved in `folder`; other `settings` as of `SentenceClassifier`.

    Raises:
        ConfigError: the folder holds another kind of model.
    """
    stock = BertForSequenceClassification.from_pretrained(folder, use_safetensors=True, dtype=torch.float32)
    appended = getattr(stock.config, POOLING_KEY, None)
    pooling = next((name for name, layer in POOLINGS.items() if layer == appended), None)
    if pooling is None:
        known = ", ".join(POOLINGS.values())
        raise ConfigError(
            f"{folder!r} is no model folder of svodka: {POOLING_KEY} of its config.json is {appended!r}, "
            f"none of {known}"
        )
    model = SentenceClassifier(load_encoder(folder), int(stock.config.num_labels or 0), pooling=pooling, **settings)
    with torch.no_grad():
        model.head.weight.copy_(stock.classifier.weight * POOLER_SCALE)
        model.head.bias.copy_(stock.classifier.bias)
    return model


def define_head(model: SentenceClassifier, definitions: Sequence[Sequence[int]]) -> None:
    """Begin with what the encoder sees in the topics' definitions.

    The head's row of a topic becomes the direction in which the vector of its definition leaves the mean of all, as
    long as the random row was. Where there is no such direction, as for a single topic, it keeps its random row.

    Args:
        model: its topic head is changed.
        definitions: for each topic token ids, special tokens included.
    """
    model.train(mode=False)
    with torch.no_grad():
        given = [torch.tensor([list(ids)]) for ids in definitions]
        vectors = torch.cat([model.vectors(ids, torch.ones_like(ids)) for ids in given])
        apart = vectors - vectors.mean(dim=0)
        told_apart = apart.norm(dim=1, keepdim=True) > SAME * vectors.norm(dim=1, keepdim=True)
        rows = nn.functional.normalize(apart) * model.head.weight.norm(dim=1, keepdim=True)
        model.head.weight.copy_(torch.where(told_apart, rows, model.head.weight))
    model.train()


def copy_head(model: SentenceClassifier, folder: str, rows: Sequence[int | None]) -> None:
    """Begin with what the classifier saved in `folder` knows of the topics.

    Args:
        model: its topic head is changed.
        folder: where `to_stock` saved the earlier classifier, whose encoder `model` has.
        rows: for each topic of `model` its row in the earlier head; None leaves a topic as it is.

    Raises:
        ConfigError: the folder holds another kind of model.
    """
    earlier = from_stock(folder).head
    with torch.no_grad():
        for topic, row in enumerate(rows):
            if row is not None:
                model.head.weight[topic] = earlier.weight[row]
                model.head.bias[topic] = earlier.bias[row]
