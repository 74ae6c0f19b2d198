"""Losses: what they are at round numbers, and that nobody's judgement counts for nothing."""

import math

import pytest

torch = pytest.importorskip("torch", reason="needs svodka[train]")

from svodka.training.losses import (  # noqa: E402
    LOSSES,
    asymmetric,
    cross_entropy,
    disagreement,
    focal,
    judged_mean,
    masked_loss,
    vector_distance,
)
from svodka.training.recipe import CHOICES  # noqa: E402

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [-3.0, 0.0, 1.0]])
TARGETS = torch.tensor([[1.0, 0.0, 0.3], [0.0, 1.0, 0.9]])
WEIGHT = torch.full((3,), 2.0)


def test_recipes_know_every_loss():
    assert CHOICES["loss"] == tuple(LOSSES)


def test_without_focus_all_losses_are_the_cross_entropy():
    expected = cross_entropy(LOGITS, TARGETS, WEIGHT)
    torch.testing.assert_close(focal(LOGITS, TARGETS, WEIGHT, focus=0), expected)
    plain = asymmetric(LOGITS, TARGETS, WEIGHT, focus_positive=0, focus_negative=0, margin=0)
    torch.testing.assert_close(plain, expected)


def test_focal_loss_by_hand():
    # Probability 1/4 of a positive: (3/4)^2 * ln 4, twice for the weight; of a negative: (1/4)^2 * ln 4/3.
    logit, weight = torch.tensor([-math.log(3)]), torch.tensor([2.0])
    assert focal(logit, torch.tensor([1.0]), weight).item() == pytest.approx(2 * 9 / 16 * math.log(4), rel=1e-5)
    assert focal(logit, torch.tensor([0.0]), weight).item() == pytest.approx(1 / 16 * math.log(4 / 3), rel=1e-5)


def test_focal_loss_is_least_at_a_soft_target():
    logits = torch.linspace(-4, 4, 801)
    values = focal(logits, torch.full((801,), 0.3), torch.ones(801))
    assert logits[values.argmin()].sigmoid().item() == pytest.approx(0.3, abs=0.01)


def test_asymmetric_loss_by_hand():
    # Probability 1/4 of a positive: ln 4, twice for the weight; of a negative: 0.2^4 * ln 1/0.8.
    logit, weight = torch.tensor([-math.log(3)]), torch.tensor([2.0])
    assert asymmetric(logit, torch.tensor([1.0]), weight).item() == pytest.approx(2 * math.log(4), rel=1e-5)
    assert asymmetric(logit, torch.tensor([0.0]), weight).item() == pytest.approx(0.2**4 * math.log(1 / 0.8), rel=1e-4)
    assert asymmetric(torch.tensor([-4.0]), torch.tensor([0.0]), weight).item() == 0  # below the margin


@pytest.mark.parametrize("loss", LOSSES)
def test_what_nobody_judged_does_not_matter(loss):
    labels = torch.tensor([[1.0, -1.0, 0.0], [-1.0, 0.4, -1.0]])
    logits = LOGITS.clone().requires_grad_()
    value = masked_loss(logits, labels, 2.0, label_smoothing=0.1, loss=loss)
    value.backward()
    assert (logits.grad == 0).tolist() == (labels < 0).tolist()
    changed = torch.where(labels < 0, 7.0, LOGITS)
    assert masked_loss(changed, labels, 2.0, label_smoothing=0.1, loss=loss) == value.detach()


@pytest.mark.parametrize("loss", LOSSES)
def test_certain_logits_keep_losses_and_gradients_finite(loss):
    logits = torch.tensor([[200.0, -200.0, 200.0, -200.0]], requires_grad=True)
    value = masked_loss(logits, torch.tensor([[1.0, 0.0, 0.0, 1.0]]), 1.0, loss=loss)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(logits.grad).all()


def test_two_passes_disagree_by_the_mean_of_both_divergences():
    first, second = torch.tensor([[0.4, 9.0]]), torch.tensor([[-1.2, -9.0]])
    p, q = (torch.distributions.Bernoulli(logits=logits[0, 0]) for logits in (first, second))
    kl = torch.distributions.kl_divergence
    found = disagreement(first, second, torch.tensor([[1.0, -1.0]]))
    assert found.item() == pytest.approx(((kl(p, q) + kl(q, p)) / 2).item(), rel=1e-5)
    assert judged_mean(first, torch.tensor([[-1.0, -1.0]])) == 0


def test_a_teachers_vector_by_hand_and_one_that_is_not_known():
    own = torch.tensor([[1.0, 2.0], [5.0, 5.0]])
    given = torch.tensor([[0.0, 4.0], [math.nan, math.nan]])
    assert vector_distance(own, given).item() == pytest.approx((1 + 4) / 2)
    assert vector_distance(own, torch.full((2, 2), math.nan)).item() == 0
