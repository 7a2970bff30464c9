"""Claims G1 to G5: a mistake in the code is found by the claim that it breaks."""

import numpy as np
import pytest

from theory import claims
from theory.estimation import Moments
from theory.ledger import run

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("G")}


def finds(id, code):
    """Whether the claim finds a violation with other code than its own."""
    claim = CLAIMS[id]
    return not all(item.passed for item in run(claim, claim.states.but(code)))


def halved(true, method="one_gate"):
    """The estimator's class with a variance of half the size."""

    def wrong(self, *arguments):
        mean, variance = getattr(super(type(self), self), method)(*arguments)
        return Moments(mean, variance / 2)

    return type("Broken", (true,), {method: wrong})


@pytest.mark.parametrize("method", ["one_gate", "moments"])
@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("G1", "implementation"),
        ("G2", "implementation"),
        ("G3", "implementation"),
        ("G3b", "implementation"),
        ("G4", "score_code"),
        ("G4", "leave_one_out_code"),
        ("G4", "antithetic_code"),
    ],
)
def test_a_mistake_in_an_estimator_is_found_by_the_claim(id, code, method):
    assert finds(id, {code: halved(CLAIMS[id].states.code[code], method)})


@pytest.mark.parametrize(
    ("method", "mistake"),
    [
        ("rate", property(lambda self: np.abs(self.drift) / (self.step * self.noise**2))),
        ("pdf", lambda self, x: self.rate * np.exp(-self.rate * x)),
        ("cdf", lambda self, x: x + 0 * self.rate),
        ("ppf", lambda self, u: u + 0 * self.rate),
        ("mean", lambda self: 1 / self.rate),
        ("mean_bound", lambda self: 2 / self.rate),
        ("steps_to_boundary", lambda self: 1 / (self.step * np.abs(self.drift))),
    ],
)
def test_a_mistake_in_the_gate_law_is_found_by_claim_g5(method, mistake):
    true = CLAIMS["G5"].states.code["gate"]
    assert finds("G5", {"gate": type("Broken", (true,), {method: mistake})})


@pytest.mark.parametrize(
    "mistake",
    [
        lambda price, noise, alpha, closing: alpha * price / noise**2,
        lambda price, noise, alpha, closing: 1 / (closing * price),
    ],
)
def test_a_mistake_in_the_layer_step_is_found_by_claim_g5(mistake):
    assert finds("G5", {"layer_code": mistake})
