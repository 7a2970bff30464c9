"""Claim D4 as a property of random objectives of up to 8 gates."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.proofs.cubes import costs, thetas
from theory.proofs.cube import extend, neighbours, vertices


@given(costs(), st.floats(0.05, 1), st.data())
def test_size_of_whatever_is_as_good_as_the_empty_network(drawn, price, data):
    n, values = drawn
    values = np.abs(values)
    theta = data.draw(thetas(n))
    mean = extend(values, theta)
    if mean + price * theta.sum() <= values[0]:
        assert theta.sum() <= (values[0] - mean) / price + 1e-9
    best = np.argmin(values + price * vertices(n).sum(-1))
    assert vertices(n)[best].sum() <= values[0] / price + 1e-9


@given(st.integers(1, 8), st.integers(0, 2**32 - 1), st.floats(0.01, 1))
def test_size_of_an_optimal_cover(n, seed, price):
    """Coverage has diminishing marginal values: the bound holds where no single flip improves."""
    rng = np.random.default_rng(seed)
    covers, weights = rng.random((n, 12)) < 0.3, rng.exponential(size=12)
    bits = vertices(n)
    values = weights.sum() - (bits @ covers.astype(int) > 0) @ weights
    total = values + price * bits.sum(-1)
    optimal = (total[neighbours(n)] >= total[:, None]).all(-1)
    assert optimal.any()
    assert np.all(bits[optimal].sum(-1) <= (values[0] - values[optimal]) / price + 1e-9)
