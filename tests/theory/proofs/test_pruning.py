"""Claims P1 to P4: a mistake in the code is found by the claim that it breaks."""

import numpy as np
import pytest

from theory import claims
from theory.attraction import Attraction
from theory.ledger import run
from theory.pruning_test import gate_z

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("P")}


def wrong_rho(self, step, b):
    return self.mu * (2 + step * self.mu) / (step * np.square(b))


@pytest.mark.parametrize(
    ("id", "method", "mistake"),
    [
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
    ],
)
def test_a_mistake_in_the_code_is_found_by_the_claim(id, method, mistake):
    claim = CLAIMS[id]
    broken = type("Broken", (Attraction,), {method: mistake})
    bundle = claim.states.but({"implementation": broken})
    assert not all(item.passed for item in run(claim, bundle))


def test_a_mistake_in_the_test_is_found_by_the_claim():
    bundle = CLAIMS["P4"].states.but({"statistic": lambda x, q, n: gate_z(x, q, n) / 2})
    assert not all(item.passed for item in run(CLAIMS["P4"], bundle))
