"""What training makes small: losses over decisions of which some were judged and some not.

All take labels of 1, 0, or anything between (a teacher's probability); -1 is not judged and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["LOSSES", "Objective", "disagreement", "judged_mean", "masked_loss", "vector_distance"]

# Focal loss: Lin et al. 2017, arXiv:1708.02002. Their weight of positives is `positive_weight` here.
FOCUS = 2.0
# Asymmetric loss: Ridnik, Ben-Baruch et al. 2020, arXiv:2009.14119, with the values of its experiments.
FOCUS_POSITIVE = 0.0
FOCUS_NEGATIVE = 4.0
MARGIN = 0.05  # negatives of a probability below it are done with


@dataclass(frozen=True, slots=True)
class Objective:
    """The settings of the loss.

    Attributes:
        loss: one of `LOSSES`.
        positive_weight: weight of a positive decision, against 1 for a negative one.
        label_smoothing: 0 to below 1; targets move from 1 to 1 - s/2 and from 0 to s/2.
        r_drop: weight of the disagreement of two passes; 0 for a single pass.
    """

    loss: str = "bce"
    positive_weight: float = 1.0
    label_smoothing: float = 0.0
    r_drop: float = 0.0

    def of(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of one pass."""
        return masked_loss(logits, labels, self.positive_weight, self.label_smoothing, self.loss)


def masked_loss(
    logits: Tensor, labels: Tensor, positive_weight: float, label_smoothing: float = 0.0, loss: str = "bce"
) -> Tensor:
    """Return the mean loss over the judged decisions (`labels` >= 0); 0 if there are none."""
    targets = labels.clamp(min=0) * (1 - label_smoothing) + label_smoothing / 2
    weight = logits.new_full((logits.shape[-1],), positive_weight)
    return judged_mean(LOSSES[loss](logits, targets, weight), labels)


def judged_mean(values: Tensor, labels: Tensor) -> Tensor:
    """Return the mean of the values of judged decisions (`labels` >= 0); 0 if there are none."""
    judged = labels >= 0
    return (values * judged).sum() / judged.sum().clamp(min=1)


def disagreement(first: Tensor, second: Tensor, labels: Tensor) -> Tensor:
    """Return how far two passes disagree: the mean of both Kullback-Leibler divergences, over the judged decisions.

    R-Drop: Liang et al. 2021, arXiv:2106.14448. For yes-or-no decisions the two divergences add up to the difference of
    the probabilities times that of the logits.
    """
    first, second = first.float(), second.float()
    return judged_mean((first.sigmoid() - second.sigmoid()) * (first - second) / 2, labels)


def vector_distance(own: Tensor, given: Tensor) -> Tensor:
    """Return the mean squared difference of vectors (batch, hidden) from given ones; rows given as NaN do not count."""
    known = ~given.isnan().any(dim=-1)
    return ((own - given)[known] ** 2).sum() / max(1, int(known.sum()) * own.shape[-1])


def cross_entropy(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return the binary cross-entropy of each decision."""
    return functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weight, reduction="none")


def focal(logits: Tensor, targets: Tensor, weight: Tensor, focus: float = FOCUS) -> Tensor:
    """Return the cross-entropy of each decision, times its distance from the target to the power of `focus`.

    For targets of 0 and 1 this is the focal loss. Its distance to a soft target is that of Li et al. 2020,
    arXiv:2006.04388, so that the loss is least where the probability is the target.
    """
    distance = (targets - logits.float().sigmoid()).abs()
    return distance.pow(focus) * cross_entropy(logits, targets, weight)


def asymmetric(
    logits: Tensor,
    targets: Tensor,
    weight: Tensor,
    *,
    focus_positive: float = FOCUS_POSITIVE,
    focus_negative: float = FOCUS_NEGATIVE,
    margin: float = MARGIN,
) -> Tensor:
    """Return the asymmetric loss of each decision: negatives that are nearly right hardly count.

    With a soft target it is what the loss of a label drawn with that probability comes to on average.
    """
    logits = logits.float()
    probability = logits.sigmoid()
    shifted = (probability - margin).clamp(min=0)
    positive = (1 - probability).pow(focus_positive) * -functional.logsigmoid(logits)
    negative = shifted.pow(focus_negative) * -torch.log1p(-shifted)
    return weight * targets * positive + (1 - targets) * negative


LOSSES: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "bce": cross_entropy,
    "focal": focal,
    "asymmetric": asymmetric,
}
