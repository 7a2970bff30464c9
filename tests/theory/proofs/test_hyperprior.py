"""Claims H1 to H4: a mistake in the code is found by the claim that it breaks."""

import numpy as np
import pytest

from theory import claims
from theory.ledger import run

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("H")}


def off_in_the_last_coefficient(self):
    """The variance with 2/95355 for the series' last coefficient 2/93555."""
    x = np.abs(self.log_gamma) / 2
    wrong = (2 / 95355 - 2 / 93555) * np.minimum(x, 0.15) ** 8 / 4
    return np.where(x < 0.15, wrong, 0) + super(type(self), self).var()


@pytest.mark.parametrize(
    ("id", "code", "method", "mistake", "evidence"),
    [
        (
            "H1",
            "implementation",
            "cdf",
            lambda self, pi: pi + 0 * self.log_gamma,
            "CDF as computed",
        ),
        ("H1", "implementation", "entropy", lambda self: 0 * self.log_gamma, "entropy as computed"),
        ("H1", "implementation", "var", off_in_the_last_coefficient, "variance as computed"),
        (
            "H2",
            "implementation",
            "profile",
            lambda self, theta: theta * self.log_gamma,
            "profile as computed",
        ),
        ("H2", "implementation", "map_pi", lambda self, theta: theta, "π* as computed"),
        (
            "H3",
            "implementation",
            "logpdf",
            lambda self, pi: -self.log_gamma * pi,
            "density from the profile, ln γ = 1",
        ),
        ("H4", "fixed", "profile", lambda self, theta: (theta - self.pi0) ** 2, "KL(θ‖0.5)"),
        ("H4", "fixed", "profile_curvature", lambda self, theta: 4 + 0 * theta, "K₀ as computed"),
        ("H4", "beta", "profile_slope", lambda self, theta: 0 * theta, "Beta(1, 3) as computed"),
        ("H4", "beta", "map_pi", lambda self, theta: theta, "Beta(1, 3) as computed"),
    ],
)
def test_a_mistake_in_the_code_is_found_by_the_claim(id, code, method, mistake, evidence):
    states = CLAIMS[id].states
    broken = type("Broken", (states.code[code],), {method: mistake})
    items = run(CLAIMS[id], states.but({code: broken}), only=evidence)
    assert not next(item for item in items if item.name == evidence).passed
