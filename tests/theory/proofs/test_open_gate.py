"""Claim F2: a mistake in the code is found."""

import pytest

from tests.theory.proofs.mistakes import finds_in
from theory.scalar_gate import ScalarGate

on = ScalarGate.equilibrium_on


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        ("c_star", property(lambda self: 1.01 * ScalarGate.c_star.fget(self)), "c* as computed"),
        (
            "equilibrium_on",
            lambda self: (self.a + 0 * self.c, 1 + 0 * self.c),
            "it is there as computed where it is allowed",
        ),
        ("equilibrium_on", lambda self: (self.a, on(self)[1]), "w₁ as computed"),
        ("regime", lambda self: "metastable", "as computed at c = c* exactly"),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("F2", method, mistake, by=evidence)
