"""What layers compute in: bfloat16 where the device has it, and float32 where it is emulated."""

import timeit
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache

import torch
import torch.nn.functional as F
from torch import nn

from reproduce.convolutions import SmallMaps, may_gain

TIMES, EMULATED = 9, 1.5  # calls of the probe, and how many times slower an emulation is at least


def computed_in(precision: str, device: torch.device) -> str:
    """The precision that layers compute in on a device, where ``precision`` is asked for."""
    return "float32" if precision == "float32" or emulates_bfloat16(device.type) else precision


@contextmanager
def layers_in(arithmetic: str, device: torch.device, model: nn.Module) -> Iterator[None]:
    """The context in which a network's layers compute in ``arithmetic``, emulated or not.

    On a processor small maps are convolved as products there.
    """
    reduced = torch.autocast(device.type, torch.bfloat16, enabled=arithmetic == "bfloat16")
    with reduced, SmallMaps() if may_gain(model, device) else nullcontext():
        yield


@contextmanager
def subnormals_flushed() -> Iterator[None]:
    """Takes numbers below float32's least normal one, 1.2e-38, for zero on a processor.

    It computes many times slower with them, and weights that only shrink come to them in the end.
    Holds for the calling thread, and for those of torch that it starts.
    """
    before = bool(torch.tensor(torch.finfo(torch.float32).tiny) / 2 == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


@cache
def emulates_bfloat16(device_type: str) -> bool:
    """Whether the device has no bfloat16 of its own, which costs two (AVX-512) to ten times (AVX2)
    float32's time.

    Torch doesn't tell for a processor, so a small convolution is timed: a processor that has it
    takes about as long as in float32, or less.
    """
    if device_type == "cuda":
        return not torch.cuda.is_bf16_supported(including_emulation=False)
    return _seconds(torch.bfloat16) > EMULATED * _seconds(torch.float32)


@torch.no_grad()
def _seconds(dtype: torch.dtype) -> float:
    """The shortest of a few convolutions: whatever else the machine does only adds to one."""
    x, weight = torch.ones(8, 32, 16, 16, dtype=dtype), torch.ones(32, 32, 3, 3, dtype=dtype)
    return min(timeit.repeat(lambda: F.conv2d(x, weight, padding=1), number=1, repeat=TIMES))
