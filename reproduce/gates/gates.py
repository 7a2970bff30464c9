"""Bernoulli gates around a network: sampled, learnt, pruned and frozen during its one training run.

::

    gates = Gates.attach(model, example_input, config)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad(); loss.backward()
        optimizer.step(); gates.step()
    gates.prune(optimizer)      # at the end of each window
    gates.freeze(optimizer)     # once: what is left is a plain, smaller nn.Module
"""

import logging
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from reproduce import ranks
from reproduce.errors import NetworkError, UserError
from reproduce.gates.budget import Budget
from reproduce.gates.config import WHEN_LEARNT, GateConfig
from reproduce.gates.decisions import MEMORY, Patience, closing_price, layer_step, ranked, unworthy
from reproduce.gates.estimators import ESTIMATORS
from reproduce.gates.hooks import Gate, Pass, has_gates, shared
from reproduce.gates.passes import Passes
from reproduce.gates.prices import price_per_site, rates
from reproduce.gates.priors import PRIORS
from reproduce.gates.summary import Told, sizes
from reproduce.generators import resume
from reproduce.interrupts import undivided
from reproduce.surgery.chain import Plan
from reproduce.surgery.graph import plan_of
from reproduce.surgery.slicing import require_cuttable

LOG = logging.getLogger("parsimony")
PACE = 2 / 3  # of the steps with moving gates until all that a budget removes is due
HASTE = 0.5  # of what a budget removes: more than that goes at the freeze, with open gates


