"""Claims F1 and F2: one gate and one weight, and when its gate may stay closed or open.

The formulas are for a > 0. J(−w, θ) for the target −a is J(w, θ) for a (shown in claim F1), so
that every statement holds for a < 0 with w mirrored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from theory._types import Array
from theory.ledger import Evidence, claim
from theory.proofs.tools import (
    cases,
    compare,
    decide,
    evaluate,
    exact,
    identity,
    parse,
    symbols,
)
from theory.scalar_gate import ScalarGate

if TYPE_CHECKING:
    import sympy as sp

SOURCE = "own derivation; the abstract says only that the convergence is proved"
OBJECTIVE = "s*(θ*(a - w)**2 + (1 - θ)*a**2)/2 + λ*w**2/2 + c*θ"
_DRIFT_W = "s*θ*(a - w) - λ*w"
_DRIFT_THETA = "s*w*(a - w/2) - c"
ON = "s*a/(s + λ)"
C_STAR = "a**2*s**2*(s + 2*λ)/(2*(s + λ)**2)"


def gate_symbols() -> tuple[sp.Symbol, ...]:
    """s, a, λ and c, all positive."""
    return symbols("s a λ c")


def gate_samples(low: float, high: float, spread: float, number: int = 200) -> dict[str, Array]:
    """Parameters with a > 0, as columns, e^±spread around 1, and prices from low·c* to high·c*."""
    rng = np.random.default_rng(4)
    s, a, lam = np.exp(rng.uniform(-spread, spread, size=(3, number, 1)))
    share = rng.uniform(low, high, size=(number, 1))
    c_star = evaluate(parse(C_STAR, *symbols("s a λ")), 20, s=s, a=a, λ=lam)
    return {"s": s, "a": a, "λ": lam, "c": share * c_star}


def gate_of(kind: type[ScalarGate], parameters: dict[str, Array], sign: int = 1) -> ScalarGate:
    """The gates of these parameters, or their mirror images with target −a."""
    s, a, lam, c = parameters.values()
    return kind(s=s, a=sign * a, lam=lam, c=c)


def compare_digits(ours: tuple[Array, ...], formulas: tuple[str, ...], name: str,
                   parameters: dict[str, Array], **points: Array) -> Evidence:
    """The code against formulas in 40 digits."""
    known = symbols(" ".join((*parameters, *points)))
    oracle = [evaluate(parse(formula, *known), 40, **parameters, **points)
              for formula in formulas]
    return compare(np.stack(ours), oracle, name, tool="mpmath", rtol=1e-11, atol=1e-13)


@dataclass(frozen=True)
class OffFormulas:
    """What claim F1 states, in s, a, λ, c, w, θ; a Lyapunov function; and the code."""

    objective: str = OBJECTIVE
    drift_w: str = _DRIFT_W
    drift_theta: str = _DRIFT_THETA
    energy: str = "w**2/2 + 2*θ"
    implementation: type[ScalarGate] = ScalarGate


_OFF = OffFormulas()


@claim(
    "F1",
    "E0 = (0, 0) is an equilibrium of the projected flow of J(w,θ) at every price, and locally "
    "asymptotically stable.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_OFF,
    controls={
        "a subsidy for a price": replace(_OFF, objective=OBJECTIVE.replace("+ c", "- c"),
                                         drift_theta="s*w*(a - w/2) + c"),
        "no factor ½ in the fit": replace(_OFF, drift_theta="s*w*(2*a - w) - c"),
        "weight decay with the wrong sign": replace(_OFF, drift_w="s*θ*(a - w) + λ*w"),
        "no weight decay": replace(_OFF, objective=OBJECTIVE.replace("λ*w**2/2", "0"),
                                   drift_w="s*θ*(a - w)"),
        "energy with too little weight on θ": replace(_OFF, energy="w**2/2 + θ/4"),
    },
)
def off(f: OffFormulas) -> Iterator[Evidence]:
    """½w² + 2θ is a strict Lyapunov function where |w| ≤ r and s r(a + r/2) ≤ c/2.

    There θ̇ ≤ −c/2, so that the projection acts at θ = 0 only, where it holds θ. Below the level
    r²/2 the function confines |w| to r: such points never leave, and converge to E0.
    """
    import sympy as sp

    s, a, _, c = parameters = gate_symbols()
    w, theta = sp.Symbol("w", real=True), sp.Symbol("θ", nonnegative=True)
    (r,) = symbols("r")
    everything = (*parameters, w, theta)
    objective = parse(f.objective, *everything)
    drift_w, drift_theta = (parse(drift, *everything) for drift in (f.drift_w, f.drift_theta))
    yield identity(-sp.diff(objective, w), drift_w, "ẇ = −∂J/∂w")
    yield identity(-sp.diff(objective, theta), drift_theta, "θ̇ = −∂J/∂θ")
    yield identity(objective.subs({a: -a, w: -w}, simultaneous=True), objective,
                   "a → −a mirrors w → −w")
    yield identity(drift_w.subs({w: 0, theta: 0}), 0, "ẇ = 0 at E0")
    yield decide([], drift_theta.subs(w, 0) < 0, "at E0 the projection holds θ = 0")
    energy = parse(f.energy, w, theta)
    near = [theta <= 1, w >= -r, w <= r, s * r * (a + r / 2) <= c / 2]
    yield decide(near, drift_theta < 0, "nearby θ falls")
    yield decide([*near, sp.Or(theta > 0, sp.Ne(w, 0))], energy > 0, "the energy is positive")
    falls = sp.diff(energy, w) * drift_w + sp.diff(energy, theta) * drift_theta
    yield decide([*near, theta > 0], falls < 0, "and falls while θ > 0")
    yield decide([*near, sp.Ne(w, 0)], (sp.diff(energy, w) * drift_w).subs(theta, 0) < 0,
                 "and with θ held at 0")
    yield from _off_as_computed(f)


def _off_as_computed(f: OffFormulas) -> Iterator[Evidence]:
    parameters, tame = gate_samples(0.02, 2, spread=2), gate_samples(0.02, 2, spread=0.7)
    rng = np.random.default_rng(5)
    w, theta = rng.normal(size=(200, 1)) * 2, rng.uniform(0.01, 0.99, size=(200, 1))
    for sign in (1, -1):
        gate = gate_of(f.implementation, parameters, sign)
        w_dot, theta_dot = gate.flow(sign * w, theta)
        yield compare_digits((sign * w_dot, theta_dot), (f.drift_w, f.drift_theta),
                       f"flow as computed, sgn a = {sign}", parameters, w=w, θ=theta)
        yield compare_digits((gate.objective(sign * w, theta),), (f.objective,),
                       f"objective as computed, sgn a = {sign}", parameters, w=w, θ=theta)
    gate = gate_of(f.implementation, tame)
    radius = np.sqrt(gate.a**2 + gate.c / gate.s) - gate.a
    ends = follow(gate, 0.6 * radius, np.minimum(0.07 * radius**2, 1))
    yield compare(ends, gate.equilibrium_off(), "starts below that level end in E0",
                  tool="Heun's method", atol=1e-6)


def follow(gate: ScalarGate, w: Array, theta: Array) -> Array:
    """End points of the projected flow by Heun's method, of shape (2, ...)."""
    step = 0.3 / (gate.s * (1 + np.abs(gate.a)) + gate.lam)
    for _ in range(2000):
        now = gate.flow(w, theta)
        then = gate.flow(w + step * now[0], np.clip(theta + step * now[1], 0, 1))
        w = w + step * (now[0] + then[0]) / 2
        theta = np.clip(theta + step * (now[1] + then[1]) / 2, 0, 1)
    return np.stack(np.broadcast_arrays(w, theta))


