"""Costs of gate values with known slopes, and the gradient to be estimated, by enumeration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from theory._checks import finite, probability, require
from theory._types import Array

MAX_GATES = 12
_SMOOTH_DEGREE = 12  # a softmax's slope along a gate is that of such a polynomial, to ten digits


@dataclass(frozen=True, eq=False)
class Objective:
    """A cost of n gates, for values anywhere in [0, 1]ⁿ.

    Attributes:
        gates: n, from 1 to 12.
        value: cost of gate values of shape (..., n), of shape (...).
        slope: its derivative in each gate, of shape (..., n).
        degree: largest degree in any one gate, between breaks.
        breaks: places in (0, 1) where a gate's dependence may have a kink. Where kinks do not
            lie at such places (a ReLU network), exact moments of ``Path`` are a quadrature's.
        squares: where the cost is a mean over samples or labels, the mean of their squared slopes
            in each gate, of shape (..., n); by default there is one sample, and it is slope².

    Raises:
        ValueError: if gates, degree or breaks are outside their ranges.
    """

    gates: int
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    degree: int
    breaks: tuple[float, ...] = ()
    squares: Callable[[Array], Array] | None = None

    def __post_init__(self) -> None:
        require("gates", self.gates, 1, MAX_GATES)
        require("degree", self.degree, 0, np.inf, open_high=True)
        require("breaks", self.breaks, 0, 1, open_low=True, open_high=True)

    def squared_slope(self, z: Array) -> Array:
        """Mean over the samples of the squared slope in each gate, of shape (..., n)."""
        return self.slope(z) ** 2 if self.squares is None else self.squares(z)

    def rule(self) -> tuple[Array, Array]:
        """Nodes and weights that integrate the square of the slope over [0, 1] in any gate."""
        nodes, weights = np.polynomial.legendre.leggauss(self.degree + 1)
        edges = np.array([0.0, *sorted(self.breaks), 1.0])
        widths = np.diff(edges)[:, None]
        return (edges[:-1, None] + widths * (nodes + 1) / 2).ravel(), (widths * weights / 2).ravel()


def polynomial(coefficients: ArrayLike, exponents: ArrayLike) -> Objective:
    """Σ_t coefficients[t] Π_i z_i^exponents[t, i]; shapes (terms,) and (terms, gates)."""
    factors, powers = finite("coefficients", coefficients), np.asarray(exponents, dtype=int)
    require("exponents", powers, 0, np.inf, open_high=True)
    # Derivative of each term in each gate: shapes (gates, terms) and (gates, terms, gates).
    lowered = np.maximum(powers - np.eye(powers.shape[1], dtype=int)[:, None], 0)
    slopes = powers.T * factors

    def value(z: Array) -> Array:
        return (z[..., None, :] ** powers).prod(-1) @ factors

    def slope(z: Array) -> Array:
        return ((z[..., None, None, :] ** lowered).prod(-1) * slopes).sum(-1)

    return Objective(powers.shape[1], value, slope, int(powers.max()))


def quadratic(delta: float, curvature: float, start: float = 0.0) -> Objective:
    """One gate with C(0) = start, C(1) − C(0) = delta and C″ = curvature."""
    return polynomial([start, delta - curvature / 2, curvature / 2], [[0], [1], [2]])


def relu_network(
    hidden: ArrayLike, bias: ArrayLike, out: ArrayLike, target: float, panels: int = 1
) -> Objective:
    """½(out · relu(bias + hidden z) − target)²: gates on the inputs of a hidden ReLU layer.

    Args:
        hidden: weights times input values, shape (units, gates).
        bias, out: shape (units,).
        panels: pieces into which each gate's interval is cut for quadrature.
    """
    hidden, bias = finite("hidden", hidden), finite("bias", bias)
    out, goal = finite("out", out), finite("target", target)

    def value(z: Array) -> Array:
        return 0.5 * (np.maximum(bias + z @ hidden.T, 0) @ out - goal) ** 2

    def slope(z: Array) -> Array:
        before = bias + z @ hidden.T
        error = np.maximum(before, 0) @ out - goal
        return error[..., None] * (((before > 0) * out) @ hidden)

    breaks = tuple(np.arange(1, panels) / panels)
    return Objective(hidden.shape[1], value, slope, degree=2, breaks=breaks)


def cross_entropy(slopes: ArrayLike, offset: ArrayLike, labels: ArrayLike) -> Objective:
    """Mean −ln p_k over the labels k, p the softmax of logits offset + slopes z.

    Args:
        slopes: of the logits in the gates, shape (classes, gates).
        offset: logits with all gates closed, shape (classes,).
        labels: probability of each label, shape (classes,).

    Raises:
        ValueError: if the labels' probabilities are negative or do not add up to 1.
    """
    slopes, offset = finite("slopes", slopes), finite("offset", offset)
    law = probability("labels", labels)
    require("sum of the labels", law.sum(), 1 - 1e-9, 1 + 1e-9)

    def log_softmax(z: Array) -> Array:
        logits = offset + z @ slopes.T
        return logits - logsumexp(logits, axis=-1, keepdims=True)

    def value(z: Array) -> Array:
        return -log_softmax(z) @ law

    def slope(z: Array) -> Array:
        return (np.exp(log_softmax(z)) - law) @ slopes

    def squares(z: Array) -> Array:
        by_label = (np.exp(log_softmax(z)) @ slopes)[..., None, :] - slopes
        return (law[:, None] * by_label**2).sum(-2)

    return Objective(slopes.shape[1], value, slope, _SMOOTH_DEGREE, squares=squares)


def gate_gradient(objective: Objective, theta: ArrayLike) -> Array:
    """E[C(z_i = 1) − C(z_i = 0)] for each gate i, the others Bernoulli(θ), by enumeration.

    Args:
        theta: gate probabilities in [0, 1], shape (..., gates).

    Returns:
        Shape (..., gates), in units of C.

    Raises:
        ValueError: if θ leaves [0, 1] or its last axis is not the objective's gates.
    """
    theta = checked_theta(objective, theta)
    corners = combinations(2, objective.gates).astype(float)
    own = np.eye(objective.gates, dtype=bool)
    opened, closed = (np.where(own, end, corners[:, None]) for end in (1.0, 0.0))
    chance = np.where(corners == 1, theta[..., None, :], 1 - theta[..., None, :]).prod(-1)
    return chance @ (objective.value(opened) - objective.value(closed))


def checked_theta(objective: Objective, theta: ArrayLike) -> Array:
    theta = probability("theta", theta)
    if theta.ndim == 0 or theta.shape[-1] != objective.gates:
        raise ValueError(
            f"theta has shape {theta.shape}; its last axis must be the {objective.gates} gates"
        )
    return theta


def combinations(atoms: int, gates: int, start: int = 0, stop: int | None = None) -> NDArray:
    """Atom of each gate in joint configurations ``start`` to ``stop``: (configurations, n)."""
    total = atoms**gates
    numbers = np.arange(start, total if stop is None else min(stop, total))
    return numbers[:, None] // atoms ** np.arange(gates) % atoms
