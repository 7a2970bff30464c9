"""The kinds of networks that people have: what is gated can be cut, the rest is named."""

import copy
import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from reproduce.errors import NetworkError, UserError
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates
from tests.reproduce.surgery.kinds import (
    IMAGES,
    KINDS,
    VECTORS,
    Made,
    closed_at_random,
    mlp,
    run,
    split_by_width,
    video,
)

CONFIG = GateConfig()
RUN = {"samples": 1000, "steps": 100}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_gated_can_be_cut_and_every_layer_is_accounted_for(kind):
    make, example, widths = KINDS[kind]
    torch.manual_seed(0)
    model = make()
    gates = Gates.attach(model, example, CONFIG, **RUN)
    assert gates.plan.widths() == widths
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    sum(y.square().mean() for y in run(model, example)).backward()
    optimizer.step()
    gates.step()
    assert all((theta != 0.5).any() for theta in gates.by_site(gates.theta)) or "GLU" in kind
    closed_at_random(gates, len(kind))
    before = run(model.eval(), example)
    size = sum(p.numel() for p in model.parameters())
    gates.freeze(optimizer)
    after = run(model, example)
    assert sum(p.numel() for p in model.parameters()) < size
    assert all(torch.allclose(a, b, rtol=1e-4, atol=1e-5) for a, b in zip(before, after))
    held = [p for group in optimizer.param_groups for p in group["params"]]
    assert {*map(id, held)} == {*map(id, model.parameters())}
    optimizer.zero_grad()
    sum(y.square().mean() for y in run(model.train(), example)).backward()
    optimizer.step()
    layers = {n for n, m in model.named_modules() if getattr(m, "weight", None) is not None}
    assert layers >= {site.name for site in gates.plan.sites}


