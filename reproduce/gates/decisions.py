"""What is decided of gates from their statistics: how far a step goes, and which units may go.

The theory proves both formulas, for arrays: ``theory.gate_step.layer_step`` and
``theory.pruning_test.gate_z``. Tests hold these against them.
"""

import torch
from scipy.special import ndtri
from torch import Tensor

MEMORY = 0.99  # share of the running mean of squares that a step keeps
MARGIN = 0.01  # a gate nearer than this to 0 or 1 is decided
UNDECIDED = f"[{MARGIN:g}, {1 - MARGIN:g}]"  # in words


def layer_step(price: Tensor, moment: Tensor, alpha: float, closing_steps: int) -> Tensor:
    """min(alpha c / sigma^2, 1 / (K c)), the gate step of each layer (claim G5).

    Args:
        price: c of each layer, mean-loss units.
        moment: sigma^2, mean square of the layer's gradient estimates.
        alpha: distance from 0, doubled, at which a worthless gate may hover.
        closing_steps: K, least number of steps in which it may close.
    """
    return torch.minimum(alpha * price / moment, 1 / (closing_steps * price))


def unworthy(mean: Tensor, deviation: Tensor, steps: int, confidence: float) -> Tensor:
    """Which units are not worth their price by a one-sided z-test (claim P4), bool.

    Args:
        mean: of price minus worth over a window of steps, for each gate.
        deviation: standard deviation of one step's.
        steps: in the window; fewer than two show no deviation, and decide nothing.
        confidence: asked for, in [0.5, 1).
    """
    if steps < 2:
        return torch.zeros_like(mean, dtype=torch.bool)
    return (mean > 0) & (mean >= ndtri(confidence) * (deviation / steps**0.5))


def ranked(theta: Tensor, mean: Tensor) -> Tensor:
    """The place of each unit among all, from the one to go first: by theta, then by its worth.

    ``mean`` is of price minus worth; both have shape (gates,), and so has the result.
    """
    by_value = mean.argsort(descending=True, stable=True)
    order = by_value[theta[by_value].argsort(stable=True)]
    places = torch.arange(len(order), device=order.device)
    return torch.empty_like(order).scatter_(0, order, places)
