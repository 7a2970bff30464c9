"""Claims G3 and G3x: the trapezoid, which draws 0 or 1 and weights by the inverse probability."""

from __future__ import annotations

from collections.abc import Iterator

from theory.estimators import Trapezoid
from theory.ledger import claim
from theory.objectives import polynomial
from theory.proofs.drawn import SOURCE, THETAS, as_computed
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Lemma, Statement
from theory.verdict import Control, Evidence

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
    oracle = p.values("spread", Δ=-0.4, h=1.5, θ=THETAS)
    yield from as_computed(p, p["implementation"](), -0.4, 1.5, oracle)


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
    ours = Trapezoid().moments(polynomial([1.0], [[3]]), THETAS[:, None])
    yield p.shows("as computed", compare(ours.mean, 1.5, "", tool="enumeration", rtol=1e-12))
