"""Claims G3, G3b and G4: estimators that draw 0 or 1 and weight by the inverse probability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from theory.estimators import (
    Antithetic,
    Estimator,
    LeaveOneOut,
    Path,
    Score,
    Trapezoid,
    coupling_bound,
)
from theory.ledger import Evidence, claim
from theory.objectives import gate_gradient, polynomial, quadratic
from theory.proofs.tools import cases, compare, decide, evaluate, exact, identity, parse, symbols

if TYPE_CHECKING:
    import sympy as sp

SOURCE = "own derivation; the abstract says only that the gates' Bernoulli parameters are learnt"
_THETAS = np.array([0.02, 0.3, 0.5, 0.8, 0.97])


@dataclass(frozen=True)
class TrapezoidFormulas:
    """What claim G3 states, in Δ, h, θ and the gate ξ; and the code that computes it."""

    factor: str = "(ξ/θ + (1 - ξ)/(1 - θ))/2"
    variance: str = "(Δ*(1 - 2*θ) + h/2)**2/(4*θ*(1 - θ))"
    implementation: type[Trapezoid] = Trapezoid


_TRAPEZOID = TrapezoidFormulas()


@claim(
    "G3",
    "½[ξ/θ+(1−ξ)/(1−θ)]C′(ξ) is unbiased for a quadratic C, for every θ in (0,1), with variance "
    "(Δ(1−2θ)+h/2)²/(4θ(1−θ)).",
    supports=("A2",),
    source=SOURCE,
    formulas=_TRAPEZOID,
    controls={
        "without the ½": replace(_TRAPEZOID, factor="ξ/θ + (1 - ξ)/(1 - θ)"),
        "propensities exchanged": replace(_TRAPEZOID, factor="(ξ/(1 - θ) + (1 - ξ)/θ)/2"),
        "variance with the curvature's sign turned": replace(
            _TRAPEZOID, variance="(Δ*(1 - 2*θ) - h/2)**2/(4*θ*(1 - θ))"),
        "variance four times too large": replace(
            _TRAPEZOID, variance="(Δ*(1 - 2*θ) + h/2)**2/(θ*(1 - θ))"),
    },
)
def trapezoid(f: TrapezoidFormulas) -> Iterator[Evidence]:
    """Its mean is the trapezoidal rule ½[C′(0)+C′(1)], exact for linear C′."""
    import sympy as sp

    theta, xi, u = symbols("θ ξ u")
    delta, curvature = sp.symbols("Δ h", real=True)
    slope = sp.diff(_quadratic(delta, curvature, u), u)
    estimate = parse(f.factor, xi, theta) * slope.subs(u, xi)
    mean, variance = _moments([(estimate.subs(xi, 1), theta), (estimate.subs(xi, 0), 1 - theta)])
    yield identity(mean, delta, "unbiased for a quadratic C")
    yield identity(variance, parse(f.variance, delta, curvature, theta), "its variance")
    ours = f.implementation()
    oracle = evaluate(parse(f.variance, delta, curvature, theta), Δ=-0.4, h=1.5, θ=_THETAS)
    yield from _as_computed(ours, -0.4, 1.5, oracle)


@dataclass(frozen=True)
class BeyondQuadraticFormulas:
    """What claim G3x states: the trapezoid's mean for a smooth cost, and for relu(u − t)."""

    cost: str = "u**3"
    mean: str = "3/2"
    wanted: str = "1"
    kinked_mean: str = "1/2"
    kinked_wanted: str = "1 - t"


_BEYOND = BeyondQuadraticFormulas()


