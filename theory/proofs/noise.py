"""Claims P3 and P4: pruning under noise, how surely it is safe, and the test used in practice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from theory._types import Array, ArrayOrFloat, Mask
from theory.attraction import Attraction
from theory.dynamics import Noise, descend
from theory.ledger import Evidence, claim
from theory.proofs.tools import cases, compare, decide, evaluate, exact, identity, parse, symbols
from theory.pruning_test import gate_z, regret
from theory.systems import WorstCase

SOURCE = "own derivation; the abstract says only that there are practical pruning conditions"


@dataclass(frozen=True)
class NoiseFormulas:
    """What claim P3 states, in κ, λ, c, m, μ, V₀ (here v), V̄ (here B), step a, noise x of the
    gate with bound p, noise y of the weights with bound q, and b; and the code."""

    growth: str = "1 + a*μ"
    bound: str = "m*p + κ*q"
    squares: str = "a*b**2/(μ*(2 + a*μ))"
    rho: str = "μ*(2 + a*μ)/(2*a*b**2)"
    escape: str = "exp(-ρ*(B - v)**2)"
    after_gate: str = "(1 - a*λ)*(c + p) + a*κ*q"
    after_weight: str = "κ*q/μ + m*a*e"  # e stands for (p − c)₊
    margin: str = "B - b/μ"
    implementation: type[Attraction] = Attraction


_NOISE = NoiseFormulas()


@claim(
    "P3",
    "With noise of mean zero given the past, |η| = |m n_θ+κ n_r| ≤ b and a ≤ 1/m, "
    "P(V reaches V̄ before r or θ is clipped at zero) ≤ exp(−ρ(V̄−V₀)²), ρ = μ(2+aμ)/(2ab²). "
    "After a clip V ≤ v_c = max{(1−aλ)(c+b_θ)+aκb_r, κb_r/μ+ma(b_θ−c)₊}; if v_c ≤ V̄−b/μ, the "
    "bound holds for ever. The noise must enter r additively: noise on a weight vector does not.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_NOISE,
    controls={
        "growth without the step size": replace(_NOISE, growth="1 + μ"),
        "noise of the weights without κ": replace(_NOISE, bound="m*p + q"),
        "noise of the gate alone": replace(_NOISE, bound="m*p"),
        "squares summed half": replace(_NOISE, squares="a*b**2/(2*μ*(2 + a*μ))"),
        "ρ twice as large": replace(_NOISE, rho="μ*(2 + a*μ)/(a*b**2)"),
        "ρ with 2 − aμ": replace(_NOISE, rho="μ*(2 - a*μ)/(2*a*b**2)"),
        "exponent linear in the gap": replace(_NOISE, escape="exp(-ρ*(B - v))"),
        "clip level without the gate's noise": replace(_NOISE, after_gate="(1 - a*λ)*c + a*κ*q"),
        "clip level without κ": replace(_NOISE, after_gate="(1 - a*λ)*(c + p) + a*q"),
        "clip of r leaves no gate": replace(_NOISE, after_weight="m*a*e"),
        "clip of r with κ squared": replace(_NOISE, after_weight="κ**2*q/μ + m*a*e"),
        "margin half as wide": replace(_NOISE, margin="B - b/(2*μ)"),
    },
)
def noise(f: NoiseFormulas) -> Iterator[Evidence]:
    """Hoeffding's lemma and Ville's inequality, up to the first clip; then a deterministic trap.

    Up to the first clip at zero V̄ − V⁺ ≥ (1+aμ)(V̄−V) − aη; growth below the worst case and the
    cap θ ≤ 1 only help. So M_k = (1+aμ)^(−k) (V̄−V_k) is at least V̄−V₀ − Σ X_j, where
    X_j = a(1+aμ)^(−j) η_j has mean zero given the past and |X_j| ≤ ab(1+aμ)^(−j).
    Hoeffding's lemma: on [−h, h] e^(sx) lies below its chord, whose mean is cosh(sh) for mean
    zero, and cosh(sh) ≤ exp(s²h²/2) term by term. So exp(sΣX_j − ½s²Σh_j²) is a supermartingale
    from 1, and by Ville's inequality P(ΣX_j ever reaches V̄−V₀) ≤ exp(−s(V̄−V₀) + ½s²S), with
    S = Σh_j²; the best s = (V̄−V₀)/S gives the bound. V ≥ V̄ at step k means that M_k ≤ 0.

    A clip of either coordinate at zero leaves V ≤ v_c. Where V ≤ V̄−b/μ, a step without such a clip
    does not raise V. So if v_c ≤ V̄−b/μ, a unit once clipped never escapes: it does so before its
    first clip or not at all.
    """
    yield from _supermartingale(f)
    yield from _after_a_clip(f)
    yield from _noise_as_computed(f)
    yield from _every_sequence_of_signs(f)
    yield from _simulated_noise(f)


def _supermartingale(f: NoiseFormulas) -> Iterator[Evidence]:
    import sympy as sp

    m, kappa, mu, a, b, rho, bar, start, s, total, k = symbols("m κ μ a b ρ B v s S k")
    value, eta = sp.symbols("V η", real=True)
    growth = parse(f.growth, a, mu)
    later = value + a * (mu * value - mu * bar) + a * eta
    yield identity(bar - later, growth * (bar - value) - a * eta, "a free step, noise included")
    x, y = sp.symbols("x y", real=True)
    p, q = symbols("p q")
    yield decide([x <= p, -x <= p, y <= q, -y <= q],
                 sp.And(m * x + kappa * y <= parse(f.bound, m, p, kappa, q),
                        m * x + kappa * y >= -parse(f.bound, m, p, kappa, q)), "|η| ≤ b")
    ratio = growth**-2
    squares = parse(f.squares, a, b, mu)
    yield identity((a * b) ** 2 * ratio / (1 - ratio), squares, "the squares sum to S")
    # cosh x ≤ exp(x²/2): (2k)! ≥ 2^k k! holds at k = 0, and its left side grows faster.
    yield decide([k >= 0], (2 * k + 2) * (2 * k + 1) >= 2 * (k + 1), "Hoeffding's lemma, by terms")
    exponent = -s * (bar - start) + s**2 * total / 2
    best = (bar - start) / total
    yield identity(sp.diff(exponent, s).subs(s, best), 0, "the best s")
    escape = parse(f.escape, rho, bar, start).subs(rho, parse(f.rho, a, b, mu))
    yield identity(sp.log(escape), exponent.subs(s, best).subs(total, squares),
                   "the exponent is −ρ(V̄−V₀)²", at=[{bar: 2, start: sp.Rational(1, 2)}])
    yield exact(sp.sqrt(sp.Integer(1) ** 2 + sp.Rational(1, 100) ** 2) > 1,
                "limit: noise ±(0, 1/100) on w = (1, 0) has mean zero and raises ‖w‖ always")


def _after_a_clip(f: NoiseFormulas) -> Iterator[Evidence]:
    import sympy as sp

    kappa, lam, c, m, mu, a, p, q, b, bar = symbols("κ λ c m μ a p q b B")
    # Unknown are u = κr and z = κy, with |z| ≤ κq = w; then only κ² = μm is left of κ.
    u, theta, e = (sp.Symbol(name, nonnegative=True) for name in "uθe")
    x, z, value, eta = sp.symbols("x z V η", real=True)
    w, decay = sp.Symbol("w", positive=True), m - mu
    small = [a * m <= 1, m >= mu, x <= p, -x <= p, z <= w, -z <= w]
    raw_r = u + a * (mu * m * theta - decay * u + z)
    raw_theta = theta + a * (u - c + x)
    gate = parse(f.after_gate, a, lam, c, p, kappa, q).subs({lam: decay, q: w / kappa})
    weight = parse(f.after_weight, kappa, q, mu, m, a, e).subs(q, w / kappa)
    yield decide([*small, raw_theta <= 0], sp.And(raw_r <= gate, gate >= 0),
                 "where θ is clipped, V⁺ ≤ v_c")
    yield decide([*small, e >= p - c, raw_r <= 0, raw_theta >= 0], m * raw_theta <= weight,
                 "where r is clipped, V⁺ ≤ v_c")
    later = value + a * (mu * value - mu * bar) + a * eta
    yield decide([eta <= b, value <= parse(f.margin, bar, b, mu)], later <= value,
                 "below V̄ − b/μ no free step raises V")
    yield decide([value <= parse(f.margin, bar, b, mu)], value < bar, "that is below V̄")


def _noise_as_computed(f: NoiseFormulas) -> Iterator[Evidence]:
    kappa, lam, c, m, mu, a, p, q, b, rho, bar, start, e = symbols("κ λ c m μ a p q b ρ B v e")
    rng = np.random.default_rng(5)
    grid = {name: rng.uniform(0.2, 3, 60) for name in ("κ", "λ", "c", "p", "q")}
    ours = f.implementation(kappa=grid["κ"], lam=grid["λ"], c=grid["c"])
    step = ours.safe_step * rng.uniform(0.05, 1, 60)
    size = evaluate(parse(f.bound, m, p, kappa, q), m=ours.m, κ=grid["κ"], p=grid["p"], q=grid["q"])
    yield compare(ours.noise_bound(grid["p"], grid["q"]), size, "b as computed", tool="mpmath",
                  rtol=1e-12)
    density = evaluate(parse(f.rho, a, b, mu), a=step, b=size, μ=ours.mu)
    yield compare(ours.rho(step, size), density, "ρ as computed", tool="mpmath", rtol=1e-12)
    bound = evaluate(parse(f.escape, rho, bar, start), ρ=density, B=ours.threshold,
                     v=0.8 * ours.threshold)
    radius = 0.8 * ours.threshold / grid["κ"]
    yield compare(ours.escape_bound(radius, 0, step, size), bound, "escape bound as computed",
                  tool="mpmath", rtol=1e-9)
    level = np.maximum(
        evaluate(parse(f.after_gate, a, lam, c, p, kappa, q), a=step, **grid),
        evaluate(parse(f.after_weight, kappa, q, mu, m, a, e), κ=grid["κ"], q=grid["q"], μ=ours.mu,
                 m=ours.m, a=step, e=np.maximum(grid["p"] - grid["c"], 0)))
    yield compare(ours.clip_level(step, grid["p"], grid["q"]), level, "v_c as computed",
                  tool="mpmath", rtol=1e-12)
    margin = evaluate(parse(f.margin, bar, b, mu), B=ours.threshold, b=size / 20, μ=ours.mu)
    calm = ours.clip_level(step, grid["p"] / 20, grid["q"] / 20)
    yield cases(ours.holds_for_ever(step, grid["p"] / 20, grid["q"] / 20) == (calm <= margin),
                "for ever as computed", core=False)


def _every_sequence_of_signs(f: NoiseFormulas, length: int = 12) -> Iterator[Evidence]:
    """The exact probability to escape within some steps, under noise ±b, against the bound."""
    rng = np.random.default_rng(6)
    lanes = 150
    kappa, lam, c = rng.uniform(0.5, 2, lanes), rng.uniform(0, 2, lanes), rng.uniform(0.3, 2, lanes)
    ours = f.implementation(kappa=kappa, lam=lam, c=c)
    step = ours.safe_step * rng.uniform(0.2, 1, lanes)
    theta = 0.5 * np.minimum(1, ours.threshold / ours.m)
    radius = (0.95 * ours.threshold - ours.m * theta) * rng.uniform(0.6, 1, lanes) / kappa
    gap = ours.threshold - ours.potential(radius, theta)
    size = gap / (step * rng.uniform(1, 4, lanes))
    share = rng.uniform(0.1, 0.9, lanes)
    escaped = _escapes(ours, step, np.stack([radius, theta]),
                       np.stack([(1 - share) * size / kappa, share * size / ours.m]), length)
    bound = ours.escape_bound(radius, theta, step, size)
    yield cases(escaped <= bound + 1e-12, f"all {2**length} sequences of signs, {length} steps",
                core=True)
    yield cases(escaped.max() > 0.2, "some of them escape often", core=False)


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


def _simulated_noise(f: NoiseFormulas) -> Iterator[Evidence]:
    lanes = 1000
    for kappa, lam, c, size in ((1, 0.6, 0.9, 0.1), (2, 1.5, 1.0, 0.05), (0.5, 1.0, 0.4, 0.04)):
        ours = f.implementation(kappa=kappa, lam=lam, c=c)
        step = 0.3 * ours.safe_step
        start = np.array([[0.5 * ours.threshold / kappa], [0.4 * ours.threshold / ours.m]])
        outcome = descend(WorstCase(kappa=kappa, lam=lam, c=c), np.tile(start, lanes), step=step,
                          steps=1000, noise=Noise("sign", (size, size)), region=ours, seed=7)
        escaped = outcome.escape < np.inf
        b, (r, theta) = ours.noise_bound(size, size), start[:, 0]
        yield cases(ours.holds_for_ever(step, size, size), f"κ = {kappa:g}: v_c ≤ V̄ − b/μ",
                    core=False)
        yield cases((outcome.escape < outcome.clip)[escaped | (outcome.clip < np.inf)]
                    == escaped[escaped | (outcome.clip < np.inf)],
                    f"κ = {kappa:g}: no escape after a clip", core=False)
        yield cases(escaped.mean() <= ours.escape_bound(r, theta, step, b) + 3 / lanes**0.5,
                    f"κ = {kappa:g}: escapes within the bound", core=False)


@dataclass(frozen=True)
class ForEverFormulas:
    """The case of claim P3x; its numbers as exact rationals."""

    kappa: str = "1"
    lam: str = "1/10"
    c: str = "3/10"
    step: str = "1/20"
    b_theta: str = "3/10"
    b_r: str = "3/10"
    condition: bool = False  # whether v_c ≤ V̄ − b/μ is asked for


_FOR_EVER = ForEverFormulas()


@claim(
    "P3x",
    "Without v_c ≤ V̄−b/μ, 'for ever' is false: at κ=1, λ=0.1, c=0.3, a=0.05 and fair signs of "
    "size b_θ=b_r=0.3, the bound from (0,0) is below 0.4 %, yet V reaches V̄ almost surely.",
    supports=("A5",),
    source=SOURCE,
    formulas=_FOR_EVER,
    controls={
        "the condition kept": replace(_FOR_EVER, condition=True),
        "noise a hundredth as large": replace(_FOR_EVER, b_theta="3/1000", b_r="3/1000"),
        "noise of the weights alone": replace(_FOR_EVER, b_theta="0"),
        "a price that noise cannot reach": replace(_FOR_EVER, c="3"),
    },
)
def for_ever(f: ForEverFormulas) -> Iterator[Evidence]:
    """A run of pluses of bounded length leads out from everywhere, and comes sooner or later.

    In A two pluses raise V by a(b − μ(V̄−V)) ≥ a(b − μV̄) > 0 and cause no clip: κr − c + b_θ ≥ 0.
    So from every state in A, L = ⌈V̄/(a(b−μV̄))⌉ pluses in a row lead to V ≥ V̄; they have a chance
    of 4^(−L) whatever came before, and independent trials go on for ever.
    """
    import sympy as sp

    kappa, lam, c, step, b_theta, b_r = map(
        parse, (f.kappa, f.lam, f.c, f.step, f.b_theta, f.b_r))
    m = (lam + sp.sqrt(lam**2 + 4 * kappa**2)) / 2
    mu, bar = kappa**2 / m, m**2 * c / kappa**2
    b = m * b_theta + kappa * b_r
    level = sp.Max((1 - step * lam) * (c + b_theta) + step * kappa * b_r,
                   kappa * b_r / mu + m * step * sp.Max(b_theta - c, 0))
    yield exact((level <= bar - b / mu) == f.condition, "the condition v_c ≤ V̄ − b/μ fails")
    yield exact(step * m <= 1, "the step size is admitted")
    yield exact(sp.exp(-mu * (2 + step * mu) / (2 * step * b**2) * bar**2) < sp.Rational(4, 1000),
                "the bound from (0, 0) is below 0.4 %")
    yield exact(b_theta >= c, "pluses never clip θ")
    yield exact(b - mu * bar > 0, "pluses raise V everywhere in A, by a(b − μV̄) at least")
    yield exact(bar / m + step * (bar - c + b_theta) <= 1, "the cap θ ≤ 1 is out of reach in A")
    numbers = {"kappa": float(kappa), "lam": float(lam), "c": float(c)}
    outcome = descend(WorstCase(**numbers), np.zeros((2, 2000)), step=float(step), steps=1000,
                      noise=Noise("sign", (float(b_r), float(b_theta))), seed=8,
                      region=Attraction(**numbers))
    share = np.mean(outcome.escape <= 1000)
    yield Evidence("measured", "share that escapes within 1,000 steps", "simulation",
                   bool(0.85 < share < 0.95), f"{share:.1%} of 2,000", 2000, core=False)


Rule = Callable[[Array, Array, float], Mask]


@dataclass(frozen=True)
class TestFormulas:
    """What claim P4 states, in the mean x and mean square q of n gradients; the rule; the code."""

    z: str = "x*sqrt(n/(q - x**2))"
    gradient: str = "c - worth"
    certificate: str = "κ*r"
    rule: Rule = lambda theta, z, quantile: (theta == 0) & (z > quantile)
    statistic: Callable[..., ArrayOrFloat] = gate_z


_TEST = TestFormulas()


@claim(
    "P4",
    "Prune a unit when θ = 0 and z = √n·x̄/s of its gate gradient C(1)−C(0)+c over n independent "
    "steps exceeds the normal quantile of 1−α: a unit that is worth its price goes with "
    "probability about α (exactly Student's tail for normal noise), while θ = 0 alone prunes "
    "worthy units for no reason. Where certificate P1 holds with κr < c, the mean is positive.",
    supports=("A1", "A5"),
    source=SOURCE,
    formulas=_TEST,
    controls={
        "θ = 0 alone": replace(_TEST, rule=lambda theta, z, quantile: theta == 0),
        "on the wrong side": replace(
            _TEST, rule=lambda theta, z, quantile: (theta == 0) & (z < -quantile)),
        "whatever θ": replace(_TEST, rule=lambda theta, z, quantile: z > quantile),
        "confidence forgotten": replace(
            _TEST, rule=lambda theta, z, quantile: (theta == 0) & (z > 0)),
        "z without √n": replace(_TEST, z="x/sqrt(q - x**2)"),
        "z with the mean square for the variance": replace(_TEST, z="x*sqrt(n/q)"),
        "gradient with the wrong sign": replace(_TEST, gradient="worth - c"),
        "certificate without κ": replace(_TEST, certificate="r"),
    },
)
def practical(f: TestFormulas) -> Iterator[Evidence]:
    """The test's size is Student's; its error rate is looked at where units close by chance.

    Limits: steps in the window must be independent (autocorrelation raises the size, shown
    below), and at small n the normal quantile is a little too lax: at n = 30, α = 5 % is 5.6 %.
    """
    yield from _statistic(f)
    yield from _error_rates(f)
    yield from _worthy_units_that_close(f)


def _statistic(f: TestFormulas) -> Iterator[Evidence]:
    import sympy as sp

    n, x, q, worth, c, kappa, r = symbols("n x q worth c κ r")
    difference = sp.Symbol("Δ", real=True)
    sample_variance = n * (q - x**2) / (n - 1)
    student = x * sp.sqrt(n) / sp.sqrt(sample_variance)
    large = [{n: 30, q: 2, x: sp.Rational(3, 7)}]
    yield identity(parse(f.z, x, n, q) ** 2 * (n - 1) / n, student**2,
                   "z is √(n/(n−1))·Student's", at=large)
    gradient = parse(f.gradient, c, worth)
    yield decide([worth < c], gradient > 0, "the mean is positive for a unit not worth its price")
    yield decide([worth >= c], gradient <= 0, "it is not for a unit worth its price")
    bound = parse(f.certificate, kappa, r)
    yield decide([difference <= kappa * r, -difference <= kappa * r, bound < c],
                 difference + c > 0, "κr < c certifies a positive mean")
    rng = np.random.default_rng(9)
    samples = rng.normal(0.3, 2.0, (200, 25))
    values = {"x": samples.mean(axis=1), "q": (samples**2).mean(axis=1)}
    yield compare(f.statistic(values["x"], values["q"], 25),
                  evaluate(parse(f.z, x, n, q), n=25, **values), "z as computed", tool="mpmath",
                  rtol=1e-10)


def _error_rates(f: TestFormulas) -> Iterator[Evidence]:
    """The share pruned under normal noise against Student's law, central and not."""
    from scipy.stats import nct, norm, t, ttest_1samp

    rng = np.random.default_rng(10)
    units, alpha = 20_000, 0.05
    closed, open_ = np.zeros(units), np.full(units, 0.5)
    quantile = norm.ppf(1 - alpha)
    for count, mean in ((10, 0.0), (30, 0.0), (30, -0.2), (30, 0.3)):
        samples = mean + rng.standard_normal((count, units))
        z = f.statistic(samples.mean(axis=0), (samples**2).mean(axis=0), count)
        cut = quantile * np.sqrt((count - 1) / count)
        oracle = nct.sf(cut, count - 1, mean * np.sqrt(count)) if mean else t.sf(cut, count - 1)
        pruned = f.rule(closed, z, quantile).mean()
        yield compare(pruned, oracle, f"share pruned, n = {count}, mean {mean:g}",
                      tool="SciPy Student", atol=4 * np.sqrt(oracle / units) + 1e-3, core=True)
        yield cases(~f.rule(open_, z, quantile), f"none while θ > 0, n = {count}, mean {mean:g}")
        theirs = ttest_1samp(samples, 0, alternative="greater").statistic
        yield compare(z * np.sqrt((count - 1) / count), theirs, f"z, n = {count}, mean {mean:g}",
                      tool="SciPy t-test", rtol=1e-9, atol=1e-12)
    correlated = rng.standard_normal((200, 2000))
    for row in range(1, 200):
        correlated[row] += 0.6 * correlated[row - 1]
    z = f.statistic(correlated.mean(axis=0), (correlated**2).mean(axis=0), 200)
    yield cases(f.rule(closed[:2000], z, quantile).mean() > 2 * alpha,
                "limit: correlated steps raise the size above 2α", core=False)


def _worthy_units_that_close(f: TestFormulas) -> Iterator[Evidence]:
    """Gates of units worth more than their price, driven to 0 by noise; regret is exact here."""
    from scipy.stats import norm

    rng = np.random.default_rng(11)
    units, window, alpha = 5000, 100, 0.05
    worth, c = np.full(units, 1.02), 1.0
    theta, sums = np.full(units, 0.2), np.zeros((2, units))
    for _ in range(window):
        gradient = c - worth + rng.standard_normal(units)
        theta = np.clip(theta - 0.2 * gradient, 0, 1)
        sums += gradient, gradient**2
    z = f.statistic(*(sums / window), window)
    closed = theta == 0
    pruned = f.rule(theta, z, norm.ppf(1 - alpha))
    yield cases(closed.mean() > 2 * alpha, "worthy units close by chance", core=False)
    yield cases(pruned.mean() <= alpha, "of worthy units at most a share α is pruned")
    yield cases(regret(worth[closed], c) == 1, "pruning at θ = 0 alone would be regretted",
                core=False)
