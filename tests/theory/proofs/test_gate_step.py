"""Claim G5: a mistake in the code is found."""

import numpy as np
import pytest

from tests.theory.proofs.mistakes import finds, finds_in


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        (
            "rate",
            property(lambda self: np.abs(self.drift) / (self.step * self.noise**2)),
            "κ as computed",
        ),
        ("pdf", lambda self, x: self.rate * np.exp(-self.rate * x), "density as computed"),
        ("cdf", lambda self, x: x + 0 * self.rate, "CDF as computed"),
        ("ppf", lambda self, u: u + 0 * self.rate, "quantile as computed"),
        ("mean", lambda self: 1 / self.rate, "E[x] as computed"),
        ("mean_bound", lambda self: 2 / self.rate, "bound as computed"),
        (
            "steps_to_boundary",
            lambda self: 1 / (self.step * np.abs(self.drift)),
            "T_all as computed",
        ),
    ],
)
def test_a_mistake_in_the_gate_law_is_found(method, mistake, evidence):
    assert finds_in("G5", method, mistake, "gate", by=evidence)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda price, noise, alpha, closing: alpha * price / noise**2,
        lambda price, noise, alpha, closing: 1 / (closing * price),
    ],
)
def test_a_mistake_in_the_layer_step_is_found(mistake):
    assert finds("G5", "layer_code", mistake, "layer as computed")
