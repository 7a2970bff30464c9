"""The multilinear extension of costs, against the mean cost written out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.proofs.cubes import costs, thetas
from theory.proofs.cube import extend, neighbours, off_and_on, tables, vertices


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
