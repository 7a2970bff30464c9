"""Claim G6a: the Taylor step to a gate's other end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement, product

import numpy as np
from scipy.special import softmax

from theory.estimators import GaussNewton
from theory.ledger import claim
from theory.objectives import cross_entropy, gate_gradient
from theory.proofs.proof import Proof
from theory.proofs.tools import exact
from theory.second_order import (
    taylor_bound,
    third_moment_bound,
)
from theory.statement import Argued, Lemma, Prose, Statement, Worded
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the gates' Bernoulli parameters are learnt"


# Three classes stand for any number: weights e^logit at the place where the gate is, and slopes.
_SOFTMAX = {
    "S": "u1 + u2 + u3",
    "F": "log(u1*exp(J1*z) + u2*exp(J2*z) + u3*exp(J3*z))",
    "J̄": "(u1*J1 + u2*J2 + u3*J3)/S",
    "variance": "(u1*(J1 - J̄)**2 + u2*(J2 - J̄)**2 + u3*(J3 - J̄)**2)/S",
    "g1": "at(diff(F - J1*z, z), z=0)",
    "g2": "at(diff(F - J2*z, z), z=0)",
    "g3": "at(diff(F - J3*z, z), z=0)",
    "constant": "1/(36*sqrt(3))",
    "taylor_most": "constant*D**3",
}


TAYLOR = Statement(
    text="Let the logits of a cross-entropy be affine in a gate {z}, with slopes {J1}, {J2}, {J3} "
    "(or any number of them); but for a linear term the cost along the gate is {F=}. With the "
    "gate's place put into the weights, {hessian}, the variance of the slopes under the softmax, "
    "{fisher}; and {cumulant}, their third central moment. {moment}. {taylor}; no smaller one "
    "will do: {sharp}.",
    symbols="u1, u2, u3 > 0; J1, J2, J3, z; 0 <= x, μ, ξ <= 1; D >= 0; a0, a1, a2, a3",
    definitions=_SOFTMAX
    | {
        "third": "(u1*(J1 - J̄)**3 + u2*(J2 - J̄)**3 + u3*(J3 - J̄)**3)/S",
        "product": "(u1*J1**2 + u2*J2**2 + u3*J3**2)/S - J̄**2",
        "squares": "(u1*g1**2 + u2*g2**2 + u3*g3**2)/S",
        "moment_most": "D**3/(6*sqrt(3))",
        "most": "at(moment_most, D=1)",
        "chord": "x*((1 - μ)**3 + μ**3) - μ**3",
        "t": "(3*μ - 1)/2",
        "tangent": "(1 - μ)**3 + 3*(t - μ)**2*(x - 1)",
        "cubic": "a0 + a1*z + a2*z**2/2 + a3*z**3/6",
        "g": "at(diff(cubic, z), z=ξ)",
        "h": "at(diff(cubic, z, 2), z=ξ)",
        "estimate": "g + (1/2 - ξ)*h",
        "Δ": "at(cubic, z=1) - at(cubic, z=0)",
        "p": "1/2 - sqrt(3)/6",
        "remainder": "log(1 - p + p*exp(D)) - p*D - p*(1 - p)*D**2/2",
        "end": "ξ == 0 or ξ == 1",
    },
    conclusions={
        "hessian": "at(diff(F, z, 2), z=0) == variance",
        "fisher": Argued(
            "which is also the Gauss–Newton curvature of the logits, and the mean squared slope of "
            "the cost for labels drawn from the softmax",
            ("Gauss–Newton", "squared slopes"),
        ),
        "cumulant": "at(diff(F, z, 3), z=0) == third",
        "moment": Argued(
            "The third central moment of a variable in an interval of length {D} is at most "
            "{moment_most:} in size",
            (
                Prose(
                    "Shifted and divided by the length the variable is in the unit interval, "
                    "with some mean; mirrored, the moment changes its sign."
                ),
                "on the chord",
                "below the chord",
                "on the tangent",
                "below the tangent",
                Prose(
                    "So the cubed deviation is at most a function that is affine in the "
                    "variable, and whose mean is therefore its value at the mean."
                ),
                "chord at the mean",
                "tangent at the mean",
                "most of the chord",
                "most of the tangent",
            ),
        ),
        "taylor": Argued(
            "With {D} the largest slope less the least, and the first and second derivative {g} "
            "and {h} at either end {ξ} of the gate, {estimate:} misses the difference {Δ} of the "
            "cost between the ends by at most {taylor_most:}, with {constant=}",
            (
                "missed by the third",
                Prose(
                    "Where the third derivative varies, the remainder is its mean over the gate "
                    "with Taylor's weights, which have one sign."
                ),
                "weights",
                "a sixth",
            ),
        ),
        "sharp": Argued(
            "with two classes and {p=}, {remainder=} is {taylor_most:} to the third order in {D}",
            ("no lower order", "third order"),
        ),
    },
    lemmas={
        "Gauss–Newton": Lemma((), "product == variance"),
        "squared slopes": Lemma((), "squares == variance"),
        "on the chord": Lemma((), "(x - μ)**3 == chord + x*(x - 1)*(x - (3*μ - 1))"),
        "below the chord": Lemma(("3*μ <= 1",), "x*(x - 1)*(x - (3*μ - 1)) <= 0"),
        "on the tangent": Lemma((), "(x - μ)**3 == tangent + (x - 1)*(x - t)**2"),
        "below the tangent": Lemma(("3*μ >= 1",), "(x - 1)*(x - t)**2 <= 0"),
        "chord at the mean": Lemma((), "at(chord, x=μ) == μ*(1 - μ)*(1 - 2*μ)"),
        "tangent at the mean": Lemma((), "at(tangent, x=μ) == (1 - μ)**3/4"),
        "most of the chord": Lemma((), "μ*(1 - μ)*(1 - 2*μ) <= most", ({"μ": "1/2 - sqrt(3)/6"},)),
        "most of the tangent": Lemma(("3*μ >= 1",), "(1 - μ)**3/4 <= most"),
        "missed by the third": Lemma(("end",), "estimate - Δ == -a3/6"),
        "weights": Worded("Taylor's weights add up to one sixth"),
        "a sixth": Lemma((), "moment_most/6 == taylor_most"),
        "no lower order": Lemma(
            (),
            "at(remainder, D=0) == 0 and at(diff(remainder, D), D=0) == 0 "
            "and at(diff(remainder, D, 2), D=0) == 0",
        ),
        "third order": Lemma((), "at(diff(remainder, D, 3), D=0)/6 == constant"),
    },
    points=(
        {"u1": "1/100", "u2": "1/100", "u3": "1/100", "x": 0, "μ": "1/3", "ξ": 0, "D": 0},
        {"u1": 1, "u2": 1, "u3": 1, "x": 1, "μ": 1, "ξ": 1, "D": 1},
        {"μ": 0},
    ),
    loose={"most of the tangent": "the two bounds meet at a mean of one third, below the most"},
    shown_as={"variance": "Var J", "third": "κ₃", "estimate": "Ĝ"},
    code={
        "third_moment_bound": third_moment_bound,
        "taylor_bound": taylor_bound,
        "implementation": GaussNewton,
    },
)


@claim(
    "G6a",
    TAYLOR,
    supports=("A2",),
    source=SOURCE,
    controls={
        "variance about zero": Control(
            {"variance": "(u1*J1**2 + u2*J2**2 + u3*J3**2)/S"}, by="hessian"
        ),
        "squared mean left out": Control(
            {"product": "(u1*J1**2 + u2*J2**2 + u3*J3**2)/S"}, by="Gauss–Newton"
        ),
        "labels drawn evenly": Control(
            {"squares": "(g1**2 + g2**2 + g3**2)/3"}, by="squared slopes"
        ),
        "third moment about zero": Control(
            {"third": "(u1*J1**3 + u2*J2**3 + u3*J3**3)/S"}, by="cumulant"
        ),
        "an eighth of the cube": Control(
            {"moment_most": "D**3/(8*sqrt(3))"}, by="most of the chord"
        ),
        "chord with its root at the mean": Control(
            {"below the chord": "x*(x - 1)*(x - μ) <= 0"}, by="below the chord"
        ),
        "chord wherever the mean": Control(
            {"below the chord": Lemma((), "x*(x - 1)*(x - (3*μ - 1)) <= 0")}, by="below the chord"
        ),
        "tangent at the mean": Control({"t": "μ"}, by="on the tangent"),
        "the sign of a half": Control({"estimate": "g - (1/2 - ξ)*h"}, by="missed by the third"),
        "one in place of a half": Control(
            {"estimate": "g + (1 - 2*ξ)*h"}, by="missed by the third"
        ),
        "no second-order term": Control({"estimate": "g"}, by="missed by the third"),
        "a remainder half as large": Control({"constant": "1/(72*sqrt(3))"}, by="a sixth"),
        "sharp at even odds": Control({"p": "1/2"}, by="third order"),
        "a remainder of the second order": Control(
            {"remainder": "log(1 - p + p*exp(D)) - p*D"}, by="no lower order"
        ),
    },
)
def taylor(p: Proof) -> Iterator[Evidence]:
    """Derivatives by SymPy at arbitrary weights, the moment's bound by an affine majorant.

    For any number of classes F is the logarithm of a moment generating function, whose derivatives
    are the cumulants. The majorant of the cubed deviation is its chord over the whole interval
    while the mean is at most a third, and from there on the tangent through the upper end.
    """
    yield p.identity("hessian")
    yield p.identity("Gauss–Newton")
    yield p.identity("squared slopes")
    yield p.identity("cumulant")
    yield p.identity("on the chord")
    yield p.decide("below the chord")
    yield p.identity("on the tangent")
    yield p.decide("below the tangent")
    yield p.identity("chord at the mean")
    yield p.identity("tangent at the mean")
    yield p.decide("most of the chord")
    yield p.decide("most of the tangent")
    yield p.decide("missed by the third")
    yield p.shows("weights", _weights())
    yield p.identity("a sixth")
    yield p.exact("no lower order")
    yield p.identity("third order")
    yield from _moments_of_small_laws(p)
    yield from _steps_of_softmaxes(p)


def _weights() -> Evidence:
    import sympy as sp

    t = sp.Symbol("t")
    return exact(sp.Eq(sp.integrate((1 - t) ** 2 / 2, (t, 0, 1)), sp.Rational(1, 6)), "weights")


def _moments_of_small_laws(p: Proof) -> Iterator[Evidence]:
    """All laws of two and of three points, on a grid of places and of probabilities."""
    for points, grain, name in ((2, 400, "two"), (3, 40, "three")):
        cuts = np.array(list(combinations_with_replacement(range(grain + 1), points - 1)))
        ends = np.pad(cuts, ((0, 0), (1, 1)))
        ends[:, -1] = grain
        law = np.diff(ends, axis=1)[:, None] / grain
        inner = np.linspace(0, 1, 41)[:, None] if points == 3 else np.empty((1, 0))
        places = np.concatenate(
            [
                np.zeros_like(inner[:, :1]) if points == 3 else [[0.0]],
                inner,
                np.ones((len(inner), 1)),
            ],
            axis=1,
        )
        mean = (law * places).sum(-1, keepdims=True)
        size = np.abs((law * (places - mean) ** 3).sum(-1))
        bound = p["third_moment_bound"](1.0)
        yield p.cases(f"all laws of {name} points on a grid", (size <= bound).ravel())
        yield p.cases(f"laws of {name} points that nearly reach it", [size.max() > 0.99 * bound])
    spread = np.array([0.0, 0.3, 1.0, 7.0])
    yield p.compare("moment_most", p["third_moment_bound"](spread), points={"D": spread})
    yield p.compare("taylor_most", p["taylor_bound"](spread), points={"D": spread})


def _steps_of_softmaxes(p: Proof) -> Iterator[Evidence]:
    """The estimator itself, where the labels are those that the model expects."""
    rng, holds = np.random.default_rng(6), []
    for size, classes in product((0.1, 1.0, 4.0), (2, 3, 10)):
        for _ in range(6):
            slopes, offset = size * rng.normal(size=(classes, 3)), rng.normal(size=classes)
            theta = rng.integers(0, 2, 3).astype(float)
            cost = cross_entropy(slopes, offset, softmax(offset + slopes @ theta))
            missed = p["implementation"]().moments(cost, theta).mean - gate_gradient(cost, theta)
            holds.append(np.abs(missed) <= p["taylor_bound"](np.ptp(slopes, axis=0)) + 1e-12)
    yield p.cases("the estimator's error on calibrated softmaxes", np.concatenate(holds))
