"""Claim B2 beside sets tried one by one, and mistakes in the code that it must find."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.proofs.mistakes import finds
from theory.budget import found, kept

UNITS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=6)


@given(UNITS, st.integers(0, 60))
def test_no_set_that_is_as_small_is_worth_more(units, budget):
    worth, size = np.array(units, dtype=float).T
    stays = found(worth, size, budget)
    assert size[stays].sum() <= budget
    for other in product([False, True], repeat=len(units)):
        if size[list(other)].sum() <= size[stays].sum():
            assert worth[list(other)].sum() <= worth[stays].sum()


@given(UNITS, st.floats(0, 30), st.floats(0, 30))
def test_what_stays_at_a_price_stays_at_a_lower_one(units, one, other):
    worth, size = np.array(units, dtype=float).T
    low, high = sorted((one, other))
    assert not (kept(worth, size, high) & ~kept(worth, size, low)).any()


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("found", lambda worth, size, budget: found(worth, size, budget + 1)),
        ("found", lambda worth, size, budget: found(-np.asarray(worth), size, budget)),
        ("kept", lambda worth, size, price: np.asarray(worth) >= price),
    ],
)
def test_claim_b2_finds_mistakes(code, wrong):
    assert finds("B2", code, wrong, by="every budget")


def test_sizes_and_worths_out_of_range_are_refused():
    with pytest.raises(ValueError, match="size"):
        found([1.0], [0.0], 1.0)
    with pytest.raises(ValueError, match="worth"):
        kept([np.nan], [1.0], 1.0)
