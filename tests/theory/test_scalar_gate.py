"""The scalar gate against SciPy: equilibria by root finding, stability by integration, basins."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import approx_fprime, fsolve, minimize_scalar

from theory.attraction import Attraction
from theory.scalar_gate import ScalarGate

POSITIVE = st.floats(0.2, 5)
TARGET = st.one_of(POSITIVE, st.floats(-5, -0.2))
SHARE = st.floats(0.05, 0.95)
WEIGHT, UNIT = st.floats(-8, 8), st.floats(0, 1)


def gate(s=1.0, a=1.0, lam=1.0, c=0.1):
    return ScalarGate(s=s, a=a, lam=lam, c=c)


@st.composite
def gates(draw, share=SHARE):
    """A gate whose price is a share of c*."""
    free = gate(draw(POSITIVE), draw(TARGET), draw(POSITIVE))
    return gate(free.s, free.a, free.lam, draw(share) * free.c_star)


def loss(one, w, theta):
    """J as an expectation over the gate: the mean cost of ξ = 1 and ξ = 0, written out anew."""
    on, off = 0.5 * one.s * (one.a - w) ** 2, 0.5 * one.s * one.a**2
    return np.dot([theta, 1 - theta], [on, off]) + 0.5 * one.lam * w**2 + one.c * theta


def end_of_path(one, w, theta):
    """Where SciPy's integrator takes the projected flow, once it is all but at rest."""

    def drift(_time, point):
        w, theta = point
        w_dot = one.s * theta * (one.a - w) - one.lam * w
        theta_dot = 0.5 * one.s * (one.a**2 - (one.a - w) ** 2) - one.c
        at_edge = (theta <= 0 and theta_dot < 0) or (theta >= 1 and theta_dot > 0)
        return w_dot, 0.0 if at_edge else theta_dot

    def at_rest(time, point):
        return np.abs(drift(time, point)).max() - 1e-4

    at_rest.terminal = True
    path = solve_ivp(
        drift,
        (0, 1000),
        (w, theta),
        method="RK23",
        rtol=1e-3,
        atol=1e-5,
        events=at_rest,
        max_step=0.5 / (one.s * (1 + abs(one.a))),
    )
    return path.y[:, -1]


@given(gates(), WEIGHT, UNIT)
def test_objective(one, w, theta):
    assert one.objective(w, theta) == pytest.approx(loss(one, w, theta), rel=1e-12)


