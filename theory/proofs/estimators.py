"""Claims G1 and G2: the path estimator, and what straight-through does instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from theory._types import Array, ArrayOrFloat
from theory.estimators import Path, StraightThrough, coupling_bound, straight_through_attractor
from theory.ledger import Evidence, claim
from theory.objectives import Objective, gate_gradient, polynomial, quadratic, relu_network
from theory.proofs.tools import cases, compare, decide, evaluate, exact, identity, parse, symbols

SOURCE = "own derivation; the abstract says only that the gates' Bernoulli parameters are learnt"
_THETAS = np.array([0.02, 0.3, 0.5, 0.8, 0.97])


@dataclass(frozen=True)
class PathFormulas:
    """What claim G1 states, in Δ, h, θ, ρ, M and the number k of other gates; and the code."""

    density: str = "1"
    factor: str = "1/ρ"
    variance: str = "(Δ**2 + h**2/12)/ρ - Δ**2"
    marginal: str = "θ + ρ*(1/2 - θ)"
    bound: str = "2*M*(1 - (1 - ρ)**k)"
    linear: str = "2*M*k*ρ"
    implementation: type[Path] = Path


_PATH = PathFormulas()


@claim(
    "G1",
    "With gate i replaced by a uniform u and the other gates Bernoulli(θ), C′(u) has mean "
    "E[C(1)−C(0)] for every C absolutely continuous in the gate, ReLU included. With a random "
    "share ρ of all n gates probed and C′ divided by ρ the bias is at most 2M(1−(1−ρ)^(n−1)) ≤ "
    "2M(n−1)ρ, M the most that |C(1)−C(0)| can be; for a multilinear C the probes act as "
    "θ + ρ(½−θ) in place of θ.",
    supports=("A2",),
    source=SOURCE,
    formulas=_PATH,
    controls={
        "probes with density 2u": replace(_PATH, density="2*u"),
        "not divided by ρ": replace(_PATH, factor="1"),
        "variance without the curvature": replace(_PATH, variance="Δ**2/ρ - Δ**2"),
        "probes that shrink θ to 0": replace(_PATH, marginal="θ - ρ*θ"),
        "bound without the factor 2": replace(_PATH, bound="M*(1 - (1 - ρ)**k)"),
        "bound that decreases with n": replace(_PATH, linear="2*M*ρ/k"),
    },
)
def path(f: PathFormulas) -> Iterator[Evidence]:
    """The fundamental theorem of calculus, and a coupling.

    C absolutely continuous on [0, 1] is the integral of its derivative, which exists almost
    everywhere: so E C′(u) = C(1) − C(0) for each configuration of the other gates, and what is
    left is their law. Bernoulli(θ_j) and the drawn law of gate j agree with probability 1−ρ at
    least, so all k = n−1 others agree with probability (1−ρ)^k; where they do not, two numbers
    of [−M, M] differ by 2M at most. Shown here: polynomials and ReLU pieces symbolically, the
    algebra of the bound, and networks and objectives by enumeration.
    """
    yield from _probe(f)
    yield from _probed_share(f)
    yield from _probed_network(f)
    yield from _probe_bias(f)


def _probe(f: PathFormulas) -> Iterator[Evidence]:
    import sympy as sp

    u, below, above, rho = symbols("u β ε ρ")
    density, factor = parse(f.density, u), parse(f.factor, rho)
    coefficients = sp.symbols("a0:7", real=True)
    cost = sum(a * u**k for k, a in enumerate(coefficients))
    mean = sp.integrate(sp.expand(rho * factor * density * sp.diff(cost, u)), (u, 0, 1))
    yield identity(mean, cost.subs(u, 1) - cost.subs(u, 0), "any polynomial of degree 6")
    # relu(b + w u) from |b| = β to |b + w| = ε: its slope w on the piece where it is open.
    root = below / (below + above)
    for name, slope, start, end, difference in (
        ("open at both ends", above - below, 0, 1, above - below),
        ("opened by the gate", above + below, root, 1, above),
        ("closed by the gate", -above - below, 0, root, -below),
    ):
        mean = sp.integrate(slope * density, (u, start, end))
        yield identity(mean, difference, f"a ReLU {name}")
    real = delta, curvature = sp.symbols("Δ h", real=True)
    slope = delta + curvature * (u - sp.Rational(1, 2))
    square = sp.integrate(sp.expand(rho * factor**2 * density * slope**2), (u, 0, 1))
    yield identity(square - delta**2, parse(f.variance, *real, rho), "variance for a quadratic C")


def _probed_share(f: PathFormulas) -> Iterator[Evidence]:
    import sympy as sp

    u, theta, rho, k, largest = symbols("u θ ρ k M")
    drawn = (1 - rho) * theta + rho * sp.integrate(u * parse(f.density, u), (u, 0, 1))
    marginal = parse(f.marginal, theta, rho)
    yield identity(drawn, marginal, "mean of a gate of which a share is probed")
    bound, linear = parse(f.bound, largest, rho, k), parse(f.linear, largest, rho, k)
    # Induction over k, with (1−ρ)^k replaced by a number x that obeys the bound at k.
    x = sp.Symbol("x", positive=True)
    at = bound.subs((1 - rho) ** k, x)
    after = sp.expand(bound.subs(k, k + 1), power_exp=True).subs((1 - rho) ** k, x)
    yield exact(sp.Eq(bound.subs(k, 0), 0), "one gate alone: no bias")
    yield decide([rho < 1, x <= 1, k >= 1, at <= linear], after <= linear.subs(k, k + 1),
                 "the bound grows at most linearly in n")
    ours, grid = f.implementation, np.array([0.02, 0.3, 1.0])[:, None]
    values = [ours(rho=share).one_gate(-0.4, 1.5, _THETAS).variance for share in grid[:, 0]]
    moments = [ours(rho=share).moments(quadratic(-0.4, 1.5), _THETAS[:, None]).variance[:, 0]
               for share in grid[:, 0]]
    delta, curvature = sp.symbols("Δ h", real=True)
    oracle = evaluate(parse(f.variance, delta, curvature, rho), Δ=-0.4, h=1.5, ρ=grid)
    yield compare(values, oracle, "variance as computed", tool="mpmath", rtol=1e-12)
    yield compare(moments, oracle, "variance by enumeration", tool="mpmath", rtol=1e-12)
    for share in grid[:, 0]:
        expected = evaluate(marginal, θ=_THETAS, ρ=share)
        yield compare(ours(rho=share).marginal(_THETAS), expected, f"mean gate, ρ = {share:g}",
                      tool="mpmath", rtol=1e-14)


def _probed_network(f: PathFormulas) -> Iterator[Evidence]:
    """Every gate of random ReLU networks, the others at each corner: ∫C′ with its own kinks."""
    from scipy.special import roots_legendre

    rng, (nodes, weights) = np.random.default_rng(1), roots_legendre(4)
    weight = weights / 2 * _number(f.density, u=(nodes + 1) / 2)
    for size in range(8):
        hidden, bias = rng.normal(size=(6, 5)), rng.normal(size=6)
        cost = relu_network(hidden, bias, rng.normal(size=6), target=rng.normal())
        corners = (np.arange(32)[:, None] >> np.arange(5) & 1).astype(float)[:, None]
        own = np.eye(5, dtype=bool)
        opened, closed = np.where(own, 1.0, corners), np.where(own, 0.0, corners)
        roots = np.clip(-(bias + closed @ hidden.T) / hidden.T, 0, 1)
        ends = np.concatenate([np.zeros((32, 5, 1)), np.sort(roots), np.ones((32, 5, 1))], -1)
        widths = np.diff(ends)[..., None]
        u = ends[..., :-1, None] + widths * (nodes + 1) / 2
        z = np.where(own[:, None, None], u[..., None], closed[:, :, None, None])
        slopes = np.einsum("cgpni,gi->cgpn", cost.slope(z), own.astype(float))
        mean = (slopes * widths * weight).sum((-2, -1))
        difference = cost.value(opened) - cost.value(closed)
        holds = np.abs(mean - difference) <= 1e-10 * (1 + np.abs(difference))
        yield cases(holds, f"the gates of ReLU network {size} at each corner of the others")


def _probe_bias(f: PathFormulas) -> Iterator[Evidence]:
    """Bias by enumeration against the bound, on random polynomials and on one that nears it."""
    rng = np.random.default_rng(2)
    steep = polynomial([2.0, -1.0], [[1, 20], [1, 0]]), np.array([[0.5, 1.0]]), [1.0, 2.0]
    trials: list[tuple[Objective, Array, ArrayLike]] = [steep]
    for _ in range(20):
        coefficients, exponents = rng.normal(size=8), rng.integers(0, 3, (8, 4))
        most = np.abs(coefficients) @ (exponents > 0)
        trials.append((polynomial(coefficients, exponents), rng.random((6, 4)), most))
    shares = np.array([0.01, 0.1, 0.5])[:, None, None]
    biases = [np.array([f.implementation(rho=share).moments(objective, theta).mean
                        for share in shares.flat]) - gate_gradient(objective, theta)
              for objective, theta, _ in trials]
    for name, formula in (("2M(1−(1−ρ)^k)", f.bound), ("2Mkρ", f.linear)):
        holds = [(np.abs(bias) <= 1e-12 + _number(formula, M=np.asarray(most), ρ=shares,
                                                  k=np.array(objective.gates - 1))).ravel()
                 for bias, (objective, _, most) in zip(biases, trials)]
        yield cases(np.concatenate(holds), f"bias at most {name}")
    yield compare(coupling_bound(0.1, np.arange(1, 13), 3.0), 6 * (1 - 0.9 ** np.arange(12)),
                  "the bound as computed", tool="NumPy", rtol=1e-12)
    linear = polynomial(rng.normal(size=8), rng.integers(0, 2, (8, 4)))
    theta = rng.random((20, 4))
    shifted = _number(f.marginal, θ=theta, ρ=np.array(0.3))
    yield compare(f.implementation(rho=0.3).moments(linear, theta).mean,
                  gate_gradient(linear, shifted), "a multilinear C, ρ = 0.3",
                  tool="enumeration", atol=1e-12)


@dataclass(frozen=True)
class AllUniformFormulas:
    """What claim G1x states, of a cost of the gates x and y, y open with probability θ."""

    cost: str = "x*y"
    wanted: str = "θ"
    probed: str = "1/2"
    implementation: type[Path] = Path


_ALL_UNIFORM = AllUniformFormulas()


@claim(
    "G1x",
    "'With all gates uniform the path estimator is unbiased' is false: for C = ξ₁ξ₂ the gradient "
    "of gate 1 is θ₂, and with all gates probed the mean is ½, whatever θ₂: .9 becomes .5.",
    supports=("A2",),
    source=SOURCE,
    formulas=_ALL_UNIFORM,
    controls={
        "no interaction, hence no bias": replace(_ALL_UNIFORM, cost="x + y", wanted="1",
                                                 probed="1"),
        "the probed mean is θ₂": replace(_ALL_UNIFORM, probed="θ"),
        "the gradient is θ₂²": replace(_ALL_UNIFORM, wanted="θ**2"),
    },
)
def all_uniform(f: AllUniformFormulas) -> Iterator[Evidence]:
    import sympy as sp

    x, y, theta = symbols("x y θ")
    cost, wanted, probed = parse(f.cost, x, y), parse(f.wanted, theta), parse(f.probed, theta)
    difference = cost.subs(x, 1) - cost.subs(x, 0)
    yield identity(theta * difference.subs(y, 1) + (1 - theta) * difference.subs(y, 0), wanted,
                   "the gradient of gate 1")
    mean = sp.integrate(sp.integrate(sp.diff(cost, x), (x, 0, 1)), (y, 0, 1))
    yield identity(mean, probed, "the mean with both gates uniform")
    gap = (wanted - probed).subs(theta, sp.Rational(9, 10))
    yield exact(sp.Ne(gap, 0), "biased at θ₂ = 9/10")
    at = np.array([0.5, 0.9])
    ours = f.implementation(rho=1.0).moments(polynomial([1.0], [[1, 1]]), at)
    yield compare(ours.mean[0], 0.5, "as computed", tool="enumeration", rtol=1e-14)


@dataclass(frozen=True)
class JumpFormulas:
    """What claim G1y states: a cost on [0, ½) and on (½, 1], and its derivative's integral."""

    before: str = "0"
    after: str = "1"
    integral: str = "0"


