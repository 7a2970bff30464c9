"""The estimators of training on a small ReLU network, against enumeration of all its gates.

Means and variances are expectations over all gate configurations, worked out in doubles from
the network's own derivatives; the estimators see uniform draws only.
"""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax
from torch import nn
from torch.nn import functional as F

from reproduce.gates.estimators import ESTIMATORS
from theory.estimators import GaussNewton, Path, StraightThrough, Trapezoid, coupling_bound
from theory.objectives import gate_gradient, relu_network
from theory.second_order import gauss_newton_bound, second_moment_factor

GATES, SAMPLES, FLOOR = 7, 100_000, 0.05
THETAS = (
    torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9, 0.6, 0.4], dtype=torch.double),
    torch.tensor([0.0, 1.0, 0.02, 0.98, 0.5, 1.0, 0.0], dtype=torch.double),
)


@pytest.fixture(scope="module")
def network():
    """Four gated units, then three, then three classes: its cost, and its slope in the gates."""
    torch.manual_seed(20)
    layers = nn.ModuleList([nn.Linear(3, 4), nn.Linear(4, 3), nn.Linear(3, 3)]).double()
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.mul_(2)
    x = torch.tensor([0.8, -1.1, 0.5], dtype=torch.double)

    def cost(z):
        first = torch.relu(layers[0](x)) * z[:, :4]
        second = torch.relu(layers[1](first)) * z[:, 4:]
        return F.cross_entropy(
            layers[2](second), torch.ones(len(z), dtype=torch.long), reduction="none"
        )

    return cost


def slope(cost, z):
    z = z.clone().requires_grad_()
    return torch.autograd.grad(cost(z).sum(), z)[0]


def corners(gates=GATES):
    return torch.tensor(list(product((0.0, 1.0), repeat=gates)), dtype=torch.double)


def differences(cost, z):
    """C(z_i = 1) − C(z_i = 0) for each row of z and each gate i."""
    columns = []
    with torch.no_grad():
        for i in range(z.shape[1]):
            opened, closed = z.clone(), z.clone()
            opened[:, i], closed[:, i] = 1, 0
            columns.append(cost(opened) - cost(closed))
    return torch.stack(columns, 1)


def exact_gradient(cost, theta):
    """E[C(z_i = 1) − C(z_i = 0)], the gates Bernoulli(theta)."""
    z = corners(len(theta))
    chance = torch.where(z == 1, theta, 1 - theta).prod(1, keepdim=True)
    return (chance * differences(cost, z)).sum(0)


def drawn(name, cost, theta, rho=0.1):
    """Estimates of single draws, shape (SAMPLES, GATES)."""
    uniform = torch.rand(
        SAMPLES, GATES, generator=torch.Generator().manual_seed(5), dtype=torch.double
    )
    z, weight, curvature = ESTIMATORS[name](theta, uniform, rho, FLOOR)
    g = slope(cost, z)
    return weight * g if curvature is None else weight * g + curvature * g * g


def enumerated(name, cost, theta):
    """Mean and variance of an estimator that draws corners only."""
    z = corners()
    q = theta if name == "straight_through" else theta.clamp(FLOOR, 1 - FLOOR)
    chance = torch.where(z == 1, q, 1 - q).prod(1, keepdim=True)
    g = slope(cost, z)
    estimate = {
        "trapezoid": 0.5 / torch.where(z == 1, q, 1 - q) * g,
        "straight_through": g,
        "gauss_newton": g + (0.5 - z) * g**2,
        "curvature_alone": (0.5 - z) * g**2,
    }[name]
    mean = (chance * estimate).sum(0)
    return mean, (chance * (estimate - mean) ** 2).sum(0)


def error(samples):
    return samples.std(0) / SAMPLES**0.5


@pytest.mark.parametrize("theta", THETAS, ids=("open", "at the ends"))
@pytest.mark.parametrize("name", sorted(ESTIMATORS.keys() - {"path"}))
def test_mean_and_variance_are_those_of_all_configurations(network, name, theta):
    samples = drawn(name, network, theta)
    mean, variance = enumerated(name, network, theta)
    assert ((samples.mean(0) - mean).abs() < 5 * error(samples) + 1e-9).all()
    spread = error((samples - mean) ** 2)
    assert ((samples.var(0) - variance).abs() < 6 * spread + 1e-6).all()


@pytest.mark.parametrize("theta", THETAS, ids=("open", "at the ends"))
def test_path_strays_from_the_exact_gradient_by_its_bound_at_most(network, theta):
    """2M(1 − (1−ρ)^(n−1)) of claim G1, M the largest |C(1) − C(0)| of 20,000 random gates."""
    exact = exact_gradient(network, theta)
    generator = torch.Generator().manual_seed(6)
    anywhere = torch.rand(20_000, GATES, generator=generator, dtype=torch.double)
    largest = differences(network, anywhere).abs().amax(0)
    assert (largest > 0.05).all()  # every unit matters
    for rho in (0.02, 0.1, 0.5):
        samples = drawn("path", network, theta, rho)
        bound = torch.tensor(coupling_bound(rho, GATES, largest.numpy()))
        assert ((samples.mean(0) - exact).abs() < bound + 5 * error(samples)).all()


