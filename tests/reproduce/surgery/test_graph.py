"""Networks that branch and join: gated, cut and trained on, and what can't be is left dense."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from reproduce.errors import NetworkError
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates
from reproduce.models import NETWORKS as REGISTERED
from reproduce.surgery.graph import GraphPlan, plan_of
from tests.whole.test_plain_networks import WIDTHS


def conv(before, after, kernel=3, **more):
    return nn.Conv2d(before, after, kernel, padding=kernel // 2, bias=False, **more)


class Block(nn.Module):
    def __init__(self, before, after, stride=1):
        super().__init__()
        self.conv1, self.norm1 = conv(before, after, stride=stride), nn.BatchNorm2d(after)
        self.conv2, self.norm2 = conv(after, after), nn.BatchNorm2d(after)
        self.shortcut = nn.Identity()
        if stride > 1 or before != after:
            self.shortcut = nn.Sequential(
                conv(before, after, 1, stride=stride), nn.BatchNorm2d(after)
            )

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


def resnet_20(widths=(8, 12, 16)):
    parts, before = [conv(3, widths[0]), nn.BatchNorm2d(widths[0]), nn.ReLU()], widths[0]
    for stage, width in enumerate(widths):
        for number in range(3):
            parts.append(Block(before, width, 2 if stage and not number else 1))
            before = width
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 4))


class DenseBlock(nn.Module):
    """Features are concatenated; each norm and convolution reads all that came before."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, 6)
        self.norms = nn.ModuleList(nn.BatchNorm2d(6 + 4 * n) for n in range(3))
        self.convs = nn.ModuleList(conv(6 + 4 * n, 4) for n in range(3))
        self.last = nn.Linear(18, 4)

    def forward(self, x):
        x = self.stem(x)
        for norm, layer in zip(self.norms, self.convs):
            x = torch.cat([x, layer(F.relu(norm(x)))], 1)
        return self.last(x.mean((2, 3)))


def separable():
    return nn.Sequential(
        conv(3, 8), nn.BatchNorm2d(8), nn.ReLU(),
        conv(8, 8, groups=8), nn.BatchNorm2d(8), nn.ReLU(), conv(8, 12, 1), nn.BatchNorm2d(12),
        nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 4),
    )  # fmt: skip


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2 = conv(3, 6), conv(6, 8)
        self.up, self.last = conv(14, 6), nn.Conv2d(6, 2, 1)

    def forward(self, x):
        fine = F.relu(self.down1(x))
        coarse = F.relu(self.down2(F.max_pool2d(fine, 2)))
        coarse = F.interpolate(coarse, scale_factor=2)
        return self.last(F.relu(self.up(torch.cat([coarse, fine], 1)))).mean((2, 3))


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.image, self.numbers = conv(3, 6), nn.Linear(5, 7)
        self.hidden, self.last = nn.Linear(13, 8), nn.Linear(8, 4)

    def forward(self, x, numbers):
        seen = F.relu(self.image(x)).mean((2, 3))
        both = torch.cat([seen, F.relu(self.numbers(numbers))], 1)
        return self.last(F.relu(self.hidden(both)))


class Shared(nn.Module):
    """One encoder reads both halves of the image; a second layer is used twice in a row."""

    def __init__(self):
        super().__init__()
        self.encoder, self.again, self.last = conv(3, 6), conv(6, 6), nn.Linear(12, 4)

    def forward(self, x):
        halves = [F.relu(self.encoder(half)) for half in x.chunk(2, 2)]
        halves = [F.relu(self.again(F.relu(self.again(half)))) for half in halves]
        return self.last(torch.cat(halves, 1).mean((2, 3)))


def mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(192, 12), nn.ReLU(), nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 4)
    )


def lenet_5():
    return REGISTERED["lenet_5"].build(WIDTHS["lenet_5"], 10)


def vgg16():
    return REGISTERED["vgg16"].build(WIDTHS["vgg16"], 10)


GRAPHS = (resnet_20, DenseBlock, separable, UNet, TwoInputs, Shared)
CHAINS = (mlp, lenet_5, vgg16)
SHAPES = {lenet_5: (1, 28, 28), vgg16: (3, 32, 32)}