_JUMP = JumpFormulas()


@claim(
    "G1y",
    "In G1 'absolutely continuous' cannot be weakened to 'differentiable almost everywhere': for "
    "C = 1[u > ½], a hard threshold, the probe reads 0 with certainty while C(1)−C(0) = 1.",
    supports=("A2",),
    source=SOURCE,
    formulas=_JUMP,
    controls={
        "a kink in place of the jump": replace(_JUMP, after="u - 1/2", integral="1/2"),
        "a slope that the probe sees": replace(_JUMP, after="1 + u"),
        "a slope before the jump": replace(_JUMP, before="u"),
    },
)
def jump(f: JumpFormulas) -> Iterator[Evidence]:
    """A jump is the plainest case; Cantor's function shows that continuity is not enough either."""
    import sympy as sp

    (u,), half = symbols("u"), sp.Rational(1, 2)
    before, after = parse(f.before, u), parse(f.after, u)
    integral = (sp.integrate(sp.diff(before, u), (u, 0, half))
                + sp.integrate(sp.diff(after, u), (u, half, 1)))
    yield identity(integral, parse(f.integral), "the mean of the probe")
    yield exact(sp.Ne(integral, after.subs(u, 1) - before.subs(u, 0)), "not C(1)−C(0)")


@dataclass(frozen=True)
class StraightThroughFormulas:
    """What claims G2 and G2x state, in Δ, h, θ and the price c; and the code that computes it."""

    mean: str = "θ*C1 + (1 - θ)*C0"
    quadratic: str = "Δ + h*(θ - 1/2)"
    rest: str = "1/2 - (Δ + c)/h"
    inside: str = "(Δ + c < h/2) & (Δ + c > -h/2)"
    variance: str = "h**2*θ*(1 - θ)"
    implementation: type[StraightThrough] = StraightThrough
    attractor: Callable[..., ArrayOrFloat] = straight_through_attractor


