"""Claims H5, G6a to G6c: a mistake in the code is found by the claim that it breaks."""

import numpy as np
import pytest
from scipy.special import expit, logit

from theory import claims
from theory.ledger import run
from theory.proofs.stationary import _rested_units

CLAIMS = {claim.id: claim for claim in claims() if claim.id in ("H5", "G6a", "G6b", "G6c")}


def first_order(self, objective, z):
    return objective.slope(z)


def wrong_sign(self, objective, z):
    return objective.slope(z) - (0.5 - z) * objective.squared_slope(z)


def at_one(self, objective, z):
    return objective.slope(z) + (1 - 2 * z) * objective.squared_slope(z)


@pytest.mark.parametrize(
    ("id", "code", "method", "mistake"),
    [
        ("H5", "fixed", "resting_theta", lambda self, worth: expit(worth - logit(self.pi0))),
        ("H5", "beta prior", "resting_theta", lambda self, worth: expit(worth - np.log(self.beta))),
        ("G6a", "implementation", "signal", wrong_sign),
        ("G6a", "implementation", "signal", at_one),
        ("G6b", "implementation", "signal", wrong_sign),
        ("G6c", "implementation", "signal", first_order),
        (
            "G6c",
            "implementation",
            "_one_gate",
            lambda self, delta, curvature, theta, start: (delta, 0 * delta),
        ),
    ],
)
def test_a_mistake_in_a_method_is_found_by_the_claim(id, code, method, mistake):
    states = CLAIMS[id].states
    broken = type("Broken", (states.code[code],), {method: mistake})
    assert not all(item.passed for item in run(CLAIMS[id], states.but({code: broken})))


@pytest.mark.parametrize(
    ("id", "code", "scale"),
    [
        ("G6a", "third_moment_bound", 0.9),
        ("G6a", "taylor_bound", 2),
        ("G6b", "calibration_bound", 2),
        ("G6b", "gauss_newton_bound", 0.5),
        ("G6c", "second_moment_factor", 0.5),
        ("G6c", "trapezoid_factor", 4),
    ],
)
def test_a_mistake_in_a_bound_is_found_by_the_claim(id, code, scale):
    states = CLAIMS[id].states
    bundle = states.but({code: lambda *arguments: scale * states.code[code](*arguments)})
    assert not all(item.passed for item in run(CLAIMS[id], bundle))


def test_units_that_rest_are_told_from_units_that_do_not():
    """Of the experiment beside claim G7: with another decay than was trained with it must fail."""
    slopes, sizes, _ = _rested_units(decay=0.003)
    assert np.abs(slopes + 0.003 * sizes).max() < 1e-6
    assert np.abs(slopes + 0.002 * sizes).min() > 1e-4
