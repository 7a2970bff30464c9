"""Hard-concrete gates on units, a rival: L0 regularisation through a smooth relaxation.

Louizos, Welling and Kingma, *Learning Sparse Neural Networks through L0 Regularization*
(arXiv:1712.01312), on the same units, at the same prices and with the same freeze as ours.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from reproduce.errors import UserError
from reproduce.gates.prices import price_per_site, rates
from reproduce.generators import resume
from reproduce.methods.base import Cutting, Job
from reproduce.models import NETWORKS, Select
from reproduce.surgery.slicing import weight_of
from reproduce.training.optimisers import Adam

LEAST, MOST = -0.1, 1.1  # the interval that the concrete distribution is stretched to
TEMPERATURE = 2 / 3
RATE = 0.01  # of Adam on the gates
ALWAYS_CLOSED = math.log(-LEAST / MOST)  # log_alpha below which the gate without noise is 0


class HardConcrete(Cutting):
    """A gate z = clip(stretched concrete, 0, 1) per unit and sample, learnt by reparametrisation.

    The penalty of a unit is its price times P(z > 0). At the freeze units whose noiseless gate is
    0 go, and what is left of the others' gates is multiplied into the weights behind them.

    A gate that is surely open has no logit: with theta0 = 1, the default, gates begin at 1/2.
    """

    def __init__(self, job: Job):
        super().__init__(job)
        if job.settings.gates.targets:
            raise UserError("method hard_concrete has a price only: it takes no target")
        config, device = job.settings.gates, job.example.device
        units = self.plan.widths()
        charged = rates(self.plan, config, job.samples)
        per_site = price_per_site(self.plan, charged, device)
        self._prices = per_site.repeat_interleave(torch.tensor(units, device=device))
        start = math.log(config.theta0 / (1 - config.theta0)) if config.theta0 < 1 else 0.0
        self._log_alpha = torch.full((sum(units),), start, device=device, requires_grad=True)
        self._adam = Adam([self._log_alpha], lr=RATE)
        self._generator = torch.Generator(device).manual_seed(job.settings.seed)
        self._first_epoch = job.settings.attach_epoch + 1
        self._freeze_epoch = job.settings.freeze_epoch
        self._layers = NETWORKS[job.settings.network].layers
        self._spared: list[str] = []
        self._model = job.model
        self._hooks: list[RemovableHandle] = []

    def before_epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        if epoch == self._first_epoch:
            self._attach()
        if epoch == self._freeze_epoch + 1:
            self._freeze(optimizer)

    def after_step(self, step: int, optimizer: torch.optim.Optimizer) -> bool:
        if self._hooks:
            open_ = torch.sigmoid(self._log_alpha - TEMPERATURE * ALWAYS_CLOSED)
            (self._prices * open_).sum().backward()
            self._adam.step()
            self._adam.zero_grad()
        return False

    def finish(self, optimizer: torch.optim.Optimizer) -> None:
        if self._hooks:
            self._freeze(optimizer)

    def spared(self) -> list[str]:
        return self._spared

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {
            "attached": bool(self._hooks),
            "spared": self._spared,
            "log_alpha": self._log_alpha.detach(),
            "adam": self._adam.state_dict(),
            "generator": self._generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        super().load_state_dict(state, optimizer)
        if state["attached"]:
            self._attach()
        self._spared = state["spared"]
        with torch.no_grad():
            self._log_alpha.copy_(state["log_alpha"])
        self._adam.load_state_dict(state["adam"])
        resume(self._generator, state["generator"])

    @torch.no_grad()
    def _freeze(self, optimizer: torch.optim.Optimizer) -> None:
        gates = self._by_site(self._noiseless())
        for number, (site, gate) in enumerate(zip(self.plan.sites, gates)):
            self._fold(number, gate.repeat_interleave(site.block))
        gone = [gate <= 0 for gate in gates]
        spared = self.plan.spare(gone, self._by_site(self._log_alpha))
        self._spared = [self._layers[number] for number in spared]
        self._cut([kept[~closed] for kept, closed in zip(self._kept, gone)], optimizer)
        self._detach()

    def _fold(self, number: int, gates: Tensor) -> None:
        """Multiplies gates into the weights behind them; an open gate of 0 is a spared unit's."""
        consumer = self.plan.sites[number].consumer
        if isinstance(consumer, Select):  # it has no weights: its features' have them
            gates, consumer = gates[consumer.index], self.plan.sites[number + 1].consumer
        weight = weight_of(consumer)
        weight.mul_(gates.reshape((1, -1) + (1,) * (weight.dim() - 2)))

    def _attach(self) -> None:
        self._hooks.append(self._model.register_forward_pre_hook(self._draw))
        for number, site in enumerate(self.plan.sites):
            self._hooks.append(site.consumer.register_forward_pre_hook(self._gate(number)))

    def _detach(self) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()

    def _by_site(self, values: Tensor) -> list[Tensor]:
        return list(values.detach().split([len(kept) for kept in self._kept]))

    def _noiseless(self) -> Tensor:
        return _stretched(torch.sigmoid(self._log_alpha))

    def _draw(self, model: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        """The gates of all sites for one batch: drawn in training, without noise otherwise."""
        if model.training:
            shape = (len(arguments[0]), len(self._log_alpha))
            uniform = torch.rand(shape, generator=self._generator, device=self._log_alpha.device)
            noise = torch.logit(uniform, eps=1e-6)
            gates = _stretched(torch.sigmoid((self._log_alpha + noise) / TEMPERATURE))
        else:
            gates = self._noiseless()[None]
        self._gates = gates.split(self.plan.widths(), 1)

    def _gate(self, number: int) -> Callable[..., Tensor]:
        block = self.plan.sites[number].block

        def hook(consumer: nn.Module, arguments: tuple[Tensor, ...]) -> Tensor:
            x = arguments[0]
            gates = self._gates[number].repeat_interleave(block, 1)
            return x * gates.reshape(gates.shape + (1,) * (x.dim() - 2)).to(x.dtype)

        return hook


def _stretched(concrete: Tensor) -> Tensor:
    return (concrete * (MOST - LEAST) + LEAST).clamp(0, 1)
