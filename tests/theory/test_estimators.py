"""Estimators: every one against its closed form, sampling, and sums written out in plain Python."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.costs import hinge, made
from theory import estimation
from theory.estimators import (
    ESTIMATORS,
    Antithetic,
    GaussNewton,
    LeaveOneOut,
    Path,
    Score,
    StraightThrough,
    Trapezoid,
    coupling_bound,
    straight_through_attractor,
)
from theory.objectives import (
    gate_gradient,
    polynomial,
    quadratic,
)

INSIDE = st.floats(0.02, 0.98)
REAL = st.floats(-3, 3)
NEEDS_INSIDE = {
    "trapezoid",
    "score function",
    "score function, baseline",
    "leave-one-out",
    "antithetic",
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_moments_are_those_of_samples(name, objective):
    estimator, n = ESTIMATORS[name], 30_000
    theta = np.random.default_rng(2).uniform(0.1, 0.9, objective.gates)
    mean, variance = estimator.moments(objective, theta)
    rows = np.broadcast_to(theta, (n, objective.gates))
    samples = estimator.estimates(objective, rows, np.random.default_rng(3))
    assert samples.shape == (n, objective.gates)
    # The quadrature of oblique kinks is good to about 1e-3.
    assert (np.abs(samples.mean(0) - mean) < 5 * np.sqrt(variance / n) + 2e-3).all()
    spread = np.abs((samples - samples.mean(0)) ** 2).std(0) / np.sqrt(n)
    assert (np.abs(samples.var(0) - variance) < 5 * spread + 0.01 * variance + 1e-12).all()


@pytest.mark.parametrize("name", ESTIMATORS)
@given(delta=REAL, curvature=REAL, theta=INSIDE, start=REAL)
def test_closed_form_for_one_gate_is_enumeration(name, delta, curvature, theta, start):
    estimator = ESTIMATORS[name]
    closed = estimator.one_gate(delta, curvature, theta, start)
    assert isinstance(closed.mean, float) and isinstance(closed.variance, float)
    mean, variance = estimator.moments(quadratic(delta, curvature, start), [theta])
    assert closed.mean == pytest.approx(mean[0], abs=1e-10)
    assert closed.variance == pytest.approx(variance[0], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in ESTIMATORS if ESTIMATORS[name].exact_degree])
@given(seed=st.integers(0, 10**6))
def test_multilinear_costs_feel_the_other_gates_by_their_mean_only(name, seed):
    rng, estimator = np.random.default_rng(seed), ESTIMATORS[name]
    objective = polynomial(rng.normal(size=5), rng.integers(0, 2, (5, 3)))
    theta = rng.uniform(0.02, 0.98, 3)
    mean = estimator.moments(objective, theta).mean
    np.testing.assert_allclose(mean, gate_gradient(objective, estimator.marginal(theta)), atol=1e-9)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_constant_objective_has_no_gate_gradient(name):
    constant = polynomial([3.0], [[0]])
    assert constant.degree == 0
    mean = ESTIMATORS[name].moments(constant, np.array([[0.4]])).mean
    np.testing.assert_allclose(mean, 0, atol=1e-12)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("degree", range(1, 6))
def test_unbiased_up_to_the_degree_stated_and_no_further(name, degree):
    estimator, theta = ESTIMATORS[name], np.array([[0.2], [0.5], [0.83]])
    bias = estimator.moments(polynomial([1.0], [[degree]]), theta).mean - 1
    if degree <= estimator.exact_degree:
        assert np.abs(bias).max() < 1e-12
    else:
        assert np.abs(bias).max() > 0.1


@pytest.mark.parametrize("name", ESTIMATORS)
def test_shapes(name):
    estimator, objective = ESTIMATORS[name], made("multilinear")
    theta = np.random.default_rng(4).uniform(0.1, 0.9, (2, 5, 4))
    mean, variance = estimator.moments(objective, theta)
    single = estimator.moments(objective, theta[1, 2])
    assert mean.shape == variance.shape == theta.shape
    np.testing.assert_allclose(mean[1, 2], single.mean, atol=1e-12)
    np.testing.assert_allclose(variance[1, 2], single.variance, atol=1e-12)
    closed = estimator.one_gate(np.zeros((3, 1)), 0.4, np.array([0.2, 0.7]))
    assert closed.mean.shape == closed.variance.shape == (3, 2)
    closed = estimator.one_gate(0.3, 0.4, 0.2, np.zeros(3))
    assert closed.mean.shape == closed.variance.shape == (3,)
    assert estimator.one_gate(0.3, 0.4, 0.2) == tuple(value[0] for value in closed)
    marginal = estimator.marginal(theta)
    assert marginal.shape == theta.shape and isinstance(estimator.marginal(0.3), float)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan, 0.0, 1.0])
def test_theta_out_of_range(name, value):
    estimator, objective = ESTIMATORS[name], made("one quadratic gate")
    calls = [
        lambda: estimator.moments(objective, [value]),
        lambda: estimator.estimates(objective, [value], np.random.default_rng(0)),
        lambda: estimator.one_gate(0.1, 0.2, value),
    ]
    for call in calls:
        if value in (0, 1) and name not in NEEDS_INSIDE:
            assert np.isfinite(call()).all()
        else:
            with pytest.raises(ValueError, match=rf"^theta = {value} "):
                call()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_theta_must_have_the_gates_of_the_objective(name):
    for theta in (0.3, [0.3, 0.4]):
        with pytest.raises(ValueError, match="last axis must be the 4 gates"):
            ESTIMATORS[name].moments(made("multilinear"), theta)


def test_enumeration_in_blocks_changes_nothing(monkeypatch):
    objective, theta = made("cubic"), np.array([0.2, 0.5, 0.9])
    whole = {name: e.moments(objective, theta) for name, e in ESTIMATORS.items()}
    monkeypatch.setattr(estimation, "BLOCK", 21)
    for name, estimator in ESTIMATORS.items():
        np.testing.assert_allclose(estimator.moments(objective, theta), whole[name], rtol=1e-12)


def test_twelve_gates():
    """A chain of products, whose gradient is the sum of a gate's two neighbours."""
    exponents = np.eye(12, dtype=int)[:-1] + np.eye(12, dtype=int)[1:]
    objective, theta = polynomial(np.ones(11), exponents), np.linspace(0.1, 0.9, 12)
    padded = np.concatenate([[0], theta, [0]])
    neighbours = padded[:-2] + padded[2:]
    np.testing.assert_allclose(gate_gradient(objective, theta), neighbours)
    mean, variance = StraightThrough().moments(objective, theta)
    np.testing.assert_allclose(mean, neighbours)
    square = padded * (1 - padded)
    np.testing.assert_allclose(variance, square[:-2] + square[2:])


