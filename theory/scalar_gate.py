"""One gate θ in front of one weight w: every equilibrium and threshold in closed form.

    J(w,θ) = ½s[θ(a−w)² + (1−θ)a²] + ½λw² + cθ

is the reduced objective of a least-squares fit of curvature s to the target a, under weight decay
λ and a price of c nats for the gate. The flow is the projected one, ẇ = −∂J/∂w and θ̇ = −∂J/∂θ
with θ kept in [0, 1]. Claims F1 to F5 state and prove what is computed here; they are this
project's own derivation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicHermiteSpline

from theory._checks import finite, positive, probability, require
from theory._types import Array, ArrayOrBool, ArrayOrFloat

Pair = tuple[ArrayOrFloat, ArrayOrFloat]

# The separatrix leaves the saddle along its tangent, by this share of the distance to an end of θ.
_OFFSET = 1e-5


@dataclass(frozen=True, kw_only=True, eq=False)
class ScalarGate:
    """The objective J(w,θ) of one gate and one weight, its flow, equilibria and thresholds.

    Attributes:
        s: curvature of the fit, in nats per squared weight; positive.
        a: target of the weight; not 0.
        lam: weight decay λ, in nats per squared weight; positive.
        c: price of the gate in nats; positive.

    Each is a float or an array; those on which a result depends broadcast together and with the
    method's arguments, and what depends on scalars only is a float. Time is in units in which
    ẇ = −∂J/∂w.

    Raises:
        ValueError: if a parameter leaves its range; by the methods, if w is not finite or θ
            leaves [0, 1].
    """

    s: Array | float
    a: Array | float
    lam: Array | float
    c: Array | float

    def __post_init__(self) -> None:
        for name in ("s", "lam", "c"):
            object.__setattr__(self, name, positive(name, getattr(self, name))[()])
        a = finite("a", self.a)
        if not a.all():
            raise ValueError("a = 0.0 is outside the admissible range (-inf, 0) or (0, inf)")
        object.__setattr__(self, "a", a[()])

    @property
    def c_star(self) -> ArrayOrFloat:
        """The price up to which E1 exists, stable below it: c* = a²s²(s+2λ)/(2(s+λ)²). Claim F2."""
        total = self.s + self.lam
        return (self.a * self.s / total) ** 2 * (self.s + 2 * self.lam) / 2

    @property
    def c_g(self) -> ArrayOrFloat:
        """The price c_g = a²s²/(2(s+λ)) < c* up to which E1 is the global minimum too. Claim F4."""
        return (self.a * self.s) ** 2 / (2 * (self.s + self.lam))

    def objective(self, w: ArrayLike, theta: ArrayLike) -> ArrayOrFloat:
        """J(w,θ) in nats."""
        w, theta = finite("w", w), probability("theta", theta)
        misfit = theta * (self.a - w) ** 2 + (1 - theta) * self.a**2
        return (self.s * misfit / 2 + self.lam * w**2 / 2 + self.c * theta)[()]

    def gradient(self, w: ArrayLike, theta: ArrayLike) -> Pair:
        """(∂J/∂w, ∂J/∂θ). Claim F1."""
        return self._gradient(finite("w", w), probability("theta", theta))

    def flow(self, w: ArrayLike, theta: ArrayLike) -> Pair:
        """(ẇ, θ̇) of the projected flow: at θ = 0 and θ = 1 no motion out of [0, 1]. Claim F1."""
        slope_w, slope_theta = self.gradient(w, theta)
        lowest = np.where(np.less_equal(theta, 0), 0.0, -np.inf)
        highest = np.where(np.greater_equal(theta, 1), 0.0, np.inf)
        return -slope_w, np.clip(-slope_theta, lowest, highest)[()]

    def jacobian(self, w: ArrayLike, theta: ArrayLike) -> Array:
        """Derivative of the unprojected flow, −∇²J, of shape (..., 2, 2). Claim F3.

        At an equilibrium with θ = 0 or 1 it does not decide stability: the projection does.
        """
        pull, cross = self._couplings(w, theta)
        first, second = np.stack([-pull, cross], -1), np.stack([cross, np.zeros_like(pull)], -1)
        return np.stack([first, second], -2)

    def eigenvalues(self, w: ArrayLike, theta: ArrayLike) -> Pair:
        """Eigenvalues of ``jacobian``, both real, the lower first: their signs are −, +. Claim F3.

        The upper one is 0 at w = a.
        """
        pull, cross = self._couplings(w, theta)
        largest = (pull + np.hypot(pull, 2 * cross)) / 2
        # The product of the two is −cross²: dividing by the large one avoids cancellation.
        return -largest[()], (cross**2 / largest)[()]

    def w_nullcline(self, theta: ArrayLike) -> ArrayOrFloat:
        """The w at which ẇ = 0, sθa/(sθ+λ). Claim F3."""
        pull = self.s * probability("theta", theta)
        return (pull * self.a / (pull + self.lam))[()]

    def theta_nullcline(self) -> Pair:
        """The two w at which ∂J/∂θ = 0, a ∓ sgn(a)√(a²−2c/s); NaN where there is none. Claim F3.

        The first is the nearer to 0; between them θ grows, beyond them it falls.
        """
        with np.errstate(invalid="ignore"):
            far = self.a + np.sign(self.a) * np.sqrt(self.a**2 - 2 * self.c / self.s)
        # The product of the two is 2c/s: dividing by the far one avoids cancellation.
        return (2 * self.c / (self.s * far))[()], far[()]

    def equilibrium_off(self) -> Pair:
        """E0 = (0, 0), always a stable equilibrium. Claim F1."""
        zero = np.zeros(self._shape())
        return zero[()], zero[()]

    def equilibrium_on(self) -> Pair:
        """E1 = (sa/(s+λ), 1); NaN where c > c* and it is none. Claim F2."""
        there = np.where(self.c <= self.c_star, 1.0, np.nan)
        return (there * self.s * self.a / (self.s + self.lam))[()], there[()]

    def saddle(self) -> Pair:
        """(w_s, θ_s), the interior equilibrium; NaN where c ≥ c* and there is none. Claim F3."""
        near, _ = self.theta_nullcline()
        w = np.where(self.c < self.c_star, near, np.nan)
        return w[()], (self.lam * w / (self.s * (self.a - w)))[()]

    def regime(self) -> NDArray[np.str_] | str:
        """What becomes of the unit, by its price. Claims F2 and F4.

        Returns:
            ``kept`` (c < c_g: E1 is the global minimum), ``metastable`` (c_g ≤ c < c*: a local
            one), ``merged`` (c = c*: E1 is an equilibrium, but not stable) or ``pruned`` (c > c*).
        """
        bounds = [self.c < self.c_g, self.c < self.c_star, self.c == self.c_star]
        names = np.select(bounds, ["kept", "metastable", "merged"], "pruned")
        return names if names.ndim else str(names)

    def separatrix(self) -> CubicHermiteSpline:
        """The boundary of the two basins: the saddle's stable manifold, as θ over w. Claim F5.

        Found by integrating the flow backwards from the saddle, on both sides, up to θ = 0 or 1.
        It is a graph over w: above the w-nullcline w only grows, below it w only falls.

        Returns:
            A spline θ(w) on [x[0], x[-1]], NaN elsewhere.

        Raises:
            ValueError: unless all parameters are scalars and c < c*.
        """
        if self._shape():
            raise ValueError(f"parameters of shape {self._shape()}: a separatrix needs scalars")
        require("c", self.c, 0, self.c_star, open_low=True, open_high=True)
        gate = replace(self, a=np.abs(self.a))
        saddle = np.array(gate.saddle())
        _, cross = gate._couplings(*saddle)
        tangent = np.array([gate.eigenvalues(*saddle)[0] / cross, 1.0])
        offset = _OFFSET * min(saddle[1], 1 - saddle[1]) * tangent
        left, right = (_back_to_the_edge(gate, saddle + side * offset) for side in (1, -1))
        w, theta = np.hstack([left[:, ::-1], saddle[:, None], right])
        theta = theta.clip(0, 1)  # the event that ends a path is found to rounding
        slope_w, slope_theta = gate._gradient(w, theta)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = slope_theta / slope_w
        slope[left.shape[1]] = tangent[1] / tangent[0]  # 0/0 at the saddle
        if self.a < 0:
            w, theta, slope = -w[::-1], theta[::-1], -slope[::-1]
        return CubicHermiteSpline(w, theta, slope, extrapolate=False)

    def attracted_on(self, w: ArrayLike, theta: ArrayLike) -> ArrayOrBool:
        """Whether the flow from (w,θ) ends in E1: above the separatrix. Claim F5.

        Raises:
            ValueError: also unless all parameters are scalars and c < c* (where c > c*, every
                start ends in E0).
        """
        w, theta = np.sign(self.a) * finite("w", w), probability("theta", theta)
        boundary = replace(self, a=np.abs(self.a)).separatrix()
        end = boundary.x[-1]
        # Where the separatrix comes down to θ = 0, all that lies beyond it belongs to E1 too.
        beyond = (boundary(end) < 0.5) & (w > end)
        return ((theta > boundary(w)) | beyond)[()]

    def _gradient(self, w: Array, theta: Array) -> Pair:
        slope_w = self.lam * w - self.s * theta * (self.a - w)
        slope_theta = self.c - self.s * w * (self.a - w / 2)
        slope_w, slope_theta = np.broadcast_arrays(slope_w, slope_theta)
        return slope_w[()], slope_theta[()]

    def _couplings(self, w: ArrayLike, theta: ArrayLike) -> tuple[Array, Array]:
        """∂²J/∂w² = sθ+λ and −∂²J/∂w∂θ = s(a−w), of one shape."""
        w, theta = finite("w", w), probability("theta", theta)
        pull, cross = self.s * theta + self.lam, self.s * (self.a - w)
        pull, cross = np.broadcast_arrays(pull, cross)
        return pull, cross

    def _shape(self) -> tuple[int, ...]:
        return np.broadcast_shapes(*(np.shape(v) for v in (self.s, self.a, self.lam, self.c)))


def _back_to_the_edge(gate: ScalarGate, start: Array) -> Array:
    """The flow run backwards from ``start`` until θ = 0 or 1, as points of shape (2, n)."""

    def edge(_time: float, point: Array) -> float:
        return point[1] * (1 - point[1])

    edge.terminal = True  # type: ignore[attr-defined]  # so solve_ivp is told to stop there
    path = solve_ivp(
        lambda _time, point: gate._gradient(*point),
        (0, np.inf),
        start,
        events=edge,
        rtol=1e-9,
        atol=1e-12,
    )
    return path.y
