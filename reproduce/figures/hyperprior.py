"""The hyper-prior and what it is compared with (claims H1 to H4)."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from reproduce.figures.style import Drawing, headline
from theory.hyperprior import FlatteningHyperprior
from theory.priors import BetaHyperprior, FixedPrior, Prior


def profiles() -> Figure:
    """The hyper-prior's density, and its profile against fixed and Beta ones (claims H1 to H4)."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    pi = np.linspace(0, 1, 801)[1:-1]
    gammas = (1.0, 10.0, 1e3, 1e6)
    shades = plt.get_cmap("Greys")(np.linspace(0.35, 1, len(gammas)))  # no colour of the right's
    for gamma, shade in zip(gammas, shades):
        law = FlatteningHyperprior.from_gamma(gamma)
        left.plot(pi, law.pdf(pi), color=shade, label=f"γ = {gamma:,.0f}")
    left.set(xlabel="prior probability π", ylabel="density p(π|γ)", yscale="log")
    left.set_title("the flattening hyper-prior", fontsize=10)
    left.legend()
    priors: dict[str, Prior] = {
        "flattening, γ = 10": FlatteningHyperprior.from_gamma(10.0),
        "fixed, π₀ = 0.5": FixedPrior(0.5),
        "fixed, π₀ = 0.1": FixedPrior(0.1),
        "Beta(2, 2)": BetaHyperprior(2.0, 2.0),
        "Beta(1, 4)": BetaHyperprior(1.0, 4.0),
    }
    affine = []
    for label, prior in priors.items():
        profile = prior.profile(pi) - prior.profile(0.5)
        right.plot(pi, profile, label=label)
        if np.abs(np.diff(profile, 2)).max() < 1e-12:
            affine.append(label)
    right.set(xlabel="gate probability θ", ylabel="profile less its value at θ = ½ (nats)")
    right.set_title("what it charges a gate", fontsize=10)
    right.legend()
    headline(
        figure,
        f"Of {len(priors)} priors only “{'”, “'.join(affine)}” charges in a straight line,"
        " so that no gate is held in between",
    )
    return figure


FIGURES: dict[str, Drawing] = {"hyperprior": profiles}