@claim(
    "G3x",
    "'The trapezoid is unbiased' without 'quadratic' is false: for C = u³ its mean is 3/2 and "
    "C(1)−C(0) is 1; for C = relu(u−t) its mean is ½ and C(1)−C(0) is 1−t.",
    supports=("A2",),
    source=SOURCE,
    formulas=_BEYOND,
    controls={
        "a quadratic cost": replace(_BEYOND, cost="u**2", mean="1"),
        "the mean is right after all": replace(_BEYOND, mean="1"),
        "the difference is the mean": replace(_BEYOND, wanted="3/2"),
        "the mean follows the kink": replace(_BEYOND, kinked_mean="1 - t"),
        "a ReLU without a kink": replace(_BEYOND, kinked_wanted="1/2"),
    },
)
def beyond_quadratic(f: BeyondQuadraticFormulas) -> Iterator[Evidence]:
    import sympy as sp

    u, t = symbols("u t")
    cost, mean, wanted = parse(f.cost, u), parse(f.mean), parse(f.wanted)
    slope = sp.diff(cost, u)
    yield identity((slope.subs(u, 0) + slope.subs(u, 1)) / 2, mean, "the mean for a cubic C")
    yield identity(cost.subs(u, 1) - cost.subs(u, 0), wanted, "its difference")
    yield exact(sp.Ne(mean, wanted), "biased")
    # relu(u − t) with 0 < t < 1 has slope 0 at u = 0 and 1 at u = 1, and values 0 and 1 − t.
    kinked = parse(f.kinked_mean, t), parse(f.kinked_wanted, t)
    yield identity(sp.Rational(0 + 1, 2), kinked[0], "the mean for a kink at t")
    yield identity(1 - t, kinked[1], "the difference for a kink at t")
    yield exact(sp.Ne(*(side.subs(t, sp.Rational(1, 4)) for side in kinked)), "biased at t = 1/4")
    ours = Trapezoid().moments(polynomial([1.0], [[3]]), _THETAS[:, None])
    yield compare(ours.mean, 1.5, "as computed", tool="enumeration", rtol=1e-12)


@dataclass(frozen=True)
class FloorFormulas:
    """What claims G3b, G3bx and G3by state, in q, ρ, C′(1), C′(0), δ; and the code."""

    trapezoid: str = "(C1**2/q + C0**2/(1 - q))/4"
    path: str = "S/ρ"
    ratio: str = "4*q*(1 - q)/ρ"
    stray: str = "δ"
    implementation: type[Trapezoid] = Trapezoid


_FLOOR = FloorFormulas()


@claim(
    "G3b",
    "With ξ ~ Bernoulli(q), q = clip(θ,δ,1−δ), the trapezoid also sees both gate values at θ = 0 "
    "and 1; the other gates stray from θ by at most δ, a bias of at most 2M(1−(1−δ)^(n−1)). Its "
    "second moment is ¼(C′(1)²/q+C′(0)²/(1−q)), that of the path estimator E C′(u)²/ρ: at equal "
    "slopes 3.9 times smaller at q = .97, ρ = .03, and 33 times at q = ½.",
    supports=("A2",),
    source=SOURCE,
    formulas=_FLOOR,
    controls={
        "without the quarter": replace(_FLOOR, trapezoid="C1**2/q + C0**2/(1 - q)"),
        "path second moment without ρ": replace(_FLOOR, path="S"),
        "path second moment with ρ²": replace(_FLOOR, path="S/ρ**2"),
        "ratio without the 4": replace(_FLOOR, ratio="q*(1 - q)/ρ"),
        "straying by half the floor": replace(_FLOOR, stray="δ/2"),
    },
)
def floor(f: FloorFormulas) -> Iterator[Evidence]:
    """Second moments exactly; the variances are these less Δ², for a quadratic C.

    The bias is claim G1's coupling: each other gate draws from another law than Bernoulli(θ)
    with probability |q − θ| ≤ δ.
    """
    import sympy as sp

    q, theta, delta, rho, square = symbols("q θ δ ρ S")
    at1, at0 = sp.symbols("C1 C0", real=True)
    ours = parse(f.trapezoid, q, at1, at0)
    drawn = q * (at1 / (2 * q)) ** 2 + (1 - q) * (at0 / (2 * (1 - q))) ** 2
    yield identity(drawn, ours, "the trapezoid's second moment")
    probed = parse(f.path, square, rho)
    yield identity(rho * (square / rho**2), probed, "the path estimator's second moment")
    ratio = parse(f.ratio, q, rho)
    equal = {at1**2: square, at0**2: square}
    yield identity(probed / ours.subs(equal), ratio, "their ratio at equal slopes")
    at = {rho: sp.Rational(3, 100), q: sp.Rational(97, 100)}
    yield exact(abs(ratio.subs(at) - sp.Rational(39, 10)) < sp.Rational(1, 20), "3.9 at q = .97")
    yield exact(abs(ratio.subs({**at, q: sp.Rational(1, 2)}) - 33) < sp.Rational(1, 2),
                "33 at q = ½")
    stray = parse(f.stray, delta)
    for name, where, clipped in (("below", theta < delta, delta), ("above", theta > 1 - delta,
                                 1 - delta), ("between", sp.And(theta >= delta, theta <= 1 - delta),
                                 theta)):
        yield decide([where, theta < 1, delta < sp.Rational(1, 2)],
                     sp.And(clipped - theta <= stray, theta - clipped <= stray,
                            clipped >= delta, 1 - clipped >= delta),
                     f"a gate {name} the floors strays by at most δ, and keeps both values")
    yield from _floor_numbers(f)