@dataclass(frozen=True)
class OnFormulas:
    """What claim F2 states, with t = c*; a Lyapunov function of w−w₁ = x, 1−θ = d; the code."""

    weight: str = ON
    c_star: str = C_STAR
    stable_when: str = "c < t"
    energy: str = "x**2/2 + 2*d"
    implementation: type[ScalarGate] = ScalarGate


_ON = OnFormulas()


@claim(
    "F2",
    "E1 = (w₁, 1), w₁ = sa/(s+λ), is an equilibrium iff c ≤ c* = a²s²(s+2λ)/(2(s+λ)²), and "
    "asymptotically stable iff c < c*. At c = c* it merges with the saddle and is not Lyapunov "
    "stable.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_ON,
    controls={
        "weight without decay": replace(_ON, weight="a"),
        "twice c*": replace(_ON, c_star=C_STAR.replace("(2*(s", "((s")),
        "s+λ for s+2λ in c*": replace(_ON, c_star=C_STAR.replace("s + 2*λ", "s + λ")),
        "stable at c = c* too": replace(_ON, stable_when="c <= t"),
        "energy with too little weight on θ": replace(_ON, energy="x**2/2 + d/4"),
    },
)
def on(f: OnFormulas) -> Iterator[Evidence]:
    """Like F1, around E1: where |x| ≤ r and s r(k + r/2) ≤ (c*−c)/2, k = a−w₁, θ rises to 1.

    At c = c*, θ̇ < 0 for every w < w₁, and ẇ < 0 on the wall w = w₁ while θ < 1. So a start
    (w₁−ε, 1), however small ε, stays left of the wall, and its θ falls for ever: there is no
    equilibrium on its way but E0, and it leaves every small neighbourhood of E1.
    """
    import sympy as sp

    s, a, lam, c = parameters = gate_symbols()
    w, x = sp.symbols("w x", real=True)
    theta, d = sp.symbols("θ d", nonnegative=True)
    k, m, r = symbols("k m r")
    drift_w, drift_theta = drifts(w, theta)
    weight, c_star = parse(f.weight, *parameters), parse(f.c_star, *parameters)
    yield identity(drift_w.subs({w: weight, theta: 1}), 0, "ẇ = 0 at E1")
    yield decide([sp.Eq(drift_w.subs(theta, 1), 0)], sp.Eq(w, weight), "and nowhere else on θ = 1")
    yield identity(drift_theta.subs(w, weight), c_star - c, "θ is pushed up at E1 by c* − c")
    threshold = sp.Symbol("t", positive=True)
    yield decide([parse(f.stable_when, c, threshold)], threshold - c > 0, "strictly, if stable")
    yield identity((a - weight) ** 2, a**2 - 2 * c_star / s, "at c = c* the saddle has w = w₁")
    yield identity(lam * weight / (s * (a - weight)), 1, "and θ = 1")

    # Around E1, in x, d, k = a − w₁ and the margin m = c* − c.
    local = {a: k * (s + lam) / lam, w: s * k / lam + x, theta: 1 - d}
    x_dot = sp.cancel(drift_w.subs(local))
    d_dot = -sp.cancel((drift_theta + c - c_star + m).subs(local))
    energy = parse(f.energy, x, d)
    near = [d <= 1, x >= -r, x <= r, s * r * (k + r / 2) <= m / 2]
    yield decide(near, d_dot < 0, "nearby θ rises")
    yield decide([*near, sp.Or(d > 0, sp.Ne(x, 0))], energy > 0, "the energy is positive")
    falls = sp.diff(energy, x) * x_dot + sp.diff(energy, d) * d_dot
    yield decide([*near, d > 0], falls < 0, "and falls while θ < 1")
    yield decide([*near, sp.Ne(x, 0)], (sp.diff(energy, x) * x_dot).subs(d, 0) < 0,
                 "and with θ held at 1")
    yield decide([x < 0], d_dot.subs(m, 0) > 0, "at c = c*, θ falls left of E1")
    yield decide([d > 0, d <= 1], x_dot.subs(x, 0) < 0, "and the wall w = w₁ is not crossed")
    yield from _on_as_computed(f)


