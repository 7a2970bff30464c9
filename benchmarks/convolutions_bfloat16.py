"""The same on a processor that has bfloat16 of its own, in both arithmetics; what is left to gain.

A step's GFLOP/s with torch's convolutions stand beside those of one product of two matrices of 2048
rows and columns, in percent: so near to what the processor can do a step is. The last column says
over maps of how many pixels a side training takes products here: where one convolution takes 0.65
of torch's time at most (`reproduce/convolutions.py`).
"""

from dataclasses import replace
from typing import Any

import torch

from benchmarks.convolutions import measured, sizes
from benchmarks.networks import BATCH, Step
from benchmarks.timing import COLUMNS, cells, digits, seconds
from reproduce.convolutions import SIDES, gains
from reproduce.errors import UserError
from reproduce.models import NETWORKS
from reproduce.runs.record import TRAINING_PASSES
from reproduce.runs.settings import PRECISIONS
from reproduce.surgery.chain import trace

THREADS = 1
USES = ("torch",)
HEAD = (
    *COLUMNS, "ms, torch", "GFLOP/s, torch", "of a matrix product, %", "products over maps of",
)  # fmt: skip
ROWS, CALLS = 2048, 7


def measure() -> dict[str, Any]:
    """Raises UserError where bfloat16 is emulated."""
    return {
        f"{name}, {precision}": _beside_a_product(replace(settings, precision=precision))
        for precision in PRECISIONS
        for name, settings in sizes().items()
    }


def _beside_a_product(settings: Any) -> dict[str, Any]:
    step = Step(settings, gated=False)
    if step.arithmetic != settings.precision:
        raise UserError(
            "convolutions_bfloat16 needs a processor that has bfloat16; here it has not"
        )
    dtype = getattr(torch, step.arithmetic)
    macs = trace(step.model, torch.rand(2, *NETWORKS["vgg16"].image)).macs()
    return measured(step) | {
        "flop": 2 * TRAINING_PASSES * macs * BATCH,
        "flop a second, matrices": _of_matrices(dtype),
        "gains over": [side for side in SIDES if gains(side, dtype)],
    }


def _of_matrices(dtype: torch.dtype) -> float:
    a, b = torch.ones(2, ROWS, ROWS, dtype=dtype)
    return 2 * ROWS**3 / min(seconds(lambda: a @ b) for _ in range(CALLS))


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [*cells(name, "torch's convolutions", one), *_speed(one)] for name, one in result.items()
    ]


def _speed(one: dict[str, Any]) -> list[str]:
    rate = 1e3 * one["flop"] / one["milliseconds, torch"]
    share = 100 * rate / one["flop a second, matrices"]
    sides = ", ".join(map(str, one["gains over"])) or "none"
    return [digits(one["milliseconds, torch"]), digits(rate / 1e9), f"{share:.0f}", sides]
