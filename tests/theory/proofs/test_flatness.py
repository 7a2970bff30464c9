"""Claim H4: a mistake in the code is found."""

import pytest

from tests.theory.proofs.mistakes import finds_in


@pytest.mark.parametrize(
    ("code", "method", "mistake", "evidence"),
    [
        ("fixed", "profile", lambda self, theta: (theta - self.pi0) ** 2, "KL(θ‖0.5)"),
        ("fixed", "profile_curvature", lambda self, theta: 4 + 0 * theta, "K₀ as computed"),
        ("beta", "profile_slope", lambda self, theta: 0 * theta, "Beta(1, 3) as computed"),
        ("beta", "map_pi", lambda self, theta: theta, "Beta(1, 3) as computed"),
    ],
)
def test_a_mistake_in_the_code_is_found(code, method, mistake, evidence):
    assert finds_in("H4", method, mistake, code, by=evidence)
