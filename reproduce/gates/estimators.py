"""Estimators of the gate gradient C(1) - C(0) from one backward pass (claims G1 to G3b, and G6).

An estimator draws the gate values z of a batch and, with them, what each sample's derivative
g = dC/dz is worth: the estimate is the mean over the batch of slope * g + curvature * g^2. It joins
by one line of ``ESTIMATORS``.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Drawn(NamedTuple):
    """Gate values of a batch and the coefficients of their derivatives, all (batch, gates).

    A slope that is the same everywhere may be one number, shape (1,).
    ``curvature`` is None for an estimator that is linear in the derivatives: for it nothing needs
    to know what a sample weighs in the loss.
    """

    values: Tensor
    slope: Tensor
    curvature: Tensor | None = None


Draw = Callable[[Tensor, Tensor, float, float], Drawn]


def path(theta: Tensor, uniform: Tensor, rho: float, floor: float) -> Drawn:
    """Uniform probes on a random share ``rho`` of the gates, Bernoulli(theta) on the others (G1).

    The mean of C'(u), u uniform, is C(1) - C(0) for every absolutely continuous C; the bias of
    O(rho) comes from the other gates' probes.

    Args:
        theta: gate probabilities, shape (gates,).
        uniform: independent draws from [0, 1), shape (batch, gates).
        rho: share of gates probed, in (0, 1].
        floor: not used by this estimator.

    Returns:
        Gate values and the coefficients of their derivatives.
    """
    # Below rho the draw itself, stretched to (0, 1), is the probe; what is left of it above rho
    # decides the gate. The clamp is 1 - u / rho exactly where the gate is probed.
    gates = (uniform < rho + (1 - rho) * theta).to(uniform.dtype)
    gates -= (1 - uniform / rho).clamp_min_(0)
    return Drawn(gates, (uniform < rho).to(uniform.dtype).div_(rho))


def trapezoid(theta: Tensor, uniform: Tensor, rho: float, floor: float) -> Drawn:
    """Inverse-propensity trapezoid, sampled with a floor (G3, G3b).

    Gates are Bernoulli(clip(theta, floor, 1 - floor)); unbiased for C quadratic in the gate.
    Shapes: theta (gates,), uniform and what is drawn (batch, gates); ``rho`` is not used.
    """
    q = theta.clamp(floor, 1 - floor)
    gates = (uniform < q).to(uniform.dtype)
    closed = 0.5 / (1 - q)
    return Drawn(gates, torch.addcmul(closed, gates, 0.5 / q - closed))


def straight_through(theta: Tensor, uniform: Tensor, rho: float, floor: float) -> Drawn:
    """Derivative at the sampled gate, as if sampling were the identity (G2): biased.

    Its mean is theta C'(1) + (1 - theta) C'(0). Shapes: theta (gates,), uniform and what is drawn
    (batch, gates); ``rho`` and ``floor`` are not used.
    """
    gates = (uniform < theta).to(uniform.dtype)
    return Drawn(gates, gates.new_ones(1))


def gauss_newton(theta: Tensor, uniform: Tensor, rho: float, floor: float) -> Drawn:
    """Taylor step of second order to the other end of the gate (G6): g + (1/2 - z) g^2.

    The curvature is that of squared per-sample derivatives (Gauss-Newton, Fisher): right for
    cross-entropy with logits affine in the gate, up to D^3 / (36 sqrt 3), where the network is
    calibrated. Nothing is divided by a probability, so that gates need no noise: ``floor`` may be
    0 and theta 0 or 1. Shapes: theta (gates,), uniform and what is drawn (batch, gates); ``rho``
    is not used.
    """
    gates = (uniform < theta.clamp(floor, 1 - floor)).to(uniform.dtype)
    return Drawn(gates, gates.new_ones(1), 0.5 - gates)


def curvature_alone(theta: Tensor, uniform: Tensor, rho: float, floor: float) -> Drawn:
    """The second-order term without the first, (1/2 - z) g^2: wrong but at a stationary point (G7).

    It is here to be measured beside ``gauss_newton``. Shapes: theta (gates,), uniform and what is
    drawn (batch, gates); ``rho`` is not used.
    """
    drawn = gauss_newton(theta, uniform, rho, floor)
    return drawn._replace(slope=torch.zeros_like(drawn.slope))


ESTIMATORS: dict[str, Draw] = {
    "path": path,
    "trapezoid": trapezoid,
    "straight_through": straight_through,
    "gauss_newton": gauss_newton,
    "curvature_alone": curvature_alone,
}
