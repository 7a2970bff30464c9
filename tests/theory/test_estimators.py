"""Estimators: every one against its closed form, sampling, and sums written out in plain Python."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    Objective,
    cross_entropy,
    gate_gradient,
    polynomial,
    quadratic,
    relu_network,
)
from theory.second_order import (
    calibration_bound,
    gauss_newton_bound,
    second_moment_factor,
    taylor_bound,
    third_moment_bound,
    trapezoid_factor,
)

RNG = np.random.default_rng(11)
OBJECTIVES = {
    "one quadratic gate": (quadratic, -0.3, 0.8, 0.6),
    "multilinear": (polynomial, RNG.normal(size=9), RNG.integers(0, 2, (9, 4))),
    "cubic": (polynomial, RNG.normal(size=8), RNG.integers(0, 4, (8, 3))),
    "ReLU network": (
        relu_network,
        RNG.normal(size=(4, 3)),
        RNG.normal(size=4),
        RNG.normal(size=4),
        0.3,
        24,
    ),
    "cross-entropy": (cross_entropy, RNG.normal(size=(3, 4)), RNG.normal(size=3), [0.2, 0.5, 0.3]),
}
INSIDE = st.floats(0.02, 0.98)
REAL = st.floats(-3, 3)
NEEDS_INSIDE = {
    "trapezoid",
    "score function",
    "score function, baseline",
    "leave-one-out",
    "antithetic",
}


def made(name):
    """The objective, made within the test that asks: a failure to make it is that test's."""
    make, *arguments = OBJECTIVES[name]
    return make(*arguments)


@pytest.fixture(params=OBJECTIVES)
def objective(request):
    return made(request.param)


def hinge(kink, breaks):
    """relu(z − kink): exact moments need its kink among the breaks."""
    return Objective(
        1,
        lambda z: np.maximum(z[..., 0] - kink, 0),
        lambda z: (z > kink).astype(float),
        degree=1,
        breaks=breaks,
    )


def brute_gradient(objective, theta):
    """The definition, one gate and one configuration of the others at a time."""
    gradient = np.zeros(len(theta))
    for i in range(len(theta)):
        for others in product((0.0, 1.0), repeat=len(theta) - 1):
            z1, z0 = (np.insert(np.array(others), i, own) for own in (1.0, 0.0))
            chance = np.prod(
                [theta[j] if z1[j] else 1 - theta[j] for j in range(len(theta)) if j != i]
            )
            gradient[i] += chance * (objective.value(z1) - objective.value(z0))
    return gradient


def test_gradient_is_its_definition(objective):
    theta = np.random.default_rng(0).random((5, objective.gates))
    theta[0], theta[1] = 0, 1
    expected = [brute_gradient(objective, row) for row in theta]
    np.testing.assert_allclose(gate_gradient(objective, theta), expected, atol=1e-12)


def test_slope_is_the_derivative_of_the_value(objective):
    z = np.random.default_rng(1).uniform(0.1, 0.9, (20, 1, objective.gates))
    step = 1e-6 * np.eye(objective.gates)
    numeric = (objective.value(z + step) - objective.value(z - step)) / 2e-6
    np.testing.assert_allclose(objective.slope(z[:, 0]), numeric, atol=1e-6)


def test_objectives_have_the_values_that_they_state():
    cost = quadratic(-0.3, 0.8, 0.6)
    assert cost.value(np.array([[0.0], [1.0]])) == pytest.approx([0.6, 0.3])
    assert cost.slope(np.array([[0.0], [1.0]])).ravel() == pytest.approx([-0.7, 0.1])
    assert quadratic(1.0, 0.0).value(np.array([0.0])) == 0
    network = relu_network([[1.0, -2.0], [0.5, 1.0]], [0.1, -0.2], [2.0, 3.0], target=1.0)
    # Hidden units relu(1.1 − 1) and relu(0.3 + 0.5), output 0.2 + 2.4.
    assert network.value(np.array([1.0, 0.5])) == pytest.approx(0.5 * 1.6**2)
    assert (network.degree, network.breaks) == (2, ())
    assert relu_network([[1.0]], [0.0], [1.0], 0.0, panels=4).breaks == (0.25, 0.5, 0.75)
    # At its kink a unit has slope 0, as in training.
    assert relu_network([[1.0]], [0.0], [1.0], target=1.0).slope(np.array([0.0])) == 0


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


def softmax(z, slopes, offset):
    """Probabilities of the classes, written out."""
    weights = [np.exp(offset[k] + sum(z * slopes[k])) for k in range(len(offset))]
    return np.array(weights) / sum(weights)


