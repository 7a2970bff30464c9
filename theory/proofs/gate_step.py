"""Claim G5: how large a gate step may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from theory._types import ArrayOrFloat
from theory.gate_step import ReflectedGate, largest_step, layer_step, least_steps
from theory.ledger import Evidence, claim
from theory.proofs.tools import cases, compare, decide, evaluate, exact, identity, parse, symbols

if TYPE_CHECKING:
    import sympy as sp

SOURCE = "own derivation; the abstract says only that the parameters practically reach 0 or 1"


@dataclass(frozen=True)
class StepFormulas:
    """What claim G5 states, in d > 0, σ, η, x, κ, ε, c, α, K; and the code that computes it."""

    rate: str = "2*d/(η*σ**2)"
    density: str = "κ*exp(-κ*x)/(1 - exp(-κ))"
    cdf: str = "(1 - exp(-κ*x))/(1 - exp(-κ))"
    mean: str = "1/κ - 1/(exp(κ) - 1)"
    bound: str = "η*σ**2/(2*d)"
    steps: str = "(1 - (1 - exp(-κ))/κ)/(η*d)"
    step: str = "2*d*ε/σ**2"
    least: str = "(σ/d)**2*(1/ε - 1 + exp(-1/ε))/2"
    by_noise: str = "α*c/σ**2"
    by_closing: str = "1/(K*c)"
    gate: type[ReflectedGate] = ReflectedGate
    layer: Callable[..., ArrayOrFloat] = layer_step


_STEP = StepFormulas()


@claim(
    "G5",
    "With drift d, noise σ and step η a projected gate's distance from its boundary is a reflected "
    "diffusion with stationary density ∝ exp(−2|d|x/(ησ²)) on [0,1]; its mean is at most "
    "ησ²/(2|d|), as is that of the projected steps themselves, whatever their noise. So "
    "η ≤ 2|d|ε/σ² keeps it within ε; such a step takes (σ/d)²(1/ε−1+e^(−1/ε))/2 steps or more "
    "from the other end: (σ/d)² sets the least number, whatever η. The step min(αc/σ², 1/(Kc)) "
    "keeps a worthless gate's mean within α/2 and takes K steps of drift to close it.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_STEP,
    controls={
        "rate without the 2": replace(_STEP, rate="d/(η*σ**2)"),
        "rate with the deviation for the variance": replace(_STEP, rate="2*d/(η*σ)"),
        "law without its upper end": replace(_STEP, density="κ*exp(-κ*x)"),
        "CDF without its upper end": replace(_STEP, cdf="1 - exp(-κ*x)"),
        "mean without its second term": replace(_STEP, mean="1/κ"),
        "mean bound twice too small": replace(_STEP, bound="η*σ**2/(4*d)"),
        "time as without noise": replace(_STEP, steps="1/(η*d)"),
        "step twice too large": replace(_STEP, step="4*d*ε/σ**2"),
        "least steps proportional to σ/d": replace(
            _STEP, least="σ/d*(1/ε - 1 + exp(-1/ε))/2"),
        "layer step twice too large": replace(_STEP, by_noise="2*α*c/σ**2"),
        "closing twice too early": replace(_STEP, by_closing="2/(K*c)"),
    },
)
def gate_step(f: StepFormulas) -> Iterator[Evidence]:
    """The diffusion by its equations, the projected steps by one moment identity.

    Let x be the distance, x⁺ = clip(x + ζ) to [0, 1] with E[ζ|x] = −ηd and Var(ζ|x) ≤ η²σ², and
    write clip(y) = y + I − O, where I, O ≥ 0 are the cuts at 0 and at 1. In the stationary law
    E[x⁺] = E[x] gives E[I] = ηd + E[O] ≥ ηd. As max(y, 0)² = y² − I² and the cut at 1 only
    lowers a square, E[x²] = E[(x⁺)²] ≤ E[x²] − 2ηd E[x] + η²(σ²+d²) − E[I²], and E[I²] ≥ E[I]².
    So E[x] ≤ ησ²/(2d). Nothing is assumed of the noise but its two moments.
    """
    yield from _stationary(f)
    yield from _time(f)
    yield from _projected(f)
    yield from _rules(f)
    yield from _as_computed(f)
    yield from _chains(f)


def _stationary(f: StepFormulas) -> Iterator[Evidence]:
    import sympy as sp

    drift, noise, step, x, kappa = symbols("d σ η x κ")
    rate, density = parse(f.rate, drift, noise, step), parse(f.density, kappa, x)
    # No probability flows, at drift −ηd and variance η²σ² per step; divided by the density.
    falls = sp.diff(sp.log(density), x).subs(kappa, rate)
    yield identity(-step * drift - (step * noise) ** 2 / 2 * falls, 0, "no flow through any x")
    cdf = parse(f.cdf, kappa, x)
    yield identity(sp.diff(cdf, x), density, "the CDF's derivative is the density")
    yield identity(cdf.subs(x, 0), 0, "the CDF starts at 0")
    yield identity(cdf.subs(x, 1), 1, "the CDF ends at 1, so the density is normalised")
    mean = parse(f.mean, kappa)
    primitive = -(x + 1 / kappa) * sp.exp(-kappa * x) / (1 - sp.exp(-kappa))
    yield identity(sp.diff(primitive, x), x * density, "a primitive of x times the density")
    yield identity(primitive.subs(x, 1) - primitive.subs(x, 0), mean, "the mean")
    grown = sp.Symbol("g", positive=True)  # exp κ − 1
    yield decide([], (1 / kappa - mean).subs(sp.exp(kappa), 1 + grown) > 0,
                 "the mean is below 1/κ")
    yield identity(1 / rate, parse(f.bound, drift, noise, step), "which is ησ²/(2|d|)")


def _time(f: StepFormulas) -> Iterator[Evidence]:
    """T(x), the mean time to 0, solves ½η²σ²T″ − ηdT′ = −1 with T(0) = 0 and T′(1) = 0."""
    import sympy as sp

    drift, noise, step, x, kappa, within = symbols("d σ η x κ ε")
    rate = parse(f.rate, drift, noise, step)
    time = (x - sp.exp(-kappa) * (sp.exp(kappa * x) - 1) / kappa).subs(kappa, rate) / step / drift
    left = (step * noise) ** 2 / 2 * sp.diff(time, x, 2) - step * drift * sp.diff(time, x)
    yield identity(left, -1, "the mean time's equation")
    yield identity(time.subs(x, 0), 0, "no time from the boundary")
    yield identity(sp.diff(time, x).subs(x, 1), 0, "reflected at the other end")
    whole = parse(f.steps, kappa, step, drift).subs(kappa, rate)
    yield identity(time.subs(x, 1), whole, "the time from the other end")
    allowed, least = parse(f.step, drift, noise, within), parse(f.least, drift, noise, within)
    yield identity(whole.subs(step, allowed), least, "that time at the largest step")
    # At a given (σ/d)² the time is (σ/d)²/2 times κ − 1 + e^−κ, which rises with κ.
    excess = kappa - 1 + sp.exp(-kappa)
    yield identity(whole, (noise / drift) ** 2 / 2 * excess.subs(kappa, rate), "the time in κ")
    decayed = sp.Symbol("e", positive=True)
    yield decide([decayed < 1], sp.diff(excess, kappa).subs(sp.exp(-kappa), decayed) > 0,
                 "smaller steps need more time")


def _projected(f: StepFormulas) -> Iterator[Evidence]:
    """The last two inequalities of the docstring's argument."""
    import sympy as sp

    drift, noise, step, mean, square = symbols("d σ η m s")
    cut, over = _nonnegative("i"), _nonnegative("o")
    bound = parse(f.bound, drift, noise, step)
    balance = -2 * step * drift * mean + step**2 * (noise**2 + drift**2) - square
    yield decide([sp.Eq(cut, step * drift + over), square >= cut**2, balance >= 0], mean <= bound,
                 "the mean of the projected steps is at most ησ²/(2|d|)")


