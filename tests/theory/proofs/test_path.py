"""Claim G1: a mistake in the estimator is found."""

import pytest

from tests.theory.proofs.mistakes import finds_half_the_variance


@pytest.mark.parametrize(
    ("method", "evidence"),
    [("one_gate", "spread as computed"), ("moments", "variance by enumeration")],
)
def test_half_the_variance_is_found(method, evidence):
    assert finds_half_the_variance("G1", method, by=evidence)
