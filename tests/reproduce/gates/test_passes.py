"""Loops with several backward passes a step, or on several ranks: followed, or refused."""

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from reproduce.errors import NetworkError, UserError
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates
from tests.reproduce.surgery.test_graph import residual

RUN = {"samples": 1000, "steps": 100}


def critic():
    """Smooth, so that penalties on its gradient have gradients."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.Softplus(), nn.Conv2d(6, 5, 3), nn.Softplus(), nn.Flatten(),
        nn.Linear(80, 1),
    )  # fmt: skip


def attached(make=critic, **changes):
    torch.manual_seed(0)
    model, x = make(), torch.randn(6, 3, 8, 8)
    return model, x, Gates.attach(model, x, GateConfig(**changes), **RUN)


def penalised(model, x):
    """A loss of each sample, with the square of its gradient in the input."""
    x = x.clone().requires_grad_()
    score = model(x)
    (slope,) = torch.autograd.grad(score.sum(), x, create_graph=True)
    return score.square().mean(1) + slope.square().sum((1, 2, 3))


@pytest.mark.parametrize("estimator", ["straight_through", "gauss_newton"])
def test_a_penalty_on_gradients_counts_in_the_gates_and_what_it_is_made_of_does_not(estimator):
    model, x, gates = attached(estimator=estimator)
    gates.batch_share = len(x)  # a sum over the batch
    penalised(model, x).sum().backward()
    ours, (one,) = gates._estimate(), gates._passes
    gates.detach()
    z = one.drawn.values.clone().requires_grad_()
    padded = F.pad(z, (0, 1), value=1.0)
    for reader, index in zip(gates.plan.readers(), gates.plan.channels()):

        def multiply(_, inputs, index=index):
            values = padded[:, index]
            return inputs[0] * values.reshape(*values.shape, *(1,) * (inputs[0].dim() - 2))

        reader.module.register_forward_pre_hook(multiply)
    penalised(model, x).sum().backward()
    expected = (z.grad * one.drawn.slope).sum(0)
    if one.drawn.curvature is not None:
        expected += (z.grad.square() * one.drawn.curvature).sum(0)
    assert torch.allclose(ours, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
    assert (expected != 0).float().mean() > 0.9


def test_gradients_for_the_weights_alone_count():
    estimates = []
    for how in ("backward", "grad"):
        model, x, gates = attached()
        loss = model(x).square().mean()
        if how == "backward":
            loss.backward()
        else:
            torch.autograd.grad(loss, list(model.parameters()))
        estimates.append(gates._estimate())
    assert torch.equal(*estimates) and estimates[0].any()


def attacked(model, x, how):
    """Examples moved to where the loss is more, in three steps."""
    for _ in range(3):
        x = x.detach().requires_grad_()
        loss = model(x).square().mean()
        if how == "grad":
            (slope,) = torch.autograd.grad(loss, x)
        else:
            loss.backward()
            slope = x.grad
        x = x.detach() + 0.1 * slope.sign()
    return x


@pytest.mark.parametrize("estimator", ["straight_through", "gauss_newton"])
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("how", ["grad", "to none", "to zero", "kept"])
def test_an_attack_counts_in_the_gates_only_where_it_counts_in_the_weights(how, late, estimator):
    learnt = []
    for attack in (True, False):
        # No noise: each pass draws the same.
        model, x, gates = attached(theta0=1.0, floor=0.0, estimator=estimator)
        gates.batch_share = 1.0
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        if attack:
            found = attacked(model, x, how)
        loss = model(found).square().mean() if late else None  # the gradients go after it
        if how != "kept":
            optimizer.zero_grad(set_to_none=how != "to zero")
        (model(found).square().mean() if loss is None else loss).backward()
        weights = [p.grad.clone() for p in model.parameters()]
        learnt.append([*weights, gates._estimate()])
    same = [torch.equal(a, b) for a, b in zip(*learnt)]
    assert all(same) if how != "kept" else not any(same)
    assert learnt[0][-1].any()


def test_two_passes_of_one_backward_both_count():
    estimates = []
    for apart in (False, True):
        model, x, gates = attached(theta0=1.0, floor=0.0, estimator="straight_through")
        losses = [model(y).square().mean() for y in (x, x + 1)]
        for loss in losses if apart else [sum(losses)]:
            loss.backward()
        assert len(gates._passes) == 2
        estimates.append(gates._estimate())
    assert torch.allclose(*estimates)


def test_batches_that_are_added_up_are_refused_where_squares_need_to_know_their_share():
    model, x, gates = attached()
    for y in (x.requires_grad_(), x.detach()):
        model(y).square().mean().backward()
    with pytest.raises(UserError, match=r"2 batches .*\(adversarial examples do not count if"):
        gates.step()


@pytest.fixture
def alone():
    """A group of one process."""
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("ends", ["prune", "freeze"])
def test_a_wrapper_of_ones_own_trains_and_is_refused_once_its_parameters_are_gone(ends):
    model, x, gates = attached(residual, theta0=1.0)
    wrapped = DistributedDataParallel(model)
    with pytest.raises(NetworkError, match=r"inside of DistributedDataParallel: its \.module"):
        Gates.attach(DistributedDataParallel(residual()), x, GateConfig(), **RUN)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        F.cross_entropy(wrapped(x), torch.arange(6) % 4).backward()
        gates.step()
    gates.prune(optimizer)
    wrapped(x)  # nothing went
    gates.theta[::2] = 0.0
    gates._window_steps = 30
    gates._window.fill_(30.0)  # each cost one more than it was worth, each time
    assert getattr(gates, ends)(optimizer)
    with pytest.raises(UserError, match=r"that are no more: wrap the network anew"):
        wrapped(x)
    before = [p.detach().clone() for p in model.parameters()]
    optimizer.zero_grad()
    F.cross_entropy(DistributedDataParallel(model)(x), torch.arange(6) % 4).backward()
    optimizer.step()
    assert all((a != b).any() for a, b in zip(before, model.parameters()))