def _floor_numbers(f: FloorFormulas) -> Iterator[Evidence]:
    """Moments and bias of the code, at closed and open gates too."""
    rng, formula = np.random.default_rng(5), parse(
        f.trapezoid, *symbols("q"), *_real("C1 C0"))
    theta = np.array([0.0, 0.01, 0.3, 0.98, 1.0])
    for least in (0.01, 0.1):
        ours, q = f.implementation(floor=least), np.clip(theta, least, 1 - least)
        second = evaluate(formula, q=q, C1=-0.4 + 0.75, C0=-0.4 - 0.75)
        yield from _as_computed(ours, -0.4, 1.5, second - 0.16, theta)
        objective = polynomial(rng.normal(size=10), rng.integers(0, 3, (10, 4)))
        at = np.concatenate([rng.random((20, 4)), rng.integers(0, 2, (10, 4))])
        mean = ours.moments(objective, at).mean
        yield compare(mean, gate_gradient(objective, np.clip(at, least, 1 - least)),
                      f"mean at the clipped gates, δ = {least:g}", tool="enumeration", atol=1e-11)
        ends = np.concatenate([objective.value(_corners(4))])
        most = np.ptp(ends)  # at the corners |C(1) − C(0)| cannot exceed the range of C
        bias = np.abs(mean - gate_gradient(objective, at))
        yield cases(bias <= coupling_bound(least, 4, most) + 1e-12,
                    f"bias within the bound, δ = {least:g}", core=False)


@dataclass(frozen=True)
class FloorBiasFormulas:
    """What claim G3bx states, of C = ξ₁ξ₂ with gate 2 open for certain."""

    mean: str = "1 - δ"
    implementation: type[Trapezoid] = Trapezoid


_FLOOR_BIAS = FloorBiasFormulas()


@claim(
    "G3bx",
    "'The floor costs no bias' is false where gates interact: for C = ξ₁ξ₂ and θ₂ = 1 the gradient "
    "of gate 1 is 1, and the mean with a floor is 1−δ.",
    supports=("A2",),
    source=SOURCE,
    formulas=_FLOOR_BIAS,
    controls={
        "no bias": replace(_FLOOR_BIAS, mean="1"),
        "bias of the other sign": replace(_FLOOR_BIAS, mean="1 + δ"),
        "bias of half the floor": replace(_FLOOR_BIAS, mean="1 - δ/2"),
    },
)
def floor_bias(f: FloorBiasFormulas) -> Iterator[Evidence]:
    import sympy as sp

    delta, x, y = symbols("δ x y")
    # The other gate is drawn open with probability 1 − δ; gate 1 is weighted at any q.
    weighted = sum(chance * sp.diff(x * y, x).subs(y, value)
                   for value, chance in ((1, 1 - delta), (0, delta)))
    mean = parse(f.mean, delta)
    yield identity(weighted, mean, "the mean of gate 1's estimate")
    yield decide([delta < sp.Rational(1, 2)], mean < 1, "it is below the gradient, 1")
    least = np.array([0.01, 0.05, 0.2])
    objective, at = polynomial([1.0], [[1, 1]]), np.array([0.3, 1.0])
    computed = [f.implementation(floor=value).moments(objective, at).mean[0] for value in least]
    yield compare(computed, evaluate(mean, δ=least), "as computed", tool="enumeration", rtol=1e-12)


@dataclass(frozen=True)
class FloorVarianceFormulas:
    """What claim G3by states, in q and ρ: where the trapezoid has the smaller second moment."""

    condition: str = "4*q*(1 - q) > ρ"
    witness: str = "97/100"


_FLOOR_VARIANCE = FloorVarianceFormulas()


