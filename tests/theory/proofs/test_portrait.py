"""Claim F4: a mistake in the code is found."""

import numpy as np
import pytest

from tests.theory.proofs.mistakes import finds_in
from theory.scalar_gate import ScalarGate


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        ("c_g", property(lambda self: ScalarGate.c_star.fget(self)), "c_g as computed"),
        ("regime", lambda self: np.full(np.shape(self.c), "kept"), "regime as computed"),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("F4", method, mistake, by=evidence)
