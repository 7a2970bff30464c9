"""Claim D1: with an affine price, minima are deterministic networks.

C is any cost over n gates that are 0 or 1; its expectation E_θ[C] over independent gates is its
multilinear extension to the cube. Claim D1x is a counterexample: it shows that a stronger wording
of D1 is false.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from theory._types import Array, Mask
from theory.ledger import claim
from theory.proofs.cube import extend, neighbours, off_and_on, tables, vertices
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Needed, Prose, Statement, Worded
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the gates converge to 0 or 1"


GATE = {"off": "C(ξᵢ=0)", "on": "C(ξᵢ=1)"}


VERTEX = Statement(
    text="The objective, the expected cost of independent gates and a price {price:} for each, is "
    "{multilinear}. So {lowest}, and {strict}. A local minimiser with a fractional set of gates "
    "{flat}, and then {tie}; {generic}.",
    symbols="c > 0; 0 <= θ <= 1; off, on, h; n >= 1",
    definitions={
        "price": "c*θ",
        "F": "(1 - θ)*off + θ*on + price",
        "W": "off - on",
        "edges": "n*2**(n - 1)",
        "other": "c != W",
        "up": "at(F, θ=θ + h)",
        "down": "at(F, θ=θ - h)",
        "level": "at(F, θ=0) == at(F, θ=1)",
    },
    conclusions={
        "multilinear": Argued(
            "multilinear",
            (
                Prose(
                    "Condition on one gate, with the others as they are: {off} and {on} are the "
                    "mean costs with it off and on, which do not depend on its own probability "
                    "{θ}. Then the objective is {F=}, but for the price of the others."
                ),
                "affine",
            ),
        ),
        "lowest": Argued(
            "its minimum over the cube is at a vertex",
            (
                "multilinear",
                "no lower than both ends",
                Prose(
                    "So a gate can be moved to one of its ends without a rise. Move one gate after "
                    "the other: the vertex reached is no higher than the point."
                ),
                "small: lowest",
            ),
        ),
        "strict": Argued(
            "every strict local minimiser is a vertex",
            (
                "multilinear",
                Prose("Move a fractional gate up or down by {h}, to {up=} and {down=}."),
                "mean of a flip",
                Prose(
                    "So one of the two opposite moves does not rise, however short they are: the "
                    "point is no strict local minimiser."
                ),
                "small: strict",
            ),
        ),
        "flat": Argued(
            "makes the objective constant on the face that frees the set",
            (
                "multilinear",
                "mean of a flip",
                Prose(
                    "Flip the gates of the set one after the other: the mean over all corners of a "
                    "box around the point, within the face, is the value at the point."
                ),
                "no corner is higher",
                Prose(
                    "At a local minimiser no corner of a small box is lower, so by the same step, "
                    "gate by gate, none is higher: the objective is constant on all small boxes, "
                    "and, being a polynomial, on the face."
                ),
                "small: flat",
            ),
        ),
        "tie": Argued(
            "{c} is one of the marginal values {W:} of a gate, the others being on or off, of "
            "which there are at most {edges:} for {n} gates",
            (
                "flat",
                Prose("An edge of the face joins two vertices and frees one gate."),
                "level at a tie",
                "the edges",
                "small: tie",
            ),
        ),
        "generic": Argued(
            "for every other price each local minimiser is a strict vertex",
            (
                "tie",
                Prose(
                    "So no gate is fractional. At a vertex all marginal values are those of edges."
                ),
                "no flat edge",
                "no descent from off",
                "no descent from on",
                Prose(
                    "So each single move from the vertex into the cube rises at a rate that is not "
                    "zero; together they rise at the sum of their rates, up to the second order: "
                    "the minimiser is strict."
                ),
                "small: generic",
            ),
        ),
    },
    lemmas={
        "affine": Lemma((), "diff(F, θ, 2) == 0"),
        "no lower than both ends": Lemma((), "F >= Min(at(F, θ=0), at(F, θ=1))"),
        "mean of a flip": Lemma((), "(up + down)/2 == F"),
        "no corner is higher": Lemma(
            ("down >= F",),
            "up <= F",
            (
                {"c": 1, "off": 3, "on": 2, "θ": "1/2", "h": "1/4"},
                {"c": 1, "off": 1, "on": 0, "θ": "1/2", "h": "1/4"},
                {"c": 1, "off": 1, "on": 0, "θ": "1/2", "h": "-1/4"},
                {"c": 1, "off": 3, "on": 1, "θ": "1/2", "h": "1/4"},
            ),
        ),
        "level at a tie": Lemma(("level",), "c == W"),
        "no flat edge": Lemma(("other",), "diff(F, θ) != 0"),
        "no descent from off": Lemma(
            ("h > 0", "at(F, θ=h) >= at(F, θ=0)"),
            "at(diff(F, θ), θ=0) >= 0",
            (
                {"c": 1, "off": 3, "on": 2, "θ": 0, "h": "1/100"},
                {"c": 1, "off": 1, "on": 1, "θ": 0, "h": "1/100"},
            ),
        ),
        "no descent from on": Lemma(
            ("h > 0", "at(F, θ=1 - h) >= at(F, θ=1)"),
            "at(diff(F, θ), θ=1) <= 0",
            (
                {"c": 1, "off": 3, "on": 2, "θ": 1, "h": "1/100"},
                {"c": 1, "off": 3, "on": 1, "θ": 1, "h": "1/100"},
            ),
        ),
        "the edges": Worded(
            "{edges:} marginal values occur in a random cost of {n} gates, and "
            "never more, up to eight gates"
        ),
        "small: lowest": Worded("no point of a grid is below all vertices, for every small cost"),
        "small: strict": Worded(
            "no fractional point of a grid is a strict local minimiser, for every small cost"
        ),
        "small: flat": Worded(
            "every small cost is constant on the face of a fractional local minimiser"
        ),
        "small: tie": Worded("and then the price is a marginal value on that face"),
        "small: generic": Worded(
            "if the price is no marginal value of a small cost, each local "
            "minimiser is a strict vertex"
        ),
    },
    points=(
        {"c": 1, "off": 1, "on": 2, "θ": 0, "h": 0, "n": 1},
        {"c": 1, "off": 1, "on": 2, "θ": 1, "h": 0, "n": 2},
        {"c": "1/100", "off": -2, "on": -1, "θ": 1, "h": -1, "n": 2},
    ),
    shown_as=GATE,
)


@claim(
    "D1",
    VERTEX,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "a convex price": Control({"price": "c*θ**2"}, by="affine"),
        "a concave price": Control({"price": "c*θ*(2 - θ)"}, by="mean of a flip"),
        "a convex price, lowest at a vertex": Control({"price": "c*θ**2"}, by="small: lowest"),
        "a convex price, strict only there": Control({"price": "c*θ**2"}, by="small: strict"),
        "a convex price, flat on a face": Control({"price": "c*θ**2"}, by="small: flat"),
        "marginal value with the wrong sign": Control({"W": "on - off"}, by="level at a tie"),
        "so in every small cost": Control({"W": "on - off"}, by="small: tie"),
        "2ⁿ⁻¹ marginal values": Control({"edges": "2**(n - 1)"}, by="the edges"),
        "n·2ⁿ marginal values": Control({"edges": "n*2**n"}, by="the edges"),
        "any price at all": Control({"other": "c > 0"}, by="no flat edge"),
        "any price, in every small cost": Control({"other": "c > 0"}, by="small: generic"),
        "two flips of one length and two": Control({"up": "at(F, θ=θ + 2*h)"}, by="mean of a flip"),
        "lower than both ends": Control(
            {"no lower than both ends": "F >= Max(at(F, θ=0), at(F, θ=1))"},
            by="no lower than both ends",
        ),
        "a corner higher": Control({"down": "at(F, θ=θ + h)"}, by="no corner is higher"),
    },
)
def at_vertices(p: Proof) -> Iterator[Evidence]:
    """Multilinear functions average over sign flips, whence a strong maximum principle."""
    yield p.identity("affine")
    yield p.decide("no lower than both ends")
    yield p.identity("mean of a flip")
    yield p.decide("no corner is higher")
    yield p.decide("level at a tie")
    yield p.decide("no flat edge")
    yield p.decide("no descent from off")
    yield p.decide("no descent from on")
    rng = np.random.default_rng(1)
    costs = [rng.integers(2**40, size=2**n) for n in range(1, 9)]
    found = [np.unique(p.numeric("W", "off on")(*off_and_on(values))).size for values in costs]
    yield p.cases("the edges", found == p.numeric("edges", "n")(np.arange(1, 9)))
    yield from _every_small_cost(p)


def _every_small_cost(p: Proof) -> Iterator[Evidence]:
    """All costs with few integer levels, at points with few binary digits: doubles are exact."""
    found = [
        case
        for n, levels in ((2, 4), (3, 3))
        for c in (0.5, 1.0, 1.5)
        for case in _small_costs(p, n, levels, c)
    ]
    for name in dict.fromkeys(name for name, _ in found):
        holds = np.concatenate([mask.ravel() for key, mask in found if key == name])
        yield p.cases(name, holds, uses=("price", "W", "other"))


def _small_costs(p: Proof, n: int, levels: int, c: float) -> Iterator[tuple[str, Mask]]:
    price, costs, bits = p.numeric("price", "c θ"), tables(n, levels), vertices(n)

    def objective(theta: Array) -> Array:
        column = costs.reshape(-1, *[1] * (theta.ndim - 1), 2**n)
        return extend(column, theta) + price(c, theta).sum(-1)

    points = np.array(list(product([0, 0.375, 1], repeat=n)))
    free = (points > 0) & (points < 1)
    at_vertex, here = objective(bits.astype(float)), objective(points)
    yield "small: lowest", here >= at_vertex.min(-1, keepdims=True)

    around = objective(points[:, None] + np.where(bits, 0.125, -0.125) * free[:, None])
    fractional = free.any(-1)
    yield "small: strict", np.asarray((around <= here[..., None]).any(-1) | ~fractional)

    minimal = (around >= here[..., None]).all(-1) & fractional
    on_face = (free[:, None] | (bits == points[:, None])).all(-1)
    top = np.where(on_face, at_vertex[:, None], -np.inf).max(-1)
    bottom = np.where(on_face, at_vertex[:, None], np.inf).min(-1)
    yield "small: flat", (top == bottom) | ~minimal

    ties = p.numeric("W", "off on")(*off_and_on(costs)) == c
    tied = np.einsum("tvi,pv,pi->tp", ties, on_face, free, optimize=True) > 0
    yield "small: tie", tied | ~minimal

    other = p.numeric("other", "off on c")(*off_and_on(costs), c)
    generic = np.broadcast_to(other, ties.shape).all((-1, -2))
    rise = at_vertex[:, neighbours(n)] - at_vertex[..., None]
    strict = (rise > 0).all(-1) | (rise < 0).any(-1)
    yield "small: generic", np.asarray((strict.all(-1) & ~minimal.any(-1)) | ~generic)


FLAT_FACE = Statement(
    text="It is false that the vertices of the flat face around a fractional local minimiser are "
    "local minimisers too, or that every local minimiser is a vertex: with the cost {C=} and the "
    "price {c} the objective is {L=}, for {price}, and it has, where {beyond}, the local minimiser "
    "{point}, and is constant along its first gate, {constant}; but at the vertex where both gates "
    "are off {falls}.",
    symbols="c > 0; 0 < q < 1; 0 <= x <= 1; 0 <= θ1 <= 1; 0 <= θ2 <= 1",
    definitions={
        "C": "θ1*θ2 - c*θ1 - (q + c)*θ2",
        "L": "θ2*(θ1 - q)",
        "y": "0",
        "near": "Abs(θ1 - x) < Abs(x - q)",
    },
    premises={
        "beyond": Needed(
            "x > q", fails=("no descent", {"c": 1, "q": "1/2", "x": "1/4", "θ1": "1/4", "θ2": 1})
        )
    },
    conclusions={
        "price": "C + c*(θ1 + θ2) == L",
        "point": Argued("({x}, {y:})", ("no descent", Prose("Those points are all near it."))),
        "constant": "at(L, θ2=y) == 0",
        "falls": "at(diff(L, θ2), θ1=0, θ2=0) < 0",
    },
    lemmas={
        "no descent": Lemma(
            ("beyond", "near"),
            "L >= at(L, θ1=x, θ2=y)",
            ({"q": "1/4", "x": "1/2", "θ1": "251/1000", "θ2": 0},),
        )
    },
    points=(
        {"c": 1, "q": "1/100", "x": "101/10000", "θ1": 0, "θ2": 0},
        {"c": "1/100", "q": "99/100", "x": 1, "θ1": 1, "θ2": 1},
    ),
    loose={"x >= 0": "beyond q it is positive"},
)


@claim(
    "D1x",
    FLAT_FACE,
    supports=("A3",),
    source=SOURCE,
    controls={
        "θ₂(θ₁+q)": Control({"L": "θ2*(θ1 + q)"}, by="falls"),
        "θ₂(θ₁−3q)": Control({"L": "θ2*(θ1 - 3*q)"}, by="no descent"),
        "any point below q": Control({"beyond": None}, by="no descent"),
        "a wider neighbourhood": Control({"near": "Abs(θ1 - x) < 2*Abs(x - q)"}, by="no descent"),
        "with its second gate on": Control({"y": "1"}, by="constant"),
        "another price": Control({"C": "θ1*θ2 - (q + c)*θ2"}, by="price"),
    },
)
def flat_face(p: Proof) -> Iterator[Evidence]:
    yield p.identity("price")
    yield p.decide("no descent")
    yield p.identity("constant")
    yield p.decide("falls", given=())
