"""Claim H3: only the flattening hyper-prior has an affine profile that is not constant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory._types import Array
from theory.hyperprior import FlatteningHyperprior
from theory.ledger import claim
from theory.proofs.hyperprior import BOTH, DENSITY, DIVERGENCE, SHOWN
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Convenience, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the hyper-prior is crucial"


UNIQUENESS = Statement(
    text="With {tilted}, a density over {π} from zero to one, smooth or not, whose profile, the "
    "least of {KL=} minus its logarithm, is affine in {θ} with slope {price:} between zero and "
    "one, {unique}. The minimiser is one over {π}; over the logit of {π} it is another point than "
    "{π_star=}: {elsewhere}.",
    symbols="γ > 0; 0 < θ < 1; 0 < π < 1; x",
    definitions={
        "KL": DIVERGENCE,
        "p": DENSITY,
        "price": "log(γ)",
        "π_star": "θ/(θ + γ*(1 - θ))",
        "envelope": "log(θ/(1 - θ)) - log(π/(1 - π))",
        "θ_π": "γ*π/(1 + (γ - 1)*π)",
        "score": "(γ - 1)/(1 + (γ - 1)*π)",
        "mass": "log(γ)/(γ - 1)",
        "relative": "log(1 + (γ - 1)*π)/(γ - 1)",
        "H": "-θ*log(θ) - (1 - θ)*log(1 - θ)",
        "bracket": "θ*x + θ*price + H",
        "g": "log(1 + γ*exp(x))",
        "θ_x": "γ*exp(x)/(1 + γ*exp(x))",
    },
    premises={"tilted": Convenience("γ != 1", "at γ = 1 it is the uniform density, the limit")},
    conclusions={
        "unique": Argued(
            "is {p=} but for a null set, and everywhere if the least is attained",
            (
                Prose(
                    "By the envelope theorem, for a smooth density: the profile's slope is the "
                    "derivative of KL at the minimiser, and stationarity gives the score."
                ),
                "slope by envelope",
                "θ of a minimiser",
                "stationary",
                "score of p",
                "primitive of p/p(0)",
                "its mass",
                "normalised",
                Prose(
                    "Without smoothness, by conjugacy: with x = logit π, φ = −ln p and "
                    "ψ(x) = ln(1+eˣ) + φ, the profile is −H(θ) − ψ*(θ), ψ*(θ) = max_x [θx − ψ(x)]."
                ),
                "KL in the logit",
                Prose(
                    "Where it is θ ln γ + b, ψ*(θ) = −θ ln γ − b − H(θ); let "
                    "g(x) = max_θ [θx − ψ*(θ)] − b, the largest of a concave bracket."
                ),
                "concave",
                "largest",
                "its maximum",
                Prose("Its derivative is the one θ that attains it, and increases from 0 to 1."),
                "slope of g",
                "slope of that",
                "slope of g rises",
                "from zero",
                "to one",
                Prose(
                    "By its definition g + b ≤ ψ. If ψ*(θ) is attained at x, then "
                    "ψ(x) = θx − ψ*(θ) ≤ g(x) + b ≤ ψ(x): so ψ = g + b there, and θ is the "
                    "derivative of g at x. As θ runs through (0, 1), x runs through all numbers, "
                    "and ψ = g + b everywhere: −ln p up to the constant b."
                ),
                "p again",
                "normalised",
            ),
        ),
        "elsewhere": "at(at(diff(KL - log(p) - log(π*(1 - π)), π), π=π_star), θ=1/3, γ=2) != 0",
    },
    lemmas={
        "slope by envelope": Lemma((), "diff(KL, θ) == envelope"),
        "θ of a minimiser": Lemma((), "at(envelope, θ=θ_π) == price"),
        "stationary": Lemma((), "at(-diff(KL, π), θ=θ_π) == score"),
        "score of p": Lemma((), "-diff(log(p), π) == score"),
        "primitive of p/p(0)": Lemma((), "diff(relative, π) == p/at(p, π=0)"),
        "its mass": Lemma((), "at(relative, π=1) - at(relative, π=0) == mass"),
        "normalised": Lemma((), "at(p, π=0)*mass == 1"),
        "KL in the logit": Lemma((), "at(KL, π=exp(x)/(1 + exp(x))) == log(1 + exp(x)) - θ*x - H"),
        "concave": Lemma((), "diff(bracket, θ, 2) <= -4"),
        "largest": Lemma((), "at(diff(bracket, θ), θ=θ_x) == 0"),
        "its maximum": Lemma((), "at(bracket, θ=θ_x) == g"),
        "slope of g": Lemma((), "diff(g, x) == θ_x"),
        "slope of that": Lemma((), "diff(θ_x, x) == θ_x*(1 - θ_x)"),
        "slope of g rises": Lemma((), "θ_x*(1 - θ_x) > 0"),
        "from zero": Lemma((), "limit(θ_x, x, -oo) == 0"),
        "to one": Lemma((), "limit(θ_x, x, oo) == 1"),
        "p again": Lemma(
            (), "at(-log(p), π=exp(x)/(1 + exp(x))) == g - log(1 + exp(x)) - log((γ - 1)/log(γ))"
        ),
    },
    points=(
        {"γ": "1/100", "θ": "1/100", "π": "1/100", "x": -10},
        {"γ": 100, "θ": "99/100", "π": "99/100", "x": 10},
        {"θ": "1/2"},
    ),
    shown_as=SHOWN | {"oo": "∞"},
    code={"implementation": FlatteningHyperprior},
)


@claim(
    "H3",
    UNIQUENESS,
    supports=("A4",),
    source=SOURCE,
    controls={
        "slope γ for ln γ": Control({"price": "γ"}, by="θ of a minimiser"),
        "slope −ln γ": Control({"price": "-log(γ)"}, by="largest"),
        "envelope with the wrong sign": Control(
            {"envelope": "log(π/(1 - π)) - log(θ/(1 - θ))"}, by="slope by envelope"
        ),
        "score with the wrong sign": Control(
            {"score": "-(γ - 1)/(1 + (γ - 1)*π)"}, by="stationary"
        ),
        "density with the square of the tilt": Control(
            {"p": "γ/(1 + (γ - 1)*π)**2"}, by="score of p"
        ),
        "another density by conjugacy": Control({"p": "γ/(1 + (γ - 1)*π)**2"}, by="p again"),
        "mass without its logarithm": Control({"mass": "1/(γ - 1)"}, by="normalised"),
        "conjugate without the slope": Control({"g": "log(1 + exp(x))"}, by="its maximum"),
        "bracket without the entropy": Control({"bracket": "θ*x + θ*price"}, by="concave"),
        "slope of g up to a half": Control({"θ_x": "γ*exp(x)/(1 + 2*γ*exp(x))"}, by="to one"),
        "slope of g from elsewhere": Control({"θ_x": "(1 + exp(x))/(2 + exp(x))"}, by="from zero"),
        "slope of another g": Control({"g": "log(1 + exp(x))"}, by="slope of g"),
        "the divergence turned round": Control(
            {"KL": "π*log(π/θ) + (1 - π)*log((1 - π)/(1 - θ))"}, by="KL in the logit"
        ),
        "a primitive of another density": Control(
            {"relative": "log(1 + π)/(γ - 1)"}, by="primitive of p/p(0)"
        ),
        "another mass": Control({"mass": "1/(γ - 1)"}, by="its mass"),
        "slope of g that falls": Control({"θ_x": "1/(1 + γ*exp(x))"}, by="slope of that"),
        "no density to change the variable": Control(
            {"elsewhere": "at(at(diff(KL - log(p), π), π=π_star), θ=1/3, γ=2) != 0"}, by="elsewhere"
        ),
        "a density over the logit": Control({"p": f"{DENSITY}/(π*(1 - π))"}, by="elsewhere"),
    },
)
def uniqueness(p: Proof) -> Iterator[Evidence]:
    """Uniqueness, first by the envelope theorem, then without any smoothness by conjugacy."""
    for name in (
        "slope by envelope",
        "θ of a minimiser",
        "stationary",
        "score of p",
        "primitive of p/p(0)",
        "its mass",
        "normalised",
        "KL in the logit",
        "largest",
        "its maximum",
        "slope of g",
        "slope of that",
        "from zero",
        "to one",
        "p again",
    ):
        yield p.identity(name, at=BOTH)
    yield p.decide("concave")
    yield p.decide("slope of g rises")
    yield p.exact("elsewhere")
    yield from _numeric_inversion(p)


def _numeric_inversion(p: Proof) -> Iterator[Evidence]:
    """The density from its profile by a discrete conjugate; and other densities, not flat."""
    theta = np.linspace(1e-6, 1 - 1e-6, 4001)
    x = np.linspace(-6, 6, 49)
    pi = 1 / (1 + np.exp(-x))
    entropy = -theta * np.log(theta) - (1 - theta) * np.log1p(-theta)
    for log_gamma in (-2.0, 0.0, 1.0, 5.0):
        ours = p["implementation"](log_gamma=log_gamma)
        biconjugate = np.max(theta * x[:, None] + ours.profile(theta) + entropy, axis=1)
        yield p.shows(
            f"density from the profile, ln γ = {log_gamma:g}",
            compare(
                ours.logpdf(pi),
                np.log1p(np.exp(x)) - biconjugate,
                "",
                tool="discrete conjugate",
                atol=1e-4,
            ),
        )
    bends = _bends_of_other_densities(p["implementation"])
    yield p.cases("a density that differs has a bent profile", bends > 1e-4)


def _bends_of_other_densities(kind: type[FlatteningHyperprior]) -> Array:
    """Largest deviation from an affine profile for densities p·(1+ε cos kπx), ε = 0.1 to 0.9."""
    theta = np.linspace(0.05, 0.95, 19)[:, None]
    pi = np.linspace(1e-4, 1 - 1e-4, 8001)
    divergence = theta * np.log(theta / pi) + (1 - theta) * np.log((1 - theta) / (1 - pi))
    bends = []
    for log_gamma in (-2.0, 0.0, 5.0):
        base = kind(log_gamma=log_gamma).logpdf(pi)
        for waves in (1, 2, 5):
            for size in (0.1, 0.5, 0.9):
                log_density = base + np.log1p(size * np.cos(waves * np.pi * pi))
                profile = np.min(divergence - log_density, axis=1)
                line = np.polynomial.Polynomial.fit(theta[:, 0], profile, 1)
                bends.append(np.max(np.abs(profile - line(theta[:, 0]))))
    return np.array(bends)
