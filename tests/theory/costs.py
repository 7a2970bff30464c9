"""Objectives of gates that several tests are about."""

import numpy as np

from theory.objectives import (
    Objective,
    cross_entropy,
    polynomial,
    quadratic,
    relu_network,
)

RNG = np.random.default_rng(11)
OBJECTIVES = {
    "one quadratic gate": (quadratic, -0.3, 0.8, 0.6),
    "multilinear": (polynomial, RNG.normal(size=9), RNG.integers(0, 2, (9, 4))),
    "cubic": (polynomial, RNG.normal(size=8), RNG.integers(0, 4, (8, 3))),
    "ReLU network": (
        relu_network,
        RNG.normal(size=(4, 3)),
        RNG.normal(size=4),
        RNG.normal(size=4),
        0.3,
        24,
    ),
    "cross-entropy": (cross_entropy, RNG.normal(size=(3, 4)), RNG.normal(size=3), [0.2, 0.5, 0.3]),
}


def made(name):
    """The objective, made within the test that asks: a failure to make it is that test's."""
    make, *arguments = OBJECTIVES[name]
    return make(*arguments)


def hinge(kink, breaks):
    """relu(z − kink): exact moments need its kink among the breaks."""
    return Objective(
        1,
        lambda z: np.maximum(z[..., 0] - kink, 0),
        lambda z: (z > kink).astype(float),
        degree=1,
        breaks=breaks,
    )


def softmax(z, slopes, offset):
    """Probabilities of the classes, written out."""
    weights = [np.exp(offset[k] + sum(z * slopes[k])) for k in range(len(offset))]
    return np.array(weights) / sum(weights)
