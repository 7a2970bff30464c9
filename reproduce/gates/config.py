"""How gates are priced, estimated and moved, as one frozen dataclass."""

import math
from dataclasses import dataclass

from reproduce.fields import as_floats, later, require, setting
from reproduce.gates.estimators import ESTIMATORS
from reproduce.gates.priors import PRIORS

# What each price is made of, in equal parts.
PRICES = {
    "unit": ("unit",),
    "params": ("params",),
    "macs": ("macs",),
    "params+macs": ("params", "macs"),
}


PRICE_PER_SAMPLE = 2e-4  # nats: the default price of a unit, for each training sample
CLOSING_SHARE = 5  # a worthless gate closes in this part of the steps at the soonest, by default
WHEN_LEARNT = -1  # waiting_steps: until the worths say that the weights have learnt


@dataclass(frozen=True)
class GateConfig:
    """How gates are priced, estimated and moved.

    With the defaults a network is trained as if it had no gates until its weights have learnt, and
    what is then in doubt stays (docs/method.md, Safe by default).

    The gate gradient, its noise and the price are in mean-loss units: nats per training sample.
    Raises UserError for a value out of range.
    """

    log_gamma: float = setting(
        0.0, "price of a unit, c = ln(gamma), nats on the training set; 0: 0.0002 for each sample"
    )
    price: str = setting(
        "unit", "what a price is proportional to: units, or saved cost", tuple(PRICES)
    )
    estimator: str = setting("gauss_newton", "estimator of the gate gradient", tuple(ESTIMATORS))
    rho: float = setting(0.3, "share of the gates that the path estimator probes, in (0, 1]")
    floor: float = setting(
        0.0, "least probability of either gate value, in (0, 0.5); gauss_newton takes 0 too"
    )
    theta0: float = setting(
        1.0, "gate probability at the start, in (0, 1]; hard_concrete begins at 1/2 in place of 1"
    )
    alpha: float = setting(1.0, "gate step against the layer's noise, > 0 (claim G5)")
    closing_steps: int = setting(
        0, "least number of steps in which a worthless gate may close; 0: a fifth of all"
    )
    confidence: float = setting(0.95, "confidence that a unit is not worth its price, to prune it")
    waiting_steps: int = later(
        WHEN_LEARNT,
        "steps before the gates begin to move; -1: until the units' worths no longer rise",
        before=0,
    )
    windows: int = later(1, "how often in an epoch units are removed")
    prior: str = later("flattening", "prior on a gate, at the same price", tuple(PRIORS))
    target_macs: float = later(
        0.0, "share of the MACs to end at, in (0, 1): the price is found for it; 0: log_gamma is it"
    )
    target_params: float = later(0.0, "the same for parameters; with both, both are kept")

    def __post_init__(self) -> None:
        as_floats(self)
        counted = "+".join(reversed(self.targets))  # as a price of both is called
        checks = {
            "log_gamma": (self.log_gamma >= 0, "above 0, that is gamma above 1; or 0"),
            "price": (
                self.price in (("unit", counted) if counted else PRICES),
                f"left out beside target_{next(iter(self.targets))}, which charges what it counts"
                if counted
                else "one of " + ", ".join(PRICES),
            ),
            "estimator": (self.estimator in ESTIMATORS, "one of " + ", ".join(ESTIMATORS)),
            "rho": (0 < self.rho <= 1, "in (0, 1]"),
            "floor": (
                0 < self.floor < 0.5 or (self.floor == 0 and self.estimator != "trapezoid"),
                "in (0, 0.5), such as 0.03, as the trapezoid divides by it"
                if self.estimator == "trapezoid"
                else "in [0, 0.5)",
            ),
            "theta0": (0 < self.theta0 <= 1, "in (0, 1]"),
            "alpha": (0 < self.alpha < math.inf, "above 0"),
            "closing_steps": (self.closing_steps >= 0, "at least 1, or 0"),
            "waiting_steps": (self.waiting_steps >= WHEN_LEARNT, "at least 0, or -1"),
            "windows": (self.windows >= 1, "at least 1"),
            "prior": (self.prior in PRIORS, "one of " + ", ".join(PRIORS)),
            "target_macs": (0 <= self.target_macs < 1, "in (0, 1), or 0 for none"),
            "target_params": (0 <= self.target_params < 1, "in (0, 1), or 0 for none"),
            "confidence": (0.5 <= self.confidence < 1, "in [0.5, 1)"),
        }
        require(self, checks)

    def nats(self, samples: int) -> float:
        """The price of a unit in nats on a training set of so many samples."""
        return self.log_gamma or PRICE_PER_SAMPLE * samples

    def closing(self, steps: int) -> int:
        """Least number of steps in which a worthless gate may close, of so many in all."""
        return self.closing_steps or max(steps // CLOSING_SHARE, 1)

    @property
    def targets(self) -> dict[str, float]:
        """What a budget counts, macs, params or both, and the share of each; else nothing."""
        asked = {"macs": self.target_macs, "params": self.target_params}
        return {what: share for what, share in asked.items() if share}

    @property
    def asked(self) -> str:
        """A budget in words, such as ``macs 30 %``; empty without one."""
        return ", ".join(f"{what} {100 * share:g} %" for what, share in self.targets.items())
