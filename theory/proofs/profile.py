"""Claim H2: the flattening hyper-prior's profile is affine in the gate."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.hyperprior import FlatteningHyperprior, kl_bernoulli
from theory.ledger import claim
from theory.proofs.hyperprior import (
    BOTH,
    DENSITY,
    DIVERGENCE,
    SHOWN,
    SOURCE,
    UNIFORM,
)
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

PROFILE = Statement(
    text="Let {KL=} and {p=} with {tilted}. The objective {J=} {stationary}, and the minimum is "
    "affine in {θ}: {minimum} with {profile=}, {affine}; both ends of {θ} included, where "
    "{π_star} {ends}. In the limit of the uniform law {flat}. The objective is not convex in {π}, "
    "{bend}, but strictly convex in the logit {x} of {π}: {logit} with {in_logit=}, and {convex}.",
    symbols="γ > 0; 0 <= θ <= 1; 0 < π < 1; x",
    definitions={
        "KL": DIVERGENCE,
        "p": DENSITY,
        "J": "KL - log(p)",
        "π_star": "θ/(θ + γ*(1 - θ))",
        "profile": "θ*log(γ) + log(log(γ)/(γ - 1))",
        "slope": "(1 - θ)/(1 - π) - θ/π + (γ - 1)/(1 + (γ - 1)*π)",
        "in_logit": "log(1 + γ*exp(x)) - θ*x + θ*log(θ) + (1 - θ)*log(1 - θ) + log(log(γ)/(γ - 1))",
        "cross": "-θ*log(π) - (1 - θ)*log(1 - π) - log(p)",
        "left": "π < π_star",
        "right": "π > π_star",
    },
    premises={"tilted": UNIFORM},
    conclusions={
        "stationary": Argued(
            "has one stationary point in {π}, {π_star=}, its global minimum",
            ("slope of J", "falls", "rises", "slope at π*"),
        ),
        "minimum": "at(J, π=π_star) == profile",
        "affine": "diff(profile, θ) == log(γ)",
        "ends": Argued(
            "is that end itself, and the minimum is approached",
            (
                "π* at zero",
                "π* at one",
                "J by cross-entropy",
                "no entropy at an end",
                "minimum at zero",
                "minimum at one",
                Prose(
                    "The slope has the same signs at the ends: there it only rises, or only falls."
                ),
                "falls",
                "rises",
            ),
        ),
        "flat": "limit(profile, γ, 1) == 0",
        "bend": "at(diff(J, π, 2), θ=1/100, π=1/10, γ=100) < 0",
        "logit": "at(J, π=exp(x)/(1 + exp(x))) == in_logit",
        "convex": "diff(in_logit, x, 2) > 0",
    },
    lemmas={
        "slope of J": Lemma((), "diff(J, π) == slope"),
        "falls": Lemma(("left",), "slope < 0"),
        "rises": Lemma(("right",), "slope > 0"),
        "slope at π*": Lemma((), "at(slope, π=π_star) == 0"),
        "π* at zero": Lemma((), "at(π_star, θ=0) == 0"),
        "π* at one": Lemma((), "at(π_star, θ=1) == 1"),
        "J by cross-entropy": Lemma((), "J == cross + θ*log(θ) + (1 - θ)*log(1 - θ)"),
        "no entropy at an end": Lemma((), "limit(θ*log(θ), θ, 0) == 0"),
        "minimum at zero": Lemma((), "at(at(cross, θ=0), π=0) == at(profile, θ=0)"),
        "minimum at one": Lemma((), "at(at(cross, θ=1), π=1) == at(profile, θ=1)"),
    },
    points=(
        {"γ": "1/100", "θ": 0, "π": "1/100", "x": -10},
        {"γ": 100, "θ": 1, "π": "99/100", "x": 10},
        {"γ": 2, "θ": "2/3", "π": "499/1000"},
        {"γ": 2, "θ": "2/3", "π": "501/1000"},
    ),
    loose={"bend": "both sides are numbers"},
    shown_as=SHOWN | {"in_logit": "K"},
    code={"implementation": FlatteningHyperprior},
)


@claim(
    "H2",
    PROFILE,
    supports=("A3", "A4"),
    source=SOURCE,
    controls={
        "γ on the wrong side of the MAP": Control({"π_star": "γ*θ/(γ*θ + 1 - θ)"}, by="falls"),
        "π* = θ, as without a hyper-prior": Control({"π_star": "θ"}, by="rises"),
        "another stationary point": Control(
            {"slope at π*": "at(slope, π=θ) == 0"}, by="slope at π*"
        ),
        "slope −ln γ": Control({"profile": "-θ*log(γ) + log(log(γ)/(γ - 1))"}, by="minimum"),
        "profile of slope γ": Control({"affine": "diff(profile, θ) == γ"}, by="affine"),
        "a bent profile": Control({"profile": "θ**2*log(γ) + log(log(γ)/(γ - 1))"}, by="affine"),
        "profile without the normaliser": Control({"profile": "θ*log(γ)"}, by="minimum"),
        "hyper-prior added, not subtracted": Control({"J": "KL + log(p)"}, by="slope of J"),
        "π* never at an end": Control({"π_star": "(θ + 1)/(θ + 1 + γ*(2 - θ))"}, by="π* at zero"),
        "no price at the upper end": Control(
            {"minimum at one": "at(at(cross, θ=1), π=1) == at(profile, θ=0)"}, by="minimum at one"
        ),
        "one nat too many": Control({"profile": "θ*log(γ) + log(log(γ)/(γ - 1)) + 1"}, by="flat"),
        "too many at an end": Control(
            {"profile": "θ*log(γ) + log(log(γ)/(γ - 1)) + 1"}, by="minimum at zero"
        ),
        "π* at one half for θ = 1": Control({"π_star": "θ/(2*θ + γ*(1 - θ))"}, by="π* at one"),
        "convex in π itself": Control(
            {"bend": "at(diff(J, π, 2), θ=1/100, π=1/10, γ=100) > 0"}, by="bend"
        ),
        "not convex without a hyper-prior": Control({"J": "KL"}, by="bend"),
        "convex in the logit without it": Control({"in_logit": "-θ*x"}, by="convex"),
        "not convex at γ = 2 either": Control(
            {"bend": "at(diff(J, π, 2), θ=1/2, π=1/2, γ=2) < 0"}, by="bend"
        ),
        "logit form without the entropy": Control(
            {"in_logit": "log(1 + γ*exp(x)) - θ*x + log(log(γ)/(γ - 1))"}, by="logit"
        ),
        "strongly convex in the logit": Control(
            {"convex": "diff(in_logit, x, 2) > 1/100"}, by="convex"
        ),
    },
)
def profile(p: Proof) -> Iterator[Evidence]:
    """The derivative in π has the sign of π − π*, which gives one stationary point, a minimum."""
    yield p.identity("slope of J", at=BOTH)
    yield p.decide("falls")
    yield p.decide("rises")
    for name in (
        "slope at π*",
        "minimum",
        "affine",
        "π* at zero",
        "π* at one",
        "J by cross-entropy",
        "minimum at zero",
        "minimum at one",
        "flat",
    ):
        yield p.identity(name, at=BOTH)
    yield p.exact("no entropy at an end")
    yield p.exact("bend")
    yield p.identity("logit", at=BOTH)
    yield p.decide("convex")
    yield from _profile_as_computed(p)


def _profile_as_computed(p: Proof) -> Iterator[Evidence]:
    """The code against the formulas, and a bounded search that knows only the divergence."""
    from scipy.optimize import minimize_scalar
    from scipy.special import expit, logit

    ends = np.array([0, 1e-9, 0.3, 1])
    gammas = np.array([[1e-200], [0.5], [1 + 1e-9], [20.0], [1e200]])
    ours = p["implementation"].from_gamma(gammas)
    yield p.compare("π_star", ours.map_pi(ends), points={"γ": gammas, "θ": ends})
    yield p.compare("profile", ours.profile(ends), points={"γ": gammas, "θ": ends}, atol=1e-15)
    thetas = np.array([0.001, 0.03, 0.25, 0.5, 0.8, 0.97, 0.999])
    for gamma in (1e-4, 0.5, 1.0, 2.0, 20.0, 1e6):
        ours = p["implementation"].from_gamma(gamma)

        def objective(x: float, theta: float) -> float:
            pi = expit(x)
            return kl_bernoulli(theta, pi) - ours.logpdf(pi)

        found = [
            minimize_scalar(
                objective,
                bounds=(-30, 30),
                args=(theta,),
                method="bounded",
                options={"xatol": 1e-10},
            )
            for theta in thetas
        ]
        yield p.shows(
            f"profile, γ = {gamma:g}",
            compare(
                ours.profile(thetas),
                [result.fun for result in found],
                "",
                tool="SciPy minimisation",
                atol=1e-9,
            ),
        )
        yield p.shows(
            f"logit π*, γ = {gamma:g}",
            compare(
                logit(ours.map_pi(thetas)),
                [result.x for result in found],
                "",
                tool="SciPy minimisation",
                atol=1e-5,
            ),
        )
