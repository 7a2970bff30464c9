"""The flattening hyper-prior p(π|γ) over a gate's prior probability π, as a distribution.

Everything is computed in L = ln γ, never in γ, so that prices of several hundred nats neither
overflow nor lose digits, and γ = 1 (the uniform law) is an ordinary point. Two even functions
of x = L/2 carry all the cancellation that the textbook forms suffer near γ = 1:

    ln(sinh x / x)           the entropy, and with it the normaliser
    (x coth x − 1) / x²      the variance, and with it the mean

Claims H1 and H2 state and prove the formulas; they are this project's own derivation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike
from scipy.special import expit, logit, rel_entr

from theory._checks import finite, positive, probability
from theory._types import Array, ArrayOrFloat

# Taylor coefficients in x² about 0, and the |x| below which they beat the closed form:
# there the first omitted term and the closed form's cancellation are both below 1e-13.
_LOG_SINHC = (1 / 6, -1 / 180, 1 / 2835, -1 / 37800, 1 / 467775)
_COTH = (1 / 3, -1 / 45, 2 / 945, -1 / 4725, 2 / 93555)
_SMALL = 0.15

# expm1 overflows just above 709; below 1e-17 the law is uniform to the last digit.
_LARGEST_EXPONENT = 700.0
_UNIFORM = 1e-17


def kl_bernoulli(theta: ArrayLike, pi: ArrayLike) -> ArrayOrFloat:
    """Divergence KL(Bernoulli(θ) ‖ Bernoulli(π)) in nats, by broadcasting.

    Infinite where π is 0 or 1 and θ is not. Accurate to about 1e-16 absolutely.

    Raises:
        ValueError: if θ or π leaves [0, 1].
    """
    theta, pi = probability("theta", theta), probability("pi", pi)
    divergence = rel_entr(theta, pi) + rel_entr(1 - theta, 1 - pi)
    # Rounding may leave −1e-17 at θ ≈ π, where the exact value is not negative.
    return np.maximum(divergence, 0.0)[()]


@dataclass(frozen=True, kw_only=True, eq=False)
class FlatteningHyperprior:
    """The hyper-prior p(π|γ) = (γ−1) / (ln γ · (1+(γ−1)π)) on [0, 1], uniform at γ = 1.

    It is the one density under which the profile min_π KL(θ‖π) − ln p(π|γ) is affine in θ with
    slope ln γ (claims H2 and H3): a price of ln γ nats for each unit that is kept.

    Attributes:
        log_gamma: L = ln γ in nats, a float or an array of any shape; every method broadcasts it
            with its argument, and returns a float where both are scalars. Any finite value:
            negative for γ < 1, and no overflow however large.

    Raises:
        ValueError: if log_gamma is not finite.
    """

    log_gamma: Array | float

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_gamma", finite("log_gamma", self.log_gamma)[()])

    @classmethod
    def from_gamma(cls, gamma: ArrayLike) -> FlatteningHyperprior:
        """The hyper-prior of a given γ; ValueError unless γ is positive and finite."""
        return cls(log_gamma=np.log(positive("gamma", gamma)))

    def logpdf(self, pi: ArrayLike) -> ArrayOrFloat:
        """ln p(π|γ), for π in [0, 1] (ValueError otherwise). Claim H1."""
        half = self.log_gamma / 2
        return half + _log_sinhc(half) - self._log_tilt(probability("pi", pi))

    def pdf(self, pi: ArrayLike) -> ArrayOrFloat:
        """p(π|γ), for π in [0, 1] (ValueError otherwise); +∞ where it overflows. Claim H1."""
        with np.errstate(over="ignore"):
            return np.exp(self.logpdf(pi))

    def cdf(self, pi: ArrayLike) -> ArrayOrFloat:
        """ln(1+(γ−1)π) / ln γ, for π in [0, 1] (ValueError otherwise). Claim H1."""
        pi = probability("pi", pi)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = self._log_tilt(pi) / self.log_gamma
        return np.where(np.abs(self.log_gamma) < _UNIFORM, pi, np.minimum(ratio, 1.0))[()]

    def ppf(self, u: ArrayLike) -> ArrayOrFloat:
        """The quantile (γ^u − 1)/(γ − 1), for u in [0, 1] (ValueError otherwise). Claim H1."""
        u = probability("u", u)
        size = np.abs(self.log_gamma)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.expm1(-u * size) / np.expm1(-size)
        scale = np.exp((u - 1) * np.maximum(self.log_gamma, 0))
        return np.where(size < _UNIFORM, u, scale * ratio)[()]

    def rvs(self, size: int | tuple[int, ...] | None, rng: np.random.Generator) -> ArrayOrFloat:
        """Independent samples of π, of shape ``size`` broadcast with log_gamma, by inversion."""
        return self.ppf(rng.random(size))

    def mean(self) -> ArrayOrFloat:
        """1/ln γ − 1/(γ−1). Claim H1."""
        length = np.asarray(self.log_gamma)
        near_uniform = 0.5 - length * _coth_ratio(length / 2) / 4
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            closed = 1 / length - 1 / np.expm1(length)
        return np.where(np.abs(length) < 2 * _SMALL, near_uniform, closed)[()]

    def var(self) -> ArrayOrFloat:
        """(γ+1)/(2(γ−1) ln γ) − 1/ln²γ. Claim H1."""
        return _coth_ratio(self.log_gamma / 2) / 4

    def entropy(self) -> ArrayOrFloat:
        """Differential entropy ln(√γ ln γ/(γ−1)) in nats: 0 at γ = 1, else negative. Claim H1."""
        return -_log_sinhc(self.log_gamma / 2)

    def map_pi(self, theta: ArrayLike) -> ArrayOrFloat:
        """The minimiser π* = θ/(θ+γ(1−θ)) of KL(θ‖π) − ln p(π|γ) over π in [0, 1]. Claim H2.

        It depends on the parametrisation, as every MAP estimate does: this one is over π, with
        the density taken with respect to dπ. θ in [0, 1] (ValueError otherwise).
        """
        return expit(logit(probability("theta", theta)) - self.log_gamma)

    def profile(self, theta: ArrayLike) -> ArrayOrFloat:
        """min_π KL(θ‖π) − ln p(π|γ) = θ ln γ + ln(ln γ/(γ−1)), in nats. Claim H2.

        θ in [0, 1] (ValueError otherwise).
        """
        # ln(ln γ/(γ−1)) is the entropy less L/2, which stays exact next to γ = 1.
        return (probability("theta", theta) - 0.5) * self.log_gamma + self.entropy()

    def profile_slope(self, theta: ArrayLike) -> ArrayOrFloat:
        """Derivative of the profile in θ: ln γ everywhere, in nats per unit. Claim H2."""
        return (self.log_gamma + np.zeros_like(probability("theta", theta)))[()]

    def profile_curvature(self, theta: ArrayLike) -> ArrayOrFloat:
        """Second derivative of the profile in θ: zero everywhere. Claim H2."""
        return np.zeros_like(self.profile_slope(theta))[()]

    def resting_theta(self, worth: ArrayLike) -> ArrayOrFloat:
        """Where a gate rests: 1 if its unit is worth more than ln γ, 0 if less. Claim H5.

        Args:
            worth: C(0) − C(1) in nats, finite (ValueError otherwise), of any shape.

        Returns:
            0 or 1, and NaN at a worth of exactly ln γ, where every θ is as good.
        """
        excess = finite("worth", worth) - self.log_gamma
        return np.where(excess == 0, np.nan, (excess > 0).astype(float))[()]

    def _log_tilt(self, pi: Array) -> ArrayOrFloat:
        """ln(1+(γ−1)π), without overflow and without cancellation."""
        length = np.asarray(self.log_gamma)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            product = np.expm1(length) * pi
            # log1p keeps relative accuracy near 0; it fails where γ overflows, and where
            # γ is tiny and π close to 1, so that 1 + product cancels. There add (1−π) and γπ.
            safe = (length < _LARGEST_EXPONENT) & (product > -0.5)
            added = np.logaddexp(np.log1p(-pi), length + np.log(pi))
            return np.where(safe, np.log1p(product), added)[()]


def _log_sinhc(x: ArrayLike) -> ArrayOrFloat:
    """ln(sinh x / x), even in x and 0 at 0."""
    x = np.abs(x)
    small, large = np.minimum(x, _SMALL), np.maximum(x, _SMALL)
    series = small**2 * polyval(small**2, _LOG_SINHC)
    closed = large + np.log(-np.expm1(-2 * large) / (2 * large))
    return np.where(x < _SMALL, series, closed)[()]


def _coth_ratio(x: ArrayLike) -> ArrayOrFloat:
    """(x coth x − 1)/x², even in x and 1/3 at 0."""
    x = np.abs(x)
    small, large = np.minimum(x, _SMALL), np.maximum(x, _SMALL)
    # Divided twice by x, as x² overflows long before x does.
    closed = (1 / np.tanh(large) - 1 / large) / large
    return np.where(x < _SMALL, polyval(small**2, _COTH), closed)[()]
