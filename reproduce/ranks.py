"""One run on several devices: torch.distributed, a process (a rank) for each, as torchrun does.

Every rank draws the order, the shifts and the gates of the whole batch from the same random state,
and works on its share of the rows; gradients, those of the gates too, are averaged. So gates are
the same on all ranks, and the run is that of one device, up to rounding (and to batch norm's
statistics, which are of a rank's rows). The first rank alone writes.
"""

import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from reproduce.errors import UserError

Wrapper = DistributedDataParallel


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Joins the ranks that torchrun has started; does nothing without it."""
    if int(os.environ.get("WORLD_SIZE", 1)) == 1:
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def count() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def number() -> int:
    """This rank, counted from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def share(rows: Tensor) -> Tensor:
    """The rows of a whole batch that this rank works on."""
    return rows.chunk(count())[number()]


def mean_(values: Tensor) -> Tensor:
    """Replaces values by their mean over all ranks."""
    if count() > 1:
        dist.all_reduce(values)
        values /= count()
    return values


def parallel(model: nn.Module) -> nn.Module:
    """The model with gradients averaged over the ranks; to be made again when it has shrunk."""
    return DistributedDataParallel(model) if count() > 1 else model


def no_wrapper() -> None:
    """In place of a reference to a wrapper where none was seen."""


def wrapper_at_work() -> Callable[[], Wrapper | None] | None:
    """A weak reference to the wrapper whose forward pass is going on, if one is."""
    wrapper = DistributedDataParallel._active_ddp_module
    return None if wrapper is None else weakref.ref(wrapper)


def retire(wrapper: Wrapper | None) -> None:
    """Refuses what a wrapper is asked for from now on: parameters were replaced, and it would leave
    the new ones' gradients as they are on each rank."""

    def refuse(*_: Any, **__: Any) -> None:
        raise UserError(
            "units were removed, and DistributedDataParallel averages the gradients of parameters"
            " that are no more: wrap the network anew after each removal"
        )

    if wrapper is not None:
        setattr(wrapper, "forward", refuse)  # noqa: B010  # a method, to mypy
