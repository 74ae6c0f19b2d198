"""Supervised contrastive loss for sentences with several topics.

P. Khosla et al., "Supervised Contrastive Learning" (2020, arXiv:2004.11362), pull together what has the same class.
Here two sentences count as far as their topics are the same: as many as both have, divided by as many as either has
(Jaccard). A sentence without topics, or that shares none with its batch, is only pushed away from the others.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["contrastive_loss"]

TEMPERATURE = 0.1  # the source's


def contrastive_loss(vectors: Tensor, labels: Tensor) -> Tensor:
    """Return the mean loss of the sentences of a batch that share a topic with another; 0 if none does.

    Args:
        vectors: float (n, width), of any length.
        labels: (n, n_topics) of 1 and 0.
    """
    unit = torch.nn.functional.normalize(vectors.float(), dim=-1)
    itself = torch.eye(len(unit), dtype=torch.bool, device=unit.device)
    similarities = (unit @ unit.T / TEMPERATURE).masked_fill(itself, -torch.inf)
    wanted = _shared(labels.float()).masked_fill(itself, 0.0)
    total = wanted.sum(dim=1)
    # -inf times 0 is no number, so the sentence itself gets 0 here, too.
    losses = -similarities.log_softmax(dim=1).masked_fill(itself, 0.0)
    each = (wanted * losses).sum(dim=1) / total.clamp(min=torch.finfo(total.dtype).tiny)
    counted = total > 0
    return each[counted].mean() if counted.any() else vectors.sum() * 0.0


def _shared(labels: Tensor) -> Tensor:
    """Return for each pair of rows how much of their topics is the same, (n, n), 0 to 1."""
    both = labels @ labels.T
    sizes = labels.sum(dim=1)
    either = sizes[:, None] + sizes[None, :] - both
    return both / either.clamp(min=1.0)
