"""What stands in for attention whose code fixes the size of heads computes the same."""

import copy
import time
from importlib.util import find_spec
from itertools import product

import pytest
import torch
from torch import nn

from benchmarks.coverage import of_others
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates
from reproduce.surgery.attention import Heads, WindowHeads, let_heads_go

RUN = {"samples": 1000, "steps": 100}


def attentions(**options):
    """PyTorch's, and what stands in for it."""
    torch.manual_seed(0)
    module = nn.MultiheadAttention(12, 4, **options).eval()
    ours = copy.deepcopy(module)
    let_heads_go(ours)
    assert type(ours) is Heads
    return module, ours


MASKS = {
    "none": None,
    "causal": torch.ones(5, 5, dtype=torch.bool).triu(1),
    "added": torch.linspace(-1, 1, 25).reshape(5, 5),
    "of each head": torch.linspace(-1, 1, 12 * 25).reshape(12, 5, 5),
}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("weights", [False, True])
def test_heads_are_those_of_pytorch(mask, weights):
    for first, bias, average, padded in product((False, True), repeat=4):
        module, ours = attentions(batch_first=first, bias=bias)
        q, k, v = (torch.randn(3, 5, 12) for _ in range(3))
        if not first:
            q, k, v = (x.transpose(0, 1) for x in (q, k, v))
        options = {"attn_mask": MASKS[mask], "need_weights": weights}
        options["average_attn_weights"] = average
        if padded:
            padding = torch.arange(5).expand(3, 5) > torch.tensor([[4], [3], [2]])
            options["key_padding_mask"] = padding
            if MASKS[mask] is not None and MASKS[mask].is_floating_point():
                options["key_padding_mask"] = torch.zeros(3, 5).masked_fill(padding, -torch.inf)
        for wanted, found in zip(module(q, k, v, **options), ours(q, k, v, **options)):
            assert (wanted is None) == (found is None)
            assert wanted is None or torch.allclose(wanted, found, atol=1e-6)


def test_one_sample_without_a_batch_and_causal_by_name():
    module, ours = attentions()
    x, causal = torch.randn(5, 12), MASKS["causal"]
    for wanted, found in zip(module(x, x, x), ours(x, x, x)):
        assert torch.allclose(wanted, found, atol=1e-6)
    options = {"attn_mask": causal, "is_causal": True, "need_weights": False}
    assert torch.allclose(module(x, x, x, **options)[0], ours(x, x, x, **options)[0], atol=1e-6)


def test_a_module_with_what_ours_lacks_stays_as_it_is():
    for options in ({"add_bias_kv": True}, {"add_zero_attn": True}, {"kdim": 5}):
        module = nn.MultiheadAttention(12, 4, **options)
        let_heads_go(module)
        assert type(module) is nn.MultiheadAttention


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_heads_of_a_transformer_go_and_nothing_goes_around_them():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(12, 4, 16, batch_first=True)
    model, x = nn.TransformerEncoder(layer, 2).eval(), torch.randn(3, 5, 12)
    options = {"src_key_padding_mask": torch.arange(5).expand(3, 5) > 3}
    with torch.no_grad():  # PyTorch's own way around the layers
        wanted = model(x, **options)[:, :4]
    gates = Gates.attach(model, {"src": x} | options, GateConfig(), **RUN)
    assert gates.plan.widths() == (4, 16, 4, 16)
    gates.theta[:] = 1.0
    assert torch.allclose(model(x, **options)[:, :4], wanted, atol=1e-5)
    gates.theta[::3] = 0.0
    before = model(x, **options)
    gates.freeze(None)
    assert model.layers[0].self_attn.num_heads == 2
    with torch.no_grad():
        assert torch.allclose(model(x, **options), before, atol=1e-5)


@pytest.mark.skipif(find_spec("torchvision") is None, reason="needs the extra 'models'")
@pytest.mark.parametrize("side", [4, 6, 7, 9])
@pytest.mark.parametrize("shift", [0, 1, 2])
def test_windows_are_those_of_torchvision(side, shift):
    swin = of_others("torchvision").models.swin_transformer
    torch.manual_seed(0)
    module = swin.ShiftedWindowAttention(12, [4, 3], [shift, min(shift, 1)], 3).eval()
    ours = copy.deepcopy(module)
    let_heads_go(ours)
    x = torch.randn(2, side, side + 1, 12)
    assert type(ours) is WindowHeads and torch.allclose(module(x), ours(x), atol=1e-6)


@pytest.mark.skipif(find_spec("torchvision") is None, reason="needs the extra 'models'")
def test_windows_take_little_time_and_their_heads_go():
    swin = of_others("torchvision").models.swin_transformer
    torch.manual_seed(0)
    model = swin.SwinTransformer([4, 4], 8, [1, 1], [2, 2], [4, 4], num_classes=3)
    x, began = torch.randn(2, 3, 16, 16), time.process_time()
    gates = Gates.attach(model, x, GateConfig(), **RUN)
    assert time.process_time() - began < 20  # it once took minutes and gigabytes
    assert gates.plan.widths() == (2, 32, 2, 64)
    gates.theta[:] = 1.0
    gates.theta[[0, 3, 9, 34, 40]] = 0.0
    before = model.eval()(x)
    gates.freeze(None)
    assert torch.allclose(model(x), before, atol=1e-6)
    assert [m.num_heads for m in model.modules() if type(m) is WindowHeads] == [1, 1]
