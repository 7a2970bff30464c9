"""The flattening hyper-prior: every method against an independent source, and bad values refused.

The formulas themselves are compared in many digits by claim H1; here are the properties, other
oracles, and the shapes.
"""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats

from theory import FlatteningHyperprior, hyperprior, kl_bernoulli

LENGTHS = st.one_of(
    st.floats(-60, 60),
    st.floats(-1e-3, 1e-3),
    st.floats(-5000, 5000),
    st.sampled_from([0.0, 1e-17, -1e-200, 5e-324, 0.3, -0.3, 709.0, 710.0, -745.0]),
)
UNIT = st.floats(0, 1)
INSIDE = st.floats(1e-9, 1 - 1e-9)


def exactly(formula, *values, digits=60):
    with mpmath.workdps(digits):
        return float(formula(*map(mpmath.mpf, values)))


@given(LENGTHS, UNIT)
def test_quantile_inverts_cdf(length, u):
    prior = FlatteningHyperprior(log_gamma=length)
    # At L ≪ 0 the law crowds at 1, where doubles are too coarse: there use its mirror image.
    if length < 0:
        prior, u = FlatteningHyperprior(log_gamma=-length), 1 - u
    quantile = prior.ppf(u)
    assume(u == 0 or quantile > 1e-290)  # smaller doubles have few digits left
    assert prior.cdf(quantile) == pytest.approx(u, rel=1e-12, abs=1e-14)


@given(LENGTHS, UNIT, UNIT)
def test_cdf_rises_from_0_to_1(length, first, second):
    prior = FlatteningHyperprior(log_gamma=length)
    low, high = sorted((first, second))
    assert 0 <= prior.cdf(low) <= prior.cdf(high) * (1 + 1e-14)
    assert prior.cdf(high) <= 1
    assert (prior.cdf(0), prior.cdf(1)) == (0, pytest.approx(1, rel=1e-15))
    assert (prior.ppf(0), prior.ppf(1)) == (0, pytest.approx(1, rel=1e-15))


def test_cdf_does_not_round_to_above_1():
    prior = FlatteningHyperprior(log_gamma=np.outer([-1, 1], np.logspace(-3, 0, 2001)))
    assert prior.cdf(1).max() == 1


@given(LENGTHS, st.integers(0, 64))
def test_mirror_image(length, sixty_fourths):
    pi = sixty_fourths / 64
    prior, mirror = (FlatteningHyperprior(log_gamma=sign * length) for sign in (1, -1))
    size = 1 + abs(length)
    assert prior.logpdf(pi) == pytest.approx(mirror.logpdf(1 - pi), abs=1e-14 * size)
    assert prior.mean() == pytest.approx(1 - mirror.mean(), abs=1e-15)
    assert prior.var() == mirror.var()
    assert prior.entropy() == mirror.entropy()
    assert prior.profile(pi) == pytest.approx(mirror.profile(1 - pi), abs=1e-14 * size)


@given(LENGTHS)
def test_moments_are_those_of_a_law_on_the_unit_interval(length):
    prior = FlatteningHyperprior(log_gamma=length)
    assert 0 < prior.mean() < 1
    assert 0 < prior.var() <= 1 / 12 * (1 + 1e-15)
    assert prior.entropy() <= 0


@pytest.mark.parametrize("length", [-300, -7, -0.301, -0.299, -1e-5, 1e-12, 0.299, 0.301, 7, 300])
def test_accurate_to_twelve_digits(length):
    """Straddles the change from series to closed form on both sides."""
    prior = FlatteningHyperprior(log_gamma=length)
    mean = exactly(lambda L: 1 / L - 1 / mpmath.expm1(L), length)
    var = exactly(lambda L: mpmath.coth(L / 2) / (2 * L) - 1 / L**2, length)
    entropy = exactly(lambda L: -mpmath.log(mpmath.sinh(L / 2) / (L / 2)), length)
    assert prior.mean() == pytest.approx(mean, rel=1e-13, abs=0)
    assert prior.var() == pytest.approx(var, rel=1e-12, abs=0)
    assert prior.entropy() == pytest.approx(entropy, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("series", "function"),
    [
        (hyperprior._LOG_SINHC, lambda x: sp.log(sp.sinh(x) / x) / x**2),
        (hyperprior._COTH, lambda x: (x * sp.coth(x) - 1) / x**2),
    ],
)
def test_the_series_have_the_coefficients_of_their_functions(series, function):
    x = sp.Symbol("x", positive=True)
    expanded = sp.series(function(x), x, 0, 2 * len(series)).removeO()
    assert [float(expanded.coeff(x, 2 * k)) for k in range(len(series))] == list(series)


@pytest.mark.parametrize("x", [0.1, 0.14, 0.1499999, 0.15, 0.1500001, 0.16, 0.3, 1.0])
def test_series_and_closed_form_are_as_accurate_where_they_meet_as_the_comment_says(x):
    exact = exactly(lambda x: (x * mpmath.coth(x) - 1) / x**2, x)
    assert hyperprior._coth_ratio(x) == pytest.approx(exact, rel=1e-13, abs=0)
    exact = exactly(lambda x: mpmath.log(mpmath.sinh(x) / x), x)
    assert hyperprior._log_sinhc(x) == pytest.approx(exact, rel=2e-13, abs=0)


