"""What a unit is charged: by the piece, or by what its removal saves."""

import torch
from torch import Tensor

from reproduce.gates.config import PRICES, GateConfig
from reproduce.surgery.chain import Plan


def rates(plan: Plan, config: GateConfig, samples: int) -> dict[str, float]:
    """What a unit, parameter or MAC is charged, mean-loss units: at the start a unit costs c on
    average, and each part of a price in two parts makes up half of that.

    ``samples``: of the training set.
    """
    units, parts = plan.widths(), PRICES[config.price]

    def mean(what: str) -> float:
        return sum(s * n for s, n in zip(plan.saving(what), units)) / sum(units)

    return {what: config.nats(samples) / samples / mean(what) / len(parts) for what in parts}


def price_per_site(plan: Plan, charged: dict[str, float], device: torch.device) -> Tensor:
    """Price of one unit at each site of the network as it is now, mean-loss units."""
    parts = [
        torch.tensor(plan.saving(what), device=device) * rate for what, rate in charged.items()
    ]
    return torch.stack(parts).sum(0)
