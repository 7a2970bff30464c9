"""Budgets in place of prices: which units a price keeps, and the prices that keep budgets."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import finite, positive
from theory._types import Array, Mask

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
    order = np.argsort(worth / size, kind="stable")
    left: Array = size.sum() - np.cumsum(np.append(0.0, size[order]))
    within = bisect_left(range(len(order)), True, key=lambda n: bool(left[n] <= budget))
    mask = np.ones(len(order), dtype=bool)
    mask[order[:within]] = False
    return mask


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
    budgets = positive("budgets", budgets)
    against = sizes / budgets[:, None]
    low, high = 0.0, 1.0
    mask = np.ones(len(worth), dtype=bool)
    for _ in range(HALVINGS):
        second = (low + high) / 2
        charge = (1 - second) * against[0] + second * against[1]
        order = np.argsort(worth / charge, kind="stable")
        left = sizes.sum(1)[:, None] - np.cumsum(np.insert(sizes[:, order], 0, 0.0, axis=1), axis=1)
        gone = int((left <= budgets[:, None]).all(0).argmax())
        mask = np.ones(len(worth), dtype=bool)
        mask[order[:gone]] = False
        before_last = left[:, max(gone - 1, 0)] > budgets
        low, high = (second, high) if before_last[1] and not before_last[0] else (low, second)
    return mask
