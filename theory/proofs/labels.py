"""Claim G6b: the Taylor step's curvature from squared slopes, and what the labels' law costs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy.special import softmax

from theory.estimators import GaussNewton
from theory.ledger import claim
from theory.objectives import cross_entropy, gate_gradient
from theory.proofs.proof import Proof
from theory.proofs.taylor import SOURCE
from theory.second_order import (
    calibration_bound,
    gauss_newton_bound,
)
from theory.statement import Argued, Lemma, Needed, Prose, Statement
from theory.verdict import Control, Evidence

LABELS = Statement(
    text="Let the labels have the law {q1}, {q2}, {q3} where the softmax has {p1}, {p2}, {p3}, "
    "with {softmax law} and {label law}, and let the slopes {J1}, {J2}, {J3} of the logits, "
    "counted from the least, be such that {within}. Then the mean squared slope {labelled=} "
    "exceeds the curvature {variance=} by {excess=}: {identity}. For a calibrated softmax that is "
    "nothing, {calibrated}; in general {bounded}, where {TV=}. {estimated}.",
    symbols="0 <= p1, p2, p3, q1, q2, q3, p0, q0, ξ <= 1; J1, J2, J3, J, m, g, y; D, M >= 0",
    definitions={
        "J̄": "p1*J1 + p2*J2 + p3*J3",
        "variance": "p1*(J1 - J̄)**2 + p2*(J2 - J̄)**2 + p3*(J3 - J̄)**2",
        "labelled": "q1*(J̄ - J1)**2 + q2*(J̄ - J2)**2 + q3*(J̄ - J3)**2",
        "excess": "(q1 - p1)*(J1 - J̄)**2 + (q2 - p2)*(J2 - J̄)**2 + (q3 - p3)*(J3 - J̄)**2",
        "TV": "(Abs(q1 - p1) + Abs(q2 - p2) + Abs(q3 - p3))/2",
        "gained": "Max(q1 - p1, 0) + Max(q2 - p2, 0) + Max(q3 - p3, 0)",
        "most": "D**2*TV",
        "missed": "D**3/(36*sqrt(3)) + D**2*TV/2",
        "estimate": "g + (1/2 - ξ)*labelled",
        "step": "g + (1/2 - ξ)*variance",
        "end": "ξ == 0 or ξ == 1",
    },
    premises={
        "softmax law": Needed(
            "p1 + p2 + p3 == 1",
            fails=(
                "halves",
                {
                    "p1": 0,
                    "p2": 0,
                    "p3": 0,
                    "q1": 1,
                    "q2": 0,
                    "q3": 0,
                    "J1": 0,
                    "J2": 0,
                    "J3": 0,
                    "D": 1,
                },
            ),
        ),
        "label law": Needed(
            "q1 + q2 + q3 == 1",
            fails=(
                "halves",
                {
                    "p1": 1,
                    "p2": 0,
                    "p3": 0,
                    "q1": 1,
                    "q2": 1,
                    "q3": 0,
                    "J1": 0,
                    "J2": 0,
                    "J3": 0,
                    "D": 1,
                },
            ),
        ),
        "within": Needed(
            "0 <= J1 <= D and 0 <= J2 <= D and 0 <= J3 <= D",
            fails=(
                "mean within",
                {
                    "p1": 1,
                    "p2": 0,
                    "p3": 0,
                    "q1": 1,
                    "q2": 0,
                    "q3": 0,
                    "J1": 2,
                    "J2": 0,
                    "J3": 0,
                    "D": 1,
                },
            ),
        ),
    },
    conclusions={
        "identity": "labelled - variance == excess",
        "calibrated": "at(excess, q1=p1, q2=p2, q3=p3) == 0",
        "bounded": Argued(
            "it is at most {most:} in size",
            (
                "mean within",
                "deviation",
                "each term",
                "halves",
                Prose(
                    "So the sum is at most the squared length times half of the laws' distance, "
                    "and with the two laws exchanged its negative is, too."
                ),
            ),
        ),
        "estimated": Argued(
            "So {estimate:} at an end {ξ} of the gate, with the slope {g} there, misses the cost's "
            "difference between the ends by at most {missed:}",
            (
                Prose(
                    "By the claim before, the step with the curvature itself misses it by the "
                    "first term at most."
                ),
                "half the excess",
                "half the bound",
            ),
        ),
    },
    lemmas={
        "mean within": Lemma(("softmax law", "within"), "0 <= J̄ <= D"),
        "deviation": Lemma(
            ("0 <= J <= D", "0 <= m <= D"),
            "(J - m)**2 <= D**2",
            ({"D": 1, "J": 0, "m": 1}, {"D": 1, "J": 1, "m": 0}),
        ),
        "each term": Lemma(
            ("0 <= y", "y <= M"),
            "(q0 - p0)*y <= Max(q0 - p0, 0)*M",
            ({"y": 1, "M": 1, "q0": 1, "p0": 0}, {"y": 0, "M": 1}),
        ),
        "halves": Lemma(("softmax law", "label law"), "gained == TV"),
        "half the excess": Lemma((), "estimate - step == (1/2 - ξ)*(labelled - variance)"),
        "half the bound": Lemma(
            ("end", "Abs(y) <= M"),
            "Abs((1/2 - ξ)*y) <= M/2",
            ({"ξ": 0, "y": 1, "M": 1}, {"ξ": 0, "y": 0, "M": 1}),
        ),
    },
    points=(
        {
            "p1": 1,
            "p2": 0,
            "p3": 0,
            "q1": 0,
            "q2": 1,
            "q3": 0,
            "J1": 0,
            "J2": 1,
            "J3": 0,
            "D": 1,
            "p0": 0,
            "q0": 0,
            "ξ": 0,
            "M": 0,
        },
        {
            "p1": 1,
            "p2": 0,
            "p3": 0,
            "q1": 0,
            "q2": 0,
            "q3": 1,
            "J1": 1,
            "J2": 0,
            "J3": 1,
            "D": 1,
            "p0": 1,
            "q0": 1,
            "ξ": 1,
            "M": 1,
        },
        {"p1": 0, "p2": 1, "p3": 0, "q1": 1, "q2": 0, "q3": 0, "J1": 0, "J2": 0, "J3": 0, "D": 0},
        {"p1": 0, "p2": 0, "p3": 1, "q1": 1, "q2": 0, "q3": 0, "J1": 0, "J2": 0, "J3": 0, "D": 0},
    ),
    shown_as={"variance": "Var J", "labelled": "E g²", "estimate": "Ĝ"},
    code={
        "calibration_bound": calibration_bound,
        "gauss_newton_bound": gauss_newton_bound,
        "implementation": GaussNewton,
    },
)


@claim(
    "G6b",
    LABELS,
    supports=("A2",),
    source=SOURCE,
    controls={
        "labels from another law": Control(
            {"labelled": "((J̄ - J1)**2 + (J̄ - J2)**2 + (J̄ - J3)**2)/3"}, by="identity"
        ),
        "the excess of the other sign": Control(
            {"identity": "variance - labelled == excess"}, by="identity"
        ),
        "calibrated by the first class alone": Control(
            {"calibrated": "at(excess, q1=p1) == 0"}, by="calibrated"
        ),
        "half of the distance": Control(
            {"gained": "Max(q1 - p1, 0) + Max(q2 - p2, 0)"}, by="halves"
        ),
        "labels that are no law": Control({"label law": None}, by="halves"),
        "a softmax that is none": Control({"softmax law": None}, by="halves"),
        "slopes anywhere": Control({"within": None}, by="mean within"),
        "half of the length": Control({"deviation": "(J - m)**2 <= D**2/4"}, by="deviation"),
        "terms of both signs": Control(
            {"each term": "(q0 - p0)*y <= Max(p0 - q0, 0)*M"}, by="each term"
        ),
        "the whole bound": Control(
            {"half the bound": "Abs((1/2 - ξ)*y) <= M/4"}, by="half the bound"
        ),
        "the sign of a half": Control({"estimate": "g - (1/2 - ξ)*labelled"}, by="half the excess"),
    },
)
def labels(p: Proof) -> Iterator[Evidence]:
    """Term by term: a squared deviation from the mean is between 0 and the squared length."""
    place = {
        name: f"{k + 1}/11"
        for k, name in enumerate(("p1", "p2", "p3", "q1", "q2", "q3", "J1", "J2", "J3", "ξ"))
    }
    yield p.identity("identity", at=[place])
    yield p.identity("calibrated", at=[place])
    yield p.decide("mean within")
    yield p.decide("deviation")
    yield p.decide("each term")
    yield p.decide("halves")
    yield p.identity("half the excess", at=[place])
    yield p.decide("half the bound")
    yield from _labels_as_computed(p)


def _labels_as_computed(p: Proof) -> Iterator[Evidence]:
    """The bounds' digits; the estimator on random softmaxes with labels from any law."""
    rng = np.random.default_rng(7)
    law, softmaxes = rng.dirichlet(np.ones(3), (2, 40))
    at = {
        f"{name}{k + 1}": values[:, k]
        for name, values in (("p", softmaxes), ("q", law))
        for k in range(3)
    } | {"D": rng.uniform(0, 4, 40)}
    distance = np.abs(law - softmaxes).sum(1) / 2
    yield p.compare("most", p["calibration_bound"](at["D"], distance), points=at)
    yield p.compare("missed", p["gauss_newton_bound"](at["D"], distance), points=at)
    inside = []
    for size, classes in product((0.1, 1.0, 4.0), (2, 3, 10)):
        for _ in range(6):
            slopes, offset = size * rng.normal(size=(classes, 3)), rng.normal(size=classes)
            theta = rng.integers(0, 2, 3).astype(float)
            drawn = rng.dirichlet(np.ones(classes))
            cost = cross_entropy(slopes, offset, drawn)
            apart = np.abs(drawn - softmax(offset + slopes @ theta)).sum() / 2
            found = p["implementation"]().moments(cost, theta).mean - gate_gradient(cost, theta)
            most = p["gauss_newton_bound"](np.ptp(slopes, axis=0), apart)
            inside.append(np.abs(found) <= most + 1e-12)
    yield p.cases("the estimator's error with any labels", np.concatenate(inside))
