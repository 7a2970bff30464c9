"""Claim P3x: under more noise a unit escapes sooner or later, almost surely."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.attraction import Attraction
from theory.dynamics import Noise, descend
from theory.ledger import claim
from theory.proofs.noise import NOISY, SOURCE
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Prose, Statement
from theory.systems import WorstCase
from theory.verdict import Control, Evidence

FOR_EVER = Statement(
    text="Without {calm} the bound does not hold for ever: at {κ=}, {λ=}, {c=}, with steps of "
    "size {a=} ({small}) and noise of fair signs of sizes {b_θ=} and {b_r=}, {not calm}, and from "
    "the state where both {r} and {θ} are zero {low}; yet {sure}. Here {v_c=}, {v_θ=}, {v_r=}, "
    "{v_m=}, {bound=}, {ρ=}, {b=}, {V=}, {V̄=}, {m=}, {μ=} as in the claim before.",
    symbols="r >= 0; 0 <= θ <= 1",
    definitions=NOISY
    | {
        "κ": "1",
        "λ": "1/10",
        "c": "3/10",
        "a": "1/20",
        "b_θ": "3/10",
        "b_r": "3/10",
        "V0": "0",
        "r_plus": "r + a*(κ*θ - λ*r + b_r)",
        "θ_plus": "θ + a*(κ*r - c + b_θ)",
        "rise": "a*(b - μ*V̄)",
        "L": "ceil(V̄/rise)",
    },
    conclusions={
        "small": "a*m <= 1",
        "not calm": "v_c > v_m",
        "low": "bound < 0.00355",
        "sure": Argued(
            "{V} reaches {V̄} almost surely",
            (
                Prose("From any state inside, let both signs be plus."),
                "θ is not clipped",
                "r is not clipped",
                "the cap is out of reach",
                "rises",
                "the rise is positive",
                Prose(
                    "So L pluses in a row lead out from wherever the unit is inside. They have a "
                    "chance of one in 4^L whatever came before, and independent trials go on for "
                    "ever."
                ),
            ),
        ),
    },
    lemmas={
        "θ is not clipped": Lemma((), "θ_plus >= 0"),
        "r is not clipped": Lemma((), "r_plus >= 0"),
        "the cap is out of reach": Lemma(("V < V̄",), "θ_plus <= 1"),
        "rises": Lemma((), "m*θ_plus + κ*r_plus >= V + rise"),
        "the rise is positive": Lemma((), "rise > 0"),
    },
    points=({"r": 0, "θ": 0}, {"r": 1, "θ": 1}),
    loose=dict.fromkeys(
        (
            "small",
            "not calm",
            "r is not clipped",
            "the cap is out of reach",
            "the rise is positive",
        ),
        "both sides are numbers, far apart",
    ),
)


@claim(
    "P3x",
    FOR_EVER,
    supports=("A5",),
    source=SOURCE,
    controls={
        "the condition kept": Control({"not calm": "v_c <= v_m"}, by="not calm"),
        "noise a hundredth as large": Control({"b_θ": "3/1000", "b_r": "3/1000"}, by="not calm"),
        "noise a tenth larger": Control({"b_r": "33/100"}, by="low"),
        "noise of the weights alone": Control({"b_θ": "0"}, by="θ is not clipped"),
        "a price that noise cannot reach": Control({"c": "3"}, by="θ is not clipped"),
        "a price that noise cannot lift": Control({"c": "3"}, by="the rise is positive"),
        "a step beyond 1/m": Control({"a": "1"}, by="small"),
        "pluses that raise V twice as fast": Control({"rise": "2*a*(b - μ*V̄)"}, by="rises"),
        "weight decay that turns r": Control({"λ": "30"}, by="r is not clipped"),
        "steps beyond the cap": Control({"a": "4"}, by="the cap is out of reach"),
    },
)
def for_ever(p: Proof) -> Iterator[Evidence]:
    """A run of pluses of bounded length leads out from everywhere, and comes sooner or later."""
    yield p.exact("small")
    yield p.exact("not calm")
    yield p.exact("low")
    yield p.decide("θ is not clipped")
    yield p.decide("r is not clipped")
    yield p.decide("the cap is out of reach")
    yield p.decide("rises")
    yield p.exact("the rise is positive")
    number = {name: float(p[name]) for name in ("κ", "λ", "c", "a", "b_r", "b_θ")}
    unit = {"kappa": number["κ"], "lam": number["λ"], "c": number["c"]}
    outcome = descend(
        WorstCase(**unit),
        np.zeros((2, 2000)),
        step=number["a"],
        steps=1000,
        noise=Noise("sign", (number["b_r"], number["b_θ"])),
        seed=8,
        region=Attraction(**unit),
    )
    share = np.mean(outcome.escape <= 1000)
    yield p.shows(
        "share that escapes within 1,000 steps",
        Evidence(
            "measured", "", "simulation", bool(0.85 < share < 0.95), f"{share:.1%} of 2,000", 2000
        ),
    )
