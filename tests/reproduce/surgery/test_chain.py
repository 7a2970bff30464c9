"""Removal changes nothing but the size: outputs, gradients, optimiser and later training."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from reproduce.errors import NetworkError
from reproduce.models import Select, lenet_5, lenet_300_100, vgg16
from reproduce.surgery.chain import trace


def mlp():
    return lenet_300_100((20, 12, 8), 4), torch.randn(6, 1, 4, 5)


def convolutional():
    """Filters, batch norm, pooling, and flattened features that are gated one by one."""
    net = nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 5, 3), nn.ReLU(), nn.Flatten(),
        Select(5 * 9), nn.Linear(5 * 9, 7), nn.ReLU(), nn.Linear(7, 4),
    )  # fmt: skip
    net[1].running_mean.uniform_(-1, 1)
    net[1].running_var.uniform_(0.5, 2)
    return net, torch.randn(6, 1, 12, 12)


def flattened():
    """A convolution straight into a linear layer: each filter is a block of its inputs."""
    net = nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(96, 4)
    )
    return net, torch.randn(6, 1, 10, 10)


def lenet():
    return lenet_5((4, 3, 48, 6), 4), torch.randn(6, 1, 28, 28)


def vgg():
    net = vgg16((3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 5), 4)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return net.to(memory_format=torch.channels_last), torch.randn(6, 3, 32, 32)


NETWORKS = (mlp, convolutional, flattened, lenet, vgg)


def masked(model, plan, site, keep, x):
    """What the network gives when the units of a site that are not kept are multiplied by 0."""
    here = plan.sites[site]
    mask = torch.zeros(here.units).index_fill(0, keep, 1).repeat_interleave(here.block)

    def multiply(_, inputs):
        shape = (1, -1) + (1,) * (inputs[0].dim() - 2)
        return inputs[0] * mask.view(shape)

    handle = here.consumer.register_forward_pre_hook(multiply)
    result = model(x)
    handle.remove()
    return result


def adam(model, x):
    """An optimiser with moments, after a step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    model.train()
    model(x).square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    return optimizer


@pytest.mark.parametrize("build", NETWORKS)
@given(data=st.data())
def test_cutting_units_at_zero_changes_no_output_and_no_gradient(build, data):
    torch.manual_seed(0)
    model, x = build()
    optimizer = adam(model, x)
    model.eval()
    plan = trace(model, x)
    site = data.draw(st.integers(0, len(plan.sites) - 1))
    units = plan.sites[site].units
    keep = data.draw(st.sets(st.integers(0, units - 1), min_size=1).map(sorted))
    keep = torch.tensor(keep)
    before = masked(model, plan, site, keep, x)
    last = plan.layers[-1]
    gradient = torch.autograd.grad(before.square().sum(), last.bias)[0]
    plan.cut(site, keep, optimizer)
    after = model(x)
    assert torch.allclose(before, after, atol=1e-6, rtol=1e-5)
    assert plan.sites[site].units == len(keep)
    assert torch.allclose(gradient, torch.autograd.grad(after.square().sum(), last.bias)[0])


@pytest.mark.parametrize("build", NETWORKS)
def test_training_goes_on_in_every_parameter_with_the_moments_of_what_is_left(build):
    torch.manual_seed(0)
    model, x = build()
    optimizer = adam(model, x)
    plan = trace(model, x)
    old_loss = model(x).sum()  # a graph still held must not matter
    moments = optimizer.state[plan.layers[-1].weight]["exp_avg"].clone()
    last = len(plan.sites) - 1
    keep = torch.arange(0, plan.sites[last].units, 2)
    for site in range(last + 1):
        plan.cut(site, torch.arange(0, plan.sites[site].units, 2), optimizer)
    assert old_loss.isfinite()
    if plan.sites[last].block == 1:
        state = optimizer.state[plan.layers[-1].weight]["exp_avg"]
        assert torch.equal(state, moments[:, keep])
    live = list(model.parameters())
    assert {id(p) for g in optimizer.param_groups for p in g["params"]} == {id(p) for p in live}
    assert len(optimizer.state) == len(live)
    before = [p.detach().clone() for p in live]
    F.cross_entropy(model(x), torch.arange(len(x)) % 4).backward()
    optimizer.step()
    assert all((p != old).any() for p, old in zip(live, before))


def test_cut_through_a_select_drops_the_features_of_the_filter_and_renumbers():
    model, x = convolutional()
    plan = trace(model, x)
    assert plan.widths() == (6, 5, 45, 7)
    plan.cut(2, torch.arange(3, 45), None)
    shrunk = plan.cut(1, torch.tensor([0, 3]), None)
    assert [(site, len(keep)) for site, keep in shrunk] == [(1, 2), (2, 6 + 9)]
    assert model(x).shape == (6, 4)
    assert plan.layers[2].index.tolist() == [3, 4, 5, 6, 7, 8, *range(9, 18)]


def test_counts_of_macs_and_parameters():
    model, x = convolutional()
    plan = trace(model, x)
    macs = 6 * 9 * 100 + 5 * 6 * 9 * 9 + 45 * 7 + 7 * 4
    assert plan.macs() == macs
    assert plan.parameters() == sum(p.numel() for p in model.parameters())
    for what, count in (("macs", plan.macs), ("params", plan.parameters)):
        predicted, before = plan.saving(what)[3], count()
        plan.cut(3, torch.arange(plan.sites[3].units - 1), None)
        assert before - count() == pytest.approx(predicted)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return self.second(x + torch.relu(self.first(x)))


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, x):
        return self.layer(torch.relu(self.layer(x)))


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Residual(), "branches or joins"),
        (Shared(), "used twice"),
        (nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.Linear(4, 2)), "LayerNorm"),
        (nn.Sequential(nn.Linear(4, 4), nn.Softmax(1), nn.Linear(4, 2)), "Softmax"),
        (nn.Sequential(nn.Linear(4, 2)), "no hidden layer"),
    ],
)
def test_a_network_that_cannot_be_cut_is_refused_with_the_reason(model, reason):
    with pytest.raises(NetworkError, match=reason):
        trace(model, torch.randn(2, 4))


def test_cutting_everything_or_out_of_range_is_refused():
    model, x = mlp()
    plan = trace(model, x)
    for keep in (torch.tensor([], dtype=torch.long), torch.tensor([12]), torch.tensor([-1])):
        with pytest.raises(ValueError, match="1 to 12"):
            plan.cut(1, keep, None)
