"""How mean and variance of an estimator follow from what one gate draws, by enumeration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import finite, probability
from theory._types import Array, ArrayOrFloat
from theory.objectives import Objective, checked_theta, combinations, gate_gradient

Pair = tuple[Array, Array]


BLOCK = 1 << 20  # numbers held at once while enumerating


class Moments(NamedTuple):
    """Mean and variance of an estimator, of one draw, for each gate."""

    mean: ArrayOrFloat
    variance: ArrayOrFloat


class Law(NamedTuple):
    """What one gate draws: the same atoms for each gate, other probabilities and factors.

    Attributes:
        values: gate value of each atom in each of the K sets, shape (atoms, K).
        chance: probability of each atom, shape (..., gates, atoms).
        factors: shape (..., gates, atoms, K).
    """

    values: Array
    chance: Array
    factors: Array


class Estimator(ABC):
    """What tests, figures and claims ask of every estimator; θ has shape (..., gates).

    All methods raise ValueError if θ leaves [0, 1], or (0, 1) where 1/θ is needed.

    Attributes:
        exact_degree: degree of C in the gate itself up to which the estimator is unbiased, for
            the law from which it draws the other gates.
    """

    exact_degree: float = np.inf

    def one_gate(
        self, delta: ArrayLike, curvature: ArrayLike, theta: ArrayLike, start: ArrayLike = 0.0
    ) -> Moments:
        """The moments for ``quadratic(delta, curvature, start)`` in closed form, broadcasting."""
        mean, variance = self._one_gate(
            *np.broadcast_arrays(
                finite("delta", delta),
                finite("curvature", curvature),
                probability("theta", theta),
                finite("start", start),
            )
        )
        return Moments(np.array(mean)[()], np.array(variance)[()])

    @abstractmethod
    def _one_gate(self, delta: Array, curvature: Array, theta: Array, start: Array) -> Pair:
        """Mean and variance for arguments that are checked and of one shape."""

    @abstractmethod
    def moments(self, objective: Objective, theta: ArrayLike) -> Moments:
        """Exact mean and variance of one draw, both of the shape of θ."""

    @abstractmethod
    def estimates(self, objective: Objective, theta: ArrayLike, rng: np.random.Generator) -> Array:
        """One independent estimate for each row of θ, of the shape of θ."""

    def marginal(self, theta: ArrayLike) -> ArrayOrFloat:
        """Mean of a drawn gate value: θ, unless the estimator draws from another law."""
        return probability("theta", theta)[()]


class Drawn(Estimator):
    """An estimator given by the law of one gate; ``draw`` samples without use of that law."""

    @abstractmethod
    def law(self, theta: Array, objective: Objective) -> Law:
        """The law of each gate's draw."""

    @abstractmethod
    def draw(self, theta: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Gate values and factors, both of shape (K, ..., gates)."""

    def signal(self, objective: Objective, z: Array) -> Array:
        """What a factor multiplies: the derivative in each gate, shape (..., gates)."""
        return objective.slope(z)

    def moments(self, objective: Objective, theta: ArrayLike) -> Moments:
        theta = checked_theta(objective, theta)
        values, chance, factors = self.law(theta, objective)
        atoms, gates = len(values), objective.gates
        truth = gate_gradient(objective, theta)  # moments are taken about it, to cancel less
        first, second = np.zeros_like(theta), np.zeros_like(theta)
        at = np.arange(gates)
        size = max(1, BLOCK // (max(theta.size, gates) * values.shape[1]))
        for start in range(0, atoms**gates, size):
            index = combinations(atoms, gates, start, start + size)
            signal = self.signal(objective, np.moveaxis(values[index], -1, 0))
            terms = factors[..., at, index, :] * np.moveaxis(signal, 0, -1)
            excess = terms.sum(-1) - truth[..., None, :]
            joint = chance[..., at, index].prod(-1)[..., None]
            first += (joint * excess).sum(-2)
            second += (joint * excess**2).sum(-2)
        return Moments(truth + first, np.maximum(second - first**2, 0.0))

    def estimates(self, objective: Objective, theta: ArrayLike, rng: np.random.Generator) -> Array:
        values, factors = self.draw(checked_theta(objective, theta), rng)
        return (self.signal(objective, values) * factors).sum(0)
