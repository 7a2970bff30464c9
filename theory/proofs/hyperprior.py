"""Claims H1 and H2: the flattening hyper-prior as a distribution, and its affine profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from theory._types import ArrayOrFloat
from theory.hyperprior import FlatteningHyperprior, kl_bernoulli
from theory.ledger import Evidence, claim
from theory.proofs.tools import compare, decide, evaluate, exact, identity, parse, symbols

SOURCE = "own derivation; the abstract says only that a hyper-prior is derived analytically"

# Enough for 1 + (γ−1) at the smallest γ below, which is e^−900.
_DIGITS = 500
# L = ln γ: both sides of the uniform law, next to it, and beyond what a double holds as γ.
_LENGTHS = np.array([-900, -40, -3, -0.31, -0.29, -1e-3, -1e-8, -1e-13, 1e-13, 1e-8, 1e-3,
                     0.29, 0.31, 3, 27.6, 40, 900])
_PROBABILITIES = np.array([0, 1e-250, 1e-12, 1e-3, 0.3, 0.5, 0.9, 1 - 1e-9, 1])


@dataclass(frozen=True)
class DistributionFormulas:
    """What claim H1 states, in π, γ, u and L = ln γ; and the code that computes it."""

    density: str = "(γ - 1)/(log(γ)*(1 + (γ - 1)*π))"
    cdf: str = "log(1 + (γ - 1)*π)/log(γ)"
    quantile: str = "(γ**u - 1)/(γ - 1)"
    mean: str = "1/log(γ) - 1/(γ - 1)"
    variance: str = "(γ + 1)/(2*(γ - 1)*log(γ)) - 1/log(γ)**2"
    entropy: str = "log(sqrt(γ)*log(γ)/(γ - 1))"
    mean_series: str = "1/2 - L/12 + L**3/720"
    variance_series: str = "1/12 - L**2/720"
    implementation: type[FlatteningHyperprior] = FlatteningHyperprior


class _CancellingVariance(FlatteningHyperprior):
    """The closed form of the variance computed as it stands, in γ."""

    def var(self) -> ArrayOrFloat:
        gamma = np.exp(np.clip(self.log_gamma, -700, 700))
        return (gamma + 1) / (2 * (gamma - 1) * np.log(gamma)) - 1 / np.log(gamma) ** 2


_DISTRIBUTION = DistributionFormulas()


@claim(
    "H1",
    "p(π|γ) = (γ−1)/(ln γ·(1+(γ−1)π)) is a density on [0,1] for every γ > 0, uniform at γ = 1, "
    "with the stated CDF, quantile, mean, variance and entropy; γ → 1/γ mirrors π → 1−π, and "
    "1+(γ−1)π is log-uniform between 1 and γ.",
    supports=("A4",),
    source=SOURCE,
    formulas=_DISTRIBUTION,
    controls={
        "density without its normaliser": replace(_DISTRIBUTION, density="1/(1 + (γ - 1)*π)"),
        "tilt with the wrong sign": replace(
            _DISTRIBUTION, density="(γ - 1)/(log(γ)*(γ - (γ - 1)*π))"),
        "CDF without its normaliser": replace(_DISTRIBUTION, cdf="log(1 + (γ - 1)*π)"),
        "quantile linear in u": replace(_DISTRIBUTION, quantile="u*γ/(1 + u*(γ - 1))"),
        "mean without its second term": replace(_DISTRIBUTION, mean="1/log(γ)"),
        "variance twice its first term": replace(
            _DISTRIBUTION, variance="(γ + 1)/((γ - 1)*log(γ)) - 1/log(γ)**2"),
        "entropy with γ for √γ": replace(_DISTRIBUTION, entropy="log(γ*log(γ)/(γ - 1))"),
        "mean series with the wrong sign": replace(
            _DISTRIBUTION, mean_series="1/2 + L/12 - L**3/720"),
        "variance series with a factor 2": replace(
            _DISTRIBUTION, variance_series="1/12 - L**2/360"),
        "variance that cancels near γ = 1": replace(
            _DISTRIBUTION, implementation=_CancellingVariance),
    },
)
def distribution(f: DistributionFormulas) -> Iterator[Evidence]:
    """Normalised because the CDF is an antiderivative that runs from 0 to 1, and positive."""
    yield from _density(f)
    yield from _moments(f)
    yield from _near_uniform(f)
    yield from _implementation(f)
    yield from _oracles(f)


def _density(f: DistributionFormulas) -> Iterator[Evidence]:
    import sympy as sp

    pi, gamma, u, x = symbols("π γ u x")
    both = [{gamma: sp.Rational(1, 3)}, {gamma: sp.Rational(7, 2)}]
    density, cdf = parse(f.density, pi, gamma), parse(f.cdf, pi, gamma)
    quantile = parse(f.quantile, u, gamma)
    yield identity(sp.diff(cdf, pi), density, "the CDF's derivative is the density", at=both)
    yield identity(cdf.subs(pi, 0), 0, "the CDF starts at 0", at=both)
    yield identity(cdf.subs(pi, 1), 1, "the CDF ends at 1, so the density is normalised", at=both)
    yield identity(cdf.subs(pi, quantile), u, "the quantile inverts the CDF", at=both)
    # ln γ has the sign of γ−1, which is all that the density's sign needs.
    signed = sp.Symbol("ℓ", real=True)
    yield decide(
        [sp.Or(sp.And(gamma > 1, signed > 0), sp.And(gamma < 1, signed < 0)), pi <= 1],
        density.subs(sp.log(gamma), signed) > 0,
        "the density is positive on (0, 1]",
    )
    yield exact(sp.Eq(sp.limit(density, gamma, 1), 1), "the density is uniform at γ = 1")
    mirrored = density.subs({pi: 1 - pi, gamma: 1 / gamma}, simultaneous=True)
    yield identity(mirrored, density, "γ → 1/γ mirrors π → 1−π", at=both)
    tilted = density.subs(pi, (x - 1) / (gamma - 1)) / (gamma - 1)
    yield identity(tilted, 1 / (x * sp.log(gamma)), "1+(γ−1)π is log-uniform", at=both)


def _moments(f: DistributionFormulas) -> Iterator[Evidence]:
    import sympy as sp

    pi, gamma, x = symbols("π γ x")
    both = [{gamma: sp.Rational(1, 3)}, {gamma: sp.Rational(7, 2)}]
    density, cdf = parse(f.density, pi, gamma), parse(f.cdf, pi, gamma)

    def moment(power: int) -> sp.Expr:
        """E[πᵏ] = E[((X−1)/(γ−1))ᵏ] under the log-uniform law of X = 1+(γ−1)π, shown above."""
        scaled = sp.integrate(sp.expand((x - 1) ** power / x), (x, 1, gamma))
        return scaled / ((gamma - 1) ** power * sp.log(gamma))

    mean = parse(f.mean, gamma)
    yield identity(moment(1), mean, "mean", at=both)
    yield identity(moment(2) - mean**2, parse(f.variance, gamma), "variance", at=both)
    # −p ln p = p ln X − p ln Z with X = 1+(γ−1)π and Z = p(0); the CDF F is ln X/ln γ, whence
    # the primitive F²·ln γ/2 − F ln Z.
    log_z = sp.log(density.subs(pi, 0))
    primitive = cdf**2 * sp.log(gamma) / 2 - cdf * log_z
    yield identity(sp.diff(primitive, pi), -density * sp.log(density),
                   "a primitive of −p ln p", at=both)
    yield identity(primitive.subs(pi, 1) - primitive.subs(pi, 0), parse(f.entropy, gamma),
                   "entropy", at=both)


def _near_uniform(f: DistributionFormulas) -> Iterator[Evidence]:
    """The series in L: closed form n/d and series s agree up to L³ if n − s·d does, beyond d."""
    import sympy as sp

    gamma, length = symbols("γ L")
    exponential = sum(length**k / sp.factorial(k) for k in range(10))
    for name, closed, series in (
        ("mean", f.mean, f.mean_series),
        ("variance", f.variance, f.variance_series),
    ):
        in_length = parse(closed, gamma).subs(sp.log(gamma), length).subs(gamma, exponential)
        numerator, denominator = sp.fraction(sp.together(in_length))
        order = min(sp.Poly(denominator, length).monoms())[0]
        residual = sp.Poly(numerator - parse(series, length) * denominator, length)
        low = sum(residual.coeff_monomial(length**k) * length ** (k - order)
                  for k in range(order + 4))
        yield identity(low, 0, f"the {name}'s series in L = ln γ up to L³")


def _implementation(f: DistributionFormulas) -> Iterator[Evidence]:
    """The code against the formulas in many digits, in places where doubles would cancel."""
    import mpmath

    pi, gamma, u = symbols("π γ u")
    with mpmath.workdps(_DIGITS):
        gammas = np.array([[mpmath.exp(mpmath.mpf(length))] for length in _LENGTHS])
    column, grid = f.implementation(log_gamma=_LENGTHS[:, None]), _PROBABILITIES
    for name, formula, values, points in (
        ("density", f.density, column.pdf(grid), {"π": grid}),
        ("CDF", f.cdf, column.cdf(grid), {"π": grid}),
        ("quantile", f.quantile, column.ppf(grid), {"u": grid}),
        ("mean", f.mean, column.mean(), {}),
        ("variance", f.variance, column.var(), {}),
        ("entropy", f.entropy, column.entropy(), {}),
    ):
        oracle = evaluate(parse(formula, pi, gamma, u), _DIGITS, γ=gammas, **points)
        yield compare(values, oracle, f"{name} as computed", tool="mpmath", rtol=1e-12)


def _oracles(f: DistributionFormulas) -> Iterator[Evidence]:
    """The code against SciPy's log-uniform law of 1+(γ−1)π, and against quadrature."""
    from scipy.integrate import quad
    from scipy.stats import loguniform

    grid = np.linspace(0, 1, 21)
    for gamma in (1e-3, 0.5, 2.0, 50.0, 1e6):
        ours = f.implementation.from_gamma(gamma)
        law, scale = loguniform(min(1, gamma), max(1, gamma)), gamma - 1
        tilted = 1 + scale * grid
        rising = law.cdf(tilted) if gamma > 1 else law.sf(tilted)
        quantile = (law.ppf(grid if gamma > 1 else 1 - grid) - 1) / scale
        values = [ours.pdf(grid), ours.cdf(grid), ours.ppf(grid), [ours.mean(), ours.var()]]
        oracle = [law.pdf(tilted) * abs(scale), rising, quantile,
                  [(law.mean() - 1) / scale, law.var() / scale**2]]
        yield compare(np.concatenate(values), np.concatenate(oracle),
                      f"log-uniform law, γ = {gamma:g}", tool="SciPy loguniform",
                      rtol=1e-8, atol=1e-10)
        mass = quad(ours.pdf, 0, 1, limit=200)[0]
        surprise = quad(lambda pi: -ours.pdf(pi) * ours.logpdf(pi), 0, 1, limit=200)[0]
        yield compare([1, ours.entropy()], [mass, surprise],
                      f"mass and entropy, γ = {gamma:g}", tool="SciPy quad", rtol=1e-7, atol=1e-9)


