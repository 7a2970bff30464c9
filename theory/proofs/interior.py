"""Claims D2 and D2x: an undecided gate at rest is at a strict saddle, but for a bound partner."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.ledger import claim
from theory.proofs.determinism import GATE, SOURCE
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Needed, Point, Prose, Statement
from theory.verdict import Control, Evidence

SADDLE = Statement(
    text="The objective {J=} is affine in a gate, {flat}, where the costs off and on may depend "
    "on everything else. So at an interior stationary point at which the mixed derivative with a "
    "partner coordinate is {mixed}, and the partner's own curvature is {h}, {lowest} and "
    "{highest}, the first negative, {falls}, and the second positive, {rises}: it is a strict "
    "saddle. The partner is a weight, an interior gate, or {bound}.",
    symbols="c > 0; λ >= 0; 0 <= θ <= 1; off, on, w, h, b, y",
    definitions={
        "J": "off - θ*(off - on) + λ*w**2/2 + c*θ",
        "bend": "diff(J, θ, 2)",
        "ν_low": "(h - sqrt(h**2 + 4*b**2))/2",
        "ν_high": "(h + sqrt(h**2 + 4*b**2))/2",
        "form": "h + 2*b*y + bend*y**2",
    },
    premises={"mixed": Needed("b != 0", fails=("falls", {"h": 1, "b": 0}))},
    conclusions={
        "flat": "bend == 0",
        "lowest": Argued(
            "the Hessian's lowest eigenvalue is at most {ν_low:}",
            (
                "flat",
                "sum",
                "product",
                Prose(
                    "So these two are the eigenvalues of the block of the gate and its partner. "
                    "The lowest eigenvalue of the Hessian is the least value of its form on unit "
                    "vectors, and those that vanish outside the block are among them."
                ),
            ),
        ),
        "highest": Argued(
            "its highest at least {ν_high:}",
            ("sum", "product", Prose("In the same way, with the greatest value.")),
        ),
        "falls": "ν_low < 0",
        "rises": "ν_high > 0",
        "bound": Argued(
            "a bound one with zero gradient, for the objective falls along a "
            "direction into the cube",
            (
                "flat",
                Prose(
                    "Let the partner move by one, and the gate, which is free, by y: as {mixed}, "
                    "some y is as needed in the next step."
                ),
                "falls along it",
                Prose(
                    "A direction and its opposite have the same curvature, so it may be taken to "
                    "lead inwards; and no gradient is against it."
                ),
            ),
        ),
    },
    lemmas={
        "sum": Lemma((), "ν_low + ν_high == h + bend"),
        "product": Lemma((), "ν_low*ν_high == h*bend - b**2"),
        "falls along it": Lemma(
            ("2*b*y < -h",),
            "form < 0",
            ({"c": 1, "λ": 0, "θ": 0, "off": 0, "on": 0, "w": 0, "h": 1, "b": 1, "y": "-101/200"},),
        ),
    },
    points=(
        {"c": "1/100", "λ": 0, "θ": 0, "off": 0, "on": 0, "w": 0, "h": 0, "b": "1/100", "y": 0},
        {"c": 1, "λ": 1, "θ": 1, "off": 1, "on": 2, "w": 1, "h": 1, "b": "-1/100", "y": 1},
        {"c": 1, "λ": 1, "θ": 1, "off": -2, "on": -1, "w": -1, "h": -1, "b": 1, "y": -1},
    ),
    shown_as=GATE | {"bend": "∂²J/∂θ²", "ν_low": "ν", "ν_high": "ν′"},
)


@claim(
    "D2",
    SADDLE,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "a fixed prior's curvature": Control({"J": "off - θ*(off - on) + 2*θ**2"}, by="flat"),
        "b² for 4b²": Control({"ν_low": "(h - sqrt(h**2 + b**2))/2"}, by="product"),
        "the upper root": Control({"ν_low": "(h + sqrt(h**2 + 4*b**2))/2"}, by="falls"),
        "the lower root": Control({"ν_high": "(h - sqrt(h**2 + 4*b**2))/2"}, by="rises"),
        "half the upper root": Control({"ν_high": "(h + sqrt(h**2 + 4*b**2))/4"}, by="sum"),
        "mixed derivative zero allowed": Control({"mixed": None}, by="falls"),
        "below −|b|": Control({"falls": "ν_low < -Abs(b)"}, by="falls"),
        "above h": Control({"rises": "ν_high > 2*h"}, by="rises"),
        "the form without the 2": Control({"form": "h + b*y + bend*y**2"}, by="falls along it"),
    },
)
def saddles(p: Proof) -> Iterator[Evidence]:
    """The 2×2 block of gate and partner bounds the eigenvalues of the whole Hessian."""
    places: tuple[Point, ...] = ({"h": 2, "b": "1/3"}, {"h": -2, "b": 5})
    yield p.identity("flat")
    yield p.identity("sum", at=places)
    yield p.identity("product", at=places)
    yield p.decide("falls")
    yield p.decide("rises")
    yield p.decide("falls along it")
    # Symmetric matrices of order 6 whose last two coordinates are gates.
    half = np.random.default_rng(2).normal(size=(400, 6, 6)) * np.geomspace(0.01, 10, 6)
    hessians = half + half.swapaxes(1, 2)
    hessians[:, [4, 5], [4, 5]] = p.numeric("bend", "θ")(0.5)
    diagonal, mixed = np.einsum("kii->ki", hessians)[:, :5], hessians[:, :5, 5]
    eigenvalues = np.linalg.eigvalsh(hessians)
    low, high = (p.numeric(root, "h b")(diagonal, mixed) for root in ("ν_low", "ν_high"))
    yield p.cases(
        "whole Hessians against the bounds",
        (eigenvalues[:, :1] <= low + 1e-9) & (eigenvalues[:, 5:] >= high - 1e-9),
    )


BOUND_PARTNER = Statement(
    text="It is false that a stationary interior gate with a non-zero mixed derivative always "
    "lets the objective fall: in {J=} at ({x}, {y:}), for every {x} between zero and one, the "
    "gate is stationary, {stationary}, the mixed derivative is not zero, {mixed}, but a positive "
    "gradient holds the partner at {y:}, {held}, and nothing in the square is lower, {lowest}.",
    symbols="0 <= θ1 <= 1; 0 <= θ2 <= 1; 0 < x < 1",
    definitions={"J": "θ1*θ2", "y": "0"},
    conclusions={
        "stationary": "at(diff(J, θ1), θ1=x, θ2=y) == 0",
        "mixed": "at(diff(diff(J, θ1), θ2), θ1=x, θ2=y) != 0",
        "held": "at(diff(J, θ2), θ1=x, θ2=y) > 0",
        "lowest": "J >= at(J, θ1=x, θ2=y)",
    },
    points=({"θ1": 1, "θ2": 0, "x": "1/100"}, {"θ1": 0, "θ2": 1, "x": "99/100"}),
)


@claim(
    "D2x",
    BOUND_PARTNER,
    supports=("A3",),
    source=SOURCE,
    controls={
        "partner with zero gradient": Control({"J": "(θ1 - x)*θ2"}, by="held"),
        "then it is no minimum": Control({"J": "(θ1 - x)*θ2"}, by="lowest"),
        "partner with negative gradient": Control({"J": "-θ1*θ2"}, by="held"),
        "partner at 1": Control({"y": "1"}, by="stationary"),
        "no mixed derivative": Control({"J": "θ2"}, by="mixed"),
        "half the gate's value less": Control(
            {"lowest": "J >= at(J, θ1=x, θ2=y) + θ2*x"}, by="lowest"
        ),
    },
)
def bound_partner(p: Proof) -> Iterator[Evidence]:
    """The partner is held at 0; (x, 1) with it held at 1 follows by θ₂ → 1−θ₂."""
    yield p.identity("stationary")
    yield p.decide("mixed")
    yield p.decide("held")
    yield p.decide("lowest")
