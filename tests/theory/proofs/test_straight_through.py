"""Claim G2: a mistake in the estimator is found."""

import pytest

from tests.theory.proofs.mistakes import finds_half_the_variance


@pytest.mark.parametrize(
    ("method", "evidence"),
    [("one_gate", "Var[C′] as computed"), ("moments", "variance on a ReLU network")],
)
def test_half_the_variance_is_found(method, evidence):
    assert finds_half_the_variance("G2", method, by=evidence)
