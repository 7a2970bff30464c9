"""Bernoulli gates around a network: sampled, learnt, pruned and frozen during its one training run.

gates = Gates.attach(model, example_input, config)
for x, y in batches:
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad(); loss.backward()
    optimizer.step(); gates.step()
gates.prune(optimizer)      # at the end of each window
gates.freeze(optimizer)     # once: what is left is a plain, smaller nn.Module
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import torch
from scipy.special import ndtri
from torch import Tensor, nn
from torch.nn import functional

from reproduce import ranks
from reproduce.errors import UserError
from reproduce.estimators import ESTIMATORS, Drawn
from reproduce.graph import plan_of
from reproduce.priors import PRIORS
from reproduce.surgery import Plan

# What each price is made of, in equal parts.
PRICES = {
    "unit": ("unit",),
    "params": ("params",),
    "macs": ("macs",),
    "params+macs": ("params", "macs"),
}


def setting(default: Any, text: str, choices: tuple[str, ...] = ()) -> Any:
    """A field of a settings dataclass with its help text, from which the command line derives."""
    return field(default=default, metadata={"help": text, "choices": choices})


def later(default: Any, text: str, choices: tuple[str, ...] = ()) -> Any:
    """A setting that older runs did not have: they had what is its default now."""
    return field(default=default, metadata={"help": text, "choices": choices, "later": True})


@dataclass(frozen=True)
class GateConfig:
    """How gates are priced, estimated and moved.

    The gate gradient, its noise and the price are in mean-loss units: nats per training sample.
    Raises UserError for a value out of range.
    """

    log_gamma: float = setting(12.0, "price of a unit, c = ln(gamma) > 0, nats on the training set")
    price: str = setting(
        "unit", "what a price is proportional to: units, or saved cost", tuple(PRICES)
    )
    estimator: str = setting("path", "estimator of the gate gradient", tuple(ESTIMATORS))
    rho: float = setting(0.3, "share of the gates that the path estimator probes, in (0, 1]")
    floor: float = setting(
        0.05, "least probability of either gate value, in (0, 0.5); gauss_newton takes 0 too"
    )
    theta0: float = setting(0.5, "gate probability at the start, in (0, 1]")
    alpha: float = setting(0.3, "gate step against the layer's noise, > 0 (claim G5)")
    closing_steps: int = setting(500, "least number of steps in which a worthless gate may close")
    confidence: float = setting(0.95, "confidence that a unit is not worth its price, to prune it")
    waiting_steps: int = later(0, "steps before the gates begin to move, so that weights go ahead")
    windows: int = later(1, "how often in an epoch units are removed")
    prior: str = later("flattening", "prior on a gate, at the same price", tuple(PRIORS))
    samples: int | None = field(default=None, metadata={"runtime": True})
    steps: int | None = field(default=None, metadata={"runtime": True})
    seed: int = field(default=0, metadata={"runtime": True})

    def __post_init__(self) -> None:
        as_floats(self)
        checks = {
            "log_gamma": (self.log_gamma > 0, "above 0, that is gamma above 1"),
            "price": (self.price in PRICES, "one of " + ", ".join(PRICES)),
            "estimator": (self.estimator in ESTIMATORS, "one of " + ", ".join(ESTIMATORS)),
            "rho": (0 < self.rho <= 1, "in (0, 1]"),
            "floor": (
                0 < self.floor < 0.5 or (self.floor == 0 and self.estimator != "trapezoid"),
                "in (0, 0.5)" if self.estimator == "trapezoid" else "in [0, 0.5)",
            ),
            "theta0": (0 < self.theta0 <= 1, "in (0, 1]"),
            "alpha": (0 < self.alpha < math.inf, "above 0"),
            "closing_steps": (self.closing_steps >= 1, "at least 1"),
            "waiting_steps": (self.waiting_steps >= 0, "at least 0"),
            "windows": (self.windows >= 1, "at least 1"),
            "prior": (self.prior in PRIORS, "one of " + ", ".join(PRIORS)),
            "confidence": (0.5 <= self.confidence < 1, "in [0.5, 1)"),
            "samples": (self.samples is None or self.samples > 0, "above 0"),
            "steps": (self.steps is None or self.steps > 0, "above 0"),
        }
        require(self, checks)


def as_floats(settings: Any) -> None:
    """Makes 45 the float that it is meant to be where one is asked for: one run, one hash."""
    for f in fields(settings):
        value = getattr(settings, f.name)
        if isinstance(f.default, float) and isinstance(value, int):
            object.__setattr__(settings, f.name, float(value))


def require(settings: Any, checks: dict[str, tuple[bool, str]]) -> None:
    """Raises UserError for the first named setting whose check fails."""
    for name, (holds, range_) in checks.items():
        value = getattr(settings, name)
        if not holds or value == math.inf:
            raise UserError(f"{name} must be {range_}; got {value!r}")


def rates(plan: Plan, config: GateConfig) -> dict[str, float]:
    """What a unit, parameter or MAC is charged, mean-loss units: at the start a unit costs c on
    average, and each part of a price in two parts makes up half of that.

    ``config.samples`` must be filled in.
    """
    samples, units, parts = config.samples, plan.widths(), PRICES[config.price]
    assert samples is not None

    def mean(what: str) -> float:
        return sum(s * n for s, n in zip(plan.saving(what), units)) / sum(units)

    return {what: config.log_gamma / samples / mean(what) / len(parts) for what in parts}


def price_per_site(plan: Plan, charged: dict[str, float], device: torch.device) -> Tensor:
    """Price of one unit at each site of the network as it is now, mean-loss units."""
    parts = [
        torch.tensor(plan.saving(what), device=device) * rate for what, rate in charged.items()
    ]
    return torch.stack(parts).sum(0)


class _Multiply(torch.autograd.Function):
    """x times its unit's gate; the backward pass tells a ``_Pass`` each sample's derivative in it.

    ``anchor`` requires a gradient, so that the backward pass runs even where x is the data.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, gates: Tensor, told: "_Pass", tap: int, anchor: Tensor
    ) -> Tensor:
        gates = gates.to(x.dtype)
        ctx.save_for_backward(x, gates)
        ctx.told, ctx.tap = told, tap
        return x * gates

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, gates = ctx.saved_tensors
        product = grad * x
        ctx.told.add(ctx.tap, product.flatten(2).sum(2) if x.dim() > 2 else product)
        if not ctx.needs_input_grad[0]:
            return None, None, None, None, None
        # Into memory that is at hand: fresh pages cost more than the product.
        return torch.mul(grad, gates, out=product), None, None, None, None


