"""Claims H3 and H4: only the flattening hyper-prior has an affine profile that is not constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from theory._types import Array
from theory.hyperprior import FlatteningHyperprior
from theory.ledger import Evidence, claim
from theory.priors import BetaHyperprior, FixedPrior
from theory.proofs.tools import cases, compare, decide, evaluate, exact, identity, parse, symbols

SOURCE = "own derivation; the abstract says only that the hyper-prior is crucial"
_KL = "θ*log(θ/π) + (1 - θ)*log((1 - θ)/(1 - π))"


@dataclass(frozen=True)
class UniquenessFormulas:
    """What claim H3 states, in θ, π, γ and x = logit π; and the code that computes the density."""

    slope: str = "log(γ)"
    envelope: str = "log(θ/(1 - θ)) - log(π/(1 - π))"
    score: str = "(γ - 1)/(1 + (γ - 1)*π)"
    density: str = "(γ - 1)/(log(γ)*(1 + (γ - 1)*π))"
    conjugate: str = "log(1 + γ*exp(x))"
    implementation: type[FlatteningHyperprior] = FlatteningHyperprior


_UNIQUENESS = UniquenessFormulas()


@claim(
    "H3",
    "A density on [0,1] whose profile min_π KL(θ‖π) − ln p(π) is affine in θ with slope ln γ on "
    "(0,1) is the flattening hyper-prior of that γ; no smoothness of p or π* is assumed. The MAP "
    "is over π: in another parametrisation it is another point.",
    supports=("A4",),
    source=SOURCE,
    formulas=_UNIQUENESS,
    controls={
        "slope γ for ln γ": replace(_UNIQUENESS, slope="γ"),
        "envelope with the wrong sign": replace(
            _UNIQUENESS, envelope="log(π/(1 - π)) - log(θ/(1 - θ))"),
        "score with the wrong sign": replace(_UNIQUENESS, score="-(γ - 1)/(1 + (γ - 1)*π)"),
        "density with the square of the tilt": replace(
            _UNIQUENESS, density="γ/(1 + (γ - 1)*π)**2"),
        "conjugate without the slope": replace(_UNIQUENESS, conjugate="log(1 + exp(x))"),
    },
)
def uniqueness(f: UniquenessFormulas) -> Iterator[Evidence]:
    """Uniqueness, first by the envelope theorem, then without any smoothness by conjugacy.

    Let π run through (0,1), x = logit π, φ = −ln p, ψ(x) = ln(1+eˣ) + φ, and H the entropy of
    Bernoulli(θ). As KL(θ‖π) = −H(θ) − θx + ln(1+eˣ), the profile is −H(θ) − ψ*(θ), with
    ψ*(θ) = max_x [θx − ψ(x)]. Where the profile is θ ln γ + b, ψ*(θ) = −θ ln γ − b − H(θ). Let
    g(x) = max_θ [θx − ψ*(θ)] = b + ln(1+γeˣ): differentiable, and its derivative, which is the
    one θ that attains the maximum, increases strictly from 0 to 1. By its definition g ≤ ψ. If
    ψ*(θ) is attained at x, then ψ(x) = θx − ψ*(θ) ≤ g(x) ≤ ψ(x): so ψ = g there, and θ is the
    derivative of g at x. As θ runs through (0,1), x therefore runs through all real numbers, and
    ψ = g everywhere. That is −ln p up to the constant b, which normalisation fixes. (If ψ* need
    not be attained, p is determined almost everywhere.)
    """
    yield from _by_envelope(f)
    yield from _by_conjugacy(f)
    yield from _parametrisation()
    yield from _numeric_inversion(f)


def _by_envelope(f: UniquenessFormulas) -> Iterator[Evidence]:
    import sympy as sp

    theta, pi, gamma = symbols("θ π γ")
    both = [{gamma: sp.Rational(1, 3)}, {gamma: sp.Rational(7, 2)}]
    divergence, score = parse(_KL, theta, pi), parse(f.score, pi, gamma)
    envelope, density = parse(f.envelope, theta, pi), parse(f.density, pi, gamma)
    yield identity(sp.diff(divergence, theta), envelope, "the profile's slope, by the envelope")
    # The θ whose minimiser is π, if the slope is to be ln γ.
    matched = gamma * pi / (1 + (gamma - 1) * pi)
    yield identity(envelope.subs(theta, matched), parse(f.slope, gamma),
                   "slope ln γ ties θ to its minimiser", at=both)
    yield identity(-sp.diff(divergence, pi).subs(theta, matched), score,
                   "stationarity in π gives d(−ln p)/dπ", at=both)
    yield identity(-sp.diff(sp.log(density), pi), score, "the density has that score", at=both)
    mass = sp.log(gamma) / (gamma - 1)
    primitive = sp.log(1 + (gamma - 1) * pi) / (gamma - 1)
    relative = density / density.subs(pi, 0)
    yield identity(sp.diff(primitive, pi), relative, "a primitive of p(π)/p(0)", at=both)
    yield identity(primitive.subs(pi, 1) - primitive.subs(pi, 0), mass, "its mass", at=both)
    yield identity(density.subs(pi, 0) * mass, 1, "normalisation fixes p(0)", at=both)


def _by_conjugacy(f: UniquenessFormulas) -> Iterator[Evidence]:
    import sympy as sp

    theta, pi, gamma, odds = symbols("θ π γ t")
    x = sp.Symbol("x", real=True)
    both = [{gamma: sp.Rational(1, 3)}, {gamma: sp.Rational(7, 2)}]
    entropy = -theta * sp.log(theta) - (1 - theta) * sp.log(1 - theta)
    bracket = theta * x + theta * parse(f.slope, gamma) + entropy
    conjugate = parse(f.conjugate, gamma, x)
    best = gamma * sp.exp(x) / (1 + gamma * sp.exp(x))
    yield decide([theta < 1], sp.cancel(sp.diff(bracket, theta, 2)) < 0,
                 "the bracket of g is strictly concave in θ")
    yield identity(sp.diff(bracket, theta).subs(theta, best), 0, "where it is largest", at=both)
    yield identity(bracket.subs(theta, best), conjugate, "its maximum g", at=both)
    slope = sp.diff(conjugate, x)
    yield identity(slope, best, "the derivative of g is that θ", at=both)
    yield decide([], sp.cancel(sp.diff(slope, x).subs(sp.exp(x), odds)) > 0,
                 "the derivative is strictly increasing")
    yield exact(sp.Eq(sp.limit(slope, x, -sp.oo), 0), "the derivative comes from 0")
    yield exact(sp.Eq(sp.limit(slope, x, sp.oo), 1), "the derivative goes to 1")
    recovered = parse(f.density, pi, gamma).subs(pi, sp.exp(x) / (1 + sp.exp(x)))
    scale = sp.log((gamma - 1) / sp.log(gamma))
    yield identity(-sp.log(recovered), conjugate - sp.log(1 + sp.exp(x)) - scale,
                   "conjugacy gives back the density", at=both)


def _parametrisation() -> Iterator[Evidence]:
    """Over x = logit π the density gains a factor π(1−π), and π* is no longer stationary."""
    import sympy as sp

    theta, pi, gamma = symbols("θ π γ")
    prior = sp.log(gamma - 1) - sp.log(1 + (gamma - 1) * pi) + sp.log(pi * (1 - pi))
    slope = sp.diff(parse(_KL, theta, pi) - prior, pi)
    at = {theta: sp.Rational(1, 3), gamma: 2, pi: sp.Rational(1, 5)}
    yield exact(sp.Ne(slope.subs(at), 0), "the MAP over logit π is another: θ = 1/3, γ = 2")


def _numeric_inversion(f: UniquenessFormulas) -> Iterator[Evidence]:
    """The density from its profile by a discrete conjugate; and other densities, not flat."""
    theta = np.linspace(1e-6, 1 - 1e-6, 4001)
    x = np.linspace(-6, 6, 49)
    pi = 1 / (1 + np.exp(-x))
    entropy = -theta * np.log(theta) - (1 - theta) * np.log1p(-theta)
    for log_gamma in (-2.0, 0.0, 1.0, 5.0):
        ours = f.implementation(log_gamma=log_gamma)
        biconjugate = np.max(theta * x[:, None] + ours.profile(theta) + entropy, axis=1)
        yield compare(ours.logpdf(pi), np.log1p(np.exp(x)) - biconjugate,
                      f"density from the profile, ln γ = {log_gamma:g}",
                      tool="discrete conjugate", atol=1e-4)
    yield cases(_bends_of_other_densities(f) > 1e-4, "a density that differs has a bent profile",
                core=False)


def _bends_of_other_densities(f: UniquenessFormulas) -> Array:
    """Largest deviation from an affine profile for densities p·(1+ε cos kπx), ε = 0.1 to 0.9."""
    theta = np.linspace(0.05, 0.95, 19)[:, None]
    pi = np.linspace(1e-4, 1 - 1e-4, 8001)
    divergence = (theta * np.log(theta / pi)
                  + (1 - theta) * np.log((1 - theta) / (1 - pi)))
    bends = []
    for log_gamma in (-2.0, 0.0, 5.0):
        base = f.implementation(log_gamma=log_gamma).logpdf(pi)
        for waves in (1, 2, 5):
            for size in (0.1, 0.5, 0.9):
                log_density = base + np.log1p(size * np.cos(waves * np.pi * pi))
                profile = np.min(divergence - log_density, axis=1)
                line = np.polynomial.Polynomial.fit(theta[:, 0], profile, 1)
                bends.append(np.max(np.abs(profile - line(theta[:, 0]))))
    return np.array(bends)


@dataclass(frozen=True)
class CurvatureFormulas:
    """What claim H4 states, in θ, π and π₀ (here ρ), and in A = α−1, B = β−1; and the code."""

    fixed_curvature: str = "1/(θ*(1 - θ))"
    fixed_least: str = "4"
    beta_map: str = "(θ + A)/(1 + A + B)"
    beta_slope: str = "log(1 + B/(1 - θ)) - log(1 + A/θ)"
    beta_curvature: str = "A/(θ*(θ + A)) + B/((1 - θ)*(1 - θ + B))"
    least_exponent: str = "0"
    pole: str = "-A"
    fixed: type[FixedPrior] = FixedPrior
    beta: type[BetaHyperprior] = BetaHyperprior


_CURVATURE = CurvatureFormulas()


@claim(
    "H4",
    "A fixed prior's profile KL(θ‖π₀) has curvature 1/(θ(1−θ)) ≥ 4, so its minimum is interior; "
    "Beta(α,β) with α,β ≥ 1 has curvature ≥ 0, zero only if uniform; with α < 1 or β < 1 the "
    "profile is −∞ on part of (0,1). No Beta gives a non-zero affine profile.",
    supports=("A3", "A4"),
    source=SOURCE,
    formulas=_CURVATURE,
    controls={
        "fixed curvature with the wrong sign": replace(
            _CURVATURE, fixed_curvature="1/θ - 1/(1 - θ)"),
        "fixed curvature at least 8": replace(_CURVATURE, fixed_least="8"),
        "fixed curvature at least 2, not sharp": replace(_CURVATURE, fixed_least="2"),
        "Beta MAP as a posterior mean": replace(
            _CURVATURE, beta_map="(θ + A + 1)/(3 + A + B)"),
        "Beta slope without the divergence": replace(
            _CURVATURE, beta_slope="log(1 - θ + B) - log(θ + A)"),
        "Beta curvature with a minus sign": replace(
            _CURVATURE, beta_curvature="A/(θ*(θ + A)) - B/((1 - θ)*(1 - θ + B))"),
        "condition α, β ≥ 1 dropped": replace(_CURVATURE, least_exponent="-1/2"),
        "profile −∞ below θ = α": replace(_CURVATURE, pole="1 + A"),
    },
)
def curvature(f: CurvatureFormulas) -> Iterator[Evidence]:
    """Curvatures by differentiating the minimum, their signs by Z3, the poles by limits."""
    yield from _fixed(f)
    yield from _beta(f)
    yield from _beta_poles(f)
    yield from _priors_as_computed(f)
    yield from _priors_by_brute_force(f)


def _fixed(f: CurvatureFormulas) -> Iterator[Evidence]:
    import sympy as sp

    theta, pi0 = symbols("θ π")
    value, bend = parse(_KL, theta, pi0), parse(f.fixed_curvature, theta)
    least = parse(f.fixed_least)
    yield identity(sp.diff(value, theta, 2), bend, "curvature under a fixed prior")
    yield decide([theta < 1], bend >= least, "it is at least 4")
    yield exact(sp.Eq(bend.subs(theta, sp.Rational(1, 2)), least), "it is 4 at θ = 1/2")
    yield identity(sp.diff(value, theta).subs(theta, pi0), 0, "the minimum is interior, θ = π₀")


def _beta(f: CurvatureFormulas) -> Iterator[Evidence]:
    import sympy as sp

    theta, pi, constant = symbols("θ π Β")
    a, b = sp.symbols("A B", real=True)
    objective = parse(_KL, theta, pi) - sp.log(pi**a * (1 - pi) ** b / constant)
    best, bend = parse(f.beta_map, theta, a, b), parse(f.beta_curvature, theta, a, b)
    slope_in_pi = sp.cancel(sp.diff(sp.expand_log(objective, force=True), pi))
    least = parse(f.least_exponent)
    regular = [theta < 1, a >= least, b >= least, theta + a > 0, 1 - theta + b > 0]
    yield identity(slope_in_pi.subs(pi, best), 0, "the Beta MAP is stationary")
    yield decide([*regular, pi < 1, pi < best], slope_in_pi < 0, "falling before the Beta MAP")
    yield decide([*regular, pi < 1, pi > best], slope_in_pi > 0, "rising after the Beta MAP")
    minimum, slope = objective.subs(pi, best), parse(f.beta_slope, theta, a, b)
    yield identity(sp.diff(minimum, theta), slope, "slope of the Beta profile")
    yield identity(sp.diff(slope, theta), bend, "curvature of the Beta profile")
    yield decide(regular, bend >= 0, "it is never negative")
    yield decide([*regular, bend <= 0], sp.And(sp.Eq(a, 0), sp.Eq(b, 0)),
                 "it is zero only for the uniform density")
    # On no interval, whatever α and β: a rational function that vanishes on one is zero.
    numerator = sp.Poly(sp.numer(sp.together(bend)), theta)
    flat = sp.solve(numerator.coeffs(), [a, b], dict=True)
    yield exact(flat == [{a: 0, b: 0}], "affine on an interval only for A = B = 0")
    yield identity(slope.subs({a: 0, b: 0}), 0, "and then constant: slope 0")


def _beta_poles(f: CurvatureFormulas) -> Iterator[Evidence]:
    """For α < 1 the term −(θ+A) ln π decides at π → 0, where all others stay finite.

    β < 1 is the mirror image, π → 1−π.
    """
    import sympy as sp

    theta, pi, margin = symbols("θ π k")
    a = sp.Symbol("A", real=True)
    pole = parse(f.pole, a)
    weight = theta + a
    yield identity(weight.subs(theta, pole), 0, "θ = 1−α is where the weight of ln π vanishes")
    yield decide([a > -1, a < 0], sp.And(pole > 0, pole < 1), "for α < 1 it lies in (0, 1)")
    below = sp.expand(weight.subs(theta, pole - margin))
    above = sp.expand(weight.subs(theta, pole + margin))
    yield exact(sp.Eq(sp.limit(-below * sp.log(pi), pi, 0, "+"), -sp.oo),
                "below it the objective falls to −∞")
    yield exact(sp.Eq(sp.limit(-above * sp.log(pi), pi, 0, "+"), sp.oo),
                "above it the objective rises to +∞")


def _priors_as_computed(f: CurvatureFormulas) -> Iterator[Evidence]:
    """The code against the formulas, and its −∞ exactly where the claim puts it."""
    import sympy as sp

    theta, a, b = sp.symbols("θ A B", positive=True)
    grid = np.linspace(0.01, 0.99, 25)
    bend = evaluate(parse(f.fixed_curvature, theta), θ=grid)
    yield compare(f.fixed(0.3).profile_curvature(grid), bend, "fixed curvature as computed",
                  tool="mpmath", rtol=1e-12)
    for alpha, beta in ((1, 1), (1, 3), (2.5, 1.5), (1 + 1e-9, 40)):
        prior, at = f.beta(alpha, beta), {"θ": grid, "A": alpha - 1, "B": beta - 1}
        ours = [prior.map_pi(grid), prior.profile_slope(grid), prior.profile_curvature(grid)]
        oracle = [evaluate(parse(formula, theta, a, b), **at)
                  for formula in (f.beta_map, f.beta_slope, f.beta_curvature)]
        yield compare(ours, oracle, f"Beta({alpha:g}, {beta:g}) as computed", tool="mpmath",
                      rtol=1e-10)
    for alpha, beta in ((0.5, 2.0), (2.0, 0.3), (0.4, 0.4), (0.8, 0.7)):
        bottomless = (grid < 1 - alpha) | (grid > beta)
        yield cases(np.isneginf(f.beta(alpha, beta).profile(grid)) == bottomless,
                    f"Beta({alpha:g}, {beta:g}) is −∞ where claimed", core=False)


def _priors_by_brute_force(f: CurvatureFormulas) -> Iterator[Evidence]:
    """The code against SciPy's relative entropy, and its Beta density under a bounded search."""
    from scipy.optimize import minimize_scalar
    from scipy.special import expit
    from scipy.stats import beta as beta_law
    from scipy.stats import entropy

    grid = np.linspace(0.02, 0.98, 9)
    pair = np.stack([grid, 1 - grid])
    for pi0 in (0.05, 0.5, 0.8):
        yield compare(f.fixed(pi0).profile(grid), entropy(pair, np.array([[pi0], [1 - pi0]])),
                      f"KL(θ‖{pi0:g})", tool="SciPy entropy", rtol=1e-10, atol=1e-14)
    for alpha, beta in ((1, 1), (3, 1.5), (1.2, 8)):

        def objective(x: float, theta: float) -> float:
            pi = expit(x)
            divergence = entropy([theta, 1 - theta], [pi, 1 - pi])
            return divergence - beta_law.logpdf(pi, alpha, beta)

        found = [minimize_scalar(objective, bounds=(-12, 12), args=(theta,), method="bounded").fun
                 for theta in grid]
        yield compare(f.beta(alpha, beta).profile(grid), found, f"Beta({alpha:g}, {beta:g})",
                      tool="SciPy minimisation", atol=1e-8)
