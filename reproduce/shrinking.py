"""One call for a network of one's own: ``reproduce.shrink`` trains it down to a budget."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from reproduce import console
from reproduce.errors import UserError
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates
from reproduce.gates.summary import Summary
from reproduce.surgery.following import Example
from reproduce.surgery.slicing import require_cuttable
from reproduce.training.optimisers import Adam

LEARNING_RATE = 1e-3
GATED = 0.8  # share of the steps in which there are gates
WINDOWS = 20  # in these
LEAST_STEPS = 20  # in a window


class Batches(Protocol):
    """What can be counted, and gone through again and again, such as a list or a DataLoader."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...


class Shrunk(NamedTuple):
    """What ``shrink`` gives: the network, plain and in eval mode, and what became of its layers."""

    model: nn.Module
    summary: Summary


def shrink(
    model: nn.Module,
    batches: Batches,
    loss: Callable[[Any, Any], Tensor],
    *,
    epochs: int,
    target_macs: float = 0.0,
    target_params: float = 0.0,
    optimizer: torch.optim.Optimizer | None = None,
) -> Shrunk:
    """Trains a network, and cuts it down to a budget while it learns.

    In the first four fifths of the steps its units have gates, with all defaults but the budget;
    in the rest what is left is trained as it is.

    Args:
        model: the network, new or trained, on any device. It is changed itself, not a copy of it.
        batches: those of an epoch, in a list or a DataLoader: pairs (input, target). An input is a
            tensor, a tuple or list of arguments, or a dict of those by keyword. Tensors go to the
            network's device.
        loss: of what the network makes of an input, and the target: the mean over the batch, such
            as ``torch.nn.functional.cross_entropy``.
        epochs: how often the batches are gone through.
        target_macs: the share of the multiply-accumulates that may be left, in (0, 1)
        target_params: the same for parameters; one of the two, or both.
        optimizer: of the network's parameters; by default Adam with a learning rate of 0.001. Its
            learning rates fall to 0 by half a cosine.

    Raises:
        UserError: an argument is not as said here, or the loss is not finite.
        BudgetError: the budget is out of reach; the message says the least that can be asked for.
        NetworkError: nothing can be gated; the message says why.
    """
    config = _asked(model, epochs, target_macs, target_params)
    example = _example(_on(model, _first(batches)[0]))
    steps = epochs * len(batches)
    samples = len(batches) * example.batch
    optimizer = optimizer or Adam(model.parameters(), lr=LEARNING_RATE)
    _require_of(model, optimizer)
    given = example.kwargs or example.args
    gates = Gates.attach(model, given, config, samples=samples, steps=_gated(steps))
    passes = (_on(model, pair) for _ in range(epochs) for pair in batches)
    try:
        with console.shrinking(steps) as told:
            _train(model, gates, optimizer, passes, loss, steps, told)
    finally:
        gates.detach()
    return Shrunk(model.eval(), gates.summary())


def _gated(steps: int) -> int:
    """In how many of the steps there are gates."""
    return math.ceil(GATED * steps)


def _asked(model: Any, epochs: Any, target_macs: float, target_params: float) -> GateConfig:
    """The settings of the gates; raises UserError where what is asked for makes no sense."""
    if not isinstance(model, nn.Module):
        raise UserError(f"model must be a torch.nn.Module; got {type(model).__name__}")
    if not any(p.requires_grad for p in model.parameters()):
        raise UserError("the network has no parameter that can be trained")
    if not isinstance(epochs, int) or epochs < 1:
        raise UserError(f"epochs must be a whole number, at least 1; got {epochs!r}")
    if not (target_macs or target_params):
        raise UserError("say what may be left: target_macs=0.3, target_params=0.3 or both")
    return GateConfig(target_macs=target_macs, target_params=target_params)


def _first(batches: Any) -> tuple[Any, Any]:
    """The first of the batches; raises UserError where they can't be gone through again and again,
    or are no pairs."""
    if isinstance(batches, Iterator) or not hasattr(batches, "__len__"):
        raise UserError(
            "batches are counted, and gone through once an epoch: give a list or a DataLoader, not"
            f" {type(batches).__name__}"
        )
    for batch in batches:
        if isinstance(batch, (tuple, list)) and len(batch) == 2:
            return batch[0], batch[1]
        raise UserError(f"each batch must be a pair (input, target); got {type(batch).__name__}")
    raise UserError("there are no batches")


def _on(model: nn.Module, values: Any) -> Any:
    """The same, tensors on the network's device."""
    device = next(model.parameters()).device
    return tree_map(lambda x: x.to(device) if isinstance(x, Tensor) else x, values)


def _example(x: Any) -> Example:
    """An input as arguments; a DataLoader makes a list of a tuple."""
    return Example.of(tuple(x) if isinstance(x, list) else x)


def _require_of(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if held.isdisjoint(id(p) for p in model.parameters()):
        raise UserError("the optimiser holds none of the network's parameters")
    require_cuttable(optimizer)


def _train(
    model: nn.Module,
    gates: Gates,
    optimizer: torch.optim.Optimizer,
    passes: Iterable[tuple[Any, Any]],
    loss: Callable[[Any, Any], Tensor],
    steps: int,
    told: Callable[[str], None],
) -> None:
    """All steps, those with gates first."""
    gated = _gated(steps)
    window = max(gated // WINDOWS, LEAST_STEPS)
    rates = [group["lr"] for group in optimizer.param_groups]
    whole = gates.plan.macs()
    model.train()
    for step, (x, y) in enumerate(passes):
        if step == gated:
            gates.freeze(optimizer)
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * (1 + math.cos(math.pi * step / steps)) / 2
        example = _example(x)
        value = _mean(loss(model(*example.args, **example.kwargs), y), step)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        if not gates.frozen:
            gates.step()
            if step % window == window - 1:
                gates.prune(optimizer)
        told(f"loss {value:.3f}  {gates.plan.macs() / whole:.0%} of the MACs")
    if not gates.frozen:  # there were fewer batches than they said
        gates.freeze(optimizer)


def _mean(value: Any, step: int) -> Tensor:
    """A loss; raises UserError where nothing can be learnt from it."""
    if not isinstance(value, Tensor) or value.dim() or not value.requires_grad:
        shape = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise UserError(
            f"loss must give the mean over the batch, one number with a gradient; got {shape}"
        )
    if not value.isfinite():
        raise UserError(f"the loss is not finite at step {step + 1}: lower the learning rate")
    return value
