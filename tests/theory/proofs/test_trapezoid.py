"""Claim G3: a mistake in the estimator is found."""

import pytest

from tests.theory.proofs.mistakes import finds_half_the_variance


@pytest.mark.parametrize(
    ("method", "evidence"),
    [
        ("one_gate", "Broken(floor=0.0): variance, closed form"),
        ("moments", "Broken(floor=0.0): variance, enumeration"),
    ],
)
def test_half_the_variance_is_found(method, evidence):
    assert finds_half_the_variance("G3", method, by=evidence)