def test_antithetic_pairs_and_independent_pairs_written_out():
    """Both as expectations over all pairs of configurations of two gates, in plain Python."""
    objective, theta = polynomial([1.0, -2.0, 0.7], [[1, 0], [1, 1], [0, 2]]), np.array([0.3, 0.8])
    rarer = np.minimum(theta, 1 - theta)

    def antithetic(one, other, i):
        agree = 1 - 2 * rarer[i]
        return rarer[i] if one != other else agree if one == (theta[i] > 0.5) else 0.0

    def independent(one, other, i):
        return (theta[i] if one else 1 - theta[i]) * (theta[i] if other else 1 - theta[i])

    for estimator, chance, scale in (
        (Antithetic(), antithetic, 2 * rarer),
        (LeaveOneOut(), independent, 2 * theta * (1 - theta)),
    ):
        first, second, total = np.zeros(2), np.zeros(2), 0.0
        for a in product((0, 1), repeat=2):
            for b in product((0, 1), repeat=2):
                weight = chance(a[0], b[0], 0) * chance(a[1], b[1], 1)
                z, other = np.array(a, float), np.array(b, float)
                estimate = (objective.value(z) - objective.value(other)) * (z - other) / scale
                first, second = first + weight * estimate, second + weight * estimate**2
                total += weight
        mean, variance = estimator.moments(objective, theta)
        assert total == pytest.approx(1)
        np.testing.assert_allclose(mean, first, atol=1e-12)
        np.testing.assert_allclose(variance, second - first**2, atol=1e-12)


@given(INSIDE, REAL, st.integers(3, 5))
def test_closed_form_for_more_draws_is_enumeration(theta, delta, draws):
    estimator = LeaveOneOut(draws=draws)
    _, variance = estimator.moments(quadratic(delta, 0.0), [theta])
    closed = estimator.one_gate(delta, 0.0, theta).variance
    assert closed == pytest.approx(variance[0], rel=1e-9, abs=1e-9)


@given(INSIDE, REAL, st.integers(2, 6))
def test_more_draws_leave_less_variance(theta, delta, draws):
    fewer, more = (
        LeaveOneOut(draws=k).one_gate(delta, 0.0, theta).variance for k in (draws, draws + 1)
    )
    assert more <= fewer + 1e-12
    assert Antithetic().one_gate(delta, 0.0, theta).variance <= fewer + 1e-12 or draws > 2


@given(INSIDE, REAL, REAL)
def test_the_right_baseline_leaves_no_variance(theta, delta, start):
    best = (start + delta) * (1 - theta) + start * theta
    moments = Score(baseline=best).moments(quadratic(delta, 1.0, start), [theta])
    assert moments.variance[0] == pytest.approx(0, abs=1e-9)
    assert moments.mean[0] == pytest.approx(delta, abs=1e-9)


