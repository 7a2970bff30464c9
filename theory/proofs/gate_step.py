"""Claim G5: how large a gate step may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from theory.gate_step import ReflectedGate, largest_step, layer_step, least_steps
from theory.ledger import claim
from theory.proofs.proof import Proof
from theory.proofs.tools import compare, exact
from theory.statement import Argued, Lemma, Needed, Prose, Statement
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the parameters practically reach 0 or 1"

STEP = Statement(
    text="With a drift of size {d}, noise {σ} and step {η}, a projected gate's distance {x} from "
    "its boundary {law}, {κ=}; {mean bound}, where {mean=}, and {projected}. So {within} if "
    "{small}; {slow}. A worthless gate's drift is its price {c}: with the step {layer} {worthless} "
    "and {closing}.",
    symbols="d, σ, η, c, α > 0; 0 <= x <= 1; 0 < ε <= 1; K >= 1; y; i, o, s, e >= 0",
    definitions={
        "κ": "2*d/(η*σ**2)",
        "density": "κ*exp(-κ*x)/(1 - exp(-κ))",
        "cdf": "(1 - exp(-κ*x))/(1 - exp(-κ))",
        "primitive": "-(x + 1/κ)*exp(-κ*x)/(1 - exp(-κ))",
        "mean": "1/κ - 1/(exp(κ) - 1)",
        "bound": "η*σ**2/(2*d)",
        "T": "(x - exp(-κ)*(exp(κ*x) - 1)/κ)/(η*d)",
        "T_all": "(1 - (1 - exp(-κ))/κ)/(η*d)",
        "largest": "2*d*ε/σ**2",
        "least": "(σ/d)**2*(1/ε - 1 + exp(-1/ε))/2",
        "excess": "y - 1 + exp(-y)",
        "by_noise": "α*c/σ**2",
        "by_closing": "1/(K*c)",
        "layer": "Min(by_noise, by_closing)",
        "half": "α/2",
        "cut_below": "Max(-y, 0)",
        "clipped": "Max(0, Min(1, y))",
    },
    premises={
        "small": Needed(
            "η <= largest", fails=("within", {"d": 1, "σ": 1, "η": "21/100", "ε": "1/10"})
        )
    },
    conclusions={
        "law": Argued(
            "is a reflected diffusion with the stationary density {density:}",
            (
                Prose(
                    "Of small steps only drift and variance count: the distance is a diffusion "
                    "that is reflected at both ends, and in its stationary law no probability "
                    "flows."
                ),
                "no flow",
                "CDF",
                "CDF at 0",
                "CDF at 1",
                "primitive of the mean",
                "its mean",
            ),
        ),
        "mean bound": "mean < bound",
        "projected": Argued(
            "{bound} bounds the mean of the projected steps too, whatever their noise",
            (
                Prose(
                    "Let {y} be the distance after a step and before the clip; the step's mean is "
                    "the drift and its variance at most that of the noise, whatever the distance. "
                    "In the stationary law the mean of the cut at zero, {i}, is the drift of a "
                    "step and the mean {o} of the cut at one; and {s}, the mean of its square, is "
                    "at least the square of {i}."
                ),
                "clip",
                "square",
                Prose(
                    "Stationary means that the mean square does not change either; {e} is the mean "
                    "distance."
                ),
                "moments",
            ),
        ),
        "within": "bound <= ε",
        "slow": Argued(
            "such a step takes {least:} steps or more on the way from the other end, "
            "which smaller steps only prolong",
            (
                "time's equation",
                "no time at 0",
                "reflected at 1",
                "time from 1",
                "time in κ",
                "time rises",
                "time at the largest step",
            ),
        ),
        "worthless": Argued("its mean stays within {half:}", ("layer's bound",)),
        "closing": Argued("its drift needs {K} steps or more to close it", ("steps of drift",)),
    },
    lemmas={
        "no flow": Lemma((), "-η*d*density - (η*σ)**2/2*diff(density, x) == 0"),
        "CDF": Lemma((), "diff(cdf, x) == density"),
        "CDF at 0": Lemma((), "at(cdf, x=0) == 0"),
        "CDF at 1": Lemma((), "at(cdf, x=1) == 1"),
        "primitive of the mean": Lemma((), "diff(primitive, x) == x*density"),
        "its mean": Lemma((), "at(primitive, x=1) - at(primitive, x=0) == mean"),
        "clip": Lemma((), "clipped == y + cut_below - Max(y - 1, 0)"),
        "square": Lemma((), "clipped**2 <= y**2 - cut_below**2", ({"y": 1},)),
        "moments": Lemma(
            ("i == η*d + o", "s >= i**2", "-2*η*d*e + η**2*(σ**2 + d**2) - s >= 0"),
            "e <= bound",
            (
                {"d": 1, "σ": 1, "η": "1/2", "o": 0, "i": "1/2", "s": "1/4", "e": "1/4"},
                {"d": 1, "σ": 1, "η": "1/2", "o": "1/10", "i": "3/5", "s": "9/25", "e": "7/50"},
                {"d": 1, "σ": 1, "η": "1/2", "o": 0, "i": "1/2", "s": "3/10", "e": "1/10"},
            ),
        ),
        "time's equation": Lemma((), "(η*σ)**2/2*diff(T, x, 2) - η*d*diff(T, x) == -1"),
        "no time at 0": Lemma((), "at(T, x=0) == 0"),
        "reflected at 1": Lemma((), "at(diff(T, x), x=1) == 0"),
        "time from 1": Lemma((), "at(T, x=1) == T_all"),
        "time in κ": Lemma((), "T_all == (σ/d)**2/2*at(excess, y=κ)"),
        "time rises": Lemma(("y > 0",), "diff(excess, y) > 0", ({"y": "1/100"},)),
        "time at the largest step": Lemma((), "at(T_all, η=largest) == least"),
        "layer's bound": Lemma(
            (), "at(bound, d=c, η=layer) <= half", ({"α": "1/2", "c": 1, "σ": 1, "K": 1},)
        ),
        "steps of drift": Lemma((), "1/(layer*c) >= K", ({"α": 9, "c": 1, "σ": 1, "K": 2},)),
    },
    points=(
        {
            "d": 1,
            "σ": 1,
            "η": "1/5",
            "ε": "1/10",
            "x": 0,
            "K": 1,
            "α": 1,
            "c": 1,
            "y": 1,
            "i": 0,
            "o": 0,
            "s": 0,
            "e": 0,
        },
        {
            "d": 1,
            "σ": 1,
            "η": 2,
            "ε": 1,
            "x": 1,
            "K": 9,
            "α": "1/2",
            "c": 1,
            "i": 1,
            "o": 1,
            "s": 1,
            "e": 1,
        },
        {"d": "1/100", "σ": "1/50", "η": 1, "ε": "1/50", "α": "1/100", "c": "1/100", "K": 1},
        {"d": "1/100", "σ": 1, "η": "1/100", "ε": 1},
    ),
    shown_as={"mean": "E[x]"},
    spelt=("bound", "largest", "by_noise", "by_closing", "layer"),
    code={"gate": ReflectedGate, "layer_code": layer_step},
)


@claim(
    "G5",
    STEP,
    supports=("A3", "A5"),
    source=SOURCE,
    controls={
        "rate without the 2": Control({"κ": "d/(η*σ**2)"}, by="no flow"),
        "rate with the deviation for the variance": Control({"κ": "2*d/(η*σ)"}, by="no flow"),
        "law without its upper end": Control({"density": "κ*exp(-κ*x)"}, by="CDF"),
        "CDF without its upper end": Control({"cdf": "1 - exp(-κ*x)"}, by="CDF at 1"),
        "mean without its second term": Control({"mean": "1/κ"}, by="its mean"),
        "mean bound twice too small": Control({"bound": "η*σ**2/(4*d)"}, by="moments"),
        "mean above its bound": Control({"mean bound": "mean > bound"}, by="mean bound"),
        "moments without the cut at one": Control({"moments": "2*e <= bound"}, by="moments"),
        "time as without noise": Control({"T_all": "1/(η*d)"}, by="time from 1"),
        "step twice too large": Control({"small": "η <= 2*largest"}, by="within"),
        "any step": Control({"small": None}, by="within"),
        "within half of that": Control({"within": "bound <= ε/2"}, by="within"),
        "largest step twice as large": Control(
            {"largest": "4*d*ε/σ**2"}, by="time at the largest step"
        ),
        "least steps proportional to σ/d": Control(
            {"least": "σ/d*(1/ε - 1 + exp(-1/ε))/2"}, by="time at the largest step"
        ),
        "layer step twice too large": Control({"by_noise": "2*α*c/σ**2"}, by="layer's bound"),
        "a worthless gate within a quarter": Control({"half": "α/4"}, by="layer's bound"),
        "closing twice too early": Control({"by_closing": "2/(K*c)"}, by="steps of drift"),
    },
)
def gate_step(p: Proof) -> Iterator[Evidence]:
    """The diffusion by its equations, the projected steps by one moment identity."""
    yield p.identity("no flow")
    yield p.identity("CDF")
    yield p.identity("CDF at 0")
    yield p.identity("CDF at 1")
    yield p.identity("primitive of the mean")
    yield p.identity("its mean")
    yield p.decide("mean bound", given=())
    yield p.decide("clip")
    yield p.decide("square")
    yield p.decide("moments")
    yield p.decide("within")
    for name in ("time's equation", "no time at 0", "reflected at 1", "time from 1", "time in κ"):
        yield p.identity(name)
    yield p.decide("time rises")
    yield p.identity("time at the largest step")
    yield p.decide("layer's bound")
    yield p.decide("steps of drift")
    yield from _examples(p)
    yield from _as_computed(p)
    yield from _chains(p)


def _examples(p: Proof) -> Iterator[Evidence]:
    """The numbers that motivated the step rules.

    Those are throw-away measurements in a VGG16's first epoch, σ in mean-loss units: late layers
    2.4e-3 at a drift of 8e-5 under a price of 1e-4, first layers 3.7e-2 at 3.5e-3.
    """
    import sympy as sp

    number = sp.Rational
    drift, noise, step, price, alpha = (p[name] for name in ("d", "σ", "η", "c", "α"))
    late = {drift: number(8, 10**5), noise: number(24, 10**4), price: number(1, 10**4)}
    decided = 1 / (p["by_noise"].subs(alpha, number(3, 10)) * drift).subs(late)
    yield p.shows(
        "example: late layers take 2,400 steps of drift at α = .3", exact(sp.Eq(decided, 2400), "")
    )
    first = {drift: number(35, 10**4), noise: number(37, 1000), step: 6}
    yield p.shows(
        "example: η = 6 is a random walk in the first layers, κ < 1",
        exact(p["κ"].subs(first) < 1, ""),
    )
    # The path estimator at ρ = .03 has about four times the variance (claim G3b).
    probed = p["κ"].subs({**late, noise: 2 * late[noise], step: 6})
    yield p.shows(
        "example: and with the path estimator, ρ = .03, κ < 2 in the late ones",
        exact(probed < 2, ""),
    )


def _as_computed(p: Proof) -> Iterator[Evidence]:
    """The code against the formulas in many digits, and against SciPy's truncated exponential."""
    from scipy.stats import truncexpon

    drifts, noises = np.array([1e-6, 0.2, 3.0])[:, None], np.array([0.3, 2.0])
    values: dict[str, Any] = {"d": drifts, "σ": noises, "η": 0.7}
    ours = p["gate"](drift=-values["d"], noise=values["σ"], step=values["η"])
    yield p.compare("κ", ours.rate, rtol=1e-13, points=values)
    grid = np.array([0.0, 0.2, 0.9, 1.0])[:, None, None]
    yield p.compare("density", ours.pdf(grid), points=values | {"x": grid})
    yield p.compare("mean", ours.mean(), rtol=1e-10, points=values)
    yield p.compare("T_all", ours.steps_to_boundary(), rtol=1e-10, points=values)
    yield p.compare("bound", ours.mean_bound(), rtol=1e-13, points=values)
    rate = p.values("κ", **values)
    law = truncexpon(b=rate, scale=1 / rate)
    yield p.shows(
        "CDF as computed",
        compare(ours.cdf(grid), law.cdf(grid), "", tool="SciPy truncexpon", rtol=1e-9),
    )
    yield p.shows(
        "quantile as computed",
        compare(ours.ppf(grid), law.ppf(grid), "", tool="SciPy truncexpon", atol=1e-9),
    )
    within: dict[str, Any] = {"d": drifts, "σ": noises, "ε": 0.1}
    yield p.compare("largest", largest_step(-drifts, noises, 0.1), points=within)
    yield p.compare("least", least_steps(-drifts, noises, 0.1), points=within)
    yield p.compare(
        "layer",
        p["layer_code"](drifts, noises, 0.3, 50),
        rtol=1e-13,
        points={"c": drifts, "σ": noises, "α": 0.3, "K": 50},
    )


