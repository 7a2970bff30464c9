"""Optimisers without torch's compiler: the same to the bit, and training never loads it."""

import subprocess
import sys

import pytest
import torch
from torch.nn import functional as F

from reproduce.training import optimisers

KINDS = {"SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "fused": True}, "Adam": {"lr": 0.01}}


def trained(kind, options):
    """Ten steps of a small network, the state saved and loaded after five."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    weights, biases = ([p for p in model.parameters() if p.dim() == d] for d in (2, 1))
    optimizer = kind([{"params": weights, "weight_decay": 0.01}, {"params": biases}], **options)
    for step in range(10):
        optimizer.zero_grad()
        F.cross_entropy(model(torch.randn(6, 8)), torch.arange(6) % 3).backward()
        optimizer.step()
        if step == 4:
            optimizer.load_state_dict(optimizer.state_dict())
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize("name", KINDS)
def test_the_arithmetic_is_that_of_torch(name):
    ours, theirs = getattr(optimisers, name), getattr(torch.optim, name)
    assert issubclass(ours, theirs)
    assert torch.equal(trained(ours, KINDS[name]), trained(theirs, KINDS[name]))


def test_a_process_that_trains_does_not_load_the_compiler(mnist_folder, tmp_path):
    code = f"""
import sys
from pathlib import Path
from reproduce.data import load
from reproduce.runs.store import Store
from tests.reproduce.methods.test_rivals import FLAT
from tests.reproduce.training.test_loop import train
from dataclasses import replace
data = load("mnist", {str(mnist_folder)!r})
for method in ("gates", "hard_concrete", "scratch"):
    train(replace(FLAT, method=method, epochs=2), data, Path({str(tmp_path)!r}))
assert "torch._dynamo" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
