"""The fixed prior and the Beta hyper-prior: against search, differences, SciPy, and at the edges.

`PRIORS` is the one list of all priors that share the protocol; a new one joins every test of the
protocol by a line in it.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit

from theory import BetaHyperprior, FixedPrior, FlatteningHyperprior, kl_bernoulli, undecided

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
        found = minimize_scalar(
            objective, bounds=(-15, 15), method="bounded", options={"xatol": 1e-9}
        )
        least, place = found.fun, expit(found.x)
    assert prior.profile(theta) == pytest.approx(least, abs=1e-9)
    assert prior.map_pi(theta) == pytest.approx(place, abs=1e-5)


@each_prior
def test_slope_and_curvature_are_the_profiles_derivatives(prior):
    theta, step = np.linspace(0.05, 0.95, 19), 1e-4
    left, centre, right = (prior.profile(theta + shift) for shift in (-step, 0, step))
    np.testing.assert_allclose(prior.profile_slope(theta), (right - left) / (2 * step), atol=1e-5)
    np.testing.assert_allclose(
        prior.profile_curvature(theta), (left - 2 * centre + right) / step**2, atol=1e-4, rtol=1e-4
    )


@each_prior
@pytest.mark.parametrize(
    "method", ["logpdf", "map_pi", "profile", "profile_slope", "profile_curvature"]
)
def test_shapes(prior, method):
    function = getattr(prior, method)
    assert isinstance(function(0.25), float)
    assert function(np.full((2, 3), 0.25)).shape == (2, 3)


@each_prior
@pytest.mark.parametrize(
    "method", ["logpdf", "map_pi", "profile", "profile_slope", "profile_curvature"]
)
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
        kl_bernoulli(0.75, 1e-300) - prior.logpdf(1e-300), abs=1e-12
    )
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


@pytest.mark.parametrize(
    ("alpha", "beta", "name"),
    [(0, 1, "alpha"), (np.inf, 1, "alpha"), (1, -2, "beta"), (1, np.nan, "beta")],
)
def test_bad_shapes(alpha, beta, name):
    with pytest.raises(ValueError, match=rf"^{name} = .*\(0, inf\)"):
        BetaHyperprior(alpha, beta)


@each_prior
@pytest.mark.parametrize("worth", [-6.0, -0.4, 0.0, 0.31, 2.0, 3.5, 9.0])
def test_a_gate_rests_where_the_cost_is_least(prior, worth):
    rest, theta = prior.resting_theta(worth), np.linspace(0, 1, 20_001)
    cost = prior.profile(theta) - worth * theta
    if np.ptp(cost) < 1e-9:
        assert np.isnan(rest)
    else:
        assert rest == pytest.approx(theta[np.argmin(cost)], abs=6e-5)


@given(SHAPES, SHAPES, st.floats(-12, 12))
def test_the_slope_at_rest_is_the_worth(alpha, beta, worth):
    """Found by bracketing, to the digits that θ has; at an end where no slope is so large."""
    assume(worth != 0 or max(alpha, beta) > 1)  # else every θ is as good
    prior = BetaHyperprior(alpha, beta)
    low, high = 1e-12, 1 - 1e-12
    ends = prior.profile_slope([low, high]) - worth
    if ends[0] >= 0 or ends[1] <= 0:
        expected = low if ends[0] >= 0 else high
    else:
        expected = brentq(lambda theta: prior.profile_slope(theta) - worth, low, high, xtol=1e-15)
    assert prior.resting_theta(worth) == pytest.approx(expected, abs=1e-9)


@given(st.floats(0.1, 700), st.floats(-800, 800))
def test_resting_points_at_a_price(price, worth):
    """Fixed at 1/(1+γ) and Beta(1, γ), γ = e^price, in closed form; and the flattening one."""
    assert FixedPrior(expit(-price)).resting_theta(worth) == pytest.approx(
        expit(worth - price), rel=1e-9
    )
    beta = BetaHyperprior(1, np.exp(price)).resting_theta(worth)
    assert beta == pytest.approx(
        np.expm1(price - worth) / np.expm1(-worth) if worth > price else 0.0, abs=1e-12
    )
    flat = FlatteningHyperprior(log_gamma=price).resting_theta(worth)
    assert flat == (worth > price) if worth != price else np.isnan(flat)


@given(SHAPES, SHAPES, st.floats(-300, 300))
def test_to_close_a_gate_is_to_open_its_mirror_image(alpha, beta, worth):
    there = BetaHyperprior(alpha, beta).resting_theta(worth)
    back = BetaHyperprior(beta, alpha).resting_theta(-worth)
    if np.isnan(there):
        assert alpha == beta == 1 and worth == 0 and np.isnan(back)
    else:
        assert there + back == pytest.approx(1, abs=1e-12)


def test_resting_points_are_probabilities_to_the_last_digit():
    rng, n = np.random.default_rng(0), 200_000
    alpha, beta = 1 + rng.choice([0, 1e-12, 1e-3, 1, 1e3], (2, n)) * rng.random((2, n))
    worth = rng.choice([1e-9, 1e-2, 1, 40], n) * rng.normal(size=n)
    rest = BetaHyperprior(alpha, beta).resting_theta(worth)
    assert ((rest >= 0) & (rest <= 1)).all()


@pytest.mark.parametrize(
    ("alpha", "beta", "worth", "rest"),
    [
        (2.0, 2.0, 0.0, 0.5),
        (3.0, 2.0, 0.0, 2 / 3),
        (2.0, 1.0, -800.0, 0.0),
        # A slope of −v there: ln(1 + 1/θ) = 40, so that θ = 1/(e^40 − 1), in all its digits.
        (2.0, 1.0, -40.0, 1 / np.expm1(40)),
        (1e200, 1e200, 3.0, expit(3.0)),
        (1e200, 1.0, -1.0, 1.0),
        (1.0, 1e300, 650.0, 0.0),
        (1.0, 1.0, 1e-300, 1.0),
        (1.0, 1.0, -1e-300, 0.0),
        (1.0, np.exp(2), 2.0, 0.0),
        (0.5, 2.0, 1.0, np.nan),
        (2.0, 0.5, 1.0, np.nan),
    ],
)
def test_resting_points_at_the_edges(alpha, beta, worth, rest):
    assert BetaHyperprior(alpha, beta).resting_theta(worth) == pytest.approx(
        rest, rel=1e-12, abs=1e-300, nan_ok=True
    )


@each_prior
@given(worth=st.floats(-12, 12), margin=st.floats(0.001, 0.4))
def test_undecided_is_where_a_gate_rests(prior, worth, margin):
    rest = prior.resting_theta(worth)
    assume(np.isnan(rest) or min(abs(rest - margin), abs(rest - 1 + margin)) > 1e-9)
    # NaN is not inside: where every θ is as good, none is one that the gate must take.
    assert undecided(prior, worth, margin) == (margin < rest < 1 - margin)


def test_undecided_within_ln_99_of_the_price():
    price, near = 39.0, np.log(99)
    worth = price + np.array([-near - 1e-9, -near + 1e-9, near - 1e-9, near + 1e-9])
    np.testing.assert_array_equal(
        undecided(FixedPrior(expit(-price)), worth), [False, True, True, False]
    )
    assert not undecided(FlatteningHyperprior(log_gamma=price), worth).any()
    # From ln((γ−.01)/.99) to ln((γ−.99)/.01): from the price on, and no less wide.
    beta = BetaHyperprior(1, np.exp(price))
    np.testing.assert_array_equal(
        undecided(beta, price + np.array([0, 0.02, np.log(100) - 1e-9, np.log(100) + 1e-9])),
        [False, True, True, False],
    )


@each_prior
def test_resting_points_have_the_shape_of_the_worths(prior):
    assert isinstance(prior.resting_theta(0.3), float)
    assert prior.resting_theta(np.zeros((2, 3))).shape == (2, 3)
    assert isinstance(undecided(prior, 0.3), (bool, np.bool_))
    assert undecided(prior, np.zeros((2, 3))).shape == (2, 3)


def test_resting_points_broadcast_with_the_parameters():
    worth, column = np.linspace(-1, 1, 4), np.array([[0.2], [0.5]])
    for prior in (
        FixedPrior(column),
        BetaHyperprior(1 + column, 2),
        BetaHyperprior(2, 1 + column),
        FlatteningHyperprior(log_gamma=column),
    ):
        assert prior.resting_theta(worth).shape == undecided(prior, worth).shape == (2, 4)


@each_prior
@pytest.mark.parametrize("worth", [np.nan, np.inf, -np.inf])
def test_worths_are_finite(prior, worth):
    for call in (prior.resting_theta, lambda worth: undecided(prior, worth)):
        with pytest.raises(ValueError, match=rf"^worth = {worth} "):
            call(worth)


@pytest.mark.parametrize("margin", [0.0, 0.5, -0.1, np.nan])
def test_margins_leave_something_inside(margin):
    with pytest.raises(ValueError, match=rf"^margin = {margin} .*\(0, 0.5\)"):
        undecided(FixedPrior(0.5), 0.0, margin)