_STRAIGHT = StraightThroughFormulas()


@claim(
    "G2",
    "Straight-through has mean θC′(1)+(1−θ)C′(0); for a quadratic C of curvature h that is "
    "Δ+h(θ−½), and for h > 0 it creates an attracting interior rest point θ* = ½−(Δ+c)/h exactly "
    "when |Δ+c| < h/2, where the true gradient Δ+c drives the gate to 0 or 1.",
    supports=("A2", "A3"),
    source=SOURCE,
    formulas=_STRAIGHT,
    controls={
        "θ on the wrong side": replace(_STRAIGHT, mean="θ*C0 + (1 - θ)*C1"),
        "unbiased": replace(_STRAIGHT, quadratic="Δ"),
        "bias of half the size": replace(_STRAIGHT, quadratic="Δ + h*(θ - 1/2)/2"),
        "rest point mirrored": replace(_STRAIGHT, rest="1/2 + (Δ + c)/h"),
        "rest point whenever |Δ+c| < h": replace(
            _STRAIGHT, inside="(Δ + c < h) & (Δ + c > -h)"),
        "variance at θ = ½ for all": replace(_STRAIGHT, variance="h**2/4"),
    },
)
def straight_through(f: StraightThroughFormulas) -> Iterator[Evidence]:
    """The mean field −(mean + c) falls through zero at θ*; a drawn gate's values are 0 and 1."""
    import sympy as sp

    theta, price, curvature = symbols("θ c h")
    delta, at1, at0, u = sp.symbols("Δ C1 C0 u", real=True)
    cost = (delta - curvature / 2) * u + curvature * u**2 / 2
    ends = {at1: sp.diff(cost, u).subs(u, 1), at0: sp.diff(cost, u).subs(u, 0)}
    drawn = theta * ends[at1] + (1 - theta) * ends[at0]
    mean = parse(f.quadratic, delta, curvature, theta)
    yield identity(cost.subs(u, 1) - cost.subs(u, 0), delta, "Δ is C(1)−C(0)")
    yield identity(parse(f.mean, theta, at1, at0).subs(ends), drawn, "the mean of C′(ξ)")
    yield identity(drawn, mean, "the mean for a quadratic C")
    square = theta * ends[at1] ** 2 + (1 - theta) * ends[at0] ** 2
    yield identity(square - drawn**2, parse(f.variance, curvature, theta), "its variance")
    field, rest = -(mean + price), parse(f.rest, delta, curvature, price)
    yield identity(field.subs(theta, rest), 0, "the gate rests at θ*")
    yield decide([], sp.diff(field, theta) < 0, "it is attracted there")
    inside = parse(f.inside, delta, curvature, price)
    yield decide([inside], sp.And(rest > 0, rest < 1), "θ* is interior if |Δ+c| < h/2")
    yield decide([rest > 0, rest < 1], inside, "and only then")
    yield from _straight_through_numbers(f)


