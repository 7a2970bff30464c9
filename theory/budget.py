"""A budget in place of a price: which units a price keeps, and the price that keeps a budget."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import finite, positive
from theory._types import Array, Mask


def kept(worth: ArrayLike, size: ArrayLike, price: float) -> Mask:
    """The units that stay at a price for each unit of size: those worth their charge. Claim B2.

    Args:
        worth: C(0) − C(1) of each unit, in nats, of shape (n,).
        size: of each, > 0, such as MACs.
        price: nats for one of these.

    Raises:
        ValueError: if a value is not finite, or a size not positive.
    """
    return finite("worth", worth) >= finite("price", price) * positive("size", size)


def found(worth: ArrayLike, size: ArrayLike, budget: float) -> Mask:
    """The units that are left where a budget is kept, found by bisection over the price. Claim B2.

    Args:
        worth: C(0) − C(1) of each unit, whichever others there are, of shape (n,).
        size: of each, > 0.
        budget: what the sizes of the units left may come to, at least 0.

    Returns:
        Whether each unit stays: at the least price at which the budget is kept, but for units of
        equal worth for their size, of which only as many go as must.

    Raises:
        ValueError: if a value is not finite, or a size not positive.
    """
    worth, size = finite("worth", worth), positive("size", size)
    order = np.argsort(worth / size, kind="stable")
    left: Array = size.sum() - np.cumsum(np.append(0.0, size[order]))
    within = bisect_left(range(len(order)), True, key=lambda n: bool(left[n] <= budget))
    mask = np.ones(len(order), dtype=bool)
    mask[order[:within]] = False
    return mask