def test_cross_entropy_written_out():
    rng = np.random.default_rng(9)
    slopes, offset, law = rng.normal(size=(3, 2)), rng.normal(size=3), np.array([0.1, 0.2, 0.7])
    objective, z = cross_entropy(slopes, offset, law), np.array([0.3, 0.8])
    p = softmax(z, slopes, offset)
    by_label = np.array([p @ slopes - slopes[k] for k in range(3)])  # slopes of −ln p_k
    assert objective.value(z) == pytest.approx(-sum(law * np.log(p)))
    np.testing.assert_allclose(objective.slope(z), law @ by_label)
    np.testing.assert_allclose(objective.squared_slope(z), law @ by_label**2)
    np.testing.assert_array_equal(
        made("cubic").squared_slope(z[[0, 0, 1]]), made("cubic").slope(z[[0, 0, 1]]) ** 2
    )
    # Logits in the thousands neither overflow nor lose the cost.
    assert cross_entropy([[1e4], [0.0]], [0, 0], [0, 1]).value(np.array([1.0])) == 1e4


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
        (lambda: polynomial([1.0], [[0] * 13]), r"^gates = 13.0 .*\[1, 12\]"),
        (lambda: polynomial([np.nan], [[1]]), r"^coefficients = nan "),
        (lambda: polynomial([1.0], [[-1]]), r"^exponents = -1.0 "),
        (lambda: hinge(0.5, (1.0,)), r"^breaks = 1.0 .*\(0, 1\)"),
        (lambda: Objective(1, abs, abs, degree=-1), r"^degree = -1.0 "),
        (lambda: Objective(1, abs, abs, degree=np.inf), r"^degree = inf "),
        (lambda: relu_network([[np.inf]], [0], [1], 0), r"^hidden = inf "),
        (lambda: relu_network([[1]], [np.nan], [1], 0), r"^bias = nan "),
        (lambda: relu_network([[1]], [0], [np.nan], 0), r"^out = nan "),
        (lambda: relu_network([[1]], [0], [1], np.nan), r"^target = nan "),
        (lambda: straight_through_attractor(0, 1, 0), r"^price = 0.0 .*\(0, inf\)"),
        (lambda: straight_through_attractor(np.nan, 1, 1), r"^delta = nan "),
        (lambda: straight_through_attractor(0, np.inf, 1), r"^curvature = inf "),
        (lambda: GaussNewton(floor=0.5), r"^floor = 0.5 .*\[0, 0.5\)"),
        (lambda: GaussNewton().marginal(1.5), r"^theta = 1.5 "),
        (lambda: cross_entropy([[np.inf]], [0], [1]), r"^slopes = inf "),
        (lambda: cross_entropy([[1]], [np.nan], [1]), r"^offset = nan "),
        (lambda: cross_entropy([[1], [2]], [0, 0], [-0.5, 1.5]), r"^labels = -0.5 .*\[0, 1\]"),
        (lambda: cross_entropy([[1], [2]], [0, 0], [0.5, 0.6]), r"^sum of the labels = 1.1 "),
        (lambda: cross_entropy([[1], [2]], [0, 0], [0.5, 0.4]), r"^sum of the labels = 0.9 "),
        (lambda: third_moment_bound(-1), r"^spread = -1.0 .*\[0, inf\)"),
        (lambda: taylor_bound(np.inf), r"^spread = inf "),
        (lambda: calibration_bound(-1, 0.5), r"^spread = -1.0 "),
        (lambda: calibration_bound(1, 1.5), r"^distance = 1.5 .*\[0, 1\]"),
        (lambda: gauss_newton_bound(1, np.nan), r"^distance = nan "),
        (lambda: second_moment_factor(-1), r"^spread = -1.0 "),
        (lambda: trapezoid_factor(1.0), r"^q = 1.0 .*\(0, 1\)"),
        (lambda: coupling_bound(1.2, 3, 1), r"^share = 1.2 .*\[0, 1\]"),
        (lambda: coupling_bound(0.2, 0, 1), r"^gates = 0.0 .*\[1, inf\)"),
        (lambda: coupling_bound(0.2, 3, -1), r"^largest = -1.0 .*\[0, inf\)"),
        (lambda: Path().one_gate(np.nan, 1, 0.5), r"^delta = nan "),
        (lambda: Path().one_gate(1, np.nan, 0.5), r"^curvature = nan "),
        (lambda: Path().one_gate(1, 1, 0.5, np.nan), r"^start = nan "),
        (lambda: StraightThrough().marginal(1.5), r"^theta = 1.5 "),
        (lambda: Trapezoid(floor=0.1).marginal(1.5), r"^theta = 1.5 "),
        (lambda: gate_gradient(quadratic(0, 1), [1.5]), r"^theta = 1.5 .*\[0, 1\]"),
    ],
)
def test_bad_values(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Path().rho = 0.5
