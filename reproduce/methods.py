"""What can happen around the training loop: nothing (dense), or the learning of gates.

A method sees the start of every epoch, every step and the end of every epoch; it joins by one
line of ``METHODS``.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from reproduce.gates import Gates
from reproduce.models import NETWORKS
from reproduce.settings import Settings
from reproduce.surgery import trace

BINS = 20
Evaluate = Callable[[], tuple[float, float]]


class Dense:
    """Plain training of the whole network, and what every method has in common.

    Args:
        model: the network, on its device.
        example: one input batch.
        settings: of the run.
        samples: N, training samples.
        steps: per epoch.
    """

    def __init__(
        self, model: nn.Module, example: Tensor, settings: Settings, samples: int, steps: int
    ):
        self.plan = trace(model, example)

    def before_epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        """Called before the first step of an epoch, counted from 1."""

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

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        """Takes a saved state over, after cutting the network to the shape it had."""


class LearntGates(Dense):
    """Gates on every unit: learnt, pruned at the end of each window, frozen before the last epochs.
    """

    def __init__(
        self, model: nn.Module, example: Tensor, settings: Settings, samples: int, steps: int
    ):
        self._freeze_epoch = settings.freeze_epoch
        self._layers = NETWORKS[settings.network].layers
        windows = settings.gates.windows
        self._window_ends = {round(steps * end / windows) for end in range(1, windows + 1)}
        self.gates = Gates.attach(
            model,
            example,
            replace(
                settings.gates,
                samples=samples,
                steps=steps * settings.freeze_epoch,
                seed=settings.seed,
            ),
        )
        self.plan = self.gates.plan

    def before_epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        if epoch == self._freeze_epoch + 1:
            self.gates.freeze(optimizer)

    def after_step(self, step: int, optimizer: torch.optim.Optimizer) -> bool:
        if self.gates.frozen:
            return False
        self.gates.step()
        if step not in self._window_ends:
            return False
        return bool(self.gates.prune(optimizer))

    def metrics(self, evaluate: Evaluate) -> dict[str, Any]:
        gates = self.gates
        if gates.frozen:
            return {}
        gates.evaluate_with = "mean"
        mean_error, mean_loss = evaluate()
        gates.evaluate_with = "threshold"
        hidden = slice(1, None) if self.plan.starts_with_features else slice(None)
        return {
            "mean_gate_error": mean_error,
            "mean_gate_loss": mean_loss,
            "decided": gates.share_decided(),
            "decided_hidden": gates.share_decided(hidden),
            "noise": gates.noise(),
            "worth": gates.worth(),
            "price": gates.prices(),
            "theta_histogram": [
                torch.histc(theta, BINS, 0, 1).int().tolist() for theta in gates.full_theta()
            ],
        }

    def finish(self, optimizer: torch.optim.Optimizer) -> None:
        if not self.gates.frozen:
            self.gates.freeze(optimizer)

    def kept(self) -> list[list[int]]:
        return [kept.tolist() for kept in self.gates.kept]

    def spared(self) -> list[str]:
        layers = dict(zip((site.name for site in self.plan.sites), self._layers))
        return [layers[name] for name in layers if name in self.gates.spared]

    def state_dict(self) -> dict[str, Any]:
        return self.gates.state_dict()

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        self.gates.load_state_dict(state, optimizer)


METHODS: dict[str, type[Dense]] = {"gates": LearntGates, "dense": Dense}
