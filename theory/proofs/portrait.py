"""Claims F3 to F5: the saddle, the price at which the better end changes, and the basins.

As in claims F1 and F2 the formulas are for a > 0; a < 0 mirrors w.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from theory._types import Array, ArrayOrBool
from theory.ledger import Evidence, claim
from theory.proofs.scalar_gate import (
    C_STAR,
    OBJECTIVE,
    ON,
    SOURCE,
    compare_digits,
    drifts,
    follow,
    gate_of,
    gate_samples,
    gate_symbols,
)
from theory.proofs.tools import cases, compare, decide, exact, identity, parse
from theory.scalar_gate import ScalarGate


@dataclass(frozen=True)
class SaddleFormulas:
    """What claim F3 states, with t = c*; the determinant is that of the flow; and the code."""

    weight: str = "a - sqrt(a**2 - 2*c/s)"
    theta: str = "λ*w/(s*(a - w))"
    determinant: str = "-s**2*(a - w)**2"
    exists_when: str = "c < t"
    implementation: type[ScalarGate] = ScalarGate


_SADDLE = SaddleFormulas()


@claim(
    "F3",
    "An interior equilibrium exists iff c < c*; it is unique, w_s = a − sgn(a)√(a²−2c/s), "
    "θ_s = λw_s/(s(a−w_s)), and a saddle with determinant −s²(a−w_s)².",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_SADDLE,
    controls={
        "the other root": replace(_SADDLE, weight="a + sqrt(a**2 - 2*c/s)"),
        "c/s for 2c/s": replace(_SADDLE, weight="a - sqrt(a**2 - c/s)"),
        "θ_s without s": replace(_SADDLE, theta="λ*w/(a - w)"),
        "a positive determinant": replace(_SADDLE, determinant="s**2*(a - w)**2"),
        "determinant −s(a−w)²": replace(_SADDLE, determinant="-s*(a - w)**2"),
        "at c = c* too": replace(_SADDLE, exists_when="c <= t"),
        "up to twice c*": replace(_SADDLE, exists_when="c < 2*t"),
        "only up to half of c*": replace(_SADDLE, exists_when="2*c < t"),
    },
)
def saddle(f: SaddleFormulas) -> Iterator[Evidence]:
    """In the root R = √(a²−2c/s) all is rational: c = s(a²−R²)/2, and c < c* iff R > a−w₁."""
    import sympy as sp

    s, a, lam, c = parameters = gate_symbols()
    w, theta = sp.symbols("w θ", real=True)
    root = sp.Symbol("R", nonnegative=True)
    field = sp.Matrix(drifts(w, theta))
    weight, height = parse(f.weight, *parameters), parse(f.theta, *parameters, w)
    at = [{s: 2, a: 3, lam: 1, c: 4}]
    yield identity(field[1].subs(w, weight), 0, "θ̇ = 0 at w_s", at=at)
    yield exact((weight - a).subs(at[0]) < 0, "w_s is the root nearer to 0")
    yield identity(field[0].subs(theta, height), 0, "ẇ = 0 at θ_s")
    yield decide([2 * c > s * a**2], field[1] < 0, "above a²s/2 no root: θ falls everywhere")

    threshold = sp.Symbol("t", positive=True)
    in_root = {c: s * (a**2 - root**2) / 2}
    c_star = parse(C_STAR, *parameters)
    exists = parse(f.exists_when, c, threshold).subs(threshold, c_star).subs(in_root)
    inner, top = a - root, height.subs(w, a - root)
    yield decide([root < a, exists], sp.And(top > 0, top < 1), "where it exists, 0 < θ_s < 1")
    yield decide([root < a, root > 0, top > 0, top < 1], exists, "and only there")
    stationary = [sp.Eq(sp.cancel(drift.subs(in_root)), 0) for drift in field]
    yield decide([root < a, *stationary, theta > 0, theta < 1],
                 sp.And(root > 0, sp.Eq(w, inner), sp.Eq(theta * s * root, lam * inner)),
                 "it is unique")
    determinant = parse(f.determinant, s, a, w)
    yield identity(field.jacobian([w, theta]).det(), determinant, "determinant of the flow")
    yield decide([root > 0], determinant.subs(w, inner) < 0, "it is negative: a saddle")
    yield from _saddle_as_computed(f)
    yield from _saddle_by_other_means(f)


def _saddle_as_computed(f: SaddleFormulas) -> Iterator[Evidence]:
    parameters = gate_samples(0.001, 0.999, spread=2)
    theta = f.theta.replace("w", f"({f.weight})")
    far = f.weight.replace("a - sqrt", "a + sqrt")
    for sign in (1, -1):
        gate, title = gate_of(f.implementation, parameters, sign), f"as computed, sgn a = {sign}"
        w, height = gate.saddle()
        yield compare_digits((sign * w, height), (f.weight, theta), f"saddle {title}", parameters)
        yield compare_digits(tuple(sign * w for w in gate.theta_nullcline()), (f.weight, far),
                       f"θ-nullcline {title}", parameters)
        yield compare(gate.w_nullcline(height), w, f"w-nullcline {title}", tool="saddle",
                      rtol=1e-11)
    dear = gate_of(f.implementation, gate_samples(1.001, 3, spread=2))
    yield cases(np.isnan(dear.saddle()), "none above c* as computed", core=False)


def _saddle_by_other_means(f: SaddleFormulas) -> Iterator[Evidence]:
    """A root finder that knows only the flow, and eigenvalues of differences of the flow."""
    from scipy.optimize import fsolve

    for sign in (1, -1):
        gate = gate_of(f.implementation, gate_samples(0.1, 0.9, spread=0.7, number=20), sign)
        w, theta = (values[:, 0] for values in gate.saddle())
        start = np.stack([0.97 * w, theta + 0.03 * (0.5 - theta)])

        def drift(point: Array) -> Array:
            w_dot, theta_dot = gate.flow(*point.reshape(2, 20, 1))
            return np.stack([w_dot, theta_dot]).ravel()

        found = fsolve(drift, start.ravel(), xtol=1e-12).reshape(2, 20)
        yield compare(found, (w, theta), f"saddle, sgn a = {sign}", tool="SciPy fsolve", rtol=1e-8)
        e = 1e-5
        place = w[:, None], theta[:, None]
        columns = [np.subtract(gate.flow(place[0] + e * u, place[1] + e * v),
                               gate.flow(place[0] - e * u, place[1] - e * v)) / (2 * e)
                   for u, v in ((1, 0), (0, 1))]
        matrices = np.moveaxis(np.array(columns)[..., 0], (2, 1, 0), (0, 1, 2))
        yield compare(gate.jacobian(*place)[:, 0], matrices, f"Jacobian, sgn a = {sign}",
                      tool="differences", rtol=1e-6, atol=1e-8)
        yield compare(np.stack(gate.eigenvalues(*place), -1)[:, 0],
                      np.linalg.eigvalsh(matrices), f"eigenvalues, sgn a = {sign}",
                      tool="NumPy eigvalsh", rtol=1e-6)


@dataclass(frozen=True)
class PriceFormulas:
    """What claim F4 states; least and most are the bounds of c*/c_g; and the code."""

    c_g: str = "a**2*s**2/(2*(s + λ))"
    least: str = "1"
    most: str = "2"
    implementation: type[ScalarGate] = ScalarGate


_PRICE = PriceFormulas()


@claim(
    "F4",
    "E1 has the lower objective iff c < c_g = a²s²/(2(s+λ)), and c_g < c* < 2c_g: between c_g "
    "and c* it is metastable.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_PRICE,
    controls={
        "twice c_g": replace(_PRICE, c_g="a**2*s**2/(s + λ)"),
        "s for s² in c_g": replace(_PRICE, c_g="a**2*s/(2*(s + λ))"),
        "2λ for λ in c_g": replace(_PRICE, c_g="a**2*s**2/(2*(s + 2*λ))"),
        "c* at least 5/4 of c_g": replace(_PRICE, least="5/4"),
        "c* at most 3/2 of c_g": replace(_PRICE, most="3/2"),
        "c* at most 3 of c_g, not sharp": replace(_PRICE, most="3"),
    },
)
def price(f: PriceFormulas) -> Iterator[Evidence]:
    """The bounds on c*/c_g are its limits for λ → 0 and λ → ∞."""
    import sympy as sp

    *_, lam, c = parameters = gate_symbols()
    w, theta = sp.symbols("w θ", real=True)
    objective = parse(OBJECTIVE, *parameters, w, theta)
    gap = objective.subs({w: parse(ON, *parameters), theta: 1}) - objective.subs({w: 0, theta: 0})
    c_g, c_star = parse(f.c_g, *parameters), parse(C_STAR, *parameters)
    ratio, least, most = sp.cancel(c_star / c_g), parse(f.least), parse(f.most)
    yield identity(gap, c - c_g, "J(E1) − J(E0) = c − c_g")
    yield decide([], sp.And(ratio > least, ratio < most), "c_g < c* < 2c_g")
    yield exact(sp.Eq(sp.limit(ratio, lam, 0), least), "sharp as λ → 0")
    yield exact(sp.Eq(sp.limit(ratio, lam, sp.oo), most), "sharp as λ → ∞")
    samples = gate_samples(0.02, 1.5, spread=2)
    for sign in (1, -1):
        gate = gate_of(f.implementation, samples, sign)
        yield compare_digits((gate.c_g,), (f.c_g,), f"c_g as computed, sgn a = {sign}", samples)
        better = gate.objective(*np.nan_to_num(gate.equilibrium_on())) < gate.objective(0, 0)
        held = np.isfinite(gate.saddle()[0])
        names = np.select([better, held], ["kept", "metastable"], "pruned")
        yield cases(names == gate.regime(), f"regime as computed, sgn a = {sign}", core=False)


@dataclass(frozen=True)
class PortraitFormulas:
    """What claim F5 states, with u = ẇ, v = θ̇ and the root R of claim F3; and the code."""

    dissipation: str = "-(u**2 + v**2)"
    nullcline: str = "λ*w/(s*(a - w))"
    last_root: str = "a*λ/(s + λ)"
    implementation: type[ScalarGate] = ScalarGate


class _UprightBoundary(ScalarGate):
    """Basins told apart by w alone."""

    def attracted_on(self, w: ArrayLike, theta: ArrayLike) -> ArrayOrBool:
        return np.asarray(w) > self.saddle()[0]


class _LevelBoundary(ScalarGate):
    """Basins told apart by θ alone."""

    def attracted_on(self, w: ArrayLike, theta: ArrayLike) -> ArrayOrBool:
        return np.asarray(theta) > self.saddle()[1]


_PORTRAIT = PortraitFormulas()


@claim(
    "F5",
    "Every path converges to an equilibrium. From c = 0 to c* the saddle moves from E0 to E1, both "
    "its coordinates growing; its stable manifold, a graph θ(w), bounds the basins: above it lies "
    "that of E1, the rest is E0's. For c > c* every path ends in E0.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_PORTRAIT,
    controls={
        "J grows along the flow": replace(_PORTRAIT, dissipation="u**2 + v**2"),
        "only θ dissipates": replace(_PORTRAIT, dissipation="-v**2"),
        "a straight w-nullcline": replace(_PORTRAIT, nullcline="λ*w/(s*a)"),
        "the saddle ends at w = a": replace(_PORTRAIT, last_root="0"),
        "basins bounded by an upright line": replace(_PORTRAIT, implementation=_UprightBoundary),
        "basins bounded by a level line": replace(_PORTRAIT, implementation=_LevelBoundary),
    },
)
def portrait(f: PortraitFormulas) -> Iterator[Evidence]:
    """J is a strict Lyapunov function of the whole flow, and there are at most three equilibria.

    J falls by ẇ² + θ̇² per time, also where the projection holds θ (then θ̇ = 0), and grows with
    w²: so every path is bounded, its limit points are equilibria, and as these are isolated and
    the set of limit points is connected, it converges. What does not converge to the saddle ends
    in E0 or E1, if that is stable. Paths to the saddle form its stable manifold, one curve
    through it. Where c > c*, E0 is the only equilibrium (claims F2 and F3).
    """
    import sympy as sp

    _, a, lam, _ = parameters = gate_symbols()
    w, theta, u, v = sp.symbols("w θ u v", real=True)
    root = sp.Symbol("R", positive=True)
    objective, (drift_w, drift_theta) = parse(OBJECTIVE, *parameters, w, theta), drifts(w, theta)
    falls = parse(f.dissipation, u, v)
    change = sp.diff(objective, w) * drift_w + sp.diff(objective, theta) * drift_theta
    yield identity(change, falls.subs({u: drift_w, v: drift_theta}), "J along the flow")
    yield identity(sp.diff(objective, w) * drift_w, falls.subs({u: drift_w, v: 0}),
                   "J along the flow where θ is held")
    yield decide([theta >= 0, theta <= 1], objective >= lam * w**2 / 2, "J bounds w")

    nullcline = parse(f.nullcline, *parameters, w)
    strip = [theta >= 0, theta <= 1]
    yield decide([*strip, w < a, theta > nullcline], drift_w > 0, "w grows above its nullcline")
    yield decide([*strip, w < a, theta < nullcline], drift_w < 0, "and falls below")
    yield decide([*strip, w >= a], drift_w < 0, "and beyond a")
    # dR/dc < 0, so what falls with R grows with c.
    weight, height = a - root, nullcline.subs(w, a - root)
    yield decide([root < a], sp.And(sp.diff(weight, root) < 0, sp.diff(height, root) < 0),
                 "w_s and θ_s grow with c")
    last = parse(f.last_root, *parameters)
    for name, at, ends in (("0", a, (0, 0)), ("c*", last, (parse(ON, *parameters), 1))):
        for coordinate, end in zip((weight, height), ends):
            yield identity(sp.cancel(coordinate).subs(root, at), end, f"where it is at c = {name}",
                           at=[{a: 2}])
    yield from _basins(f)


def _basins(f: PortraitFormulas) -> Iterator[Evidence]:
    """Paths from all over the strip, and from close to either side of the separatrix."""
    rng, number = np.random.default_rng(6), 12
    samples = gate_samples(0.1, 0.9, spread=0.4, number=number)
    columns = gate_of(f.implementation, samples)
    gates = [f.implementation(s=s, a=a, lam=lam, c=c)
             for s, a, lam, c in np.hstack(list(samples.values()))]
    boundaries = [gate.separatrix() for gate in gates]
    along = np.array([np.linspace(curve.x[0], curve.x[-1], 22)[1:-1] for curve in boundaries])
    edge = np.array([curve(row) for curve, row in zip(boundaries, along)])
    gap = 0.1 * np.minimum(edge, 1 - edge)
    anywhere = rng.uniform([[[-2]], [[0]]], [[[5]], [[1]]], size=(2, number, 50))
    w = np.hstack([anywhere[0] * columns.a, along, along])
    theta = np.hstack([anywhere[1], edge + gap, edge - gap])
    above = np.array([gate.attracted_on(*rows) for gate, *rows in zip(gates, w, theta)])
    ends = follow(columns, w, theta)
    targets = np.where(above, columns.equilibrium_on(), columns.equilibrium_off())
    yield cases(np.abs(ends - targets).max(0) < 1e-3, "paths end where the basins say",
                tool="Heun's method")
    dear = gate_of(f.implementation, gate_samples(1.05, 3, spread=0.7))
    ends = follow(dear, rng.uniform(-2, 5, (200, 3)) * dear.a, rng.uniform(0, 1, (200, 3)))
    yield cases(np.abs(ends) < 1e-3, "above c* all end in E0", tool="Heun's method")