def _rules(f: StepFormulas) -> Iterator[Evidence]:
    """The step rules, and the numbers that motivated them.

    Those are throw-away measurements in a VGG16's first epoch, σ in mean-loss units: late layers
    2.4e-3 at a drift of 8e-5 under a price of 1e-4, first layers 3.7e-2 at 3.5e-3.
    """
    import sympy as sp

    drift, noise, step, within = symbols("d σ η ε")
    price, alpha, least = symbols("c α K")
    allowed, bound = parse(f.step, drift, noise, within), parse(f.bound, drift, noise, step)
    yield identity(bound.subs(step, allowed), within, "the largest step keeps the mean within ε")
    by_noise = parse(f.by_noise, alpha, price, noise)
    worthless = bound.subs({drift: price, step: by_noise})
    yield identity(worthless, alpha / 2, "a worthless gate stays within α/2")
    by_closing = parse(f.by_closing, least, price)
    yield identity(1 / (by_closing * price), least, "its drift needs K steps to close it")
    number = sp.Rational
    late = {drift: number(8, 10**5), noise: number(24, 10**4), price: number(1, 10**4)}
    rate, chosen = parse(f.rate, drift, noise, step), by_noise.subs(alpha, number(3, 10))
    decided = 1 / (chosen * drift).subs(late)
    yield exact(sp.Eq(decided, 2400), "example: late layers take 2,400 steps of drift at α = .3")
    first = {drift: number(35, 10**4), noise: number(37, 1000), step: 6}
    yield exact(rate.subs(first) < 1, "example: η = 6 is a random walk in the first layers, κ < 1")
    # The path estimator at ρ = .03 has about four times the variance (claim G3b).
    probed = rate.subs({**late, noise: 2 * late[noise], step: 6})
    yield exact(probed < 2, "example: and with the path estimator, ρ = .03, κ < 2 in the late ones")


