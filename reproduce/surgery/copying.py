"""Networks to try things on, and networks left as they were."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from reproduce.errors import NetworkError


def copy_of(model: nn.Module) -> nn.Module:
    """A copy to try things on, activations that modules hold on to included.

    Raises:
        NetworkError: something in it can't be copied.
    """
    memo: dict[int, Any] = {}
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