class _Pass:
    """One forward pass in training: what was drawn for it, and its derivatives as they come.

    Squares need the whole derivative of a sample, all readers of a gate together, and what the
    sample weighs in the loss: so they wait for the step.
    """

    def __init__(
        self, drawn: Drawn, widths: tuple[int, ...], taps: list[Tensor], share: float | None
    ):
        self.drawn, self.share, self._taps = drawn, share, taps
        self.differentiated = False
        batch, gates = drawn.values.shape
        self._derivatives = drawn.values.new_zeros(batch, gates + bool(taps))
        self._sinks: Sequence[Tensor] = (
            [self._derivatives.new_zeros(batch, len(index)) for index in taps]
            or self._derivatives.split(widths, 1)
        )

    def add(self, tap: int, derivatives: Tensor) -> None:
        """Takes the derivatives at one reader of a tap, shape (batch, channels)."""
        self._sinks[tap].add_(derivatives)
        self.differentiated = True

    def estimate(self, scale: float) -> Tensor:
        """Estimate of C(1) - C(0) for each gate, shape (gates,), from a loss times ``scale``."""
        slopes = self._derivatives
        for index, sink in zip(self._taps, self._sinks):
            slopes = slopes.index_add(1, index, sink)
        slopes = slopes[:, : self.drawn.values.shape[1]]
        if scale != 1.0:
            slopes = slopes / scale
        terms = slopes * self.drawn.slope
        if self.drawn.curvature is not None:
            share = 1.0 if self.share is None else self.share
            terms.addcmul_(self.drawn.curvature, slopes.square(), value=len(slopes) / share)
        return terms.sum(0)


