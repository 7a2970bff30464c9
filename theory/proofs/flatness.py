"""Claim H4: how far from affine the profiles of other priors are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.ledger import claim
from theory.priors import BetaHyperprior, FixedPrior
from theory.proofs.hyperprior import DIVERGENCE
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.proofs.uniqueness import SOURCE
from theory.statement import Argued, Lemma, Prose, Statement
from theory.verdict import Control, Evidence

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