@dataclass(frozen=True)
class ProfileFormulas:
    """What claim H2 states, in θ, π, γ and x = logit π; and the code that computes it."""

    objective: str = ("θ*log(θ/π) + (1 - θ)*log((1 - θ)/(1 - π))"
                      " - log((γ - 1)/(log(γ)*(1 + (γ - 1)*π)))")
    map_pi: str = "θ/(θ + γ*(1 - θ))"
    profile: str = "θ*log(γ) + log(log(γ)/(γ - 1))"
    in_logit: str = ("log(1 + γ*exp(x)) - θ*x + θ*log(θ) + (1 - θ)*log(1 - θ)"
                     " + log(log(γ)/(γ - 1))")
    convex_in: str = "x"
    implementation: type[FlatteningHyperprior] = FlatteningHyperprior


_PROFILE = ProfileFormulas()


@claim(
    "H2",
    "π ↦ KL(θ‖π) − ln p(π|γ) has one stationary point π* = θ/(θ+γ(1−θ)), its global minimum, and "
    "the minimum θ ln γ + ln(ln γ/(γ−1)) is affine in θ. It is not convex in π, but strictly "
    "convex in logit π; θ = 0 and θ = 1 give π* = 0 and 1.",
    supports=("A3", "A4"),
    source=SOURCE,
    formulas=_PROFILE,
    controls={
        "γ on the wrong side of the MAP": replace(_PROFILE, map_pi="γ*θ/(γ*θ + 1 - θ)"),
        "π* = θ, as without a hyper-prior": replace(_PROFILE, map_pi="θ"),
        "slope −ln γ": replace(_PROFILE, profile="-θ*log(γ) + log(log(γ)/(γ - 1))"),
        "profile without the normaliser": replace(_PROFILE, profile="θ*log(γ)"),
        "hyper-prior added, not subtracted": replace(
            _PROFILE, objective=_PROFILE.objective.replace(" - log((γ", " + log((γ")),
        "logit form without the entropy": replace(
            _PROFILE, in_logit="log(1 + γ*exp(x)) - θ*x + log(log(γ)/(γ - 1))"),
        "convex in π itself": replace(_PROFILE, convex_in="π"),
    },
)
def profile(f: ProfileFormulas) -> Iterator[Evidence]:
    """The derivative in π has the sign of π − π*, which gives one stationary point, a minimum."""
    yield from _minimum(f)
    yield from _ends(f)
    yield from _convexity(f)
    yield from _brute_minimum(f)


