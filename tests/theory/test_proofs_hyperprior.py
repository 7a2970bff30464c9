"""Claims H1 to H4 in the ledger: all proved, each control rejected, and by the evidence meant."""

import dataclasses

import pytest

from theory import claims, verify

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("H")}


@pytest.fixture(scope="module")
def verdicts():
    return {verdict.claim.id: verdict for verdict in verify(list(CLAIMS))}


def test_they_are_all_there():
    assert list(CLAIMS) == ["H1", "H2", "H3", "H4"]


@pytest.mark.parametrize("id", CLAIMS)
def test_proved_with_every_control_rejected(verdicts, id):
    verdict = verdicts[id]
    assert verdict.problems == ()
    assert verdict.ok and verdict.kind == "proved"


@pytest.mark.parametrize("id", CLAIMS)
def test_both_provers_and_an_oracle_were_used(verdicts, id):
    kinds = {(item.kind, item.core) for item in verdicts[id].evidence}
    assert kinds == {("proved", True), ("decided", True), ("checked", False)}


@pytest.mark.parametrize(("id", "control", "evidence"), [
    ("H1", "tilt with the wrong sign", "the CDF's derivative is the density"),
    ("H1", "mean without its second term", "mean"),
    ("H1", "variance twice its first term", "variance"),
    ("H1", "entropy with γ for √γ", "entropy"),
    ("H1", "variance that cancels near γ = 1", "variance as computed"),
    ("H2", "convex in π itself", "the objective is strictly convex in π"),
    ("H2", "slope −ln γ", "the minimum is the stated profile"),
    ("H3", "density with the square of the tilt", "the density has that score"),
    ("H3", "conjugate without the slope", "its maximum g"),
    ("H4", "fixed curvature at least 8", "it is at least 4"),
    ("H4", "condition α, β ≥ 1 dropped", "it is never negative"),
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
    assert unchanged <= {"implementation", "fixed", "beta"}


@pytest.mark.parametrize(("id", "code", "method", "mistake"), [
    ("H1", "implementation", "cdf", lambda self, pi: pi + 0 * self.log_gamma),
    ("H1", "implementation", "entropy", lambda self: 0 * self.log_gamma),
    ("H2", "implementation", "profile", lambda self, theta: theta * self.log_gamma),
    ("H2", "implementation", "map_pi", lambda self, theta: theta),
    ("H3", "implementation", "logpdf", lambda self, pi: -self.log_gamma * pi),
    ("H4", "fixed", "profile", lambda self, theta: (theta - self.pi0) ** 2),
    ("H4", "fixed", "profile_curvature", lambda self, theta: 4 + 0 * theta),
    ("H4", "beta", "profile_slope", lambda self, theta: 0 * theta),
    ("H4", "beta", "map_pi", lambda self, theta: theta),
])
def test_a_mistake_in_the_code_is_found_by_the_claim(id, code, method, mistake):
    true = CLAIMS[id].formulas
    broken = type("Broken", (getattr(true, code),), {method: mistake})
    bundle = dataclasses.replace(true, **{code: broken})
    assert not all(item.passed for item in CLAIMS[id].check(bundle))
