"""Runge–Kutta steps of a projected gradient flow, with its events located within the step.

Between two events a lane's θ is either *free* in [0, 1] or rests at an end, where its slope
points outwards; the vector field is smooth in both modes. A step is therefore taken in one mode,
and where θ left [0, 1] or its slope turned inwards, the lane goes back to that moment, changes
its mode and takes the rest of the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from theory._types import Array, Mask
from theory.systems import System

Indices = NDArray[np.intp]

# Bisections of a step; the Newton step that follows about squares the error that they leave.
_BISECTIONS = 12


@dataclass(eq=False)
class Lanewise:
    """State and slope of some lanes, both of shape (rows, lanes), and whether θ is free."""

    state: Array
    slope: Array
    free: Mask

    @classmethod
    def at(cls, system: System, state: Array) -> Self:
        """The lanes at a state, each in the mode that its slope asks for."""
        slope = system.drift(state)
        return cls(state, slope, _is_free(state[-1], slope[-1]))

    def take(self, lanes: Indices) -> Lanewise:
        return Lanewise(self.state[:, lanes], self.slope[:, lanes], self.free[lanes])

    def put(self, lanes: Indices, part: Lanewise) -> None:
        self.state[:, lanes], self.slope[:, lanes] = part.state, part.slope
        self.free[lanes] = part.free


def advance(
    system: System, lanes: Lanewise, step: float
) -> tuple[Lanewise, list[tuple[Indices, Array]]]:
    """All lanes after a step, and the events in it: (lanes whose θ fell to zero, time elapsed)."""
    after, late, elapsed = _leg(system, lanes, step)
    falls = []
    while late.size:
        part = after.take(late)
        fell = (part.state[-1] == 0) & ~part.free
        falls.append((late[fell], elapsed[fell]))
        rest, again, used = _leg(system.lanes(late), part, step - elapsed)
        after.put(late, rest)
        late, elapsed = late[again], elapsed[again] + used
    return after, falls


def _leg(system: System, lanes: Lanewise, step: Array | float) -> tuple[Lanewise, Indices, Array]:
    """All lanes after a step, or at their first event in it; which had one, and when."""
    state = _runge_kutta(system, lanes, step)
    after = Lanewise(state, system.drift(state), lanes.free.copy())
    late, share = _first_events(lanes, after, step)
    if not late.size:
        return after, late, share
    length = np.broadcast_to(step, after.free.shape)[late]
    part, elapsed = _at_event(system.lanes(late), lanes.take(late), share * length, length)
    after.put(late, part)
    return after, late, elapsed


def _runge_kutta(system: System, lanes: Lanewise, step: Array | float) -> Array:
    """The state after a classical fourth-order step in which every lane keeps its mode."""
    total = _in_mode(lanes.slope.copy(), lanes.free)
    slope = total.copy()
    for lead, weight in ((0.5, 2), (0.5, 2), (1, 1)):
        slope *= lead * step
        slope += lanes.state
        slope = _in_mode(system.drift(slope), lanes.free)
        total += slope if weight == 1 else weight * slope
    total *= step / 6
    total += lanes.state
    return total


def _in_mode(slope: Array, free: Mask) -> Array:
    """The slope with θ at rest where it is not free, in place."""
    slope[-1] *= free
    return slope


def _is_free(theta: Array, slope: Array) -> Mask:
    return ((theta > 0) | (slope > 0)) & ((theta < 1) | (slope < 0))


def _first_events(before: Lanewise, after: Lanewise, step: Array | float) -> tuple[Indices, Array]:
    """The lanes whose mode must change during the step, and after which share of it."""
    theta, slope = after.state[-1], after.slope[-1]
    released = ~after.free & (slope * (0.5 - theta) > 0)
    turned = before.slope[-1] * slope < 0
    suspects = np.flatnonzero((theta < 0) | (theta > 1) | turned | released)
    if not suspects.size:
        return suspects, np.empty(0)
    length = np.broadcast_to(step, theta.shape)[suspects]
    cubic = _Cubic(
        before.state[-1, suspects],
        theta[suspects],
        before.slope[-1, suspects] * length,
        slope[suspects] * length,
    )
    left, share = cubic.leaves()
    free = before.free[suspects]
    share = np.where(free, share, cubic.turning_point())
    happens = np.where(free, left, released[suspects])
    return suspects[happens], share[happens]


def _at_event(
    system: System, before: Lanewise, elapsed: Array, step: Array
) -> tuple[Lanewise, Array]:
    """The lanes at their event, in their new mode, and when exactly that is."""
    state = _runge_kutta(system, before, elapsed)
    slope = system.drift(state)
    end = np.round(state[-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        newton = (end - state[-1]) / slope[-1]
    reach = 2.0**-_BISECTIONS * step
    shift = np.where(before.free, np.clip(np.nan_to_num(newton), -reach, reach), 0.0)
    state += shift * slope
    state[-1] = end
    slope = system.drift(state)
    # A lane let go has slope 0 but for rounding, which must not turn it back.
    inwards = np.where(end == 0, np.maximum(slope[-1], 0), np.minimum(slope[-1], 0))
    slope[-1] = np.where(before.free, slope[-1], inwards)
    return Lanewise(state, slope, ~before.free | _is_free(end, slope[-1])), elapsed + shift


@dataclass(eq=False)
class _Cubic:
    """θ over a step, as the cubic with its values and slopes at both ends; s is in [0, 1]."""

    start: Array
    end: Array
    rise_start: Array
    rise_end: Array

    def __call__(self, s: Array | float) -> Array:
        change = self.end - self.start
        square = 3 * change - 2 * self.rise_start - self.rise_end
        cube = self.rise_start + self.rise_end - 2 * change
        return self.start + s * (self.rise_start + s * (square + s * cube))

    def turning_point(self) -> Array:
        """Where the slope changes its sign, as if it were linear; 1 where it does not."""
        with np.errstate(divide="ignore", invalid="ignore"):
            s = self.rise_start / (self.rise_start - self.rise_end)
        return np.where((s >= 0) & (s <= 1), s, 1.0)

    def leaves(self) -> tuple[Mask, Array]:
        """Whether θ leaves [0, 1], be it for part of the step, and where (to 2^-12)."""
        outside = (self.end < 0) | (self.end > 1)
        low, high = np.zeros_like(self.end), np.where(outside, 1.0, self.turning_point())
        extreme = self(high)
        above = extreme > 0.5
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            value = self(middle)
            beyond = np.where(above, value > 1, value < 0)
            high, low = np.where(beyond, middle, high), np.where(beyond, low, middle)
        return (extreme < 0) | (extreme > 1), high
