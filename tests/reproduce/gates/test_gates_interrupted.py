"""Ctrl-C in a loop of one's own, as in a notebook: what it was at lives on, and goes on."""

import signal

import pytest
import torch
from torch.nn import functional as F

from reproduce.errors import UserError
from reproduce.gates.config import GateConfig
from reproduce.surgery import slicing
from tests.reproduce.gates.test_gates import attached, batch


@pytest.fixture(autouse=True)
def _as_in_a_notebook():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # may have been ignored
    yield
    signal.signal(signal.SIGINT, before)


def step(model, gates, optimizer):
    x, y = batch()
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    gates.step()


@pytest.mark.parametrize("name", ["prune", "freeze"])
def test_units_are_cut_out_to_the_end_and_then_the_interrupt_comes(name, monkeypatch):
    model, gates = attached(GateConfig(log_gamma=2.0, waiting_steps=0))
    optimizer = torch.optim.Adam(model.parameters())
    step(model, gates, optimizer)
    gates.theta[1::2] = 0
    monkeypatch.setattr(gates, "_doomed", lambda: (gates.theta == 0, set()))
    slice_tensor, slices = slicing.slice_tensor, []

    def interrupted(*arguments):
        slices.append(slice_tensor(*arguments))
        if len(slices) == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(slicing, "slice_tensor", interrupted)
    with pytest.raises(KeyboardInterrupt):
        getattr(gates, name)(optimizer)
    assert gates.plan.widths() == (8, 3, 3) and len(slices) > 2
    assert gates.frozen == (name == "freeze")
    live = {id(p) for p in model.parameters()}
    assert live == {id(p) for group in optimizer.param_groups for p in group["params"]}
    monkeypatch.undo()
    if not gates.frozen:
        step(model, gates, optimizer)
        gates.freeze(optimizer)
    assert model(batch()[0]).isfinite().all()


def test_a_loop_that_was_stopped_within_a_step_can_be_begun_again():
    model, gates = attached(GateConfig(log_gamma=2.0))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = batch()
    F.cross_entropy(model(x), y).backward()  # and here comes Ctrl-C
    step(model, gates, optimizer)  # which sets the gradients to zero
    for _ in range(2):  # and here it does not
        F.cross_entropy(model(x), y).backward()
    with pytest.raises(UserError, match="where a step was cut short, go on"):
        gates.step()
    for _ in range(2):
        step(model, gates, optimizer)
