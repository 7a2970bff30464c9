"""Learnt gates, weighed before the freeze: is a gate where its prior says it should rest (H5)?"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from reproduce.methods.base import Job
from reproduce.methods.learnt_gates import LearntGates
from reproduce.runs import record

LEAST_IMAGES = 200_000  # that the estimate is taken over; more where these passes are more
PASSES = 20
AT_ONCE = 1000


class Weighed(LearntGates):
    """Learnt gates; before the freeze every gate's worth is measured, the weights held still.

    The measurement is the mean of the gates' own estimator over many draws. Training is, number by
    number, that of ``LearntGates``: nothing is drawn for gates after the freeze.
    """

    def __init__(self, job: Job):
        super().__init__(job)
        self._job = job
        self._weighed: dict[str, Any] = {}

    def before_epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        if epoch == self._freeze_epoch + 1:
            self._weigh()
        super().before_epoch(epoch, optimizer)

    def finish(self, optimizer: torch.optim.Optimizer) -> None:
        if self._moving:
            self._weigh()
        super().finish(optimizer)

    def report(self) -> dict[str, Any]:
        return {"weighed": record.read(record.Weighed, self._weighed)}

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"weighed": self._weighed}

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        super().load_state_dict(state, optimizer)
        self._weighed = state.get("weighed", {})

    def _weigh(self) -> None:
        """For each gate that is left: theta, worth, its standard error and price, in nats."""
        job, gates = self._job, self.gates
        samples = job.samples
        job.model.train()
        passes = max(PASSES, -(-LEAST_IMAGES // samples))
        estimates = torch.stack([self._estimate() for _ in range(passes)])
        prices = torch.tensor(gates.prices(), device=gates.theta.device)
        widths = torch.tensor(gates.plan.widths(), device=gates.theta.device)
        columns = {
            "theta": gates.theta,
            "worth": -samples * estimates.mean(0),
            "worth_error": samples * estimates.std(0) / passes**0.5,
            "price": samples * prices.repeat_interleave(widths),
        }
        self._weighed = {
            name: [float(f"{value:.5g}") for value in values.tolist()]
            for name, values in columns.items()
        }

    def _estimate(self) -> Tensor:
        """C(1) - C(0) of each gate from one draw for each training image, mean-loss units."""
        job, data, total = self._job, self._job.data, torch.zeros_like(self.gates.theta)
        for x, y in zip(data.train_x.split(AT_ONCE), data.train_y.split(AT_ONCE)):
            loss = F.cross_entropy(job.model(data.normalise(x)), y)
            total += self.gates.estimate(loss) * len(x) / job.samples
        return total
