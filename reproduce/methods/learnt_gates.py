"""The method of this project: gates on every unit, learnt while the network is trained."""

from typing import Any

import torch

from reproduce.gates.budget import Budget
from reproduce.gates.gates import Gates
from reproduce.methods.base import Evaluate, Job, Method
from reproduce.models import NETWORKS

BINS = 20


class LearntGates(Method):
    """Gates on every unit: learnt, pruned at each window's end, frozen before the last epochs.

    They are attached before the first epoch, or later, where the weights go ahead without noise.
    """

    gates: Gates  # from the first epoch with gates on

    def __init__(self, job: Job):
        super().__init__(job)
        settings, steps = job.settings, job.steps
        self._first_epoch = settings.attach_epoch + 1
        self._freeze_epoch = settings.freeze_epoch
        self._layers = NETWORKS[settings.network].layers
        windows = settings.gates.windows
        self._window_ends = {round(steps * end / windows) for end in range(1, windows + 1)}
        self._model = job.model
        self._settings, self._samples = settings, job.samples
        self._steps = steps * settings.gated_epochs
        Budget.of(self.plan, settings.gates)  # what can't be reached is refused before any training
        self._attached = False

    def _attach(self) -> None:
        config, seed = self._settings.gates, self._settings.seed
        self.gates = Gates(self._model, self.plan, config, self._samples, self._steps, seed)
        self._attached = True

    @property
    def _moving(self) -> bool:
        return self._attached and not self.gates.frozen

    def before_epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        if epoch == self._first_epoch:
            self._attach()
        if epoch == self._freeze_epoch + 1:
            self.gates.freeze(optimizer)

    def after_step(self, step: int, optimizer: torch.optim.Optimizer) -> bool:
        if not self._moving:
            return False
        self.gates.step()
        if step not in self._window_ends:
            return False
        self._before_prune()
        return bool(self.gates.prune(optimizer))

    def _before_prune(self) -> None:
        """For a look at the gates before some of them go."""

    def metrics(self, evaluate: Evaluate) -> dict[str, Any]:
        if not self._moving:
            return {}
        gates = self.gates
        gates.evaluate_with = "mean"
        mean_error, mean_loss = evaluate()
        gates.evaluate_with = "threshold"
        hidden = slice(1, None) if self.plan.starts_with_features else slice(None)
        return {
            "mean_gate_error": mean_error,
            "mean_gate_loss": mean_loss,
            "decided": gates.share_decided(),
            "decided_hidden": gates.share_decided(hidden),
            "noise": tuple(gates.noise()),
            "worth": tuple(gates.worth()),
            "price": tuple(gates.prices()),
            "theta_histogram": tuple(
                tuple(torch.histc(theta, BINS, 0, 1).int().tolist()) for theta in gates.full_theta()
            ),
        }

    def finish(self, optimizer: torch.optim.Optimizer) -> None:
        if self._moving:
            self.gates.freeze(optimizer)

    def kept(self) -> list[list[int]]:
        return [kept.tolist() for kept in self.gates.kept]

    def spared(self) -> list[str]:
        layers = dict(zip((site.name for site in self.plan.sites), self._layers))
        return [layers[name] for name in layers if name in self.gates.spared]

    def state_dict(self) -> dict[str, Any]:
        return self.gates.state_dict() if self._attached else {}

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        if "theta" in state:
            self._attach()
            self.gates.load_state_dict(state, optimizer)
