"""Claims D1 to D4 as properties of random objectives of up to 8 gates."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from theory.proofs.cube import extend, neighbours, off_and_on, tables, vertices


@st.composite
def costs(draw, largest=8, levels=None):
    """Costs of all settings of 1 to `largest` gates: any numbers, or `levels` small integers."""
    n = draw(st.integers(1, largest))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return n, rng.normal(size=2**n) if levels is None else rng.integers(levels, size=2**n)


def by_dictionary(values, n):
    """The same costs, keyed by the gates' settings."""
    return dict(zip(product([0, 1], repeat=n), values.tolist()))


def mean_cost(table, theta):
    """E_θ[C] one gate after the other."""
    n = len(next(iter(table)))
    if n == 0:
        return table[()]
    halves = [{rest[1:]: cost for rest, cost in table.items() if rest[0] == bit} for bit in (0, 1)]
    off, on = (mean_cost(half, theta[1:]) for half in halves)
    return off + theta[0] * (on - off)


def thetas(n):
    return st.lists(st.floats(0, 1), min_size=n, max_size=n).map(np.array)


@given(st.data(), costs())
def test_extension_is_the_mean_cost(data, drawn):
    n, values = drawn
    theta = data.draw(thetas(n))
    expected = mean_cost(by_dictionary(values, n), theta)
    assert extend(values, theta) == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(extend(values, vertices(n)), values, atol=0)


def test_extension_of_samples():
    """Against gates drawn at random."""
    rng = np.random.default_rng(0)
    values, theta = rng.normal(size=8), np.array([0.2, 0.9, 0.5])
    drawn = rng.random((100_000, 3)) < theta
    sample = values[drawn @ [4, 2, 1]]
    assert abs(sample.mean() - extend(values, theta)) < 4 * sample.std() / np.sqrt(len(sample))


@given(costs())
def test_neighbours_and_both_costs_of_a_gate(drawn):
    n, values = drawn
    bits, across = vertices(n), neighbours(n)
    table = by_dictionary(values, n)
    off, on = off_and_on(values)
    for place, gate in product(range(2**n), range(n)):
        changed = bits[place] != bits[across[place, gate]]
        assert changed.tolist() == [other == gate for other in range(n)]
        setting = bits[place].astype(int).tolist()
        for bit, cost in ((0, off), (1, on)):
            setting[gate] = bit
            assert cost[place, gate] == table[tuple(setting)]


def test_tables_are_all_different():
    every = tables(2, 3)
    assert every.shape == (81, 4)
    assert len(np.unique(every, axis=0)) == 81
    assert set(np.unique(every)) == {0, 1, 2}


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


@given(costs(largest=4), st.floats(-3, 3), st.floats(0.05, 0.95))
def test_curvature_of_a_gate_and_a_weight(drawn, h, theta):
    """D2 on w·θ-couplings taken from random costs: the lowest eigenvalue of the whole Hessian."""
    n, values = drawn
    middle = np.full(n, theta)
    slopes = (
        np.array(
            [extend(values, middle + e) - extend(values, middle - e) for e in np.eye(n) * 0.01]
        )
        / 0.02
    )
    cross = (
        np.array(
            [
                [
                    extend(values, middle + e + f)
                    - extend(values, middle + e - f)
                    - extend(values, middle - e + f)
                    + extend(values, middle - e - f)
                    for f in np.eye(n) * 0.01
                ]
                for e in np.eye(n) * 0.01
            ]
        )
        / 4e-4
    )
    np.testing.assert_allclose(np.diag(cross), 0, atol=1e-9)
    hessian = np.block([[np.array([[h]]), slopes[None]], [slopes[:, None], cross]])
    bound = (h - np.sqrt(h**2 + 4 * slopes**2)) / 2
    assert np.linalg.eigvalsh(hessian)[0] <= bound.min() + 1e-9
