"""Claim P2: a mistake in the code is found."""

import pytest

from tests.theory.proofs.mistakes import finds_in


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        ("largest_step", property(lambda self: 2 / self.mu), "largest step as computed"),
        ("safe_step", property(lambda self: 2 / self.m), "safe step as computed"),
        (
            "death_step",
            lambda self, r, theta, step: self.death_time(r, theta) // step,
            "N as computed",
        ),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("P2", method, mistake, by=evidence)
