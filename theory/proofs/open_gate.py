"""Claims F2 and F2x: up to the price c* an open gate is at rest, and below it stable."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.proofs.scalar_gate import (
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
from theory.statement import Argued, Convenience, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

_MERGED = Prose(
    "A start at {w1}(1−ε), {θ} = 1, however small ε, stays on its side of the wall {w} = {w1}, "
    "and its {θ} falls for ever. A limit on that side below {θ} = 1 is an equilibrium, and hence "
    "at {θ} = 0: so the path leaves every small neighbourhood."
)


# Room is used up, r nearly too, and little of it is left.
_NEAR_MERGER = {"s": 1, "a": 1, "λ": 1, "c": "373999/1000000", "r": "1/1000",
                "w": "500999/1000000", "θ": 1}  # fmt: skip


_BEFORE_MERGER = _NEAR_MERGER | {"c": "37/100"}


ON = Statement(
    text="In the projected flow {ẇ=}, {θ̇=} of {J=} with {target}, of all points with an open gate "
    "only {w1=} can be at rest, and it is up to the price {c_star=}: {rests}. If {cheap}, it "
    "{stable}, with {E=}, {x=}, {k=} and {Δ=}; at {dearest} it {merges} and {unstable}.",
    symbols=f"{SYMBOLS}; r > 0",
    definitions=GATE
    | {
        "allowed": "c <= c_star",
        "cheap": "c < c_star",
        "dearest": "c == c_star",
        "k": "a - w1",
        "x": "w - w1",
        "E": "x**2/2 + 2*(1 - θ)",
        "Ė": "x*ẇ - 2*θ̇",
        "Δ": "c_star - c",
        "room": "s*r*(r + 2*Abs(k)) <= Δ",
        "r_max": "sqrt(k**2 + (c_star - c)/s) - Abs(k)",
        "small": "E < r**2/2",
        "near": "Abs(x) < r",
        "left": "a*x < 0",
    },
    premises={"target": Convenience("a != 0", "without a target c* is 0, and no price is allowed")},
    conclusions={
        "rests": "Iff(at(ẇ, θ=1) == 0 and θ̇ >= 0, w == w1 and c <= c_star)",
        "stable": Argued(
            "is asymptotically stable, for starts of {small} and {room} at least",
            (
                "some room",
                "all of it",
                "confined",
                "E is positive",
                "θ̇ from there",
                "θ rises",
                "ẇ from there",
                "Ė is that",
                "E falls",
                "E falls at the edge",
                Prose(
                    "As {θ} rises, the projection acts only at {θ} = 1, where it holds {θ}. So {E} "
                    "decreases strictly until the only point where it is 0, and no path leaves."
                ),
            ),
        ),
        "merges": Argued("merges with the saddle", ("w_s at c*", "θ_s at c*")),
        "unstable": Argued("is not Lyapunov stable", ("falls on that side", "wall", _MERGED)),
    },
    lemmas={
        "some room": Lemma(("cheap",), "r_max > 0", ({"s": 1, "a": 1, "λ": 1, "c": "374/1000"},)),
        "all of it": Lemma((), "s*r_max*(r_max + 2*Abs(k)) == c_star - c"),
        "confined": Lemma(
            ("small",), "near", ({"s": 1, "a": 1, "λ": 1, "w": "599/1000", "θ": 1, "r": "1/10"},)
        ),
        "E is positive": Lemma(
            ("not (w == w1 and θ == 1)",),
            "E > 0",
            ({"s": 1, "a": 1, "c": 1, "λ": 1, "w": "6/10", "θ": 1},),
        ),
        "θ̇ from there": Lemma((), "θ̇ == Δ + s*k*x - s*x**2/2"),
        "θ rises": Lemma(("room", "near", "θ̇ from there"), "θ̇ > 0", (_NEAR_MERGER, _BEFORE_MERGER)),
        "ẇ from there": Lemma((), "ẇ == -(s + λ)*x - s*(1 - θ)*(k - x)"),
        "Ė is that": Lemma((), "diff(E, w)*ẇ + diff(E, θ)*θ̇ == Ė"),
        "E falls": Lemma(
            ("room", "near", "θ̇ from there", "ẇ from there"),
            "Ė < 0",
            (_NEAR_MERGER, _BEFORE_MERGER),
        ),
        "E falls at the edge": Lemma((), "at(x*ẇ, θ=1) == -(s + λ)*x**2"),
        "w_s at c*": Lemma(("dearest", "target"), "w_s == w1"),
        "θ_s at c*": Lemma(("dearest", "target"), "θ_s == 1"),
        "falls on that side": Lemma(
            ("dearest", "target", "left"),
            "θ̇ < 0",
            ({"s": 1, "a": 1, "λ": 1, "c": "3/8", "w": "49/100", "θ": 1},),
        ),
        "wall": Lemma(
            ("target", "θ < 1"),
            "at(a*ẇ, w=w1) < 0",
            ({"s": 1, "a": 1, "λ": 1, "c": "3/8", "w": "1/2", "θ": "99/100"},),
        ),
    },
    points=(
        *({**corner, "r": "1/100"} for corner in CORNERS),
        {"s": 1, "a": 1, "λ": 1, "c": "3/8", "w": "1/2", "θ": 1, "r": 1},
    ),
    shown_as={"r_max": "r"},
    code={"implementation": ScalarGate},
)


@claim(
    "F2",
    ON,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "weight without decay": Control({"w1": "a"}, by="rests"),
        "twice c*": Control({"c_star": "a**2*s**2*(s + 2*λ)/(s + λ)**2"}, by="rests"),
        "s+λ for s+2λ in c*": Control({"c_star": "a**2*s**2*(s + λ)/(2*(s + λ)**2)"}, by="rests"),
        "not at c*": Control(
            {"rests": "Iff(at(ẇ, θ=1) == 0 and θ̇ >= 0, w == w1 and c < c_star)"}, by="rests"
        ),
        "stable at c = c* too": Control({"cheap": "c <= c_star"}, by="some room"),
        "energy with too little weight on θ": Control(
            {"E": "x**2/2 + (1 - θ)/4", "Ė": "x*ẇ - θ̇/4"}, by="E falls"
        ),
        "energy of the gate alone": Control({"E": "1 - θ"}, by="E is positive"),
        "twice the room": Control({"room": "s*r*(r + 2*Abs(k)) <= 2*(c_star - c)"}, by="θ rises"),
        "room without the distance to a": Control({"room": "s*r**2 <= c_star - c"}, by="θ rises"),
        "twice as far": Control({"small": "E < r**2"}, by="confined"),
        "twice the largest r": Control(
            {"r_max": "2*sqrt(k**2 + (c_star - c)/s) - 2*Abs(k)"}, by="all of it"
        ),
        "the other root at c*": Control({"w_s": "a*(1 + ρ)"}, by="w_s at c*"),
        "θ_s without s": Control({"θ_s": "λ*w_s/(a - w_s)"}, by="θ_s at c*"),
        "on the other side": Control({"left": "a*x > 0"}, by="falls on that side"),
        "just below c*": Control({"dearest": "c == 99*c_star/100"}, by="falls on that side"),
        "a wall crossed outwards": Control({"wall": "at(a*ẇ, w=w1) > 0"}, by="wall"),
    },
)
def on(p: Proof) -> Iterator[Evidence]:
    """Like F1, around E1; and at c = c* a path that leaves it."""
    yield p.decide("rests")
    yield p.decide("some room")
    yield p.identity("all of it")
    yield p.decide("confined")
    yield p.decide("E is positive")
    yield p.identity("θ̇ from there")
    yield p.decide("θ rises", atoms=("k", "x", "Δ", "θ̇"))
    yield p.identity("ẇ from there")
    yield p.identity("Ė is that")
    yield p.decide("E falls", atoms=("k", "x", "Δ", "θ̇", "ẇ"))
    yield p.identity("E falls at the edge")
    yield p.decide("w_s at c*")
    yield p.decide("θ_s at c*")
    yield p.decide("falls on that side")
    yield p.decide("wall")
    yield from _on_as_computed(p)


def _on_as_computed(p: Proof) -> Iterator[Evidence]:
    samples, tame = gate_samples(0.02, 2, spread=2), gate_samples(0.02, 0.95, spread=0.7)
    gate = gate_of(p["implementation"], samples)
    three = {name: samples[name] for name in ("s", "a", "λ")}
    weight, theta = gate.equilibrium_on()
    yield p.compare("c_star", gate.c_star, points=three, rtol=1e-11)
    there = p.truths("allowed", **samples)
    yield p.cases(
        "it is there as computed where it is allowed",
        (there == np.isfinite(weight)) & (there == (theta == 1)),
    )
    yield p.compare(
        "w1",
        weight[there],
        points={name: values[there] for name, values in three.items()},
        rtol=1e-11,
    )
    # The boundary itself, exactly in doubles: at rest, and no saddle.
    edge = p["implementation"](s=1.0, a=1.0, lam=1.0, c=0.375)
    yield p.cases(
        "as computed at c = c* exactly",
        [
            edge.equilibrium_on() == (0.5, 1.0),
            np.isnan(edge.saddle()[0]),
            edge.regime() == "merged",
        ],
    )
    gate = gate_of(p["implementation"], tame)
    weight, _ = target = gate.equilibrium_on()
    radius = p.values("r_max", **tame)
    ends = follow(gate, weight + 0.7 * radius, 1 - np.minimum(0.12 * radius**2, 1))
    yield p.shows(
        "starts below that level end there",
        compare(ends, target, "", tool="Heun's method", atol=1e-6),
    )


MERGED = Statement(
    text="It is false that an open gate is stable whenever it rests: with {J=} at {s=}, {a=}, "
    "{λ=}, {c=} it rests at {w1=}, {rests}, but all starts with an open gate and {left} {escape}.",
    symbols="0 <= θ <= 1; w",
    definitions=GATE | {"s": "1", "a": "1", "λ": "1", "c": "3/8", "left": "w < w1"},
    conclusions={
        "rests": "at(ẇ, w=w1, θ=1) == 0 and at(θ̇, w=w1) >= 0",
        "escape": Argued(
            "end where the gate is off, however near they are",
            ("falls on that side", "wall", _MERGED),
        ),
    },
    lemmas={
        "falls on that side": Lemma(("left",), "θ̇ < 0"),
        "wall": Lemma(("θ < 1",), "at(ẇ, w=w1) < 0"),
    },
    points=({"θ": "99/100", "w": "499/1000"}, {"θ": 0}, {"θ": 1}),
    loose={"rests": "both sides are numbers"},
    code={"implementation": ScalarGate},
)


@claim(
    "F2x",
    MERGED,
    supports=("A5",),
    source=SOURCE,
    controls={
        "a price just below c*": Control({"c": "37/100"}, by="falls on that side"),
        "the price c_g": Control({"c": "1/4"}, by="falls on that side"),
        "a price above c*, where it does not rest": Control({"c": "2/5"}, by="rests"),
        "starts on either side": Control({"left": "w < 2*w1"}, by="falls on that side"),
        "a wall elsewhere": Control({"w1": "1/3"}, by="rests"),
        "a wall crossed outwards": Control({"wall": "at(ẇ, w=w1) > 0"}, by="wall"),
    },
)
def merged(p: Proof) -> Iterator[Evidence]:
    """The argument is that of claim F2; here are the exact slopes at s = a = λ = 1, and paths."""
    yield p.exact("rests")
    yield p.decide("falls on that side")
    yield p.decide("wall")
    s, a, lam, c, wall = (float(p[name]) for name in ("s", "a", "λ", "c", "w1"))
    gate = p["implementation"](s=s, a=a, lam=lam, c=c)
    starts = wall - np.geomspace(1e-3, 0.4, 40)
    yield p.shows(
        "starts at 0.001 to 0.4 from it",
        compare(follow(gate, starts, np.ones(40)), 0, "", tool="Heun's method", atol=1e-6),
    )