def test_path_with_every_gate_probed_is_wrong_on_a_network_too(network):
    """With few probes the bias is gone, but for the noise and O(ρ) (claims G1 and G1x)."""
    theta = THETAS[1]
    exact = exact_gradient(network, theta)
    biased, few = drawn("path", network, theta, 1.0), drawn("path", network, theta, 0.02)
    assert ((biased.mean(0) - exact).abs() > 10 * error(biased) + 0.02).any()
    assert ((few.mean(0) - exact).abs() < 5 * error(few) + 0.05).all()


def test_straight_through_is_wrong_where_the_cost_is_curved(network):
    """Cross-entropy of a ReLU network is curved in its gates: the bias of claim G2 is there."""
    theta = THETAS[0]
    mean, _ = enumerated("straight_through", network, theta)
    assert (mean - exact_gradient(network, theta)).abs().max() > 0.05


@given(seed=st.integers(0, 10**6), size=st.floats(0.1, 4.0), labels=st.sampled_from("mq"))
def test_second_order_is_within_the_bounds_of_claim_g6(seed, size, labels):
    """A hidden layer's gates move the logits in straight lines; all gates, labels and classes.

    With labels drawn from the model itself ("m") the bias is at most D^3 / (36 sqrt 3), and with
    others ("q") at most D^2 TV / 2 more, D the range of the logits' slopes. Sample by sample an
    estimate is at most 1 + D / 2 times the slope, which bounds its variance (G6c).
    """
    rng = np.random.default_rng(seed)
    hidden, out = np.maximum(rng.normal(size=4), 0), size * rng.normal(size=(4, 3))
    other = rng.dirichlet(np.ones(3))
    z = np.array(list(product((0.0, 1.0), repeat=4)))
    uniform = torch.tensor(0.75 - 0.5 * z)  # draws each corner at theta = 1/2
    drawn = ESTIMATORS["gauss_newton"](torch.full((4,), 0.5, dtype=torch.double), uniform, 0.1, 0)
    assert (drawn.values.numpy() == z).all()
    log_p = log_softmax((z * hidden) @ out, axis=1)
    for i in range(4):
        slopes = hidden[i] * out[i]  # of the logits in gate i
        ends = []
        for end in (1.0, 0.0):
            moved = z.copy()
            moved[:, i] = end
            ends.append(-log_softmax((moved * hidden) @ out, axis=1))
        g = np.exp(log_p) @ slopes - slopes[None].T  # by class, then corner
        taylor = drawn.slope.numpy() * g + drawn.curvature.numpy()[:, i] * g * g
        law = np.exp(log_p).T if labels == "m" else np.tile(other[:, None], len(z))
        bias = (law * (taylor - (ends[0] - ends[1]).T)).sum(0)
        width = np.ptp(slopes)
        distance = 0.5 * np.abs(law.T - np.exp(log_p)).sum(1)
        assert (np.abs(bias) <= gauss_newton_bound(width, distance) + 1e-12).all()
        assert (taylor**2 <= second_moment_factor(width) * g**2 + 1e-12).all()


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("path", Path(rho=0.3)),
        ("trapezoid", Trapezoid(floor=FLOOR)),
        ("straight_through", StraightThrough()),
        ("gauss_newton", GaussNewton(floor=FLOOR)),
    ],
)
def test_they_are_the_estimators_of_the_theory(name, twin):
    """Same mean and variance as enumeration by `theory` gives on a network written twice."""
    rng = np.random.default_rng(7)
    hidden, bias, out = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=5)
    objective = relu_network(hidden, bias, out, target=0.4, panels=24)
    theta = np.array([0.2, 0.6, 0.95])
    mean, variance = twin.moments(objective, theta)
    weights = [torch.tensor(array) for array in (hidden, bias, out)]

    def cost(z):
        return 0.5 * (torch.relu(weights[1] + z @ weights[0].T) @ weights[2] - 0.4) ** 2

    uniform = torch.rand(SAMPLES, 3, generator=torch.Generator().manual_seed(8), dtype=torch.double)
    z, weight, curvature = ESTIMATORS[name](torch.tensor(theta), uniform, 0.3, FLOOR)
    g = slope(cost, z)
    samples = weight * g if curvature is None else weight * g + curvature * g**2
    assert torch.allclose(g[:50], torch.tensor(objective.slope(z[:50].numpy())))
    assert ((samples.mean(0) - torch.tensor(mean)).abs() < 5 * error(samples) + 2e-3).all()
    np.testing.assert_allclose(samples.var(0).numpy(), variance, rtol=0.03)
    exact = exact_gradient(cost, torch.tensor(theta))
    np.testing.assert_allclose(exact.numpy(), gate_gradient(objective, theta), atol=1e-12)