def _chains(p: Proof) -> Iterator[Evidence]:
    """Stationary laws of projected steps, as Markov chains on a fine grid of [0, 1]."""
    from mpmath import zeta
    from scipy.stats import expon, laplace, norm, uniform

    drifts, size = np.array([0.05, 0.1, 0.2]), 0.01  # in units of σ = 1; one step's noise is ησ
    laws = p["gate"](drift=drifts, noise=1.0, step=size)
    walks = [_stationary_mean(norm, drift, size) for drift in drifts]
    # The mean maximum of a Gaussian walk is 1/(2β) + ζ(½)/√(2π) + β/4, times one step's noise.
    correction = size * (float(zeta(0.5)) / np.sqrt(2 * np.pi) + drifts / 4)
    yield p.shows(
        "Gaussian steps, corrected for their size",
        compare(walks, laws.mean() + correction, "", tool="Markov chain", rtol=5e-3),
    )
    root3 = np.sqrt(3)
    bound = p.values("bound", d=drifts, σ=1.0, η=size)
    for name, law in (
        ("Laplace", laplace(scale=np.sqrt(0.5))),
        ("skewed", expon(loc=-1)),
        ("uniform", uniform(-root3, 2 * root3)),
        ("Gaussian", norm()),
    ):
        means = np.array([_stationary_mean(law, drift, size) for drift in drifts])
        yield p.cases(
            f"{name} steps: the mean is within its bound, and near it",
            (means <= bound) & (means > 0.6 * bound),
            tool="Markov chain",
        )


