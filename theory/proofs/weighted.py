"""Claims G3, G3b and G4: estimators that draw 0 or 1 and weight by the inverse probability."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.estimation import Estimator
from theory.estimators import Antithetic, LeaveOneOut, Path, Score, Trapezoid, coupling_bound
from theory.ledger import claim
from theory.objectives import gate_gradient, polynomial, quadratic
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the gates' Bernoulli parameters are learnt"
_THETAS = np.array([0.02, 0.3, 0.5, 0.8, 0.97])

TRAPEZOID = Statement(
    text="For {θ:}, a gate {ξ} drawn open with that probability and a quadratic cost of the "
    "difference {Δ} and the curvature {h}, the trapezoid {factor:}, times the slope at {ξ}, is "
    "unbiased, {unbiased}, with {variance}.",
    symbols="0 < θ < 1; Δ, h; 0 <= u <= 1; ξ",
    definitions={
        "C": "(Δ - h/2)*u + h*u**2/2",
        "factor": "(ξ/θ + (1 - ξ)/(1 - θ))/2",
        "estimate": "factor*at(diff(C, u), u=ξ)",
        "expected": "mean(estimate, ξ, θ)",
        "spread": "mean(estimate**2, ξ, θ) - expected**2",
    },
    conclusions={
        "unbiased": "expected == Δ",
        "variance": "spread == (Δ*(1 - 2*θ) + h/2)**2/(4*θ*(1 - θ))",
    },
    points=({"θ": "1/100", "u": 0}, {"θ": "99/100", "u": 1}),
    shown_as={"expected": "E[estimate]", "spread": "Var[estimate]"},
    code={"implementation": Trapezoid},
)


@claim(
    "G3",
    TRAPEZOID,
    supports=("A2",),
    source=SOURCE,
    controls={
        "without the ½": Control({"factor": "ξ/θ + (1 - ξ)/(1 - θ)"}, by="unbiased"),
        "propensities exchanged": Control({"factor": "(ξ/(1 - θ) + (1 - ξ)/θ)/2"}, by="unbiased"),
        "a cubic cost": Control({"C": "u**3"}, by="unbiased"),
        "twice the difference": Control({"unbiased": "expected == 2*Δ"}, by="unbiased"),
        "variance with the curvature's sign turned": Control(
            {"variance": "spread == (Δ*(1 - 2*θ) - h/2)**2/(4*θ*(1 - θ))"}, by="variance"
        ),
        "variance four times too large": Control(
            {"variance": "spread == (Δ*(1 - 2*θ) + h/2)**2/(θ*(1 - θ))"}, by="variance"
        ),
    },
)
def trapezoid(p: Proof) -> Iterator[Evidence]:
    """Its mean is the trapezoidal rule ½[C′(0)+C′(1)], exact for linear C′."""
    yield p.identity("unbiased")
    yield p.identity("variance")
    oracle = p.values("spread", Δ=-0.4, h=1.5, θ=_THETAS)
    yield from _as_computed(p, p["implementation"](), -0.4, 1.5, oracle)


BEYOND = Statement(
    text="‘The trapezoid is unbiased’ without ‘quadratic’ is false: for a cost {C:} its mean is "
    "{cubic mean} and the difference {cubic difference}; for a ReLU that opens at {t}, {t:}, they "
    "are {kinked mean} and {kinked difference}, {apart}.",
    symbols="0 <= u <= 1; 0 < t < 1",
    definitions={
        "C": "u**3",
        "relu": "Max(u - t, 0)",
        "slope0": "0",
        "slope1": "1",
        "mean": "(at(diff(C, u), u=0) + at(diff(C, u), u=1))/2",
        "Δ": "at(C, u=1) - at(C, u=0)",
        "mean_t": "(slope0 + slope1)/2",
        "Δ_t": "at(relu, u=1) - at(relu, u=0)",
    },
    conclusions={
        "cubic mean": "mean == 3/2",
        "cubic difference": "Δ == 1",
        "kinked mean": "mean_t == 1/2",
        "kinked difference": "Δ_t == 1 - t",
        "apart": Argued("which differ but for one {t}", ("bias", "slope at 0", "slope at 1")),
    },
    lemmas={
        "bias": Lemma(("t != 1/2",), "mean_t != Δ_t"),
        # Near its ends the ReLU is the line that each slope says.
        "slope at 0": Lemma(
            ("u < t",), "relu == at(relu, u=0) + slope0*u", ({"u": "99/100", "t": "999/1000"},)
        ),
        "slope at 1": Lemma(
            ("u > t",), "relu == at(relu, u=1) - slope1*(1 - u)", ({"u": "100/101", "t": "99/101"},)
        ),
    },
    points=({"u": 0, "t": "1/100"}, {"u": 1, "t": "99/100"}),
)


@claim(
    "G3x",
    BEYOND,
    supports=("A2",),
    source=SOURCE,
    controls={
        "a quadratic cost": Control({"C": "u**2"}, by="cubic mean"),
        "the mean is right after all": Control({"cubic mean": "mean == 1"}, by="cubic mean"),
        "the difference is the mean": Control(
            {"cubic difference": "Δ == 3/2"}, by="cubic difference"
        ),
        "the mean follows the kink": Control({"kinked mean": "mean_t == 1 - t"}, by="kinked mean"),
        "a ReLU without a kink": Control(
            {"kinked difference": "Δ_t == 1/2"}, by="kinked difference"
        ),
        "a leaky ReLU": Control({"slope0": "1/10"}, by="slope at 0"),
        "apart by more than a quarter": Control({"bias": "mean_t != Δ_t + 1/4"}, by="bias"),
    },
)
def beyond_quadratic(p: Proof) -> Iterator[Evidence]:
    """The slopes of a cubic at its ends, and of a ReLU that is closed at one and open at one."""
    yield p.exact("cubic mean")
    yield p.exact("cubic difference")
    yield p.decide("kinked mean")
    yield p.decide("kinked difference")
    yield p.decide("bias")
    yield p.decide("slope at 0")
    yield p.decide("slope at 1")
    ours = Trapezoid().moments(polynomial([1.0], [[3]]), _THETAS[:, None])
    yield p.shows("as computed", compare(ours.mean, 1.5, "", tool="enumeration", rtol=1e-12))


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
        yield from _as_computed(p, ours, -0.4, 1.5, second - 0.16, theta)
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
        ends = np.concatenate([objective.value(_corners(4))])
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
    rarer = np.minimum(_THETAS, 1 - _THETAS)
    for constant in (0.0, 0.7):
        oracle = p.values("score", C1=0.9, C0=1.3, b=constant, θ=_THETAS)
        yield from _as_computed(p, p["score_code"](baseline=constant), -0.4, 1.5, oracle, start=1.3)
    for number in (2, 3, 5):
        oracle = p.values("several", Δ=-0.4, θ=_THETAS, K=number)
        yield from _as_computed(
            p, p["leave_one_out_code"](draws=number), -0.4, 1.5, oracle, start=1.3
        )
    oracle = p.values("anti", Δ=-0.4, p=rarer)
    yield from _as_computed(p, p["antithetic_code"](), -0.4, 1.5, oracle, start=1.3)


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


def _corners(gates: int) -> np.ndarray:
    return (np.arange(2**gates)[:, None] >> np.arange(gates) & 1).astype(float)


def _as_computed(
    p: Proof,
    ours: Estimator,
    delta: float,
    curvature: float,
    variance: np.ndarray,
    theta: np.ndarray = _THETAS,
    start: float = 0.0,
) -> Iterator[Evidence]:
    """The closed form in the code, and its enumeration, against mean Δ and a stated variance."""
    objective = quadratic(delta, curvature, start)
    closed = ours.one_gate(delta, curvature, theta, start)
    mean, spread = ours.moments(objective, theta[:, None])
    for name, found in (("closed form", closed), ("enumeration", (mean[:, 0], spread[:, 0]))):
        yield p.shows(
            f"{ours}: mean, {name}", compare(found[0], delta, "", tool="mpmath", atol=1e-12)
        )
        yield p.shows(
            f"{ours}: variance, {name}",
            compare(found[1], variance, "", tool="mpmath", rtol=1e-10, atol=1e-14),
        )
