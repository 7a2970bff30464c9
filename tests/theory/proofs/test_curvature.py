"""Claim G6c: a mistake in the code is found."""

import pytest

from tests.theory.proofs.mistakes import CLAIMS, finds, finds_in


@pytest.mark.parametrize(
    ("method", "mistake"),
    [
        ("signal", lambda self, cost, z: cost.slope(z)),
        ("_one_gate", lambda self, delta, curvature, theta, start: (delta, 0 * delta)),
    ],
)
def test_a_mistake_in_a_method_is_found(method, mistake):
    assert finds_in("G6c", method, mistake, by="spread as computed")


@pytest.mark.parametrize(
    ("factor", "scale", "evidence"),
    [
        ("second_moment_factor", 0.5, "factor as computed"),
        ("trapezoid_factor", 4, "multiple as computed"),
    ],
)
def test_a_mistake_in_a_factor_is_found(factor, scale, evidence):
    true = CLAIMS["G6c"].states.code[factor]
    assert finds("G6c", factor, lambda *arguments: scale * true(*arguments), evidence)
