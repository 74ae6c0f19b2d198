import pytest

torch = pytest.importorskip("torch")

from svodka.training.dropout import ByteDropout, use_byte_dropout  # noqa: E402


def test_the_asked_share_is_dropped_and_the_mean_stays():
    torch.manual_seed(1)
    out = ByteDropout(0.25)(torch.ones(400, 1001))  # 64/256 is exactly a quarter
    assert (out == 0).float().mean().item() == pytest.approx(0.25, abs=0.005)
    assert out.max().item() == pytest.approx(1 / 0.75)
    assert out.mean().item() == pytest.approx(1, abs=0.01)


def test_the_gradient_flows_through_what_is_kept():
    values = torch.ones(64, requires_grad=True)
    out = ByteDropout(0.5)(values)
    out.sum().backward()
    assert torch.equal(values.grad, out.detach())


@pytest.mark.parametrize("p", [0.0, 0.001])
def test_less_than_one_level_drops_nothing(p):
    assert torch.equal(ByteDropout(p)(torch.ones(100)), torch.ones(100))


def test_nothing_is_dropped_when_not_training():
    assert torch.equal(ByteDropout(0.5).eval()(torch.ones(100)), torch.ones(100))


@pytest.mark.parametrize("p", [-0.1, 1.0])
def test_a_share_out_of_range_is_refused(p):
    with pytest.raises(ValueError, match=r"p must be from 0 to below 1"):
        ByteDropout(p)


def test_every_dropout_in_a_model_is_replaced_with_its_rate():
    model = torch.nn.Sequential(torch.nn.Dropout(0.1), torch.nn.Sequential(torch.nn.Dropout(0.5)))
    use_byte_dropout(model)
    assert [layer.dropped for layer in model.modules() if isinstance(layer, ByteDropout)] == [26, 128]
