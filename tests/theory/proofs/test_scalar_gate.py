"""Claim F1: mistakes in the code are found, and the paths it rests on stay inside."""

import numpy as np
import pytest

from tests.theory.proofs.mistakes import finds_in
from theory.proofs.scalar_gate import follow
from theory.scalar_gate import ScalarGate


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        ("objective", lambda self, w, theta: self.s * w * theta, "J as computed"),
        ("flow", lambda self, w, theta: self.gradient(w, theta), "ẇ as computed"),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("F1", method, mistake, by=evidence)


def test_the_paths_that_the_claims_rest_on_keep_within_the_strip():
    gate = ScalarGate(s=1.0, a=1.0, lam=1.0, c=0.3)
    w, theta = follow(gate, np.array([0.1, 0.5, 3.0]), np.array([0.2, 1.0, 1.0]))
    np.testing.assert_allclose(w, [0, 0.5, 0.5], atol=1e-6)
    np.testing.assert_array_equal(theta, [0, 1, 1])
