"""Convolutions over small maps as products of matrices: exact to rounding, up to twice as fast.

Up to, as it depends on the processor, so a convolution of each size is timed once in a process. A
3x3 convolution over a map of 4x4 or 2x2 pixels spends most of its time on borders and on moving
weights. As a bilinear map it is ``y = A ((G w) * (T x))``: constant matrices A, G and T, and
between them one product of matrices (samples by channels, channels by filters) for each row of G.

In float32 four pixels in a row take six products, where three taps at each take twelve (Winograd's
F(4, 3); in two dimensions the square). Their differences would cost too many digits in bfloat16:
there each pair of pixels that meet is one product.
"""

import timeit
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

SIDES = (1, 2, 4, 8)  # pixels of a map in a row or column
WIDE = 128  # channels and filters, from which on eight pixels in a row gain more than they cost
GAIN = 0.8  # of torch's time a product takes at most: near 1 two timings might disagree
TIMED = (64, 256, 9)  # samples, channels and filters, and calls, of the convolution that is timed
TILE = 4
# F(4, 3), by the points 0, 1, -1, 2, -2 and infinity: from six pixels the next four.
OUT = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
TAPS = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
PIXELS = np.array([
    [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
])  # fmt: skip


class SmallMaps(TorchFunctionMode):
    """A context in which layers' convolutions on a processor go through ``convolved`` if it pays.

    The layers stay what they are: only what they call is another function.
    """

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function is torch.conv2d and not kwargs and _pays(*args):
            return convolved(*args[:3])
        return function(*args, **(kwargs or {}))


def may_gain(model: nn.Module, device: torch.device) -> bool:
    """Whether there is a layer for ``SmallMaps`` there, which costs each operation a little."""
    return device.type == "cpu" and any(
        isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3) for layer in model.modules()
    )


def _pays(x: Tensor, weight: Tensor, bias: Tensor | None = None, *others: Any) -> bool:
    """Whether the arguments of ``torch.conv2d``, as a layer gives them, are better multiplied."""
    if x.device.type != "cpu" or x.dim() != 4 or weight.shape[2:] != (3, 3):
        return False
    largest = max(x.shape[2:])
    wide = not _reduced(x) and min(weight.shape[:2]) >= WIDE
    return (
        others == ((1, 1), (1, 1), (1, 1), 1)  # stride, padding, dilation, groups
        and all(side in SIDES for side in x.shape[2:])
        and (largest < max(SIDES) or wide)
        and gains(largest, torch.bfloat16 if _reduced(x) else torch.float32)
    )


@cache
def gains(side: int, dtype: torch.dtype) -> bool:
    """Whether on this processor a product is the faster way over maps of so many pixels a side.

    Where torch's matrices are slow beside its convolutions, as in float32 on some, it is not.
    """
    samples, channels, calls = TIMED
    x = torch.ones(samples, channels, side, side, dtype=dtype)
    x = x.to(memory_format=torch.channels_last).requires_grad_()
    weight = torch.ones(channels, channels, 3, 3).to(memory_format=torch.channels_last)
    weight.requires_grad_()
    ways = (lambda: convolved(x, weight), lambda: torch.conv2d(x, weight, padding=1))
    with torch.enable_grad(), torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
        # In turns, so that whatever else the machine does disturbs both.
        times = [[_seconds(way) for way in ways] for _ in range(calls)]
    product, convolution = map(min, zip(*times))
    return product <= GAIN * convolution


def _seconds(way: Callable[[], Tensor]) -> float:
    """Of a convolution and its derivatives, which come to it as they do in a network."""
    return timeit.timeit(lambda: way().square().sum().backward(), number=1)


def _reduced(x: Tensor) -> bool:
    return x.dtype not in (torch.float32, torch.float64) or torch.is_autocast_enabled("cpu")


def convolved(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A 3x3 convolution, padded by a pixel of zeros, of maps whose sides are in ``SIDES``.

    Args:
        x: (samples, channels, height, width).
        weight: (filters, channels, 3, 3).
        bias: (filters,).

    Returns:
        (samples, filters, height, width), differentiable to any order.
    """
    samples, channels, height, width = x.shape
    filters = len(weight)
    out, taps, pixels = (each.to(x.dtype) for each in _matrices(height, width, _reduced(x)))
    seen = (pixels @ _by_place(x)).view(-1, samples, channels)
    asked = (taps @ _by_place(weight.transpose(0, 1))).view(-1, channels, filters)
    y = out @ torch.bmm(seen, asked).view(-1, samples * filters)
    y = y.view(height, width, samples, filters).permute(2, 3, 0, 1)
    y = y.contiguous(memory_format=torch.channels_last)  # as it lies in the layers around
    return y if bias is None else y + bias.to(y.dtype).view(-1, 1, 1)


def _by_place(x: Tensor) -> Tensor:
    """(a, b, height, width) as (height * width, a * b)."""
    return x.permute(2, 3, 0, 1).reshape(x.shape[2] * x.shape[3], -1)


@cache
def _matrices(height: int, width: int, reduced: bool) -> tuple[Tensor, Tensor, Tensor]:
    """A, G and T: (pixels, products), (products, 9) and (products, pixels)."""
    rows, columns = _line(height, reduced), _line(width, reduced)
    out, taps, pixels = (torch.from_numpy(np.kron(*pair)) for pair in zip(rows, columns))
    return out, taps, pixels


def _line(side: int, reduced: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A, G and T of a convolution in one dimension with three taps, padded by a pixel."""
    if side >= TILE and not reduced:
        tiles, padded = side // TILE, np.eye(side + 2)[:, 1:-1]
        pixels = [PIXELS @ padded[start : start + TILE + 2] for start in range(0, side, TILE)]
        return np.kron(np.eye(tiles), OUT), np.tile(TAPS, (tiles, 1)), np.vstack(pixels)
    pairs = [(to, of) for to in range(side) for of in range(side) if abs(to - of) <= 1]
    tos, ofs = map(list, zip(*pairs))
    taps = [of - to + 1 for to, of in pairs]
    return np.eye(side)[:, tos], np.eye(3)[taps], np.eye(side)[ofs]
