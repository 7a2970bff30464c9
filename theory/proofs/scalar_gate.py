"""Claim F1: one gate and one weight; off, it is stable at every price."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory._types import Array
from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.scalar_gate import ScalarGate
from theory.statement import Argued, Convenience, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the convergence is proved"


SYMBOLS = "s, λ, c > 0; 0 <= θ <= 1; w, a"


# For a of either sign: sgn(a)√(a²−2c/s) is a·ρ.
GATE = {
    "J": "s*(θ*(a - w)**2 + (1 - θ)*a**2)/2 + λ*w**2/2 + c*θ",
    "ẇ": "-diff(J, w)",
    "θ̇": "-diff(J, θ)",
    "w1": "s*a/(s + λ)",
    "c_star": "a**2*s**2*(s + 2*λ)/(2*(s + λ)**2)",
    "ρ": "sqrt(1 - 2*c/(s*a**2))",
    "w_s": "a*(1 - ρ)",
    "θ_s": "λ*w_s/(s*(a - w_s))",
}


# At rest under the projection, which holds θ at an end.
AT_REST = "ẇ == 0 and (θ̇ == 0 or (θ == 0 and θ̇ <= 0) or (θ == 1 and θ̇ >= 0))"


# Small and large values of all parameters, and both signs of a.
CORNERS = (
    {"s": "1/100", "a": -1, "λ": "1/100", "c": "1/100", "w": 0, "θ": 0},
    {"s": 1, "a": 1, "λ": 1, "c": "1/100", "w": 0, "θ": 1},
)


def gate_samples(low: float, high: float, spread: float, number: int = 200) -> dict[str, Array]:
    """Parameters as columns, e^±spread around ±1, and prices from low·c* to high·c*."""
    rng = np.random.default_rng(4)
    s, a, lam = np.exp(rng.uniform(-spread, spread, size=(3, number, 1)))
    share = rng.uniform(low, high, size=(number, 1))
    a *= rng.choice([-1, 1], size=(number, 1))
    return {"s": s, "a": a, "λ": lam, "c": share * ScalarGate(s=s, a=a, lam=lam, c=1.0).c_star}


def gate_of(kind: type[ScalarGate], parameters: dict[str, Array]) -> ScalarGate:
    s, a, lam, c = parameters.values()
    return kind(s=s, a=a, lam=lam, c=c)


def follow(gate: ScalarGate, w: Array, theta: Array) -> Array:
    """End points of the projected flow by Heun's method, of shape (2, ...)."""
    step = 0.3 / (gate.s * (1 + np.abs(gate.a)) + gate.lam)
    for _ in range(2000):
        now = gate.flow(w, theta)
        then = gate.flow(w + step * now[0], np.clip(theta + step * now[1], 0, 1))
        w = w + step * (now[0] + then[0]) / 2
        theta = np.clip(theta + step * (now[1] + then[1]) / 2, 0, 1)
    return np.stack(np.broadcast_arrays(w, theta))


OFF = Statement(
    text="With {target} the projected flow {ẇ=}, {θ̇=} of {J=} rests at {off} whatever the price: "
    "{rests}; and there it {stable}, with {E=} and {r=}. {mirror}.",
    symbols=SYMBOLS,
    definitions={name: GATE[name] for name in ("J", "ẇ", "θ̇")}
    | {
        "off": "w == 0 and θ == 0",
        "E": "w**2/2 + 2*θ",
        "Ė": "diff(E, w)*ẇ + diff(E, θ)*θ̇",
        "r": "c/(2*s*Abs(a))",
        "small": "E < r**2/2",
        "near": "2*s*Abs(a*w) < c",
    },
    premises={"target": Convenience("a != 0", "without a target nothing ever opens the gate")},
    conclusions={
        "rests": "at(ẇ, w=0, θ=0) == 0 and at(θ̇, w=0, θ=0) < 0",
        "stable": Argued(
            "is asymptotically stable, for all starts of {small} at least",
            (
                "confined",
                "E is positive",
                "θ falls",
                "E falls",
                "E falls at the edge",
                Prose(
                    "As θ falls, the projection acts only at {θ} = 0, where it holds θ. So {E} "
                    "decreases strictly until the only point where it is 0, and no path leaves."
                ),
            ),
        ),
        "mirror": "at(J, a=-a, w=-w) == J",
    },
    lemmas={
        "confined": Lemma(
            ("target", "small"),
            "near",
            ({"s": 1, "a": 1, "c": 2, "w": "999/1000", "θ": 0, "λ": 1},),
        ),
        "E is positive": Lemma(
            ("not off",), "E > 0", ({"s": 1, "a": 1, "c": 1, "λ": 1, "w": "1/10", "θ": 0},)
        ),
        "θ falls": Lemma(
            ("near",),
            "θ̇ < 0",
            (
                {"s": 1, "a": 1, "c": "1/100", "w": "49/10000", "θ": 0, "λ": 1},
                {"s": 1, "a": 1, "c": 1, "w": "499/1000", "θ": 1, "λ": 1},
            ),
        ),
        "E falls": Lemma(
            ("near",), "Ė < 0", ({"s": 1, "a": 1, "c": 1, "w": "499/1000", "θ": 1, "λ": 1},)
        ),
        "E falls at the edge": Lemma((), "at(diff(E, w)*ẇ, θ=0) == -λ*w**2"),
    },
    points=CORNERS,
    code={"implementation": ScalarGate},
)


