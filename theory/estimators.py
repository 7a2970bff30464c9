"""Estimators of the gate gradient C(1) − C(0), exactly and by sampling (claims G1 to G4, G6).

A cost C depends on gate values z in [0, 1]ⁿ; training sees it at drawn values only. Wanted is,
for each gate, E[C(z_i = 1) − C(z_i = 0)] with the other gates Bernoulli(θ). An estimator draws
K sets of gate values, each gate by itself, and returns for each gate the sum over the sets of
signal × factor: the signal is the derivative of C in that gate (one estimator adds its square),
or C itself, and the factor depends on that gate's own draw. So the law of one gate, a few atoms
with their factors, says everything, and mean and variance follow by enumerating the atoms of all
gates. A uniform probe is no atom, but a Gauss-Legendre rule, exact for the objective's degree,
stands for it.

``ESTIMATORS`` holds one of each kind; a new one joins all tests by one line there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import finite, positive, probability, require
from theory._types import Array, ArrayOrFloat
from theory.estimation import Drawn, Estimator, Law, Moments, Pair
from theory.objectives import Objective, combinations, gate_gradient


class Exact(Estimator):
    """The gate gradient itself: no noise, at the price of 2ⁿ evaluations."""

    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        return delta, np.zeros_like(delta)

    def moments(self, objective: Objective, theta: ArrayLike) -> Moments:
        mean = gate_gradient(objective, theta)
        return Moments(mean, np.zeros_like(mean))

    def estimates(self, objective: Objective, theta: ArrayLike, rng: np.random.Generator) -> Array:
        return gate_gradient(objective, theta)


@dataclass(frozen=True)
class Path(Drawn):
    """Uniform probes on a random share of the gates, Bernoulli(θ) on the others (claim G1).

    Attributes:
        rho: share of gates probed, in (0, 1] (ValueError otherwise).
    """

    rho: float = 0.1

    def __post_init__(self) -> None:
        require("rho", self.rho, 0, 1, open_low=True)

    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        return delta, (delta**2 + curvature**2 / 12) / self.rho - delta**2

    def law(self, theta: Array, objective: Objective) -> Law:
        nodes, weights = objective.rule()
        drawn = (1 - self.rho) * np.stack([1 - theta, theta], -1)
        probed = np.broadcast_to(self.rho * weights, (*theta.shape, *weights.shape))
        values = np.concatenate([[0.0, 1.0], nodes])[:, None]
        factors = np.concatenate([[0.0, 0.0], np.full(nodes.size, 1 / self.rho)])[:, None]
        chance = np.concatenate([drawn, probed], -1)
        return Law(values, chance, np.broadcast_to(factors, (*chance.shape, 1)))

    def draw(self, theta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        probed = rng.random(theta.shape) < self.rho
        uniform = rng.random(theta.shape)
        return np.where(probed, uniform, uniform < theta)[None], probed[None] / self.rho

    def marginal(self, theta: ArrayLike) -> ArrayOrFloat:
        drawn = super().marginal(theta)
        return drawn + self.rho * (0.5 - drawn)


class _AtDrawn(Drawn):
    """An estimator that takes its signal at the drawn gates as it is."""

    def law(self, theta: Array, objective: Objective) -> Law:
        opened = np.asarray(self.marginal(theta))
        chance = np.stack([1 - opened, opened], -1)
        return Law(np.array([[0.0], [1.0]]), chance, np.ones((*chance.shape, 1)))

    def draw(self, theta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        values = (rng.random(theta.shape) < self.marginal(theta)).astype(float)
        return values[None], np.ones_like(values)[None]


@dataclass(frozen=True)
class StraightThrough(_AtDrawn):
    """The derivative at the drawn gates, as if drawing were the identity (claim G2): biased."""

    exact_degree = 1

    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        return delta + curvature * (theta - 0.5), curvature**2 * theta * (1 - theta)


@dataclass(frozen=True)
class GaussNewton(_AtDrawn):
    """Taylor step to the other end of the gate, the curvature from squared slopes (claim G6).

    g + (½ − z) g², z ~ Bernoulli(q), q being θ clipped to [floor, 1 − floor], with the mean of g
    and of g² over the samples that the cost is the mean of. Squared slopes are a curvature for
    cross-entropy with logits affine in the gate and labels as the model expects them, and for no
    polynomial but a constant.

    Attributes:
        floor: least probability of either gate value, in [0, ½) (ValueError otherwise); at 0 and
            θ = 0 or 1 a gate is drawn without noise.
    """

    floor: float = 0.0
    exact_degree = 0

    def __post_init__(self) -> None:
        require("floor", self.floor, 0, 0.5, open_high=True)

    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        q, opened, closed = self.marginal(theta), delta + curvature / 2, delta - curvature / 2
        at1, at0 = opened - opened**2 / 2, closed + closed**2 / 2
        return q * at1 + (1 - q) * at0, q * (1 - q) * (at1 - at0) ** 2

    def signal(self, objective: Objective, z: Array) -> Array:
        return objective.slope(z) + (0.5 - z) * objective.squared_slope(z)

    def marginal(self, theta: ArrayLike) -> ArrayOrFloat:
        return np.clip(probability("theta", theta), self.floor, 1 - self.floor)[()]


@dataclass(frozen=True)
class Trapezoid(Drawn):
    """Inverse-propensity trapezoid ½[z/q + (1−z)/(1−q)] C′(z), z ~ Bernoulli(q) (claims G3, G3b).

    q is θ clipped to [floor, 1 − floor].

    Attributes:
        floor: least probability of either gate value, in [0, ½) (ValueError otherwise); at 0,
            θ must lie in (0, 1).
    """

    floor: float = 0.0
    exact_degree = 2

    def __post_init__(self) -> None:
        require("floor", self.floor, 0, 0.5, open_high=True)

    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        q = self.marginal(theta)
        spread = delta * (1 - 2 * q) + curvature / 2
        return delta, spread**2 / (4 * q * (1 - q))

    def law(self, theta: Array, objective: Objective) -> Law:
        q = np.asarray(self.marginal(theta))
        chance = np.stack([1 - q, q], -1)
        return Law(np.array([[0.0], [1.0]]), chance, 0.5 / chance[..., None])

    def draw(self, theta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        q = np.asarray(self.marginal(theta))
        opened = rng.random(q.shape) < q
        return opened.astype(float)[None], np.where(opened, 0.5 / q, 0.5 / (1 - q))[None]

    def marginal(self, theta: ArrayLike) -> ArrayOrFloat:
        if self.floor == 0:
            return _inside(theta)[()]
        return np.clip(probability("theta", theta), self.floor, 1 - self.floor)[()]


class _FromCosts(Drawn):
    """An estimator that reads the cost only, never its derivative: unbiased for every C."""

    baseline: float = 0.0

    def signal(self, objective: Objective, z: Array) -> Array:
        return (objective.value(z) - self.baseline)[..., None]


@dataclass(frozen=True)
class Score(_FromCosts):
    """Score function (C − b)(z − θ)/(θ(1−θ)) with a constant baseline b (claim G4).

    Attributes:
        baseline: b, in units of C, finite (ValueError otherwise).
    """

    baseline: float = 0.0

    def __post_init__(self) -> None:
        finite("baseline", self.baseline)

    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        low, theta = start - self.baseline, _inside(theta)
        spread = (low + delta) * (1 - theta) + low * theta
        return delta, spread**2 / (theta * (1 - theta))

    def law(self, theta: Array, objective: Objective) -> Law:
        chance = np.stack([1 - _inside(theta), theta], -1)
        return Law(np.array([[0.0], [1.0]]), chance, np.array([[-1.0], [1.0]]) / chance[..., None])

    def draw(self, theta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        theta = _inside(theta)
        values = (rng.random(theta.shape) < theta).astype(float)
        return values[None], ((values - theta) / (theta * (1 - theta)))[None]


@dataclass(frozen=True)
class LeaveOneOut(_FromCosts):
    """Score function of K draws, each with the mean cost of the others as baseline (claim G4).

    Attributes:
        draws: K, from 2 on (ValueError otherwise).
    """

    draws: int = 2

    def __post_init__(self) -> None:
        require("draws", self.draws, 2, np.inf, open_high=True)

    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        # Δ/σ² times the sample variance of K Bernoulli draws, whose own variance is known.
        square, draws = _inside(theta) * (1 - theta), self.draws
        relative = (1 / square - 3) / draws - (draws - 3) / (draws * (draws - 1))
        return delta, delta**2 * relative

    def law(self, theta: Array, objective: Objective) -> Law:
        values = combinations(2, self.draws).astype(float)
        theta = _inside(theta)[..., None, None]
        chance = np.where(values == 1, theta, 1 - theta).prod(-1)
        return Law(values, chance, self._factors(values, theta, -1))

    def draw(self, theta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        theta = _inside(theta)
        values = (rng.random((self.draws, *theta.shape)) < theta).astype(float)
        return values, self._factors(values, theta, 0)

    def _factors(self, values: Array, theta: Array, axis: int) -> Array:
        centred = values - values.mean(axis, keepdims=True)
        return centred / ((self.draws - 1) * theta * (1 - theta))


@dataclass(frozen=True)
class Antithetic(_FromCosts):
    """Two antithetic draws z, z̃: (C(z) − C(z̃))(z_i − z̃_i)/(2 min(θ, 1−θ)) (claim G4).

    Known as DisARM or U2G, whose gradient in logit θ is this times θ(1−θ).
    """

    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        differ = 2 * np.minimum(_inside(theta), 1 - theta)
        return delta, delta**2 * (1 - differ) / differ

    def law(self, theta: Array, objective: Objective) -> Law:
        values = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        rarer = np.minimum(_inside(theta), 1 - theta)
        both = np.maximum(1 - 2 * theta, 0), np.maximum(2 * theta - 1, 0)
        chance = np.stack([both[0], rarer, rarer, both[1]], -1)
        sign = (values - values[:, ::-1]) / 2
        return Law(values, chance, sign / rarer[..., None, None])

    def draw(self, theta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        uniform = rng.random(_inside(theta).shape)
        values = np.stack([uniform > 1 - theta, uniform < theta]).astype(float)
        return values, (values - values[::-1]) / 2 / np.minimum(theta, 1 - theta)


ESTIMATORS: dict[str, Estimator] = {
    "exact": Exact(),
    "path": Path(rho=0.1),
    "straight-through": StraightThrough(),
    "trapezoid": Trapezoid(),
    "trapezoid with floor": Trapezoid(floor=0.05),
    "gauss-newton": GaussNewton(),
    "score function": Score(),
    "score function, baseline": Score(baseline=0.5),
    "leave-one-out": LeaveOneOut(),
    "antithetic": Antithetic(),
}


def straight_through_attractor(
    delta: ArrayLike, curvature: ArrayLike, price: ArrayLike
) -> ArrayOrFloat:
    """θ* = ½ − (Δ+c)/h, at which straight-through comes to rest; NaN unless |Δ+c| < h/2 (G2).

    Args:
        delta, curvature: C(1) − C(0) and C″ of a quadratic cost, finite.
        price: c, in units of C, positive.

    Raises:
        ValueError: if an argument leaves its range.
    """
    delta, curvature = finite("delta", delta), finite("curvature", curvature)
    slope = delta + positive("price", price)
    inside = np.abs(slope) < curvature / 2
    return np.where(inside, 0.5 - slope / np.where(inside, curvature, np.inf), np.nan)[()]


def coupling_bound(share: ArrayLike, gates: ArrayLike, largest: ArrayLike) -> ArrayOrFloat:
    """2M(1 − (1−s)^(n−1)), the largest bias when other gates stray from Bernoulli(θ) (G1, G3b).

    Args:
        share: s in [0, 1], the most of its probability that each other gate draws elsewhere:
            ρ for ``Path``, the floor for ``Trapezoid``.
        gates: n ≥ 1, all gates.
        largest: M ≥ 0, the most that |C(1) − C(0)| can be, whatever values the others have.

    Raises:
        ValueError: if an argument leaves its range.
    """
    share, gates = probability("share", share), require("gates", gates, 1, np.inf, open_high=True)
    largest = require("largest", largest, 0, np.inf, open_high=True)
    return (2 * largest * (1 - (1 - share) ** (gates - 1)))[()]


def _inside(theta: ArrayLike) -> Array:
    """θ strictly between 0 and 1, where both gate values are drawn."""
    return require("theta", theta, 0, 1, open_low=True, open_high=True)