def _as_computed(f: StepFormulas) -> Iterator[Evidence]:
    """The code against the formulas in many digits, and against SciPy's truncated exponential."""
    from scipy.stats import truncexpon

    drift, noise, step, x, kappa, within = symbols("d σ η x κ ε")
    drifts, noises = np.array([1e-6, 0.2, 3.0])[:, None], np.array([0.3, 2.0])
    values: dict[str, Any] = {"d": drifts, "σ": noises, "η": 0.7}
    ours = f.gate(drift=-values["d"], noise=values["σ"], step=values["η"])
    rate = evaluate(parse(f.rate, drift, noise, step), **values)
    yield compare(ours.rate, rate, "rate", tool="mpmath", rtol=1e-13)
    grid = np.array([0.0, 0.2, 0.9, 1.0])[:, None, None]
    density = evaluate(parse(f.density, kappa, x), κ=rate, x=grid)
    yield compare(ours.pdf(grid), density, "density", tool="mpmath", rtol=1e-12)
    for name, found, formula in (("mean", ours.mean(), f.mean), ("steps to the boundary",
                                 ours.steps_to_boundary(), f.steps)):
        oracle = evaluate(parse(formula, kappa, step, drift), κ=rate, η=0.7, d=values["d"])
        yield compare(found, oracle, name, tool="mpmath", rtol=1e-10)
    yield compare(ours.mean_bound(), evaluate(parse(f.bound, drift, noise, step), **values),
                  "bound on the mean", tool="mpmath", rtol=1e-13)
    law = truncexpon(b=rate, scale=1 / rate)
    yield compare(ours.cdf(grid), law.cdf(grid), "CDF", tool="SciPy truncexpon", rtol=1e-9)
    yield compare(ours.ppf(grid), law.ppf(grid), "quantile", tool="SciPy truncexpon", atol=1e-9)
    for name, code, formula in (("largest step", largest_step, f.step),
                                ("least steps", least_steps, f.least)):
        oracle = evaluate(parse(formula, drift, noise, within), d=values["d"], σ=values["σ"], ε=0.1)
        yield compare(code(-values["d"], values["σ"], 0.1), oracle, name, tool="mpmath", rtol=1e-12)
    price, alpha, least = symbols("c α K")
    both = [evaluate(parse(formula, price, alpha, least, noise), c=values["d"], σ=values["σ"],
                     α=0.3, K=50) for formula in (f.by_noise, f.by_closing)]
    yield compare(f.layer(values["d"], values["σ"], 0.3, 50), np.minimum(*both), "layer step",
                  tool="mpmath", rtol=1e-13)


