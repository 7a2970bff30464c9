"""What the flattening hyper-prior is compared with, and the protocol that all priors share.

A prior is judged by its *profile*, the cost of a gate probability θ once the prior's own π has
been chosen best: min_π KL(θ‖π) − ln p(π), in nats. The gate step of training needs its slope;
whether gates are driven to 0 and 1 is decided by its curvature (claim H4). A gate whose unit is
worth v = C(0) − C(1) nats comes to rest where profile − vθ is least (claim H5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, entr, expit, logit, xlog1py, xlogy

from theory._checks import finite, positive, probability, require
from theory._types import Array, ArrayOrBool, ArrayOrFloat, Mask
from theory.hyperprior import kl_bernoulli


class Prior(Protocol):
    """What figures and ablations ask of a prior; θ and π are in [0, 1], of any shape."""

    def logpdf(self, pi: ArrayLike) -> ArrayOrFloat:
        """ln p(π)."""

    def map_pi(self, theta: ArrayLike) -> ArrayOrFloat:
        """The π that minimises KL(θ‖π) − ln p(π)."""

    def profile(self, theta: ArrayLike) -> ArrayOrFloat:
        """The minimum over π of KL(θ‖π) − ln p(π), in nats."""

    def profile_slope(self, theta: ArrayLike) -> ArrayOrFloat:
        """First derivative of the profile in θ."""

    def profile_curvature(self, theta: ArrayLike) -> ArrayOrFloat:
        """Second derivative of the profile in θ."""

    def resting_theta(self, worth: ArrayLike) -> ArrayOrFloat:
        """The θ at which profile(θ) − worth·θ is least, worth in nats; NaN where none is."""


def undecided(prior: Prior, worth: ArrayLike, margin: float = 0.01) -> ArrayOrBool:
    """Whether a gate whose unit is worth so much rests in (margin, 1 − margin). Claim H5.

    By the profile's slope, which rises with θ: exact even where the resting point itself rounds
    to 0 or 1. False where every θ is as good as another.

    Args:
        worth: C(0) − C(1) in nats, finite, of any shape.
        margin: in (0, ½).

    Raises:
        ValueError: if an argument leaves its range.
    """
    worth = finite("worth", worth)
    edge = float(require("margin", margin, 0, 0.5, open_low=True, open_high=True))
    return (prior.profile_slope(edge) < worth) & (worth < prior.profile_slope(1 - edge))


@dataclass(frozen=True, eq=False)
class FixedPrior:
    """The prior probability π₀ held fixed: KL(θ‖π₀), whose minimum θ = π₀ is interior.

    Attributes:
        pi0: in (0, 1), a float or an array that broadcasts with every argument.

    Raises:
        ValueError: if pi0 leaves (0, 1); by the methods, if π or θ leaves [0, 1].
    """

    pi0: Array | float

    def __post_init__(self) -> None:
        pi0 = require("pi0", self.pi0, 0, 1, open_low=True, open_high=True)
        object.__setattr__(self, "pi0", pi0[()])

    def logpdf(self, pi: ArrayLike) -> ArrayOrFloat:
        """With respect to the point mass at π₀: 0 there and −∞ elsewhere."""
        return np.where(probability("pi", pi) == self.pi0, 0.0, -np.inf)[()]

    def map_pi(self, theta: ArrayLike) -> ArrayOrFloat:
        """π₀, whatever θ."""
        return (self.pi0 + np.zeros_like(probability("theta", theta)))[()]

    def profile(self, theta: ArrayLike) -> ArrayOrFloat:
        """KL(θ‖π₀) in nats. Claim H4."""
        return kl_bernoulli(theta, self.pi0)

    def profile_slope(self, theta: ArrayLike) -> ArrayOrFloat:
        """logit θ − logit π₀: −∞ at θ = 0 and +∞ at θ = 1, away from either end. Claim H4."""
        return logit(probability("theta", theta)) - logit(self.pi0)

    def profile_curvature(self, theta: ArrayLike) -> ArrayOrFloat:
        """1/(θ(1−θ)), at least 4. Claim H4."""
        on = probability("theta", theta) + np.zeros_like(self.pi0)
        with np.errstate(divide="ignore"):
            return (1 / (on * (1 - on)))[()]

    def resting_theta(self, worth: ArrayLike) -> ArrayOrFloat:
        """σ(worth + logit π₀), always interior; worth in nats, finite. Claim H5."""
        return expit(finite("worth", worth) + logit(self.pi0))


@dataclass(frozen=True, eq=False)
class BetaHyperprior:
    """The Beta(α, β) density over π, the textbook hyper-prior.

    With A = α−1 and B = β−1 the function to minimise over π is
    −(θ+A) ln π − (1−θ+B) ln(1−π) + ln B(α,β) − H(θ). For α, β ≥ 1 all is regular. For α < 1 and
    θ < 1−α the density's pole at π = 0 outweighs the divergence: the infimum is −∞, approached
    at π → 0; likewise for β < 1 and θ > β at π → 1. There, and nowhere else,

        profile is −∞, and slope and curvature are NaN;
        map_pi is the end that is approached, or NaN if both ends are;

    where exactly θ = 1−α (or θ = β) the infimum is finite and approached at that end, slope and
    curvature are NaN; if α+β = 1 too, every π is as good, and map_pi is NaN.

    Attributes:
        alpha, beta: positive, floats or arrays that broadcast with every argument.

    Raises:
        ValueError: if alpha or beta is not positive and finite; by the methods, if π or θ leaves
            [0, 1].
    """

    alpha: Array | float
    beta: Array | float

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", positive("alpha", self.alpha)[()])
        object.__setattr__(self, "beta", positive("beta", self.beta)[()])

    def logpdf(self, pi: ArrayLike) -> ArrayOrFloat:
        """ln p(π): +∞ at 0 if α < 1, and at 1 if β < 1."""
        pi = probability("pi", pi)
        ends = xlogy(self.alpha - 1, pi) + xlog1py(self.beta - 1, -pi)
        return ends - betaln(self.alpha, self.beta)

    def map_pi(self, theta: ArrayLike) -> ArrayOrFloat:
        """(θ+A)/(1+A+B) where both exponents are non-negative; else as the class says. Claim H4."""
        on, off = self._exponents(theta)
        with np.errstate(divide="ignore", invalid="ignore"):
            regular = on / (on + off)
        poles = [(on < 0) & (off < 0), on < 0, off < 0]
        return np.select(poles, [np.nan, 0.0, 1.0], regular)[()]

    def profile(self, theta: ArrayLike) -> ArrayOrFloat:
        """min_π KL(θ‖π) − ln p(π) in nats, −∞ where the class says. Claim H4."""
        theta = probability("theta", theta)
        on, off = self._exponents(theta)
        total = np.maximum(on + off, np.finfo(float).tiny)
        clipped_on, clipped_off = np.maximum(on, 0), np.maximum(off, 0)
        cross = -xlogy(clipped_on, clipped_on / total) - xlogy(clipped_off, clipped_off / total)
        value = cross + betaln(self.alpha, self.beta) - entr(theta) - entr(1 - theta)
        return np.where((on < 0) | (off < 0), -np.inf, value)[()]

    def profile_slope(self, theta: ArrayLike) -> ArrayOrFloat:
        """logit θ − logit π* = ln(1+B/(1−θ)) − ln(1+A/θ). Claim H4."""
        theta = probability("theta", theta)
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.log1p(_zero_if_zero(self.beta - 1, 1 - theta))
            on = np.log1p(_zero_if_zero(self.alpha - 1, theta))
            return np.where(self._regular(theta), off - on, np.nan)[()]

    def profile_curvature(self, theta: ArrayLike) -> ArrayOrFloat:
        """A/(θ(θ+A)) + B/((1−θ)(1−θ+B)): ≥ 0 for α, β ≥ 1, 0 only for the uniform. Claim H4."""
        theta = probability("theta", theta)
        on, off = self._exponents(theta)
        with np.errstate(divide="ignore", invalid="ignore"):
            left = _zero_if_zero(self.alpha - 1, theta * on)
            right = _zero_if_zero(self.beta - 1, (1 - theta) * off)
            return np.where(self._regular(theta), left + right, np.nan)[()]

    def resting_theta(self, worth: ArrayLike) -> ArrayOrFloat:
        """The θ whose slope is the worth, or the end beyond which none is. Claim H5.

        For Beta(1, γ), γ > 1, that is 0 up to a worth of ln γ, and (e^v − γ)/(e^v − 1) beyond it.
        NaN where α < 1 or β < 1, as the profile has no least value, and for the uniform law at
        worth 0, as every θ is as good.

        Args:
            worth: v = C(0) − C(1) in nats, finite (ValueError otherwise), of any shape.
        """
        worth = finite("worth", worth)
        # With g = 1−e^v, a = Ae^v and b = B the root in [0, 1] of gθ² − (g+a+b)θ + a, divided by
        # the largest of the three, and with a discriminant that does not cancel.
        gap = np.sign(worth) * np.expm1(-np.abs(worth))
        on = np.exp(np.minimum(worth, 0)) * (self.alpha - 1)
        off = np.exp(np.minimum(-worth, 0)) * (self.beta - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            largest = np.maximum(np.abs(gap), np.maximum(on, off))
            gap, on, off = gap / largest, on / largest, off / largest
            total = gap + on + off
            falling = (gap - on) ** 2 + 2 * off * (gap + on) + off**2
            root = np.sqrt(np.where(gap > 0, falling, total**2 - 4 * gap * on))
            theta = np.where(total > 0, 2 * on / (total + root), (root - total) / (-2 * gap))
        # The quotient may round to a little more than 1.
        return np.where((self.alpha < 1) | (self.beta < 1), np.nan, np.minimum(theta, 1))[()]

    def _exponents(self, theta: ArrayLike) -> tuple[Array, Array]:
        """θ+A and 1−θ+B: the powers of π and 1−π in the function to minimise."""
        theta = probability("theta", theta)
        on, off = theta + (self.alpha - 1), (1 - theta) + (self.beta - 1)
        on, off = np.broadcast_arrays(on, off)
        return on, off

    def _regular(self, theta: ArrayLike) -> Mask:
        """Where the profile is finite on both sides of θ, or θ is an end of a regular side."""
        on, off = self._exponents(theta)
        return ((on > 0) | (self.alpha == 1)) & ((off > 0) | (self.beta == 1))


def _zero_if_zero(numerator: ArrayLike, denominator: ArrayLike) -> Array:
    """numerator/denominator, and 0 wherever the numerator is 0 (the limit, at an end of θ)."""
    return np.where(np.equal(numerator, 0), 0.0, np.divide(numerator, denominator))