@given(st.floats(-600, 600), INSIDE)
@example(-25.0, 1 - 2**-30)  # 1+(γ−1)π cancels
def test_logpdf_and_cdf_in_many_digits(length, pi):
    prior = FlatteningHyperprior(log_gamma=length)

    def log_tilt(L, p):
        return mpmath.log1p(mpmath.expm1(L) * p)

    if length != 0:
        exact = exactly(
            lambda L, p: mpmath.log(mpmath.expm1(L) / L) - log_tilt(L, p), length, pi, digits=700
        )
        assert prior.logpdf(pi) == pytest.approx(exact, rel=1e-12, abs=1e-12)
        exact = exactly(lambda L, p: log_tilt(L, p) / L, length, pi, digits=700)
        assert prior.cdf(pi) == pytest.approx(exact, rel=1e-12, abs=0)


def test_the_uniform_law_is_an_ordinary_point():
    uniform, grid = FlatteningHyperprior.from_gamma(1), np.linspace(0, 1, 11)
    np.testing.assert_array_equal(uniform.pdf(grid), 1)
    np.testing.assert_array_equal(uniform.cdf(grid), grid)
    np.testing.assert_array_equal(uniform.ppf(grid), grid)
    assert (uniform.mean(), uniform.var(), uniform.entropy()) == (0.5, 1 / 12, 0)
    np.testing.assert_allclose(uniform.profile(grid), 0, atol=0)
    np.testing.assert_allclose(uniform.map_pi(grid), grid, rtol=1e-15)


def test_naive_closed_forms_would_fail_where_this_does_not():
    assert FlatteningHyperprior.from_gamma(1 + 1e-8).var() == pytest.approx(1 / 12, rel=1e-12)


@pytest.mark.parametrize("gamma", [1e-12, 0.2, 5.0, 1e12])
def test_log_uniform_law_of_scipy(gamma):
    """1+(γ−1)π is log-uniform: SciPy's own implementation, on the other side of the change."""
    grid = np.linspace(0.05, 0.95, 7)
    law, scale = stats.loguniform(min(1, gamma), max(1, gamma)), gamma - 1
    ours = FlatteningHyperprior.from_gamma(gamma)
    cdf = law.cdf(1 + scale * grid)
    np.testing.assert_allclose(ours.cdf(grid), cdf if gamma > 1 else 1 - cdf, rtol=1e-9)
    np.testing.assert_allclose(ours.pdf(grid), law.pdf(1 + scale * grid) * abs(scale), rtol=1e-9)


@pytest.mark.parametrize("length", [-6.0, 0.0, 0.5, 12.0])
def test_samples_follow_the_law(length):
    prior = FlatteningHyperprior(log_gamma=length)
    samples = prior.rvs(20_000, np.random.default_rng(7))
    assert stats.kstest(samples, prior.cdf).pvalue > 1e-3
    standard_error = np.sqrt(prior.var() / samples.size)
    assert abs(samples.mean() - prior.mean()) < 4 * standard_error


@given(LENGTHS, UNIT, INSIDE)
def test_profile_is_below_every_other_choice_of_pi(length, theta, pi):
    prior = FlatteningHyperprior(log_gamma=length)
    rounding = 1e-13 * (1 + abs(length))
    assert prior.profile(theta) <= kl_bernoulli(theta, pi) - prior.logpdf(pi) + rounding


@given(st.floats(-25, 25), st.floats(1e-3, 1 - 1e-3))
def test_map_attains_the_profile(length, theta):
    prior = FlatteningHyperprior(log_gamma=length)
    best = prior.map_pi(theta)
    attained = kl_bernoulli(theta, best) - prior.logpdf(best)
    # Next to 1 the spacing of doubles moves ln(1−π) by up to 1e-16·e^25.
    assert attained == pytest.approx(prior.profile(theta), abs=1e-12 + 1e-15 * np.exp(-length))


@given(LENGTHS)
def test_map_keeps_the_ends(length):
    prior = FlatteningHyperprior(log_gamma=length)
    assert (prior.map_pi(0), prior.map_pi(1)) == (0, 1)


@given(LENGTHS, UNIT, UNIT)
def test_profile_is_affine_with_slope_log_gamma(length, first, second):
    prior = FlatteningHyperprior(log_gamma=length)
    rise = prior.profile(second) - prior.profile(first)
    assert rise == pytest.approx((second - first) * length, abs=1e-14 * (1 + abs(length)))
    assert prior.profile_slope(first) == length
    assert prior.profile_curvature(first) == 0


