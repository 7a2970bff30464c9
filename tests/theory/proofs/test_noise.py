"""Claim P3: a mistake in the code is found."""

import numpy as np
import pytest

from tests.theory.proofs.mistakes import finds_in


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        ("noise_bound", lambda self, b_theta, b_r: self.m * b_theta + b_r, "b as computed"),
        (
            "rho",
            lambda self, step, b: self.mu * (2 + step * self.mu) / (step * np.square(b)),
            "ρ as computed",
        ),
        (
            "escape_bound",
            lambda self, r, theta, step, b: 0.1 * np.asarray(step),
            "bound as computed",
        ),
        ("clip_level", lambda self, step, b_theta, b_r: self.c + b_theta, "v_c as computed"),
        (
            "holds_for_ever",
            lambda self, step, b_theta, b_r: np.zeros(np.shape(step), bool),
            "for ever as computed",
        ),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("P3", method, mistake, by=evidence)
