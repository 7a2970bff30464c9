"""Claims F4 and F5: up to the price c_g < c* an open gate is also the better end; both basins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from theory._types import ArrayOrBool
from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.proofs.saddle import NEARLY_MERGED, NO_TARGET, UNIT
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
from theory.scalar_gate import ScalarGate
from theory.statement import Argued, Convenience, Lemma, Needed, Prose, Statement, Worded
from theory.verdict import Control, Evidence

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
    points=(*CORNERS, UNIT | {"c": "249/1000"}, UNIT | {"λ": "1/100"}, UNIT | {"λ": 100}),
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
    premises={"target": Convenience("a != 0", NO_TARGET)},
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
        "J bounds w": Lemma((), "J >= λ*w**2/2 + c*θ", (UNIT | {"c": 1, "w": 1, "θ": 1},)),
        "only those": Lemma(
            ("target", "resting"),
            "(w == 0 and θ == 0) or (w == w1 and θ == 1) or (w == w_s and θ == θ_s)",
            (UNIT | {"c": "1/4", "w": "1/2", "θ": 1},),
        ),
        "w_s at 0": Lemma((), "at(w_s, c=0) == 0"),
        "θ_s at 0": Lemma((), "at(θ_s, c=0) == 0"),
        "w_s at c*": Lemma(("target", "c == c_star"), "w_s == w1"),
        "θ_s at c*": Lemma(("target", "c == c_star"), "θ_s == 1"),
        "above": Lemma(
            ("target", "within", "θ > n"),
            "a*ẇ > 0",
            (
                UNIT | {"c": 1, "w": "1/2", "θ": 1, "λ": "99/100"},
                UNIT | {"c": 1, "w": "99/100", "θ": 1, "λ": "1/1000"},
            ),
        ),
        "below": Lemma(
            ("target", "within", "θ < n"),
            "a*ẇ < 0",
            (
                UNIT | {"c": 1, "w": "1/2", "θ": 1, "λ": "101/100"},
                UNIT | {"c": 1, "w": "99/100", "θ": 0, "λ": "1/1000"},
            ),
        ),
        "beyond a": Lemma(
            ("target", "a*(a - w) <= 0"),
            "a*ẇ < 0",
            (UNIT | {"c": 1, "w": 1, "θ": 1, "λ": "1/100"}, UNIT | {"c": 1, "w": 2, "θ": 1}),
        ),
        "no other": Lemma(
            ("target", "dear", "resting"),
            "w == 0 and θ == 0",
            (UNIT | {"c": "376/1000", "w": 0, "θ": 0},),
        ),
    },
    points=(
        *CORNERS,
        NEARLY_MERGED,
        UNIT | {"c": "3/8", "w": "1/2", "θ": 1},
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
