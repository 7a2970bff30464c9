"""The simulator: against SciPy, against exact solutions, and against a loop over single steps."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from theory import dynamics
from theory.attraction import Attraction
from theory.dynamics import Noise, descend, flow
from theory.scalar_gate import ScalarGate
from theory.systems import ProductUnit, ScalarUnit, WorstCase

RNG = np.random.default_rng(0)
INPUTS, TARGETS = RNG.standard_normal((12, 3)), RNG.standard_normal(12)
SYSTEMS = {
    "worst case, tight": WorstCase(kappa=1.0, lam=0.4, c=0.5),
    "worst case, capped": WorstCase(kappa=1.0, lam=2.0, c=0.8),
    "scalar, metastable": ScalarUnit(ScalarGate(s=2.0, a=-1.0, lam=0.3, c=0.9)),
    "scalar, pruned": ScalarUnit(ScalarGate(s=1.0, a=1.0, lam=0.2, c=0.6)),
    "product": ProductUnit(INPUTS, TARGETS, lam=0.05, c=0.05),
}


def starts(system, lanes, seed=1):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0 if system.nonnegative else -1.5, 1.5, (system.rows - 1, lanes))
    return np.vstack([weights, rng.random(lanes)])


def projected(system, state):
    slope = system.drift(state[:, None])[:, 0]
    if (state[-1] <= 0 and slope[-1] < 0) or (state[-1] >= 1 and slope[-1] > 0):
        slope[-1] = 0
    return slope


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_flow_agrees_with_scipy(system):
    start = starts(system, 8)
    outcome = flow(system, start, time=6, steps=600)
    for lane in range(8):
        solution = solve_ivp(
            lambda _t, y: projected(system, y),
            (0, 6),
            start[:, lane],
            method="RK45",
            rtol=1e-10,
            atol=1e-12,
            max_step=0.05,
        )
        atol = 1e-4 if system is SYSTEMS["product"] else 1e-6  # its kinks are not located
        np.testing.assert_allclose(outcome.state[:, lane], solution.y[:, -1], atol=atol)


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_flow_is_of_fourth_order_through_all_events(system):
    start = starts(system, 100)
    exact = flow(system, start, time=4, steps=1600).state
    errors = [
        np.abs(flow(system, start, time=4, steps=steps).state - exact).max()
        for steps in (100, 200, 400)
    ]
    if system is SYSTEMS["product"]:  # its kinks lower the order
        assert errors[2] < 1e-3
    else:
        assert errors[2] < 1e-6
        assert errors[0] / errors[2] > 100


@dataclass(frozen=True)
class Wave:
    """A clock x and θ̇ = height·cos x: every event is known exactly."""

    height: float = 1.0
    rows = 2
    nonnegative = False

    def drift(self, state):
        return np.stack([np.ones_like(state[0]), self.height * np.cos(state[0])])

    def radius(self, state):
        return np.abs(state[0])

    def lanes(self, lanes):
        return self


def test_events_where_they_are_known():
    """From ½: up to 1 at π/6, at rest to π/2, down to 0 at π, at rest to 3π/2, up to 1 at 2π."""
    start = np.array([[0.0], [0.5]])
    outcome = flow(Wave(), start, time=7, steps=140, every=1)
    np.testing.assert_allclose(outcome.death, np.pi, atol=1e-6)
    assert outcome.last_alive == 7
    x = outcome.times
    exact = np.select(
        [x < np.pi / 6, x < np.pi / 2, x < np.pi, x < 1.5 * np.pi, x < 2 * np.pi],
        [0.5 + np.sin(x), 1, np.sin(x), 0, 1 + np.sin(x)],
        1,
    )
    np.testing.assert_allclose(outcome.path[:, 1, 0], exact, atol=1e-6)
    asleep = flow(Wave(), start, time=4.5, steps=90)
    np.testing.assert_allclose(asleep.last_alive, np.pi, atol=1e-6)
    np.testing.assert_allclose(asleep.death, np.pi, atol=1e-6)


@given(st.floats(0.3, 0.7), st.integers(3, 40))
def test_an_excursion_within_one_step_is_noticed(offset, steps):
    """θ grazes 1 between two steps: it is cut off there, and all that follows is lower."""
    height = 1 - offset + 1e-3
    outcome = flow(Wave(height), np.array([[0.0], [offset]]), time=3, steps=4 * steps)
    assert outcome.state[1, 0] == pytest.approx(1 + height * (np.sin(3) - 1), abs=1e-4)


def test_starts_at_the_ends():
    """θ = 0 under a falling slope rests, under a rising one lifts off; likewise at 1."""
    down, up = np.array([[2.0, 2.0], [0.0, 1.0]]), np.array([[0.0, 0.0], [0.0, 1.0]])
    fallen = flow(Wave(), down, time=0.5, steps=20)
    np.testing.assert_allclose(fallen.state[1], [0, 1 + np.sin(2.5) - np.sin(2)], atol=1e-9)
    assert fallen.death[0] == 0 and fallen.last_alive[0] == -np.inf
    assert fallen.death[1] == np.inf and fallen.last_alive[1] == 0.5
    risen = flow(Wave(), up, time=0.5, steps=20)
    np.testing.assert_allclose(risen.state[1], [np.sin(0.5), 1], atol=1e-9)


def test_interior_of_the_worst_case_is_a_matrix_exponential():
    system = WorstCase(kappa=0.7, lam=0.5, c=0.2)
    matrix, fixed = np.array([[-0.5, 0.7], [0.7, 0.0]]), np.array([0.2 / 0.7, 0.5 * 0.2 / 0.49])
    start = np.array([0.35, 0.3])
    exact = fixed + expm(0.8 * matrix) @ (start - fixed)
    outcome = flow(system, start[:, None], time=0.8, steps=40)
    np.testing.assert_allclose(outcome.state[:, 0], exact, atol=1e-9)


def one_by_one(system, start, step, steps):
    """The path of single trajectories, in plain Python."""
    paths = []
    for lane in start.T:
        path = [lane]
        for _ in range(steps):
            state = path[-1] + step * system.drift(path[-1][:, None])[:, 0]
            state[-1] = min(max(state[-1], 0), 1)
            if system.nonnegative:
                state[:-1] = np.maximum(state[:-1], 0)
            path.append(state)
        paths.append(path)
    return np.moveaxis(np.array(paths), 0, -1)


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_steps_agree_with_a_loop(system):
    start = starts(system, 20)
    outcome = descend(system, start, step=0.1, steps=80, every=1)
    expected = one_by_one(system, start, 0.1, 80)
    np.testing.assert_allclose(outcome.path, expected, atol=1e-12)
    np.testing.assert_array_equal(outcome.times, np.arange(81))
    np.testing.assert_array_equal(outcome.state, outcome.path[-1])


@pytest.mark.parametrize("noise", [None, Noise("sign", (0.8, 0.8)), Noise("normal", (0.5, 2))])
def test_events_of_steps_are_those_of_the_path(noise):
    system, region = SYSTEMS["worst case, tight"], Attraction(kappa=1.0, lam=0.4, c=0.5)
    start = starts(system, 300)
    start[1, :5] = 0
    outcome = descend(system, start, step=0.1, steps=120, noise=noise, region=region, every=1)
    r, theta = np.moveaxis(outcome.path, 0, -1)
    number = np.arange(121)

    def first(happened):
        return np.where(happened.any(-1), happened.argmax(-1), np.inf)

    np.testing.assert_array_equal(outcome.death, first(theta == 0))
    alive = np.where(theta > 0, number, -np.inf).max(-1)
    np.testing.assert_array_equal(outcome.last_alive, alive)
    escaped = region.m * theta + region.kappa * r >= region.threshold
    np.testing.assert_array_equal(outcome.escape, first(escaped))
    clipped = (theta == 0) | (r == 0)
    clipped[:, 0] = False
    np.testing.assert_array_equal(outcome.clip, first(clipped))
    assert (np.isfinite(outcome.escape) & (outcome.escape > 0)).any() == (noise is not None)


def test_escape_from_a_flow():
    system, region = SYSTEMS["worst case, tight"], Attraction(kappa=1.0, lam=0.4, c=0.5)
    outcome = flow(system, starts(system, 100), time=5, steps=100, region=region, every=1)
    r, theta = np.moveaxis(outcome.path, 0, -1)
    escaped = region.m * theta + region.kappa * r >= region.threshold
    first = np.where(escaped.any(-1), outcome.times[escaped.argmax(-1)], np.inf)
    np.testing.assert_array_equal(outcome.escape, first)


def test_results_do_not_depend_on_the_threads(monkeypatch):
    monkeypatch.setattr(dynamics, "BLOCK", 64)
    system, noise = SYSTEMS["scalar, metastable"], Noise("uniform", (0.1, 0.3))
    start = starts(system, 300)
    one, three = (
        descend(system, start, step=0.1, steps=50, noise=noise, seed=5, threads=threads)
        for threads in (1, 3)
    )
    np.testing.assert_array_equal(one.state, three.state)
    other = descend(system, start, step=0.1, steps=50, noise=noise, seed=6)
    assert not np.array_equal(one.state, other.state)


def test_results_do_not_depend_on_the_blocks(monkeypatch):
    system = SYSTEMS["worst case, tight"]
    start = starts(system, 100)
    whole = flow(system, start, time=5, steps=100)
    monkeypatch.setattr(dynamics, "FLOW_BLOCK", 7)
    parts = flow(system, start, time=5, steps=100)
    for name in ("state", "death", "last_alive"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


def test_parameters_that_differ_by_lane(monkeypatch):
    monkeypatch.setattr(dynamics, "BLOCK", 3)
    monkeypatch.setattr(dynamics, "FLOW_BLOCK", 3)
    lam, c, step = np.linspace(0.1, 2, 8), np.linspace(0.3, 1, 8), np.linspace(0.05, 0.2, 8)
    systems = (
        lambda lam, c: WorstCase(kappa=1.0, lam=lam, c=c),
        lambda lam, c: ScalarUnit(ScalarGate(s=2.0, a=1.0, lam=lam, c=c)),
    )
    for make in systems:
        start = starts(make(0.1, 0.1), 8)
        region = Attraction(kappa=1.0, lam=lam, c=c)
        together = flow(make(lam, c), start, time=6, steps=200, region=region)
        stepped = descend(make(lam, c), start, step=step, steps=60, region=region)
        for lane in range(8):
            here = slice(lane, lane + 1)
            alone = Attraction(kappa=1.0, lam=lam[lane], c=c[lane])
            expected = flow(
                make(lam[lane], c[lane]), start[:, here], time=6, steps=200, region=alone
            )
            np.testing.assert_allclose(together.state[:, here], expected.state, atol=1e-12)
            assert together.escape[lane] == expected.escape[0]
            expected = descend(
                make(lam[lane], c[lane]), start[:, here], step=step[lane], steps=60, region=alone
            )
            np.testing.assert_allclose(stepped.state[:, here], expected.state, atol=1e-12)
            assert stepped.escape[lane] == expected.escape[0]


@pytest.mark.parametrize(("law", "variance"), [("sign", 0.09), ("uniform", 0.03), ("normal", 0.09)])
def test_noise_has_mean_zero_and_its_size(law, variance):
    drift = np.zeros((3, 40_000))
    Noise(law, (0.3, 0.0, 0.6)).add_to(drift, np.random.default_rng(2))
    assert (drift[1] == 0).all()
    assert abs(drift[0].mean()) < 4 * np.sqrt(variance / 40_000)
    assert drift[0].var() == pytest.approx(variance, rel=0.03)
    assert drift[2].var() == pytest.approx(4 * variance, rel=0.03)
    assert abs(np.corrcoef(drift[0], drift[2])[0, 1]) < 0.03
    if law == "sign":
        np.testing.assert_allclose(np.abs(drift[0]), 0.3)
    if law == "uniform":
        assert 0.299 < np.abs(drift[0]).max() <= 0.3


def test_the_scalar_unit_is_the_scalar_gate():
    gate = ScalarGate(s=2.0, a=-1.0, lam=0.3, c=0.5)
    unit = ScalarUnit(gate)
    state = starts(unit, 50)
    np.testing.assert_allclose(unit.drift(state), gate.flow(*state))
    np.testing.assert_array_equal(unit.radius(state), np.abs(state[0]))
    kept = flow(unit, np.array([[-1.0, 0.0], [1.0, 0.3]]), time=60, steps=2000).state
    np.testing.assert_allclose(kept[:, 0], gate.equilibrium_on(), atol=1e-9)
    np.testing.assert_allclose(kept[:, 1], gate.equilibrium_off(), atol=1e-6)


def test_the_scalar_unit_dies_where_certified():
    rng = np.random.default_rng(3)
    gate = ScalarGate(
        s=rng.uniform(0.5, 2, 2000),
        a=rng.choice([-1.0, 1.3], 2000),
        lam=rng.uniform(0.05, 1, 2000),
        c=rng.uniform(0.1, 2, 2000),
    )
    unit = ScalarUnit(gate)
    kappa = unit.gradient_bound()
    weights = np.linspace(0, 1, 2000) * gate.a
    slope = gate.gradient(weights, 1.0)[0] - gate.lam * weights
    assert (np.abs(slope) <= kappa).all() and np.abs(slope[0]) == pytest.approx(kappa[0])
    region = Attraction(kappa=kappa, lam=gate.lam, c=gate.c)
    start = np.stack([rng.random(2000) * gate.a, rng.random(2000)])
    inside = region.contains(np.abs(start[0]), start[1])
    limit = region.death_time(np.abs(start[0]), start[1])
    outcome = flow(unit, start, time=30, steps=1500)
    assert inside.sum() > 500
    assert (outcome.last_alive <= limit * (1 + 1e-9))[inside & (limit < 30)].all()


def test_the_product_unit_descends_its_objective():
    unit = SYSTEMS["product"]
    state = starts(unit, 6)
    for row in range(unit.rows):
        shift = np.zeros((unit.rows, 1))
        shift[row] = 1e-6
        slope = (unit.objective(state + shift) - unit.objective(state - shift)) / 2e-6
        np.testing.assert_allclose(unit.drift(state)[row], -slope, atol=1e-6)
    by_hand = np.mean((TARGETS - 0.5 * np.maximum(INPUTS @ [1.0, 0, -1], 0)) ** 2) / 2
    value = unit.objective(np.array([[0.5], [1.0], [0.0], [-1.0], [1.0]]))
    assert value[0] == pytest.approx(by_hand + 0.05 / 2 * 2.25 + 0.05)


def test_the_product_unit_keeps_its_balance():
    """ReLU is homogeneous: ‖w‖² − v² only decays, at rate 2λ, whatever the gate does."""
    unit = SYSTEMS["product"]
    start = starts(unit, 50)
    state = flow(unit, start, time=3, steps=600).state

    def balance(state):
        return (state[1:-1] ** 2).sum(axis=0) - state[0] ** 2

    np.testing.assert_allclose(balance(state), np.exp(-2 * 0.05 * 3) * balance(start), atol=1e-4)


def test_the_bound_on_the_product_units_gradient():
    unit = ProductUnit(np.array([[3.0, 4.0]]), np.array([2.0]), lam=0.1, c=1.0)
    # ‖x‖ = 5: (2 + ½·0.25·5)·5·0.5
    assert unit.gradient_bound(0.5) == pytest.approx(2.625 * 2.5)
    assert unit.gradient_bound([0.5, 1.0]).shape == (2,)
    assert unit.radius(np.array([[3.0], [0.0], [4.0], [0.5]])) == [5]


def test_progress():
    seen = []
    descend(
        SYSTEMS["worst case, tight"],
        starts(SYSTEMS["worst case, tight"], 3 * dynamics.BLOCK),
        step=0.1,
        steps=1,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    total = 3 * dynamics.BLOCK
    assert seen == [(dynamics.BLOCK * part, total) for part in (1, 2, 3)]


GOOD = np.array([[0.5], [0.5]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: flow(s, GOOD, time=0, steps=5), r"^time = 0.0 .*\(0, inf\)"),
        (lambda s: flow(s, GOOD, time=np.nan, steps=5), "^time = nan "),
        (lambda s: flow(s, GOOD, time=1, steps=0), r"^steps = 0.0 .*\[1, inf\)"),
        (lambda s: flow(s, GOOD, time=1, steps=2.5), r"^steps = 2.5 is not a whole number"),
        (lambda s: flow(s, GOOD, time=1, steps=5, every=0), r"^every = 0.0 "),
        (lambda s: flow(s, GOOD, time=1, steps=5, threads=0), r"^threads = 0.0 "),
        (
            lambda s: flow(s, GOOD[:1], time=1, steps=5),
            r"^start has shape \(1, 1\); .*\(2, lanes\)",
        ),
        (lambda s: flow(s, [0.5, 0.5], time=1, steps=5), r"^start has shape \(2,\)"),
        (lambda s: flow(s, [[0.5], [1.5]], time=1, steps=5), r"^theta of start = 1.5 .*\[0, 1\]"),
        (lambda s: flow(s, [[-0.5], [0.5]], time=1, steps=5), r"^weights of start = -0.5 "),
        (lambda s: flow(s, [[np.nan], [0.5]], time=1, steps=5), "^start = nan "),
        (lambda s: descend(s, GOOD, step=1, steps=5, seed=-1), r"^seed = -1.0 .*\[0, inf\)"),
        (lambda s: descend(s, GOOD, step=0, steps=5), r"^step = 0.0 "),
        (lambda s: descend(s, GOOD, step=1, steps=5, noise=Noise("sign", (1,))), "^sizes of the"),
        (lambda s: Noise("cauchy", (1, 1)), "^law = 'cauchy' is not one of"),
        (lambda s: Noise("sign", (1, -1)), r"^sizes = -1.0 "),
        (lambda s: WorstCase(kappa=0, lam=1, c=1), r"^kappa = 0.0 "),
        (lambda s: WorstCase(kappa=1, lam=-1, c=1), r"^lam = -1.0 "),
        (lambda s: WorstCase(kappa=1, lam=1, c=np.nan), "^c = nan "),
        (lambda s: ProductUnit(INPUTS, TARGETS[1:], lam=1, c=1), "^inputs of shape"),
        (lambda s: ProductUnit(INPUTS, TARGETS, lam=1, c=0), r"^c = 0.0 "),
        (lambda s: SYSTEMS["product"].gradient_bound(-1), r"^radius = -1.0 "),
    ],
)
def test_bad_values(call, message):
    with pytest.raises(ValueError, match=message):
        call(SYSTEMS["worst case, tight"])
