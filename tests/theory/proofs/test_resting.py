"""Claim H5: a mistake in the code is found."""

import numpy as np
import pytest
from scipy.special import expit, logit

from tests.theory.proofs.mistakes import finds_in


@pytest.mark.parametrize(
    ("code", "mistake"),
    [
        ("fixed", lambda self, worth: expit(worth - logit(self.pi0))),
        ("beta prior", lambda self, worth: expit(worth - np.log(self.beta))),
    ],
)
def test_a_mistake_in_the_code_is_found(code, mistake):
    assert finds_in("H5", "resting_theta", mistake, code, by="θ* as computed")
