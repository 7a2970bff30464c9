"""The practical test before a unit is pruned, and how many prunings were regretted (claim P4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import finite, positive, require
from theory._types import ArrayOrFloat


def gate_z(mean: ArrayLike, mean_square: ArrayLike, count: ArrayLike) -> ArrayOrFloat:
    """The statistic z = √n·x̄/s of the one-sided test that a gate's mean gradient is positive.

    Claim P4. A unit is pruned when its θ is 0 and z exceeds the normal quantile of the confidence
    asked for. s² = mean of squares − x̄², divided by n and not n−1, as running sums give it.

    Args:
        mean: mean x̄ of the gate gradient C(1)−C(0)+c over the window.
        mean_square: mean of its square, at least x̄².
        count: number n ≥ 2 of independent steps in the window.

    Returns:
        Of the broadcast shape; ±∞ where all gradients were the same and not 0, and 0 where all
        were 0.

    Raises:
        ValueError: if a value is not finite, mean_square < mean², or count < 2.
    """
    mean, count = finite("mean", mean), require("count", count, 2, np.inf, open_high=True)
    spread = finite("mean_square", mean_square) - mean**2
    # Rounding may leave −1e-16 of a window without spread.
    if not np.all(spread >= -1e-12 * mean**2):
        raise ValueError(
            f"mean_square − mean² = {float(np.min(spread))!r} is outside the admissible range"
            " [0, inf)"
        )
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        z = mean * np.sqrt(count / np.maximum(spread, 0))
    return np.where(mean == 0, 0.0, z)[()]


def regret(marginal: ArrayLike, c: ArrayLike) -> float:
    """Share of pruned units whose exact marginal value exceeded the price. Claim P4.

    Args:
        marginal: C(0) − C(1) of each pruned unit, recomputed when it was pruned, in nats.
        c: price of each, broadcast with ``marginal``.

    Returns:
        A share in [0, 1]; 0 where nothing was pruned.

    Raises:
        ValueError: if a value is not finite, or a price not positive.
    """
    regretted = finite("marginal", marginal) > positive("c", c)
    return float(regretted.mean()) if regretted.size else 0.0
