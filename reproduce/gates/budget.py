"""A budget in place of a price: the price is found while training, as the budget's multiplier.

At a price those units stay that are worth their charge (claim B1). So units go in the order of
worth per charge, and bisection over that order finds the price that leaves what is asked for
(claim B2, ``theory.budget``, for units whose worths do not depend on each other).

In a network they do (claim B2x): as it learns, each of many units that can stand in for each other
is worth less and less, and at the price that their worths ask for no gate would close in time. So
that price is only the least. While the network is too large:

- where gates have waited for the weights to learn, bisection over the prices at which each gate
  closes in time, instead of the worths, finds the price anew at each window's end. It asks for no
  more than what is due by the next one: a network that loses nearly all at once loses what it knew;
- where they move before, worths say little at first, and dual ascent raises the price from the
  least.

Once the budget is reached, the price is the least again, and the gates that are left open.

A budget of both MACs and parameters has a multiplier for each (claim B3): one price, and how much
of it is of either. This is found at each window's end, by bisection: the network comes down to both
at once, and where one asks for nothing that the other does not, all is charged by the other.
"""

from bisect import bisect_left
from typing import Any

import torch
from torch import Tensor

from reproduce.errors import BudgetError
from reproduce.gates.config import GateConfig
from reproduce.gates.decisions import ranked
from reproduce.surgery.chain import Plan

RECENT = 0.5  # weight of a window's worths against those of all windows before
LEAST = 0.1  # price that the step of a layer's gates goes by, as a share of its mean worth
HALVINGS = 10  # of the range in which the weights of a budget of both are looked for


