"""Claim H1: a mistake in the code is found."""

import numpy as np
import pytest

from tests.theory.proofs.mistakes import finds_in


def off_in_the_last_coefficient(self):
    """The variance with 2/95355 for the series' last coefficient 2/93555."""
    x = np.abs(self.log_gamma) / 2
    wrong = (2 / 95355 - 2 / 93555) * np.minimum(x, 0.15) ** 8 / 4
    return np.where(x < 0.15, wrong, 0) + super(type(self), self).var()


@pytest.mark.parametrize(
    ("method", "mistake", "evidence"),
    [
        ("cdf", lambda self, pi: pi + 0 * self.log_gamma, "CDF as computed"),
        ("entropy", lambda self: 0 * self.log_gamma, "entropy as computed"),
        ("var", off_in_the_last_coefficient, "variance as computed"),
    ],
)
def test_a_mistake_in_the_code_is_found(method, mistake, evidence):
    assert finds_in("H1", method, mistake, by=evidence)
