"""Estimators of the gate gradient C(1) - C(0) from one backward pass (claims G1 to G3b).

An estimator draws the gate values z of a batch and, with them, a weight for each: the estimate is
the sum over the batch of weight times dC/dz. It joins by one line of ``ESTIMATORS``.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Draw = Callable[[Tensor, Tensor, float, float], tuple[Tensor, Tensor]]


def path(theta: Tensor, uniform: Tensor, rho: float, floor: float) -> tuple[Tensor, Tensor]:
    """Uniform probes on a random share ``rho`` of the gates, Bernoulli(theta) on the others (G1).

    The mean of C'(u), u uniform, is C(1) - C(0) for every absolutely continuous C; the bias of
    O(rho) comes from the other gates' probes.

    Args:
        theta: gate probabilities, shape (gates,).
        uniform: independent draws from [0, 1), shape (batch, gates).
        rho: share of gates probed, in (0, 1].
        floor: not used by this estimator.

    Returns:
        Gate values and weights, both of shape (batch, gates).
    """
    # Below rho the draw itself, stretched to (0, 1), is the probe; what is left of it above rho
    # decides the gate. The clamp is 1 - u / rho exactly where the gate is probed.
    gates = (uniform < rho + (1 - rho) * theta).to(uniform.dtype)
    gates -= (1 - uniform / rho).clamp_min_(0)
    return gates, (uniform < rho).to(uniform.dtype).div_(rho)


def trapezoid(theta: Tensor, uniform: Tensor, rho: float, floor: float) -> tuple[Tensor, Tensor]:
    """Inverse-propensity trapezoid, sampled with a floor (G3, G3b).

    Gates are Bernoulli(clip(theta, floor, 1 - floor)); unbiased for C quadratic in the gate.
    Arguments and returned shapes as for ``path``; ``rho`` is not used.
    """
    q = theta.clamp(floor, 1 - floor)
    gates = (uniform < q).to(uniform.dtype)
    closed = 0.5 / (1 - q)
    return gates, torch.addcmul(closed, gates, 0.5 / q - closed)


def straight_through(
    theta: Tensor, uniform: Tensor, rho: float, floor: float
) -> tuple[Tensor, Tensor]:
    """Derivative at the sampled gate, as if sampling were the identity (G2): biased.

    Its mean is theta C'(1) + (1 - theta) C'(0). Arguments and shapes as for ``path``; ``rho`` and
    ``floor`` are not used.
    """
    gates = (uniform < theta).to(uniform.dtype)
    return gates, torch.ones_like(gates)


ESTIMATORS: dict[str, Draw] = {
    "path": path,
    "trapezoid": trapezoid,
    "straight_through": straight_through,
}
