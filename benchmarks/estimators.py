"""A training step with each estimator of the gate gradient against the dense step, at full width.

All take turns, with the second-order one against the trapezoid too; settings are otherwise those of
each network's preset, batches of 128 images.
"""

from typing import Any

from benchmarks.networks import Step, settings_of
from benchmarks.timing import COLUMNS, cells, digits, milliseconds, ratio, take_turns
from reproduce.gates.estimators import ESTIMATORS
from reproduce.models import NETWORKS

THREADS = 1
USES = ("torch",)
HEAD = (*COLUMNS, "ms")
ROUNDS = {"lenet_300_100": 1000, "lenet_5": 200}
PAIRS = (*((name, "dense") for name in ESTIMATORS), ("gauss_newton", "trapezoid"))


def measure() -> dict[str, Any]:
    return {network: times(network, rounds) for network, rounds in ROUNDS.items()}


def times(network: str, rounds: int) -> list[dict[str, Any]]:
    sides = {"dense": Step(settings_of(network), gated=False)} | {
        name: Step(settings_of(network, estimator=name), gated=True) for name in ESTIMATORS
    }
    turns = take_turns(sides, rounds)
    return [
        {
            "what": name,
            "against": other,
            "milliseconds": milliseconds(turns[name]),
            **ratio(turns[name], turns[other]),
        }
        for name, other in PAIRS
    ]


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [
            *cells(
                f"{NETWORKS[network].title}, {_title(one['what'])}", _title(one["against"]), one
            ),
            digits(one["milliseconds"]),
        ]
        for network, pairs in result.items()
        for one in pairs
    ]


def _title(name: str) -> str:
    return name.replace("_", "-")