@claim(
    "G3by",
    "'The trapezoid with a floor always varies less than the path estimator' is false: at equal "
    "slopes it does exactly when 4q(1−q) > ρ; at q = .97 and ρ = .2 it varies 1.7 times more.",
    supports=("A2",),
    source=SOURCE,
    formulas=_FLOOR_VARIANCE,
    controls={
        "condition without the 4": replace(_FLOOR_VARIANCE, condition="q*(1 - q) > ρ"),
        "condition that always holds": replace(_FLOOR_VARIANCE, condition="q > 0"),
        "an undecided gate as witness": replace(_FLOOR_VARIANCE, witness="1/2"),
    },
)
def floor_variance(f: FloorVarianceFormulas) -> Iterator[Evidence]:
    import sympy as sp

    q, rho = symbols("q ρ")
    condition = parse(f.condition, q, rho)
    ours, theirs = (1 / q + 1 / (1 - q)) / 4, 1 / rho
    inside = [q < 1, rho < 1]
    yield decide([*inside, condition], ours < theirs, "smaller where the condition holds")
    yield decide([*inside, ours < theirs], condition, "and only there")
    excess = (ours / theirs).subs({q: parse(f.witness), rho: sp.Rational(1, 5)})
    yield exact(abs(excess - sp.Rational(17, 10)) < sp.Rational(1, 20),
                "1.7 times larger at q = .97, ρ = .2")
    ours, theirs = (estimator.one_gate(1.0, 0.0, 0.97).variance + 1
                    for estimator in (Trapezoid(), Path(rho=0.2)))
    yield compare(ours / theirs, float(excess), "second moments as computed, C linear",
                  tool="SymPy", rtol=1e-12)


@dataclass(frozen=True)
class ScoreFormulas:
    """What claim G4 states, in C1, C0, b, Δ, θ, σ² = s, p = min(θ, 1−θ) and K; and the code."""

    score: str = "((C1 - b)*(1 - θ) + (C0 - b)*θ)**2/(θ*(1 - θ))"
    best_baseline: str = "C1*(1 - θ) + C0*θ"
    pair: str = "Δ**2*(1 - 2*s)/(2*s)"
    leave_one_out: str = "Δ**2*((1 - 3*s)/(K*s) - (K - 3)/(K*(K - 1)))"
    antithetic: str = "Δ**2*(1 - 2*p)/(2*p)"
    score_code: type[Score] = Score
    leave_one_out_code: type[LeaveOneOut] = LeaveOneOut
    antithetic_code: type[Antithetic] = Antithetic


_SCORE = ScoreFormulas()


@claim(
    "G4",
    "For one gate all score-function estimators are unbiased for every C. With baseline b the "
    "variance is ((C₁−b)(1−θ)+(C₀−b)θ)²/(θ(1−θ)), zero at b = C₁(1−θ)+C₀θ; leave-one-out of two "
    "draws has Δ²(1−2σ²)/(2σ²), σ² = θ(1−θ), of K draws Δ²[(1−3σ²)/(Kσ²) − (K−3)/(K(K−1))]; "
    "antithetic pairs have Δ²(1−2p)/(2p), p = min(θ,1−θ), never more than leave-one-out of two.",
    supports=("A2",),
    source=SOURCE,
    formulas=_SCORE,
    controls={
        "θ and 1−θ exchanged": replace(
            _SCORE, score="((C1 - b)*θ + (C0 - b)*(1 - θ))**2/(θ*(1 - θ))"),
        "baseline at the mean cost": replace(_SCORE, best_baseline="C1*θ + C0*(1 - θ)"),
        "a pair without the 2": replace(_SCORE, pair="Δ**2*(1 - s)/s"),
        "variance that falls as 1/K": replace(
            _SCORE, leave_one_out="Δ**2*(1 - 2*s)/(s*K)"),
        "antithetic like independent pairs": replace(
            _SCORE, antithetic="Δ**2*(1 - 2*p*(1 - p))/(2*p*(1 - p))"),
        "antithetic without the Δ²": replace(_SCORE, antithetic="Δ**2/(2*p)"),
    },
)
def score(f: ScoreFormulas) -> Iterator[Evidence]:
    """One gate's outcomes and their probabilities, all of them."""
    yield from _single_draw(f)
    yield from _several_draws(f)
    yield from _antithetic(f)
    yield from _score_numbers(f)


def _single_draw(f: ScoreFormulas) -> Iterator[Evidence]:
    (theta,), (at1, at0, baseline) = symbols("θ"), _real("C1 C0 b")
    mean, variance = _moments([((at1 - baseline) / theta, theta),
                               ((baseline - at0) / (1 - theta), 1 - theta)])
    stated = parse(f.score, at1, at0, baseline, theta)
    yield identity(mean, at1 - at0, "score function: unbiased")
    yield identity(variance, stated, "score function: variance")
    yield identity(stated.subs(baseline, parse(f.best_baseline, at1, at0, theta)), 0,
                   "score function: the baseline without variance")