def test_a_price_of_hundreds_of_nats_does_not_overflow():
    prior = FlatteningHyperprior(log_gamma=2000.0)
    # ln(L/(γ−1)) is ln L − L to all digits.
    assert prior.profile(0) == pytest.approx(np.log(2000) - 2000, rel=1e-15)
    assert prior.profile(1) == pytest.approx(np.log(2000), rel=1e-12)
    assert prior.mean() == pytest.approx(1 / 2000, rel=1e-12)
    assert prior.cdf(np.exp(-600)) == pytest.approx(0.7, rel=1e-12)
    assert prior.ppf(0.7) == pytest.approx(np.exp(-600), rel=1e-12)


@pytest.mark.parametrize("length", [3e154, 1e200, 1.7e308])
def test_prices_whose_square_overflows(length):
    """The law is then log-uniform over all scales: mean 1/L, variance 1/(2L), entropy −L/2."""
    for sign in (1, -1):
        prior = FlatteningHyperprior(log_gamma=sign * length)
        assert prior.mean() == pytest.approx(1 / length if sign > 0 else 1, rel=1e-14, abs=0)
        assert prior.var() == pytest.approx(0.5 / length, rel=1e-14, abs=0)
        assert prior.entropy() == -length / 2


def test_a_density_that_overflows_is_infinite_without_a_warning():
    with np.errstate(over="raise"):
        assert FlatteningHyperprior(log_gamma=2000.0).pdf(0.0) == np.inf


@given(UNIT, INSIDE)
def test_kl_is_scipys_relative_entropy(theta, pi):
    expected = stats.entropy([theta, 1 - theta], [pi, 1 - pi])
    assert kl_bernoulli(theta, pi) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert kl_bernoulli(theta, pi) >= 0
    assert kl_bernoulli(theta, theta) == 0


def test_kl_at_the_ends():
    assert kl_bernoulli(0, 0) == kl_bernoulli(1, 1) == 0
    assert kl_bernoulli(0.5, 0) == kl_bernoulli(0.5, 1) == np.inf


PARAMETERS = {
    "logpdf": "pi", "pdf": "pi", "cdf": "pi", "ppf": "u",
    "map_pi": "theta", "profile": "theta", "profile_slope": "theta", "profile_curvature": "theta",
}  # fmt: skip


@pytest.mark.parametrize("method", PARAMETERS)
def test_shapes(method):
    scalar = getattr(FlatteningHyperprior(log_gamma=2.0), method)
    column = getattr(FlatteningHyperprior(log_gamma=np.array([[-1.0], [0.0], [2.0]])), method)
    grid = np.linspace(0, 1, 5)
    assert isinstance(scalar(0.25), float)
    assert scalar(grid).shape == (5,)
    assert column(grid).shape == (3, 5)
    np.testing.assert_array_equal(column(grid)[2], scalar(grid))
    assert scalar(grid)[1] == scalar(0.25)


@pytest.mark.parametrize("method", ["mean", "var", "entropy"])
def test_shapes_of_moments(method):
    assert isinstance(getattr(FlatteningHyperprior.from_gamma(3), method)(), float)
    assert getattr(FlatteningHyperprior(log_gamma=np.ones((2, 3))), method)().shape == (2, 3)


def test_log_gamma_may_be_a_list():
    assert FlatteningHyperprior(log_gamma=[-1, 2]).log_gamma.tolist() == [-1, 2]
    assert FlatteningHyperprior.from_gamma([1, 1]).var().shape == (2,)


def test_shapes_of_samples():
    rng = np.random.default_rng(0)
    assert isinstance(FlatteningHyperprior.from_gamma(3).rvs(None, rng), float)
    assert FlatteningHyperprior.from_gamma(3).rvs((4, 2), rng).shape == (4, 2)
    assert FlatteningHyperprior(log_gamma=np.zeros(3)).rvs((4, 3), rng).shape == (4, 3)


@pytest.mark.parametrize("gamma", [0, -1, np.inf, np.nan, "much", [2.0, -3.0], 1j])
def test_bad_gamma(gamma):
    with pytest.raises(ValueError, match=r"^gamma = .*\(0, inf\)"):
        FlatteningHyperprior.from_gamma(gamma)


@pytest.mark.parametrize("length", [np.inf, np.nan, None])
def test_bad_log_gamma(length):
    with pytest.raises(ValueError, match=r"^log_gamma = .*\(-inf, inf\)"):
        FlatteningHyperprior(log_gamma=length)


@pytest.mark.parametrize(("method", "parameter"), PARAMETERS.items())
@pytest.mark.parametrize("value", [-1e-9, 1.5, np.nan])
def test_bad_arguments(method, parameter, value):
    with pytest.raises(ValueError, match=rf"^{parameter} = {value} .*\[0, 1\]"):
        getattr(FlatteningHyperprior.from_gamma(2), method)([0.5, value])


def test_bad_arguments_of_kl():
    with pytest.raises(ValueError, match=r"^theta = 2.0 "):
        kl_bernoulli(2, 0.5)
    with pytest.raises(ValueError, match=r"^pi = -1.0 "):
        kl_bernoulli(0.5, -1)


def test_frozen():
    with pytest.raises(AttributeError):
        FlatteningHyperprior.from_gamma(2).log_gamma = 3.0
