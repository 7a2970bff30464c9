"""What the proofs about estimators that draw their gates share: gates, and code against formula."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from theory.estimation import Estimator
from theory.objectives import quadratic
from theory.proofs.proof import Proof
from theory.proofs.tools import compare
from theory.verdict import Evidence

SOURCE = "own derivation; the abstract says only that the gates' Bernoulli parameters are learnt"


THETAS = np.array([0.02, 0.3, 0.5, 0.8, 0.97])


def corners(gates: int) -> np.ndarray:
    return (np.arange(2**gates)[:, None] >> np.arange(gates) & 1).astype(float)


def as_computed(
    p: Proof,
    ours: Estimator,
    delta: float,
    curvature: float,
    variance: np.ndarray,
    theta: np.ndarray = THETAS,
    start: float = 0.0,
) -> Iterator[Evidence]:
    """The closed form in the code, and its enumeration, against mean Δ and a stated variance."""
    objective = quadratic(delta, curvature, start)
    closed = ours.one_gate(delta, curvature, theta, start)
    mean, spread = ours.moments(objective, theta[:, None])
    for name, found in (("closed form", closed), ("enumeration", (mean[:, 0], spread[:, 0]))):
        yield p.shows(
            f"{ours}: mean, {name}", compare(found[0], delta, "", tool="mpmath", atol=1e-12)
        )
        yield p.shows(
            f"{ours}: variance, {name}",
            compare(found[1], variance, "", tool="mpmath", rtol=1e-10, atol=1e-14),
        )