def attached(make, **changes):
    torch.manual_seed(0)
    model = make()
    example = (torch.randn(6, *SHAPES.get(make, (3, 8, 8))),)
    if make is TwoInputs:
        example += (torch.randn(6, 5),)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-1, 1)
            module.bias.data.uniform_(-1, 1)
    run = {"samples": 1000, "steps": 100}
    return model, example, Gates.attach(model, example, GateConfig(**changes), **run)


def close_at_random(gates, share):
    """A share of the gates at 0, but never all of a site."""
    generator = torch.Generator().manual_seed(3)
    gates.theta = (torch.rand(gates.theta.shape, generator=generator) > share).float()
    for theta in gates.by_site(gates.theta):
        theta[0] = 1


@pytest.mark.parametrize("make", GRAPHS + CHAINS)
def test_cutting_three_tenths_changes_no_output_and_training_goes_on(make):
    model, example, gates = attached(make)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    labels = torch.arange(6) % 4 if make is not UNet else torch.arange(6) % 2
    F.cross_entropy(model(*example), labels).backward()
    optimizer.step()
    gates.step()
    close_at_random(gates, 0.3)
    model.eval()
    before, widths = model(*example), gates.plan.widths()
    macs = gates.plan.macs()
    gates.freeze(optimizer)
    assert sum(gates.plan.widths()) < sum(widths) and gates.plan.macs() < macs
    assert torch.allclose(model(*example), before, atol=1e-5)
    held = [p for group in optimizer.param_groups for p in group["params"]]
    assert {*map(id, held)} == {*map(id, model.parameters())}
    for p in held:
        assert optimizer.state[p]["exp_avg"].shape == p.shape
    weights = [p.detach().clone() for p in model.parameters()]
    optimizer.zero_grad()
    F.cross_entropy(model.train()(*example), labels).backward()
    optimizer.step()
    moved = [bool((p != old).any()) for p, old in zip(model.parameters(), weights)]
    assert all(moved)


@pytest.mark.parametrize("estimator", ["path", "gauss_newton"])
@pytest.mark.parametrize("make", GRAPHS)
def test_gate_gradient_is_that_of_plain_multiplication_by_autograd(make, estimator):
    """The squares are of a sample's whole derivative, through all readers of its gate."""
    model, example, gates = attached(make, estimator=estimator)
    gates.batch_share = len(example[0])  # a sum over the batch
    model(*example).square().sum().backward()
    ours, (one,) = gates._estimate(), gates._passes
    gates.detach()
    values, slope, curvature = one.drawn
    z = values.clone().requires_grad_()
    padded = F.pad(z, (0, 1), value=1.0)

    def multiply(index):
        def hook(_, inputs):
            x = inputs[0]
            return x * padded[:, index].view(len(x), -1, *(1,) * (x.dim() - 2))

        return hook

    for reader, index in zip(gates.plan.readers(), gates.plan.channels()):
        reader.module.register_forward_pre_hook(multiply(index))
    model(*example).square().sum().backward()
    expected = (z.grad * slope).sum(0)
    if curvature is not None:
        expected += (z.grad.square() * curvature).sum(0)
    assert torch.allclose(ours, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
    assert (expected != 0).float().mean() > 0.5


def test_residual_channels_share_one_gate_and_the_prices_add_up():
    model, _, gates = attached(resnet_20)
    assert isinstance(gates.plan, GraphPlan) and not [n for n in gates.left_dense if n != "14"]
    assert sorted(gates.plan.widths()) == sorted((8,) * 4 + (12,) * 4 + (16,) * 4)
    plan, before = gates.plan, sum(p.numel() for p in model.parameters())
    predicted = plan.saving("params")[1]
    plan.cut(1, torch.arange(1, plan.sites[1].units), None)
    assert before - sum(p.numel() for p in model.parameters()) == pytest.approx(predicted)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm, self.second = nn.Linear(192, 8), nn.LayerNorm(8), nn.Linear(8, 6)
        self.last = nn.Linear(6, 4)

    def forward(self, x):
        x = self.norm(self.first(x.flatten(1)))
        return self.last(F.relu(self.second(x)) + 0)


def test_what_cannot_be_gated_is_named_and_left_dense():
    torch.manual_seed(0)
    model = Attention()
    example = torch.randn(2, 3, 8, 8)
    gates = Gates.attach(model, example, GateConfig(), samples=10, steps=10)
    assert gates.plan.widths() == (6,)
    assert "LayerNorm" in gates.left_dense["first"]
    assert "output" in gates.left_dense["last"]


def residual():
    return nn.Sequential(
        conv(3, 8), nn.BatchNorm2d(8), nn.ReLU(), Block(8, 8),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4),
    )  # fmt: skip


