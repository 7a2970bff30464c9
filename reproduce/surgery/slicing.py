"""Cutting outputs and inputs out of a module, and out of the optimiser that holds its weights."""

from typing import Any, cast

import torch
from torch import Tensor, nn

from reproduce.models import Select


def arguments_of(example_input: Tensor | tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a network, of which a single one need not be given as a tuple."""
    return example_input if isinstance(example_input, tuple) else (example_input,)


def outputs(layer: nn.Module) -> int:
    return layer.out_channels if isinstance(layer, nn.Conv2d) else cast(int, layer.out_features)


def inputs(layer: nn.Module) -> int:
    if isinstance(layer, Select):
        return 0
    return layer.in_channels if isinstance(layer, nn.Conv2d) else cast(int, layer.in_features)


def weight_of(layer: nn.Module) -> nn.Parameter:
    """The weight of a linear layer, a convolution or a norm."""
    return cast(nn.Parameter, layer.weight)


def slice_outputs(
    module: nn.Module, keep: Tensor, optimizer: torch.optim.Optimizer | None
) -> None:
    """Keeps the listed outputs of a layer, or entries of a norm, in parameters and buffers."""
    if isinstance(module, Select):
        module.keep(module.index[keep])
        return
    for name, parameter in list(module.named_parameters(recurse=False)):
        _slice_parameter(module, name, parameter, keep, 0, optimizer)
    for name, buffer in list(module.named_buffers(recurse=False)):
        if buffer.dim():
            setattr(module, name, buffer[keep])
    for attribute in ("out_channels", "out_features", "num_features"):
        if hasattr(module, attribute):
            setattr(module, attribute, len(keep))


def slice_inputs(module: nn.Module, keep: Tensor, optimizer: torch.optim.Optimizer | None) -> None:
    """Keeps the listed inputs of a layer."""
    _slice_parameter(module, "weight", weight_of(module), keep, 1, optimizer)
    setattr(module, "in_channels" if isinstance(module, nn.Conv2d) else "in_features", len(keep))


def _slice_parameter(
    module: nn.Module,
    name: str,
    old: nn.Parameter,
    keep: Tensor,
    dim: int,
    optimizer: torch.optim.Optimizer | None,
) -> None:
    """Puts a shorter parameter in the place of the old one, in the module and in the optimiser.

    A new object rather than a new ``.data``: a loss that the caller still holds keeps the old
    parameter's gradient accumulator alive, with the old shape.
    """
    new = nn.Parameter(_take(old.detach(), dim, keep), requires_grad=old.requires_grad)
    setattr(module, name, new)
    if optimizer is None:
        return
    for group in optimizer.param_groups:
        group["params"] = [new if p is old else p for p in group["params"]]
    if old in optimizer.state:
        optimizer.state[new] = {
            key: _take(value, dim, keep)
            if isinstance(value, Tensor) and value.shape == old.shape
            else value
            for key, value in optimizer.state.pop(old).items()
        }


def _take(values: Tensor, dim: int, keep: Tensor) -> Tensor:
    """The listed rows or columns, in the memory format of the whole."""
    taken = values.index_select(dim, keep)
    if values.dim() == 4 and values.is_contiguous(memory_format=torch.channels_last):
        return taken.contiguous(memory_format=torch.channels_last)
    return taken
