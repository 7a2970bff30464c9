"""Claims G2 and G2x: what straight-through does instead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.estimators import StraightThrough, straight_through_attractor
from theory.ledger import claim
from theory.objectives import gate_gradient, polynomial, relu_network
from theory.proofs.drawn import SOURCE, THETAS
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Lemma, Statement
from theory.verdict import Control, Evidence

_STRAIGHT = {
    "C": "(Δ - h/2)*u + h*u**2/2",
    "slope": "diff(C, u)",
    "estimate": "mean(at(slope, u=ξ), ξ, θ)",
    "field": "-(estimate + c)",
    "g": "Δ + c",
}


STRAIGHT = Statement(
    text="Straight-through, which draws the gate, has the mean {by slopes}. For a quadratic cost "
    "of the difference {Δ} and the curvature {h} that is {quadratic}, with {variance}, and it "
    "{creates}, {θ_star=}; {interior}. There {true}.",
    symbols="0 <= θ <= 1; c, h > 0; Δ; 0 <= u <= 1; ξ",
    definitions=_STRAIGHT
    | {
        "slope1": "at(slope, u=1)",
        "slope0": "at(slope, u=0)",
        "spread": "mean(at(slope, u=ξ)**2, ξ, θ) - estimate**2",
        "θ_star": "1/2 - g/h",
    },
    conclusions={
        "by slopes": "estimate == θ*slope1 + (1 - θ)*slope0",
        "quadratic": "estimate == Δ + h*(θ - 1/2)",
        "variance": "spread == h**2*θ*(1 - θ)",
        "creates": Argued("creates an attracting rest point", ("difference", "rests", "attracts")),
        "interior": "Iff(0 < θ_star < 1, Abs(g) < h/2)",
        "true": Argued(
            "the true gradient {g:} does not depend on the gate and drives it to an end",
            ("constant",),
        ),
    },
    lemmas={
        "difference": Lemma((), "at(C, u=1) - at(C, u=0) == Δ"),
        "rests": Lemma((), "at(field, θ=θ_star) == 0"),
        "attracts": Lemma((), "diff(field, θ) < 0"),
        "constant": Lemma((), "diff(g, θ) == 0"),
    },
    points=(
        {"θ": 0, "c": "1/100", "h": "1/100", "Δ": "-51/10000", "u": 0},
        {"θ": 1, "c": 1, "h": 2, "Δ": "-2/100", "u": 1},
        {"θ": 1, "c": 1, "h": 1, "Δ": "-51/100"},
        {"θ": 1, "c": 1, "h": 1, "Δ": "-149/100"},
    ),
    shown_as={"slope1": "C′(1)", "slope0": "C′(0)", "estimate": "E[C′]", "spread": "Var[C′]"},
    spelt=("g",),
    code={"implementation": StraightThrough, "attractor": straight_through_attractor},
)


@claim(
    "G2",
    STRAIGHT,
    supports=("A2", "A3"),
    source=SOURCE,
    controls={
        "θ on the wrong side": Control(
            {"by slopes": "estimate == θ*slope0 + (1 - θ)*slope1"}, by="by slopes"
        ),
        "unbiased": Control({"quadratic": "estimate == Δ"}, by="quadratic"),
        "bias of half the size": Control(
            {"quadratic": "estimate == Δ + h*(θ - 1/2)/2"}, by="quadratic"
        ),
        "rest point mirrored": Control({"θ_star": "1/2 + g/h"}, by="rests"),
        "rest point whenever |Δ+c| < h": Control(
            {"interior": "Iff(0 < θ_star < 1, Abs(g) < h)"}, by="interior"
        ),
        "no rest point beyond |Δ+c| = h/3": Control(
            {"interior": "Iff(0 < θ_star < 1, Abs(g) < h/3)"}, by="interior"
        ),
        "it repels": Control({"attracts": "diff(field, θ) > 0"}, by="attracts"),
        "the true gradient bends too": Control({"constant": "diff(g, Δ) == 0"}, by="constant"),
        "variance at θ = ½ for all": Control({"variance": "spread == h**2/4"}, by="variance"),
    },
)
def straight_through(p: Proof) -> Iterator[Evidence]:
    """The mean field −(mean + c) falls through zero at θ*; a drawn gate's values are 0 and 1."""
    for name in ("by slopes", "quadratic", "variance", "difference", "rests", "constant"):
        yield p.identity(name)
    yield p.decide("attracts")
    yield p.decide("interior")
    yield from _straight_through_numbers(p)


