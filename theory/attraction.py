"""When it is safe to prune: the certified region, its noise bound, and the practical test.

A unit with outgoing weights w, of norm r = ‖w‖, and gate probability θ. If the gradient of the
data term in w, with the unit on, is bounded by κ wherever the weights can come, then

    ṙ ≤ κθ − λr,    θ̇ ≤ κr − c,

whatever the rest of the network does; with equality it is the *worst case*, a linear system with
one stable and one unstable direction. V = mθ + κr measures how far a unit is along the unstable
one: below V̄ the unit dies, and when and how surely is known in closed form.

Claims P1 to P4 state and prove the formulas; they are this project's own derivation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import positive, probability, require
from theory._types import Array, ArrayOrBool, ArrayOrFloat

# V and V̄ are products and sums of a few doubles: a start this near to V̄ may be on it.
_ROUNDING = 1e-14


@dataclass(frozen=True, kw_only=True, eq=False)
class Attraction:
    """The domain of attraction of a dead unit, by claims P1 to P3.

    Attributes:
        kappa: bound κ > 0 on the gradient's norm, in nats per unit of weight.
        lam: weight decay λ ≥ 0, in nats per unit of weight squared.
        c: price c > 0 of the unit, in nats.

    All three are floats or arrays that broadcast with every argument; results are floats where
    all are scalars.

    Raises:
        ValueError: if a parameter leaves its range; by the methods, if r < 0, θ leaves [0, 1], or
            a step size is above the bound under which the formula holds.
    """

    kappa: Array | float
    lam: Array | float
    c: Array | float

    def __post_init__(self) -> None:
        object.__setattr__(self, "kappa", positive("kappa", self.kappa)[()])
        object.__setattr__(self, "lam", require("lam", self.lam, 0, np.inf, open_high=True)[()])
        object.__setattr__(self, "c", positive("c", self.c)[()])

    @property
    def m(self) -> ArrayOrFloat:
        """m = (λ+√(λ²+4κ²))/2, the rate of the worst case's stable direction. Claim P1."""
        return (self.lam + np.hypot(self.lam, 2 * self.kappa)) / 2

    @property
    def mu(self) -> ArrayOrFloat:
        """μ = m − λ = κ²/m, the rate of the worst case's unstable direction. Claim P1."""
        return self.kappa**2 / self.m  # without the cancellation of m − λ

    @property
    def threshold(self) -> ArrayOrFloat:
        """V̄ = m²c/κ², in nats: the certified region is V < V̄. Claim P1."""
        return self.m * self.c / self.mu

    @property
    def saddle(self) -> tuple[ArrayOrFloat, ArrayOrFloat]:
        """The worst case's saddle (r, θ) = (c/κ, λc/κ²), on V = V̄. Claim P1.

        It is an equilibrium only where its θ ≤ 1, that is, where ``tight``.
        """
        return self.c / self.kappa, self.lam * self.c / self.kappa**2

    @property
    def tight(self) -> ArrayOrBool:
        """Whether λc ≤ κ²: then V < V̄ is the exact basin of the worst case. Claim P1.

        Otherwise the cap θ ≤ 1 holds every start down, and the basin is the whole strip.
        """
        return self.lam * self.c <= self.kappa**2

    def potential(self, r: ArrayLike, theta: ArrayLike) -> ArrayOrFloat:
        """V = mθ + κr, in nats; r ≥ 0, θ in [0, 1]. Claim P1."""
        r = require("r", r, 0, np.inf, open_high=True)
        return (self.m * probability("theta", theta) + self.kappa * r)[()]

    def contains(self, r: ArrayLike, theta: ArrayLike) -> ArrayOrBool:
        """Whether (r, θ) lies in the certified region A = {V < V̄}. Claim P1.

        A start on V̄ is outside; so is one that rounding cannot tell from it.
        """
        return self._share(r, theta) < 1

    def death_time(self, r: ArrayLike, theta: ArrayLike) -> ArrayOrFloat:
        """t* = ln(V̄/(V̄−V₀))/μ: from then on θ is 0 for good. Infinite outside A. Claim P1."""
        return self._log_ratio(r, theta) / self.mu

    @property
    def largest_step(self) -> ArrayOrFloat:
        """min(1/λ, m/κ²): up to this step size V does not rise in A. Claim P2."""
        with np.errstate(divide="ignore", over="ignore"):
            return np.minimum(np.divide(1.0, self.lam), 1 / self.mu)[()]

    @property
    def safe_step(self) -> ArrayOrFloat:
        """1/m: up to this step size deaths are certified step by step. Claims P2 and P3."""
        return 1 / self.m

    def death_step(self, r: ArrayLike, theta: ArrayLike, step: ArrayLike) -> ArrayOrFloat:
        """⌈ln(V̄/(V̄−V₀))/ln(1+aμ)⌉ for steps of size a in (0, 1/m]. Claim P2.

        From that step on θ is 0 for good. A whole number as a float; infinite outside A.
        """
        step = self._safe(step)
        return np.ceil(self._log_ratio(r, theta) / np.log1p(step * self.mu))[()]

    def noise_bound(self, b_theta: ArrayLike, b_r: ArrayLike) -> ArrayOrFloat:
        """b = m·b_θ + κ·b_r, which bounds |η| = |m n_θ + κ n_r|. Claim P3.

        b_theta and b_r bound the noise of the two gradients: |n_θ| ≤ b_θ and |n_r| ≤ b_r.
        """
        return (self.m * _bound("b_theta", b_theta) + self.kappa * _bound("b_r", b_r))[()]

    def rho(self, step: ArrayLike, b: ArrayLike) -> ArrayOrFloat:
        """ρ = μ(2+aμ)/(2ab²), per nat squared, for a in (0, 1/m] and b > 0. Claim P3."""
        step = self._safe(step)
        return (self.mu * (2 + step * self.mu) / (2 * step * positive("b", b) ** 2))[()]

    def escape_bound(
        self, r: ArrayLike, theta: ArrayLike, step: ArrayLike, b: ArrayLike
    ) -> ArrayOrFloat:
        """exp(−ρ(V̄−V₀)²) ≥ P(V reaches V̄ before r or θ is clipped at zero). Claim P3.

        1 outside A. The noise must have mean zero given the past, and |η| ≤ b.
        """
        gap = self.threshold * (1 - self._share(r, theta))
        return np.exp(-self.rho(step, b) * gap**2)[()]

    def clip_level(self, step: ArrayLike, b_theta: ArrayLike, b_r: ArrayLike) -> ArrayOrFloat:
        """v_c = max{(1−aλ)(c+b_θ)+aκb_r, κb_r/μ+ma(b_θ−c)₊}: V after a clip. Claim P3."""
        step = self._safe(step)
        b_theta, push = _bound("b_theta", b_theta), self.kappa * _bound("b_r", b_r)
        gate = (1 - step * self.lam) * (self.c + b_theta) + step * push
        weight = push / self.mu + self.m * step * np.maximum(b_theta - self.c, 0)
        return np.maximum(gate, weight)[()]

    def holds_for_ever(self, step: ArrayLike, b_theta: ArrayLike, b_r: ArrayLike) -> ArrayOrBool:
        """Whether v_c ≤ V̄ − b/μ: then the escape bound outlives every clip. Claim P3."""
        margin = self.threshold - self.noise_bound(b_theta, b_r) / self.mu
        return self.clip_level(step, b_theta, b_r) <= margin

    def _log_ratio(self, r: ArrayLike, theta: ArrayLike) -> ArrayOrFloat:
        """ln(V̄/(V̄−V₀)), infinite outside A."""
        with np.errstate(divide="ignore"):
            return -np.log1p(-self._share(r, theta))

    def _share(self, r: ArrayLike, theta: ArrayLike) -> ArrayOrFloat:
        """V₀/V̄, and 1 outside A."""
        share = self.potential(r, theta) / self.threshold
        return np.where(share < 1 - _ROUNDING, share, 1.0)[()]

    def _safe(self, step: ArrayLike) -> Array:
        step = positive("step", step)
        # Rounding may put a step meant to be 1/m just above it.
        above = step * self.m > 1 + 1e-12
        if above.any():
            step, bound = np.broadcast_arrays(step, self.safe_step)
            raise ValueError(
                f"step = {float(step[above][0])!r} is outside the admissible range"
                f" (0, 1/m], here (0, {float(bound[above][0]):.6g}]"
            )
        return step


def _bound(name: str, value: ArrayLike) -> Array:
    return require(name, value, 0, np.inf, open_high=True)
