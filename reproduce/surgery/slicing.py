"""Cutting outputs and inputs out of a module, and out of the optimiser that holds its weights."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from reproduce.errors import UserError
from reproduce.models import Select


def outputs(layer: nn.Module) -> int:
    return layer.out_channels if isinstance(layer, nn.Conv2d) else cast(int, layer.out_features)


def inputs(layer: nn.Module) -> int:
    if isinstance(layer, Select):
        return 0
    return layer.in_channels if isinstance(layer, nn.Conv2d) else cast(int, layer.in_features)


def weight_of(layer: nn.Module) -> nn.Parameter:
    """The weight of a linear layer, a convolution or a norm."""
    return cast(nn.Parameter, layer.weight)


def slice_outputs(module: nn.Module, keep: Tensor, optimizer: torch.optim.Optimizer | None) -> None:
    """Keeps the listed outputs of a layer, or entries of a norm, in parameters and buffers."""
    if isinstance(module, Select):
        module.keep(module.index[keep])
        return
    for name, _ in list(module.named_parameters(recurse=False)):
        slice_tensor([(module, name)], keep, 0, optimizer)
    for name, buffer in list(module.named_buffers(recurse=False)):
        if buffer.dim():
            setattr(module, name, buffer[keep])
    for attribute in ("out_channels", "out_features", "num_features"):
        if hasattr(module, attribute):
            setattr(module, attribute, len(keep))


def slice_inputs(module: nn.Module, keep: Tensor, optimizer: torch.optim.Optimizer | None) -> None:
    """Keeps the listed inputs of a layer."""
    slice_tensor([(module, "weight")], keep, 1, optimizer)
    setattr(module, "in_channels" if isinstance(module, nn.Conv2d) else "in_features", len(keep))


def slice_tensor(
    owners: Sequence[tuple[nn.Module, str]],
    keep: Tensor,
    dim: int,
    optimizer: torch.optim.Optimizer | None,
) -> None:
    """Keeps the listed indices along one dimension of a parameter or buffer.

    A new parameter rather than a new ``.data``: a loss that the caller still holds keeps the old
    one's gradient accumulator alive, with the old shape.

    Args:
        owners: each module that holds it, with its name there.
        keep: the indices that stay, ascending.
        dim: the dimension.
        optimizer: which may hold it too, or None.
    """
    module, name = owners[0]
    old = getattr(module, name)
    new = _take(old.detach(), dim, keep)
    if isinstance(old, nn.Parameter):
        new = nn.Parameter(new, requires_grad=old.requires_grad)
    for module, name in owners:
        setattr(module, name, new)
    if optimizer is None or not isinstance(old, nn.Parameter):
        return
    for group in optimizer.param_groups:
        group["params"] = [new if p is old else p for p in group["params"]]
    if old in optimizer.state:
        optimizer.state[new] = {
            key: _take(value, dim, keep) if _runs_along(value, old, dim) else value
            for key, value in optimizer.state.pop(old).items()
        }


def _runs_along(value: Any, parameter: Tensor, dim: int) -> bool:
    """Whether a part of an optimiser's state has an entry for each index of a dimension; a factored
    moment is of size 1 in the others."""
    if not isinstance(value, Tensor) or value.dim() != parameter.dim():
        return False
    fits = all(n in (1, m) for n, m in zip(value.shape, parameter.shape))
    return fits and value.shape[dim] == parameter.shape[dim]


def require_cuttable(optimizer: torch.optim.Optimizer | None) -> None:
    """Refuses an optimiser whose state can't follow its parameters, before anything is cut.

    Raises:
        UserError: it is such a one.
    """
    if optimizer is None:
        return
    name = type(optimizer).__name__
    advice = "remove units without it (None in its place), and make a new one of what is left"
    if isinstance(optimizer, torch.optim.LBFGS):
        raise UserError(f"{name} keeps one history of all parameters, which can't be cut: {advice}")
    for parameter, state in optimizer.state.items():
        for key, value in state.items():
            tensors = value if isinstance(value, (list, tuple)) else [value]
            for tensor in tensors:
                if not isinstance(tensor, Tensor) or tensor.numel() == 1:
                    continue
                shape = zip(tensor.shape, parameter.shape)
                same = tensor.dim() == parameter.dim() and all(n in (1, m) for n, m in shape)
                if isinstance(value, (list, tuple)) or not same:
                    raise UserError(
                        f"{name} keeps '{key}' in a shape that can't be cut with its parameter:"
                        f" {advice}"
                    )


def _take(values: Tensor, dim: int, keep: Tensor) -> Tensor:
    """The listed rows or columns, in the memory format of the whole."""
    taken = values.index_select(dim, keep)
    if values.dim() == 4 and values.is_contiguous(memory_format=torch.channels_last):
        return taken.contiguous(memory_format=torch.channels_last)
    return taken
