"""Claim H1: the flattening hyper-prior as a distribution."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory._types import ArrayOrFloat
from theory.hyperprior import FlatteningHyperprior
from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.proofs.tools import compare, evaluate
from theory.statement import Argued, Convenience, Lemma, Statement
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that a hyper-prior is derived analytically"


DENSITY = "(γ - 1)/(log(γ)*(1 + (γ - 1)*π))"


DIVERGENCE = "θ*log(θ/π) + (1 - θ)*log((1 - θ)/(1 - π))"


SHOWN = {"p": "p(π|γ)", "KL": "KL(θ‖π)", "π_star": "π*"}


UNIFORM = Convenience("γ != 1", "at γ = 1 the formulas are 0/0; what they tend to is stated")


# Either side of γ = 1, where SymPy's identities are tried in numbers first.
BOTH: tuple[dict[str, object], ...] = ({"γ": "1/3"}, {"γ": "7/2"})


# Enough for 1 + (γ−1) at the smallest γ below, which is e^−900.
_DIGITS = 500


# L = ln γ: both sides of the uniform law, next to it, next to where the code changes from a series
# to the closed form, and beyond what a double holds as γ.
_LENGTHS = np.array(
    [
        -900,
        -40,
        -3,
        -0.3001,
        -0.2999,
        -1e-3,
        -1e-8,
        -1e-13,
        1e-13,
        1e-8,
        1e-3,
        0.2999,
        0.3001,
        3,
        27.6,
        40,
        900,
    ]
)


_PROBABILITIES = np.array([0, 1e-250, 1e-12, 1e-3, 0.3, 0.5, 0.9, 1 - 1e-9, 1])


DISTRIBUTION = Statement(
    text="For {tilted}, {p=} {density} over {π} from zero to one, with the distribution function "
    "{F=} and the quantile {Q=}, {inverse}; its mean {mean}, its variance {variance}, its entropy "
    "{entropy}. It is uniform in the limit, {uniform}, where {mean near uniform} and "
    "{variance near uniform}. {mirror}: exchanging both ends inverts {γ}. With {x} for "
    "{tilt:}, {log-uniform}: that is log-uniform between one and {γ}.",
    symbols="γ, x > 0; 0 <= π, u <= 1; L",
    definitions={
        "p": DENSITY,
        "F": "log(1 + (γ - 1)*π)/log(γ)",
        "Q": "(γ**u - 1)/(γ - 1)",
        "M": "1/log(γ) - 1/(γ - 1)",
        "S": "(γ + 1)/(2*(γ - 1)*log(γ)) - 1/log(γ)**2",
        "H": "log(sqrt(γ)*log(γ)/(γ - 1))",
        "tilt": "1 + (γ - 1)*π",
        # Primitives of πp, of π²p and of −p ln p.
        "first": "(π - log(1 + (γ - 1)*π)/(γ - 1))/log(γ)",
        "second": "(π**2/2 - π/(γ - 1) + log(1 + (γ - 1)*π)/(γ - 1)**2)/log(γ)",
        "surprise": "F**2*log(γ)/2 - F*log(at(p, π=0))",
    },
    premises={"tilted": UNIFORM},
    conclusions={
        "density": Argued("is a density", ("positive", "derivative", "from zero", "to one")),
        "inverse": "at(F, π=Q) == u",
        "mean": Argued("is {M=}", ("primitive of πp", "mean by it")),
        "variance": Argued("is {S=}", ("primitive of π²p", "variance by it")),
        "entropy": Argued("is {H=}", ("primitive of −p ln p", "entropy by it")),
        "uniform": "limit(p, γ, 1) == 1",
        "mean near uniform": "limit((at(M, γ=exp(L)) - (1/2 - L/12 + L**3/720))/L**4, L, 0) == 0",
        "variance near uniform": "limit((at(S, γ=exp(L)) - (1/12 - L**2/720))/L**3, L, 0) == 0",
        "mirror": "at(p, γ=1/γ, π=1 - π) == p",
        "log-uniform": "at(F, π=(x - 1)/(γ - 1)) == log(x)/log(γ)",
    },
    lemmas={
        "positive": Lemma(("tilted",), "p > 0"),
        "derivative": Lemma((), "diff(F, π) == p"),
        "from zero": Lemma((), "at(F, π=0) == 0"),
        "to one": Lemma((), "at(F, π=1) == 1"),
        "primitive of πp": Lemma((), "diff(first, π) == π*p"),
        "mean by it": Lemma((), "at(first, π=1) - at(first, π=0) == M"),
        "primitive of π²p": Lemma((), "diff(second, π) == π**2*p"),
        "variance by it": Lemma((), "at(second, π=1) - at(second, π=0) - M**2 == S"),
        "primitive of −p ln p": Lemma((), "diff(surprise, π) == -p*log(p)"),
        "entropy by it": Lemma((), "at(surprise, π=1) - at(surprise, π=0) == H"),
    },
    points=({"γ": "1/100", "π": 0, "u": 0, "x": "1/100"}, {"γ": "10**40", "π": 1, "u": 1}),
    shown_as=SHOWN,
    code={"implementation": FlatteningHyperprior},
)


class _CancellingVariance(FlatteningHyperprior):
    """The closed form of the variance computed as it stands, in γ."""

    def var(self) -> ArrayOrFloat:
        gamma = np.exp(np.clip(self.log_gamma, -700, 700))
        return (gamma + 1) / (2 * (gamma - 1) * np.log(gamma)) - 1 / np.log(gamma) ** 2


@claim(
    "H1",
    DISTRIBUTION,
    supports=("A4",),
    source=SOURCE,
    controls={
        "density without its normaliser": Control({"p": "1/(1 + (γ - 1)*π)"}, by="derivative"),
        "tilt with the wrong sign": Control(
            {"p": "(γ - 1)/(log(γ)*(γ - (γ - 1)*π))"}, by="derivative"
        ),
        "a density of the other sign": Control(
            {"p": "(1 - γ)/(log(γ)*(1 + (γ - 1)*π))"}, by="positive"
        ),
        "CDF without its normaliser": Control({"F": "log(1 + (γ - 1)*π)"}, by="to one"),
        "CDF from elsewhere": Control({"F": "log(γ + (γ - 1)*π)/log(γ)"}, by="from zero"),
        "quantile linear in u": Control({"Q": "u*γ/(1 + u*(γ - 1))"}, by="inverse"),
        "mean without its second term": Control({"M": "1/log(γ)"}, by="mean by it"),
        "a primitive of another moment": Control({"first": "F"}, by="primitive of πp"),
        "variance twice its first term": Control(
            {"S": "(γ + 1)/((γ - 1)*log(γ)) - 1/log(γ)**2"}, by="variance by it"
        ),
        "entropy with γ for √γ": Control({"H": "log(γ*log(γ)/(γ - 1))"}, by="entropy by it"),
        "uniform at 2": Control({"p": f"2*{DENSITY}"}, by="uniform"),
        "mean near another": Control(
            {"M": "1/log(γ) - 1/(γ - 1) + log(γ)**3"}, by="mean near uniform"
        ),
        "variance near another": Control({"S": "1/12 + log(γ)**3"}, by="variance near uniform"),
        "mean series with the wrong sign": Control(
            {
                "mean near uniform": "limit((at(M, γ=exp(L)) - (1/2 + L/12 - L**3/720))/L**4"
                ", L, 0) == 0"
            },
            by="mean near uniform",
        ),
        "variance series with a factor 2": Control(
            {
                "variance near uniform": "limit((at(S, γ=exp(L)) - (1/12 - L**2/360))/L**3"
                ", L, 0) == 0"
            },
            by="variance near uniform",
        ),
        "a mirror without an inverse": Control({"mirror": "at(p, π=1 - π) == p"}, by="mirror"),
        "no mirror image without the normaliser": Control({"p": "1/(1 + (γ - 1)*π)"}, by="mirror"),
        "a primitive of another second moment": Control(
            {"second": "π**2/2"}, by="primitive of π²p"
        ),
        "a primitive of another entropy": Control({"surprise": "F"}, by="primitive of −p ln p"),
        "uniform, not log-uniform": Control({"F": "π"}, by="log-uniform"),
        "variance that cancels near γ = 1": Control(
            {"implementation": _CancellingVariance}, by="variance as computed"
        ),
    },
)
def distribution(p: Proof) -> Iterator[Evidence]:
    """Normalised because the CDF is an antiderivative that runs from 0 to 1, and positive."""
    yield p.decide("positive")
    for name in (
        "derivative",
        "from zero",
        "to one",
        "inverse",
        "primitive of πp",
        "mean by it",
        "primitive of π²p",
        "variance by it",
        "primitive of −p ln p",
        "entropy by it",
        "mirror",
        "log-uniform",
    ):
        yield p.identity(name, at=BOTH)
    yield p.exact("uniform")
    yield p.exact("mean near uniform")
    yield p.exact("variance near uniform")
    yield from _distribution_as_computed(p)
    yield from _distribution_by_other_means(p)


def _distribution_as_computed(p: Proof) -> Iterator[Evidence]:
    """The code against the formulas in many digits, in places where doubles would cancel.

    The moments and the entropy to the accuracy that the code's comment on its series promises.
    """
    import mpmath

    with mpmath.workdps(_DIGITS):
        gammas = np.array([[mpmath.exp(mpmath.mpf(length))] for length in _LENGTHS])
    column, grid = p["implementation"](log_gamma=_LENGTHS[:, None]), _PROBABILITIES
    for name, title, values, points, rtol in (
        ("p", "density", column.pdf(grid), {"π": grid}, 1e-12),
        ("F", "CDF", column.cdf(grid), {"π": grid}, 1e-12),
        ("Q", "quantile", column.ppf(grid), {"u": grid}, 1e-12),
        ("M", "mean", column.mean(), {}, 1e-13),
        ("S", "variance", column.var(), {}, 1e-13),
        ("H", "entropy", column.entropy(), {}, 1e-13),
    ):
        oracle = evaluate(p[name], _DIGITS, γ=gammas, **points)
        yield p.shows(
            f"{title} as computed",
            compare(values, oracle, "", tool="mpmath", rtol=rtol),
            uses=("implementation",),
        )


def _distribution_by_other_means(p: Proof) -> Iterator[Evidence]:
    """The code against SciPy's log-uniform law of 1+(γ−1)π, and against quadrature."""
    from scipy.integrate import quad
    from scipy.stats import loguniform

    grid = np.linspace(0, 1, 21)
    for gamma in (1e-3, 0.5, 2.0, 50.0, 1e6):
        ours = p["implementation"].from_gamma(gamma)
        law, scale = loguniform(min(1, gamma), max(1, gamma)), gamma - 1
        tilted = 1 + scale * grid
        rising = law.cdf(tilted) if gamma > 1 else law.sf(tilted)
        quantile = (law.ppf(grid if gamma > 1 else 1 - grid) - 1) / scale
        values = [ours.pdf(grid), ours.cdf(grid), ours.ppf(grid), [ours.mean(), ours.var()]]
        oracle = [
            law.pdf(tilted) * abs(scale),
            rising,
            quantile,
            [(law.mean() - 1) / scale, law.var() / scale**2],
        ]
        yield p.shows(
            f"log-uniform law, γ = {gamma:g}",
            compare(
                np.concatenate(values),
                np.concatenate(oracle),
                "",
                tool="SciPy loguniform",
                rtol=1e-8,
                atol=1e-10,
            ),
        )
        mass = quad(ours.pdf, 0, 1, limit=200)[0]
        surprise = quad(lambda pi: -ours.pdf(pi) * ours.logpdf(pi), 0, 1, limit=200)[0]
        yield p.shows(
            f"mass and entropy, γ = {gamma:g}",
            compare(
                [1, ours.entropy()], [mass, surprise], "", tool="SciPy quad", rtol=1e-7, atol=1e-9
            ),
        )
