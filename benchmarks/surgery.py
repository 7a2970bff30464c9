"""Cutting a tenth of the units out of every layer at once, against one dense training step.

Weights, biases, batch norm and the optimiser's moments are sliced, in a fresh copy of the whole
network each round; copying is outside the clock. The step has a batch of 128 images.
"""

from copy import deepcopy
from typing import Any

import torch

from benchmarks.networks import Step, settings_of
from benchmarks.timing import COLUMNS, cells, digits, milliseconds, ratio, take_turns
from reproduce.models import NETWORKS
from reproduce.surgery.graph import plan_of

THREADS = 1
USES = ("torch", "torch-pruning")
HEAD = (*COLUMNS, "ms")
ROUNDS = {"lenet_5": 100, "vgg16": 15, "resnet20": 40}
SHARE = 0.1


class Cut:
    """The surgery on a copy of a network and its optimiser; ``prepare`` makes the copy."""

    def __init__(self, step: Step):
        self._whole = plan_of(step.model, step.x[:2]), step.optimizer
        self.prepare()

    def prepare(self) -> None:
        self._plan, self._optimizer = deepcopy(self._whole)
        self._kept = [torch.arange(units) for units in self._plan.widths()]
        self._wanted = [kept[: round(len(kept) * (1 - SHARE))] for kept in self._kept]

    def __call__(self) -> None:
        for _ in self._plan.cut_to(self._kept, self._wanted, self._optimizer):
            pass


def measure() -> dict[str, Any]:
    return {network: times(network, rounds) for network, rounds in ROUNDS.items()}


def times(network: str, rounds: int) -> dict[str, Any]:
    step = Step(settings_of(network), gated=False)
    step()  # so that the optimiser has moments to cut
    cut = Cut(step)
    turns = take_turns({"cut": cut, "step": step}, rounds, prepare=cut.prepare)
    return {"milliseconds": milliseconds(turns["cut"]), **ratio(turns["cut"], turns["step"])}


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [
            *cells(f"{NETWORKS[network].title}, a tenth cut", "dense step", one),
            digits(one["milliseconds"]),
        ]
        for network, one in result.items()
    ]
