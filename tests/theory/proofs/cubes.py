"""What tests about objectives of gates draw: costs of all settings, and points of the cube."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def costs(draw, largest=8, levels=None):
    """Costs of all settings of 1 to `largest` gates: any numbers, or `levels` small integers."""
    n = draw(st.integers(1, largest))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return n, rng.normal(size=2**n) if levels is None else rng.integers(levels, size=2**n)


def thetas(n):
    return st.lists(st.floats(0, 1), min_size=n, max_size=n).map(np.array)
