"""Bounds of the second-order step: their values, and the estimator within them (claim G6)."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.costs import softmax
from theory.estimators import (
    GaussNewton,
)
from theory.objectives import (
    cross_entropy,
    gate_gradient,
)
from theory.second_order import (
    calibration_bound,
    gauss_newton_bound,
    second_moment_factor,
    taylor_bound,
    third_moment_bound,
    trapezoid_factor,
)


@given(seed=st.integers(0, 10**6), size=st.floats(0.05, 4), calibrated=st.booleans())
def test_gauss_newton_is_within_the_bounds_of_claim_g6(seed, size, calibrated):
    """Gates without noise, at every corner; with the model's labels there the curvature is C″."""
    rng = np.random.default_rng(seed)
    slopes, offset = size * rng.normal(size=(4, 3)), rng.normal(size=4)
    spread = np.ptp(slopes, axis=0)
    for corner in product((0.0, 1.0), repeat=3):
        theta = np.array(corner)
        p = softmax(theta, slopes, offset)
        law = p if calibrated else rng.dirichlet(np.ones(4))
        objective = cross_entropy(slopes, offset, law)
        mean, variance = GaussNewton().moments(objective, theta)
        distance = np.abs(law - p).sum() / 2
        curvature = p @ slopes**2 - (p @ slopes) ** 2
        assert (
            np.abs(objective.squared_slope(theta) - curvature)
            <= calibration_bound(spread, distance) + 1e-9
        ).all()
        np.testing.assert_allclose(
            mean,
            objective.slope(theta) + (0.5 - theta) * objective.squared_slope(theta),
            atol=1e-12,
        )
        missed = np.abs(mean - gate_gradient(objective, theta))
        assert (missed <= gauss_newton_bound(spread, distance) + 1e-9).all()
        assert (variance < 1e-20).all()


def test_bounds_of_the_second_order():
    spread, root = np.array([0.0, 1.0, 2.0]), np.sqrt(3)
    np.testing.assert_allclose(third_moment_bound(spread), spread**3 / (6 * root))
    np.testing.assert_allclose(taylor_bound(spread), spread**3 / (36 * root))
    np.testing.assert_allclose(calibration_bound(spread, 0.25), [0, 0.25, 1.0])
    np.testing.assert_allclose(
        gauss_newton_bound(spread, 0.25), [0, 1 / (36 * root) + 0.125, 8 / (36 * root) + 0.5]
    )
    np.testing.assert_allclose(second_moment_factor(spread), [1, 2.25, 4])
    assert trapezoid_factor(0.5) == 1
    assert trapezoid_factor(0.97) == pytest.approx(8.6, abs=0.05)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: third_moment_bound(-1), r"^spread = -1.0 .*\[0, inf\)"),
        (lambda: taylor_bound(np.inf), r"^spread = inf "),
        (lambda: calibration_bound(-1, 0.5), r"^spread = -1.0 "),
        (lambda: calibration_bound(1, 1.5), r"^distance = 1.5 .*\[0, 1\]"),
        (lambda: gauss_newton_bound(1, np.nan), r"^distance = nan "),
        (lambda: second_moment_factor(-1), r"^spread = -1.0 "),
        (lambda: trapezoid_factor(1.0), r"^q = 1.0 .*\(0, 1\)"),
    ],
)
def test_bad_values(make, message):
    with pytest.raises(ValueError, match=message):
        make()