def _minimum(f: ProfileFormulas) -> Iterator[Evidence]:
    import sympy as sp

    theta, pi, gamma = symbols("θ π γ")
    both = [{gamma: sp.Rational(1, 3)}, {gamma: sp.Rational(7, 2)}]
    objective, best = parse(f.objective, theta, pi, gamma), parse(f.map_pi, theta, gamma)
    # The rational form of the derivative, proved equal to it, is what Z3 then reads.
    slope = sp.cancel(sp.diff(objective, pi))
    inside = [theta < 1, pi < 1]
    yield identity(slope.subs(pi, best), 0, "the derivative vanishes at π*", at=both)
    yield decide([theta < 1], sp.And(best > 0, best < 1), "π* lies in (0, 1)")
    yield decide([*inside, pi < best], slope < 0, "the objective falls before π*")
    yield decide([*inside, pi > best], slope > 0, "the objective rises after π*")
    yield identity(objective.subs(pi, best), parse(f.profile, theta, gamma),
                   "the minimum is the stated profile", at=both)
    yield identity(sp.diff(parse(f.profile, theta, gamma), theta), sp.log(gamma),
                   "the profile is affine with slope ln γ", at=both)


def _ends(f: ProfileFormulas) -> Iterator[Evidence]:
    """At θ = 0 and 1 the objective is monotone in π; its limit at the end is the profile."""
    import sympy as sp

    theta, pi, gamma = symbols("θ π γ")
    objective, best = parse(f.objective, theta, pi, gamma), parse(f.map_pi, theta, gamma)
    value = parse(f.profile, theta, gamma)
    both = [{gamma: sp.Rational(1, 3)}, {gamma: sp.Rational(7, 2)}]
    for end in (0, 1):
        at_end = sp.limit(objective, theta, end, "+" if end == 0 else "-")
        slope = sp.cancel(sp.diff(at_end, pi))
        monotone = slope > 0 if end == 0 else slope < 0
        yield decide([pi < 1], monotone, f"at θ = {end} the objective is monotone in π")
        yield identity(at_end.subs(pi, end), value.subs(theta, end),
                       f"the profile is continuous at θ = {end}", at=both)
        yield identity(best.subs(theta, end), end, f"π* = {end} at θ = {end}", at=both)


