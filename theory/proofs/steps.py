"""Claim P2: how small steps must be for a unit to die where it must."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.attraction import Attraction
from theory.dynamics import descend
from theory.ledger import claim
from theory.proofs.attraction import (
    COORDINATES,
    DEFINITIONS,
    SHOWN,
    SOURCE,
    magnitudes,
    random_worst_cases,
)
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Needed, Prose, Statement
from theory.systems import WorstCase
from theory.verdict import Control, Evidence

STEPS = Statement(
    text="Projected gradient steps of size {a}, with {step of r} and {step of θ} for {r_free=} and "
    "{θ_free=}: {no rise} where {inside}, if {decay step} and {clip step}; {sharp}. With {small}, "
    "which implies both bounds, {dead}, {steps=}. Again {V=}, {V̄=}, {m=}, {μ=}.",
    symbols="κ, c, a > 0; λ, r, r_next, θ_next, V0 >= 0; 0 <= θ <= 1",
    definitions=DEFINITIONS
    | {
        "V_next": "m*θ_next + κ*r_next",
        "r_free": "Abs(1 - a*λ)*r + a*κ*θ",
        "θ_free": "θ + a*(κ*r - c)",
        "growth": "1 + a*μ",
        "steps": "log(V̄/(V̄ - V0))/log(1 + a*μ)",
        "N": "ceil(steps)",
        "small": "a*m <= 1",
        "absorbed": "κ*r <= c and θ == 0",
        "absorbed_next": "κ*r_next <= c and θ_next == 0",
    },
    coordinates=COORDINATES,
    premises={
        "step of r": Needed(
            "r_next <= r_free",
            fails=(
                "no rise",
                {"κ": 1, "λ": 0, "c": 1, "a": 1, "r": 0, "θ": 0, "r_next": 1, "θ_next": 0},
            ),
        ),
        "step of θ": Needed(
            "θ_next <= Max(0, θ_free)",
            fails=(
                "no rise",
                {"κ": 1, "λ": 0, "c": 1, "a": 1, "r": 0, "θ": 0, "r_next": 0, "θ_next": 1},
            ),
        ),
        "inside": Needed(
            "V < V̄",
            fails=(
                "no rise",
                {
                    "κ": 1,
                    "λ": 0,
                    "c": 1,
                    "a": "1/2",
                    "r": "1/2",
                    "θ": "51/100",
                    "r_next": "151/200",
                    "θ_next": "26/100",
                },
            ),
        ),
        "decay step": Needed(
            "a*λ <= 1",
            fails=(
                "no rise",
                {"κ": 1, "λ": "3/2", "c": 1, "a": 2, "r": 1, "θ": 0, "r_next": 2, "θ_next": 0},
            ),
        ),
        "clip step": Needed(
            "a*κ**2 <= m",
            fails=(
                "no rise",
                {
                    "κ": 1,
                    "λ": 0,
                    "c": 1,
                    "a": "101/100",
                    "r": 0,
                    "θ": "1/2",
                    "r_next": "101/200",
                    "θ_next": 0,
                },
            ),
        ),
    },
    conclusions={
        "no rise": "V_next <= V",
        "sharp": Argued("the bound {clip step} is sharp", ("beyond the clip",)),
        "dead": Argued(
            "{θ} is zero for good from step {N:} on",
            (
                "both bounds",
                "gap grows",
                Prose(
                    "A step after which {θ} is positive, or would be zero without a clip, is "
                    "bounded by this free step; every other one clips {θ}."
                ),
                "room",
                "clip for good",
                "absorbing",
                Prose(
                    "So before absorption the gap to {V̄} grows by that factor at each step, and "
                    "{V} is never negative."
                ),
                "by then",
            ),
        ),
    },
    lemmas={
        "beyond the clip": Lemma(
            ("a*κ**2 > m", "θ > 0", "at(V, r=0) < V̄"),
            "at(θ_free, r=0) < 0 and at(V, r=at(r_free, r=0), θ=0) > at(V, r=0)",
            (
                {"κ": 1, "λ": 0, "c": 1, "a": "101/100", "θ": "99/100", "r": 0},
                {"κ": 1, "λ": 0, "c": 1, "a": "101/100", "θ": "1/100", "r": 0},
            ),
        ),
        "both bounds": Lemma(("small",), "a*λ <= 1 and a*κ**2 <= m", ({"κ": 1, "λ": 0, "a": 1},)),
        "gap grows": Lemma((), "V̄ - (m*θ_free + κ*((1 - a*λ)*r + a*κ*θ)) == growth*(V̄ - V)"),
        "room": Lemma(("small",), "a**2*κ**2 <= 1 - a*λ", ({"κ": 1, "λ": 0, "a": 1},)),
        "clip for good": Lemma(
            ("room", "step of r", "θ_free <= 0"),
            "κ*r_next <= c",
            ({"κ": 1, "λ": 0, "c": 1, "a": 1, "r": 1, "θ": 0, "r_next": 1},),
        ),
        "absorbing": Lemma(
            ("room", "step of r", "step of θ", "absorbed"),
            "absorbed_next",
            ({"κ": 1, "λ": 0, "c": 1, "a": 1, "r": 1, "θ": 0, "r_next": 1, "θ_next": 0},),
        ),
        "by then": Lemma((), "(V̄ - V0)*exp(steps*log(growth)) == V̄"),
    },
    points=(
        # The clip's bound and the step of r are met, and V stays what it is.
        {"κ": 1, "λ": 0, "c": 1, "a": 1, "r": 0, "θ": "1/2", "r_next": "1/2", "θ_next": 0},
        {
            "κ": 1,
            "λ": "3/2",
            "c": 1,
            "a": "2/3",
            "r": 1,
            "θ": "1/2",
            "r_next": "1/3",
            "θ_next": "1/2",
        },
        {
            "κ": 1,
            "λ": 0,
            "c": 1,
            "a": 1,
            "r": "99/100",
            "θ": 0,
            "r_next": "99/100",
            "θ_next": 0,
            "V0": 0,
        },
        {"κ": 1, "λ": 0, "c": 2, "a": 1, "r": 0, "θ": 1, "r_next": 1, "θ_next": 0, "V0": 1},
        {"κ": 1, "λ": 0, "c": 1, "a": "1/2", "r": "3/5", "θ": "1/4", "r_next": 0, "θ_next": 0},
        {
            "κ": "1/100",
            "λ": 0,
            "c": "1/100",
            "a": "1/100",
            "r": 0,
            "θ": 0,
            "r_next": 0,
            "θ_next": 0,
        },
    ),
    loose={"both bounds": "below λ = m the first bound is never met with equality"},
    shown_as=SHOWN,
    code={"implementation": Attraction},
)


@claim(
    "P2",
    STEPS,
    supports=("A1", "A5"),
    source=SOURCE,
    controls={
        "V that falls": Control({"no rise": "V_next < V"}, by="no rise"),
        "no bound from the decay": Control({"decay step": None}, by="no rise"),
        "bound at the clip twice as large": Control({"clip step": "a*κ**2 <= 2*m"}, by="no rise"),
        "sharp already at half the bound": Control(
            {"beyond the clip": "at(V, r=at(r_free, r=0)/2, θ=0) > at(V, r=0)"},
            by="beyond the clip",
        ),
        "safe up to 2/m": Control({"small": "a*m <= 2"}, by="both bounds"),
        "safe up to 1/μ": Control({"small": "a*μ <= 1"}, by="both bounds"),
        "growth 1 + 2aμ": Control({"growth": "1 + 2*a*μ"}, by="gap grows"),
        "growth of the continuous flow": Control(
            {"growth": "1 + a*μ + (a*μ)**2/2"}, by="gap grows"
        ),
        "steps with the ratio upside down": Control(
            {"steps": "log((V̄ - V0)/V̄)/log(1 + a*μ)"}, by="by then"
        ),
        "a clip leaves half of that": Control(
            {"clip for good": "2*κ*r_next <= c"}, by="clip for good"
        ),
        "dead as soon as θ = 0, whatever r": Control(
            {"absorbed": "κ*r <= V̄ and θ == 0"}, by="absorbing"
        ),
        "V without the gate": Control({"V": "κ*r"}, by="no rise"),
        "V̄ twice as large": Control({"V̄": "2*m**2*c/κ**2"}, by="no rise"),
    },
)
def steps(p: Proof) -> Iterator[Evidence]:
    """A step ends with θ above zero or at zero; in either case V does not rise in A."""
    yield p.split("no rise", {"θ stays above 0": "θ_next > 0", "θ is clipped": "θ_next <= 0"})
    yield p.decide("beyond the clip")
    yield p.decide("both bounds")
    yield p.identity("gap grows")
    yield p.decide("room")
    yield p.decide("clip for good")
    yield p.decide("absorbing")
    yield p.identity("by then", at=[{"κ": 1, "m": 2, "c": 2, "V0": 1}])
    yield from _steps_as_computed(p)
    yield from _simulated_steps(p)


def _steps_as_computed(p: Proof) -> Iterator[Evidence]:
    grid = magnitudes()
    ours = p["implementation"](kappa=grid["κ"], lam=grid["λ"], c=grid["c"])
    margin = 1 + 1e-12
    for name, step, parts in (
        ("largest step", ours.largest_step, ("decay step", "clip step")),
        ("safe step", ours.safe_step, ("small",)),
    ):
        within, beyond = (
            np.all([p.truths(part, a=step * scale, **grid) for part in parts], 0)
            for scale in (1 / margin, margin)
        )
        yield p.cases(f"{name} as computed", within & ~beyond)
    step, radius = 0.37 * ours.safe_step, 0.7 * ours.threshold / grid["κ"]
    yield p.compare(
        "N",
        ours.death_step(radius, 0, step),
        rtol=0,
        points=grid | {"a": step, "V0": 0.7 * ours.threshold},
    )


def _simulated_steps(p: Proof) -> Iterator[Evidence]:
    """Random worst cases and step sizes: V falls up to the largest step, deaths come in time."""
    rng = np.random.default_rng(4)
    parameters, start = random_worst_cases(seed=3, lanes=4000)
    ours, worst = p["implementation"](**parameters), WorstCase(**parameters)
    inside = ours.contains(*start)
    once = descend(worst, start, step=ours.largest_step * rng.random(4000), steps=1).state
    falls = ours.potential(*once) <= ours.potential(*start) * (1 + 1e-12)
    yield p.cases("V falls in simulated steps", falls[inside])
    step = ours.safe_step * rng.uniform(0.05, 1, 4000)
    limit = ours.death_step(start[0], start[1], step)
    outcome = descend(worst, start, step=step, steps=1500)
    counted = inside & (limit <= 1500)
    yield p.cases("simulated deaths come in time", outcome.last_alive[counted] < limit[counted])
