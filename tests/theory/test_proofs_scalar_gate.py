"""Claims F1 to F5: mistakes in the code are found, and the paths they rest on stay inside."""

import dataclasses

import numpy as np
import pytest

from theory import claims
from theory.proofs.scalar_gate import follow
from theory.scalar_gate import ScalarGate

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("F")}


@pytest.mark.parametrize(("id", "member", "mistake"), [
    ("F1", "objective", lambda self, w, theta: self.s * w * theta),
    ("F1", "flow", lambda self, w, theta: self.gradient(w, theta)),
    ("F2", "c_star", property(lambda self: 1.01 * ScalarGate.c_star.fget(self))),
    ("F2", "equilibrium_on", lambda self: (self.a + 0 * self.c, 1 + 0 * self.c)),
    ("F3", "saddle", lambda self: ScalarGate.equilibrium_on(self)),
    ("F3", "theta_nullcline", lambda self: ScalarGate.theta_nullcline(self)[::-1]),
    ("F3", "w_nullcline", lambda self, theta: self.a * theta),
    ("F3", "jacobian", lambda self, w, theta: -ScalarGate.jacobian(self, w, theta)),
    ("F3", "eigenvalues", lambda self, w, theta: ScalarGate.eigenvalues(self, w, theta)[::-1]),
    ("F4", "c_g", property(lambda self: ScalarGate.c_star.fget(self))),
    ("F4", "regime", lambda self: np.full(np.shape(self.c), "kept")),
])
def test_a_mistake_in_the_code_is_found_by_the_claim(id, member, mistake):
    true = CLAIMS[id].formulas
    broken = type("Broken", (ScalarGate,), {member: mistake})
    bundle = dataclasses.replace(true, implementation=broken)
    assert not all(item.passed for item in CLAIMS[id].check(bundle))


def test_the_paths_that_the_claims_rest_on_keep_within_the_strip():
    gate = ScalarGate(s=1.0, a=1.0, lam=1.0, c=0.3)
    w, theta = follow(gate, np.array([0.1, 0.5, 3.0]), np.array([0.2, 1.0, 1.0]))
    np.testing.assert_allclose(w, [0, 0.5, 0.5], atol=1e-6)
    np.testing.assert_array_equal(theta, [0, 1, 1])
