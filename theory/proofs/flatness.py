"""Claims H3 and H4: only the flattening hyper-prior has an affine profile that is not constant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory._types import Array
from theory.hyperprior import FlatteningHyperprior
from theory.ledger import claim
from theory.priors import BetaHyperprior, FixedPrior
from theory.proofs.hyperprior import BOTH, DENSITY, DIVERGENCE, SHOWN
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.statement import Argued, Convenience, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

SOURCE = "own derivation; the abstract says only that the hyper-prior is crucial"

UNIQUENESS = Statement(
    text="With {tilted}, a density over {π} from zero to one, smooth or not, whose profile, the "
    "least of {KL=} minus its logarithm, is affine in {θ} with slope {price:} between zero and "
    "one, {unique}. The minimiser is one over {π}; over the logit of {π} it is another point than "
    "{π_star=}: {elsewhere}.",
    symbols="γ > 0; 0 < θ < 1; 0 < π < 1; x",
    definitions={
        "KL": DIVERGENCE,
        "p": DENSITY,
        "price": "log(γ)",
        "π_star": "θ/(θ + γ*(1 - θ))",
        "envelope": "log(θ/(1 - θ)) - log(π/(1 - π))",
        "θ_π": "γ*π/(1 + (γ - 1)*π)",
        "score": "(γ - 1)/(1 + (γ - 1)*π)",
        "mass": "log(γ)/(γ - 1)",
        "relative": "log(1 + (γ - 1)*π)/(γ - 1)",
        "H": "-θ*log(θ) - (1 - θ)*log(1 - θ)",
        "bracket": "θ*x + θ*price + H",
        "g": "log(1 + γ*exp(x))",
        "θ_x": "γ*exp(x)/(1 + γ*exp(x))",
    },
    premises={"tilted": Convenience("γ != 1", "at γ = 1 it is the uniform density, the limit")},
    conclusions={
        "unique": Argued(
            "is {p=} but for a null set, and everywhere if the least is attained",
            (
                Prose(
                    "By the envelope theorem, for a smooth density: the profile's slope is the "
                    "derivative of KL at the minimiser, and stationarity gives the score."
                ),
                "slope by envelope",
                "θ of a minimiser",
                "stationary",
                "score of p",
                "primitive of p/p(0)",
                "its mass",
                "normalised",
                Prose(
                    "Without smoothness, by conjugacy: with x = logit π, φ = −ln p and "
                    "ψ(x) = ln(1+eˣ) + φ, the profile is −H(θ) − ψ*(θ), ψ*(θ) = max_x [θx − ψ(x)]."
                ),
                "KL in the logit",
                Prose(
                    "Where it is θ ln γ + b, ψ*(θ) = −θ ln γ − b − H(θ); let "
                    "g(x) = max_θ [θx − ψ*(θ)] − b, the largest of a concave bracket."
                ),
                "concave",
                "largest",
                "its maximum",
                Prose("Its derivative is the one θ that attains it, and increases from 0 to 1."),
                "slope of g",
                "slope of that",
                "slope of g rises",
                "from zero",
                "to one",
                Prose(
                    "By its definition g + b ≤ ψ. If ψ*(θ) is attained at x, then "
                    "ψ(x) = θx − ψ*(θ) ≤ g(x) + b ≤ ψ(x): so ψ = g + b there, and θ is the "
                    "derivative of g at x. As θ runs through (0, 1), x runs through all numbers, "
                    "and ψ = g + b everywhere: −ln p up to the constant b."
                ),
                "p again",
                "normalised",
            ),
        ),
        "elsewhere": "at(at(diff(KL - log(p) - log(π*(1 - π)), π), π=π_star), θ=1/3, γ=2) != 0",
    },
    lemmas={
        "slope by envelope": Lemma((), "diff(KL, θ) == envelope"),
        "θ of a minimiser": Lemma((), "at(envelope, θ=θ_π) == price"),
        "stationary": Lemma((), "at(-diff(KL, π), θ=θ_π) == score"),
        "score of p": Lemma((), "-diff(log(p), π) == score"),
        "primitive of p/p(0)": Lemma((), "diff(relative, π) == p/at(p, π=0)"),
        "its mass": Lemma((), "at(relative, π=1) - at(relative, π=0) == mass"),
        "normalised": Lemma((), "at(p, π=0)*mass == 1"),
        "KL in the logit": Lemma((), "at(KL, π=exp(x)/(1 + exp(x))) == log(1 + exp(x)) - θ*x - H"),
        "concave": Lemma((), "diff(bracket, θ, 2) <= -4"),
        "largest": Lemma((), "at(diff(bracket, θ), θ=θ_x) == 0"),
        "its maximum": Lemma((), "at(bracket, θ=θ_x) == g"),
        "slope of g": Lemma((), "diff(g, x) == θ_x"),
        "slope of that": Lemma((), "diff(θ_x, x) == θ_x*(1 - θ_x)"),
        "slope of g rises": Lemma((), "θ_x*(1 - θ_x) > 0"),
        "from zero": Lemma((), "limit(θ_x, x, -oo) == 0"),
        "to one": Lemma((), "limit(θ_x, x, oo) == 1"),
        "p again": Lemma(
            (), "at(-log(p), π=exp(x)/(1 + exp(x))) == g - log(1 + exp(x)) - log((γ - 1)/log(γ))"
        ),
    },
    points=(
        {"γ": "1/100", "θ": "1/100", "π": "1/100", "x": -10},
        {"γ": 100, "θ": "99/100", "π": "99/100", "x": 10},
        {"θ": "1/2"},
    ),
    shown_as=SHOWN | {"oo": "∞"},
    code={"implementation": FlatteningHyperprior},
)


@claim(
    "H3",
    UNIQUENESS,
    supports=("A4",),
    source=SOURCE,
    controls={
        "slope γ for ln γ": Control({"price": "γ"}, by="θ of a minimiser"),
        "slope −ln γ": Control({"price": "-log(γ)"}, by="largest"),
        "envelope with the wrong sign": Control(
            {"envelope": "log(π/(1 - π)) - log(θ/(1 - θ))"}, by="slope by envelope"
        ),
        "score with the wrong sign": Control(
            {"score": "-(γ - 1)/(1 + (γ - 1)*π)"}, by="stationary"
        ),
        "density with the square of the tilt": Control(
            {"p": "γ/(1 + (γ - 1)*π)**2"}, by="score of p"
        ),
        "another density by conjugacy": Control({"p": "γ/(1 + (γ - 1)*π)**2"}, by="p again"),
        "mass without its logarithm": Control({"mass": "1/(γ - 1)"}, by="normalised"),
        "conjugate without the slope": Control({"g": "log(1 + exp(x))"}, by="its maximum"),
        "bracket without the entropy": Control({"bracket": "θ*x + θ*price"}, by="concave"),
        "slope of g up to a half": Control({"θ_x": "γ*exp(x)/(1 + 2*γ*exp(x))"}, by="to one"),
        "slope of g from elsewhere": Control({"θ_x": "(1 + exp(x))/(2 + exp(x))"}, by="from zero"),
        "slope of another g": Control({"g": "log(1 + exp(x))"}, by="slope of g"),
        "the divergence turned round": Control(
            {"KL": "π*log(π/θ) + (1 - π)*log((1 - π)/(1 - θ))"}, by="KL in the logit"
        ),
        "a primitive of another density": Control(
            {"relative": "log(1 + π)/(γ - 1)"}, by="primitive of p/p(0)"
        ),
        "another mass": Control({"mass": "1/(γ - 1)"}, by="its mass"),
        "slope of g that falls": Control({"θ_x": "1/(1 + γ*exp(x))"}, by="slope of that"),
        "no density to change the variable": Control(
            {"elsewhere": "at(at(diff(KL - log(p), π), π=π_star), θ=1/3, γ=2) != 0"}, by="elsewhere"
        ),
        "a density over the logit": Control({"p": f"{DENSITY}/(π*(1 - π))"}, by="elsewhere"),
    },
)
def uniqueness(p: Proof) -> Iterator[Evidence]:
    """Uniqueness, first by the envelope theorem, then without any smoothness by conjugacy."""
    for name in (
        "slope by envelope",
        "θ of a minimiser",
        "stationary",
        "score of p",
        "primitive of p/p(0)",
        "its mass",
        "normalised",
        "KL in the logit",
        "largest",
        "its maximum",
        "slope of g",
        "slope of that",
        "from zero",
        "to one",
        "p again",
    ):
        yield p.identity(name, at=BOTH)
    yield p.decide("concave")
    yield p.decide("slope of g rises")
    yield p.exact("elsewhere")
    yield from _numeric_inversion(p)


def _numeric_inversion(p: Proof) -> Iterator[Evidence]:
    """The density from its profile by a discrete conjugate; and other densities, not flat."""
    theta = np.linspace(1e-6, 1 - 1e-6, 4001)
    x = np.linspace(-6, 6, 49)
    pi = 1 / (1 + np.exp(-x))
    entropy = -theta * np.log(theta) - (1 - theta) * np.log1p(-theta)
    for log_gamma in (-2.0, 0.0, 1.0, 5.0):
        ours = p["implementation"](log_gamma=log_gamma)
        biconjugate = np.max(theta * x[:, None] + ours.profile(theta) + entropy, axis=1)
        yield p.shows(
            f"density from the profile, ln γ = {log_gamma:g}",
            compare(
                ours.logpdf(pi),
                np.log1p(np.exp(x)) - biconjugate,
                "",
                tool="discrete conjugate",
                atol=1e-4,
            ),
        )
    bends = _bends_of_other_densities(p["implementation"])
    yield p.cases("a density that differs has a bent profile", bends > 1e-4)


def _bends_of_other_densities(kind: type[FlatteningHyperprior]) -> Array:
    """Largest deviation from an affine profile for densities p·(1+ε cos kπx), ε = 0.1 to 0.9."""
    theta = np.linspace(0.05, 0.95, 19)[:, None]
    pi = np.linspace(1e-4, 1 - 1e-4, 8001)
    divergence = theta * np.log(theta / pi) + (1 - theta) * np.log((1 - theta) / (1 - pi))
    bends = []
    for log_gamma in (-2.0, 0.0, 5.0):
        base = kind(log_gamma=log_gamma).logpdf(pi)
        for waves in (1, 2, 5):
            for size in (0.1, 0.5, 0.9):
                log_density = base + np.log1p(size * np.cos(waves * np.pi * pi))
                profile = np.min(divergence - log_density, axis=1)
                line = np.polynomial.Polynomial.fit(theta[:, 0], profile, 1)
                bends.append(np.max(np.abs(profile - line(theta[:, 0]))))
    return np.array(bends)


CURVATURE = Statement(
    text="A fixed prior's profile {KL0=} has the curvature {K0=}: {fixed curvature}, and "
    "{at least}; its minimum {interior}. A Beta density with the exponents {A} of {π} and {B} of "
    "{rest:} has a profile that {curvature}; {convex}, and {only uniform}. With a negative "
    "exponent the profile {bottomless}, for {low} or {high}. No Beta density {affine}.",
    symbols="0 < θ < 1; 0 < π, π0 < 1; A, B > -1; Z, k > 0",
    definitions={
        "KL": DIVERGENCE,
        "rest": "1 - π",
        "KL0": "at(KL, π=π0)",
        "K0": "1/(θ*(1 - θ))",
        "centre": "θ == π0",
        # KL less the logarithm of the density, of mass Z.
        "J": "KL - A*log(π) - B*log(1 - π) + log(Z)",
        "best": "(θ + A)/(1 + A + B)",
        "slope": "log(1 + B/(1 - θ)) - log(1 + A/θ)",
        "K": "A/(θ*(θ + A)) + B/((1 - θ)*(1 - θ + B))",
        "in_π": "(1 - θ + B)/(1 - π) - (θ + A)/π",
        "regular": "A >= 0 and B >= 0",
        "low": "θ < -A",
        "high": "1 - θ < -B",
    },
    conclusions={
        "fixed curvature": "diff(KL0, θ, 2) == K0",
        "at least": "K0 >= 4",
        "interior": Argued("is interior, at {centre}", ("rests", "fixed curvature", "at least")),
        "curvature": Argued(
            "has the curvature {K=}, for {regular}",
            ("slope in π", "falls", "rises", "slope in θ", "its derivative"),
        ),
        "convex": "Implies(A >= 0 and B >= 0, K >= 0)",
        "only uniform": "Implies(A >= 0 and B >= 0 and K == 0, A == 0 and B == 0)",
        "bottomless": Argued(
            "is unbounded below on a part of its range",
            (
                "J by powers",
                Prose(
                    "At π → 0 the term −(θ+A) ln π decides, as all others stay finite. Its "
                    "exponential is the power −(θ+A) of π: if that is positive, it tends to 0 and "
                    "J to −∞; if it is negative, J to ∞."
                ),
                "a power",
                "power at zero",
                "low is a part",
                "mirrored",
                "power at one",
            ),
        ),
        "affine": Argued(
            "has an affine profile that is not constant",
            (
                "bottomless",
                Prose(
                    "Where it is finite its curvature is K. A polynomial in θ that vanishes on an "
                    "interval has no coefficient but 0."
                ),
                "K's numerator",
                "no coefficient",
                "then constant",
            ),
        ),
    },
    lemmas={
        "rests": Lemma(("centre",), "diff(KL0, θ) == 0"),
        "slope in π": Lemma((), "diff(J, π) == in_π"),
        "falls": Lemma(
            ("regular", "π < best"),
            "in_π < 0",
            (
                {"A": 0, "B": 0, "θ": "1/2", "π": "499/1000"},
                {"A": 1, "B": 2, "θ": "1/2", "π": "3749/10000"},
            ),
        ),
        "rises": Lemma(
            ("regular", "π > best"),
            "in_π > 0",
            (
                {"A": 0, "B": 0, "θ": "1/2", "π": "501/1000"},
                {"A": 1, "B": 2, "θ": "1/2", "π": "3751/10000"},
            ),
        ),
        "slope in θ": Lemma((), "diff(at(J, π=best), θ) == slope"),
        "its derivative": Lemma((), "diff(slope, θ) == K"),
        "J by powers": Lemma(
            (),
            "J == -(θ + A)*log(π) - (1 - θ + B)*log(1 - π) "
            "+ θ*log(θ) + (1 - θ)*log(1 - θ) + log(Z)",
        ),
        "a power": Lemma((), "limit(π**k, π, 0) == 0"),
        "power at zero": Lemma((), "Iff(low, -(θ + A) > 0)", ({"A": "-1/2", "θ": "499/1000"},)),
        "power at one": Lemma((), "Iff(high, -(1 - θ + B) > 0)", ({"B": "-1/2", "θ": "501/1000"},)),
        "low is a part": Lemma(("A < 0",), "0 < -A < 1", ({"A": "-1/100"},)),
        "mirrored": Lemma((), "at(J, A=B, B=A, θ=1 - θ, π=1 - π) == J"),
        "K's numerator": Lemma(
            (), "K*θ*(θ + A)*(1 - θ)*(1 - θ + B) == (A + B)*θ**2 - 2*A*θ + A*(1 + B)"
        ),
        "no coefficient": Lemma(("A + B == 0", "2*A == 0", "A*(1 + B) == 0"), "A == 0 and B == 0"),
        "then constant": Lemma(("A == 0", "B == 0"), "slope == 0"),
    },
    points=(
        {"A": 0, "B": 0, "θ": "1/100", "π": "1/100", "π0": "1/100", "Z": "1/100", "k": "1/100"},
        {"A": "-99/100", "B": "-99/100", "θ": "99/100", "π": "99/100", "π0": "99/100", "k": 1},
        {"θ": "1/2"},
    ),
    shown_as={"KL": "KL(θ‖π)", "KL0": "KL(θ‖π₀)"},
    code={"fixed": FixedPrior, "beta": BetaHyperprior},
)


@claim(
    "H4",
    CURVATURE,
    supports=("A3", "A4"),
    source=SOURCE,
    controls={
        "fixed curvature with the wrong sign": Control(
            {"K0": "1/θ - 1/(1 - θ)"}, by="fixed curvature"
        ),
        "fixed curvature at least 8": Control({"at least": "K0 >= 8"}, by="at least"),
        "curvature of one end": Control({"K0": "1/θ"}, by="at least"),
        "at rest in the middle": Control({"centre": "θ == 1/2"}, by="rests"),
        "Beta MAP as a posterior mean": Control({"best": "(θ + A + 1)/(3 + A + B)"}, by="falls"),
        "Beta slope without the divergence": Control(
            {"slope": "log(1 - θ + B) - log(θ + A)"}, by="slope in θ"
        ),
        "Beta curvature with a minus sign": Control(
            {"K": "A/(θ*(θ + A)) - B/((1 - θ)*(1 - θ + B))"}, by="its derivative"
        ),
        "condition on α dropped": Control({"convex": "Implies(B >= 0, K >= 0)"}, by="convex"),
        "condition on β dropped": Control({"convex": "Implies(A >= 0, K >= 0)"}, by="convex"),
        "from α, β ≥ ½ on": Control(
            {"convex": "Implies(A >= -1/2 and B >= -1/2, K >= 0)"}, by="convex"
        ),
        "curvature of one exponent": Control({"K": "A/(θ*(θ + A))"}, by="only uniform"),
        "curvature of the other": Control({"K": "B/((1 - θ)*(1 - θ + B))"}, by="only uniform"),
        "a difference of both": Control(
            {"K": "A/(θ*(θ + A)) - B/((1 - θ)*(1 - θ + B))"}, by="convex"
        ),
        "another numerator": Control({"K": "A/(θ*(θ + A))"}, by="K's numerator"),
        "a density with one pole": Control({"J": "KL - A*log(π) + log(Z)"}, by="mirrored"),
        "zero as soon as α = 1": Control(
            {"only uniform": "Implies(A == 0 and B >= 0, K == 0)"}, by="only uniform"
        ),
        "−∞ below θ = α": Control({"low": "θ < 1 + A"}, by="power at zero"),
        "−∞ below θ = β": Control({"high": "θ < 1 + B"}, by="power at one"),
        "−∞ for a negative power": Control({"a power": "limit(π**(-k), π, 0) == 0"}, by="a power"),
        "affine with a slope": Control({"then constant": "slope == 1"}, by="then constant"),
        "affine for A = −B": Control(
            {"no coefficient": Lemma(("A + B == 0",), "A == 0 and B == 0")}, by="no coefficient"
        ),
    },
)
def curvature(p: Proof) -> Iterator[Evidence]:
    """Curvatures by differentiating the minimum, their signs by solvers, the poles by limits."""
    for name in (
        "fixed curvature",
        "rests",
        "slope in π",
        "slope in θ",
        "its derivative",
        "J by powers",
        "mirrored",
        "K's numerator",
        "then constant",
    ):
        yield p.identity(name)
    for name in (
        "at least",
        "falls",
        "rises",
        "convex",
        "only uniform",
        "power at zero",
        "power at one",
        "low is a part",
        "no coefficient",
    ):
        yield p.decide(name)
    yield p.exact("a power")
    yield from _priors_as_computed(p)
    yield from _priors_by_brute_force(p)


def _priors_as_computed(p: Proof) -> Iterator[Evidence]:
    """The code against the formulas, and its −∞ exactly where the claim puts it."""
    grid = np.linspace(0.01, 0.99, 25)
    yield p.compare("K0", p["fixed"](0.3).profile_curvature(grid), points={"θ": grid})
    for alpha, beta in ((1, 1), (1, 3), (2.5, 1.5), (1 + 1e-9, 40)):
        prior, at = p["beta"](alpha, beta), {"θ": grid, "A": alpha - 1, "B": beta - 1}
        ours = [prior.map_pi(grid), prior.profile_slope(grid), prior.profile_curvature(grid)]
        oracle = [p.values(name, **at) for name in ("best", "slope", "K")]
        yield p.shows(
            f"Beta({alpha:g}, {beta:g}) as computed",
            compare(ours, oracle, "", tool="mpmath", rtol=1e-10),
        )
    for alpha, beta in ((0.5, 2.0), (2.0, 0.3), (0.4, 0.4), (0.8, 0.7)):
        bottomless = p.truths("low", θ=grid, A=alpha - 1) | p.truths("high", θ=grid, B=beta - 1)
        yield p.cases(
            f"Beta({alpha:g}, {beta:g}) is −∞ where claimed",
            np.isneginf(p["beta"](alpha, beta).profile(grid)) == bottomless,
        )
    # On the edge itself, exactly in doubles, the profile is finite.
    yield p.cases(
        "finite at θ = 1 − α and at θ = β",
        np.isfinite([p["beta"](0.5, 2.0).profile(0.5), p["beta"](2.0, 0.25).profile(0.25)]),
    )


def _priors_by_brute_force(p: Proof) -> Iterator[Evidence]:
    """The code against SciPy's relative entropy, and its Beta density under a bounded search."""
    from scipy.optimize import minimize_scalar
    from scipy.special import expit
    from scipy.stats import beta as beta_law
    from scipy.stats import entropy

    grid = np.linspace(0.02, 0.98, 9)
    pair = np.stack([grid, 1 - grid])
    for pi0 in (0.05, 0.5, 0.8):
        yield p.shows(
            f"KL(θ‖{pi0:g})",
            compare(
                p["fixed"](pi0).profile(grid),
                entropy(pair, np.array([[pi0], [1 - pi0]])),
                "",
                tool="SciPy entropy",
                rtol=1e-10,
                atol=1e-14,
            ),
        )
    for alpha, beta in ((1, 1), (3, 1.5), (1.2, 8)):

        def objective(x: float, theta: float) -> float:
            pi = expit(x)
            divergence = entropy([theta, 1 - theta], [pi, 1 - pi])
            return divergence - beta_law.logpdf(pi, alpha, beta)

        found = [
            minimize_scalar(objective, bounds=(-12, 12), args=(theta,), method="bounded").fun
            for theta in grid
        ]
        yield p.shows(
            f"Beta({alpha:g}, {beta:g})",
            compare(
                p["beta"](alpha, beta).profile(grid),
                found,
                "",
                tool="SciPy minimisation",
                atol=1e-8,
            ),
        )
