"""Claim P1: a mistake in the code is found."""

import numpy as np
import pytest

from tests.theory.proofs.mistakes import finds_in


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        (
            "m",
            property(lambda self: (self.lam + np.hypot(self.lam, self.kappa)) / 2),
            "m as computed",
        ),
        ("mu", property(lambda self: self.m), "μ as computed"),
        ("threshold", property(lambda self: self.m * self.c), "V̄ as computed"),
        ("saddle", property(lambda self: (self.c, self.lam * self.c)), "r_s as computed"),
        ("tight", property(lambda self: self.lam * self.c >= self.kappa**2), "tight as computed"),
        (
            "death_time",
            lambda self, r, theta: self.potential(r, theta) / self.threshold,
            "t* as computed",
        ),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("P1", method, mistake, by=evidence)
