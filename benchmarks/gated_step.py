"""A training step with gates on every unit against the same step without, at full width.

Settings are those of each network's preset, the batch has 128 images. Peak memory is that of two
more processes, one with gates and one without; what Python and torch take before is left out.
"""

from typing import Any

from benchmarks.networks import Step, memory, settings_of
from benchmarks.timing import COLUMNS, cells, digits, milliseconds, ratio, take_turns
from reproduce.models import NETWORKS

THREADS = 1
USES = ("torch",)
HEAD = (*COLUMNS, "ms, gated", "peak memory, ratio")
ROUNDS = {"lenet_300_100": 300, "lenet_5": 60, "vgg16": 12, "resnet20": 20}


def measure() -> dict[str, Any]:
    return {
        network: {"step": times(network, rounds), "memory": memory(settings_of(network))}
        for network, rounds in ROUNDS.items()
    }


def times(network: str, rounds: int) -> dict[str, Any]:
    settings = settings_of(network)
    turns = take_turns({"plain": Step(settings, False), "gated": Step(settings, True)}, rounds)
    return {
        "milliseconds, plain": milliseconds(turns["plain"]),
        "milliseconds, gated": milliseconds(turns["gated"]),
        **ratio(turns["gated"], turns["plain"]),
    }


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [
            *cells(f"{NETWORKS[network].title}, gated", "plain", one["step"]),
            digits(one["step"]["milliseconds, gated"]),
            f"{one['memory']['ratio']:.2f}",
        ]
        for network, one in result.items()
    ]
