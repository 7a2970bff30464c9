"""Objectives: values and slopes written out, and the gate gradient by its definition."""

from itertools import product

import numpy as np
import pytest

from tests.theory.costs import hinge, made, softmax
from theory.objectives import (
    Objective,
    cross_entropy,
    gate_gradient,
    polynomial,
    quadratic,
    relu_network,
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


@pytest.mark.parametrize(
    ("make", "message"),
    [
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
        (lambda: cross_entropy([[np.inf]], [0], [1]), r"^slopes = inf "),
        (lambda: cross_entropy([[1]], [np.nan], [1]), r"^offset = nan "),
        (lambda: cross_entropy([[1], [2]], [0, 0], [-0.5, 1.5]), r"^labels = -0.5 .*\[0, 1\]"),
        (lambda: cross_entropy([[1], [2]], [0, 0], [0.5, 0.6]), r"^sum of the labels = 1.1 "),
        (lambda: cross_entropy([[1], [2]], [0, 0], [0.5, 0.4]), r"^sum of the labels = 0.9 "),
        (lambda: gate_gradient(quadratic(0, 1), [1.5]), r"^theta = 1.5 .*\[0, 1\]"),
    ],
)
def test_bad_values(make, message):
    with pytest.raises(ValueError, match=message):
        make()
