"""Costs of n gates as tables over the vertices of the cube, and their multilinear extension."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory._types import Array, Mask


def vertices(n: int) -> Mask:
    """The 2ⁿ vertices of the cube, of shape (2ⁿ, n); the last gate varies fastest."""
    return np.array(list(product([False, True], repeat=n)))


def neighbours(n: int) -> NDArray[np.int64]:
    """The places in ``vertices`` of each vertex's neighbours across each gate: (2ⁿ, n)."""
    return np.arange(2**n)[:, None] ^ (1 << np.arange(n)[::-1])


def extend(costs: ArrayLike, theta: ArrayLike) -> Array:
    """E_θ[C] for independent gates: the multilinear extension of C to the cube. Claim D1.

    Args:
        costs: C at the vertices, of shape (..., 2ⁿ), in the order of ``vertices``.
        theta: gate probabilities, of shape (..., n); the leading shapes broadcast.
    """
    theta = np.asarray(theta, float)[..., None, :]
    chances = np.where(vertices(theta.shape[-1]), theta, 1 - theta).prod(-1)
    return np.einsum("...v,...v->...", np.asarray(costs), chances)


def off_and_on(costs: ArrayLike) -> tuple[Array, Array]:
    """C(ξ_i=0) and C(ξ_i=1) with the other gates as at each vertex: two of shape (..., 2ⁿ, n).

    Their difference, off − on, is what gate i is worth there: its marginal value. It is the same
    at both ends of an edge. Claims D1 and D3.

    Args:
        costs: of shape (..., 2ⁿ), in the order of ``vertices``.
    """
    costs = np.asarray(costs)
    n = int(np.log2(costs.shape[-1]))
    bits, here, across = vertices(n), costs[..., None], costs[..., neighbours(n)]
    return np.where(bits, across, here), np.where(bits, here, across)


def tables(n: int, levels: int) -> Array:
    """Every cost over n gates with values 0 to levels−1, of shape (levels^(2ⁿ), 2ⁿ)."""
    return np.indices([levels] * 2**n).reshape(2**n, -1).T.astype(float)