def _chains(f: StepFormulas) -> Iterator[Evidence]:
    """Stationary laws of projected steps, as Markov chains on a fine grid of [0, 1]."""
    from mpmath import zeta
    from scipy.stats import expon, laplace, norm, uniform

    drifts, size = np.array([0.05, 0.1, 0.2]), 0.01  # in units of σ = 1; one step's noise is ησ
    laws = f.gate(drift=drifts, noise=1.0, step=size)
    walks = [_stationary_mean(norm, drift, size) for drift in drifts]
    # The mean maximum of a Gaussian walk is 1/(2β) + ζ(½)/√(2π) + β/4, times one step's noise.
    correction = size * (float(zeta(0.5)) / np.sqrt(2 * np.pi) + drifts / 4)
    yield compare(walks, laws.mean() + correction, "Gaussian steps, corrected for their size",
                  tool="Markov chain", rtol=5e-3)
    (drift, noise, step), root3 = symbols("d σ η"), np.sqrt(3)
    bound = evaluate(parse(f.bound, drift, noise, step), d=drifts, σ=1.0, η=size)
    for name, law in (("Laplace", laplace(scale=np.sqrt(0.5))), ("skewed", expon(loc=-1)),
                      ("uniform", uniform(-root3, 2 * root3)), ("Gaussian", norm())):
        means = np.array([_stationary_mean(law, drift, size) for drift in drifts])
        yield cases((means <= bound) & (means > 0.6 * bound),
                    f"{name} steps: the mean is within its bound, and near it", core=False,
                    tool="Markov chain")


def _stationary_mean(law: Any, drift: float, step: float, cells: int = 400) -> float:
    """Mean of clip(x + step·(noise − drift)) in its stationary law; `law`: noise of variance 1."""
    grid = np.arange(cells + 1) / cells
    edges = (grid[:-1] + grid[1:]) / 2
    below = law.cdf((edges - grid[:, None]) / step + drift)
    move = np.diff(below, axis=1, prepend=0.0, append=1.0)
    balance = np.vstack([(move.T - np.eye(cells + 1))[:-1], np.ones(cells + 1)])
    stationary = np.linalg.solve(balance, np.eye(cells + 1)[-1])
    return float(stationary @ grid)


@dataclass(frozen=True)
class LargeDriftFormulas:
    """What claim G5x states, of the noise ±σ: from which drift on the gate never leaves 0."""

    drift: str = "σ"
    moves: tuple[str, str] = ("η*(σ - d)", "η*(-σ - d)")


_LARGE_DRIFT = LargeDriftFormulas()


@claim(
    "G5x",
    "'The exponential law is that of the projected steps' is false but in the limit |d| ≪ σ: with "
    "noise ±σ and |d| ≥ σ a gate that is at its boundary never leaves it, whatever η, while the "
    "law's mean stays positive.",
    supports=("A3",),
    source=SOURCE,
    formulas=_LARGE_DRIFT,
    controls={
        "from half that drift on": replace(_LARGE_DRIFT, drift="σ/2"),
        "drift to the other side": replace(_LARGE_DRIFT, moves=("η*(σ + d)", "η*(-σ + d)")),
        "noise twice as large": replace(_LARGE_DRIFT, moves=("η*(2*σ - d)", "η*(-2*σ - d)")),
    },
)
def large_drift(f: LargeDriftFormulas) -> Iterator[Evidence]:
    import sympy as sp

    drift, noise, step = symbols("d σ η")
    moves = [parse(move, drift, noise, step) for move in f.moves]
    yield identity(sum(moves) / 2, -step * drift, "the drift of a step")
    yield identity(sum((move + step * drift) ** 2 for move in moves) / 2, (step * noise) ** 2,
                   "the variance of a step")
    yield decide([drift >= parse(f.drift, noise)], sp.And(*(move <= 0 for move in moves)),
                 "both moves from 0 are cut off")
    below = drift < noise
    yield decide([below], sp.Or(*(move > 0 for move in moves)), "below it, one is not")
    law = ReflectedGate(drift=1.0, noise=1.0, step=np.array([0.01, 0.1, 1.0]))
    yield cases(law.mean() > 0, "the law's mean there", core=False)


def _nonnegative(name: str) -> sp.Symbol:
    import sympy as sp

    return sp.Symbol(name, nonnegative=True)