@given(st.floats(0.05, 0.95))
def test_probes_see_a_kink_where_the_trapezoid_does_not(kink):
    objective = hinge(kink, breaks=(kink,))
    theta = np.array([0.4])
    path = Path(rho=0.25).moments(objective, theta)
    assert path.mean[0] == pytest.approx(1 - kink, abs=1e-12)
    assert path.variance[0] == pytest.approx((1 - kink) / 0.25 - (1 - kink) ** 2, abs=1e-10)
    assert Trapezoid().moments(objective, theta).mean[0] == pytest.approx(0.5)


def test_path_with_all_gates_uniform():
    objective, theta = polynomial([1.0], [[1, 1]]), np.array([0.5, 0.9])
    assert gate_gradient(objective, theta)[0] == pytest.approx(0.9)
    assert Path(rho=1.0).moments(objective, theta).mean[0] == pytest.approx(0.5)
    assert Path(rho=0.1).moments(objective, theta).mean[0] == pytest.approx(0.86)


@pytest.mark.parametrize("made_with", [Trapezoid, GaussNewton])
def test_the_floor_keeps_both_values_in_sight(made_with):
    estimator, theta = made_with(floor=0.05), np.tile([0.0, 1.0, 0.5], (40_000, 1))
    np.testing.assert_allclose(estimator.marginal([0.0, 1.0, 0.5]), [0.05, 0.95, 0.5])
    values, _ = estimator.draw(theta, np.random.default_rng(0))
    np.testing.assert_allclose(values.mean((0, 1)), [0.05, 0.95, 0.5], atol=0.01)


@given(REAL, REAL, st.floats(0.01, 2))
def test_attractor_of_straight_through(delta, curvature, price):
    at = straight_through_attractor(delta, curvature, price)
    if curvature > 0 and abs(delta + price) < curvature / 2:
        mean = StraightThrough().moments(quadratic(delta, curvature), [[at]]).mean[0, 0]
        assert 0 < at < 1
        assert mean + price == pytest.approx(0, abs=1e-9)
    else:
        assert np.isnan(at)


def test_attractor_shapes_and_flat_cost():
    for delta, curvature in ((0.1, 0.0), (-0.1, 0.0), (0.1, 1e-310), (0.4, 1.0), (-0.6, 1.0)):
        assert np.isnan(straight_through_attractor(delta, curvature, 0.1))
    assert straight_through_attractor(0.3, 1.0, 0.1) == pytest.approx(0.1)
    assert straight_through_attractor(-0.1, 2.0, 0.4) == pytest.approx(0.35)
    assert straight_through_attractor(np.zeros((3, 1)), np.ones(2), 0.1).shape == (3, 2)


def test_coupling_bound():
    assert coupling_bound(0.1, 1, 3.0) == 0
    assert coupling_bound(0.1, 3, 3.0) == pytest.approx(6 * 0.19)
    assert coupling_bound([0.0, 1.0], 2, 3.0) == pytest.approx([0, 6])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Path(rho=0.0), r"^rho = 0.0 .*\(0, 1\]"),
        (lambda: Path(rho=np.nan), r"^rho = nan .*\(0, 1\]"),
        (lambda: Trapezoid(floor=0.5), r"^floor = 0.5 .*\[0, 0.5\)"),
        (lambda: Trapezoid(floor=-0.1), r"^floor = -0.1 "),
        (lambda: Score(baseline=np.inf), r"^baseline = inf "),
        (lambda: LeaveOneOut(draws=1), r"^draws = 1.0 .*\[2, inf\)"),
        (lambda: straight_through_attractor(0, 1, 0), r"^price = 0.0 .*\(0, inf\)"),
        (lambda: straight_through_attractor(np.nan, 1, 1), r"^delta = nan "),
        (lambda: straight_through_attractor(0, np.inf, 1), r"^curvature = inf "),
        (lambda: GaussNewton(floor=0.5), r"^floor = 0.5 .*\[0, 0.5\)"),
        (lambda: GaussNewton().marginal(1.5), r"^theta = 1.5 "),
        (lambda: coupling_bound(1.2, 3, 1), r"^share = 1.2 .*\[0, 1\]"),
        (lambda: coupling_bound(0.2, 0, 1), r"^gates = 0.0 .*\[1, inf\)"),
        (lambda: coupling_bound(0.2, 3, -1), r"^largest = -1.0 .*\[0, inf\)"),
        (lambda: Path().one_gate(np.nan, 1, 0.5), r"^delta = nan "),
        (lambda: Path().one_gate(1, np.nan, 0.5), r"^curvature = nan "),
        (lambda: Path().one_gate(1, 1, 0.5, np.nan), r"^start = nan "),
        (lambda: StraightThrough().marginal(1.5), r"^theta = 1.5 "),
        (lambda: Trapezoid(floor=0.1).marginal(1.5), r"^theta = 1.5 "),
    ],
)
def test_bad_values(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Path().rho = 0.5