@given(gates(), st.floats(-3, 3), st.floats(0.1, 0.9))
def test_gradient_flow_and_jacobian_are_derivatives(one, w, theta):
    point = np.array([w, theta])
    slope = approx_fprime(point, lambda p: loss(one, *p), 1e-6)
    np.testing.assert_allclose(one.gradient(w, theta), slope, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(one.flow(w, theta), np.negative(one.gradient(w, theta)), rtol=1e-15)
    derivative = approx_fprime(point, lambda p: np.array(one.flow(*p)), 1e-6)
    np.testing.assert_allclose(one.jacobian(w, theta), derivative, rtol=1e-4, atol=1e-4)


@given(gates(), WEIGHT, UNIT)
def test_eigenvalues(one, w, theta):
    expected = np.linalg.eigvalsh(one.jacobian(w, theta))
    np.testing.assert_allclose(one.eigenvalues(w, theta), expected, rtol=1e-9, atol=1e-12)


def test_small_eigenvalue_does_not_cancel():
    one = gate(s=1.0, a=1.0, lam=1.0)
    assert one.eigenvalues(1 - 1e-9, 0.0)[1] == pytest.approx(1e-18, rel=1e-6)
    assert one.eigenvalues(1.0, 0.0) == (-1.0, 0.0)


@given(gates(), WEIGHT)
def test_projection_acts_only_at_the_ends_and_outwards(one, w):
    free = -one.gradient(w, 0.5)[1]
    assert one.flow(w, 0.5)[1] == free
    assert one.flow(w, 0.0)[1] == max(free, 0)
    assert one.flow(w, 1.0)[1] == min(free, 0)
    for end in (0.0, 1.0):
        assert one.flow(w, end)[0] == -one.gradient(w, end)[0]


@given(gates())
def test_equilibria_are_at_rest(one):
    scale = one.s * one.a**2 + one.lam + one.c
    for place in (one.equilibrium_off(), one.equilibrium_on(), one.saddle()):
        np.testing.assert_allclose(one.flow(*place), 0, atol=1e-12 * scale)
    assert one.equilibrium_off() == (0, 0)
    assert one.equilibrium_on()[1] == 1
    assert 0 < one.saddle()[1] < 1


@given(gates(st.floats(0.3, 0.9)))
def test_saddle_by_root_finding(one):
    expected = np.array(one.saddle())
    found, info, *_ = fsolve(
        lambda p: [
            -one.s * p[1] * (one.a - p[0]) + one.lam * p[0],
            loss(one, p[0], 1.0) - loss(one, p[0], 0.0),
        ],
        expected * [1.02, 0.98],
        xtol=1e-13,
        full_output=True,
    )
    assume(np.abs(info["fvec"]).max() < 1e-9)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    low, high = one.eigenvalues(*expected)
    assert low < 0 < high
    determinant = np.linalg.det(one.jacobian(*expected))
    assert low * high == pytest.approx(determinant, rel=1e-9)


@given(gates())
def test_weight_at_e1_is_the_minimiser(one):
    best = minimize_scalar(lambda w: loss(one, w, 1.0)).x
    assert one.equilibrium_on()[0] == pytest.approx(best, rel=1e-6)


@given(gates())
def test_c_g_and_c_star_by_search(one):
    """c_g: the price at which the best kept weight just pays. c*: where θ̇ at E1 vanishes."""
    weight = minimize_scalar(lambda w: loss(one, w, 1.0)).x
    at_zero = loss(one, 0.0, 0.0)
    assert one.c_g == pytest.approx(at_zero - (loss(one, weight, 1.0) - one.c), rel=1e-9)
    worth = loss(one, weight, 0.0) - (loss(one, weight, 1.0) - one.c)
    assert one.c_star == pytest.approx(worth, rel=1e-6)


@given(gates(), UNIT)
def test_nullclines(one, theta):
    w = one.w_nullcline(theta)
    assert one.gradient(w, theta)[0] == pytest.approx(0, abs=1e-12 * one.s * (1 + abs(one.a)))
    near, far = one.theta_nullcline()
    assert abs(near) < abs(one.a) < abs(far)
    for root in (near, far):
        slope = loss(one, root, 1.0) - loss(one, root, 0.0)
        assert slope == pytest.approx(0, abs=1e-12 * one.s * one.a**2)


def test_near_nullcline_keeps_its_digits_at_a_tiny_price():
    one = gate(c=1e-20)
    assert one.theta_nullcline()[0] == pytest.approx(1e-20, rel=1e-12)
    assert one.saddle() == pytest.approx((1e-20, 1e-20), rel=1e-12)


@pytest.mark.parametrize(
    ("c", "regime", "on", "inner"),
    [
        (0.2, "kept", True, True),
        (0.25, "metastable", True, True),
        (0.3, "metastable", True, True),
        (0.375, "merged", True, False),
        (0.4, "pruned", False, False),
        (0.6, "pruned", False, False),
    ],
)
def test_regimes_and_which_equilibria_exist(c, regime, on, inner):
    """At s = a = λ = 1 both thresholds are exact doubles: c_g = 1/4 and c* = 3/8."""
    one = gate(c=c)
    assert (one.c_g, one.c_star) == (0.25, 0.375)
    assert one.regime() == regime
    assert np.isfinite(one.equilibrium_on()).tolist() == [on, on]
    assert np.isfinite(one.saddle()).tolist() == [inner, inner]
    assert np.isfinite(one.theta_nullcline()[0]) == (c <= 0.5)


@given(gates(st.floats(0.2, 0.85)), st.floats(-1, 3), st.floats(0.02, 0.98))
def test_basins_by_integration(one, share, theta):
    w = share * one.a
    edge = one.separatrix()(w)
    assume(not abs(theta - edge) < 0.05)
    assume(one.lam / one.s < 6 and abs(one.a) < 3)
    end = end_of_path(one, w, theta)
    assert one.attracted_on(w, theta) == (end[1] > 0.5)


@given(gates(st.floats(0.1, 0.9)))
def test_the_separatrix_is_a_path_through_the_saddle(one):
    edge = one.separatrix()
    assert edge(one.saddle()[0]) == pytest.approx(one.saddle()[1], rel=1e-12)
    ends = edge(edge.x[[0, -1]])
    assert np.all(np.minimum(ends, 1 - ends) < 1e-9)
    assert not one.attracted_on(*one.saddle())
    assert np.all(np.diff(edge.x) > 0)
    w = (edge.x[1:] + edge.x[:-1]) / 2
    w_dot, theta_dot = one.flow(w, np.clip(edge(w), 0, 1))
    slope = edge(w, 1)
    speed = np.hypot(w_dot, theta_dot) + 1e-3 * one.c
    assert np.all(np.abs(w_dot * slope - theta_dot) <= 1e-4 * speed)


@pytest.mark.parametrize("share", [1e-6, 0.3, 0.9, 1 - 1e-9])
def test_the_separatrix_leaves_the_saddle_along_the_stable_direction(share):
    """Also next to E0 and E1, where the saddle is close to an end of the strip."""
    one = gate(s=2.0, a=1.5, lam=0.7, c=share * gate(s=2.0, a=1.5, lam=0.7).c_star)
    edge, (w, theta) = one.separatrix(), one.saddle()
    _, vectors = np.linalg.eigh(one.jacobian(w, theta))
    middle = np.flatnonzero(edge.x == w)[0]
    beside = edge.x[[middle - 1, middle + 1]]
    expected = vectors[1, 0] / vectors[0, 0]
    np.testing.assert_allclose((edge(beside) - theta) / (beside - w), expected, rtol=1e-3)
    assert edge(w, 1) == pytest.approx(expected, rel=1e-9)
    assert np.abs(edge(beside) - theta).max() <= 1.01e-5 * min(theta, 1 - theta)


def test_the_separatrix_of_a_tiny_price_is_the_border_of_the_certified_region():
    """Next to E0 the flow is claim P1's linear worst case with κ = s|a|, where V = V̄ is a line."""
    one, region = gate(s=2.0, a=1.5, lam=0.7, c=1e-9), Attraction(kappa=3.0, lam=0.7, c=1e-9)
    w = np.linspace(0, 0.999, 11) * region.threshold / region.kappa
    line = (region.threshold - region.kappa * w) / region.m
    np.testing.assert_allclose(one.separatrix()(w), line, rtol=0, atol=1e-9 * line[0])


@given(gates(st.floats(0.1, 0.9)), st.floats(-3, 6), UNIT)
def test_mirror_image(one, share, theta):
    mirror = gate(one.s, -one.a, one.lam, one.c)
    w = share * one.a
    assert mirror.objective(-w, theta) == one.objective(w, theta)
    assert mirror.attracted_on(-w, theta) == one.attracted_on(w, theta)
    np.testing.assert_array_equal(mirror.saddle(), np.multiply(one.saddle(), [-1, 1]))
    np.testing.assert_array_equal(mirror.theta_nullcline(), np.negative(one.theta_nullcline()))


@pytest.mark.parametrize("sign", [1, -1])
def test_far_out_the_basin_depends_on_where_the_separatrix_ends(sign):
    """It comes down to θ = 0 at a low price: all beyond belongs to E1. Else it turns up."""
    cheap, dear = gate(a=sign, lam=0.3, c=0.35), gate(a=sign, lam=0.3, c=0.45)
    far = sign * 50.0
    assert cheap.attracted_on(far, 0.0) and not dear.attracted_on(far, 0.99)
    assert not cheap.attracted_on(-far, 1.0) and not dear.attracted_on(-far, 1.0)
    edge = cheap.separatrix()
    outer = edge.x[-1] if sign > 0 else edge.x[0]
    assert cheap.attracted_on(outer + sign * 1e-6, 0.0)
    assert not cheap.attracted_on(outer, 0.0)
    assert not cheap.attracted_on(outer - sign * 1e-3, 0.0)


def test_shapes():
    one = gate()
    column = ScalarGate(s=1.0, a=1.0, lam=1.0, c=np.array([[0.1], [0.3], [0.5]]))
    w, theta = np.linspace(-1, 2, 5), np.linspace(0, 1, 5)
    for method in ("objective", "gradient", "flow", "eigenvalues"):
        scalar = getattr(one, method)(0.5, 0.5)
        assert all(isinstance(value, float) for value in np.atleast_1d(scalar))
        assert np.shape(getattr(one, method)(w, theta))[-1:] == (5,)
    assert column.objective(w, theta).shape == (3, 5)
    assert [value.shape for value in column.flow(w, theta)] == [(3, 5), (3, 5)]
    assert one.gradient(w, 0.5)[1].shape == one.gradient(0.5, theta)[1].shape == (5,)
    assert one.jacobian(0.5, 0.5).shape == (2, 2)
    assert one.jacobian(w, theta).shape == (5, 2, 2)
    for method in ("equilibrium_off", "equilibrium_on", "saddle"):
        assert [value.shape for value in getattr(column, method)()] == [(3, 1), (3, 1)]
        assert all(isinstance(value, float) for value in getattr(one, method)())
    assert column.regime().tolist() == [["kept"], ["metastable"], ["pruned"]]
    assert isinstance(one.regime(), str) and isinstance(one.c_star, float)
    assert one.w_nullcline(theta).shape == (5,)
    assert one.attracted_on(w, theta).shape == (5,)
    np.testing.assert_array_equal(column.objective(w, theta)[0], one.objective(w, theta))


@pytest.mark.parametrize("name", ["s", "lam", "c"])
@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf, "much"])
def test_bad_parameters(name, value):
    with pytest.raises(ValueError, match=rf"^{name} = .*\(0, inf\)"):
        gate(**{name: value})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.0, r"^a = 0.0 .*\(-inf, 0\) or \(0, inf\)"),
        ([1.0, 0.0], r"^a = 0.0 "),
        (np.nan, r"^a = nan .*\(-inf, inf\)"),
    ],
)
def test_bad_target(value, message):
    with pytest.raises(ValueError, match=message):
        gate(a=value)