def _several_draws(f: ScoreFormulas) -> Iterator[Evidence]:
    """Two and three draws outcome by outcome, then any number of them.

    For one gate the estimate is Δ m(K−m)/(K(K−1)σ²), m the binomial number of open draws; and
    the mean of a product of falling factorials of m and K−m is that of K, times θᵃ(1−θ)ᵇ.
    """
    import sympy as sp

    (theta, s), (at1, at0, delta, k) = symbols("θ s"), _real("C1 C0 Δ K")
    stated, square = parse(f.leave_one_out, s, delta, k), theta * (1 - theta)
    for draws in (2, 3):
        outcomes = []
        for values in product((0, 1), repeat=draws):
            costs = [at1 if value else at0 for value in values]
            # Each draw against the mean of the others.
            estimate = sum((cost - (sum(costs) - cost) / (draws - 1)) * (value - theta) / square
                           for cost, value in zip(costs, values)) / draws
            opened = sum(values)
            counted = (at1 - at0) * opened * (draws - opened) / (draws * (draws - 1) * square)
            yield identity(estimate, counted, f"leave-one-out of {values}")
            outcomes.append((counted, theta**opened * (1 - theta) ** (draws - opened)))
        mean, variance = _moments(outcomes)
        yield identity(mean, at1 - at0, f"leave-one-out, K = {draws}: unbiased")
        yield identity(variance, stated.subs({s: square, delta: at1 - at0, k: draws}),
                       f"leave-one-out, K = {draws}: variance")
    falling = [sp.expand(sp.ff(k, order)) for order in range(5)]
    # m²(K−m)² is (m⁽²⁾ + m)((K−m)⁽²⁾ + K−m) in falling factorials.
    mean = delta * falling[2] * s / (k * (k - 1) * s)
    second = falling[4] * s**2 + falling[3] * s + falling[2] * s
    yield identity(mean, delta, "leave-one-out, any K: unbiased")
    yield identity(delta**2 * second / (k * (k - 1) * s) ** 2 - delta**2, stated,
                   "leave-one-out, any K: variance")
    yield identity(stated.subs(k, 2), parse(f.pair, s, delta), "the pair is K = 2")


def _antithetic(f: ScoreFormulas) -> Iterator[Evidence]:
    """p ≤ ½ is the probability of the rarer value; the pair differs with probability 2p."""
    import sympy as sp

    (p, s), (delta,) = symbols("p s"), _real("Δ")
    # z = 1 and z̃ = 0, or the reverse: both estimates are Δ/(2p); else the pair agrees.
    each = delta / (2 * p)
    mean, variance = _moments([(each, p), (each, p), (sp.Integer(0), 1 - 2 * p)])
    stated, pair = parse(f.antithetic, p, delta), parse(f.pair, s, delta)
    yield identity(mean, delta, "antithetic: unbiased")
    yield identity(variance, stated, "antithetic: variance")
    yield decide([p <= sp.Rational(1, 2)], stated <= pair.subs(s, p * (1 - p)),
                 "antithetic is never worse than leave-one-out of two")


def _score_numbers(f: ScoreFormulas) -> Iterator[Evidence]:
    """The code, for a curved cost that starts at 1.3: these estimators see its ends only."""
    theta, p, s = symbols("θ p s")
    at1, at0, baseline, delta, draws = _real("C1 C0 b Δ K")
    rarer, square = np.minimum(_THETAS, 1 - _THETAS), _THETAS * (1 - _THETAS)
    for constant in (0.0, 0.7):
        oracle = evaluate(parse(f.score, at1, at0, baseline, theta), C1=0.9, C0=1.3, b=constant,
                          θ=_THETAS)
        yield from _as_computed(f.score_code(baseline=constant), -0.4, 1.5, oracle, start=1.3)
    for number in (2, 3, 5):
        oracle = evaluate(parse(f.leave_one_out, s, delta, draws), Δ=-0.4, s=square, K=number)
        yield from _as_computed(f.leave_one_out_code(draws=number), -0.4, 1.5, oracle, start=1.3)
    oracle = evaluate(parse(f.antithetic, p, delta), Δ=-0.4, p=rarer)
    yield from _as_computed(f.antithetic_code(), -0.4, 1.5, oracle, start=1.3)


@dataclass(frozen=True)
class SeveralGatesFormulas:
    """What claim G4x states: variances for gate 1 under C = b ξ₂, in p, r ≤ ½ and b."""

    antithetic: str = "b**2*r/p"
    pair: str = "b**2*r*(1 - r)/(p*(1 - p))"
    worse: str = "r > p"


