"""How far a second-order estimate of C(1) − C(0) can be off (claim G6).

The cost is a cross-entropy with logits affine in the gate, and D, the ``spread``, is the largest
slope of a logit in the gate less the least. Along the gate the cost is a cumulant generating
function of the slopes, up to a linear term: its second and third derivative are the variance and
the third central moment of the slopes under the softmax.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import probability, require
from theory._types import ArrayOrFloat


def third_moment_bound(spread: ArrayLike) -> ArrayOrFloat:
    """D³/(6√3): the most that |E(X − E X)³| can be for X in an interval of length D. Claim G6a.

    Args:
        spread: D ≥ 0, finite (ValueError otherwise), of any shape; here as below.
    """
    return (_spread(spread) ** 3 / (6 * np.sqrt(3)))[()]


def taylor_bound(spread: ArrayLike) -> ArrayOrFloat:
    """D³/(36√3): the most that g + (½ − z)C″ can miss C(1) − C(0) by, z = 0 or 1. Claim G6a."""
    return third_moment_bound(spread) / 6


def calibration_bound(spread: ArrayLike, distance: ArrayLike) -> ArrayOrFloat:
    """D²·TV: the most by which the mean of g² over the labels can differ from C″. Claim G6b.

    Args:
        distance: total variation between the labels' law and the softmax, in [0, 1] (ValueError
            otherwise); broadcasts with the spread.
    """
    return (_spread(spread) ** 2 * probability("distance", distance))[()]


def gauss_newton_bound(spread: ArrayLike, distance: ArrayLike) -> ArrayOrFloat:
    """D³/(36√3) + ½D²·TV: the most that g + (½ − z) E g² can miss C(1) − C(0) by. Claim G6b."""
    return taylor_bound(spread) + calibration_bound(spread, distance) / 2


def second_moment_factor(spread: ArrayLike) -> ArrayOrFloat:
    """(1 + D/2)²: the most that E(g + (½ − z)g²)² can be, in units of E g². Claim G6c."""
    return ((1 + _spread(spread) / 2) ** 2)[()]


def trapezoid_factor(q: ArrayLike) -> ArrayOrFloat:
    """¼(1/q + 1/(1−q)): the trapezoid's second moment at equal slopes, units of E g². Claim G6c.

    Args:
        q: probability with which the gate is drawn open, in (0, 1) (ValueError otherwise).
    """
    q = require("q", q, 0, 1, open_low=True, open_high=True)
    return (1 / (4 * q * (1 - q)))[()]


def _spread(spread: ArrayLike) -> np.ndarray:
    return require("spread", spread, 0, np.inf, open_high=True)