def drifts(w: sp.Symbol, theta: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """ẇ and θ̇ of the flow that is not projected, as claim F1 proves them."""
    everything = (*gate_symbols(), w, theta)
    return parse(_DRIFT_W, *everything), parse(_DRIFT_THETA, *everything)


def _on_as_computed(f: OnFormulas) -> Iterator[Evidence]:
    parameters, tame = gate_samples(0.02, 2, spread=2), gate_samples(0.02, 0.95, spread=0.7)
    for sign in (1, -1):
        gate = gate_of(f.implementation, parameters, sign)
        weight, theta = gate.equilibrium_on()
        there = np.isfinite(weight)
        yield compare_digits((gate.c_star,), (f.c_star,), f"c* as computed, sgn a = {sign}",
                             parameters)
        yield cases((there == (gate.c <= gate.c_star)) & (there == (theta == 1)),
                    f"E1 as computed is there iff c ≤ c*, sgn a = {sign}", core=False)
        found = {name: values[there] for name, values in parameters.items()}
        yield compare_digits((sign * weight[there],), (f.weight,),
                       f"w₁ as computed, sgn a = {sign}", found)
    gate = gate_of(f.implementation, tame)
    weight, _ = target = gate.equilibrium_on()
    near = gate.a - weight
    radius = np.sqrt(near**2 + (gate.c_star - gate.c) / gate.s) - near
    ends = follow(gate, weight + 0.6 * radius, 1 - np.minimum(0.07 * radius**2, 1))
    yield compare(ends, target, "starts below that level end in E1", tool="Heun's method",
                  atol=1e-6)


@dataclass(frozen=True)
class MergedFormulas:
    """The counterexample of claim F2x: a price at s = a = λ = 1, where c* = 3/8 and w₁ = ½."""

    price: str = "3/8"
    start: str = "1/2 - e"


_MERGED = MergedFormulas()


@claim(
    "F2x",
    "It is false that E1 is stable whenever it is an equilibrium: at c = c* starts with θ = 1 and "
    "w just below w₁ end in E0, however near to E1 they are.",
    supports=("A5",),
    source=SOURCE,
    formulas=_MERGED,
    controls={
        "a price just below c*": replace(_MERGED, price="37/100"),
        "a start above w₁": replace(_MERGED, start="1/2 + e"),
        "the price c_g": replace(_MERGED, price="1/4"),
        "a price above c*, where E1 is no equilibrium": replace(_MERGED, price="2/5"),
    },
)
def merged(f: MergedFormulas) -> Iterator[Evidence]:
    """The argument is that of claim F2; here are the exact slopes at s = a = λ = 1, and paths."""
    import sympy as sp

    w, theta = sp.symbols("w θ", real=True)
    (e,) = symbols("e")
    unit = dict.fromkeys(gate_symbols()[:3], 1) | {gate_symbols()[3]: parse(f.price)}
    drift_w, drift_theta = (drift.subs(unit) for drift in drifts(w, theta))
    half, start = sp.Rational(1, 2), parse(f.start, e)
    yield exact(drift_theta.subs(w, half) >= 0, "E1 is an equilibrium")
    yield decide([], drift_theta.subs(w, start) < 0, "at the start θ falls")
    yield decide([w < half], drift_theta < 0, "and as long as w < w₁")
    yield decide([theta >= 0, theta < 1], drift_w.subs(w, half) < 0, "w₁ is not crossed")
    gate = ScalarGate(s=1.0, a=1.0, lam=1.0, c=float(parse(f.price)))
    distance = np.geomspace(1e-3, 0.4, 40)
    starts = np.array([float(start.subs(e, value)) for value in distance])
    yield compare(follow(gate, starts, np.ones(40)), 0, "starts at 0.001 to 0.4 from E1",
                  tool="Heun's method", atol=1e-6)
