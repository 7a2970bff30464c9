"""Claim H2: a mistake in the code is found."""

import pytest

from tests.theory.proofs.mistakes import finds_in


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        ("profile", lambda self, theta: theta * self.log_gamma, "profile as computed"),
        ("map_pi", lambda self, theta: theta, "π* as computed"),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("H2", method, mistake, by=evidence)
