"""Claims H1 to H4: a mistake in the code is found by the claim that it breaks."""

import dataclasses

import pytest

from theory import claims

CLAIMS = {claim.id: claim for claim in claims() if claim.id.startswith("H")}


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
