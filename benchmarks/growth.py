"""How the cost of gates grows: with the width of a network, and with the number of gates alone.

Widths: a step of 784-300-100 with its two hidden layers at 1/2 to 8 times their width, gated
against plain, 128 images. Gates alone: drawing them for 8 samples and moving them once, without
the network's own work. Time grows as that power of the number of gates which the last column says.
"""

import math
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from benchmarks.networks import FOR_LONG, OPEN, Step, memory, settings_of
from benchmarks.timing import COLUMNS, cells, digits, milliseconds, ratio, take_turns
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates

THREADS = 1
USES = ("torch",)
HEAD = (*COLUMNS, "ms", "peak memory, ratio", "ns a gate", "exponent")
MULTIPLES = {0.5: 300, 1: 300, 2: 100, 4: 50, 8: 30}  # of the widths, and rounds
GATES = (1000, 10_000, 100_000, 1_000_000)
BASE = 10_000
SAMPLES, ROUNDS = 8, 20


def measure() -> dict[str, Any]:
    widths = {f"{multiple:g}": wider(multiple, n) for multiple, n in MULTIPLES.items()}
    return {"widths": widths, "gates": more_gates()}


def wider(multiple: float, rounds: int) -> dict[str, Any]:
    settings = settings_of("lenet_300_100")
    pixels, *hidden = settings.widths
    widths = (pixels, *(round(multiple * width) for width in hidden))
    settings = replace(settings, widths=widths)
    turns = take_turns({"plain": Step(settings, False), "gated": Step(settings, True)}, rounds)
    return {
        "widths": widths,
        "milliseconds": milliseconds(turns["gated"]),
        **ratio(turns["gated"], turns["plain"]),
        "memory": memory(settings),
    }


class Alone:
    """The gates' own work in one step, when called: they are drawn, and moved."""

    def __init__(self, number: int):
        self._model = nn.Sequential(nn.Linear(16, number), nn.ReLU(), nn.Linear(number, 2))
        self._x = torch.zeros(SAMPLES, 16)
        self._gates = Gates.attach(self._model, self._x, GateConfig(**OPEN), **FOR_LONG)

    def __call__(self) -> None:
        self._gates.sample(self._model, (self._x,), {})
        self._gates.step()


def more_gates() -> dict[str, Any]:
    """Each number against the base, and the slope of log time against log number between them."""
    turns = take_turns({str(number): Alone(number) for number in GATES}, ROUNDS)
    result: dict[str, Any] = {}
    for number in GATES:
        needed = milliseconds(turns[str(number)])
        one = result[str(number)] = {"milliseconds": needed, "ns a gate": 1e6 * needed / number}
        if number != BASE:
            one |= ratio(turns[str(number)], turns[str(BASE)]) | {"against": BASE}
            one["exponent"] = math.log(one["ratio"]) / math.log(number / BASE)
    return result


def rows(result: dict[str, Any]) -> list[list[str]]:
    by_width = [
        [
            *cells("-".join(map(str, one["widths"])), "plain", one),
            digits(one["milliseconds"]),
            f"{one['memory']['ratio']:.2f}",
            "",
            "",
        ]
        for one in result["widths"].values()
    ]
    return by_width + [_of_gates(number, one) for number, one in result["gates"].items()]


def _of_gates(number: str, one: dict[str, Any]) -> list[str]:
    what, exponent = f"{int(number):,} gates", ""
    compared = [what, "", "", "", ""]
    if "ratio" in one:
        compared = cells(what, f"{one['against']:,}", one)
        exponent = f"{one['exponent']:.2f}"
    return [
        *compared, digits(one["milliseconds"]), "", digits(one["ns a gate"]), exponent
    ]  # fmt: skip
