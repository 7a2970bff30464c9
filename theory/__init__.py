"""The theory of gates that learn to be 0 or 1: closed forms, and a ledger that proves them.

Nothing here needs a deep-learning library, and importing it loads no prover.
"""

from theory.hyperprior import FlatteningHyperprior, kl_bernoulli
from theory.ledger import claim, claims, verify
from theory.priors import BetaHyperprior, FixedPrior, Prior, undecided
from theory.verdict import Claim, Evidence, Undecided, Verdict

__all__ = [
    "BetaHyperprior",
    "Claim",
    "Evidence",
    "FixedPrior",
    "FlatteningHyperprior",
    "Prior",
    "Undecided",
    "Verdict",
    "claim",
    "claims",
    "kl_bernoulli",
    "undecided",
    "verify",
]
