"""Claims F1 to F5 in the ledger: established, each control rejected, mistakes in the code found."""

import dataclasses

import numpy as np
import pytest

from theory import claims, verify
from theory.proofs.scalar_gate import follow
from theory.scalar_gate import ScalarGate

KINDS = {"F1": "proved", "F2": "proved", "F2x": "proved", "F3": "proved", "F4": "proved",
         "F5": "checked"}
CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("F")}


@pytest.fixture(scope="module")
def verdicts():
    return {verdict.claim.id: verdict for verdict in verify(list(CLAIMS))}


def test_they_are_all_there():
    assert list(CLAIMS) == list(KINDS)


@pytest.mark.parametrize("id", KINDS)
def test_established_with_every_control_rejected(verdicts, id):
    verdict = verdicts[id]
    assert verdict.problems == ()
    assert verdict.ok and verdict.kind == KINDS[id]


@pytest.mark.parametrize("id", KINDS)
def test_both_provers_and_numbers_were_used(verdicts, id):
    assert {item.kind for item in verdicts[id].evidence} == {"proved", "decided", "checked"}


@pytest.mark.parametrize(("id", "control", "evidence"), [
    ("F1", "a subsidy for a price", "at E0 the projection holds θ = 0"),
    ("F1", "no weight decay", "and with θ held at 0"),
    ("F1", "energy with too little weight on θ", "and falls while θ > 0"),
    ("F2", "s+λ for s+2λ in c*", "θ is pushed up at E1 by c* − c"),
    ("F2", "stable at c = c* too", "strictly, if stable"),
    ("F2", "energy with too little weight on θ", "and falls while θ < 1"),
    ("F2x", "a price just below c*", "at the start θ falls"),
    ("F2x", "a price above c*, where E1 is no equilibrium", "E1 is an equilibrium"),
    ("F3", "the other root", "w_s is the root nearer to 0"),
    ("F3", "at c = c* too", "where it exists, 0 < θ_s < 1"),
    ("F3", "only up to half of c*", "and only there"),
    ("F4", "twice c_g", "J(E1) − J(E0) = c − c_g"),
    ("F4", "c* at most 3 of c_g, not sharp", "sharp as λ → ∞"),
    ("F5", "a straight w-nullcline", "w grows above its nullcline"),
    ("F5", "basins bounded by a level line", "paths end where the basins say"),
])
def test_controls_are_rejected_for_the_right_reason(verdicts, id, control, evidence):
    (found,) = (item for item in verdicts[id].controls if item.name == control)
    assert found.reason.startswith(f"{evidence}: ")


@pytest.mark.parametrize("id", KINDS)
def test_every_formula_that_a_claim_states_is_under_control(id):
    true = CLAIMS[id].formulas
    for field in dataclasses.fields(true):
        # The code has controls of its own below.
        assert field.name == "implementation" or any(
            getattr(wrong, field.name) != getattr(true, field.name)
            for wrong in CLAIMS[id].controls.values())



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
