"""Claims G4 and G4x: score-function estimators: a baseline, several draws, antithetic pairs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.estimators import Antithetic, LeaveOneOut, Score
from theory.ledger import claim
from theory.objectives import polynomial
from theory.proofs.drawn import SOURCE, THETAS, as_computed
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

_COSTS = {"cost_ξ": "C0 + (C1 - C0)*ξ", "cost_ζ": "C0 + (C1 - C0)*ζ", "cost_ω": "C0 + (C1 - C0)*ω"}


SCORE = Statement(
    text="For one gate with {θ:} all score-function estimators are unbiased, whatever its costs "
    "{C1} and {C0}. With a baseline {b} the variance is {score:}, {single}, and {no variance}. "
    "Leave-one-out of two draws has {pair:}, {s=}, and of {K} draws {several:}; {draws}. "
    "Antithetic pairs have {anti:}, {p} the probability of the rarer value; {pairs}, and {less}.",
    symbols="0 < θ < 1; C1, C0, b, Δ; 0 < p <= 1/2; K >= 2; ξ, ζ, ω",
    definitions=_COSTS
    | {
        "s": "θ*(1 - θ)",
        "estimate": "(cost_ξ - b)*(ξ - θ)/s",
        "score": "((C1 - b)*(1 - θ) + (C0 - b)*θ)**2/(θ*(1 - θ))",
        "baseline": "C1*(1 - θ) + C0*θ",
        "two": "((cost_ξ - cost_ζ)*(ξ - θ) + (cost_ζ - cost_ξ)*(ζ - θ))/(2*s)",
        "three": "((cost_ξ - (cost_ζ + cost_ω)/2)*(ξ - θ) + (cost_ζ - (cost_ξ + cost_ω)/2)*(ζ - θ)"
        " + (cost_ω - (cost_ξ + cost_ζ)/2)*(ω - θ))/(3*s)",
        "m2": "ξ + ζ",
        "m3": "ξ + ζ + ω",
        "factorials": "K*(K - 1)*(K - 2)*(K - 3)*s**2 + K*(K - 1)*(K - 2)*s + K*(K - 1)*s",
        "pair": "Δ**2*(1 - 2*s)/(2*s)",
        "several": "Δ**2*((1 - 3*s)/(K*s) - (K - 3)/(K*(K - 1)))",
        "anti": "Δ**2*(1 - 2*p)/(2*p)",
    },
    conclusions={
        "single": Argued("for a single draw", ("one draw", "variance of one draw")),
        "no variance": "at(score, b=baseline) == 0",
        "draws": Argued(
            "these too are unbiased",
            (
                "two draws",
                "two draws counted",
                "variance of two draws",
                "three draws",
                "three draws counted",
                "variance of three draws",
                Prose(
                    "In general the estimate is the difference {Δ} times the numbers of open and "
                    "of closed draws, divided by the number of ordered pairs and by {s}; and the "
                    "mean of a product of falling factorials of these two numbers is that of {K}, "
                    "times powers of the two probabilities."
                ),
                "mean of draws",
                "variance of draws",
                "the pair is two draws",
            ),
        ),
        "pairs": Argued(
            "they are unbiased as well",
            (
                Prose(
                    "The values of a pair differ with twice the probability {p}, and then each of "
                    "the two orders gives the same estimate; else it is zero."
                ),
                "mean of a pair",
                "variance of a pair",
            ),
        ),
        "less": Argued(
            "they vary less than leave-one-out of two unless the gate does not matter",
            ("less than two draws",),
        ),
    },
    lemmas={
        "one draw": Lemma((), "mean(estimate, ξ, θ) == C1 - C0"),
        "variance of one draw": Lemma((), "mean(estimate**2, ξ, θ) - (C1 - C0)**2 == score"),
        "two draws": Lemma((), "mean(mean(two, ξ, θ), ζ, θ) == C1 - C0"),
        "two draws counted": Lemma(
            (), "mean(mean((two - (C1 - C0)*m2*(2 - m2)/(2*s))**2, ξ, θ), ζ, θ) == 0"
        ),
        "variance of two draws": Lemma(
            (), "mean(mean(two**2, ξ, θ), ζ, θ) - (C1 - C0)**2 == at(several, K=2, Δ=C1 - C0)"
        ),
        "three draws": Lemma((), "mean(mean(mean(three, ξ, θ), ζ, θ), ω, θ) == C1 - C0"),
        "three draws counted": Lemma(
            (), "mean(mean(mean((three - (C1 - C0)*m3*(3 - m3)/(6*s))**2, ξ, θ), ζ, θ), ω, θ) == 0"
        ),
        "variance of three draws": Lemma(
            (),
            "mean(mean(mean(three**2, ξ, θ), ζ, θ), ω, θ) - (C1 - C0)**2"
            " == at(several, K=3, Δ=C1 - C0)",
        ),
        "mean of draws": Lemma((), "Δ*(K*(K - 1)*s)/(K*(K - 1)*s) == Δ"),
        "variance of draws": Lemma((), "Δ**2*factorials/(K*(K - 1)*s)**2 - Δ**2 == several"),
        "the pair is two draws": Lemma((), "at(several, K=2) == pair"),
        "mean of a pair": Lemma((), "2*p*(Δ/(2*p)) == Δ"),
        "variance of a pair": Lemma((), "2*p*(Δ/(2*p))**2 - Δ**2 == anti"),
        "less than two draws": Lemma(
            ("Δ != 0",), "anti < at(pair, θ=p)", ({"Δ": 1, "p": "1/100"},)
        ),
    },
    points=({"θ": "1/100", "p": "1/100", "K": 2}, {"θ": "99/100", "p": "1/2", "K": 3}),
    shown_as={"s": "σ²", "C1": "C₁", "C0": "C₀", "score": "Var"},
    spelt=("baseline",),
    code={"score_code": Score, "leave_one_out_code": LeaveOneOut, "antithetic_code": Antithetic},
)


@claim(
    "G4",
    SCORE,
    supports=("A2",),
    source=SOURCE,
    controls={
        "θ and 1−θ exchanged": Control(
            {"score": "((C1 - b)*θ + (C0 - b)*(1 - θ))**2/(θ*(1 - θ))"}, by="variance of one draw"
        ),
        "baseline at the mean cost": Control({"baseline": "C1*θ + C0*(1 - θ)"}, by="no variance"),
        "some variance": Control({"no variance": "at(score, b=baseline) == b"}, by="no variance"),
        "an estimate without its weight": Control(
            {"estimate": "(cost_ξ - b)*(ξ - θ)"}, by="one draw"
        ),
        "a pair without the 2": Control({"pair": "Δ**2*(1 - s)/s"}, by="the pair is two draws"),
        "variance that falls as 1/K": Control(
            {"several": "Δ**2*(1 - 2*s)/(s*K)"}, by="variance of three draws"
        ),
        "right for two draws only": Control(
            {"several": "Δ**2*(1 - 2*s)/(s*K)"}, by="variance of draws"
        ),
        "antithetic like independent pairs": Control(
            {"anti": "Δ**2*(1 - 2*p*(1 - p))/(2*p*(1 - p))"}, by="variance of a pair"
        ),
        "antithetic without the Δ²": Control({"anti": "Δ**2/(2*p)"}, by="variance of a pair"),
        "half of two draws": Control(
            {"less than two draws": "2*anti < at(pair, θ=p)"}, by="less than two draws"
        ),
    },
)
def score(p: Proof) -> Iterator[Evidence]:
    """One gate's outcomes and their probabilities, all of them; the code's numbers beside."""
    for name in p.statement.lemmas:
        if name != "less than two draws":
            yield p.identity(name)
    yield p.identity("no variance")
    yield p.decide("less than two draws")
    yield from _score_numbers(p)


def _score_numbers(p: Proof) -> Iterator[Evidence]:
    """The code, for a curved cost that starts at 1.3: these estimators see its ends only."""
    rarer = np.minimum(THETAS, 1 - THETAS)
    for constant in (0.0, 0.7):
        oracle = p.values("score", C1=0.9, C0=1.3, b=constant, θ=THETAS)
        yield from as_computed(p, p["score_code"](baseline=constant), -0.4, 1.5, oracle, start=1.3)
    for number in (2, 3, 5):
        oracle = p.values("several", Δ=-0.4, θ=THETAS, K=number)
        yield from as_computed(
            p, p["leave_one_out_code"](draws=number), -0.4, 1.5, oracle, start=1.3
        )
    oracle = p.values("anti", Δ=-0.4, p=rarer)
    yield from as_computed(p, p["antithetic_code"](), -0.4, 1.5, oracle, start=1.3)


SEVERAL_GATES = Statement(
    text="These variances hold for one gate only, and ‘antithetic pairs always vary less than "
    "leave-one-out of two’ is false with several: for a gate that does not matter, under a cost "
    "{b} times another gate, with {p} and {r} the probabilities of their rarer values, they have "
    "{anti=} and {pair=}, {variances}; {worse}.",
    symbols="0 < p <= 1/2; 0 < r <= 1/2; b",
    definitions={
        "product": "b**2*(2*r)*(2*p)/(2*p)**2",
        "anti": "b**2*r/p",
        "pair": "b**2*r*(1 - r)/(p*(1 - p))",
        "exactly": "Iff(anti > pair, r > p)",
    },
    conclusions={
        "variances": Argued(
            "and the mean zero, which is right",
            (
                Prose(
                    "A pair of draws differs in either gate with twice the probability of one "
                    "order; the estimate is {b} times the product of the two differences, each of "
                    "either sign, divided by the first gate's probability to differ."
                ),
                "antithetic pairs",
                "independent pairs",
            ),
        ),
        "worse": Argued("for any {b} but zero, {exactly}", ("worse where",)),
    },
    lemmas={
        "antithetic pairs": Lemma((), "product == anti"),
        "independent pairs": Lemma((), "at(product, r=r*(1 - r), p=p*(1 - p)) == pair"),
        "worse where": Lemma(("b != 0",), "exactly", ({"b": 1, "p": "99/200", "r": "1/2"},)),
    },
    points=({"p": "1/100", "r": "1/100"}, {"p": "1/2", "r": "1/2"}),
)


@claim(
    "G4x",
    SEVERAL_GATES,
    supports=("A2",),
    source=SOURCE,
    controls={
        "no variance, as for one gate with Δ = 0": Control({"anti": "0*b"}, by="antithetic pairs"),
        "gates exchanged": Control({"anti": "b**2*p/r"}, by="antithetic pairs"),
        "worse only from twice p₁ on": Control(
            {"exactly": "Iff(anti > pair, r > 2*p)"}, by="worse where"
        ),
        "pair of independent draws with the rarer value": Control(
            {"pair": "b**2*r/p"}, by="independent pairs"
        ),
    },
)
def several_gates(p: Proof) -> Iterator[Evidence]:
    """The code's enumeration stands beside both variances."""
    yield p.identity("antithetic pairs")
    yield p.identity("independent pairs")
    yield p.decide("worse where")
    objective, theta = polynomial([0.7], [[0, 1]]), np.array([[0.1, 0.5], [0.3, 0.2], [0.9, 0.6]])
    rarer = np.minimum(theta, 1 - theta)
    for estimator, name in ((Antithetic(), "anti"), (LeaveOneOut(), "pair")):
        yield p.compare(
            name,
            estimator.moments(objective, theta).variance[:, 0],
            rtol=1e-10,
            points={"b": 0.7, "p": rarer[:, 0], "r": rarer[:, 1]},
        )
