"""Claims F1 to F5: mistakes in the code are found, and the paths they rest on stay inside."""

import numpy as np
import pytest

from theory import claims
from theory.ledger import run
from theory.proofs.scalar_gate import follow
from theory.scalar_gate import ScalarGate

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("F")}


@pytest.mark.parametrize(
    ("id", "member", "mistake", "evidence"),
    [
        ("F1", "objective", lambda self, w, theta: self.s * w * theta, "J as computed"),
        ("F1", "flow", lambda self, w, theta: self.gradient(w, theta), "ẇ as computed"),
        (
            "F2",
            "c_star",
            property(lambda self: 1.01 * ScalarGate.c_star.fget(self)),
            "c* as computed",
        ),
        (
            "F2",
            "equilibrium_on",
            lambda self: (self.a + 0 * self.c, 1 + 0 * self.c),
            "it is there as computed where it is allowed",
        ),
        (
            "F2",
            "equilibrium_on",
            lambda self: (self.a, ScalarGate.equilibrium_on(self)[1]),
            "w₁ as computed",
        ),
        ("F2", "regime", lambda self: "metastable", "as computed at c = c* exactly"),
        ("F3", "saddle", lambda self: ScalarGate.equilibrium_on(self), "w_s as computed"),
        (
            "F3",
            "theta_nullcline",
            lambda self: ScalarGate.theta_nullcline(self)[::-1],
            "far as computed",
        ),
        ("F3", "w_nullcline", lambda self, theta: self.a * theta, "w-nullcline as computed"),
        ("F3", "jacobian", lambda self, w, theta: -ScalarGate.jacobian(self, w, theta), "Jacobian"),
        (
            "F3",
            "eigenvalues",
            lambda self, w, theta: ScalarGate.eigenvalues(self, w, theta)[::-1],
            "eigenvalues",
        ),
        ("F4", "c_g", property(lambda self: ScalarGate.c_star.fget(self)), "c_g as computed"),
        ("F4", "regime", lambda self: np.full(np.shape(self.c), "kept"), "regime as computed"),
    ],
)
def test_a_mistake_in_the_code_is_found_by_the_claim(id, member, mistake, evidence):
    bundle = CLAIMS[id].states.but(
        {"implementation": type("Broken", (ScalarGate,), {member: mistake})}
    )
    items = run(CLAIMS[id], bundle, only=evidence)
    assert not next(item for item in items if item.name == evidence).passed


def test_the_paths_that_the_claims_rest_on_keep_within_the_strip():
    gate = ScalarGate(s=1.0, a=1.0, lam=1.0, c=0.3)
    w, theta = follow(gate, np.array([0.1, 0.5, 3.0]), np.array([0.2, 1.0, 1.0]))
    np.testing.assert_allclose(w, [0, 0.5, 0.5], atol=1e-6)
    np.testing.assert_array_equal(theta, [0, 1, 1])
