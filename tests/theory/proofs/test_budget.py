"""Claims B2 and B3 beside sets tried one by one, and mistakes in the code that they must find."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.proofs.mistakes import finds
from theory.budget import found, found_for_both, kept

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


BOTH = st.tuples(st.integers(0, 30), st.integers(1, 9), st.integers(1, 9))


@given(st.lists(BOTH, min_size=1, max_size=6), st.tuples(st.integers(1, 60), st.integers(1, 60)))
def test_no_set_that_is_as_small_in_both_sizes_is_worth_more(units, budgets):
    worth, *sizes = np.array(units, dtype=float).T
    stays = found_for_both(worth, sizes, budgets)
    left = [size[stays].sum() for size in sizes]
    assert all(size <= most for size, most in zip(left, budgets))
    for other in product([False, True], repeat=len(units)):
        if all(size[list(other)].sum() <= most for size, most in zip(sizes, left)):
            assert worth[list(other)].sum() <= worth[stays].sum()


@given(UNITS, st.integers(1, 60))
def test_a_second_budget_that_asks_for_nothing_changes_nothing(units, budget):
    worth, size = np.array(units, dtype=float).T
    both = found_for_both(worth, [size, size], [budget, 100])
    assert (both == found(worth, size, budget)).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda worth, sizes, budgets: found_for_both(worth, sizes, budgets + 1),
        lambda worth, sizes, budgets: found_for_both(worth, sizes[::-1], budgets),
        lambda worth, sizes, budgets: found(worth, sizes[1], budgets[1]),
    ],
)
def test_claim_b3_finds_mistakes(wrong):
    assert finds("B3", "found_for_both", wrong, by="every two budgets")


def test_sizes_and_worths_out_of_range_are_refused():
    with pytest.raises(ValueError, match="size"):
        found([1.0], [0.0], 1.0)
    with pytest.raises(ValueError, match="worth"):
        kept([np.nan], [1.0], 1.0)
