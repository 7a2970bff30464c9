"""Claim G7: units that rest are told from units that do not."""

import numpy as np

from theory.proofs.stationary import _rested_units


def test_units_that_rest_are_told_from_units_that_do_not():
    """With another decay than was trained with the experiment beside the claim must fail."""
    slopes, sizes, _ = _rested_units(decay=0.003)
    assert np.abs(slopes + 0.003 * sizes).max() < 1e-6
    assert np.abs(slopes + 0.002 * sizes).min() > 1e-4
