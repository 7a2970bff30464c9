"""The estimators against exact enumeration of all gate configurations."""

from itertools import product

import pytest
import torch

from reproduce.gates.estimators import ESTIMATORS

SAMPLES = 400_000


def quadratic(z):
    """A cost of three gates, quadratic in each; a ReLU network's cost is ``kinked``."""
    a, b, c = z.unbind(1)
    return a * b - 2 * b * c + 0.7 * a * a + 0.3 * c - b * b


def kinked(z):
    a, b, c = z.unbind(1)
    return torch.relu(a - 0.4 * b) + torch.relu(b + c - 1.2) - 0.5 * torch.relu(0.3 - a * c)


def exact(cost, theta):
    """E[C(z_i = 1) - C(z_i = 0)] for every gate i, the others Bernoulli(theta)."""
    z = torch.tensor(list(product((0.0, 1.0), repeat=len(theta))))
    values = cost(z)
    result = []
    for i in range(len(theta)):
        others = torch.where(z == 1, theta, 1 - theta)
        others[:, i] = 1
        signs = 2 * z[:, i] - 1
        result.append((signs * values * others.prod(1)).sum())
    return torch.stack(result)


def estimate(name, cost, theta, rho=0.2, floor=0.05):
    """Mean of the estimator over many samples, and its standard error."""
    generator = torch.Generator().manual_seed(1)
    uniform = torch.rand(SAMPLES, len(theta), generator=generator)
    z, weight, _ = ESTIMATORS[name](theta, uniform, rho, floor)
    z.requires_grad_()
    (slope,) = torch.autograd.grad(cost(z).sum(), z)
    samples = weight * slope
    return samples.mean(0), samples.std(0) / SAMPLES**0.5


THETAS = (torch.tensor([0.2, 0.5, 0.9]), torch.tensor([0.7, 0.1, 0.4]))


@pytest.mark.parametrize("theta", THETAS)
def test_trapezoid_is_unbiased_for_costs_quadratic_in_each_gate(theta):
    mean, error = estimate("trapezoid", quadratic, theta)
    assert ((mean - exact(quadratic, theta)).abs() < 5 * error + 1e-5).all()


@pytest.mark.parametrize("cost", [quadratic, kinked])
@pytest.mark.parametrize("theta", THETAS)
def test_bias_of_the_path_estimator_is_of_the_order_of_rho(cost, theta):
    truth = exact(cost, theta)
    for rho in (0.02, 0.1):
        mean, error = estimate("path", cost, theta, rho=rho)
        assert ((mean - truth).abs() < 3 * rho + 5 * error).all()


def test_path_estimator_with_every_gate_probed_is_wrong_as_predicted():
    """C = z1 z2 with theta_2 = 0.9: the exact 0.9 becomes 0.5 (claim G1)."""
    theta = torch.tensor([0.5, 0.9])
    mean, error = estimate("path", lambda z: z[:, 0] * z[:, 1], theta, rho=1.0)
    assert abs(mean[0] - 0.5) < 5 * error[0]


def test_straight_through_has_the_predicted_bias():
    """For curvature h the bias is h (theta - 1/2) (claim G2)."""
    theta, h = torch.tensor([0.8]), 3.0
    cost = lambda z: 0.5 * h * z[:, 0] ** 2 - z[:, 0]  # noqa: E731
    mean, error = estimate("straight_through", cost, theta)
    assert abs(mean[0] - (exact(cost, theta)[0] + h * (0.8 - 0.5))) < 5 * error[0]


def test_trapezoid_keeps_its_eyes_on_closed_and_open_gates():
    """At theta 0 and 1 both values are drawn, at the rate of the floor (claim G3b)."""
    theta = torch.tensor([0.0, 1.0])
    uniform = torch.rand(SAMPLES, 2, generator=torch.Generator().manual_seed(0))
    z, *_ = ESTIMATORS["trapezoid"](theta, uniform, 0.2, 0.05)
    assert torch.allclose(z.mean(0), torch.tensor([0.05, 0.95]), atol=2e-3)
    assert ((z == 0) | (z == 1)).all()


def test_variance_of_the_trapezoid_is_the_formula_of_claim_g3():
    """(D(1-2t) + h/2)^2 / (4 t (1-t)) with D = C(1) - C(0), for one gate and no floor in force."""
    theta, h, slope = 0.3, 2.0, -0.4
    uniform = torch.rand(SAMPLES, 1, generator=torch.Generator().manual_seed(2))
    z, weight, _ = ESTIMATORS["trapezoid"](torch.tensor([theta]), uniform, 0.2, 0.05)
    samples = weight * (h * z + slope)
    difference = h / 2 + slope
    formula = (difference * (1 - 2 * theta) + h / 2) ** 2 / (4 * theta * (1 - theta))
    assert samples.var().item() == pytest.approx(formula, rel=0.02)