class Budget:
    """How large a network may be in the end, and what its units were measured to be worth.

    A removal can't be undone: until the freeze the size stays above the budget.

    Attributes:
        most: of what is counted and charged, macs, params or both, how much may be left.
        worth: C(0) - C(1) of each unit, a mean over windows, shape (gates,), mean-loss units; None
            before the first.
        weights: of what is counted, how much of the price is of it, in [0, 1], 1 together.
        price: of one MAC or parameter, mean-loss units, or of both as ``rates`` says; 0 before it
            was first looked for, at a window's end, and gates stand still until then.
    """

    def __init__(self, plan: Plan, whole: dict[str, int], shares: dict[str, float]):
        self._plan, self._whole = plan, whole
        self.most = {what: share * whole[what] for what, share in shares.items()}
        self.weights = dict.fromkeys(shares, 1 / len(shares))
        self.worth: Tensor | None = None
        self.price = 0.0

    @classmethod
    def of(cls, plan: Plan, config: GateConfig) -> "Budget | None":
        """The budget that is asked for, if one is.

        Raises:
            BudgetError: more is left even where each layer keeps one unit only.
        """
        if not config.targets:
            return None
        whole = {"macs": plan.macs(), "params": plan.parameters()}
        budget = cls(plan, whole, config.targets)
        every = torch.arange(sum(plan.widths()), device=next(plan.model.parameters()).device)
        for what, size in budget._sizes(every, every).items():
            if (least := size / whole[what]) > (share := config.targets[what]):
                raise BudgetError(
                    f"target_{what} must be at least {least:.3g} for this network: so much is left"
                    f" where each layer that has gates keeps one unit; got {share:g}"
                )
        return budget

    @property
    def measured(self) -> bool:
        """Whether there has been a window's end, so that there is a price."""
        return self.worth is not None

    @property
    def rates(self) -> dict[str, float]:
        """What is charged, as ``prices.rates`` says it."""
        return {what: each * self.price for what, each in self._each().items()}

    def state_dict(self) -> dict[str, Any]:
        return {"worth": self.worth, "price": self.price, "weights": self.weights}

    def load_state_dict(self, state: dict[str, Any], device: torch.device) -> None:
        worth, self.price = state["worth"], state["price"]
        self.weights = state.get("weights", self.weights)  # older checkpoints: of one budget alone
        self.worth = None if worth is None else worth.to(device)

    def keep(self, stays: Tensor) -> None:
        """Forgets the units that were removed; ``stays``: all but those, bool, shape (gates,)."""
        self.worth = None if self.worth is None else self.worth[stays]

    def least(self, price: Tensor, worth: Tensor) -> Tensor:
        """What the step of each layer's gates goes by: its price, or more where that is so low
        that the gates of worthy units would not open; both of a unit at each site."""
        return torch.maximum(price, LEAST * worth).clamp_min(torch.finfo(price.dtype).tiny)

    def measure(self, worth: Tensor) -> Tensor:
        """Takes the worths of a window, shape (gates,), mean-loss units; returns ``worth``."""
        self.worth = worth if self.worth is None else self.worth.lerp(worth, RECENT)
        if len(self.most) > 1:
            self._weigh(self.worth)
        return self.worth

    def _weigh(self, worth: Tensor) -> None:
        """Finds the weights with which units go in an order that comes down to both at once."""
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            self.weights = {"macs": 1 - middle, "params": middle}
            order, rank, excess = self._going(worth / self._charge(), self.most)
            sizes = self._sizes(order[: max(excess - 1, 0)], rank)  # before the last one goes
            over = {what: size / self.most[what] for what, size in sizes.items()}
            low, high = (middle, high) if over["params"] > over["macs"] else (low, middle)

    def solve(self, worth: Tensor, closing: Tensor, due: float) -> None:
        """Finds the price at which the gates that must go close in time, until the next window.

        Args:
            worth: as measured, shape (gates,), mean-loss units.
            closing: of each unit the price at which its gate closes in time, likewise.
            due: by then, as a share of all that must go, in [0, 1].
        """
        most = {
            what: self._whole[what] * (most / self._whole[what]) ** due
            for what, most in self.most.items()
        }
        excess, price = self._last(closing, most)
        self.price = price if excess > 1 else self._last(worth, most)[1]

    def ascend(self, worth: Tensor, share: float) -> None:
        """Raises the price, until the next window.

        Args:
            worth: as measured, shape (gates,), mean-loss units.
            share: of all steps with gates that were in the last window.
        """
        excess, least = self._last(worth, self.most)
        rank = _places(worth)
        # In all the steps together it would rise by as much as the size is too large.
        sizes = self._sizes(rank[:0], rank)
        ascent = max(sizes[what] / most for what, most in self.most.items()) ** share
        self.price = max(least, self.price * ascent) if excess > 1 else least

    def _last(self, prices: Tensor, most: dict[str, float]) -> tuple[int, float]:
        """How many units must go until at most so much is left, if they do so at these prices of a
        unit, shape (gates,); and what the last is charged for a MAC or parameter then: 0 where no
        more than that is left already."""
        each = prices / self._charge()
        order, _, excess = self._going(each, most)
        return excess, max([0.0, *each[order[:excess][-1:]].tolist()])

    def _going(self, each: Tensor, most: dict[str, float]) -> tuple[Tensor, Tensor, int]:
        """Units in the order in which they go, from the least of these values; their places in it;
        and how many must go until at most so much is left."""
        rank = _places(each)
        order = rank.argsort()
        return order, rank, self._excess(order, rank, most)

    def rank(self, theta: Tensor) -> Tensor:
        """The place of each unit among all, from the one to go first: closed ones, by their worth
        per charge, and then the open ones. Both shapes are (gates,)."""
        if self.worth is None:
            return _places(theta)
        return ranked((theta > 0.5).to(theta.dtype), -self.worth / self._charge())

    def may_go(self, doomed: Tensor, theta: Tensor) -> Tensor:
        """Those of the doomed units without which the network is still above the budget, bool."""
        rank = self.rank(theta)
        order = rank.argsort()
        order = order[doomed[order]]
        within = max(self._excess(order, rank, self.most) - 1, 0)
        return torch.zeros_like(doomed).index_fill(0, order[:within], True)

    def must_go(self, theta: Tensor) -> Tensor:
        """The units without which the network is just within the budget, bool, shape (gates,)."""
        rank = self.rank(theta)
        order = rank.argsort()
        none = torch.zeros_like(rank, dtype=torch.bool)
        return none.index_fill(0, order[: self._excess(order, rank, self.most)], True)

    def _each(self) -> dict[str, float]:
        """What one MAC and one parameter count in a charge: each against what may be left of it,
        in units of the first, so that a lone one counts 1."""
        first = next(iter(self.most.values()))
        return {what: self.weights[what] * (first / most) for what, most in self.most.items()}

    def _charge(self) -> Tensor:
        """What each unit's removal saves now, shape (gates,): MACs, parameters, or both weighed."""
        assert self.worth is not None
        device = self.worth.device
        savings = torch.zeros(len(self._plan.widths()), device=device)
        for what, each in self._each().items():
            savings = savings + each * torch.tensor(self._plan.saving(what), device=device)
        return savings.repeat_interleave(torch.tensor(self._plan.widths(), device=device))

    def _sizes(self, gone: Tensor, rank: Tensor) -> dict[str, int]:
        """What is counted, without these units; a layer that loses all keeps the last to go."""
        widths = self._plan.widths()
        mask = torch.zeros_like(rank, dtype=torch.bool).index_fill(0, gone, True)
        masks = list(mask.split(widths))
        self._plan.spare(masks, list(rank.split(widths)))
        stays = [~mask for mask in masks]
        return {what: self._plan.size_with(stays, what) for what in self.most}

    def _excess(self, order: Tensor, rank: Tensor, most: dict[str, float]) -> int:
        """How many units must go, in this order, until at most so much is left.

        One more than there are where all of them are not enough.
        """

        def enough(count: int) -> bool:
            sizes = self._sizes(order[:count], rank)
            return all(size <= most[what] for what, size in sizes.items())

        return bisect_left(range(len(order) + 1), True, key=enough)


def _places(values: Tensor) -> Tensor:
    """The place of each value among all, from the least."""
    order = values.argsort(stable=True)
    return torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=order.device))
