"""Claim G7: where the outgoing weights are stationary, a gate's slope tells the prior only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory._types import Array
from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Needed, Prose, Statement
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the gates' Bernoulli parameters are learnt"

# A quadratic cost of the product x of gate and weight that is stationary at the weight w, and by
# which the unit is worth v.
_BOWL = {
    "bowl": "(v/w**2 - ρ)*(x - w)**2 - ρ*w*(x - w)",
    "along": "at(bowl, x=ξ*w)",
    "slope": "at(diff(along, ξ), ξ=1)",
    "curvature": "at(diff(along, ξ, 2), ξ=1)",
    "worth": "at(along, ξ=0) - at(along, ξ=1)",
}

BLIND = Statement(
    text="Let a unit act only through its outgoing weights {w1}, {w2} (or any number of them) "
    "times its gate {ξ}, let the gate be open, and the weights stationary: the derivatives {G1} "
    "and {G2} of the cost in them are {first} and {second}, with {ρ} the weight decay for a "
    "sample. Then the slope of the cost in the gate {slope}, {blind}, whatever the unit is worth: "
    "{any worth}, and for a quadratic cost the rest of it is in the curvature, {in curvature}.",
    symbols="ρ, w > 0; x, y, ξ, w1, w2, G1, G2, v; k10, k01, k20, k11, k02, k30, k21, k12, k03",
    definitions={
        "cost": "k10*x + k01*y + k20*x**2 + k11*x*y + k02*y**2"
        " + k30*x**3 + k21*x**2*y + k12*x*y**2 + k03*y**3",
        "gated": "at(cost, x=ξ*w1, y=ξ*w2)",
        "in_gate": "at(diff(gated, ξ), ξ=1)",
        "in_weights": "w1*at(diff(gated, w1), ξ=1) + w2*at(diff(gated, w2), ξ=1)",
        "seen": "w1*G1 + w2*G2",
        "bowl": _BOWL["bowl"],
        "along": _BOWL["along"],
        "worth": _BOWL["worth"],
        "curvature": _BOWL["curvature"],
    },
    premises={
        "first": Needed(
            "G1 == -ρ*w1", fails=("blind", {"ρ": 1, "w1": 1, "w2": 1, "G1": 0, "G2": -1})
        ),
        "second": Needed(
            "G2 == -ρ*w2", fails=("blind", {"ρ": 1, "w1": 1, "w2": 1, "G1": -1, "G2": 0})
        ),
    },
    conclusions={
        "slope": Argued(
            "is {seen:}",
            ("chain rule", Prose("For any other differentiable cost it is the same rule.")),
        ),
        "blind": "seen == -ρ*(w1**2 + w2**2)",
        "any worth": Argued(
            "for every {v} there is a cost with a weight at rest and just that worth",
            ("at rest", "just that"),
        ),
        "in curvature": "worth == ρ*w**2 + curvature/2",
    },
    lemmas={
        "chain rule": Lemma((), "in_gate == in_weights"),
        "at rest": Lemma((), "at(diff(bowl, x), x=w) == -ρ*w"),
        "just that": Lemma((), "worth == v"),
    },
    points=({"ρ": "1/100", "w": "1/100"},),
    shown_as={"seen": "C′", "curvature": "C″"},
)


@claim(
    "G7",
    BLIND,
    supports=("A2", "A5"),
    source=SOURCE,
    controls={
        "weights that are not at rest": Control({"first": None}, by="blind"),
        "nor the other": Control({"second": None}, by="blind"),
        "the sign of the decay": Control({"blind": "seen == ρ*(w1**2 + w2**2)"}, by="blind"),
        "half of the squares": Control({"blind": "seen == -ρ*(w1**2 + w2**2)/2"}, by="blind"),
        "a gate on one weight": Control({"gated": "at(cost, x=ξ*w1, y=w2)"}, by="chain rule"),
        "a weight without decay": Control({"bowl": "(v/w**2 - ρ)*(x - w)**2"}, by="at rest"),
        "the worth of the other end": Control(
            {"worth": "at(along, ξ=1) - at(along, ξ=0)"}, by="just that"
        ),
        "the whole curvature": Control(
            {"in curvature": "worth == ρ*w**2 + curvature"}, by="in curvature"
        ),
    },
)
def blind(p: Proof) -> Iterator[Evidence]:
    """The chain rule on every cubic cost of two weights; then the premises put in."""
    yield p.identity(
        "chain rule",
        at=[{f"k{i}{j}": f"{i + 2 * j}/7" for i in range(4) for j in range(4 - i) if i + j}],
    )
    yield p.decide("blind")
    yield p.identity("at rest")
    yield p.identity("just that")
    yield p.identity("in curvature")
    slopes, sizes, worths = _rested_units(decay=0.003)
    yield p.cases(
        "the slopes of a trained network's gates", np.abs(slopes + 0.003 * sizes) < 1e-6 * sizes
    )
    seen = worths / np.abs(slopes)
    yield p.cases(
        "its units' worths are other multiples of them",
        [seen.min() > 10, seen.max() > 5 * seen.min()],
    )


def _rested_units(decay: float) -> tuple[Array, Array, Array]:
    """Six tanh units fitted until they rest: slope, squared outgoing weight and worth of each.

    The cost is half the mean squared error; a gate multiplies a unit's output.
    """
    from scipy.optimize import minimize

    rng = np.random.default_rng(3)
    x = np.column_stack([rng.normal(size=(60, 2)), np.ones(60)])
    target = np.sin(2 * x[:, 0]) + 0.3 * x[:, 1]

    def forward(weights: Array, gates: Array) -> tuple[Array, Array, Array]:
        out, hidden = weights[:6], np.tanh(x @ weights[6:].reshape(3, 6))
        return out, hidden, (hidden * gates) @ out - target

    def penalised(weights: Array) -> tuple[float, Array]:
        out, hidden, error = forward(weights, np.ones(6))
        back = error[:, None] * out * (1 - hidden**2)
        gradient = np.concatenate([hidden.T @ error, (x.T @ back).ravel()]) / 60
        cost = float(error @ error / 60 + decay * weights @ weights) / 2
        return cost, gradient + decay * weights

    weights = minimize(
        penalised,
        rng.normal(size=24),
        jac=True,
        method="BFGS",
        options={"gtol": 1e-10, "maxiter": 5000},
    ).x
    out, hidden, error = forward(weights, np.ones(6))
    costs = [forward(weights, 1 - shut)[2] for shut in np.eye(6)]
    worths = np.array([rest @ rest - error @ error for rest in costs]) / 120
    return (hidden * out).T @ error / 60, out**2, worths


FIRST_ORDER = Statement(
    text="'The slope tells whether a unit is worth its price' is false: let the cost of a unit "
    "with the weight {w} be {bowl=} of the product {x} of gate {ξ} and weight: there the weight is "
    "stationary, and the unit is worth {v}. At every price {c} with {dear} and {fair} the slope in "
    "the gate would close it, {closes}, though the unit is worth more, {worthy}; and {v} may be "
    "any number beyond.",
    symbols="ρ, w, c, v > 0; x, ξ",
    definitions=_BOWL,
    premises={
        "dear": Needed("ρ*w**2 < c", fails=("closes", {"ρ": 1, "w": 1, "c": 1, "v": 2})),
        "fair": Needed("c < v", fails=("worthy", {"ρ": 1, "w": 1, "c": 2, "v": 2})),
    },
    conclusions={"closes": "slope + c > 0", "worthy": "worth > c"},
    points=(
        {"ρ": "1/100", "w": 1, "c": "101/10000", "v": "102/10000"},
        {"ρ": 1, "w": "1/100", "c": "101/1000000", "v": "1/100"},
    ),
)


@claim(
    "G7x",
    FIRST_ORDER,
    supports=("A2", "A5"),
    source=SOURCE,
    controls={
        "a price below what the slope shows": Control({"dear": None}, by="closes"),
        "a price beyond the worth": Control({"fair": None}, by="worthy"),
        "with the curvature": Control(
            {"slope": "at(diff(along, ξ), ξ=1) - curvature/2"}, by="closes"
        ),
        "the slope for the worth": Control({"worth": "-slope"}, by="worthy"),
    },
)
def first_order(p: Proof) -> Iterator[Evidence]:
    """The slope is −ρw², whatever v is."""
    yield p.decide("closes")
    yield p.decide("worthy")


CURVATURE_ONLY = Statement(
    text="'The curvature tells whether a unit is worth its price' is false where the weight is not "
    "stationary: let the cost of the product {x} of gate and weight be {cost=}, so that half of "
    "the curvature along the gate is {half:}, {positive}. {harmful}; and {young}.",
    symbols="s, a, k, w > 0; x, ξ",
    definitions={
        "cost": "s*(a - x)**2/2",
        "along": "at(cost, x=ξ*w)",
        "half": "at(diff(along, ξ, 2), ξ=1)/2",
        "worth": "at(along, ξ=0) - at(along, ξ=1)",
        "large": "w > 2*a",
        "small": "(k + 1)*w < 2*a",
    },
    conclusions={
        "positive": "half > 0",
        "harmful": Argued("If {large:}, the unit does harm all the same", ("harm",)),
        "young": Argued(
            "if {small:}, as while a unit is new, it is worth more than {k} times that", ("more",)
        ),
    },
    lemmas={
        "harm": Lemma(("large",), "worth < 0", ({"s": 1, "a": "1/100", "w": "201/10000"},)),
        "more": Lemma(("small",), "worth > k*half", ({"s": 1, "a": 1, "k": 1, "w": "99/100"},)),
    },
    points=({"s": "1/100", "a": "1/100", "k": "1/100", "w": "1/100"},),
)


@claim(
    "G7y",
    CURVATURE_ONLY,
    supports=("A2", "A5"),
    source=SOURCE,
    controls={
        "a cost that falls for ever": Control({"cost": "-s*x**2/2 - a*x"}, by="positive"),
        "harm from the target on": Control({"large": "w > a"}, by="harm"),
        "new up to twice that": Control({"small": "(k + 1)*w < 4*a"}, by="more"),
    },
)
def curvature_only(p: Proof) -> Iterator[Evidence]:
    """Both are s w(a − w/2) against half of s w²."""
    yield p.decide("positive")
    yield p.decide("harm")
    yield p.decide("more")
