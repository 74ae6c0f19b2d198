"""How fast each part of the classifier learns."""

from __future__ import annotations

from typing import Any

from svodka.training.classifier import SentenceClassifier

__all__ = ["parameter_groups"]


def parameter_groups(
    classifier: SentenceClassifier, rate: float, head_factor: float, layer_decay: float = 1.0
) -> list[dict[str, Any]]:
    """Return the optimiser's groups of parameters with their learning rates: head, then encoder from top to bottom.

    Lower layers of an encoder hold what is true of all texts, and may be changed more carefully: Howard and Ruder 2018,
    arXiv:1801.06146.

    Args:
        classifier: what is trained.
        rate: learning rate of the encoder's last layer.
        head_factor: how much faster the head learns.
        layer_decay: each layer learns so much slower than the one above it, and the embeddings slower than the first
            layer; 1 for all alike.
    """
    head = {"params": list(classifier.head.parameters()), "lr": rate * head_factor}
    if layer_decay == 1:  # one group, as in the checkpoints of before there was a choice
        return [head, {"params": list(classifier.bert.parameters()), "lr": rate}]
    parts = [*reversed(classifier.bert.encoder.layer), classifier.bert.embeddings]
    groups = [{"params": list(part.parameters()), "lr": rate * layer_decay**i} for i, part in enumerate(parts)]
    return [head, *groups]
