"""Claim P4: a mistake in the code is found."""

from tests.theory.proofs.mistakes import finds
from theory.pruning_test import gate_z


def test_a_mistake_in_the_test_is_found():
    assert finds("P4", "statistic", lambda x, q, n: gate_z(x, q, n) / 2, "z as computed")
