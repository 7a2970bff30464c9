"""Claims P1 and P2: where a unit must die, and how small steps must be for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory._types import Array
from theory.attraction import Attraction
from theory.dynamics import descend, flow
from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Lemma, Needed, Prose, Statement
from theory.systems import ProductUnit, WorstCase
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that there are pruning conditions"

_DEFINITIONS = {
    "m": "(λ + sqrt(λ**2 + 4*κ**2))/2",
    "μ": "κ**2/m",
    "V": "m*θ + κ*r",
    "V̄": "m**2*c/κ**2",
}
# Every λ ≥ 0 is m − κ²/m for one m ≥ κ, which keeps the formulas rational in proofs.
_COORDINATES = {"m": ("λ", "m - κ**2/m")}
_SHOWN = {"G": "‖∂C/∂w at ξ = 1‖", "steps": "s", "θ_free": "θ̃", "r_free": "r̃"}

REGION = Statement(
    text="If {gradient} wherever {reach}, then the region {inside}, with {V=} and {V̄=}, "
    "{invariant}; {dead}, and {decays}. {saddle}. {exact}; {capped}. Here {m=} and {μ=}.",
    symbols="κ, c > 0; λ, r >= 0; 0 <= θ <= 1; V0, t >= 0; G, g, D, ṙ, θ̇",
    definitions=_DEFINITIONS
    | {
        "ṙ_max": "κ*θ - λ*r",
        "θ̇_max": "κ*r - c",
        "V̇": "diff(V, θ)*θ̇ + diff(V, r)*ṙ",
        "V̇_max": "μ*V - m*c",
        "gap": "(V̄ - V0)*exp(μ*t)",
        "t_star": "log(V̄/(V̄ - V0))/μ",
        "r_s": "c/κ",
        "θ_s": "λ*c/κ**2",
        "tight": "λ*c <= κ**2",
        "reach": "κ*r < V̄",
    },
    coordinates=_COORDINATES,
    premises={
        "gradient": Needed(
            "G <= κ",
            fails=("growth of r", {"κ": 1, "G": 2, "g": -2, "θ": 1, "r": 0, "λ": 0, "c": 3}),
        ),
        "inside": Needed(
            "V < V̄", fails=("V falls", {"κ": 1, "λ": 0, "c": 1, "r": 1, "θ": 0, "G": 1})
        ),
    },
    conclusions={
        "invariant": Argued(
            "is forward invariant",
            (
                "growth of r",
                "growth of θ",
                "V̇ bound",
                "μ is m − λ",
                "V falls",
                "weights",
                Prose(
                    "The cap on {θ} only lowers its growth; held at zero it does not grow at all."
                ),
            ),
        ),
        "dead": Argued(
            "{θ} is zero for good from {t_star=} on at the latest",
            (
                "absorbing",
                Prose(
                    "Before a path in the region is absorbed, either {θ} is positive, or it is "
                    "zero and does not fall; either way {V} grows at most at its bound."
                ),
                "V̇ bound",
                "level of V̇",
                "gap's equation",
                Prose(
                    "So the gap to {V̄} is at least the solution of that equation that starts from "
                    "it; and {V} is never negative."
                ),
                "gap at t*",
            ),
        ),
        "decays": Argued(
            "from then on {r} decays at the rate {λ} at least", ("growth of r", "decay")
        ),
        "saddle": Argued(
            "The saddle at {r_s=}, {θ_s=} lies on the region's boundary",
            ("r rests", "θ rests", "level"),
        ),
        "exact": Argued(
            "The region is the exact basin of the worst case if and only if {tight}",
            (
                "V rises",
                "lifts off",
                "cap above",
                "r held at the cap",
                Prose("So above the boundary {V} rises until the cap, and there the unit stays."),
                "level",
                Prose("On the boundary a path runs into the saddle: it does not die either."),
            ),
        ),
        "capped": Argued(
            "otherwise the cap on {θ} makes every start die",
            (
                "lifts off",
                "r falls at the cap",
                "enters",
                Prose(
                    "At the cap {r} falls to {r_s} in finite time, and there the path is inside."
                ),
            ),
        ),
    },
    lemmas={
        "growth of r": Lemma(
            ("gradient", "Abs(g) <= G"),
            "-θ*g - λ*r <= ṙ_max",
            (
                {"κ": 1, "G": 1, "g": -1, "θ": 1, "r": 1, "λ": 2},
                {"κ": 1, "G": 1, "g": 0, "θ": 1, "r": 1, "λ": 2},
            ),
        ),
        "growth of θ": Lemma(
            ("gradient", "Abs(D) <= G*r"),
            "-D - c <= θ̇_max",
            ({"κ": 1, "G": 1, "D": -1, "r": 1, "c": 3}, {"κ": 1, "G": 1, "D": 0, "r": 1, "c": 3}),
        ),
        "V̇ bound": Lemma(
            ("ṙ <= ṙ_max", "θ̇ <= θ̇_max"),
            "V̇ <= V̇_max",
            (
                {"κ": 1, "λ": 0, "c": 1, "r": 2, "θ": "1/2", "ṙ": "1/2", "θ̇": 1},
                {"κ": 1, "λ": 0, "c": 1, "r": 2, "θ": "1/2", "ṙ": 0, "θ̇": 0},
            ),
        ),
        "V falls": Lemma(("inside",), "V̇_max < 0"),
        "weights": Lemma(("inside",), "reach"),
        "absorbing": Lemma(("κ*r < c",), "θ̇_max < 0"),
        "decay": Lemma(("θ == 0",), "ṙ_max == -λ*r"),
        "gap's equation": Lemma((), "diff(gap, t) == μ*gap"),
        "level of V̇": Lemma((), "V̇_max == -μ*(V̄ - V)"),
        "gap at t*": Lemma((), "at(gap, t=t_star) == V̄"),
        "μ is m − λ": Lemma((), "μ == m - λ"),
        "r rests": Lemma((), "at(ṙ_max, r=r_s, θ=θ_s) == 0"),
        "θ rests": Lemma((), "at(θ̇_max, r=r_s) == 0"),
        "level": Lemma((), "at(V, r=r_s, θ=θ_s) == V̄"),
        "V rises": Lemma(
            ("V > V̄",), "V̇_max > 0", ({"κ": 1, "λ": 0, "c": 1, "r": "101/100", "θ": 0},)
        ),
        "lifts off": Lemma(
            ("at(V, θ=0) > V̄",), "θ̇_max > 0", ({"κ": 1, "λ": 0, "c": 1, "r": "101/100", "θ": 0},)
        ),
        "cap above": Lemma(
            ("tight", "θ̇_max >= 0"),
            "at(V, θ=1) >= V̄",
            (
                {"κ": 1, "λ": 1, "c": 1, "r": 1, "θ": 1},
                {"κ": 1, "λ": "1/2", "c": 1, "r": 2, "θ": 1},
            ),
        ),
        "r held at the cap": Lemma(
            ("tight",), "at(ṙ_max, r=r_s, θ=1) >= 0", ({"κ": 1, "λ": 1, "c": 1},)
        ),
        "r falls at the cap": Lemma(
            ("λ*c > κ**2", "θ̇_max >= 0"),
            "at(ṙ_max, θ=1) <= at(ṙ_max, r=r_s, θ=1) and at(ṙ_max, r=r_s, θ=1) < 0",
            ({"κ": 1, "λ": 1, "c": "101/100", "r": "101/100"}, {"κ": 1, "λ": 1, "c": 2, "r": 3}),
        ),
        "enters": Lemma(
            ("λ*c > κ**2",), "at(V, r=r_s, θ=1) < V̄", ({"κ": 1, "λ": 1, "c": "101/100"},)
        ),
    },
    points=(
        {"κ": 1, "λ": 0, "c": 1, "r": "99/100", "θ": 0, "V0": 0, "t": 0, "G": 1},
        {"κ": 1, "λ": 0, "c": 2, "r": 0, "θ": 1, "V0": 1, "t": 1, "G": 1},
        {"κ": "1/100", "λ": 0, "c": "1/100", "r": 0, "θ": 0, "V0": 0, "t": 0, "G": 0},
        {"κ": 1, "λ": 1, "c": 1, "r": 0, "θ": 0, "G": 1},
    ),
    shown_as=_SHOWN,
    code={"implementation": Attraction},
)


@claim(
    "P1",
    REGION,
    supports=("A1", "A3", "A5"),
    source=SOURCE,
    controls={
        "weights that grow by decay": Control({"ṙ_max": "κ*θ + λ*r"}, by="V̇ bound"),
        "price that opens the gate": Control({"θ̇_max": "κ*r + c"}, by="absorbing"),
        "a gradient of any size": Control({"gradient": None}, by="growth of r"),
        "m from the other root": Control(
            {"m": "(-λ + sqrt(λ**2 + 4*κ**2))/2"}, by="m in place of λ"
        ),
        "μ = m": Control({"μ": "m"}, by="μ is m − λ"),
        "V with its weights exchanged": Control({"V": "κ*θ + m*r"}, by="V̇ bound"),
        "V̄ twice as large": Control({"V̄": "2*m**2*c/κ**2"}, by="V falls"),
        "rate with the wrong sign": Control({"V̇_max": "μ*V + m*c"}, by="V falls"),
        "decay twice as fast": Control({"decay": "ṙ_max == -2*λ*r"}, by="decay"),
        "t* with the ratio upside down": Control({"t_star": "log((V̄ - V0)/V̄)/μ"}, by="gap at t*"),
        "t* half as long": Control({"t_star": "log(V̄/(V̄ - V0))/(2*μ)"}, by="gap at t*"),
        "saddle at twice the weight": Control({"r_s": "2*c/κ"}, by="θ rests"),
        "saddle without the decay": Control({"θ_s": "c/κ**2"}, by="level"),
        "exact in the capped case": Control({"tight": "λ*c >= κ**2"}, by="cap above"),
        "exact for every λ and c": Control({"tight": "κ > 0"}, by="r held at the cap"),
        "capped a little before": Control({"enters": "at(V, r=2*r_s, θ=1) < V̄"}, by="enters"),
    },
)
def attraction(p: Proof) -> Iterator[Evidence]:
    """Where the bounds come from, then the region, then the exact basin of the worst case.

    C does not depend on w while the unit is off, so ẇ = −θ∂C/∂w − λw, whose part along w is
    ṙ = −θg − λr; and integrating the gradient from 0 to w gives |D| ≤ Gr for D = C(1) − C(0).
    The argument itself is part of the statement.
    """
    yield p.decide("growth of r")
    yield p.decide("growth of θ")
    yield p.decide("V̇ bound")
    yield p.decide("V falls")
    yield p.decide("weights")
    yield p.decide("absorbing")
    yield p.identity("decay", at=[{"θ": 0}])
    yield p.identity("gap's equation")
    yield p.identity("level of V̇")
    yield p.identity("gap at t*", at=[{"κ": 1, "m": 2, "c": 2, "V0": 1}])
    yield p.identity("μ is m − λ")
    yield p.identity("r rests")
    yield p.identity("θ rests")
    yield p.identity("level")
    yield p.decide("V rises")
    yield p.decide("lifts off")
    yield p.decide("cap above")
    yield p.decide("r held at the cap")
    yield p.decide("r falls at the cap")
    yield p.decide("enters")
    yield from _attraction_as_computed(p)
    yield from _simulated_basin(p)
    yield from _product_units(p)


def _grid() -> dict[str, Array]:
    """Parameters of every order of magnitude, λ = 0 and both sides of λc = κ² among them."""
    kappa, lam, c = np.meshgrid(
        [0.01, 0.7, 1.0, 30.0], [0.0, 1e-6, 0.3, 2.0, 50.0], [0.03, 1.0, 7.0]
    )
    return {"κ": kappa.ravel(), "λ": lam.ravel(), "c": c.ravel()}


def _attraction_as_computed(p: Proof) -> Iterator[Evidence]:
    """The code against the formulas in many digits, and its rates against an eigenvalue solver."""
    grid = _grid()
    ours = p["implementation"](kappa=grid["κ"], lam=grid["λ"], c=grid["c"])
    limit = p.values("V̄", **grid)
    radius = 0.3 * np.minimum(limit, 1e6) / grid["κ"]
    gate = np.minimum(0.4 * limit / p.values("m", κ=grid["κ"], λ=grid["λ"]), 1)
    state = grid | {"r": radius, "θ": gate}
    start = {"V0": p.values("V", **state)}
    saddle = ours.saddle
    for name, values, points in (
        ("m", ours.m, grid),
        ("μ", ours.mu, grid),
        ("V̄", ours.threshold, grid),
        ("r_s", saddle[0], grid),
        ("θ_s", saddle[1], grid),
        ("V", ours.potential(radius, gate), state),
        ("t_star", ours.death_time(radius, gate), grid | start),
    ):
        yield p.compare(name, values, points=points)
    yield p.cases("tight as computed", ours.tight == p.truths("tight", **grid))
    matrix = np.moveaxis(np.array([[-grid["λ"], grid["κ"]], [grid["κ"], 0 * grid["κ"]]]), -1, 0)
    yield p.shows(
        "−m and μ are the worst case's eigenvalues",
        compare(
            np.stack([-ours.m, ours.mu], -1),
            np.linalg.eigvalsh(matrix),
            "",
            tool="NumPy",
            rtol=1e-7,
            atol=1e-13,
        ),
    )


def random_worst_cases(seed: int, lanes: int) -> tuple[dict[str, Array], Array]:
    """Parameters κ, λ, c and starts (r, θ) inside and outside A, one for each lane."""
    rng = np.random.default_rng(seed)
    kappa = rng.uniform(0.5, 2, lanes)
    parameters = {
        "kappa": kappa,
        "lam": kappa * rng.uniform(0, 2, lanes),
        "c": rng.uniform(0.1, 3, lanes),
    }
    threshold = Attraction(**parameters).threshold
    return parameters, np.stack(
        [rng.uniform(0, 1.5, lanes) * threshold / parameters["kappa"], rng.random(lanes)]
    )


def _simulated_basin(p: Proof) -> Iterator[Evidence]:
    parameters, start = random_worst_cases(seed=1, lanes=4000)
    ours = p["implementation"](**parameters)
    outcome = flow(WorstCase(**parameters), start, time=60, steps=1500)
    inside, limit = ours.contains(*start), ours.death_time(*start)
    within = outcome.last_alive[inside] <= limit[inside] * (1 + 1e-9)
    yield p.cases("simulated from inside A, dead by t*", within)
    near = np.abs(ours.potential(*start) / ours.threshold - 1) < 0.01
    died = outcome.last_alive < 60
    yield p.cases("simulated basin", (died == (inside | ~ours.tight))[~near])
    # A start on the boundary is outside: it never dies, whatever rounding makes of it.
    edge = ours.threshold / parameters["kappa"]
    yield p.cases(
        "a start exactly on V̄ is outside",
        ~ours.contains(edge, 0)
        & np.isinf(ours.death_time(edge, 0))
        & ours.contains(edge * (1 - 1e-13), 0),
    )


def _product_units(p: Proof) -> Iterator[Evidence]:
    """κ bounds what it should on units v·relu(w·x), and in A(κ) they die by t*."""
    rng = np.random.default_rng(2)
    for radius, c in ((0.5, 0.2), (1.0, 1.5), (1.5, 6.0)):
        unit = ProductUnit(rng.standard_normal((40, 3)), rng.standard_normal(40), lam=0.1, c=c)
        kappa = unit.gradient_bound(radius)
        direction = rng.standard_normal((4, 2000))
        direction *= radius * rng.random(2000) / np.linalg.norm(direction, axis=0)
        on, off = (np.vstack([direction, np.full(2000, gate)]) for gate in (1.0, 0.0))
        slope = unit.drift(on)[:-1] + unit.lam * direction
        yield p.cases(
            f"κ bounds the gradient, radius {radius:g}", np.linalg.norm(slope, axis=0) <= kappa
        )
        worth = unit.objective(off) - unit.objective(on) + unit.c
        yield p.cases(
            f"|C(1) − C(0)| ≤ κr, radius {radius:g}", np.abs(worth) <= kappa * unit.radius(on)
        )
        ours = p["implementation"](kappa=kappa, lam=unit.lam, c=c)
        start = np.vstack([direction, rng.random(2000)])
        held = ours.contains(unit.radius(start), start[-1]) & (ours.threshold <= kappa * radius)
        fate = ours.death_time(unit.radius(start), start[-1])[held]
        outcome = flow(unit, start[:, held], time=12 / kappa, steps=300)
        yield p.cases(
            f"product units in A die by t*, radius {radius:g}",
            outcome.last_alive <= fate * (1 + 1e-9),
        )


STEPS = Statement(
    text="Projected gradient steps of size {a}, with {step of r} and {step of θ} for {r_free=} and "
    "{θ_free=}: {no rise} where {inside}, if {decay step} and {clip step}; {sharp}. With {small}, "
    "which implies both bounds, {dead}, {steps=}. Again {V=}, {V̄=}, {m=}, {μ=}.",
    symbols="κ, c, a > 0; λ, r, r_next, θ_next, V0 >= 0; 0 <= θ <= 1",
    definitions=_DEFINITIONS
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
    coordinates=_COORDINATES,
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
    shown_as=_SHOWN,
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
    grid = _grid()
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
