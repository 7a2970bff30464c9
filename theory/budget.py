"""Budgets in place of prices: which units a price keeps, and the prices that keep budgets."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory._checks import finite, positive
from theory._types import Array, Mask

Order = NDArray[np.intp]
HALVINGS = 20  # of the range in which the shift of the price is looked for


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
    order, _, gone = _going(worth / size, size[None], np.array([[budget]]))
    return _without(order[:gone], len(worth))


def found_for_both(worth: ArrayLike, sizes: ArrayLike, budgets: ArrayLike) -> Mask:
    """The units that are left where two budgets are kept, by bisection over prices. Claim B3.

    A unit is charged for both of its sizes, each against its budget; what part of the price is of
    the second is found so that both budgets are reached as nearly at once as can be.

    Args:
        worth: C(0) − C(1) of each unit, whichever others there are, of shape (n,).
        sizes: of each, > 0, of shape (2, n), such as MACs and parameters.
        budgets: what each of the two may come to, > 0, of shape (2,).

    Returns:
        Whether each unit stays.

    Raises:
        ValueError: if a value is not finite, or a size or budget not positive.
    """
    worth, sizes = finite("worth", worth), positive("sizes", sizes)
    most = positive("budgets", budgets)
    against = sizes / most[:, None]
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        second = (low + high) / 2
        charge = (1 - second) * against[0] + second * against[1]
        order, left, gone = _going(worth / charge, sizes, most[:, None])
        first_over, second_over = left[:, max(gone - 1, 0)] > most  # before the last one went
        low, high = (second, high) if second_over and not first_over else (low, second)
    return _without(order[:gone], len(worth))


def _going(value: Array, sizes: Array, budgets: Array) -> tuple[Order, Array, int]:
    """Units in the order in which they go, from the least value; what is left of each of the sizes
    when so many are gone, of shape (sizes, n + 1); and how many must go for all the budgets."""
    order = np.argsort(value, kind="stable")
    taken = np.cumsum(np.insert(sizes[:, order], 0, 0.0, axis=1), axis=1)
    left: Array = sizes.sum(1, keepdims=True) - taken
    within: Mask = np.all(left <= budgets, axis=0)
    return order, left, bisect_left(range(len(order)), True, key=lambda n: bool(within[n]))


def _without(gone: Order, n: int) -> Mask:
    """All of n units but those."""
    mask = np.ones(n, dtype=bool)
    mask[gone] = False
    return mask
