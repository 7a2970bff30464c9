"""One run on several devices: torch.distributed, a process (a rank) for each, as torchrun does.

Every rank draws the order, the shifts and the gates of the whole batch from the same random state,
and works on its share of the rows; gradients, those of the gates too, are averaged. So gates are
the same on all ranks, and the run is that of one device, up to rounding (and to batch norm's
statistics, which are of a rank's rows). The first rank alone writes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


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