def older_weight_norm(layer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of PyTorch, about its going
        return nn.utils.weight_norm(layer)


DENSE = {
    "softmax over units": (
        lambda: Made(lambda s, x: s.b(s.a(x).softmax(1)), a=nn.Linear(5, 6), b=nn.Linear(6, 4)),
        VECTORS, {"a": "softmax mixes its units"},
    ),
    "split at a fixed place": (
        lambda: Made(lambda s, x: torch.cat(s.a(x).split([3, 5], 1), 1).mean((2, 3)),
                     a=nn.Conv2d(3, 8, 1)),
        IMAGES, {"a": "split_with_sizes splits its units at a fixed place"},
    ),
    "a constant": (
        lambda: Made(lambda s, x: s.b(s.a(x) * torch.arange(6.0)), a=nn.Linear(5, 6),
                     b=nn.Linear(6, 4)),
        VECTORS, {"a": "its units meet others that can't be cut, in mul"},
    ),
    "not understood": (
        lambda: Made(lambda s, x: s.b(torch.fft.fft(s.a(x)).real), a=nn.Linear(5, 6),
                     b=nn.Linear(6, 4)),
        VECTORS, {"a": "fft_r2c is not understood"},
    ),
    "a weight that is computed": (
        lambda: Made(lambda s, x: s.b(s.a(x).relu()), a=nn.Linear(5, 6),
                     b=nn.utils.parametrizations.weight_norm(nn.Linear(6, 4))),
        VECTORS, {"a": "addmm in 'b' mixes its units"},
    ),
    "the same, the older way": (
        lambda: Made(lambda s, x: s.b(s.a(x).relu()), a=nn.Linear(5, 6),
                     b=older_weight_norm(nn.Linear(6, 4))),
        VECTORS, {"b": "weight_norm_interface is not understood"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DENSE)
def test_what_cannot_be_cut_is_named_with_the_reason(kind):
    make, example, reasons = DENSE[kind]
    with pytest.raises(NetworkError) as caught:
        Gates.attach(make(), example, CONFIG, **RUN)
    assert all(f"{name}: {reason}" in str(caught.value) for name, reason in reasons.items())


def test_a_number_that_follows_its_units_is_left_where_it_is_a_factor_too():
    gates = Gates.attach(split_by_width(), VECTORS, CONFIG, **RUN)
    closed_at_random(gates, 1)
    gates.freeze(None)
    assert gates._model.width == gates._model.first.out_features // 2 < 6
    gates = Gates.attach(split_by_width(scaled=True), VECTORS, CONFIG, **RUN)
    assert gates.plan.widths() == (6,) and gates.plan.sites[0].name == "inner"
    assert "units at zero still change the output" in gates.left_dense["first"]


def partly(how):
    def first(self, x):
        return self.b(self.a(x).relu()).relu()

    def forward(self, x):
        if how == "no_grad":
            with torch.no_grad():
                x = first(self, x)
        elif how == "detach":
            x = first(self, x).detach()
        else:
            again = how == "checkpoint that runs again"
            x = checkpoint(lambda x: first(self, x), x, use_reentrant=again)
        return self.d(self.c(x).relu() + 0)

    layers = {"a": nn.Linear(5, 8), "b": nn.Linear(8, 7), "c": nn.Linear(7, 6)}
    return Made(forward, d=nn.Linear(6, 3), **layers)


@pytest.mark.filterwarnings("ignore:None of the inputs have requires_grad")
@pytest.mark.parametrize("how", ["no_grad", "detach", "checkpoint", "checkpoint that runs again"])
def test_gates_that_get_no_gradient_are_left_out(how):
    gates = Gates.attach(partly(how), VECTORS, CONFIG, **RUN)
    names = [site.name for site in gates.plan.sites]
    assert names == (["a", "b", "c"] if how == "checkpoint" else ["b", "c"])
    if how != "checkpoint":
        assert gates.left_dense["a"] == "no gradient reaches its gates"


def test_a_checkpointed_part_learns_as_the_whole_does():
    thetas = []
    for how in ("checkpoint", "plain"):
        torch.manual_seed(0)
        model = partly("checkpoint")
        if how == "plain":
            plain = nn.Sequential(model.a, nn.ReLU(), model.b, nn.ReLU(), model.c, nn.ReLU())
            model = nn.Sequential(*plain, model.d)
        gates = Gates.attach(model, VECTORS, CONFIG, **RUN)
        model(VECTORS).square().mean().backward()
        gates.step()
        thetas.append(gates.theta)
    assert torch.allclose(*thetas, atol=1e-6) and (thetas[0] != 0.5).any()


def test_a_copy_of_a_gated_network_has_gates_of_its_own():
    torch.manual_seed(0)
    model = mlp()
    gates = Gates.attach(model, VECTORS, CONFIG, **RUN)
    gates.theta[::3] = 1.0
    wanted = model.eval()(VECTORS)
    model.train()(VECTORS).sum().backward()
    best = copy.deepcopy(model)
    gates.step()
    gates.theta.zero_()
    model.eval()(VECTORS)
    assert torch.equal(best.eval()(VECTORS), wanted)
    assert torch.allclose(best(VECTORS[:2]), wanted[:2], atol=1e-6)
    gates.freeze(None)
    assert torch.equal(best(VECTORS), wanted)


def test_a_part_called_on_its_own_is_refused_in_training_and_right_in_eval():
    model = mlp()
    gates = Gates.attach(model, VECTORS, CONFIG, **RUN)
    with pytest.raises(UserError, match=r"call the network itself"):
        model[2](torch.randn(4, 8))
    gates.theta.fill_(1.0)
    x = torch.randn(4, 8)
    assert torch.equal(model.eval()[2](x), F.linear(x, model[2].weight, model[2].bias))


def test_gates_are_attached_once_and_batches_must_be_like_the_example():
    model = video()
    Gates.attach(model, torch.randn(4, 2, 3, 8, 8), CONFIG, **RUN)
    assert model(torch.randn(3, 5, 3, 8, 8)).shape == (3, 3)  # of another length
    with pytest.raises(NetworkError, match="has gates already"):
        Gates.attach(model, torch.randn(4, 2, 3, 8, 8), CONFIG, **RUN)


@pytest.mark.parametrize("kind", [torch.optim.Adafactor, torch.optim.LBFGS])
def test_an_optimiser_follows_or_is_refused_before_anything_is_cut(kind):
    torch.manual_seed(0)
    model = mlp()
    optimizer = kind(model.parameters())
    gates = Gates.attach(model, VECTORS, CONFIG, **RUN)

    def loss():
        optimizer.zero_grad()
        value = model(VECTORS).square().mean()
        value.backward()
        return value

    optimizer.step(loss)
    closed_at_random(gates, 1)
    shapes = [p.shape for p in model.parameters()]
    if kind is torch.optim.LBFGS:
        with pytest.raises(UserError, match=r"LBFGS keeps one history .* make a new one"):
            gates.freeze(optimizer)
        assert [p.shape for p in model.parameters()] == shapes
        return
    gates.freeze(optimizer)
    before = [p.detach().clone() for p in model.parameters()]
    optimizer.step(loss)
    assert all((a != b).any() for a, b in zip(before, model.parameters()))


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_is_gated_or_says_why_not(kind):
    make, example, _ = KINDS[kind]
    model = make()
    gates = Gates.attach(model, example, CONFIG, **RUN)
    closed_at_random(gates, 1)
    gates.freeze(None)
    found = gates.summary()
    for layer in found.layers:
        assert layer.now.units < layer.before.units or layer.left_dense
        whole = layer.left_dense and "in part" not in layer.left_dense
        assert not whole or layer.now.units == layer.before.units
    assert found.now.parameters == sum(p.numel() for p in model.parameters())
    assert str(found).splitlines()[-1].split()[0] == "all" and "frozen" in repr(gates)
