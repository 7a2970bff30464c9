"""The fixed prior and the Beta hyper-prior: against search, differences, SciPy, and at the edges.

`PRIORS` is the one list of all priors that share the protocol; a new one joins every test of the
protocol by a line in it.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.special import expit

from theory import BetaHyperprior, FixedPrior, FlatteningHyperprior, kl_bernoulli

PRIORS = {
    "flattening": FlatteningHyperprior(log_gamma=3.0),
    "uniform as flattening": FlatteningHyperprior.from_gamma(1),
    "uniform as Beta": BetaHyperprior(1, 1),
    "Beta": BetaHyperprior(2.5, 1.3),
    "one-sided Beta": BetaHyperprior(1, 4),
    "fixed": FixedPrior(0.2),
}
SHAPES = st.floats(1, 30)
ANY_SHAPES = st.floats(0.05, 3)
INSIDE = st.floats(0.01, 0.99)

each_prior = pytest.mark.parametrize("prior", PRIORS.values(), ids=PRIORS.keys())


@each_prior
@pytest.mark.parametrize("theta", [0.01, 0.3, 0.77, 0.99])
def test_profile_is_the_least_over_pi(prior, theta):
    def objective(x):
        pi = expit(x)
        return kl_bernoulli(theta, pi) - prior.logpdf(pi)

    if isinstance(prior, FixedPrior):
        least, place = kl_bernoulli(theta, prior.pi0), prior.pi0
    else:
        found = minimize_scalar(objective, bounds=(-15, 15), method="bounded",
                                options={"xatol": 1e-9})
        least, place = found.fun, expit(found.x)
    assert prior.profile(theta) == pytest.approx(least, abs=1e-9)
    assert prior.map_pi(theta) == pytest.approx(place, abs=1e-5)


@each_prior
def test_slope_and_curvature_are_the_profiles_derivatives(prior):
    theta, step = np.linspace(0.05, 0.95, 19), 1e-4
    left, centre, right = (prior.profile(theta + shift) for shift in (-step, 0, step))
    np.testing.assert_allclose(prior.profile_slope(theta), (right - left) / (2 * step), atol=1e-5)
    np.testing.assert_allclose(prior.profile_curvature(theta),
                               (left - 2 * centre + right) / step**2, atol=1e-4, rtol=1e-4)


@each_prior
@pytest.mark.parametrize(
    "method", ["logpdf", "map_pi", "profile", "profile_slope", "profile_curvature"])
def test_shapes(prior, method):
    function = getattr(prior, method)
    assert isinstance(function(0.25), float)
    assert function(np.full((2, 3), 0.25)).shape == (2, 3)


@each_prior
@pytest.mark.parametrize(
    "method", ["logpdf", "map_pi", "profile", "profile_slope", "profile_curvature"])
def test_outside_the_unit_interval(prior, method):
    parameter = "pi" if method == "logpdf" else "theta"
    with pytest.raises(ValueError, match=rf"^{parameter} = 1.25 .*\[0, 1\]"):
        getattr(prior, method)(1.25)


@each_prior
@pytest.mark.parametrize("theta", [0.0, 1.0])
def test_profile_is_continuous_at_the_ends(prior, theta):
    inside = abs(theta - 1e-12)
    assert prior.profile(theta) == pytest.approx(prior.profile(inside), abs=1e-9)


def test_parameters_broadcast():
    theta = np.linspace(0, 1, 4)
    column = np.array([[0.2], [0.5]])
    assert FixedPrior(column).profile_curvature(theta).shape == (2, 4)
    beta = BetaHyperprior(1 + column, [1.0, 2.0, 3.0, 4.0])
    for method in ("map_pi", "profile", "profile_slope", "profile_curvature", "logpdf"):
        assert getattr(beta, method)(theta).shape == (2, 4)


def test_parameters_may_be_lists():
    np.testing.assert_array_equal(FixedPrior([0.2, 0.5]).logpdf(0.5), [-np.inf, 0])
    assert FixedPrior([0.2, 0.5]).pi0.shape == (2,)
    np.testing.assert_allclose(BetaHyperprior([2, 3], [2, 1]).logpdf(0.5), np.log([1.5, 0.75]))


@given(INSIDE)
def test_fixed_curvature_is_at_least_4(theta):
    assert FixedPrior(0.3).profile_curvature(theta) >= 4


@given(INSIDE)
def test_fixed_minimum_is_interior(pi0):
    prior = FixedPrior(pi0)
    assert prior.profile_slope(0) == -np.inf
    assert prior.profile_slope(1) == np.inf
    assert prior.profile_slope(pi0) == prior.profile(pi0) == 0
    assert prior.profile_curvature(0) == prior.profile_curvature(1) == np.inf


def test_fixed_logpdf_is_that_of_a_point_mass():
    np.testing.assert_array_equal(FixedPrior(0.5).logpdf([0.4, 0.5, 1]), [-np.inf, 0, -np.inf])


@given(SHAPES, SHAPES, INSIDE)
def test_beta_bends_upwards(alpha, beta, theta):
    bend = BetaHyperprior(alpha, beta).profile_curvature(theta)
    assert bend >= 0
    assert (bend == 0) == (alpha == beta == 1)


@given(ANY_SHAPES, ANY_SHAPES, INSIDE)
def test_beta_logpdf_is_scipys(alpha, beta, pi):
    expected = stats.beta.logpdf(pi, alpha, beta)
    assert BetaHyperprior(alpha, beta).logpdf(pi) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(ANY_SHAPES, ANY_SHAPES, INSIDE)
def test_beta_profile_is_minus_infinity_exactly_where_documented(alpha, beta, theta):
    """Against the density itself, followed a long way towards both ends."""
    assume(abs(theta - (1 - alpha)) > 0.02 and abs(theta - beta) > 0.02)
    prior = BetaHyperprior(alpha, beta)
    # −(θ+A) ln π − (1−θ+B) ln(1−π) in x = logit π, without rounding to 0 or 1.
    x = np.array([-1e6, 1e6])
    on, off = theta + alpha - 1, beta - theta
    far = on * np.logaddexp(0, -x) + off * np.logaddexp(0, x)
    assert (prior.profile(theta) == -np.inf) == (far.min() < -1e4)
    if prior.profile(theta) == -np.inf:
        assert np.isnan(prior.profile_slope(theta))
        assert np.isnan(prior.profile_curvature(theta))
        lowest = (on < 0) & (off < 0)
        end = prior.map_pi(theta)
        assert np.isnan(end) if lowest else end == np.argmin(far)


def test_beta_at_the_edge_of_its_pole():
    """θ = 1−α: finite, approached at π → 0, and no derivative."""
    prior = BetaHyperprior(0.25, 2)
    assert prior.profile(0.75) == pytest.approx(
        kl_bernoulli(0.75, 1e-300) - prior.logpdf(1e-300), abs=1e-12)
    assert prior.map_pi(0.75) == 0
    assert np.isnan(prior.profile_slope(0.75)) and np.isnan(prior.profile_curvature(0.75))
    mirror = BetaHyperprior(2, 0.25)
    assert mirror.map_pi(0.25) == 1
    assert np.isnan(mirror.profile_slope(0.25)) and np.isnan(mirror.profile_curvature(0.25))


def test_beta_at_the_edge_of_one_pole_inside_the_other():
    assert BetaHyperprior(0.5, 0.25).profile(0.5) == -np.inf
    assert BetaHyperprior(0.5, 0.25).map_pi(0.5) == 1
    assert BetaHyperprior(0.25, 0.5).map_pi(0.5) == 0
    assert np.isnan(BetaHyperprior(0.25, 0.25).map_pi(0.5))


def test_beta_where_every_pi_is_as_good():
    prior = BetaHyperprior(0.5, 0.5)
    values = kl_bernoulli(0.5, [0.1, 0.5, 0.9]) - prior.logpdf([0.1, 0.5, 0.9])
    np.testing.assert_allclose(prior.profile(0.5), values, rtol=1e-14)
    assert np.isnan(prior.map_pi(0.5))
    np.testing.assert_array_equal(prior.profile([0.49, 0.51]), -np.inf)
    np.testing.assert_array_equal(prior.map_pi([0.25, 0.75]), [0, 1])


def test_beta_slope_at_the_ends():
    assert BetaHyperprior(2, 2).profile_slope(0) == -np.inf
    assert BetaHyperprior(2, 2).profile_slope(1) == np.inf
    assert BetaHyperprior(1, 3).profile_slope(0) == pytest.approx(np.log(3))
    assert BetaHyperprior(1, 3).profile_curvature(0) == pytest.approx(2 / 3)
    assert BetaHyperprior(3, 1).profile_slope(1) == pytest.approx(-np.log(3))
    assert BetaHyperprior(3, 1).profile_curvature(1) == pytest.approx(2 / 3)
    assert BetaHyperprior(2, 2).profile_curvature(0) == np.inf


@pytest.mark.parametrize("pi0", [0, 1, -0.1, np.nan])
def test_bad_pi0(pi0):
    with pytest.raises(ValueError, match=r"^pi0 = .*\(0, 1\)"):
        FixedPrior(pi0)


@pytest.mark.parametrize(("alpha", "beta", "name"), [
    (0, 1, "alpha"), (np.inf, 1, "alpha"), (1, -2, "beta"), (1, np.nan, "beta")])
def test_bad_shapes(alpha, beta, name):
    with pytest.raises(ValueError, match=rf"^{name} = .*\(0, inf\)"):
        BetaHyperprior(alpha, beta)
