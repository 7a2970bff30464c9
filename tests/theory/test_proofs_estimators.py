"""Claims G1 to G5 in the ledger: all stand, each control rejected, and by the evidence meant."""

import dataclasses

import numpy as np
import pytest

from theory import claims, verify
from theory.estimators import Moments

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("G")}
CHECKED = {"G1"}  # a coupling argument with its cases; all others are proofs


@pytest.fixture(scope="module")
def verdicts():
    return {verdict.claim.id: verdict for verdict in verify(list(CLAIMS))}


def test_they_are_all_there():
    assert list(CLAIMS) == ["G1", "G1x", "G1y", "G2", "G2x", "G3", "G3x", "G3b", "G3bx", "G3by",
                            "G4", "G4x", "G5", "G5x"]


@pytest.mark.parametrize("id", CLAIMS)
def test_it_stands_with_every_control_rejected(verdicts, id):
    verdict = verdicts[id]
    assert verdict.problems == ()
    assert verdict.ok and verdict.kind == ("checked" if id in CHECKED else "proved")
    assert len(verdict.controls) >= 2


@pytest.mark.parametrize(("id", "control", "evidence"), [
    ("G1", "not divided by ρ", "any polynomial of degree 6"),
    ("G1", "bound without the factor 2", "bias at most 2M(1−(1−ρ)^k)"),
    ("G1", "bound that decreases with n", "the bound grows at most linearly in n"),
    ("G1x", "no interaction, hence no bias", "biased at θ₂ = 9/10"),
    ("G1y", "a kink in place of the jump", "not C(1)−C(0)"),
    ("G2", "unbiased", "the mean for a quadratic C"),
    ("G2", "rest point whenever |Δ+c| < h", "θ* is interior if |Δ+c| < h/2"),
    ("G2x", "positive curvature", "where it repels, for a negative h"),
    ("G3", "variance four times too large", "its variance"),
    ("G3x", "a quadratic cost", "biased"),
    ("G3b", "ratio without the 4", "their ratio at equal slopes"),
    ("G3bx", "no bias", "the mean of gate 1's estimate"),
    ("G3by", "condition that always holds", "smaller where the condition holds"),
    ("G4", "variance that falls as 1/K", "leave-one-out, K = 3: variance"),
    ("G4", "baseline at the mean cost", "score function: the baseline without variance"),
    ("G4x", "worse only from twice p₁ on", "and only there"),
    ("G5", "rate without the 2", "no flow through any x"),
    ("G5", "law without its upper end", "the CDF's derivative is the density"),
    ("G5", "closing twice too early", "its drift needs K steps to close it"),
    ("G5x", "from half that drift on", "both moves from 0 are cut off"),
])
def test_controls_are_rejected_for_the_right_reason(verdicts, id, control, evidence):
    (found,) = (item for item in verdicts[id].controls if item.name == control)
    assert found.reason.startswith(f"{evidence}: ")


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
    # The code has controls of its own below.
    assert unchanged <= {"implementation", "attractor", "score_code", "leave_one_out_code",
                         "antithetic_code", "gate", "layer"}


def halved(true, method="one_gate"):
    """The estimator's class with a variance of half the size."""
    def wrong(self, *arguments):
        mean, variance = getattr(super(type(self), self), method)(*arguments)
        return Moments(mean, variance / 2)

    return type("Broken", (true,), {method: wrong})


@pytest.mark.parametrize("method", ["one_gate", "moments"])
@pytest.mark.parametrize(("id", "code"), [
    ("G1", "implementation"), ("G2", "implementation"), ("G3", "implementation"),
    ("G3b", "implementation"), ("G4", "score_code"), ("G4", "leave_one_out_code"),
    ("G4", "antithetic_code"),
])
def test_a_mistake_in_an_estimator_is_found_by_the_claim(id, code, method):
    true = CLAIMS[id].formulas
    bundle = dataclasses.replace(true, **{code: halved(getattr(true, code), method)})
    assert not all(item.passed for item in CLAIMS[id].check(bundle))


@pytest.mark.parametrize(("method", "mistake"), [
    ("rate", property(lambda self: np.abs(self.drift) / (self.step * self.noise**2))),
    ("pdf", lambda self, x: self.rate * np.exp(-self.rate * x)),
    ("cdf", lambda self, x: x + 0 * self.rate),
    ("ppf", lambda self, u: u + 0 * self.rate),
    ("mean", lambda self: 1 / self.rate),
    ("mean_bound", lambda self: 2 / self.rate),
    ("steps_to_boundary", lambda self: 1 / (self.step * np.abs(self.drift))),
])
def test_a_mistake_in_the_gate_law_is_found_by_claim_g5(method, mistake):
    true = CLAIMS["G5"].formulas
    bundle = dataclasses.replace(true, gate=type("Broken", (true.gate,), {method: mistake}))
    assert not all(item.passed for item in CLAIMS["G5"].check(bundle))


@pytest.mark.parametrize("mistake", [
    lambda price, noise, alpha, closing: alpha * price / noise**2,
    lambda price, noise, alpha, closing: 1 / (closing * price),
])
def test_a_mistake_in_the_layer_step_is_found_by_claim_g5(mistake):
    bundle = dataclasses.replace(CLAIMS["G5"].formulas, layer=mistake)
    assert not all(item.passed for item in CLAIMS["G5"].check(bundle))
