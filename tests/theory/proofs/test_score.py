"""Claim G4: a mistake in an estimator is found."""

import pytest

from tests.theory.proofs.mistakes import finds_half_the_variance


@pytest.mark.parametrize(
    ("method", "kind"), [("one_gate", "closed form"), ("moments", "enumeration")]
)
@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("score_code", "Broken(baseline=0.0)"),
        ("leave_one_out_code", "Broken(draws=2)"),
        ("antithetic_code", "Broken()"),
    ],
)
def test_half_the_variance_is_found(code, name, method, kind):
    assert finds_half_the_variance("G4", method, code, by=f"{name}: variance, {kind}")
