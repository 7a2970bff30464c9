"""What ``dynamics`` simulates: one gate with its weights, as a vector field.

- ``WorstCase``: the comparison system of claim P1, a norm r and a gate;
- ``ScalarUnit``: one weight that is to fit a target, claims F1 to F5;
- ``ProductUnit``: an outgoing weight times a rectified linear unit, v·relu(w·x).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory._checks import finite, positive, require
from theory._types import Array, ArrayOrFloat
from theory.scalar_gate import ScalarGate

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Lanes = slice | NDArray[np.integer]
Parameters = TypeVar("Parameters", bound="DataclassInstance")


class System(Protocol):
    """A gate and its weights. A state has shape (rows, lanes): the weights, then θ.

    Attributes:
        rows: the number of weights, and one.
        nonnegative: whether the weights are norms, which may not fall below zero.
    """

    @property
    def rows(self) -> int: ...

    @property
    def nonnegative(self) -> bool: ...

    def drift(self, state: Array) -> Array:
        """Minus the gradient, as a new array of the state's shape; nothing is projected."""

    def radius(self, state: Array) -> Array:
        """Norm r of the weights that claim P1 speaks of, of shape (lanes,)."""

    def lanes(self, lanes: Lanes) -> System:
        """The system of these trajectories only, where parameters differ from lane to lane."""


def take_lanes(parameters: Parameters, lanes: Lanes) -> Parameters:
    """The dataclass of parameters with its arrays, all of shape (lanes,), cut to some lanes."""
    cut = {
        field.name: value[lanes]
        for field in fields(parameters)
        if np.ndim(value := getattr(parameters, field.name))
    }
    return replace(parameters, **cut) if cut else parameters


@dataclass(frozen=True, kw_only=True, eq=False)
class WorstCase:
    """ṙ = κθ − λr, θ̇ = κr − c: the fastest growth that claim P1 admits; the state is (r, θ).

    Attributes:
        kappa, lam, c: as of ``Attraction``, floats or of shape (lanes,).

    Raises:
        ValueError: if a parameter leaves its range.
    """

    kappa: Array | float
    lam: Array | float
    c: Array | float

    rows = 2
    nonnegative = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "kappa", positive("kappa", self.kappa)[()])
        object.__setattr__(self, "lam", require("lam", self.lam, 0, np.inf, open_high=True)[()])
        object.__setattr__(self, "c", positive("c", self.c)[()])

    def drift(self, state: Array) -> Array:
        r, theta = state
        drift = np.empty_like(state)
        np.multiply(self.kappa, theta, out=drift[0])
        drift[0] -= self.lam * r
        np.multiply(self.kappa, r, out=drift[1])
        drift[1] -= self.c
        return drift

    def radius(self, state: Array) -> Array:
        return state[0]

    def lanes(self, lanes: Lanes) -> Self:
        return take_lanes(self, lanes)


@dataclass(frozen=True, eq=False)
class ScalarUnit:
    """One weight that is to fit a target, behind a gate (claims F1 to F5); the state is (w, θ).

    Attributes:
        gate: its objective; parameters are floats or of shape (lanes,).
    """

    gate: ScalarGate

    rows = 2
    nonnegative = False

    def drift(self, state: Array) -> Array:
        # Unchecked: the stages of a Runge–Kutta step may lie beyond [0, 1].
        slope_w, slope_theta = self.gate._gradient(*state)
        drift = np.empty_like(state)
        np.negative(slope_w, out=drift[0])
        np.negative(slope_theta, out=drift[1])
        return drift

    def radius(self, state: Array) -> Array:
        return np.abs(state[0])

    def gradient_bound(self) -> ArrayOrFloat:
        """κ = s|a|, for w between 0 and the target a.

        The flow does not leave that interval, nor do steps of size up to 1/(s+λ).
        """
        return self.gate.s * np.abs(self.gate.a)

    def lanes(self, lanes: Lanes) -> Self:
        return replace(self, gate=take_lanes(self.gate, lanes))


@dataclass(frozen=True, eq=False)
class ProductUnit:
    """One unit v·relu(w·x) behind a gate, least squares on S samples; the state is (v, w…, θ).

    J = ½ mean_x [θ(y − v relu(w·x))² + (1−θ)y²] + ½λ(v² + ‖w‖²) + cθ.

    Attributes:
        inputs: x, of shape (S, d).
        targets: y, of shape (S,).
        lam: weight decay λ ≥ 0.
        c: price c > 0.

    Raises:
        ValueError: if a value leaves its range or the shapes do not fit.
    """

    inputs: Array
    targets: Array
    lam: float
    c: float

    nonnegative = False

    def __post_init__(self) -> None:
        inputs, targets = finite("inputs", self.inputs), finite("targets", self.targets)
        if inputs.ndim != 2 or targets.shape != inputs.shape[:1]:
            raise ValueError(
                f"inputs of shape {inputs.shape} and targets of shape"
                f" {targets.shape} are not of shapes (S, d) and (S,)"
            )
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "targets", targets)
        object.__setattr__(self, "lam", float(require("lam", self.lam, 0, np.inf, open_high=True)))
        object.__setattr__(self, "c", float(positive("c", self.c)))

    @property
    def rows(self) -> int:
        return self.inputs.shape[1] + 2

    def objective(self, state: Array) -> Array:
        """J of each lane, in nats, of shape (lanes,)."""
        weights, theta = state[:-1], state[-1]
        off = self.targets[:, None] ** 2 / 2
        on = (self.targets[:, None] - weights[0] * self._activation(weights)) ** 2 / 2
        penalty = self.lam / 2 * (weights**2).sum(axis=0)
        return (theta * on + (1 - theta) * off).mean(axis=0) + penalty + self.c * theta

    def drift(self, state: Array) -> Array:
        v, weights, theta = state[0], state[:-1], state[-1]
        hidden = self._activation(weights)
        residual = self.targets[:, None] - v * hidden
        samples = len(self.targets)
        drift = np.empty_like(state)
        drift[0] = theta * (residual * hidden).mean(axis=0)
        drift[1:-1] = theta * v * (self.inputs.T @ (residual * (hidden > 0))) / samples
        drift[:-1] -= self.lam * weights
        # C(0) − C(1) of one sample is v h (y + residual)/2.
        drift[-1] = v * (hidden * (self.targets[:, None] + residual)).mean(axis=0) / 2 - self.c
        return drift

    def radius(self, state: Array) -> Array:
        """‖(v, w)‖: at zero weights the unit is off, so claim P1 holds for all of them."""
        return np.sqrt((state[:-1] ** 2).sum(axis=0))

    def gradient_bound(self, radius: ArrayLike) -> ArrayOrFloat:
        """κ that bounds the gradient in (v, w), with the unit on, where ‖(v, w)‖ ≤ radius.

        |residual| ≤ |y| + |v|‖w‖‖x‖ with |v|‖w‖ ≤ ½ radius², and the gradient of v relu(w·x) has
        a norm of at most ‖x‖·‖(v, w)‖.
        """
        radius = require("radius", radius, 0, np.inf, open_high=True)[..., None]
        norms = np.linalg.norm(self.inputs, axis=1)
        bound = (np.abs(self.targets) + radius**2 * norms / 2) * norms * radius
        return bound.mean(axis=-1)[()]

    def lanes(self, lanes: Lanes) -> Self:
        return self

    def _activation(self, weights: Array) -> Array:
        return np.maximum(self.inputs @ weights[1:], 0)