def _convexity(f: ProfileFormulas) -> Iterator[Evidence]:
    import sympy as sp

    theta, pi, gamma, odds = symbols("θ π γ t")
    x = sp.Symbol("x", real=True)
    both = [{gamma: sp.Rational(1, 3)}, {gamma: sp.Rational(7, 2)}]
    objective, in_logit = parse(f.objective, theta, pi, gamma), parse(f.in_logit, theta, gamma, x)
    yield identity(objective.subs(pi, sp.exp(x) / (1 + sp.exp(x))), in_logit,
                   "the objective in x = logit π", at=both)
    # Odds t = eˣ make the second derivative in x rational.
    in_x = sp.cancel(sp.diff(in_logit, x, 2).subs(sp.exp(x), odds))
    in_pi = sp.cancel(sp.diff(objective, pi, 2))
    coordinate = in_x if f.convex_in == "x" else in_pi
    yield decide([theta < 1, pi < 1], coordinate > 0,
                 f"the objective is strictly convex in {f.convex_in}")
    witness = {theta: sp.Rational(1, 100), pi: sp.Rational(1, 10), gamma: 100}
    yield exact(in_pi.subs(witness) < 0, "not convex in π: at θ = 1/100, π = 1/10, γ = 100")


def _brute_minimum(f: ProfileFormulas) -> Iterator[Evidence]:
    """The code against a bounded search over logit π that knows only the divergence."""
    from scipy.optimize import minimize_scalar
    from scipy.special import expit, logit

    thetas = np.array([0.001, 0.03, 0.25, 0.5, 0.8, 0.97, 0.999])
    for gamma in (1e-4, 0.5, 1.0, 2.0, 20.0, 1e6):
        ours = f.implementation.from_gamma(gamma)

        def objective(x: float, theta: float) -> float:
            pi = expit(x)
            return kl_bernoulli(theta, pi) - ours.logpdf(pi)

        found = [minimize_scalar(objective, bounds=(-30, 30), args=(theta,), method="bounded",
                                 options={"xatol": 1e-10}) for theta in thetas]
        yield compare(ours.profile(thetas), [result.fun for result in found],
                      f"profile, γ = {gamma:g}", tool="SciPy minimisation", atol=1e-9)
        yield compare(logit(ours.map_pi(thetas)), [result.x for result in found],
                      f"logit π*, γ = {gamma:g}", tool="SciPy minimisation", atol=1e-5)
