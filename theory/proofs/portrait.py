"""Claims F3 to F5: the saddle, the price at which the better end changes, and the basins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from theory._types import Array, ArrayOrBool
from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.proofs.scalar_gate import (
    AT_REST,
    CORNERS,
    GATE,
    SOURCE,
    SYMBOLS,
    follow,
    gate_of,
    gate_samples,
)
from theory.proofs.tools import compare
from theory.scalar_gate import ScalarGate
from theory.statement import Argued, Convenience, Lemma, Needed, Prose, Statement, Worded
from theory.verdict import Control, Evidence

_UNIT = {"s": 1, "a": 1, "λ": 1}  # where c* = 3/8, w₁ = 1/2 and c_g = 1/4
# The saddle next to either end of its way.
_NEARLY_MERGED = _UNIT | {
    "c": "37499/100000",
    "w": "1 - sqrt(25002/100000)",
    "θ": "1/sqrt(25002/100000) - 1",
}
_NEARLY_OFF = _UNIT | {"c": "1/100", "w": "1 - sqrt(98/100)", "θ": "1/sqrt(98/100) - 1"}
_NO_TARGET = "without a target no price is below c*"

SADDLE = Statement(
    text="In the flow {ẇ=}, {θ̇=} of {J=} with {target}, an interior equilibrium, {inside}, exists "
    "if and only if {cheap}, for {c_star=}, and it is unique: {there} with {w_s=}, {θ_s=} and "
    "{ρ=}; {alone}. Its determinant is {D=}, {determinant}; {saddle}: it is a saddle.",
    symbols=SYMBOLS,
    definitions=GATE
    | {
        "inside": "ẇ == 0 and θ̇ == 0 and 0 < θ < 1",
        "cheap": "c < c_star",
        "D": "diff(ẇ, w)*diff(θ̇, θ) - diff(ẇ, θ)*diff(θ̇, w)",
        "far": "a*(1 + ρ)",
    },
    premises={"target": Convenience("a != 0", _NO_TARGET)},
    conclusions={
        "there": "Implies(c < c_star, "
        "at(ẇ, w=w_s, θ=θ_s) == 0 and at(θ̇, w=w_s) == 0 and 0 < θ_s < 1)",
        "alone": "Implies(ẇ == 0 and θ̇ == 0 and 0 < θ < 1, c < c_star and w == w_s and θ == θ_s)",
        "determinant": "at(D, w=w_s) == -s**2*(a - w_s)**2",
        "saddle": "Implies(c < c_star, at(D, w=w_s) < 0)",
    },
    points=(*CORNERS, _NEARLY_MERGED, _NEARLY_OFF, _UNIT | {"c": "3/8", "w": "1/2", "θ": 1}),
    shown_as={"D": "det"},
    code={"implementation": ScalarGate},
)


@claim(
    "F3",
    SADDLE,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "the other root": Control({"w_s": "a*(1 + ρ)"}, by="there"),
        "c/s for 2c/s": Control({"ρ": "sqrt(1 - c/(s*a**2))"}, by="there"),
        "half of w_s, and θ_s to it": Control({"w_s": "a*(1 - ρ)/2"}, by="there"),
        "half of θ_s": Control({"θ_s": "λ*w_s/(2*s*(a - w_s))"}, by="there"),
        "unique at the other root": Control({"w_s": "a*(1 + ρ)"}, by="alone"),
        "unique at half of θ_s": Control({"θ_s": "λ*w_s/(2*s*(a - w_s))"}, by="alone"),
        "θ_s without s": Control({"θ_s": "λ*w_s/(a - w_s)"}, by="there"),
        "at c = c* too": Control(
            {
                "there": "Implies(c <= c_star, at(ẇ, w=w_s, θ=θ_s) == 0 and at(θ̇, w=w_s) == 0 "
                "and 0 < θ_s < 1)"
            },
            by="there",
        ),
        "up to twice c*": Control({"c_star": f"2*{GATE['c_star']}"}, by="there"),
        "as far as w_s is real": Control({"c_star": "s*a**2/2"}, by="there"),
        "only up to half of c*": Control({"c_star": f"{GATE['c_star']}/2"}, by="alone"),
        "unique even at the ends of θ": Control(
            {"alone": "Implies(ẇ == 0 and θ̇ == 0, c < c_star and w == w_s and θ == θ_s)"},
            by="alone",
        ),
        "a positive determinant": Control(
            {"determinant": "at(D, w=w_s) == s**2*(a - w_s)**2"}, by="determinant"
        ),
        "determinant −s(a−w)²": Control(
            {"determinant": "at(D, w=w_s) == -s*(a - w_s)**2"}, by="determinant"
        ),
        "a determinant without its second product": Control(
            {"D": "diff(ẇ, w)*diff(θ̇, θ)"}, by="saddle"
        ),
        "a saddle at c = a²s/2 too": Control(
            {"saddle": "Implies(c <= s*a**2/2, at(D, w=w_s) < 0)"}, by="saddle"
        ),
    },
)
def saddle(p: Proof) -> Iterator[Evidence]:
    """All is rational in ρ = √(1−2c/(sa²)), and c < c* if and only if ρ > λ/(s+λ)."""
    yield p.decide("there")
    yield p.decide("alone")
    yield p.identity("determinant")
    yield p.decide("saddle")
    yield from _saddle_as_computed(p)
    yield from _saddle_by_other_means(p)


def _saddle_as_computed(p: Proof) -> Iterator[Evidence]:
    samples = gate_samples(0.001, 0.999, spread=2)
    gate = gate_of(p["implementation"], samples)
    w, height = gate.saddle()
    near, far = gate.theta_nullcline()
    three = {name: samples[name] for name in ("s", "a", "c")}
    yield p.compare("w_s", w, points=three, rtol=1e-11)
    yield p.compare("θ_s", height, points=samples, rtol=1e-11)
    yield p.shows("near θ-nullcline as computed", compare(near, w, "", tool="saddle"))
    yield p.compare("far", far, points=three, rtol=1e-11)
    yield p.shows(
        "w-nullcline as computed",
        compare(gate.w_nullcline(height), w, "", tool="saddle", rtol=1e-11),
    )
    dear = gate_of(p["implementation"], gate_samples(1.001, 3, spread=2))
    yield p.cases("none above c* as computed", np.isnan(dear.saddle()))


def _saddle_by_other_means(p: Proof) -> Iterator[Evidence]:
    """A root finder that knows only the flow, and eigenvalues of differences of the flow."""
    from scipy.optimize import fsolve

    gate = gate_of(p["implementation"], gate_samples(0.1, 0.9, spread=0.7, number=20))
    w, theta = (values[:, 0] for values in gate.saddle())
    start = np.stack([0.97 * w, theta + 0.03 * (0.5 - theta)])

    def drift(point: Array) -> Array:
        w_dot, theta_dot = gate.flow(*point.reshape(2, 20, 1))
        return np.stack([w_dot, theta_dot]).ravel()

    found = fsolve(drift, start.ravel(), xtol=1e-12).reshape(2, 20)
    yield p.shows(
        "saddle by root finding", compare(found, (w, theta), "", tool="SciPy fsolve", rtol=1e-8)
    )
    e = 1e-5
    place = w[:, None], theta[:, None]
    columns = [
        np.subtract(
            gate.flow(place[0] + e * u, place[1] + e * v),
            gate.flow(place[0] - e * u, place[1] - e * v),
        )
        / (2 * e)
        for u, v in ((1, 0), (0, 1))
    ]
    matrices = np.moveaxis(np.array(columns)[..., 0], (2, 1, 0), (0, 1, 2))
    yield p.shows(
        "Jacobian",
        compare(
            gate.jacobian(*place)[:, 0], matrices, "", tool="differences", rtol=1e-6, atol=1e-8
        ),
    )
    yield p.shows(
        "eigenvalues",
        compare(
            np.stack(gate.eigenvalues(*place), -1)[:, 0],
            np.linalg.eigvalsh(matrices),
            "",
            tool="NumPy eigvalsh",
            rtol=1e-6,
        ),
    )


PRICE = Statement(
    text="With {target}, the open gate at {w1=} has a lower objective {J=} than the gate that is "
    "off, up to the price {c_g=}: {better}. For {c_star=}, {bounds}, and no tighter bounds hold: "
    "{cheap decay}, {dear decay}. {metastable}.",
    symbols=SYMBOLS,
    definitions=GATE
    | {"c_g": "a**2*s**2/(2*(s + λ))", "gap": "at(J, w=w1, θ=1) - at(J, w=0, θ=0)"},
    premises={"target": Needed("a != 0", fails=("bounds", {"s": 1, "a": 0, "λ": 1}))},
    conclusions={
        "better": "Iff(at(J, w=w1, θ=1) < at(J, w=0, θ=0), c < c_g)",
        "bounds": "c_g < c_star < 2*c_g",
        "cheap decay": "limit(c_star/c_g, λ, 0) == 1",
        "dear decay": "limit(c_star/c_g, λ, oo) == 2",
        "metastable": Argued(
            "Between the two prices it is metastable",
            ("gap's size", "bounds", Prose("There it is stable, by claim F2, and not the lowest.")),
        ),
    },
    lemmas={"gap's size": Lemma((), "gap == c - c_g")},
    points=(*CORNERS, _UNIT | {"c": "249/1000"}, _UNIT | {"λ": "1/100"}, _UNIT | {"λ": 100}),
    shown_as={"oo": "∞"},
    code={"implementation": ScalarGate},
)


@claim(
    "F4",
    PRICE,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "twice c_g": Control({"c_g": "a**2*s**2/(s + λ)"}, by="better"),
        "s for s² in c_g": Control({"c_g": "a**2*s/(2*(s + λ))"}, by="gap's size"),
        "2λ for λ in c_g": Control({"c_g": "a**2*s**2/(2*(s + 2*λ))"}, by="better"),
        "c* below twice c_g": Control({"c_g": "a**2*s**2/(s + λ)"}, by="bounds"),
        "c* above half of c_g": Control({"c_g": "a**2*s**2/(4*(s + λ))"}, by="bounds"),
        "the lower bound elsewhere": Control({"c_g": "a**2*s**2/(s + 2*λ)"}, by="cheap decay"),
        "the upper bound elsewhere": Control({"c_g": "a**2*s**2/(2*(s + 2*λ))"}, by="dear decay"),
        "lower at c_g too": Control(
            {"better": "Iff(at(J, w=w1, θ=1) < at(J, w=0, θ=0), c <= c_g)"}, by="better"
        ),
        "c* at least 5/4 of c_g": Control({"bounds": "5*c_g/4 < c_star < 2*c_g"}, by="bounds"),
        "c* at most 3/2 of c_g": Control({"bounds": "c_g < c_star < 3*c_g/2"}, by="bounds"),
        "c* at least 1/2 of c_g, not sharp": Control(
            {"cheap decay": "limit(c_star/c_g, λ, 0) == 1/2"}, by="cheap decay"
        ),
        "c* at most 3 of c_g, not sharp": Control(
            {"dear decay": "limit(c_star/c_g, λ, oo) == 3"}, by="dear decay"
        ),
    },
)
def price(p: Proof) -> Iterator[Evidence]:
    """The bounds on c*/c_g are its limits for λ → 0 and λ → ∞."""
    yield p.decide("better")
    yield p.decide("bounds")
    yield p.exact("cheap decay")
    yield p.exact("dear decay")
    yield p.identity("gap's size")
    samples = gate_samples(0.02, 1.5, spread=2)
    gate = gate_of(p["implementation"], samples)
    yield p.compare(
        "c_g", gate.c_g, rtol=1e-11, points={name: samples[name] for name in ("s", "a", "λ")}
    )
    better = gate.objective(*np.nan_to_num(gate.equilibrium_on())) < gate.objective(0, 0)
    held = np.isfinite(gate.saddle()[0])
    names = np.select([better, held], ["kept", "metastable"], "pruned")
    yield p.cases("regime as computed", names == gate.regime())
    # Exactly at the two prices, in doubles: the objectives are equal, then no saddle is left.
    edges = p["implementation"](s=1.0, a=1.0, lam=1.0, c=np.array([0.25, 0.375]))
    yield p.cases("regime exactly at c_g and c*", edges.regime() == ["metastable", "merged"])


class _UprightBoundary(ScalarGate):
    """Basins told apart by w alone."""

    def attracted_on(self, w: ArrayLike, theta: ArrayLike) -> ArrayOrBool:
        return np.abs(w) > np.abs(self.saddle()[0])


class _LevelBoundary(ScalarGate):
    """Basins told apart by θ alone."""

    def attracted_on(self, w: ArrayLike, theta: ArrayLike) -> ArrayOrBool:
        return np.asarray(theta) > self.saddle()[1]


PORTRAIT = Statement(
    text="With {target}, every path of the projected flow {ẇ=}, {θ̇=} of {J=} {converges}. As the "
    "price rises from zero to {c_star=}, the saddle {w_s=}, {θ_s=} with {ρ=} {moves}, and {grows}; "
    "its stable manifold {graph} and {basins}. For {dear} every path {dies}.",
    symbols=SYMBOLS,
    definitions=GATE
    | {"dear": "c > c_star", "resting": AT_REST, "n": "λ*w/(s*(a - w))", "within": "a*(a - w) > 0"},
    premises={"target": Convenience("a != 0", _NO_TARGET)},
    conclusions={
        "converges": Argued(
            "converges to one of at most three equilibria",
            (
                "J falls",
                "J falls at the edge",
                "J bounds w",
                "only those",
                Prose(
                    "{J} falls by ẇ²+θ̇² per time, also where the projection holds θ and θ̇ is 0, "
                    "and it grows with {w}²: so every path is bounded and its limit points are "
                    "equilibria. These are isolated, and limit points of a path are connected."
                ),
            ),
        ),
        "moves": Argued(
            "moves from where the gate is off to where it is open",
            ("w_s at 0", "θ_s at 0", "w_s at c*", "θ_s at c*"),
        ),
        "grows": "Implies(c < c_star, diff(w_s/a, c) > 0 and diff(θ_s, c) > 0)",
        "graph": Argued(
            "is a graph over {w}",
            (
                "above",
                "below",
                "beyond a",
                Prose(
                    "Backwards from the saddle one branch stays above the w-nullcline, where w "
                    "changes one way only, the other below it."
                ),
            ),
        ),
        "basins": Worded(
            "bounds the basins: above it lies that of the open gate, below it that "
            "of the gate that is off"
        ),
        "dies": Argued("ends where the gate is off", ("no other", "converges")),
    },
    lemmas={
        "J falls": Lemma((), "diff(J, w)*ẇ + diff(J, θ)*θ̇ == -(ẇ**2 + θ̇**2)"),
        "J falls at the edge": Lemma((), "diff(J, w)*ẇ == -ẇ**2"),
        "J bounds w": Lemma((), "J >= λ*w**2/2 + c*θ", (_UNIT | {"c": 1, "w": 1, "θ": 1},)),
        "only those": Lemma(
            ("target", "resting"),
            "(w == 0 and θ == 0) or (w == w1 and θ == 1) or (w == w_s and θ == θ_s)",
            (_UNIT | {"c": "1/4", "w": "1/2", "θ": 1},),
        ),
        "w_s at 0": Lemma((), "at(w_s, c=0) == 0"),
        "θ_s at 0": Lemma((), "at(θ_s, c=0) == 0"),
        "w_s at c*": Lemma(("target", "c == c_star"), "w_s == w1"),
        "θ_s at c*": Lemma(("target", "c == c_star"), "θ_s == 1"),
        "above": Lemma(
            ("target", "within", "θ > n"),
            "a*ẇ > 0",
            (
                _UNIT | {"c": 1, "w": "1/2", "θ": 1, "λ": "99/100"},
                _UNIT | {"c": 1, "w": "99/100", "θ": 1, "λ": "1/1000"},
            ),
        ),
        "below": Lemma(
            ("target", "within", "θ < n"),
            "a*ẇ < 0",
            (
                _UNIT | {"c": 1, "w": "1/2", "θ": 1, "λ": "101/100"},
                _UNIT | {"c": 1, "w": "99/100", "θ": 0, "λ": "1/1000"},
            ),
        ),
        "beyond a": Lemma(
            ("target", "a*(a - w) <= 0"),
            "a*ẇ < 0",
            (_UNIT | {"c": 1, "w": 1, "θ": 1, "λ": "1/100"}, _UNIT | {"c": 1, "w": 2, "θ": 1}),
        ),
        "no other": Lemma(
            ("target", "dear", "resting"),
            "w == 0 and θ == 0",
            (_UNIT | {"c": "376/1000", "w": 0, "θ": 0},),
        ),
    },
    points=(
        *CORNERS,
        _NEARLY_MERGED,
        _UNIT | {"c": "3/8", "w": "1/2", "θ": 1},
        {"s": 100, "a": 1, "λ": 1, "c": "1/100"},
    ),
    loose={"no other": "beyond c* the flow is at rest nowhere with θ̇ = 0"},
    code={"implementation": ScalarGate},
)


@claim(
    "F5",
    PORTRAIT,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "J grows along the flow": Control(
            {"J falls": "diff(J, w)*ẇ + diff(J, θ)*θ̇ == ẇ**2 + θ̇**2"}, by="J falls"
        ),
        "only θ dissipates": Control(
            {"J falls at the edge": "diff(J, w)*ẇ == 0"}, by="J falls at the edge"
        ),
        "J bounds twice as much": Control({"J bounds w": "J >= λ*w**2 + c*θ"}, by="J bounds w"),
        "two equilibria": Control(
            {"only those": "(w == 0 and θ == 0) or (w == w1 and θ == 1)"}, by="only those"
        ),
        "the third elsewhere": Control({"w_s": "a*(1 + ρ)"}, by="only those"),
        "the second elsewhere": Control({"w1": "a"}, by="only those"),
        "the saddle at the far root": Control({"w_s": "a*(1 + ρ)"}, by="w_s at 0"),
        "θ_s that starts at λ/s": Control({"θ_s": "λ/(s*ρ)"}, by="θ_s at 0"),
        "θ_s without s": Control({"θ_s": "λ*w_s/(a - w_s)"}, by="θ_s at c*"),
        "half of c*": Control({"c_star": f"{GATE['c_star']}/2"}, by="w_s at c*"),
        "w_s falls": Control({"w_s": "a*(1 + ρ)", "θ_s": "λ*(1 - ρ)/(s*ρ)"}, by="grows"),
        "θ_s falls": Control({"θ_s": "λ*ρ/s"}, by="grows"),
        "a straight w-nullcline": Control({"n": "λ*w/(s*a)"}, by="above"),
        "w falls above it": Control({"above": "a*ẇ < 0"}, by="above"),
        "w grows below it": Control({"below": "a*ẇ > 0"}, by="below"),
        "w grows beyond a": Control({"beyond a": "a*ẇ > 0"}, by="beyond a"),
        "basins bounded by an upright line": Control(
            {"implementation": _UprightBoundary}, by="basins"
        ),
        "basins bounded by a level line": Control({"implementation": _LevelBoundary}, by="basins"),
        "already from half of c*": Control({"dear": "2*c > c_star"}, by="no other"),
    },
)
def portrait(p: Proof) -> Iterator[Evidence]:
    """J is a strict Lyapunov function of the whole flow, and there are at most three equilibria.

    What does not converge to the saddle ends in E0 or E1, if that is stable; paths to the saddle
    form its stable manifold. Which side of it is whose basin is checked on paths.
    """
    yield p.identity("J falls")
    yield p.identity("J falls at the edge")
    yield p.decide("J bounds w")
    yield p.decide("only those")
    yield p.identity("w_s at 0")
    yield p.identity("θ_s at 0")
    yield p.decide("w_s at c*")
    yield p.decide("θ_s at c*")
    yield p.decide("grows")
    yield p.decide("above")
    yield p.decide("below")
    yield p.decide("beyond a")
    yield p.decide("no other")
    yield from _basins(p)


def _basins(p: Proof) -> Iterator[Evidence]:
    """Paths from all over the strip, and from close to either side of the separatrix."""
    rng, number = np.random.default_rng(6), 12
    kind, samples = p["implementation"], gate_samples(0.1, 0.9, spread=0.4, number=number)
    columns = gate_of(kind, samples)
    gates = [kind(s=s, a=a, lam=lam, c=c) for s, a, lam, c in np.hstack(list(samples.values()))]
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
    yield p.cases("basins", np.abs(ends - targets).max(0) < 1e-3, tool="Heun's method")
    dear = gate_of(p["implementation"], gate_samples(1.05, 3, spread=0.7))
    ends = follow(dear, rng.uniform(-2, 5, (200, 3)) * dear.a, rng.uniform(0, 1, (200, 3)))
    yield p.cases(
        "above c* all end where the gate is off", np.abs(ends) < 1e-3, tool="Heun's method"
    )
