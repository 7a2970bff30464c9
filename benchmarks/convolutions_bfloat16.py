"""The same on a processor that has bfloat16 of its own, in both arithmetics; what is left to gain.

The ratio is of a step as training takes it here, with products over maps of so many pixels a side
as the column says: those where one convolution takes 0.8 of torch's time at most. Beside it stands
the ratio with products over all small maps. A step's GFLOP/s with torch's convolutions are compared
with the most of a product of two matrices of 2048 rows and columns, and of one convolution forward,
of 256 filters over 8 x 8 pixels.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from benchmarks.convolutions import measured, sizes
from benchmarks.networks import BATCH, Step
from benchmarks.timing import COLUMNS, cells, digits, seconds
from reproduce.arithmetic import emulates_bfloat16
from reproduce.convolutions import SIDES, gains
from reproduce.errors import UserError
from reproduce.models import NETWORKS
from reproduce.runs.record import TRAINING_PASSES
from reproduce.runs.settings import PRECISIONS, Settings
from reproduce.surgery.chain import trace

THREADS = 1
USES = ("torch",)
HEAD = (
    *COLUMNS, "products over", "all products", "ms, torch", "GFLOP/s, torch", "of the most, %",
)  # fmt: skip
ROWS, FILTERS, SIDE, CALLS = 2048, 256, 8, 7


def measure() -> dict[str, Any]:
    """Raises UserError where bfloat16 is emulated."""
    if emulates_bfloat16("cpu"):
        raise UserError("this benchmark needs a processor that has bfloat16 of its own")
    wanted, result = sizes(), {}
    for precision in PRECISIONS:
        dtype = getattr(torch, precision)
        of_all = {
            "flop a second, most": _most(dtype),
            "gains over": [side for side in SIDES if gains(side, dtype)],
        }
        for name, settings in wanted.items():
            one = _as_chosen(replace(settings, precision=precision))
            result[f"{name}, {precision}"] = one | of_all
    return result


def _as_chosen(settings: Settings) -> dict[str, Any]:
    step = Step(settings, gated=False)
    macs = trace(step.model, torch.rand(2, *NETWORKS["vgg16"].image)).macs()
    return measured(step, chosen=gains) | {"flop": 2 * TRAINING_PASSES * macs * BATCH}


def _most(dtype: torch.dtype) -> float:
    """Operations a second of what torch is fastest at."""
    a, b = torch.ones(2, ROWS, ROWS, dtype=dtype)
    x = torch.ones(BATCH, FILTERS, SIDE, SIDE, dtype=dtype).to(memory_format=torch.channels_last)
    weight = torch.ones(FILTERS, FILTERS, 3, 3, dtype=dtype)
    calls: dict[int, Callable[[], torch.Tensor]] = {
        ROWS**3: lambda: a @ b,
        BATCH * SIDE**2 * weight.numel(): lambda: torch.conv2d(x, weight, padding=1),
    }
    return max(2 * macs / min(seconds(call) for _ in range(CALLS)) for macs, call in calls.items())


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [*cells(name, "torch's convolutions", one["chosen"]), *_others(one)]
        for name, one in result.items()
    ]


def _others(one: dict[str, Any]) -> list[str]:
    rate = 1e3 * one["flop"] / one["milliseconds, torch"]
    return [
        ", ".join(map(str, one["gains over"])) or "none",
        digits(one["ratio"]),
        digits(one["milliseconds, torch"]),
        digits(rate / 1e9),
        f"{100 * rate / one['flop a second, most']:.0f}",
    ]
