"""What can happen around the training loop, and what all methods have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from reproduce.data import Dataset
from reproduce.errors import UserError
from reproduce.models import NETWORKS
from reproduce.runs.kinds import METHODS
from reproduce.runs.settings import Settings
from reproduce.surgery.graph import plan_of

Evaluate = Callable[[], tuple[float, float]]


@dataclass(frozen=True)
class Job:
    """What a method works on.

    Attributes:
        model: the network, on its device.
        example: one input batch.
        settings: of the run.
        samples: N, training samples.
        steps: per epoch.
        data: what it is trained on.
        kept: where the method ``needs`` another run, the numbers of the units it kept by site.
    """

    model: nn.Module
    example: Tensor
    settings: Settings
    samples: int
    steps: int
    data: Dataset
    kept: list[list[int]]


class Method:
    """What every method has in common; it sees the start of every epoch, every step, and the end.

    Attributes:
        plan: of the network.

    Raises:
        UserError: the network branches, and the method knows chains only.
    """

    def __init__(self, job: Job):
        self.plan = plan_of(job.model, job.example)
        settings = job.settings
        if METHODS[settings.method].chains_only and self.plan.channels():
            others = ", ".join(name for name, kind in METHODS.items() if not kind.chains_only)
            raise UserError(
                f"method {settings.method} knows networks whose layers form a chain, and"
                f" {NETWORKS[settings.network].title} branches: take {others}"
            )

    def before_epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        """Called before the first step of an epoch, counted from 1."""

    def after_backward(self) -> None:
        """Called when a step's gradients are there, before the optimiser takes them."""

    def after_step(self, step: int, optimizer: torch.optim.Optimizer) -> bool:
        """Called after every step of the optimiser, counted from 1 in each epoch.

        Returns:
            Whether the network may have become smaller.
        """
        return False

    def metrics(self, evaluate: Evaluate) -> dict[str, Any]:
        """What this method adds to the epoch's metrics; ``evaluate`` gives error in % and loss."""
        return {}

    def finish(self, optimizer: torch.optim.Optimizer) -> None:
        """Called after the last epoch; leaves a deterministic, plain network."""

    def kept(self) -> list[list[int]]:
        """The original numbers of the units left, site by site."""
        return [list(range(width)) for width in self.plan.widths()]

    def spared(self) -> list[str]:
        """Layers by name that would have lost their last unit, and were not let."""
        return []

    def report(self) -> dict[str, Any]:
        """What this method adds to the record of the finished run."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        """Takes a saved state over, after cutting the network to the shape it had."""


class Dense(Method):
    """Plain training of the whole network."""


class Cutting(Method):
    """A method that cuts the network once, and knows which units are left."""

    def __init__(self, job: Job):
        super().__init__(job)
        device = job.example.device
        self._kept = [torch.arange(units, device=device) for units in self.plan.widths()]

    def _cut(self, wanted: list[Tensor], optimizer: torch.optim.Optimizer) -> None:
        """Removes all units but those whose original numbers are wanted, site by site."""
        self._kept = self.plan.cut_to(self._kept, wanted, optimizer)

    def kept(self) -> list[list[int]]:
        return [kept.tolist() for kept in self._kept]

    def state_dict(self) -> dict[str, Any]:
        return {"kept": self._kept}

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        self._cut(state["kept"], optimizer)
