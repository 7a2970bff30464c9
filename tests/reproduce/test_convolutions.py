"""Small maps convolved as products, against torch's own convolution."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from reproduce import convolutions
from reproduce.convolutions import SIDES, WIDE, SmallMaps, convolved

sides = st.sampled_from(SIDES)
few = st.integers(1, 5)


def draw(*shape):
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


@given(few, few, few, sides, sides, st.booleans(), st.booleans())
def test_a_product_is_the_convolution_with_all_its_derivatives(
    samples, channels, filters, height, width, biased, reduced
):
    torch.manual_seed(0)
    x, weight = draw(samples, channels, height, width), draw(filters, channels, 3, 3)
    given_ = (x, weight, draw(filters)) if biased else (x, weight)
    pytest.MonkeyPatch.context  # both ways of multiplying are exact in float64
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolutions, "_reduced", lambda x: reduced)
        ours = convolved(*given_)
    theirs = F.conv2d(*given_, padding=1)
    assert torch.allclose(ours, theirs, rtol=1e-12, atol=1e-11)
    weights = torch.randn_like(ours)
    for mine, other in zip(
        torch.autograd.grad((ours * weights).square().sum(), given_),
        torch.autograd.grad((theirs * weights).square().sum(), given_),
    ):
        assert torch.allclose(mine, other, rtol=1e-11, atol=1e-10)
