"""Refusal of values outside a parameter's admissible range, in one wording everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def require(
    name: str,
    value: ArrayLike,
    low: float,
    high: float,
    *,
    open_low: bool = False,
    open_high: bool = False,
) -> NDArray[np.float64]:
    """Return ``value`` as a float array (any shape) if all of it lies between ``low`` and ``high``.

    Raises:
        ValueError: naming the parameter, the first offending value and the admissible interval.
            NaN and anything that is not a real number are always refused.
    """
    interval = f"{'(' if open_low else '['}{low:g}, {high:g}{')' if open_high else ']'}"
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r} is not a real number in {interval}") from None
    above = array > low if open_low else array >= low
    below = array < high if open_high else array <= high
    admitted = above & below
    if not admitted.all():
        offender = float(array[~admitted].flat[0])
        raise ValueError(f"{name} = {offender!r} is outside the admissible range {interval}")
    return array


def probability(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return ``value`` as a float array if all of it lies in [0, 1]; ValueError otherwise."""
    return require(name, value, 0, 1)


def positive(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return ``value`` as a float array if all is positive and finite; ValueError otherwise."""
    return require(name, value, 0, np.inf, open_low=True, open_high=True)


def finite(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return ``value`` as a float array if all of it is finite; ValueError otherwise."""
    return require(name, value, -np.inf, np.inf, open_low=True, open_high=True)
