"""Claims D1 and D3 as properties of random objectives of up to 8 gates."""

from itertools import product

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.theory.proofs.cubes import costs, thetas
from theory.proofs.cube import extend, off_and_on, vertices


@given(st.data(), costs(), st.floats(0.01, 2))
def test_no_point_is_below_the_best_vertex(data, drawn, price):
    n, values = drawn
    theta = data.draw(thetas(n))
    best = (values + price * vertices(n).sum(-1)).min()
    assert extend(values, theta) + price * theta.sum() >= best - 1e-12


@given(costs(), st.floats(0.01, 2), st.integers(0, 2**32 - 1))
def test_projected_descent_ends_in_a_vertex_that_survives(drawn, price, seed):
    """From the middle of the cube, exact gradients: a deterministic network, and claim D3."""
    n, values = drawn
    bits = vertices(n)
    theta = np.random.default_rng(seed).uniform(0.2, 0.8, n)
    for _ in range(2000):
        pinned = np.where(np.eye(n, dtype=bool), [[[0.0]], [[1.0]]], theta)
        off, on = extend(values, pinned)
        before, theta = theta, np.clip(theta - 0.2 * (on - off + price), 0, 1)
        if np.array_equal(before, theta):
            break
    else:
        assume(False)  # too slow: a slope next to 0
    assert set(theta) <= {0.0, 1.0}
    place = int(np.flatnonzero((bits == theta).all(-1))[0])
    off, on = off_and_on(values)
    worth = (off - on)[place]
    assert np.all(worth[theta == 1] >= price) and np.all(worth[theta == 0] <= price)


@given(costs(largest=5, levels=3), st.sampled_from([0.5, 1.0, 2.0]), st.data())
def test_a_fractional_minimiser_needs_a_price_that_is_a_marginal_value(drawn, price, data):
    """By gradients: at an interior one all are 0, so it lies on an edge of slope 0 (claim D1)."""
    n, values = drawn
    theta = data.draw(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=n, max_size=n))
    theta = np.array(theta)
    free = (theta > 0) & (theta < 1)
    assume(free.any())
    steps = np.array(list(product([-1, 1], repeat=n))) * 0.125 * free
    around = extend(values, theta + steps) + price * (theta + steps).sum(-1)
    here = extend(values, theta) + price * theta.sum()
    if np.all(around >= here - 1e-12):
        np.testing.assert_allclose(around, here, atol=1e-12)
        assert np.any(np.subtract(*off_and_on(values)) == price)
    else:
        assert around.min() < here
