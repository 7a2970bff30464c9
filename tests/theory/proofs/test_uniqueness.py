"""Claim H3: a mistake in the code is found."""

from tests.theory.proofs.mistakes import finds_in


def test_another_density_is_found():
    evidence = "density from the profile, ln γ = 1"
    assert finds_in("H3", "logpdf", lambda self, pi: -self.log_gamma * pi, by=evidence)