class Gates:
    """The gates of one network. Make them with ``Gates.attach``.

    Attributes:
        theta: gate probabilities of all units that are left, site after site, shape (gates,).
        plan: the chain of layers, and the sites between them.
        spared: names of the sites that kept a unit not worth its price, since all were to go.
        evaluate_with: what gates are in eval mode: ``"threshold"`` (theta > 1/2), ``"mean"``
            (theta), or values of one's own, shape (batch or 1, gates).
        batch_share: what the mean loss of a coming batch is multiplied by before its backward
            pass, a GradScaler's scale aside: 1 / K where a step accumulates K batches, the number
            of samples where the loss is their sum. None: the loss is the mean over one batch.
    """

    _values: Sequence[Tensor]  # of the batch at hand, by tap
    _pass: _Pass
    _taps: list[Tensor]  # the gate of each channel

    def __init__(self, model: nn.Module, plan: Plan, config: GateConfig, device: torch.device):
        if config.samples is None or config.steps is None:
            raise UserError("samples (of the training set) and steps (until the freeze) are needed")
        self.plan, self.config = plan, config
        self._samples, self._planned_steps = config.samples, config.steps
        self.evaluate_with: str | Tensor = "threshold"
        self.batch_share: float | None = None
        self._passes: list[_Pass] = []  # since the last step
        self._draw, self._prior = ESTIMATORS[config.estimator], PRIORS[config.prior]
        self._generator = torch.Generator(device).manual_seed(config.seed)
        self._steps = 0
        self._anchor = torch.zeros((), device=device, requires_grad=True)
        units = plan.widths()
        self.started_with = units
        self.kept = [torch.arange(n, device=device) for n in units]
        self.theta = torch.full((sum(units),), config.theta0, device=device)
        self.theta.clamp_(self._prior.edge, 1 - self._prior.edge)
        self._rates = rates(plan, config)
        self._second_moment = torch.zeros_like(self.theta)
        self._worth = torch.zeros(len(units), device=device)
        self.spared: set[str] = set()
        self._last: tuple[Tensor, int, int, Tensor] | None = None  # gated last, in one pass
        self._reset_window()
        self._lay_out()
        self._hooks = [model.register_forward_pre_hook(self.sample)]
        for number, (module, block) in enumerate(plan.readers()):
            self._hooks.append(module.register_forward_pre_hook(self._gate(number, block)))
        self._model = model

    @classmethod
    def attach(
        cls,
        model: nn.Module,
        example_input: Tensor | tuple[Any, ...],
        config: GateConfig,
        exclude: Iterable[nn.Module] = (),
    ) -> "Gates":
        """Puts a gate on every hidden unit and filter, and on every feature behind a ``Select``.

        Where a network branches or joins, the channels that must go together share a gate (extra
        ``models``). What can't be gated is left dense: see ``left_dense``.

        Args:
            model: the network.
            example_input: one batch as the network takes it, or a tuple of its arguments, on the
                network's device; the batch is the first dimension of the first.
            config: prices, estimator and step, with ``samples`` and ``steps`` filled in.
            exclude: modules to leave as they are.

        Raises:
            NetworkError: nothing can be gated; the message names the parts and the reasons.
            UserError: ``samples`` or ``steps`` is missing.
        """
        plan = plan_of(model, example_input, exclude)
        return cls(model, plan, config, next(model.parameters()).device)

    @property
    def left_dense(self) -> dict[str, str]:
        """Names of layers whose units have no gate, each with the reason."""
        return self.plan.left_dense

    def step(self, scale: float = 1.0) -> None:
        """Moves every gate by its estimated gradient since the last step, and keeps statistics.

        ``scale``: what the loss was multiplied by, ``scaler.get_scale()`` under a GradScaler,
        before its ``update``; a gradient that overflowed moves no gate, as it moves no weight.

        The step of a layer is min(alpha c / sigma^2, 1 / (K c)), sigma the root mean square of
        its gates' gradients (claim G5), and falls to zero towards the freeze (Robbins-Monro).

        Raises:
            UserError: several batches were accumulated, the estimator squares derivatives, and
                ``batch_share`` does not say what each weighs.
        """
        gradient = self._estimate(scale)
        self._passes.clear()
        if scale != 1.0 and not gradient.isfinite().all():
            return
        self._steps += 1
        drift = ranks.mean_(gradient) + self._price
        beta = 0.99
        self._second_moment.lerp_(gradient.square(), 1 - beta)
        self._window += torch.stack((drift, drift.square()))
        self._window_steps += 1
        moment = self._per_site(self._second_moment) / (1 - beta**self._steps)
        price = self._per_site(self._price)
        rate = torch.minimum(
            self.config.alpha * price / moment, 1 / (self.config.closing_steps * price)
        )
        rate = rate * self._annealing()
        samples, edge = self._samples, self._prior.edge
        drift += self._prior.beyond(self.theta, self._price * samples) / samples
        self.theta.sub_(rate[self._site_of] * drift).clamp_(edge, 1 - edge)

    def estimate(self, loss: Tensor) -> Tensor:
        """C(1) - C(0) of each gate by one draw of ``loss``, the mean over one batch; moves none.

        Shape (gates,), mean-loss units. The weights' gradients are left as they were.
        """
        torch.autograd.grad(loss, self._anchor, allow_unused=True)
        self._passes.clear()
        return self._pass.estimate(scale=1.0)

    def _estimate(self, scale: float = 1.0) -> Tensor:
        """The estimate of C(1) - C(0) from all passes since the last step, shape (gates,)."""
        passes = [one for one in self._passes if one.differentiated]
        squares = [one for one in passes if one.drawn.curvature is not None]
        if (count := len(passes)) > 1 and any(one.share is None for one in squares):
            raise UserError(
                f"{count} batches went into this step, and estimator {self.config.estimator} must"
                " know what each weighs in its loss: set gates.batch_share before each forward"
                f" pass, such as 1 / {count}"
            )
        gradient = torch.zeros_like(self.theta)
        for one in passes:
            gradient += one.estimate(scale)
        return gradient

    def prune(self, optimizer: torch.optim.Optimizer | None) -> dict[str, list[int]]:
        """Removes the units that are off and, with confidence, not worth their price (claim P4).

        Every site keeps its most valuable unit at least.

        Returns:
            For each site that shrank the original numbers of the units removed.
        """
        self._worth = self._per_site(self._price - self._window_statistics()[0])
        removed = self._remove(self.doomed(), optimizer)
        self._reset_window()
        return removed

    def doomed(self) -> Tensor:
        """Which units ``prune`` would remove now, shape (gates,), bool.

        Those whose gate is 0 while the mean of worth minus price over the steps since the last
        removal is on the side of removal by a one-sided z-test; but a site keeps one at least.
        """
        mean, deviation = self._window_statistics()
        limit = ndtri(self.config.confidence)
        standard_error = deviation / max(self._window_steps, 1) ** 0.5
        closed = self.theta <= self._prior.edge
        unworthy = closed & (mean > 0) & (mean >= limit * standard_error)
        return self._spare_one_per_site(unworthy)

    def freeze(self, optimizer: torch.optim.Optimizer | None) -> dict[str, list[int]]:
        """Ends the gates: theta > 1/2 stays, the rest goes, and the network is a plain module.

        Returns:
            For each site that shrank the original numbers of the units removed.
        """
        removed = self._remove(self._spare_one_per_site(self.theta <= 0.5), optimizer)
        self._detach()
        return removed

    def _detach(self) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()

    def share_decided(self, sites: slice = slice(None), margin: float = 0.01) -> float:
        """Share of all the gates started with that are removed or outside [margin, 1 - margin]."""
        undecided = sum(
            int(((t >= margin) & (t <= 1 - margin)).sum()) for t in self.by_site(self.theta)[sites]
        )
        return 1 - undecided / sum(self.started_with[sites])

    @property
    def frozen(self) -> bool:
        return not self._hooks

    def by_site(self, values: Tensor) -> list[Tensor]:
        """Splits a vector over all gates into one per site."""
        return list(values.split(self.plan.widths()))

    def full_theta(self) -> list[Tensor]:
        """Gate probabilities per site in the original numbering, 0 where a unit is removed."""
        full = []
        for theta, kept, units in zip(self.by_site(self.theta), self.kept, self.started_with):
            full.append(torch.zeros(units, device=theta.device).index_copy(0, kept, theta))
        return full

    def noise(self) -> list[float]:
        """Root mean square of the gate gradient's estimate per site, mean-loss units."""
        bias = 1 - 0.99 ** max(self._steps, 1)
        return (self._per_site(self._second_moment) / bias).sqrt().tolist()

    def worth(self) -> list[float]:
        """Mean worth C(0) - C(1) of a unit per site in the last window, mean-loss units."""
        return self._worth.tolist()

    def prices(self) -> list[float]:
        """Price of one unit per site, mean-loss units."""
        return self._per_site(self._price).tolist()

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs, random state included."""
        return {
            "frozen": self.frozen,
            "theta": self.theta,
            "kept": self.kept,
            "second_moment": self._second_moment,
            "worth": self._worth,
            "spared": sorted(self.spared),
            "window": self._window,
            "window_steps": self._window_steps,
            "steps": self._steps,
            "generator": self._generator.get_state(),
        }

    def load_state_dict(
        self, state: dict[str, Any], optimizer: torch.optim.Optimizer | None
    ) -> None:
        """Cuts the network to the units that were left, and takes the saved state over.

        Raises:
            UserError: units that were left are gone here.
        """
        pairs = [(mine, kept.to(mine.device)) for mine, kept in zip(self.kept, state["kept"])]
        if not all(torch.isin(kept, mine).all() for mine, kept in pairs):
            raise UserError("the network has shrunk since this state was saved: build it anew")
        doomed = torch.cat([torch.isin(mine, kept, invert=True) for mine, kept in pairs])
        self._remove(doomed, optimizer)
        self.spared = set(state["spared"])
        if state["frozen"]:
            self._detach()
        self.theta.copy_(state["theta"])
        self._second_moment.copy_(state["second_moment"])
        self._worth.copy_(state["worth"])
        self._window.copy_(state["window"])
        self._window_steps, self._steps = state["window_steps"], state["steps"]
        self._generator.set_state(state["generator"])

    def _annealing(self) -> float:
        if self._steps <= self.config.waiting_steps:
            return 0.0
        return max(1 - self._steps / self._planned_steps, 0.0)

    def _lay_out(self) -> None:
        """Rebuilds what depends on the number of gates left."""
        units, device = self.plan.widths(), self.theta.device
        self._counts = torch.tensor(units, device=device)
        self._site_of = torch.arange(len(units), device=device).repeat_interleave(self._counts)
        self._price = price_per_site(self.plan, self._rates, device)[self._site_of]
        self._passes.clear()  # they know gates that are gone
        self._taps, self._tap_of = [], list(range(len(units)))
        if channels := self.plan.channels():  # readers of the same channels share a tap
            keys = [tuple(index.tolist()) for index in channels]
            taps = dict(zip(keys, channels))
            self._taps = list(taps.values())
            self._tap_of = [list(taps).index(key) for key in keys]

    def _per_site(self, values: Tensor) -> Tensor:
        sums = torch.zeros(len(self._counts), device=values.device, dtype=values.dtype)
        return sums.index_add_(0, self._site_of, values) / self._counts

    def _reset_window(self) -> None:
        self._window = torch.zeros(2, len(self.theta), device=self.theta.device)
        self._window_steps = 0

    def _window_statistics(self) -> tuple[Tensor, Tensor]:
        mean, square = self._window / max(self._window_steps, 1)
        return mean, (square - mean.square()).clamp_min(0).sqrt()

    def _remove(
        self, doomed: Tensor, optimizer: torch.optim.Optimizer | None
    ) -> dict[str, list[int]]:
        before = [kept.clone() for kept in self.kept]
        wanted = [kept[~gone] for kept, gone in zip(before, self.by_site(doomed))]
        for where, stays in self.plan.cut_to(self.kept, wanted, optimizer):
            self._slice(where, stays)
        self._lay_out()
        return {
            site.name: old[torch.isin(old, now, invert=True)].tolist()
            for site, old, now in zip(self.plan.sites, before, self.kept)
            if len(now) < len(old)
        }

    def _spare_one_per_site(self, doomed: Tensor) -> Tensor:
        """Keeps the unit of highest theta, among equals the most valuable, where all are to go.

        A layer never vanishes: it would cut the network in two. ``spared`` names it instead.
        """
        by_value = self._window_statistics()[0].argsort(descending=True, stable=True)
        order = by_value[self.theta[by_value].argsort(stable=True)]
        places = torch.arange(len(order), device=order.device)
        rank = torch.empty_like(order).scatter_(0, order, places)
        gone = self.by_site(doomed.clone())
        spared = self.plan.spare(gone, self.by_site(rank))
        self.spared |= {self.plan.sites[number].name for number in spared}
        return torch.cat(gone)

    def _slice(self, site: int, keep: Tensor) -> None:
        """Drops the gates of one site that are not listed, and their statistics."""
        sizes = [len(kept) for kept in self.kept]
        offset = sum(sizes[:site])
        index = torch.cat(
            [
                torch.arange(offset, device=keep.device),
                keep + offset,
                torch.arange(offset + sizes[site], sum(sizes), device=keep.device),
            ]
        )
        self.theta = self.theta[index]
        self._second_moment = self._second_moment[index]
        self._window = self._window[:, index]

    def sample(self, model: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        """Draws the gates of all sites for one batch: a forward pre-hook."""
        self._last = None
        if not model.training:
            self._values = self._by_tap(self._deterministic())
            return
        shape = (ranks.count() * len(arguments[0]), len(self.theta))
        uniform = torch.rand(shape, generator=self._generator, device=self.theta.device)
        uniform = ranks.share(uniform)
        drawn = self._draw(self.theta, uniform, self.config.rho, self.config.floor)
        self._values = self._by_tap(drawn.values)
        self._pass = _Pass(drawn, self.plan.widths(), self._taps, self.batch_share)
        if torch.is_grad_enabled():
            self._passes.append(self._pass)

    def _by_tap(self, values: Tensor) -> Sequence[Tensor]:
        """Lays out gate values for the hooks, shape (batch or 1, gates)."""
        if not self._taps:
            return values.split(self.plan.widths(), 1)
        padded = functional.pad(values, (0, 1), value=1.0)  # for a channel without a gate
        return [padded[:, index] for index in self._taps]

    def _deterministic(self) -> Tensor:
        """The values of all gates in eval mode, shape (batch or 1, gates)."""
        if isinstance(self.evaluate_with, Tensor):
            return self.evaluate_with
        open_ = self.theta > 0.5 if self.evaluate_with == "threshold" else self.theta
        return open_.to(self.theta.dtype)[None]

    def _gate(self, number: int, block: int) -> Callable[..., Tensor]:
        def hook(consumer: nn.Module, arguments: tuple[Tensor, ...]) -> Tensor:
            x, tap = arguments[0], self._tap_of[number]
            units, values = x.unflatten(1, (-1, block)) if block > 1 else x, self._values[tap]
            values = values.reshape(values.shape + (1,) * (units.dim() - 2))
            if not self._model.training:
                return (units * values.to(x.dtype)).reshape(x.shape)
            read = x, tap, 0 if x.is_inference() else x._version
            if self._last and self._last[0] is x and self._last[1:3] == read[1:]:
                return self._last[3]  # a convolution and the shortcut around it read the same
            gated = _Multiply.apply(units, values, self._pass, tap, self._anchor)
            gated = gated.reshape(x.shape)
            self._last = *read, gated
            return gated

        return hook
