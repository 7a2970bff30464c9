"""What is decided of gates from their statistics: how far a step goes, and which units may go.

The theory proves both formulas, for arrays: ``theory.gate_step.layer_step`` and
``theory.pruning_test.gate_z``. Tests hold these against them.
"""

import math
from typing import Any

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


def closing_price(worth: Tensor, moment: Tensor, alpha: float, closing_steps: int) -> Tensor:
    """The price at which a gate falls from 1 to 0 in K steps, where its unit is worth what it is.

    In each it falls by (c - worth) alpha c / sigma^2 (claim G5): the price that solves this is
    where both bounds of ``layer_step`` meet, for a worthless unit, and above the worth for others.

    Args:
        worth: C(0) - C(1) of each unit, mean-loss units, shape (gates,).
        moment, alpha, closing_steps: as for ``layer_step``, the first of each unit's layer.

    Returns:
        Prices, at least 0 and the worths, mean-loss units, shape (gates,).
    """
    return worth / 2 + (worth.square() / 4 + moment / (alpha * closing_steps)).sqrt()


class Patience:
    """When gates may begin to move: once what all units are worth no longer rises.

    The steps are looked at in windows. While weights learn the worth of all units together rises,
    from nothing. In a window it must surely be above 0, by five standard errors; and below that of
    an earlier one, or, once a third of all steps is over, above the price of all.

    Attributes:
        over: whether they may move.
        waited: steps until then.
    """

    SURE = 5.0  # standard errors
    WINDOWS = 20  # in all the steps
    LEAST = 20  # steps in a window
    LONGEST = 3  # this part of the steps: gates need the rest

    def __init__(self, steps: int):
        self._length = max(steps // self.WINDOWS, self.LEAST)
        self._windows_left = math.ceil(steps / self.LONGEST / self._length)
        self.over, self.waited = False, 0
        self._highest = -math.inf
        self._worths: list[Tensor] = []  # in the window at hand; a device need not wait for them

    def see(self, worth: Tensor, price: Tensor) -> None:
        """Takes one step's estimate of what all units are worth, and what they cost, shape ()."""
        if self.over:
            return
        self.waited += 1
        self._worths.append(worth)
        if len(self._worths) < self._length:
            return
        worths = torch.stack(self._worths)
        mean, error = worths.mean().item(), worths.std().item() / self._length**0.5
        self._windows_left -= 1
        learnt = mean < self._highest or (self._windows_left <= 0 and mean > price.item())
        self.over = learnt and mean > self.SURE * error
        self._highest = max(self._highest, mean)
        self._worths = []

    def state_dict(self) -> dict[str, Any]:
        return {
            "over": self.over,
            "waited": self.waited,
            "windows_left": self._windows_left,
            "highest": self._highest,
            "worths": self._worths,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.over, self._highest = state["over"], state["highest"]
        self.waited = state.get("waited", 0)  # states of before have none
        self._windows_left = state["windows_left"]
        self._worths = list(state["worths"])


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
