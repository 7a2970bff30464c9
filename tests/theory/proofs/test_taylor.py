"""Claim G6a: a mistake in the code is found."""

import pytest

from tests.theory.proofs.mistakes import CLAIMS, finds, finds_in


@pytest.mark.parametrize(
    "mistake",
    [
        lambda self, cost, z: cost.slope(z) - (0.5 - z) * cost.squared_slope(z),
        lambda self, cost, z: cost.slope(z) + (1 - 2 * z) * cost.squared_slope(z),
    ],
    ids=["wrong sign", "at one"],
)
def test_a_mistake_in_the_signal_is_found(mistake):
    assert finds_in("G6a", "signal", mistake, by="the estimator's error on calibrated softmaxes")


@pytest.mark.parametrize(
    ("bound", "scale", "evidence"),
    [
        ("third_moment_bound", 0.9, "all laws of two points on a grid"),
        ("taylor_bound", 2, "taylor_most as computed"),
    ],
)
def test_a_mistake_in_a_bound_is_found(bound, scale, evidence):
    true = CLAIMS["G6a"].states.code[bound]
    assert finds("G6a", bound, lambda *arguments: scale * true(*arguments), evidence)
