"""Torch-Pruning as a rival: its tool's own networks are what it ends with; it trains sparsely."""

import sys
from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from reproduce.errors import UserError
from reproduce.methods import group_norm
from reproduce.methods.group_norm import TorchPruning
from reproduce.surgery.slicing import weight_of
from tests.reproduce.methods.test_rivals import CONVOLUTIONS, FLAT, VGG, make
from tests.reproduce.training.test_loop import train

tool = pytest.importorskip("torch_pruning", reason="needs the extra 'rivals'")
STEPS = 20  # theirs are 400, for networks twenty times as wide


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    monkeypatch.setattr(group_norm, "STEPS", STEPS)


def halves(settings):
    """A run of gates that ended with the first half of everything."""
    return [list(range(width // 2)) for width in settings.widths]


def steps_of_its_own(model, x):
    """Outputs and weights by layer after each step of the tool, which cuts a copy itself."""
    copy = deepcopy(model)
    layers = [m for m in copy.modules() if isinstance(m, torch.nn.Linear | torch.nn.Conv2d)]
    pruner = tool.pruner.GroupNormPruner(
        copy,
        x,
        importance=tool.importance.GroupMagnitudeImportance(p=2, normalizer="max"),
        global_pruning=True,
        pruning_ratio=1.0,
        iterative_steps=STEPS,
        ignored_layers=layers[-1:],
    )
    for _ in range(STEPS - 1):
        yield copy(x).detach(), [layer.weight.numel() for layer in layers]
        pruner.step()


@pytest.mark.parametrize(
    "settings",
    [replace(FLAT, widths=(784, 12, 8)), CONVOLUTIONS, VGG],
    ids=lambda settings: settings.network,
)
def test_it_ends_with_the_network_that_its_tool_makes_nearest_to_our_macs(settings):
    method, model, optimizer, x = make(TorchPruning, settings, halves(settings))
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.1, 1.0)
    plan = method.plan
    uses = [use for layer, use in zip(plan.layers, plan.positions) if list(layer.parameters())]
    theirs = [
        (abs(sum(a * b for a, b in zip(sizes, uses)) - method._macs), output)
        for output, sizes in steps_of_its_own(model.eval(), x)
    ]
    method.before_epoch(2, optimizer)
    assert plan.widths() == settings.widths
    method.before_epoch(3, optimizer)
    nearest, output = min(theirs, key=lambda step: step[0])
    assert abs(plan.macs() - method._macs) == nearest > 0
    assert torch.allclose(model.eval()(x), output, atol=1e-5)
    assert [len(kept) for kept in method.kept()] == list(plan.widths())


def test_a_filter_keeps_all_of_its_features_or_none():
    method, _, optimizer, _ = make(TorchPruning, CONVOLUTIONS, halves(CONVOLUTIONS))
    method.before_epoch(3, optimizer)
    _, filters, features, _ = method.kept()
    assert 0 < len(filters) < 6
    assert features == [16 * filter + place for filter in filters for place in range(16)]


def test_before_the_cut_it_shrinks_weights_in_the_place_of_their_decay():
    """By ``reg``, once as a row and once as a column, up to 16 times as much where least is."""
    method, model, optimizer, _ = make(TorchPruning, VGG, halves(VGG))
    decay = VGG.weight_precision / 320
    for epoch, expected in ((1, 0.0), (2, 0.0), (3, decay), (4, decay)):
        method.before_epoch(epoch, optimizer)
        assert optimizer.param_groups[0]["weight_decay"] == expected
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        method.after_backward()
        pulls = [p.grad / p for p in map(weight_of, method.plan.layers[1:-1])]
        if epoch > 2:
            assert not any(pull.any() for pull in pulls)
            continue
        reg = method._sparse.reg
        assert min(pull.min() for pull in pulls) >= 1.99 * reg
        assert 16 * reg < max(pull.max() for pull in pulls) < 32.01 * reg


def test_every_step_before_the_cut_is_regularised(data, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        tool.pruner.GroupNormPruner,
        "regularize",
        lambda pruner, model: seen.append(weight_of(model[-1]).grad is not None),
    )
    source = train(FLAT, data, tmp_path)
    train(replace(source.settings(), method="torch_pruning"), data, tmp_path)
    assert seen == [True] * 20


def test_without_its_package_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_pruning", None)
    with pytest.raises(UserError, match=r"^method torch_pruning needs .*\[rivals\].*$"):
        make(TorchPruning, VGG, halves(VGG))