_SEVERAL = SeveralGatesFormulas()


@claim(
    "G4x",
    "G4's variances hold for one gate only, and 'antithetic pairs are never worse than "
    "leave-one-out of two' is false with several: for gate 1 under C = bξ₂ they have b²p₂/p₁ "
    "against b²σ₂²/σ₁², worse exactly when p₂ > p₁, though gate 1 does not matter (Δ = 0).",
    supports=("A2",),
    source=SOURCE,
    formulas=_SEVERAL,
    controls={
        "no variance, as for one gate with Δ = 0": replace(_SEVERAL, antithetic="0"),
        "gates exchanged": replace(_SEVERAL, antithetic="b**2*p/r"),
        "worse only from twice p₁ on": replace(_SEVERAL, worse="r > 2*p"),
        "pair of independent draws with the rarer value": replace(_SEVERAL, pair="b**2*r/p"),
    },
)
def several_gates(f: SeveralGatesFormulas) -> Iterator[Evidence]:
    import sympy as sp

    (p, r), (b,), half = symbols("p r"), _real("b"), sp.Rational(1, 2)
    ours, pair = parse(f.antithetic, p, r, b), parse(f.pair, p, r, b)
    # The probability that a pair is (1, 0), which is that of (0, 1), given the rarer value's.
    exchange = {"antithetic": lambda rarer: rarer, "independent": lambda rarer: rarer * (1 - rarer)}
    for name, stated in (("antithetic", ours), ("independent", pair)):
        # The two draws differ by first in gate 1 and by second in gate 2.
        one, two = ([(1, x), (-1, x), (0, 1 - 2 * x)] for x in map(exchange[name], (p, r)))
        scale = 2 * exchange[name](p)
        outcomes = [(b * second * first / scale, chance * other)
                    for first, chance in one for second, other in two]
        mean, variance = _moments(outcomes)
        yield identity(mean, 0, f"{name} pairs: unbiased")
        yield identity(variance, stated, f"{name} pairs: variance")
    small, worse = [p <= half, r <= half], parse(f.worse, p, r)
    at_one = ours.subs(b, 1) > pair.subs(b, 1)
    yield decide([*small, worse], at_one, "antithetic is worse there")
    yield decide([*small, at_one], worse, "and only there")
    objective, theta = polynomial([0.7], [[0, 1]]), np.array([[0.1, 0.5], [0.3, 0.2], [0.9, 0.6]])
    rarer = np.minimum(theta, 1 - theta)
    for estimator, stated in ((Antithetic(), ours), (LeaveOneOut(), pair)):
        oracle = evaluate(stated, b=0.7, p=rarer[:, 0], r=rarer[:, 1])
        yield compare(estimator.moments(objective, theta).variance[:, 0], oracle,
                      f"{type(estimator).__name__} as computed", tool="mpmath", rtol=1e-10)


def _quadratic(delta: sp.Symbol, curvature: sp.Symbol, u: sp.Symbol) -> sp.Expr:
    return (delta - curvature / 2) * u + curvature * u**2 / 2


def _real(names: str) -> tuple[sp.Symbol, ...]:
    import sympy as sp

    return tuple(sp.Symbol(name, real=True) for name in names.split())


def _moments(outcomes: list[tuple[sp.Expr, sp.Expr]]) -> tuple[sp.Expr, sp.Expr]:
    """Mean and variance of outcomes, each with its probability."""
    mean = sum(value * chance for value, chance in outcomes)
    return mean, sum(value**2 * chance for value, chance in outcomes) - mean**2


def _corners(gates: int) -> np.ndarray:
    return (np.arange(2**gates)[:, None] >> np.arange(gates) & 1).astype(float)


def _as_computed(
    ours: Estimator, delta: float, curvature: float, variance: np.ndarray,
    theta: np.ndarray = _THETAS, start: float = 0.0,
) -> Iterator[Evidence]:
    """The closed form in the code, and its enumeration, against mean Δ and a stated variance."""
    objective = quadratic(delta, curvature, start)
    closed = ours.one_gate(delta, curvature, theta, start)
    mean, spread = ours.moments(objective, theta[:, None])
    for name, found in (("closed form", closed), ("enumeration", (mean[:, 0], spread[:, 0]))):
        yield compare(found[0], delta, f"{ours}: mean, {name}", tool="mpmath", atol=1e-12)
        yield compare(found[1], variance, f"{ours}: variance, {name}", tool="mpmath", rtol=1e-10,
                      atol=1e-14)
