"""Claim P3: pruning under noise, how surely it is safe."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory._types import Array
from theory.attraction import Attraction
from theory.dynamics import Noise, descend
from theory.ledger import claim
from theory.proofs.attraction import REGION
from theory.proofs.proof import Proof
from theory.statement import Argued, Lemma, Needed, Prose, Statement, Worded
from theory.systems import WorstCase
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that there are practical pruning conditions"


NOISY = {name: REGION.definitions[name] for name in ("m", "μ", "V", "V̄")} | {
    "b": "m*b_θ + κ*b_r",
    "ρ": "μ*(2 + a*μ)/(2*a*b**2)",
    "bound": "exp(-ρ*(V̄ - V0)**2)",
    "v_θ": "(1 - a*λ)*(c + b_θ) + a*κ*b_r",
    "v_r": "κ*b_r/μ + m*a*pos(b_θ - c)",
    "v_c": "Max(v_θ, v_r)",
    "v_m": "V̄ - b/μ",
    "calm": "v_c <= v_m",
}


_STEP = {"κ": 1, "λ": 0, "c": 1, "a": 1, "r": 0, "θ": "1/2", "b_θ": "1/10", "b_r": "1/10",
         "n_θ": 0, "n_r": 0, "r_next": 0, "θ_next": 0, "V0": 0}  # fmt: skip


_AT_THE_MARGIN = {"a": "1/2", "r": "2/5", "θ": "2/5", "n_θ": "1/10", "n_r": "1/10",
                  "r_next": "13/20", "θ_next": "3/20"}  # fmt: skip
_ALL_SMALL = {"κ": "1/100", "c": "1/100", "a": "1/100", "s": "1/100", "h": "1/100", "w": "1/100",
              "θ": 0, "b_θ": 0, "k": 0, "x": -1, "u": -1}  # fmt: skip

NOISE = Statement(
    text="Steps {step of r} and {step of θ}, with {r_free=} and {θ_free=}, of a size {small}, have "
    "noise of mean zero given the past, {noise of θ} and {noise of r}, not zero for good, "
    "{some noise}: then {bounded} for {η=} and {b=}. From {inside} {escape}, with {ρ=}. {clip}, "
    "with {v_θ=} and {v_r=}; and if {calm}, with {v_m=}, {for ever}. The noise must enter {r} "
    "additively: {additive}. Again {V=}, {V̄=}, {m=}, {μ=}.",
    symbols="κ, c, a > 0; λ, r, r_next, θ_next, b_θ, b_r, V0, k >= 0; 0 <= θ <= 1; n_θ, n_r, x; "
    "s, h, w > 0; u",
    definitions=NOISY
    | {
        "r_free": "r + a*(κ*θ - λ*r + n_r)",
        "θ_free": "θ + a*(κ*r - c + n_θ)",
        "V_free": "m*θ_free + κ*r_free",
        "V_next": "m*θ_next + κ*r_next",
        "η": "m*n_θ + κ*n_r",
        "growth": "1 + a*μ",
        "q": "growth**(-2)",
        "S_k": "a**2*b**2*q*(1 - q**k)/(1 - q)",
        "S": "a*b**2/(μ*(2 + a*μ))",
        "exponent": "-s*(V̄ - V0) + s**2*S/2",
        "s_star": "(V̄ - V0)/S",
    },
    coordinates=REGION.coordinates,
    premises={
        "step of r": Needed(
            "r_next <= Max(0, r_free)",
            fails=("gap", _STEP | {"c": "1/4", "V0": "1/8", "r_next": 9}),
        ),
        "step of θ": Needed(
            "θ_next <= Max(0, θ_free)",
            fails=("gap", _STEP | {"c": "1/4", "V0": "1/8", "θ_next": 9}),
        ),
        "small": Needed("a*m <= 1", fails=("room", _STEP | {"a": 2})),
        "noise of θ": Needed("Abs(n_θ) <= b_θ", fails=("bounded", _STEP | {"n_θ": 1})),
        "noise of r": Needed("Abs(n_r) <= b_r", fails=("bounded", _STEP | {"n_r": 1})),
        "some noise": Needed("b > 0", fails=("below V̄", _STEP | {"b_θ": 0, "b_r": 0, "r": "1/2"})),
        "inside": Needed("V0 < V̄", fails=("s is positive", _STEP | {"V0": 2})),
    },
    conclusions={
        "bounded": "Abs(η) <= b",
        "escape": Argued(
            "the probability that {V} reaches {V̄} before {r} or {θ} is clipped at zero is at most "
            "{bound:}",
            (
                "free step",
                "no higher",
                "gap",
                Prose(
                    "So, discounted by {growth=} for each step, the gap to {V̄} is at least the "
                    "gap at the start less the sum of the discounted noise. Each term of that "
                    "sum has mean zero given the past, and a bound:"
                ),
                "bounded",
                Prose(
                    "discounted too. Let {S_k} be the sum of the squares of the first {k} "
                    "bounds, with {q=}:"
                ),
                "no term yet",
                "one term more",
                "sum of the squares",
                Prose(
                    "The power of {q} is positive: so they never add up to more than {S=}. "
                    "Hoeffding's lemma bounds the mean of the exponential of {s} times a term "
                    "{x}, for any positive {s}:"
                ),
                "convex",
                Prose(
                    "so it lies below its chord on the interval from minus to plus its bound "
                    "{h}; as the term's mean is zero, its own mean is at most the chord's value "
                    "there, half the sum of the chord's ends:"
                ),
                "chord at zero",
                Prose(
                    "That is at most the exponential of half the square of its argument. "
                    "Compare the two power series, even power by even power: the quotient of "
                    "their denominators starts at one, and from power {k} to the next those of "
                    "cosh grow faster:"
                ),
                "term by term",
                Prose(
                    "So the exponential of {s} times the sum, less half of its square times the "
                    "sum of the squares, is a supermartingale that starts at one, and by "
                    "Ville's inequality it ever reaches a level with a probability of at most "
                    "one over that level. Where {V} reaches {V̄}, the sum has reached the gap "
                    "at the start, and the supermartingale the inverse of the exponential of "
                    "{exponent=}. The best {s} is {s_star=}:"
                ),
                "s is positive",
                "best s",
                "least",
                "exponent there",
                "all signs",
            ),
        ),
        "clip": Argued(
            "After a clip {V} is at most {v_c=}",
            ("room", "free r", "θ is clipped", "free θ", "r is clipped", "the larger"),
        ),
        "for ever": Argued(
            "the bound holds for ever",
            (
                "clip",
                "caught",
                Prose(
                    "A later step with a clip ends there too, as just shown; one without a clip "
                    "does not raise {V}:"
                ),
                "trap",
                Prose("So a unit that was clipped once stays below {V̄}:"),
                "below V̄",
                Prose("It escapes before its first clip or not at all."),
            ),
        ),
        "additive": Argued(
            "noise on a weight vector of norm {w} does not",
            (
                Prose(
                    "Add {u} at right angles, or subtract it, with equal chances: its mean is zero."
                ),
                "raises the norm",
            ),
        ),
    },
    lemmas={
        "free step": Lemma((), "V̄ - V_free == growth*(V̄ - V) - a*η"),
        "no higher": Lemma(
            ("step of r", "step of θ", "r_free >= 0", "θ_free >= 0"), "V_next <= V_free"
        ),
        "gap": Lemma(
            ("step of r", "step of θ", "r_free >= 0", "θ_free >= 0"),
            "V̄ - V_next >= growth*(V̄ - V) - a*η",
        ),
        "no term yet": Lemma((), "at(S_k, k=0) == 0"),
        "one term more": Lemma((), "at(S_k, k=k + 1) - S_k == (a*b*growth**(-(k + 1)))**2"),
        "sum of the squares": Lemma((), "S_k == S*(1 - q**k)"),
        "convex": Lemma((), "diff(exp(s*x), x, 2) > 0", ({"s": "1/100", "x": 0},)),
        "chord at zero": Lemma((), "(exp(s*h) + exp(-s*h))/2 == cosh(s*h)"),
        "term by term": Lemma((), "(2*k + 2)*(2*k + 1) >= 2*(k + 1)", ({"k": 0},)),
        "s is positive": Lemma(
            ("some noise", "inside"), "s_star > 0", (_STEP | {"b_θ": 2, "b_r": 0, "V0": "99/100"},)
        ),
        "best s": Lemma((), "at(diff(exponent, s), s=s_star) == 0"),
        "least": Lemma(("some noise",), "diff(exponent, s, 2) > 0"),
        "exponent there": Lemma((), "exp(at(exponent, s=s_star)) == bound"),
        "all signs": Worded(
            "no exception among all sequences of signs of twelve steps, for random parameters"
        ),
        "room": Lemma(("small",), "a**2*κ**2 <= 1 - a*λ"),
        "free r": Lemma(
            ("room", "noise of θ", "noise of r", "θ_free <= 0"), "κ*r_free <= v_θ and v_θ > 0"
        ),
        "θ is clipped": Lemma(
            ("room", "noise of θ", "noise of r", "step of r", "step of θ", "θ_free <= 0"),
            "V_next <= v_θ",
        ),
        "free θ": Lemma(
            ("room", "noise of θ", "noise of r", "r_free <= 0"), "m*θ_free <= v_r and 0 <= v_r"
        ),
        "r is clipped": Lemma(
            ("room", "noise of θ", "noise of r", "step of r", "step of θ", "r_free <= 0"),
            "V_next <= v_r",
        ),
        "the larger": Lemma((), "v_θ <= v_c and v_r <= v_c"),
        "caught": Lemma(
            ("calm", "V <= v_c"),
            "V <= v_m",
            (_STEP | {"λ": "3/2", "a": "1/2", "r": "8/17", "θ": 0, "b_θ": "15/17", "b_r": 0},),
        ),
        "trap": Lemma(("gap", "bounded", "V <= v_m"), "V_next <= V"),
        "below V̄": Lemma(
            ("some noise", "V <= v_m"),
            "V < V̄",
            (_STEP | {"r": "99/100", "θ": 0, "b_θ": "1/100", "b_r": 0},),
        ),
        "raises the norm": Lemma(("u != 0",), "sqrt(w**2 + u**2) > w", ({"w": 1, "u": "1/100"},)),
    },
    points=(
        # The gate is clipped, at its level; the size of the step is the largest.
        _STEP
        | {"r": "11/10", "θ": 0, "n_θ": "-1/10", "n_r": "1/10", "r_next": "6/5", "V0": "99/100"},
        # The weights are clipped, at their level.
        _STEP | {"c": "1/20", "θ": "1/10", "n_θ": "1/10", "n_r": "-1/10", "θ_next": "3/20"},
        # No clip, and V stays at the margin.
        _STEP | _AT_THE_MARGIN,
        # Calm, with room to spare: a clip, and none.
        _STEP | {"λ": "3/2", "a": "1/2", "θ": 0, "n_r": "-1/10", "k": 1, "x": 1, "u": 1},
        _STEP | {"λ": "3/2", "a": "1/2"},
        # Both ends of a clip, and the noise as large as the margin.
        _STEP | {"θ": 0, "b_θ": 1, "b_r": 0, "n_θ": 1},
        _STEP | {"c": "1/100", "b_θ": "1/100", "b_r": 0, "θ": 1},
        _STEP | _ALL_SMALL,
    ),
    shown_as={"r_free": "r̃", "θ_free": "θ̃"},
    code={"implementation": Attraction},
)


@claim(
    "P3",
    NOISE,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "growth without the step size": Control({"growth": "1 + μ"}, by="free step"),
        "noise of the weights without κ": Control({"b": "m*b_θ + b_r"}, by="bounded"),
        "noise of the gate alone": Control({"b": "m*b_θ"}, by="bounded"),
        "noise of any size": Control({"noise of r": None}, by="bounded"),
        "noise bounded above alone": Control({"noise of θ": "n_θ <= b_θ"}, by="bounded"),
        "squares summed half": Control({"S": "a*b**2/(2*μ*(2 + a*μ))"}, by="sum of the squares"),
        "ρ twice as large": Control({"ρ": "μ*(2 + a*μ)/(a*b**2)"}, by="exponent there"),
        "ρ with 2 − aμ": Control({"ρ": "μ*(2 - a*μ)/(2*a*b**2)"}, by="exponent there"),
        "exponent linear in the gap": Control({"bound": "exp(-ρ*(V̄ - V0))"}, by="exponent there"),
        "a bound that paths exceed": Control({"bound": "exp(-4*ρ*(V̄ - V0)**2)"}, by="all signs"),
        "from outside": Control({"inside": None}, by="s is positive"),
        "steps up to 2/m": Control({"small": "a*m <= 2"}, by="room"),
        "clip level without the gate's noise": Control(
            {"v_θ": "(1 - a*λ)*c + a*κ*b_r"}, by="free r"
        ),
        "clip level without κ": Control({"v_θ": "(1 - a*λ)*(c + b_θ) + a*b_r"}, by="free r"),
        "clip of r leaves no gate": Control({"v_r": "m*a*pos(b_θ - c)"}, by="free θ"),
        "clip of r with κ squared": Control({"v_r": "κ**2*b_r/μ + m*a*pos(b_θ - c)"}, by="free θ"),
        "clip of r without the push": Control({"v_r": "κ*b_r/μ"}, by="free θ"),
        "the smaller clip level": Control({"v_c": "Min(v_θ, v_r)"}, by="the larger"),
        "margin half as wide": Control({"v_m": "V̄ - b/(2*μ)"}, by="trap"),
        "no margin needed": Control({"calm": "v_c <= V̄"}, by="caught"),
        "no noise at all": Control({"some noise": None}, by="below V̄"),
        "noise that lowers the norm": Control(
            {"raises the norm": "sqrt(w**2 + u**2) < w"}, by="raises the norm"
        ),
    },
)
def noise(p: Proof) -> Iterator[Evidence]:
    """Hoeffding's lemma and Ville's inequality, up to the first clip; then a deterministic trap."""
    yield p.decide("bounded", given=("noise of θ", "noise of r"))
    yield p.identity("free step")
    yield p.decide("no higher", atoms=("r_free", "θ_free"))
    yield p.decide(
        "gap", given=("free step", "no higher"), atoms=("V", "V̄", "V_free", "V_next", "growth", "η")
    )
    yield p.identity("no term yet")
    yield p.identity("one term more")
    yield p.identity("sum of the squares")
    yield p.decide("convex")
    yield p.identity("chord at zero")
    yield p.decide("term by term")
    yield p.decide("s is positive")
    yield p.identity("best s")
    yield p.decide("least")
    yield p.identity("exponent there", at=[{"κ": 1, "m": 2, "c": 2, "V0": 1}])
    yield p.decide("room")
    yield p.decide("free r")
    yield p.decide(
        "θ is clipped",
        given=("free r", "step of r", "step of θ", "θ_free <= 0"),
        atoms=("r_free", "θ_free", "v_θ"),
    )
    yield p.decide("free θ")
    yield p.decide(
        "r is clipped",
        given=("free θ", "step of r", "step of θ", "r_free <= 0"),
        atoms=("r_free", "θ_free", "v_r"),
    )
    yield p.decide("the larger")
    yield p.decide("caught")
    yield p.decide("trap")
    yield p.decide("below V̄")
    yield p.decide("raises the norm")
    yield from _noise_as_computed(p)
    yield _every_sequence_of_signs(p)
    yield from _simulated_noise(p)


def _noise_as_computed(p: Proof) -> Iterator[Evidence]:
    rng = np.random.default_rng(5)
    grid = {name: rng.uniform(0.2, 3, 60) for name in ("κ", "λ", "c", "b_θ", "b_r")}
    ours = p["implementation"](kappa=grid["κ"], lam=grid["λ"], c=grid["c"])
    step, noises = ours.safe_step * rng.uniform(0.05, 1, 60), (grid["b_θ"], grid["b_r"])
    size, start = p.values("b", **grid), 0.8 * ours.threshold
    for name, values, points in (
        ("b", ours.noise_bound(*noises), {}),
        ("ρ", ours.rho(step, size), {"a": step}),
        ("bound", ours.escape_bound(start / grid["κ"], 0, step, size), {"a": step, "V0": start}),
        ("v_c", ours.clip_level(step, *noises), {"a": step}),
    ):
        yield p.compare(name, values, points=grid | points, rtol=1e-9)
    noises = (grid["b_θ"] / 20, grid["b_r"] / 20)
    calm = p.truths("calm", **grid | {"a": step, "b_θ": noises[0], "b_r": noises[1]})
    yield p.cases("for ever as computed", ours.holds_for_ever(step, *noises) == calm)


def _every_sequence_of_signs(p: Proof, length: int = 12) -> Evidence:
    """The exact probability to escape within some steps, under noise ±b, against the bound."""
    rng = np.random.default_rng(6)
    lanes = 150
    kappa, lam, c = rng.uniform(0.5, 2, lanes), rng.uniform(0, 2, lanes), rng.uniform(0.3, 2, lanes)
    ours = p["implementation"](kappa=kappa, lam=lam, c=c)
    step = ours.safe_step * rng.uniform(0.2, 1, lanes)
    theta = 0.5 * np.minimum(1, ours.threshold / ours.m)
    radius = (0.95 * ours.threshold - ours.m * theta) * rng.uniform(0.6, 1, lanes) / kappa
    start = ours.potential(radius, theta)
    size = (ours.threshold - start) / (step * rng.uniform(1, 4, lanes))
    share = rng.uniform(0.1, 0.9, lanes)
    sizes = np.stack([(1 - share) * size / kappa, share * size / ours.m])
    escaped = _escapes(ours, step, np.stack([radius, theta]), sizes, length)
    bound = p.numeric("bound", "κ λ c a b_r b_θ V0")(kappa, lam, c, step, *sizes, start)
    # Some of them escape often, or it would be a poor test.
    return p.cases("all signs", (escaped <= bound + 1e-12) & (escaped.max() > 0.2))


def _escapes(ours: Attraction, step: Array, start: Array, sizes: Array, length: int) -> Array:
    """Share of all sign sequences under which V reaches V̄ before a clip at zero."""
    signs = 1 - 2 * (np.arange(2**length)[:, None] >> np.arange(length) & 1)
    r, theta = (np.tile(row, (2**length, 1)) for row in start)
    running, escaped = np.ones((2, *r.shape), dtype=bool)
    escaped[:] = False
    for number in range(length):
        sign = signs[:, number, None]
        push_r = ours.kappa * theta - ours.lam * r + sign * sizes[0]
        push_theta = ours.kappa * r - ours.c + sign * sizes[1]
        r, theta = r + step * push_r, np.minimum(theta + step * push_theta, 1)
        running &= (r >= 0) & (theta >= 0)
        escaped |= running & (ours.m * theta + ours.kappa * r >= ours.threshold)
    return escaped.mean(axis=0)


def _simulated_noise(p: Proof) -> Iterator[Evidence]:
    lanes = 1000
    for kappa, lam, c, size in ((1, 0.6, 0.9, 0.1), (2, 1.5, 1.0, 0.05), (0.5, 1.0, 0.4, 0.04)):
        ours = p["implementation"](kappa=kappa, lam=lam, c=c)
        step = 0.3 * ours.safe_step
        start = np.array([[0.5 * ours.threshold / kappa], [0.4 * ours.threshold / ours.m]])
        outcome = descend(
            WorstCase(kappa=kappa, lam=lam, c=c),
            np.tile(start, lanes),
            step=step,
            steps=1000,
            noise=Noise("sign", (size, size)),
            region=ours,
            seed=7,
        )
        escaped, clipped = outcome.escape < np.inf, outcome.clip < np.inf
        b, (r, theta) = ours.noise_bound(size, size), start[:, 0]
        yield p.cases(f"κ = {kappa:g}: v_c ≤ V̄ − b/μ", ours.holds_for_ever(step, size, size))
        yield p.cases(
            f"κ = {kappa:g}: no escape after a clip",
            ((outcome.escape < outcome.clip) == escaped)[escaped | clipped],
        )
        yield p.cases(
            f"κ = {kappa:g}: escapes within the bound",
            escaped.mean() <= ours.escape_bound(r, theta, step, b) + 3 / lanes**0.5,
        )
