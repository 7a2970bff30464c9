"""Small maps convolved as products, against torch's own convolution."""

from unittest.mock import Mock

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from reproduce import convolutions
from reproduce.arithmetic import layers_in
from reproduce.convolutions import SIDES, WIDE, SmallMaps, convolved

CPU = torch.device("cpu")
sides = st.sampled_from(SIDES)
few = st.integers(1, 5)


def draw(*shape, dtype=torch.float64):
    return torch.randn(*shape, dtype=dtype, requires_grad=True)


@pytest.fixture
def gaining(monkeypatch):
    """A processor on which products are faster, whatever this one does."""
    monkeypatch.setattr(convolutions, "gains", lambda side, dtype: True)


@given(few, few, few, sides, sides, st.booleans(), st.booleans())
def test_a_product_is_the_convolution_with_all_its_derivatives(
    samples, channels, filters, height, width, biased, reduced
):
    torch.manual_seed(0)
    x, weight = draw(samples, channels, height, width), draw(filters, channels, 3, 3)
    taken = (x, weight, draw(filters)) if biased else (x, weight)
    with pytest.MonkeyPatch.context() as patch:  # either way of multiplying is exact in float64
        patch.setattr(convolutions, "_reduced", lambda x: reduced)
        ours = convolved(*taken)
    theirs = F.conv2d(*taken, padding=1)
    assert ours.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(ours, theirs, rtol=1e-12, atol=1e-11)
    derivatives = [torch.autograd.grad(y.pow(3).sum(), taken) for y in (ours, theirs)]
    for mine, other in zip(*derivatives):
        assert torch.allclose(mine, other, rtol=1e-10, atol=1e-8)


@pytest.mark.usefixtures("gaining")
@pytest.mark.parametrize(
    ("arithmetic", "loss"), [("float32", 1e-5), ("bfloat16", 2e-2)], ids=["float32", "bfloat16"]
)
def test_rounding_costs_few_digits(arithmetic, loss):
    """Relative to the convolution in double precision; bfloat16 has two to three digits itself."""
    torch.manual_seed(0)
    layer, x = nn.Conv2d(64, 32, 3, padding=1), draw(8, 64, 4, 4, dtype=torch.float32)
    with layers_in(arithmetic, CPU, layer):
        found = layer(x)
    assert found.dtype == getattr(torch, arithmetic)
    exact = F.conv2d(x.double(), layer.weight.double(), layer.bias.double(), padding=1)
    of = (x, layer.weight, layer.bias)
    ours = [found, *torch.autograd.grad(found.double().square().sum(), of)]
    theirs = [exact, *torch.autograd.grad(exact.square().sum(), of)]
    for mine, other in zip(ours, theirs):
        assert 0 < (mine - other).norm() < loss * other.norm()


LAYERS = {
    "small": (nn.Conv2d(3, 5, 3, padding=1), (4, 4), True),
    "one pixel": (nn.Conv2d(3, 5, 3, padding=1, bias=False), (1, 1), True),
    "narrow and wide": (nn.Conv2d(3, 5, 3, padding=1), (2, 4), True),
    "eight, few channels": (nn.Conv2d(3, 5, 3, padding=1), (8, 8), False),
    "eight, many channels": (nn.Conv2d(WIDE, WIDE, 3, padding=1), (8, 8), True),
    "large": (nn.Conv2d(3, 5, 3, padding=1), (16, 16), False),
    "another size": (nn.Conv2d(3, 5, 3, padding=1), (3, 4), False),
    "not padded": (nn.Conv2d(3, 5, 3), (4, 4), False),
    "padded by itself": (nn.Conv2d(3, 5, 3, padding="same"), (4, 4), False),
    "stride": (nn.Conv2d(3, 5, 3, padding=1, stride=2), (4, 4), False),
    "dilation": (nn.Conv2d(3, 5, 3, padding=1, dilation=2), (4, 4), False),
    "groups": (nn.Conv2d(3, 6, 3, padding=1, groups=3), (4, 4), False),
    "kernel": (nn.Conv2d(3, 5, 1), (4, 4), False),
    "other padding": (nn.Conv2d(3, 5, 3, padding=1, padding_mode="circular"), (4, 4), False),
}


@pytest.mark.usefixtures("gaining")
@pytest.mark.parametrize("name", LAYERS)
def test_in_the_context_a_layer_is_what_it_was(name, monkeypatch):
    layer, size, multiplied = LAYERS[name]
    product = Mock(wraps=convolved)
    monkeypatch.setattr(convolutions, "convolved", product)
    x = torch.randn(2, layer.in_channels, *size)
    plain = layer(x)
    with SmallMaps():
        ours = layer(x)
    assert torch.allclose(ours, plain, atol=1e-4)
    assert product.called == multiplied


@pytest.mark.parametrize(("product", "pays"), [(0.3, True), (0.7, True), (0.9, False), (2, False)])
def test_a_product_has_to_be_clearly_faster(product, pays, monkeypatch):
    """Near 1, a run that is resumed might be computed in another way from there on."""
    times = iter([(product, 1.0), (9 * product, 1.0), (product, 7.0)] * 9)  # others at work
    turns = (seconds for pair in times for seconds in pair)
    monkeypatch.setattr(convolutions, "_seconds", lambda way: next(turns))
    assert convolutions.gains.__wrapped__(2, torch.float32) == pays


def test_a_processor_is_timed_once():
    convolutions.gains.cache_clear()
    found = convolutions.gains(1, torch.float32)
    assert convolutions.gains(1, torch.float32) == found
    assert convolutions.gains.cache_info().misses == 1


@pytest.mark.parametrize("arithmetic", ["float32", "bfloat16"])
def test_what_gains_is_asked_for_the_arithmetic_of_the_layers(arithmetic, monkeypatch):
    asked = Mock(return_value=True)
    monkeypatch.setattr(convolutions, "gains", asked)
    layer = nn.Conv2d(3, 5, 3, padding=1)
    with layers_in(arithmetic, CPU, layer):
        layer(torch.randn(2, 3, 2, 4))
    asked.assert_called_once_with(4, getattr(torch, arithmetic))


def test_where_nothing_is_gained_the_convolution_is_torchs(monkeypatch):
    monkeypatch.setattr(convolutions, "gains", lambda side, dtype: False)
    layer, x = nn.Conv2d(3, 5, 3, padding=1), torch.randn(2, 3, 4, 4)
    with SmallMaps():
        assert torch.equal(layer(x), F.conv2d(x, layer.weight, layer.bias, padding=1))


def test_a_single_image_without_a_batch_is_left_to_torch():
    layer, x = nn.Conv2d(3, 5, 3, padding=1), torch.randn(3, 4, 4)
    with SmallMaps():
        assert torch.equal(layer(x), F.conv2d(x, layer.weight, layer.bias, padding=1))


def test_only_networks_that_may_gain_pay_for_the_context():
    linear, convolved = nn.Sequential(nn.Linear(3, 3)), nn.Sequential(nn.Conv2d(3, 3, 3))
    assert not convolutions.may_gain(convolved, torch.device("cuda"))
    for model, inside in ((linear, False), (convolved, True)):
        with layers_in("float32", CPU, model):
            modes = torch.overrides._get_current_function_mode_stack()
        assert any(isinstance(mode, SmallMaps) for mode in modes) == inside