def _straight_through_numbers(f: StraightThroughFormulas) -> Iterator[Evidence]:
    """The code against a Bernoulli sum, and where the mean field ends up by simulation."""
    rng = np.random.default_rng(3)
    network = relu_network(rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=5), 0.4)
    theta, ours = rng.random((10, 3)), f.implementation()
    corners = (np.arange(8)[:, None] >> np.arange(3) & 1).astype(float)
    chance = np.where(corners == 1, theta[:, None], 1 - theta[:, None]).prod(-1)
    slope = network.slope(corners)
    mean = chance @ slope
    moments = ours.moments(network, theta)
    yield compare(moments.mean, mean, "mean on a ReLU network", tool="enumeration", atol=1e-12)
    yield compare(moments.variance, chance @ slope**2 - mean**2, "variance on a ReLU network",
                  tool="enumeration", atol=1e-12)
    delta, curvature, price = rng.uniform(-1, 1, 200), rng.uniform(-3, 3, 200), 0.2
    closed = ours.one_gate(delta, curvature, _THETAS[:, None])
    yield compare(closed.mean, delta + curvature * (_THETAS[:, None] - 0.5), "mean as computed",
                  tool="NumPy", atol=1e-14)
    yield compare(closed.variance, curvature**2 * (_THETAS * (1 - _THETAS))[:, None],
                  "variance as computed", tool="NumPy", atol=1e-14)
    low, high = np.full(200, 0.01), np.full(200, 0.99)
    for _ in range(2000):
        low, high = (np.clip(at - 0.02 * (ours.one_gate(delta, curvature, at).mean + price), 0, 1)
                     for at in (low, high))
    settled = (np.abs(low - high) < 1e-6) & (low > 0.01) & (low < 0.99)
    found, stated = np.where(settled, low, np.nan), f.attractor(delta, curvature, price)
    clear = np.isnan(stated) | ((stated > 0.02) & (stated < 0.98))
    same = np.isclose(found, stated, atol=1e-6) | (np.isnan(found) & np.isnan(stated))
    yield cases(same[clear], "where the mean field settles from both ends", core=False)