def _stationary_mean(law: Any, drift: float, step: float, cells: int = 400) -> float:
    """Mean of clip(x + step·(noise − drift)) when stationary; ``law``: noise of variance 1."""
    grid = np.arange(cells + 1) / cells
    edges = (grid[:-1] + grid[1:]) / 2
    below = law.cdf((edges - grid[:, None]) / step + drift)
    move = np.diff(below, axis=1, prepend=0.0, append=1.0)
    balance = np.vstack([(move.T - np.eye(cells + 1))[:-1], np.ones(cells + 1)])
    stationary = np.linalg.solve(balance, np.eye(cells + 1)[-1])
    return float(stationary @ grid)


LARGE_DRIFT = Statement(
    text="‘The exponential law is that of the projected steps’ is false but for drifts {d} much "
    "smaller than the noise {σ}: with noise of either sign and this size, moves of {up:} and "
    "{down:}, {never leaves} if {large}, whatever the step {η}, while {mean stays}.",
    symbols="d, σ, η > 0",
    definitions={
        "up": "η*(σ - d)",
        "down": "η*(-σ - d)",
        "κ": "2*d/(η*σ**2)",
        "mean": "1/κ - 1/(exp(κ) - 1)",
    },
    premises={"large": Needed("d >= σ", fails=("cut off", {"d": "99/100", "σ": 1, "η": 1}))},
    conclusions={
        "never leaves": Argued(
            "a gate that is at its boundary never leaves it",
            ("drift of a step", "variance of a step", "cut off"),
        ),
        "mean stays": Argued("the law's mean {mean:} stays positive", ("positive",)),
    },
    lemmas={
        "drift of a step": Lemma((), "(up + down)/2 == -η*d"),
        "variance of a step": Lemma((), "((up + η*d)**2 + (down + η*d)**2)/2 == (η*σ)**2"),
        "cut off": Lemma(
            ("large",), "up <= 0 and down < 0", ({"d": "1/100", "σ": "1/100", "η": 1},)
        ),
        "positive": Lemma(
            (), "mean > 0", ({"d": 1, "σ": "1/10", "η": "100"}, {"d": 100, "σ": 1, "η": 1})
        ),
    },
    points=(
        {"d": 1, "σ": 1, "η": 1},
        {"d": "1/100", "σ": "1/100", "η": "1/100"},
        {"d": 2, "σ": 1, "η": 1},
    ),
)


@claim(
    "G5x",
    LARGE_DRIFT,
    supports=("A3",),
    source=SOURCE,
    controls={
        "from half that drift on": Control({"large": "d >= σ/2"}, by="cut off"),
        "drift to the other side": Control({"up": "η*(σ + d)"}, by="drift of a step"),
        "noise twice as large": Control(
            {"up": "η*(2*σ - d)", "down": "η*(-2*σ - d)"}, by="variance of a step"
        ),
        "half the noise does the same": Control({"cut off": "2*up + η*d <= 0"}, by="cut off"),
        "a mean that vanishes": Control({"positive": "mean > 1/κ"}, by="positive"),
    },
)
def large_drift(p: Proof) -> Iterator[Evidence]:
    """Both moves from the boundary are cut off from that drift on; below it, one is not."""
    yield p.identity("drift of a step")
    yield p.identity("variance of a step")
    yield p.decide("cut off")
    yield p.decide("positive")
    law = ReflectedGate(drift=1.0, noise=1.0, step=np.array([0.01, 0.1, 1.0]))
    yield p.cases("the law's mean there", law.mean() > 0)
