"""Claim D2 as a property of random objectives of up to 4 gates."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.proofs.cubes import costs
from theory.proofs.cube import extend


@given(costs(largest=4), st.floats(-3, 3), st.floats(0.05, 0.95))
def test_curvature_of_a_gate_and_a_weight(drawn, h, theta):
    """D2 on w·θ-couplings taken from random costs: the lowest eigenvalue of the whole Hessian."""
    n, values = drawn
    middle = np.full(n, theta)
    slopes = (
        np.array(
            [extend(values, middle + e) - extend(values, middle - e) for e in np.eye(n) * 0.01]
        )
        / 0.02
    )
    cross = (
        np.array(
            [
                [
                    extend(values, middle + e + f)
                    - extend(values, middle + e - f)
                    - extend(values, middle - e + f)
                    + extend(values, middle - e - f)
                    for f in np.eye(n) * 0.01
                ]
                for e in np.eye(n) * 0.01
            ]
        )
        / 4e-4
    )
    np.testing.assert_allclose(np.diag(cross), 0, atol=1e-9)
    hessian = np.block([[np.array([[h]]), slopes[None]], [slopes[:, None], cross]])
    bound = (h - np.sqrt(h**2 + 4 * slopes**2)) / 2
    assert np.linalg.eigvalsh(hessian)[0] <= bound.min() + 1e-9