@dataclass(frozen=True)
class NoAttractorFormulas:
    """What claim G2x states: of Δ + c = 0 and curvature h; and of a slope beyond h/2."""

    curvature: str = "-2"
    slope: str = "h/2"


_NO_ATTRACTOR = NoAttractorFormulas()


@claim(
    "G2x",
    "'Straight-through always has an attracting interior rest point' is false: for h < 0 the rest "
    "point repels, for |Δ+c| ≥ h/2 there is none, and for a multilinear C it is unbiased.",
    supports=("A3",),
    source=SOURCE,
    formulas=_NO_ATTRACTOR,
    controls={
        "positive curvature": replace(_NO_ATTRACTOR, curvature="2"),
        "slope below h/2": replace(_NO_ATTRACTOR, slope="h/3"),
    },
)
def no_attractor(f: NoAttractorFormulas) -> Iterator[Evidence]:
    import sympy as sp

    theta, curvature = symbols("θ h")
    bent = parse(f.curvature)
    field = -bent * (theta - sp.Rational(1, 2))
    yield identity(field.subs(theta, sp.Rational(1, 2)), 0, "Δ+c = 0: rest at ½ for any h")
    yield exact(sp.diff(field, theta) > 0, "where it repels, for a negative h")
    beyond = parse(f.slope, curvature)
    extra = sp.Symbol("e", nonnegative=True)
    drift = beyond + extra + curvature * (theta - sp.Rational(1, 2))
    yield decide([theta < 1], drift > 0, "no interior rest at or beyond h/2")
    rng = np.random.default_rng(4)
    linear, at = polynomial(rng.normal(size=6), rng.integers(0, 2, (6, 3))), rng.random((20, 3))
    yield compare(StraightThrough().moments(linear, at).mean, gate_gradient(linear, at),
                  "unbiased for a multilinear C", tool="enumeration", atol=1e-12)


def _number(formula: str, **values: Array) -> Array:
    """A formula's values in doubles, broadcast with its symbols' values."""
    import sympy as sp

    known = symbols(" ".join(values))
    return np.broadcast_to(sp.lambdify(known, parse(formula, *known))(*values.values()),
                           np.broadcast(*values.values()).shape)