@pytest.mark.parametrize("make", [mlp, residual])
def test_after_the_freeze_torch_exports_and_compiles_it(make):
    model, example, gates = attached(make)
    close_at_random(gates, 0.5)
    gates.freeze(None)
    assert not any(m._forward_pre_hooks or m._forward_hooks for m in model.modules())
    wanted = model.eval()(*example)
    exported = torch.export.export(model, example).module()
    torch.compiler.reset()
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    for other in (exported, compiled):
        assert torch.allclose(other(*example), wanted, atol=1e-6)


def test_excluded_modules_stay_as_they_are():
    model = resnet_20()
    x = torch.randn(2, 3, 8, 8)
    plan = plan_of(model, x, exclude=[model[4]])
    assert "4.conv1" not in {site.name for site in plan.sites}
    assert "is excluded" in plan.left_dense["4.conv1"]


def test_softmax_over_units_is_found_out_by_trying():
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(5, 6), nn.Linear(6, 4)

        def forward(self, x):
            return self.last(self.first(x).softmax(1))

    with pytest.raises(NetworkError, match="mixes"):
        plan_of(Mixed(), torch.randn(2, 5))


def test_a_network_is_not_changed_by_being_read():
    model = resnet_20().train()
    model[0].weight.requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    plan_of(model, torch.randn(2, 3, 8, 8))
    assert model.training and not model[0].weight.requires_grad
    assert all(torch.equal(a, b) for a, b in zip(before.values(), model.state_dict().values()))
    assert not any(p.grad is not None for p in model.parameters())


class Writes(nn.Module):
    """Keeps its weights short, as some do, whenever it runs."""

    def __init__(self, how):
        super().__init__()
        self.first, self.last, self.how = nn.Linear(5, 6), nn.Linear(6, 4), how

    def forward(self, x):
        weight = self.first.weight
        if self.how == "data":
            weight.data = weight.data.clamp(-0.05, 0.05)
        else:
            weight.detach().clamp_(-0.05, 0.05)
        x = self.first(x)
        return self.last(x.relu() + x.tanh())


@pytest.mark.parametrize("how", ["data", "in place"])
def test_a_network_that_writes_into_its_weights_is_not_changed_by_being_read(how):
    model, x = Writes(how), torch.randn(2, 5)
    before = copy.deepcopy(model.state_dict())
    assert plan_of(model, x).widths() == (6,)
    assert all(torch.equal(a, b) for a, b in zip(before.values(), model.state_dict().values()))
    with torch.no_grad():
        model.eval()(x)
    assert not torch.equal(before["first.weight"], model.first.weight)  # or nothing was shown


def test_a_network_whose_layers_have_no_shape_yet_is_named():
    class Lazy(Writes):
        def __init__(self):
            super().__init__("")
            self.first = nn.LazyLinear(6)

    with pytest.raises(NetworkError, match=r"'first\.weight' has no shape yet"):
        plan_of(Lazy(), torch.randn(2, 5))


def test_loss_scale_is_taken_out_and_an_overflow_moves_no_gate():
    thetas = []
    for scale in (1.0, 1024.0):
        model, example, gates = attached(resnet_20)
        (F.cross_entropy(model(*example), torch.arange(6) % 4) * scale).backward()
        gates.step(scale)
        thetas.append(gates.theta.clone())
    assert torch.allclose(*thetas, atol=1e-5)
    model(*example)
    gates._pass.add(0, torch.tensor(torch.inf))
    gates.step(1024.0)
    assert torch.equal(gates.theta, thetas[1]) and gates.theta.isfinite().all()