class Gates(Passes, Told):
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

    def __init__(
        self, model: nn.Module, plan: Plan, config: GateConfig, samples: int, steps: int, seed: int
    ):
        if samples < 1 or steps < 1:
            raise UserError(f"samples and steps must be at least 1; got {samples} and {steps}")
        device = next(model.parameters()).device
        self.plan, self.config = plan, config
        self._samples, self._planned_steps = samples, steps
        self.evaluate_with: str | Tensor = "threshold"
        self.batch_share: float | None = None
        self._passes: list[Pass] = []  # since the last step
        self._draw, self._prior = ESTIMATORS[config.estimator], PRIORS[config.prior]
        self._generator = torch.Generator(device).manual_seed(seed)
        self._steps = 0
        self._patience = Patience(steps)
        self._anchor = torch.zeros((), device=device, requires_grad=True)
        units = plan.widths()
        self.started_with, self._sizes = units, sizes(plan)
        self.kept = [torch.arange(n, device=device) for n in units]
        self.theta = torch.full((sum(units),), config.theta0, device=device)
        self.theta.clamp_(self._prior.edge, 1 - self._prior.edge)
        self._rates, self._budget = rates(plan, config, samples), Budget.of(plan, config)
        self._second_moment = torch.zeros_like(self.theta)
        self._worth = torch.zeros(len(units), device=device)
        self.spared: set[str] = set()
        self._last: tuple[Tensor, tuple[int, ...], Tensor] | None = None  # gated last, in one pass
        self._called = False  # whether the network is at work
        self._reset_window()
        self._lay_out()
        self._hooks = [
            model.register_forward_pre_hook(self.sample, with_kwargs=True),
            model.register_forward_hook(self._leave, always_call=True),
        ]
        for number, reader in enumerate(plan.readers()):
            hook = Gate(self.gate, number, reader)
            self._hooks.append(reader.module.register_forward_pre_hook(hook, with_kwargs=True))
        self._model = model

    @classmethod
    def attach(
        cls,
        model: nn.Module,
        example_input: Tensor | tuple[Any, ...] | dict[str, Any],
        config: GateConfig,
        exclude: Iterable[nn.Module] = (),
        *,
        samples: int,
        steps: int,
        seed: int = 0,
    ) -> "Gates":
        """Puts a gate on every hidden unit and filter, and on every feature behind a ``Select``.

        Channels that must go together share a gate, attention heads and groups too. What can't be
        gated is left dense: see ``left_dense``.

        Args:
            model: the network.
            example_input: one batch as the network takes it, a tuple of its arguments, or a dict of
                those by keyword, on the network's device; the batch is the first dimension of the
                first tensor.
            config: prices, estimator and step.
            exclude: modules to leave as they are.
            samples: of the training set.
            steps: of the optimiser until the freeze.
            seed: of what the gates draw.

        Raises:
            NetworkError: nothing can be gated; the message names the parts and the reasons.
            UserError: ``samples`` or ``steps`` is below 1.
        """
        if has_gates(model):
            raise NetworkError("the network has gates already: freeze them first")
        plan = plan_of(model, example_input, exclude)
        return cls(model, plan, config, samples, steps, seed)

    def __repr__(self) -> str:
        kind, left, units = type(self._model).__name__, self.plan.widths(), sum(self.started_with)
        state = "frozen" if self.frozen else f"at step {self._steps} of {self._planned_steps}"
        return (
            f"<Gates of {kind}: {sum(left)} of {units} units left at {len(left)} sites,"
            f" {len(self.left_dense)} layers left dense, {state}>"
        )

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
        charged = self._price.sum() * (not self._budget)  # what a budget asks is not yet known
        self._patience.see((self._price - drift).sum(), charged)
        self._second_moment.lerp_(gradient.square(), 1 - MEMORY)
        self._window += torch.stack((drift, drift.square()))
        self._window_steps += 1
        if self._budget and not self._budget.measured:
            return
        price = self._per_site(self._price)
        if self._budget:
            price = self._budget.least(price, self._worth)
        closing = self.config.closing(self._planned_steps)
        rate = layer_step(price, self._moment(), self.config.alpha, closing)
        rate = rate * self._annealing()
        samples, edge = self._samples, self._prior.edge
        drift += self._prior.beyond(self.theta, self._price * samples) / samples
        self.theta.sub_(rate[self._site_of] * drift).clamp_(edge, 1 - edge)

    @undivided()
    def prune(self, optimizer: torch.optim.Optimizer | None) -> dict[str, list[int]]:
        """Removes the units that are off and, with confidence, not worth their price (claim P4).

        Every site keeps its most valuable unit at least. Where there is a budget, the network stays
        above it, and the price until the next removal is found by what units were worth.

        Returns:
            For each site that shrank the original numbers of the units removed.
        """
        doomed, spared = self._doomed()
        self._measure()
        removed = self._remove(doomed, spared, optimizer)
        self._reset_window()
        return removed

    def _measure(self) -> None:
        """Takes what units were worth in the window, and finds the price that a budget asks for."""
        worth = self._price - self._window_statistics()[0]
        self._worth = self._per_site(worth)
        if not self._budget:
            return
        worth = self._budget.measure(worth)
        if self.config.waiting_steps:
            moment, steps = self._moment()[self._site_of], self.config.closing(self._planned_steps)
            closing = closing_price(worth, moment, self.config.alpha, steps)
            self._budget.solve(worth, closing, self._due())
        else:
            self._budget.ascend(worth, self._window_steps / self._planned_steps)

    def doomed(self) -> Tensor:
        """Which units ``prune`` would remove now, shape (gates,), bool.

        Those whose gate is 0 while the mean of worth minus price over the steps since the last
        removal is on the side of removal by a one-sided z-test; but a site keeps one at least.
        """
        return self._doomed()[0]

    def _doomed(self) -> tuple[Tensor, set[str]]:
        """Which units would go, and the sites that would have lost all of theirs."""
        mean, deviation = self._window_statistics()
        sure = unworthy(mean, deviation, self._window_steps, self.config.confidence)
        doomed = sure & (self.theta <= self._prior.edge)
        if self._budget:
            doomed = self._budget.may_go(doomed, self.theta)
        return self._spare_one_per_site(doomed)

    @undivided()
    def freeze(self, optimizer: torch.optim.Optimizer | None) -> dict[str, list[int]]:
        """Ends the gates: theta > 1/2 stays, the rest goes, and the network is a plain module.

        Where there is a budget, as many stay as it has room for, the open ones first.

        Returns:
            For each site that shrank the original numbers of the units removed.
        """
        if self._budget and self._window_steps:
            self._measure()
        gone = self._budget.must_go(self.theta) if self._budget else self.theta <= 0.5
        self._tell_of_haste(gone)
        removed = self._remove(*self._spare_one_per_site(gone), optimizer)
        self.detach()
        return removed

    def _tell_of_haste(self, gone: Tensor) -> None:
        """A line where most of what goes for a budget has not been learnt to go."""
        open_ = int((gone & (self.theta > 0.5)).sum())
        all_gone = sum(self.started_with) - int((~gone).sum())
        if open_ > HASTE * all_gone:
            LOG.warning(
                f"{open_:,} of the {all_gone:,} units that had to go for the budget were cut at the"
                " freeze, their gates still open, by what they were worth: train longer, so that"
                " gates have the steps to close"
            )

    def detach(self) -> None:
        """Takes the gates off as they are: what is left of the network stays, and all of it."""
        while self._hooks:
            self._hooks.pop().remove()

    @property
    def frozen(self) -> bool:
        return not self._hooks

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
            "patience": self._patience.state_dict(),
            "generator": self._generator.get_state(),
            "budget": self._budget and self._budget.state_dict(),
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
        self._remove(doomed, set(), optimizer)
        self.spared = set(state["spared"])
        if state["frozen"]:
            self.detach()
        self.theta.copy_(state["theta"])
        self._second_moment.copy_(state["second_moment"])
        self._worth.copy_(state["worth"])
        if self._budget:
            self._budget.load_state_dict(state["budget"], self.theta.device)
            self._lay_out()  # at its price
        self._window.copy_(state["window"])
        self._window_steps, self._steps = state["window_steps"], state["steps"]
        if "patience" in state:  # states of before have none, and wait a number of steps
            self._patience.load_state_dict(state["patience"])
        resume(self._generator, state["generator"])

    def _annealing(self) -> float:
        wait = self.config.waiting_steps
        if not self._patience.over if wait == WHEN_LEARNT else self._steps <= wait:
            return 0.0
        return max(1 - self._steps / self._planned_steps, 0.0)

    def _due(self) -> float:
        """The share of what a budget removes that should be gone at the next window's end."""
        wait = self.config.waiting_steps
        waited = self._patience.waited if wait == WHEN_LEARNT else min(self._steps, wait)
        moved = self._steps - waited + self._window_steps
        return min(moved / (PACE * max(self._planned_steps - waited, 1)), 1.0)

    def _lay_out(self) -> None:
        """Rebuilds what depends on the number of gates left."""
        units, device = self.plan.widths(), self.theta.device
        self._counts = torch.tensor(units, device=device)
        self._site_of = torch.arange(len(units), device=device).repeat_interleave(self._counts)
        charged = self._budget.rates if self._budget else self._rates
        self._price = price_per_site(self.plan, charged, device)[self._site_of]
        self._passes.clear()  # they know gates that are gone
        self._taps, self._tap_of = [], list(range(len(units)))
        if channels := self.plan.channels():  # readers of the same channels share a tap
            self._taps, self._tap_of = shared(channels)

    def _reset_window(self) -> None:
        self._window, self._window_steps = self.theta.new_zeros(2, len(self.theta)), 0

    def _window_statistics(self) -> tuple[Tensor, Tensor]:
        mean, square = self._window / max(self._window_steps, 1)
        return mean, (square - mean.square()).clamp_min(0).sqrt()

    def _remove(
        self, doomed: Tensor, spared: set[str], optimizer: torch.optim.Optimizer | None
    ) -> dict[str, list[int]]:
        require_cuttable(optimizer)
        for name in sorted(spared - self.spared):
            LOG.warning(
                f"none of the units of '{name}' is worth its price, and the last one stays only"
                " because a network needs one: lower log_gamma or ask for a larger target, or let"
                " the gates move later (waiting_steps)"
            )
        self.spared |= spared
        before = self.kept
        wanted = [kept[~gone] for kept, gone in zip(before, self.by_site(doomed))]
        self.kept = self.plan.cut_to(before, wanted, optimizer)
        stays = torch.cat([torch.isin(old, now) for old, now in zip(before, self.kept)])
        self.theta, self._window = self.theta[stays], self._window[:, stays]
        self._second_moment = self._second_moment[stays]
        if self._budget:
            self._budget.keep(stays)
        ranks.retire(None if stays.all() else self._wrapper())
        self._lay_out()
        return {
            site.name: old[torch.isin(old, now, invert=True)].tolist()
            for site, old, now in zip(self.plan.sites, before, self.kept)
            if len(now) < len(old)
        }

    def _spare_one_per_site(self, doomed: Tensor) -> tuple[Tensor, set[str]]:
        """Keeps the unit of highest theta, among equals the most valuable, where all are to go.

        A layer never vanishes: it would cut the network in two. Its name is given instead.
        """
        mean = self._window_statistics()[0]
        value = self._budget.rank(self.theta) if self._budget else ranked(self.theta, mean)
        gone = self.by_site(doomed.clone())
        spared = self.plan.spare(gone, self.by_site(value))
        return torch.cat(gone), {self.plan.sites[number].name for number in spared}
