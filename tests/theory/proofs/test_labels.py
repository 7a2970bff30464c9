"""Claim G6b: a mistake in the code is found."""

import pytest

from tests.theory.proofs.mistakes import CLAIMS, finds, finds_in


def test_a_mistake_in_the_signal_is_found():
    def wrong_sign(self, cost, z):
        return cost.slope(z) - (0.5 - z) * cost.squared_slope(z)

    assert finds_in("G6b", "signal", wrong_sign, by="the estimator's error with any labels")


@pytest.mark.parametrize(
    ("bound", "scale", "evidence"),
    [
        ("calibration_bound", 2, "most as computed"),
        ("gauss_newton_bound", 0.5, "missed as computed"),
    ],
)
def test_a_mistake_in_a_bound_is_found(bound, scale, evidence):
    true = CLAIMS["G6b"].states.code[bound]
    assert finds("G6b", bound, lambda *arguments: scale * true(*arguments), evidence)