@pytest.mark.parametrize(
    "method", ["objective", "gradient", "flow", "jacobian", "eigenvalues", "attracted_on"]
)
def test_bad_points(method):
    with pytest.raises(ValueError, match=r"^theta = 1.5 .*\[0, 1\]"):
        getattr(gate(), method)(0.5, 1.5)
    with pytest.raises(ValueError, match=r"^w = inf "):
        getattr(gate(), method)(np.inf, 0.5)
    with pytest.raises(ValueError, match=r"^theta = 1.5 .*\[0, 1\]"):
        gate().w_nullcline(1.5)


def test_no_separatrix_without_a_saddle_or_for_many_gates():
    for c in (0.375, 0.5):
        with pytest.raises(ValueError, match=rf"^c = {c} .*\(0, 0.375\)"):
            gate(c=c).separatrix()
    with pytest.raises(ValueError, match=r"shape \(2,\): a separatrix needs scalars"):
        gate(c=[0.1, 0.2]).separatrix()


def test_frozen():
    with pytest.raises(AttributeError):
        gate().c = 2.0


def test_parameters_given_as_lists_are_kept_as_arrays():
    gate = ScalarGate(s=[1, 2], a=[1, -2], lam=[0.3, 0.1], c=[0.1, 0.2])
    for name, values in (("s", [1, 2]), ("a", [1, -2]), ("lam", [0.3, 0.1]), ("c", [0.1, 0.2])):
        kept = getattr(gate, name)
        assert isinstance(kept, np.ndarray) and kept.tolist() == values
