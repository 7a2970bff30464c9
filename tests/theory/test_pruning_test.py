"""The test before a removal: its statistic by hand, regret by hand, and bad values refused."""

import numpy as np
import pytest

from theory.pruning_test import gate_z, regret


def test_z_by_hand():
    # Gradients 1, 2, 3, 6: mean 3, mean square 12.5, variance 3.5.
    assert gate_z(3.0, 12.5, 4) == pytest.approx(2 * 3 / np.sqrt(3.5), rel=1e-15)
    certain = gate_z([-1.0, 0.0, 1.0], [1.0, 0.0, 1.0], 5)
    np.testing.assert_array_equal(certain, [-np.inf, 0, np.inf])


def test_z_admits_a_spread_that_is_negative_by_rounding_only():
    assert gate_z(3.0, 9.0 * (1 - 1e-13), 4) == np.inf
    with pytest.raises(ValueError, match=r"^mean_square − mean² = "):
        gate_z(3.0, 9.0 * (1 - 1e-9), 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.nan, 1, 5), "^mean = nan "),
        ((1, np.inf, 5), "^mean_square = inf "),
        ((1, 0.5, 5), r"^mean_square − mean² = -0.5 .* range \[0, inf\)$"),
        ((1, 2, 1), r"^count = 1.0 .*\[2, inf\)"),
    ],
)
def test_bad_z(arguments, message):
    with pytest.raises(ValueError, match=message):
        gate_z(*arguments)


def test_regret_by_hand():
    assert regret([0.5, 1.0, 1.5, 2.0], 1.0) == 0.5
    assert regret([0.5, 1.0, 1.5, 2.0], [0.1, 0.1, 2.0, 3.0]) == 0.5
    assert regret([], 1.0) == 0
    with pytest.raises(ValueError, match=r"^c = 0.0 "):
        regret([1.0], 0)
    with pytest.raises(ValueError, match=r"^marginal = nan "):
        regret([np.nan], 1)
