"""Priors on a gate's probability, with the flattening one's price in common (claims H2 and H4).

The slope of a prior's profile in theta is the price c = ln(gamma) and something beyond it: nothing
for the flattening hyper-prior, and a pull away from 0 or 1 for the others. A prior joins by one
line of ``PRIORS``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Prior:
    """A prior by its profile's slope.

    Attributes:
        beyond: of gate probabilities and prices in nats, both of shape (gates,): slope of the
            profile less the price, in nats.
        edge: how near to 0 and 1 a gate may come. Where the slope is infinite there, gates stay
            off the ends by themselves, and steps must not jump onto them.
    """

    beyond: Callable[[Tensor, Tensor], Tensor]
    edge: float


def flattening(theta: Tensor, price: Tensor) -> Tensor:
    """p(pi) proportional to 1 / (1 + (gamma - 1) pi): the profile is affine (claim H2)."""
    return torch.zeros_like(theta)


def fixed(theta: Tensor, price: Tensor) -> Tensor:
    """pi held at 1 / (1 + gamma): the slope is logit theta + c (claim H4)."""
    return theta.logit()


def beta(theta: Tensor, price: Tensor) -> Tensor:
    """pi ~ Beta(1, gamma): the slope is ln((gamma - theta) / (1 - theta)), c at theta = 0 (H4)."""
    return torch.log1p(-theta * torch.exp(-price)) - torch.log1p(-theta)


PRIORS = {
    "flattening": Prior(flattening, edge=0.0),
    "fixed": Prior(fixed, edge=1e-4),
    "beta": Prior(beta, edge=1e-4),
}
