"""Claims G3b, G3bx and G3by: the trapezoid with a floor under its probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.estimators import Path, Trapezoid, coupling_bound
from theory.ledger import claim
from theory.objectives import gate_gradient, polynomial
from theory.proofs.drawn import SOURCE, as_computed, corners
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

FLOOR = Statement(
    text="With {ξ} drawn open with the probability {clipped=} for {θ:}, the trapezoid sees both "
    "values of each gate, {both values}; the other gates stray from {θ} by {strays}, {bias}. Drawn "
    "open with the probability {q} its second moment is {moment:}, and that of the path estimator "
    "with the share {ρ} of probes is {probed:}, {S} the mean square of the slope: {moments}. At "
    "equal slopes the path estimator's is {ratio:} times as large, {at an open gate} and {at an "
    "undecided gate}.",
    symbols="0 <= θ <= 1; 0 < δ <= 1/2; 0 < q < 1; 0 < ρ <= 1; C1, C0; S > 0; M > 0; k >= 0; ξ",
    definitions={
        "clipped": "Min(Max(θ, δ), 1 - δ)",
        "factor": "(ξ/q + (1 - ξ)/(1 - q))/2",
        "slope": "C0 + (C1 - C0)*ξ",
        "moment": "(C1**2/q + C0**2/(1 - q))/4",
        "probed": "S/ρ",
        "ratio": "4*q*(1 - q)/ρ",
        "limit": "2*M*(1 - (1 - δ)**k)",
    },
    conclusions={
        "both values": "δ <= clipped <= 1 - δ",
        "strays": "Abs(clipped - θ) <= δ",
        "bias": Argued(
            "a bias of at most {limit:}, with {M} and {k} as before",
            (
                Prose(
                    "A gate drawn with another probability differs from one drawn with its own "
                    "with at most the chance that these two are apart; the rest is the coupling "
                    "that bounds the path estimator's bias."
                ),
                "strays",
            ),
        ),
        "moments": Argued(
            "both estimates are zero where they are not drawn",
            ("trapezoid", "path", "equal slopes"),
        ),
        "at an open gate": "at(ratio, q=0.97, ρ=0.03) == 3.88",
        "at an undecided gate": "at(ratio, q=1/2, ρ=0.03) == 100/3",
    },
    lemmas={
        "trapezoid": Lemma((), "mean((factor*slope)**2, ξ, q) == moment"),
        "path": Lemma((), "ρ*(S/ρ**2) == probed"),
        "equal slopes": Lemma((), "at(probed, S=C1**2)/at(moment, C0=C1) == ratio"),
    },
    points=(
        {"θ": 0, "δ": "1/100", "q": "1/100", "ρ": 1, "S": "1/100", "M": "1/100", "k": 0},
        {"θ": 1, "δ": "1/2", "q": "99/100", "ρ": "1/100", "S": 1, "k": 1},
    ),
    shown_as={"clipped": "q", "S": "E[C′²]", "C1": "C′(1)", "C0": "C′(0)"},
    code={"implementation": Trapezoid},
)


@claim(
    "G3b",
    FLOOR,
    supports=("A2",),
    source=SOURCE,
    controls={
        "without the quarter": Control({"moment": "C1**2/q + C0**2/(1 - q)"}, by="trapezoid"),
        "path second moment without ρ": Control({"probed": "S"}, by="path"),
        "path second moment with ρ²": Control({"probed": "S/ρ**2"}, by="path"),
        "ratio without the 4": Control({"ratio": "q*(1 - q)/ρ"}, by="equal slopes"),
        "straying by half the floor": Control({"strays": "Abs(clipped - θ) <= δ/2"}, by="strays"),
        "no floor below": Control({"clipped": "Min(θ, 1 - δ)"}, by="both values"),
        "no floor above": Control({"clipped": "Max(θ, δ)"}, by="both values"),
        "twice the floor": Control({"both values": "2*δ <= clipped <= 1 - δ"}, by="both values"),
        "four times as large": Control(
            {"at an open gate": "at(ratio, q=0.97, ρ=0.03) == 4"}, by="at an open gate"
        ),
        "thirty times as large": Control(
            {"at an undecided gate": "at(ratio, q=1/2, ρ=0.03) == 30"}, by="at an undecided gate"
        ),
    },
)
def floor(p: Proof) -> Iterator[Evidence]:
    """Second moments exactly; the variances are these less Δ², for a quadratic C."""
    yield p.decide("both values")
    yield p.decide("strays")
    yield p.identity("trapezoid")
    yield p.identity("path")
    yield p.identity("equal slopes")
    yield p.exact("at an open gate")
    yield p.exact("at an undecided gate")
    yield from _floor_numbers(p)


def _floor_numbers(p: Proof) -> Iterator[Evidence]:
    """Moments and bias of the code, at closed and open gates too."""
    rng = np.random.default_rng(5)
    theta = np.array([0.0, 0.01, 0.3, 0.98, 1.0])
    for least in (0.01, 0.1):
        ours, q = p["implementation"](floor=least), p.values("clipped", θ=theta, δ=least)
        second = p.values("moment", q=q, C1=-0.4 + 0.75, C0=-0.4 - 0.75)
        yield from as_computed(p, ours, -0.4, 1.5, second - 0.16, theta)
        objective = polynomial(rng.normal(size=10), rng.integers(0, 3, (10, 4)))
        at = np.concatenate([rng.random((20, 4)), rng.integers(0, 2, (10, 4))])
        mean = ours.moments(objective, at).mean
        yield p.shows(
            f"mean at the clipped gates, δ = {least:g}",
            compare(
                mean,
                gate_gradient(objective, np.clip(at, least, 1 - least)),
                "",
                tool="enumeration",
                atol=1e-11,
            ),
        )
        ends = np.concatenate([objective.value(corners(4))])
        most = np.ptp(ends)  # at the corners |C(1) − C(0)| cannot exceed the range of C
        limit = p.values("limit", M=most, δ=least, k=3.0)
        yield p.shows(
            f"the bound as computed, δ = {least:g}",
            compare(coupling_bound(least, 4, most), limit, "", tool="mpmath", rtol=1e-12),
        )
        bias = np.abs(mean - gate_gradient(objective, at))
        yield p.cases(f"bias within the bound, δ = {least:g}", bias <= limit + 1e-12)


FLOOR_BIAS = Statement(
    text="‘The floor costs no bias’ is false where gates interact: for {C=} with the gate {y} open "
    "for certain the gradient of {x} is {wanted}, and with a floor {δ} the mean is {got}, {lower}.",
    symbols="0 < δ <= 1/2; x, y",
    definitions={
        "C": "x*y",
        "gradient": "mean(at(C, x=1) - at(C, x=0), y, 1)",
        "floored": "mean(diff(C, x), y, 1 - δ)",
    },
    conclusions={
        "wanted": "gradient == 1",
        "got": "floored == 1 - δ",
        "lower": "floored < gradient",
    },
    points=({"δ": "1/100"}, {"δ": "1/2"}),
    code={"implementation": Trapezoid},
)


@claim(
    "G3bx",
    FLOOR_BIAS,
    supports=("A2",),
    source=SOURCE,
    controls={
        "no bias": Control({"got": "floored == 1"}, by="got"),
        "bias of the other sign": Control({"lower": "floored > gradient"}, by="lower"),
        "bias of half the floor": Control({"got": "floored == 1 - δ/2"}, by="got"),
        "no interaction": Control({"C": "x + y"}, by="got"),
        "no gradient": Control({"wanted": "gradient == 0"}, by="wanted"),
    },
)
def floor_bias(p: Proof) -> Iterator[Evidence]:
    """The other gate is drawn closed with probability δ; gate x is weighted at any q."""
    yield p.exact("wanted")
    yield p.identity("got")
    yield p.decide("lower")
    least = np.array([0.01, 0.05, 0.2])
    objective, at = polynomial([1.0], [[1, 1]]), np.array([0.3, 1.0])
    computed = [p["implementation"](floor=value).moments(objective, at).mean[0] for value in least]
    yield p.compare("floored", computed, points={"δ": least})


FLOOR_VARIANCE = Statement(
    text="‘The trapezoid with a floor always varies less than the path estimator’ is false: with "
    "the second moments {ours=} and {theirs=} at equal slopes, {condition}; {witness}.",
    symbols="0 < q < 1; 0 < ρ <= 1",
    definitions={"ours": "(1/q + 1/(1 - q))/4", "theirs": "1/ρ", "excess": "ours/theirs"},
    conclusions={
        "condition": "Iff(ours < theirs, 4*q*(1 - q) > ρ)",
        "witness": "1.71 < at(excess, q=0.97, ρ=0.2) < 1.72",
    },
    points=({"q": "1/2", "ρ": "99/100"}, {"q": "1/100", "ρ": "1/100"}, {"q": "99/100", "ρ": 1}),
    shown_as={"excess": "ratio"},
    code={"trapezoid": Trapezoid, "path": Path},
)


@claim(
    "G3by",
    FLOOR_VARIANCE,
    supports=("A2",),
    source=SOURCE,
    controls={
        "condition without the 4": Control(
            {"condition": "Iff(ours < theirs, q*(1 - q) > ρ)"}, by="condition"
        ),
        "condition that always holds": Control(
            {"condition": "Iff(ours < theirs, q > 0)"}, by="condition"
        ),
        "condition twice as strict": Control(
            {"condition": "Iff(ours < theirs, 2*q*(1 - q) > ρ)"}, by="condition"
        ),
        "an undecided gate as witness": Control(
            {"witness": "1.71 < at(excess, q=1/2, ρ=0.2)"}, by="witness"
        ),
    },
)
def floor_variance(p: Proof) -> Iterator[Evidence]:
    """Both second moments are stated of the slope's square."""
    yield p.decide("condition")
    yield p.exact("witness")
    ours, theirs = (
        estimator.one_gate(1.0, 0.0, 0.97).variance + 1
        for estimator in (p["trapezoid"](), p["path"](rho=0.2))
    )
    yield p.compare("excess", ours / theirs, points={"q": 0.97, "ρ": 0.2})
