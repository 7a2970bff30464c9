"""Claim F3: a mistake in the code is found."""

import pytest

from tests.theory.proofs.mistakes import finds_in
from theory.scalar_gate import ScalarGate


def turned(method):
    return lambda self, *state: getattr(ScalarGate, method)(self, *state)[::-1]


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        ("saddle", lambda self: ScalarGate.equilibrium_on(self), "w_s as computed"),
        ("theta_nullcline", turned("theta_nullcline"), "far as computed"),
        ("w_nullcline", lambda self, theta: self.a * theta, "w-nullcline as computed"),
        ("jacobian", lambda self, w, theta: -ScalarGate.jacobian(self, w, theta), "Jacobian"),
        ("eigenvalues", turned("eigenvalues"), "eigenvalues"),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("F3", method, mistake, by=evidence)