@claim(
    "F1",
    OFF,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "a subsidy for a price": Control({"J": GATE["J"].replace("+ c", "- c")}, by="rests"),
        "off with the weight on": Control(
            {"rests": "at(ẇ, w=a, θ=0) == 0 and at(θ̇, w=a, θ=0) < 0"}, by="rests"
        ),
        "a push on the weight": Control({"ẇ": "-diff(J, w) + 1"}, by="rests"),
        "no factor ½ in the fit": Control({"θ̇": "s*w*(2*a - w) - c"}, by="E falls"),
        "weight decay with the wrong sign": Control(
            {"ẇ": "s*θ*(a - w) + λ*w"}, by="E falls at the edge"
        ),
        "no weight decay": Control(
            {"J": GATE["J"].replace("λ*w**2/2", "0")}, by="E falls at the edge"
        ),
        "energy with too little weight on θ": Control({"E": "w**2/2 + θ/4"}, by="E falls"),
        "energy of the gate alone": Control({"E": "θ"}, by="E is positive"),
        "twice as far": Control({"r": "c/(s*Abs(a))"}, by="confined"),
        "near up to three times as far": Control({"near": "2*s*Abs(a*w) < 3*c"}, by="θ falls"),
        "the mirror image with the same weight": Control(
            {"mirror": "at(J, a=-a) == J"}, by="mirror"
        ),
        "a lopsided objective": Control({"J": f"{GATE['J']} + s*w"}, by="mirror"),
    },
)
def off(p: Proof) -> Iterator[Evidence]:
    """½w² + 2θ is a strict Lyapunov function where θ̇ < 0, that is, where 2s|aw| < c."""
    yield p.decide("rests")
    yield p.decide("confined")
    yield p.decide("E is positive")
    yield p.decide("θ falls")
    yield p.decide("E falls")
    yield p.identity("E falls at the edge")
    yield p.identity("mirror")
    yield from _off_as_computed(p)


def _off_as_computed(p: Proof) -> Iterator[Evidence]:
    rng = np.random.default_rng(5)
    samples = gate_samples(0.02, 2, spread=2)
    w, theta = rng.normal(size=(200, 1)) * 2, rng.uniform(0.01, 0.99, size=(200, 1))
    gate, places = gate_of(p["implementation"], samples), samples | {"w": w, "θ": theta}
    w_dot, theta_dot = gate.flow(w, theta)
    yield p.compare("ẇ", w_dot, points=places, rtol=1e-11, atol=1e-13)
    yield p.compare("θ̇", theta_dot, points=places, rtol=1e-11, atol=1e-13)
    yield p.compare("J", gate.objective(w, theta), points=places, rtol=1e-11)
    tame = gate_samples(0.02, 2, spread=0.7)
    gate, radius = (
        gate_of(p["implementation"], tame),
        p.values("r", **{name: tame[name] for name in ("s", "a", "c")}),
    )
    ends = follow(gate, 0.7 * radius, np.minimum(0.12 * radius**2, 1))
    yield p.shows(
        "starts below that level end there",
        compare(ends, gate.equilibrium_off(), "", tool="Heun's method", atol=1e-6),
    )
