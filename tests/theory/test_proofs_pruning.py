"""Claims P1 to P4 in the ledger: each holds, each control rejected, by the evidence meant."""

import dataclasses

import numpy as np
import pytest

from theory import claims, verify
from theory.attraction import gate_z

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("P")}


@pytest.fixture(scope="module")
def verdicts():
    return {verdict.claim.id: verdict for verdict in verify(list(CLAIMS))}


def test_they_are_all_there():
    assert list(CLAIMS) == ["P1", "P2", "P3", "P3x", "P4"]


@pytest.mark.parametrize(("id", "kind"), [
    ("P1", "proved"), ("P2", "proved"), ("P3", "checked"), ("P3x", "proved"), ("P4", "checked"),
])
def test_established_with_every_control_rejected(verdicts, id, kind):
    verdict = verdicts[id]
    assert verdict.problems == ()
    assert verdict.ok and verdict.kind == kind


@pytest.mark.parametrize(("id", "control", "evidence"), [
    ("P1", "μ = m", "μ = m − λ"),
    ("P1", "V̄ twice as large", "V falls below V̄"),
    ("P1", "t* half as long", "the bound on V is 0 at t*"),
    ("P1", "exact in the capped case", "λc ≤ κ²: at the cap V ≥ V̄"),
    ("P2", "bound at the clip twice as large", "V does not rise where θ is clipped at 0"),
    ("P2", "bound at the clip half as large, not sharp", "sharp: "),
    ("P2", "growth 1 + 2aμ", "V̄ − V grows by 1 + aμ per free step"),
    ("P3", "noise of the weights without κ", "|η| ≤ b"),
    ("P3", "squares summed half", "the squares sum to S"),
    ("P3", "clip level without κ", "where θ is clipped, V⁺ ≤ v_c"),
    ("P3", "margin half as wide", "below V̄ − b/μ no free step raises V"),
    ("P3x", "the condition kept", "the condition v_c ≤ V̄ − b/μ fails"),
    ("P4", "θ = 0 alone", "share pruned"),
    ("P4", "whatever θ", "none while θ > 0"),
])
def test_controls_are_rejected_for_the_right_reason(verdicts, id, control, evidence):
    (found,) = (item for item in verdicts[id].controls if item.name == control)
    assert found.reason.startswith(evidence)


@pytest.mark.parametrize("id", CLAIMS)
def test_every_formula_that_a_claim_states_is_under_control(id):
    """A formula that no control changes might not be looked at."""
    true = CLAIMS[id].formulas
    unchanged = {
        field.name
        for field in dataclasses.fields(true)
        if all(getattr(wrong, field.name) == getattr(true, field.name)
               for wrong in CLAIMS[id].controls.values())
    }
    # The code has controls of its own below; of the counterexample not every number matters.
    assert unchanged <= {"implementation", "statistic", "kappa", "lam", "step"}


def wrong_rho(self, step, b):
    return self.mu * (2 + step * self.mu) / (step * np.square(b))


@pytest.mark.parametrize(("id", "method", "mistake"), [
    ("P1", "m", property(lambda self: (self.lam + np.hypot(self.lam, self.kappa)) / 2)),
    ("P1", "mu", property(lambda self: self.m)),
    ("P1", "threshold", property(lambda self: self.m * self.c)),
    ("P1", "saddle", property(lambda self: (self.c, self.lam * self.c))),
    ("P1", "tight", property(lambda self: self.lam * self.c >= self.kappa**2)),
    ("P1", "death_time", lambda self, r, theta: self.potential(r, theta) / self.threshold),
    ("P2", "largest_step", property(lambda self: 2 / self.mu)),
    ("P2", "safe_step", property(lambda self: 2 / self.m)),
    ("P2", "death_step", lambda self, r, theta, step: self.death_time(r, theta) // step),
    ("P3", "noise_bound", lambda self, b_theta, b_r: self.m * b_theta + b_r),
    ("P3", "rho", wrong_rho),
    ("P3", "escape_bound", lambda self, r, theta, step, b: 0.1 * np.asarray(step)),
    ("P3", "clip_level", lambda self, step, b_theta, b_r: self.c + b_theta),
    ("P3", "holds_for_ever", lambda self, step, b_theta, b_r: np.zeros(np.shape(step), bool)),
])
def test_a_mistake_in_the_code_is_found_by_the_claim(id, method, mistake):
    true = CLAIMS[id].formulas
    broken = type("Broken", (true.implementation,), {method: mistake})
    bundle = dataclasses.replace(true, implementation=broken)
    assert not all(item.passed for item in CLAIMS[id].check(bundle))


def test_a_mistake_in_the_test_is_found_by_the_claim():
    bundle = dataclasses.replace(
        CLAIMS["P4"].formulas, statistic=lambda x, q, n: gate_z(x, q, n) / 2)
    assert not all(item.passed for item in CLAIMS["P4"].check(bundle))
