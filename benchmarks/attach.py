"""Attaching gates to networks of torchvision: memory beside the network's own, and time.

Memory is the most that a process of its own needs while it attaches, less what it had before, which
holds the network already; the network's is that of its parameters and buffers. Beside them is what
one plain training step of the example takes, in a process of its own. Seconds are CPU time of one
thread, which other load hardly moves. The example is two images of 224 x 224 pixels. A network of a
few units was attached before, so that libraries are loaded and not counted; activations are.
"""

import time
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.coverage import build
from benchmarks.memory import high_water, in_a_process, in_use
from benchmarks.timing import digits
from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates

THREADS = 1
USES = ("torch", "torchvision")
HEAD = ("network", "MiB, network", "MiB, attach", "ratio", "MiB, a training step", "seconds")
NETWORKS = ("resnet50", "densenet121", "vgg16_bn", "mobilenet_v2")
RUN: dict[str, Any] = {"samples": 50_000, "steps": 1000}


def measure() -> dict[str, Any]:
    return {name: in_a_process(_attached, name) | in_a_process(_stepped, name) for name in NETWORKS}


def _attached(name: str) -> dict[str, float]:
    torch.set_num_threads(1)
    Gates.attach(_Small(), torch.randn(2, 3, 8, 8), GateConfig(), **RUN)  # loads what there is
    model, x = _network(name)
    own = sum(t.numel() * t.element_size() for t in (*model.parameters(), *model.buffers()))
    before, begin = in_use(), time.process_time()
    Gates.attach(model, x, GateConfig(), **RUN)
    seconds = time.process_time() - begin
    return {"MiB, network": own / 2**20, "MiB": high_water() - before, "seconds": seconds}


class _Small(nn.Module):
    """A network that branches, with layers of the kinds that those measured have."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.wide = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 16, 1)
        self.apart, self.back = nn.Conv2d(16, 16, 3, padding=1, groups=16), nn.Conv2d(16, 8, 1)
        self.norm, self.act, self.last = nn.BatchNorm2d(16), nn.ReLU6(inplace=True), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x).relu()
        y = self.back(self.act(self.apart(self.act(self.norm(self.wide(x))))))
        return self.last((x + y).mean((2, 3)))


def _stepped(name: str) -> dict[str, float]:
    torch.set_num_threads(1)
    model, x = _network(name)
    before = in_use()
    model(x).square().mean().backward()
    return {"MiB, step": high_water() - before}


def _network(name: str) -> tuple[nn.Module, Tensor]:
    return build(f"torchvision:{name}"), torch.randn(2, 3, 224, 224)


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [
            name,
            digits(one["MiB, network"]),
            digits(one["MiB"]),
            f"{one['MiB'] / one['MiB, network']:.1f}",
            digits(one["MiB, step"]),
            f"{one['seconds']:.1f}",
        ]
        for name, one in result.items()
    ]
