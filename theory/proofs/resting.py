"""Claim H5: where a gate comes to rest under each prior, and when the form of the prior matters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import expit

from theory.hyperprior import FlatteningHyperprior
from theory.ledger import claim
from theory.priors import BetaHyperprior, FixedPrior, undecided
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Statement
from theory.verdict import Control, Evidence

RESTING = Statement(
    text="A gate whose unit is worth {v=} nats, at a price of {c=} nats, comes to rest where the "
    "slope of its prior's profile is that worth, or at an end. Under the fixed prior of that price "
    "the slope is {fixed_slope:}, with {fixed rises}: the rest is {θ_fixed=}, as {fixed rests}, "
    "and {undecided fixed}, with {w=}; for a margin of one in a hundred, {one percent}. So "
    "{worthless}. Under the Beta prior of that price the slope is {beta_slope:}, with {beta rises}:"
    " {beta}, and {beta narrower}. {flattening}. With {N} samples worth and price are {N} times "
    "those for each sample, and the margin's width is not: {scale}.",
    symbols="γ > 1; E, N > 0; 0 < θ < 1; 0 < ε < 1/2; v̂, ĉ",
    definitions={
        "v": "log(E)",
        "c": "log(γ)",
        "w": "log((1 - ε)/ε)",
        "fixed_slope": "log(θ/(1 - θ)) + c",
        "θ_fixed": "E/(E + γ)",
        "inside_fixed": "ε < θ_fixed and θ_fixed < 1 - ε",
        "near": "Abs(v - c) < w",
        "above": "(1 - ε)*γ/(ε*E)",
        "below": "(1 - ε)*E/(ε*γ)",
        "idle": "at(θ_fixed, E=1)",
        "beta_slope": "log((γ - θ)/(1 - θ))",
        "θ_beta": "(E - γ)/(E - 1)",
        "excess": "(γ - θ)/((1 - θ)*E)",
        "low": "(γ - ε)/(1 - ε)",
        "high": "(γ - 1 + ε)/ε",
        "cheap": "ε*γ < 1 - ε",
        "worthy": "γ < E",
    },
    conclusions={
        "fixed rises": "diff(fixed_slope, θ) >= 4",
        "fixed rests": "at(fixed_slope, θ=θ_fixed) == v",
        "undecided fixed": Argued(
            "{inside_fixed:} if and only if {near:}",
            ("by odds", "above's logarithm", "below's logarithm", "both signs"),
        ),
        "one percent": "at(w, ε=1/100) == log(99)",
        "worthless": Argued(
            "a unit worth nothing is not closed at a price below that width",
            ("no worth", "price below"),
        ),
        "beta rises": "diff(beta_slope, θ) > 0",
        "beta": Argued(
            "if {worthy:}, the rest is {θ_beta=}, inside the margins if and only if {E} is between "
            "{low:} and {high:}; otherwise it is zero",
            ("beta rests", "beta inside", "beta window", "beta closed", "excess is slope"),
        ),
        "beta narrower": Argued(
            "the logarithms of these two are less than {w} apart, those of the fixed prior's twice "
            "that",
            ("narrower",),
        ),
        "flattening": Argued(
            "Under the flattening prior the slope is {c} everywhere, so that a gate rests at an "
            "end unless worth and price are equal",
            ("ends",),
        ),
        "scale": "Iff(Abs(N*v̂ - N*ĉ) < w, Abs(v̂ - ĉ) < w/N)",
    },
    lemmas={
        "by odds": Lemma((), "Iff(inside_fixed, log(above) > 0 and log(below) > 0)"),
        "above's logarithm": Lemma((), "log(above) == w - (v - c)"),
        "below's logarithm": Lemma((), "log(below) == w + (v - c)"),
        "both signs": Lemma((), "Iff(near, w - (v - c) > 0 and w + (v - c) > 0)"),
        "no worth": Lemma(
            ("cheap",), "ε < idle and idle < 1 - ε", ({"γ": "101/100", "ε": "495/1000"},)
        ),
        "price below": Lemma(
            (), "Iff(cheap, log((1 - ε)/(ε*γ)) > 0)", ({"γ": "101/100", "ε": "495/1000"},)
        ),
        "beta rests": Lemma((), "at(beta_slope, θ=θ_beta) == v"),
        "beta inside": Lemma(
            ("worthy",), "0 < θ_beta and θ_beta < 1", ({"γ": 2, "E": "201/100"}, {"γ": 2, "E": 200})
        ),
        "beta window": Lemma(
            ("worthy",),
            "Iff(ε < θ_beta and θ_beta < 1 - ε, low < E and E < high)",
            (
                {"γ": 2, "ε": "3/10", "E": "243/100"},
                {"γ": 2, "ε": "3/10", "E": "433/100"},
                {"γ": 2, "ε": "3/10", "E": "201/100"},
            ),
        ),
        "beta closed": Lemma(
            ("E <= γ",), "log(excess) > 0", ({"γ": "101/100", "E": "101/100", "θ": "1/100"},)
        ),
        "excess is slope": Lemma((), "log(excess) == beta_slope - v"),
        "narrower": Lemma((), "high/low < (1 - ε)/ε"),
        "ends": Lemma(("v != c",), "θ*(c - v) > Min(0, c - v)"),
    },
    points=(
        # An open price, a gate a little above its lower margin, a prior that hardly bends.
        {
            "γ": "101/100",
            "E": "1021/100000",
            "N": "1/100",
            "θ": "1/100",
            "ε": "1/100",
            "v̂": 1,
            "ĉ": 0,
        },
        # A little below the upper one; worth and price for each sample as far apart as they may be.
        {"γ": 2, "E": 197, "N": 1, "θ": "1/2", "ε": "1/100", "v̂": "459/100", "ĉ": 0},
        {"γ": 2, "E": 5, "N": 1, "θ": "99/100", "ε": "495/1000", "v̂": 0, "ĉ": 0},
    ),
    shown_as={"fixed_slope": "s", "θ_fixed": "θ*", "beta_slope": "s", "θ_beta": "θ*"},
    code={"fixed": FixedPrior, "beta prior": BetaHyperprior},
)


@claim(
    "H5",
    RESTING,
    supports=("A3", "A4"),
    source="own derivation; the abstract says only that the hyper-prior is crucial",
    controls={
        "fixed slope with the price's sign turned": Control(
            {"fixed_slope": "log(θ/(1 - θ)) - c"}, by="fixed rests"
        ),
        "rest at the odds of the price": Control({"θ_fixed": "γ/(E + γ)"}, by="fixed rests"),
        "curvature of at least five": Control(
            {"fixed rises": "diff(fixed_slope, θ) >= 5"}, by="fixed rises"
        ),
        "undecided one price further": Control({"above": "(1 - ε)*γ**2/(ε*E)"}, by="by odds"),
        "half as wide": Control({"w": "log((1 - ε)/ε)/2"}, by="above's logarithm"),
        "ninety-nine as a hundred": Control(
            {"one percent": "at(w, ε=1/100) == log(100)"}, by="one percent"
        ),
        "closed at half of the width": Control({"cheap": "ε*γ < 2*(1 - ε)"}, by="no worth"),
        "Beta slope that falls": Control({"beta_slope": "log((γ + θ)/(1 + θ))"}, by="beta rises"),
        "Beta rest as the fixed one's": Control({"θ_beta": "E/(E + γ)"}, by="beta rests"),
        "Beta window to the odds alone": Control({"high": "γ/ε"}, by="beta window"),
        "Beta open below the price": Control({"beta closed": "log(excess) < 0"}, by="beta closed"),
        "Beta window below half the width": Control(
            {"narrower": "high/low < (1 - ε)/(2*ε)"}, by="narrower"
        ),
        "inside at any worth": Control({"ends": "θ*(c - v) < Min(0, c - v)"}, by="ends"),
        "a width that grows with the samples": Control(
            {"scale": "Iff(Abs(N*v̂ - N*ĉ) < w, Abs(v̂ - ĉ) < w)"}, by="scale"
        ),
    },
)
def resting(p: Proof) -> Iterator[Evidence]:
    """Slopes and rests by SymPy, the windows by the solvers in the odds E and γ."""
    yield p.decide("fixed rises")
    yield p.identity("fixed rests")
    yield p.decide("by odds")
    yield p.identity("above's logarithm", at=[{"γ": 2}])
    yield p.identity("below's logarithm", at=[{"γ": 2}])
    yield p.decide("both signs")
    yield p.exact("one percent")
    yield p.decide("no worth")
    yield p.decide("price below")
    yield p.decide("beta rises")
    yield p.identity("beta rests", at=[{"γ": 2, "E": 3}])
    yield p.decide("beta inside")
    yield p.decide("beta window")
    yield p.decide("beta closed")
    yield p.identity("excess is slope", at=[{"γ": 2, "E": 3, "θ": "1/3"}])
    yield p.decide("narrower")
    yield p.decide("ends")
    yield p.decide("scale")
    yield from _as_computed(p)


def _as_computed(p: Proof) -> Iterator[Evidence]:
    """The code against the formulas, and against the least value on a grid of θ."""
    price = np.array([0.01, 0.325, 4.0, 39.0])[:, None]
    worth = price + np.array([-7.0, -4.6, -4.59, -0.3, 0.02, 1.0, 4.59, 4.6, 7.0])
    odds = {"E": np.exp(worth), "γ": np.exp(price)}
    fixed, beta = p["fixed"](expit(-price)), p["beta prior"](1, np.exp(price))
    yield p.compare("θ_fixed", fixed.resting_theta(worth), points=odds)
    above = worth > price
    at = {name: np.broadcast_to(value, worth.shape)[above] for name, value in odds.items()}
    yield p.compare("θ_beta", beta.resting_theta(worth)[above], rtol=1e-9, points=at)
    yield p.cases("Beta(1, γ) closed below its price", beta.resting_theta(worth)[~above] == 0)
    yield p.cases(
        "undecided within ln 99 of the price",
        undecided(fixed, worth) == (np.abs(worth - price) < np.log(99)),
    )
    flat = FlatteningHyperprior(log_gamma=price)
    yield p.cases("the flattening prior leaves none undecided", ~undecided(flat, worth))
    theta = np.linspace(0, 1, 4001)[:, None, None]
    for name, prior in (("fixed", fixed), ("Beta", beta), ("flattening", flat)):
        least = theta[np.argmin(prior.profile(theta) - worth * theta, axis=0), 0, 0]
        # At γ = e^39 the profile of Beta(1, γ) has no digits left for that, unlike its slope.
        found = np.abs(prior.resting_theta(worth) - least) < 5e-4
        yield p.cases(f"the least of profile and worth, {name} prior", found[:3])
    samples = np.array([500, 1000, 4000, 16000, 60000])[:, None]
    each, one = np.linspace(-0.02, 0.02, 41), 39 / 60000
    found = undecided(FixedPrior(expit(-one * samples)), samples * (one + each))
    yield p.cases(
        "a width in inverse proportion to the samples",
        found == (np.abs(each) < np.log(99) / samples),
    )
