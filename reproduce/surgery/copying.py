"""Networks to try things on, and networks left as they were."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_leaves

from reproduce.errors import NetworkError


def shared(p: nn.Parameter) -> nn.Parameter:
    """For a copy that is only looked at: the same memory, so that it takes none; what the copy
    assigns to its parameter stays there."""
    return p if is_lazy(p) else nn.Parameter(p.detach(), p.requires_grad)


def in_double(p: nn.Parameter) -> nn.Parameter:
    """For a copy in float64, without one in the network's own precision before."""
    if not p.is_floating_point():
        return copy.deepcopy(p)
    return nn.Parameter(p.detach().to(torch.float64, copy=True), p.requires_grad)


def copy_of(
    model: nn.Module, parameter: Callable[[nn.Parameter], nn.Parameter] = copy.deepcopy
) -> nn.Module:
    """A copy to try things on, activations that modules hold on to included.

    Args:
        model: the network.
        parameter: makes each of the copy's parameters.

    Raises:
        NetworkError: something in it can't be copied.
    """
    memo: dict[int, Any] = {id(p): parameter(p) for p in model.parameters()}
    for module in model.modules():
        for value in tree_leaves(vars(module)):
            if isinstance(value, Tensor) and not value.is_leaf:
                memo[id(value)] = value.detach().clone()
    try:
        return copy.deepcopy(model, memo)
    except Exception as error:
        raise NetworkError(f"the network can't be copied to try removals on: {error}") from error


@contextmanager
def as_it_was(model: nn.Module) -> Iterator[None]:
    """Leaves training mode as it was, whatever is done inside."""
    modes = {module: module.training for module in model.modules()}
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def all_in_double() -> Iterator[None]:
    """What is made anew inside, and is not said to be of another kind, is in float64."""
    was = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(was)
