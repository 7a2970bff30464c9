"""The gate step: its law against SciPy and against simulated projected steps."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.gate_step import ReflectedGate, largest_step, layer_step, least_steps

POSITIVE = st.floats(1e-3, 1e3)
DRIFT = st.one_of(st.floats(-10, 10), st.sampled_from([0.0, 1e-12, -1e-7]))


@given(DRIFT, st.floats(0.05, 5), st.floats(0.05, 5), st.floats(0, 1))
@example(5e-324, 1.0, 1.0, 0.0)  # the least number there is: its inverse is infinite
def test_the_law_is_a_truncated_exponential(drift, noise, step, x):
    gate = ReflectedGate(drift=drift, noise=noise, step=step)
    rate = 2 * abs(drift) / (step * noise**2)
    assert gate.rate == pytest.approx(rate, rel=1e-14)
    # SciPy's law loses digits where it is almost uniform, and there it is so up to the rate.
    law = stats.truncexpon(b=rate, scale=1 / rate) if rate > 1e-4 else stats.uniform()
    near = 1e-6 if rate > 1e-4 else 1e-12 + rate
    assert gate.pdf(x) == pytest.approx(law.pdf(x), rel=near)
    assert gate.cdf(x) == pytest.approx(law.cdf(x), rel=near, abs=1e-12)
    assert gate.cdf(gate.ppf(x)) == pytest.approx(x, abs=1e-9)
    assert gate.mean() == pytest.approx(law.mean(), rel=near)
    assert gate.mean() <= gate.mean_bound() * (1 + 1e-12)


def test_mean_and_mass_by_quadrature():
    gate = ReflectedGate(drift=-0.4, noise=0.7, step=0.6)
    assert integrate.quad(gate.pdf, 0, 1)[0] == pytest.approx(1)
    assert integrate.quad(lambda x: x * gate.pdf(x), 0, 1)[0] == pytest.approx(gate.mean())


def test_without_drift_the_gate_walks_over_the_whole_interval():
    gate = ReflectedGate(drift=0.0, noise=0.5, step=0.1)
    assert (gate.rate, gate.mean(), gate.mean_bound()) == (0, 0.5, np.inf)
    assert gate.pdf(0.3) == 1
    assert gate.steps_to_boundary() == pytest.approx(1 / (0.1 * 0.5) ** 2)
    assert least_steps(0.0, 0.5, 0.1) == np.inf


@given(st.floats(0.01, 10), st.floats(0.05, 5), st.floats(0.01, 5))
def test_steps_to_the_boundary_solve_the_hitting_time_integral(drift, noise, step):
    """T(1) = ∫₀¹∫ₓ¹ 2/(ησ)² exp(−κ(y−x)) dy dx, the scale-and-speed formula."""
    gate = ReflectedGate(drift=drift, noise=noise, step=step)
    inner = integrate.quad(
        lambda gap: (1 - gap) * np.exp(-gate.rate * gap), 0, min(1, 40 / gate.rate)
    )[0]
    assert gate.steps_to_boundary() == pytest.approx(2 * inner / (step * noise) ** 2, rel=1e-6)


@given(POSITIVE, POSITIVE, st.floats(0.005, 1))
def test_the_largest_step_is_the_one_that_needs_the_least_steps(drift, noise, within):
    step = largest_step(drift, noise, within)
    gate = ReflectedGate(drift=drift, noise=noise, step=step)
    assert gate.mean_bound() == pytest.approx(within)
    assert gate.mean() <= within * (1 + 1e-12)
    assert least_steps(drift, noise, within) == pytest.approx(gate.steps_to_boundary(), rel=1e-8)
    slower = ReflectedGate(drift=drift, noise=noise, step=step / 2)
    assert slower.steps_to_boundary() > gate.steps_to_boundary()


def test_the_ratio_of_noise_to_drift_sets_the_least_steps():
    assert least_steps(0.01, 0.1, 0.05) == pytest.approx(100 * (19 + np.exp(-20)) / 2)
    assert least_steps(-0.02, 0.2, 0.05) == least_steps(0.01, 0.1, 0.05)


@pytest.mark.parametrize("noise", ["normal", "two values"])
def test_projected_steps_have_that_law(noise):
    """4,000 gates, started at the far end, long enough to forget it."""
    rng, drift, step = np.random.default_rng(0), 0.05, 0.05
    gate = ReflectedGate(drift=drift, noise=1.0, step=step)
    x = np.ones(4000)
    for _ in range(4000):
        draws = rng.normal(size=4000) if noise == "normal" else rng.choice([-1.0, 1.0], 4000)
        x = np.clip(x + step * (draws - drift), 0, 1)
    # Their mean is smaller by about half a step's noise, and never above the bound (claim G5).
    assert gate.mean() - step < x.mean() < gate.mean_bound()
    for u in (0.5, 0.9):
        assert abs(np.quantile(x, u) - gate.ppf(u)) < 1.5 * step


def test_first_passage_of_small_steps():
    rng, drift, step = np.random.default_rng(1), 0.1, 0.02
    gate = ReflectedGate(drift=drift, noise=1.0, step=step)
    x, times = np.ones(1000), np.zeros(1000)
    for _ in range(6000):
        alive = x > 0
        times += alive
        moved = np.clip(x + step * (rng.normal(size=1000) - drift), 0, 1)
        x = np.where(alive, moved, 0.0)
    assert (x == 0).all()
    assert times.mean() == pytest.approx(gate.steps_to_boundary(), rel=0.1)


def test_layer_step_takes_the_smaller_of_noise_and_closing_time():
    assert layer_step(1e-4, 2.4e-3, 0.3, 1) == pytest.approx(0.3 * 1e-4 / 2.4e-3**2)
    assert layer_step(1e-4, 1e-6, 0.3, 500) == pytest.approx(1 / (500 * 1e-4))
    steps = layer_step(1e-4, [1e-6, 1.0], 0.3, 500)
    assert steps == pytest.approx([20, 3e-5])


def test_shapes():
    gate = ReflectedGate(drift=np.array([[0.0], [1.0]]), noise=1.0, step=np.array([0.1, 0.2, 0.3]))
    for value in (
        gate.rate,
        gate.mean(),
        gate.mean_bound(),
        gate.steps_to_boundary(),
        gate.pdf(0.2),
        gate.cdf(0.2),
        gate.ppf(0.2),
    ):
        assert value.shape == (2, 3)
    scalar = ReflectedGate(drift=1.0, noise=1.0, step=0.1)
    for value in (
        scalar.rate,
        scalar.mean(),
        scalar.mean_bound(),
        scalar.steps_to_boundary(),
        scalar.pdf(0.2),
        scalar.cdf(0.2),
        scalar.ppf(0.2),
        largest_step(1, 1, 0.1),
        least_steps(1, 1, 0.1),
        layer_step(1, 1, 1, 1),
    ):
        assert isinstance(value, float)


def test_parameters_may_be_lists():
    gate = ReflectedGate(drift=[-1, 3], noise=[1, 2], step=[2, 3])
    assert gate.rate.tolist() == [1, 0.5]
    assert [value.shape for value in (gate.drift, gate.noise, gate.step)] == [(2,)] * 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ReflectedGate(drift=np.nan, noise=1, step=1), r"^drift = nan "),
        (lambda: ReflectedGate(drift=1, noise=0, step=1), r"^noise = 0.0 .*\(0, inf\)"),
        (lambda: ReflectedGate(drift=1, noise=1, step=-1), r"^step = -1.0 .*\(0, inf\)"),
        (lambda: ReflectedGate(drift=1, noise=1, step=1).pdf(1.5), r"^x = 1.5 .*\[0, 1\]"),
        (lambda: ReflectedGate(drift=1, noise=1, step=1).cdf(-1), r"^x = -1.0 .*\[0, 1\]"),
        (lambda: ReflectedGate(drift=1, noise=1, step=1).ppf(2), r"^u = 2.0 .*\[0, 1\]"),
        (lambda: largest_step(1, 1, 0), r"^within = 0.0 .*\(0, 1\]"),
        (lambda: largest_step(np.inf, 1, 0.1), r"^drift = inf "),
        (lambda: largest_step(1, 0, 0.1), r"^noise = 0.0 "),
        (lambda: least_steps(1, 1, 2), r"^within = 2.0 .*\(0, 1\]"),
        (lambda: least_steps(np.nan, 1, 0.1), r"^drift = nan "),
        (lambda: least_steps(1, -1, 0.1), r"^noise = -1.0 "),
        (lambda: layer_step(0, 1, 1, 1), r"^price = 0.0 "),
        (lambda: layer_step(1, 0, 1, 1), r"^noise = 0.0 "),
        (lambda: layer_step(1, 1, 0, 1), r"^alpha = 0.0 "),
        (lambda: layer_step(1, 1, 1, 0.5), r"^closing_steps = 0.5 .*\[1, inf\)"),
    ],
)
def test_bad_values(make, message):
    with pytest.raises(ValueError, match=message):
        make()
