"""The settings of gates: every value is checked."""

import pytest

from reproduce.errors import UserError
from reproduce.gates.config import GateConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [("log_gamma", -1.0), ("log_gamma", float("nan")), ("rho", 0.0), ("rho", 1.5),
     ("floor", 0.5),
     ("theta0", 0.0), ("theta0", 1.1), ("alpha", -1.0), ("confidence", 1.0), ("price", "gold"),
     ("estimator", "guess"), ("closing_steps", -1), ("waiting_steps", -2), ("alpha", float("inf"))],
)  # fmt: skip
def test_a_value_out_of_range_is_named_with_its_range(name, value):
    with pytest.raises(UserError, match=f"{name} must be"):
        GateConfig(**{name: value})


def test_a_floor_of_zero_is_for_estimators_that_divide_by_no_probability():
    assert GateConfig(estimator="gauss_newton", floor=0.0).floor == 0
    with pytest.raises(UserError, match=r"^floor must be in \(0, 0\.5\), such as 0\.03"):
        GateConfig(estimator="trapezoid", floor=0.0)
