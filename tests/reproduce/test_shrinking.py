"""One call that shrinks a network: what it leaves, and what it refuses."""

import io

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import reproduce
from reproduce.errors import BudgetError, NetworkError, UserError

X = torch.randn(256, 8, generator=torch.Generator().manual_seed(0))
Y = (X[:, 0] > X[:, 1]).long()
BATCHES = list(zip(X.split(32), Y.split(32)))


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))


class ByKeyword(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = network()

    def forward(self, a, b):
        return {"logits": self.layers(a + b)}


def shrunk(model=None, batches=BATCHES, loss=F.cross_entropy, **asked):
    return reproduce.shrink(model or network(), batches, loss, **{"epochs": 20} | asked)


def test_a_network_is_trained_and_cut_to_its_budget_in_one_call():
    model = network()
    small, summary = shrunk(model, target_macs=0.3, epochs=60)
    assert small is model and not small.training
    assert not any(m._forward_pre_hooks or m._forward_hooks for m in small.modules())
    assert 0.2 < summary.now.macs / summary.before.macs <= 0.3
    assert "32 -> 9" in str(summary) and summary.now.macs == 9 * (8 + 2)
    assert (small(X).argmax(1) == Y).float().mean() > 0.9
    assert sum(p.numel() for p in small.parameters()) == summary.now.parameters


def test_batches_may_come_from_a_loader():
    loader = DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True)
    _, summary = shrunk(batches=loader, target_macs=0.3, epochs=2)
    assert summary.now.macs == 9 * (8 + 2)


def test_what_it_takes_may_have_names_and_what_it_gives_too():
    """Arguments in a dict, or in a tuple, of which a DataLoader makes a list."""

    def loss(output, target):
        return F.cross_entropy(output["logits"], target)

    named = [({"a": x, "b": x}, y) for x, y in BATCHES]
    listed = [([x, x], y) for x, y in BATCHES]
    results = [
        shrunk(ByKeyword(), batches, loss, epochs=4, target_params=0.5)
        for batches in (named, listed)
    ]
    sizes = [(summary.before.parameters, summary.now.parameters) for _, summary in results]
    assert sizes[0] == sizes[1] and 0.4 < sizes[0][1] / sizes[0][0] <= 0.5
    named_, listed_ = (list(small.parameters()) for small, _ in results)
    assert all(torch.equal(a, b) for a, b in zip(named_, listed_))


def test_an_optimiser_of_ones_own_ends_at_no_step_and_holds_what_is_left():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    shrunk(model, target_macs=0.5, epochs=3, optimizer=optimizer)
    (group,) = optimizer.param_groups
    assert 0 < group["lr"] < 0.1 * 0.02
    assert {id(p) for p in group["params"]} == {id(p) for p in model.parameters()}


def test_a_bar_says_how_far_it_is(monkeypatch):
    from rich.console import Console

    from reproduce import console

    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(console, "ERR", screen)
    shrunk(target_macs=0.5, epochs=2)
    said = screen.file.getvalue()
    assert "shrinking" in said and "of the MACs" in said


def test_when_it_is_broken_off_the_network_is_plain():
    model = network()
    calls = []

    def loss(output, target):
        calls.append(1)
        if len(calls) > 5:
            raise KeyboardInterrupt
        return F.cross_entropy(output, target)

    with pytest.raises(KeyboardInterrupt):
        shrunk(model, loss=loss, target_macs=0.5)
    assert not any(m._forward_pre_hooks for m in model.modules())
    model.train()(X)


def frozen():
    return network().requires_grad_(False)


def other_optimiser():
    return torch.optim.SGD(network().parameters(), lr=0.1)


def second_order():
    model = network()
    return {"model": model, "optimizer": torch.optim.LBFGS(model.parameters())}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "say what may be left: target_macs=0.3, target_params=0.3 or both"),
        ({"target_macs": 3}, "target_macs must be in (0, 1)"),
        ({"target_macs": 0.3, "target_params": 1}, "target_params must be in (0, 1)"),
        ({"target_macs": 0.3, "epochs": 0}, "epochs must be a whole number, at least 1; got 0"),
        ({"target_macs": 0.3, "epochs": 1.5}, "epochs must be a whole number, at least 1; got 1.5"),
        ({"target_macs": 0.3, "model": F.relu}, "model must be a torch.nn.Module; got function"),
        ({"target_macs": 0.3, "model": frozen()}, "no parameter that can be trained"),
        ({"target_macs": 0.3, "batches": []}, "there are no batches"),
        ({"target_macs": 0.3, "batches": iter(BATCHES)}, "a list or a DataLoader, not list_iter"),
        ({"target_macs": 0.3, "batches": [X]}, "must be a pair (input, target); got Tensor"),
        ({"target_macs": 0.3, "loss": nn.CrossEntropyLoss(reduction="none")}, "got (32,)"),
        ({"target_macs": 0.3, "loss": lambda p, y: 1.0}, "one number with a gradient; got float"),
        ({"target_macs": 0.3, "loss": lambda p, y: p.mean() / 0}, "not finite at step 1: lower"),
        ({"target_macs": 0.3, "optimizer": other_optimiser()}, "holds none of the network's"),
        ({"target_macs": 0.3, **second_order()}, "LBFGS keeps one history"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(asked, message):
    with pytest.raises(UserError) as refused:
        shrunk(**asked)
    assert message in str(refused.value) and "\n" not in str(refused.value)


def test_a_budget_out_of_reach_and_a_network_without_units_have_errors_of_their_own():
    with pytest.raises(BudgetError, match="target_macs must be at least 0"):
        shrunk(target_macs=0.01)
    with pytest.raises(NetworkError, match="no hidden layer to gate"):
        shrunk(nn.Linear(8, 2), target_macs=0.5)