def _straight_through_numbers(p: Proof) -> Iterator[Evidence]:
    """The code against a Bernoulli sum, and where the mean field ends up by simulation."""
    rng = np.random.default_rng(3)
    network = relu_network(rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=5), 0.4)
    theta, ours = rng.random((10, 3)), p["implementation"]()
    corners = (np.arange(8)[:, None] >> np.arange(3) & 1).astype(float)
    chance = np.where(corners == 1, theta[:, None], 1 - theta[:, None]).prod(-1)
    slope = network.slope(corners)
    mean = chance @ slope
    moments = ours.moments(network, theta)
    yield p.shows(
        "mean on a ReLU network", compare(moments.mean, mean, "", tool="enumeration", atol=1e-12)
    )
    yield p.shows(
        "variance on a ReLU network",
        compare(moments.variance, chance @ slope**2 - mean**2, "", tool="enumeration", atol=1e-12),
    )
    delta, curvature, price = rng.uniform(-1, 1, 200), rng.uniform(-3, 3, 200), 0.2
    closed = ours.one_gate(delta, curvature, THETAS[:, None])
    at = {"Δ": delta, "h": curvature, "θ": THETAS[:, None]}
    yield p.compare("estimate", closed.mean, atol=1e-14, rtol=0, points=at)
    yield p.compare("spread", closed.variance, atol=1e-14, rtol=0, points=at)
    low, high = np.full(200, 0.01), np.full(200, 0.99)
    for _ in range(2000):
        low, high = (
            np.clip(at - 0.02 * (ours.one_gate(delta, curvature, at).mean + price), 0, 1)
            for at in (low, high)
        )
    settled = (np.abs(low - high) < 1e-6) & (low > 0.01) & (low < 0.99)
    found, stated = np.where(settled, low, np.nan), p["attractor"](delta, curvature, price)
    clear = np.isnan(stated) | ((stated > 0.02) & (stated < 0.98))
    same = np.isclose(found, stated, atol=1e-6) | (np.isnan(found) & np.isnan(stated))
    yield p.cases("where the mean field settles from both ends", same[clear])


NO_ATTRACTOR = Statement(
    text="‘Straight-through always has an attracting interior rest point’ is false: {repelling}; "
    "{none}; and {linear}.",
    symbols="0 <= θ <= 1; c > 0; Δ, h; 0 <= u <= 1; ξ",
    definitions=_STRAIGHT
    | {"concave": "h < 0", "straight": "h == 0", "far": "Abs(g) >= h/2", "inner": "0 < θ < 1"},
    conclusions={
        "repelling": Argued("where {concave}, the rest point repels", ("rests", "repels")),
        "none": Argued("where {far} there is none", ("no rest",)),
        "linear": Argued(
            "for {straight}, a cost linear in the gate, it is unbiased", ("unbiased",)
        ),
    },
    lemmas={
        "rests": Lemma(("c == -Δ",), "at(field, θ=1/2) == 0"),
        "repels": Lemma(("concave",), "diff(field, θ) > 0", ({"h": "-1/100"},)),
        "no rest": Lemma(
            ("h > 0", "far", "inner"),
            "field != 0",
            (
                {"h": "1/100", "Δ": "1/200", "c": "1/1000", "θ": "1/100"},
                {"h": 2, "Δ": "1/2", "c": "1/2", "θ": "99/100"},
            ),
        ),
        "unbiased": Lemma(("straight",), "estimate == Δ"),
    },
    points=({"θ": 0, "c": "1/100", "u": 0}, {"θ": 1, "c": 1, "u": 1}),
    spelt=("g",),
)


@claim(
    "G2x",
    NO_ATTRACTOR,
    supports=("A3",),
    source=SOURCE,
    controls={
        "positive curvature": Control({"concave": "h > 0"}, by="repels"),
        "slope below h/2": Control({"far": "Abs(g) >= h/3"}, by="no rest"),
        "a curved cost": Control({"straight": "h == 1"}, by="unbiased"),
        "rest at a third": Control({"rests": "at(field, θ=1/3) == 0"}, by="rests"),
    },
)
def no_attractor(p: Proof) -> Iterator[Evidence]:
    """Each clause is a lemma; the code's mean on multilinear costs stands beside the last."""
    yield p.identity("rests")
    yield p.decide("repels")
    yield p.decide("no rest")
    yield p.identity("unbiased")
    rng = np.random.default_rng(4)
    linear, at = polynomial(rng.normal(size=6), rng.integers(0, 2, (6, 3))), rng.random((20, 3))
    yield p.shows(
        "unbiased for a multilinear C",
        compare(
            StraightThrough().moments(linear, at).mean,
            gate_gradient(linear, at),
            "",
            tool="enumeration",
            atol=1e-12,
        ),
    )
