"""How large a gate step may be: a noisy projected gate as a reflected diffusion (claim G5).

A gate's distance x in [0, 1] from the boundary that its drift pushes it to moves in each step by
η·(−|d| + noise of deviation σ), and is projected to [0, 1]. Its drift d is worth minus price, in
the units of the cost. For steps small against their law's width this is a reflected diffusion
with drift −η|d| and variance η²σ² per step, and one number says how decided the gate is: the
rate κ = 2|d|/(ησ²).

The truncated exponential's CDF is the hyper-prior's quantile and the other way round, at
ln γ = −κ; so both are computed there, where they stay exact for tiny and for huge rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import exprel

from theory._checks import finite, positive, require
from theory._types import Array, ArrayOrFloat
from theory.hyperprior import FlatteningHyperprior


@dataclass(frozen=True, kw_only=True, eq=False)
class ReflectedGate:
    """The stationary law of the distance x: density ∝ exp(−κx) on [0, 1]. Claim G5.

    Attributes:
        drift: d, in units of the cost per unit of gate, finite; only its size matters here.
        noise: σ, deviation of one step's gradient estimate, same units, positive.
        step: η, in gate units per unit of the cost, positive.
            All broadcast with one another and with the methods' arguments.

    Raises:
        ValueError: if one of them, or a method's argument, leaves its range.
    """

    drift: Array | float
    noise: Array | float
    step: Array | float

    def __post_init__(self) -> None:
        object.__setattr__(self, "drift", finite("drift", self.drift)[()])
        object.__setattr__(self, "noise", positive("noise", self.noise)[()])
        object.__setattr__(self, "step", positive("step", self.step)[()])

    @property
    def rate(self) -> ArrayOrFloat:
        """κ = 2|d|/(ησ²), per gate unit: its inverse is the law's width."""
        return 2 * np.abs(self.drift) / (self.step * self.noise**2)

    def pdf(self, x: ArrayLike) -> ArrayOrFloat:
        """κ exp(−κx)/(1 − exp(−κ)), uniform at κ = 0, for x in [0, 1]."""
        return np.exp(-self.rate * require("x", x, 0, 1)) / exprel(-self.rate)

    def cdf(self, x: ArrayLike) -> ArrayOrFloat:
        """(1 − exp(−κx))/(1 − exp(−κ)), for x in [0, 1]."""
        return FlatteningHyperprior(log_gamma=-self.rate).ppf(require("x", x, 0, 1))

    def ppf(self, u: ArrayLike) -> ArrayOrFloat:
        """Quantile, for u in [0, 1]."""
        return FlatteningHyperprior(log_gamma=-self.rate).cdf(require("u", u, 0, 1))

    def mean(self) -> ArrayOrFloat:
        """1/κ − 1/(exp(κ) − 1)."""
        return FlatteningHyperprior(log_gamma=self.rate).mean()

    def mean_bound(self) -> ArrayOrFloat:
        """ησ²/(2|d|) = 1/κ: no projected walk's mean exceeds it, whatever its noise; ∞ at d = 0."""
        with np.errstate(divide="ignore", over="ignore"):
            return (1 / np.asarray(self.rate))[()]

    def steps_to_boundary(self) -> ArrayOrFloat:
        """Mean number of steps from x = 1 to 0: (1 − (1−exp(−κ))/κ)/(η|d|); 1/(η²σ²) at d = 0."""
        from_below = FlatteningHyperprior(log_gamma=-self.rate).mean()
        return 2 * from_below * exprel(-self.rate) / (self.step * self.noise) ** 2


def largest_step(drift: ArrayLike, noise: ArrayLike, within: ArrayLike) -> ArrayOrFloat:
    """2|d|ε/σ², the largest step η for which ``ReflectedGate.mean_bound`` is at most ε. Claim G5.

    Args:
        drift, noise: as for ``ReflectedGate``.
        within: ε in (0, 1].

    Raises:
        ValueError: if an argument leaves its range.
    """
    within = require("within", within, 0, 1, open_low=True)
    return (2 * np.abs(finite("drift", drift)) * within / positive("noise", noise) ** 2)[()]


def least_steps(drift: ArrayLike, noise: ArrayLike, within: ArrayLike) -> ArrayOrFloat:
    """(σ/d)²·(1/ε − 1 + exp(−1/ε))/2: mean steps to the boundary at the largest step. Claim G5.

    Smaller steps need more; ∞ at d = 0. Arguments and errors as for ``largest_step``.
    """
    within = require("within", within, 0, 1, open_low=True)
    with np.errstate(divide="ignore"):
        ratio = positive("noise", noise) / np.abs(finite("drift", drift))
    return (ratio**2 * (1 / within - 1 + np.exp(-1 / within)) / 2)[()]


def layer_step(
    price: ArrayLike, noise: ArrayLike, alpha: ArrayLike, closing_steps: ArrayLike
) -> ArrayOrFloat:
    """min(α c/σ², 1/(K c)), the gate step of a layer. Claim G5.

    A gate of no worth has drift −c: the first keeps its mean distance from 0 to α/2, the second
    gives it K steps at least to close, but for noise.

    Args:
        price: c, in units of the cost, positive.
        noise: σ, root mean square of the layer's gradient estimates, positive.
        alpha: α, positive.
        closing_steps: K, at least 1.

    Raises:
        ValueError: if an argument leaves its range.
    """
    price, noise = positive("price", price), positive("noise", noise)
    closing_steps = require("closing_steps", closing_steps, 1, np.inf, open_high=True)
    return np.minimum(positive("alpha", alpha) * price / noise**2, 1 / (closing_steps * price))[()]
