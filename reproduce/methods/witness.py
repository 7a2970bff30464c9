"""Learnt gates, watched: does what the theory says of removals and of the end hold in practice?

The run is the same, number by number, as that of ``LearntGates``. Beside it: for every unit that
is removed (claim P4) what it was worth at that moment, and whether certificate P1 held; at the end
what each unit left is worth (D3), and the two sides of the bound D4. All values are in nats.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reproduce.generators import resume
from reproduce.methods.base import Job
from reproduce.methods.learnt_gates import LearntGates
from reproduce.models import NETWORKS, Select
from reproduce.runs.record import Removal, Survivor, Witnessed
from reproduce.surgery.chain import NORMS
from reproduce.surgery.slicing import weight_of
from theory.attraction import Attraction

AT_ONCE = 5000  # images, for the memory's sake
SLOPE_IMAGES = 500  # those on which kappa is measured
SEGMENT = (0.0, 0.5, 1.0)  # where, as shares of the unit's present outgoing weights


class Witness(LearntGates):
    """Learnt gates, with a record of what every removal cost and of what is left at the end.

    kappa is the greatest norm of the data term's gradient at three points of the segment from no
    outgoing weights to the present ones, on a sample of the images. That is a measurement: sampling
    makes it larger, but it is no bound on a ball, as a certificate in the strict sense needs.
    """

    def __init__(self, job: Job):
        super().__init__(job)
        self._job = job
        self._removals: list[list[Any]] = []  # the fields of each ``Removal``
        self._generator = torch.Generator(job.example.device).manual_seed(job.settings.seed)
        order = torch.randperm(job.samples, generator=torch.Generator().manual_seed(0))
        chosen = order[: NETWORKS[job.settings.network].worth_images].to(job.example.device)
        self._x = job.data.normalise(job.data.train_x[chosen])
        self._y = job.data.train_y[chosen]

    def report(self) -> dict[str, Any]:
        return {"witness": self._end()}

    def state_dict(self) -> dict[str, Any]:
        own = {"removals": self._removals, "watching": self._generator.get_state()}
        return super().state_dict() | own

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        super().load_state_dict(state, optimizer)
        self._removals = state["removals"]
        resume(self._generator, state["watching"])

    def _before_prune(self) -> None:
        """Records each unit to go: site, number, worth, its standard error, price, kappa r, V̄.

        Where there is batch norm, worth and error by its running averages stand behind these. The
        averages lag behind gates that have just closed: no step of training saw that network.
        """
        gates, model = self.gates, self._job.model
        shape = (len(self._x), len(gates.theta))
        uniform = torch.rand(shape, generator=self._generator, device=gates.theta.device)
        others = (uniform < gates.theta).float()
        places = torch.arange(len(gates.theta), device=gates.theta.device)
        at_sites = zip(gates.by_site(gates.doomed()), gates.by_site(places), gates.prices())
        model.eval()
        for site, (doomed, here, price) in enumerate(at_sites):
            if not doomed.any():
                continue
            numbers, columns = gates.kept[site][doomed].tolist(), here[doomed].tolist()
            units = doomed.nonzero().flatten().tolist()
            with _batch_statistics(model) as normalised:
                behind = self._tail(site, others)
                seen = self._worths(columns, *behind, others)
                for one, unit, column in zip(seen, units, columns):
                    opened = _opened(others[:SLOPE_IMAGES], column)
                    one += self._certificate(site, unit, price, *behind, opened)
            if normalised:
                lagging = self._worths(columns, *self._tail(site, others), others)
                seen = [one + two for one, two in zip(seen, lagging)]
            self._removals += [[site, number, *one] for number, one in zip(numbers, seen)]
        gates.evaluate_with = "threshold"
        model.train()

    def _worths(
        self, columns: Sequence[int], tail: nn.Module, inputs: Tensor, gates: Tensor
    ) -> list[list[float]]:
        """Worth and its standard error of units whose gates, in these columns, are all 0."""
        closed = self._losses(tail, inputs, gates)
        opened = (_opened(gates, column) for column in columns)
        return [list(self._worth(closed, self._losses(tail, inputs, one))) for one in opened]

    def _tail(self, site: int, gates: Tensor | None) -> tuple[nn.Module, Tensor]:
        """The network behind a site, and what enters it for each image, before the site's gates."""
        layers = list(cast(nn.Sequential, self._job.model))
        split = layers.index(self.plan.sites[site].consumer)
        head, tail = nn.Sequential(*layers[:split]), nn.Sequential(*layers[split:])
        if gates is not None:
            for part in (head, tail):
                part.training = False  # not .eval(): how batch norm computes is for the caller
                part.register_forward_pre_hook(self.gates.sample, with_kwargs=True)
        return tail, self._in_parts(head, self._x, gates)

    def _losses(self, tail: nn.Module, inputs: Tensor, gates: Tensor | None) -> Tensor:
        """Loss on each image with these gate values, shape (images, gates); None: no gates left."""
        outputs = self._in_parts(tail, inputs, gates)
        return F.cross_entropy(outputs, self._y, reduction="none")

    @torch.no_grad()
    def _in_parts(self, network: nn.Module, inputs: Tensor, gates: Tensor | None) -> Tensor:
        outputs = []
        for start in range(0, len(inputs), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            if gates is not None:
                self.gates.evaluate_with = gates[part]
            outputs.append(network(inputs[part]))
        return torch.cat(outputs)

    def _worth(self, without: Tensor, with_: Tensor) -> tuple[float, float]:
        """What a unit is worth, nats, and its standard error, from the loss on each image."""
        gain = self._job.samples * (without - with_)
        return gain.mean().item(), gain.std().item() / len(gain) ** 0.5

    def _certificate(
        self, site: int, unit: int, price: float, tail: nn.Module, inputs: Tensor, gates: Tensor
    ) -> list[float]:
        """The price, kappa r and V̄, nats; r is the norm of the unit's outgoing weights (P1)."""
        price *= self._job.samples
        weight, columns = self._outgoing(site, unit)
        self.gates.evaluate_with = gates
        x, y = inputs[:SLOPE_IMAGES], self._y[:SLOPE_IMAGES]
        present, norms = weight.detach()[:, columns].clone(), []
        for share in SEGMENT:
            with torch.no_grad():
                weight[:, columns] = share * present
            (gradient,) = torch.autograd.grad(F.cross_entropy(tail(x), y), weight)
            norms.append(gradient[:, columns].norm().item())
        kappa = self._job.samples * max(norms)
        lam = self._job.settings.weight_precision
        edge = Attraction(kappa=max(kappa, 1e-9), lam=lam, c=price).threshold
        return [price, kappa * present.norm().item(), float(edge)]

    def _outgoing(self, site: int, unit: int) -> tuple[Tensor, Tensor]:
        """The weights behind a site, and which of their columns belong to one unit."""
        here = self.plan.sites[site]
        if not isinstance(here.consumer, Select):
            columns = torch.arange(unit * here.block, (unit + 1) * here.block)
            return weight_of(here.consumer), columns.to(self._x.device)
        behind = self.plan.sites[site + 1].consumer
        return weight_of(behind), (here.owners == unit).nonzero().flatten()

    @torch.no_grad()
    def _end(self) -> Witnessed:
        """What was removed, what each unit left is worth, and the two sides of D4."""
        data, samples, model = self._job.data, self._job.samples, self._job.model
        model.eval()
        loss = sum(
            F.cross_entropy(model(data.normalise(x)), y, reduction="sum").item()
            for x, y in zip(data.train_x.split(AT_ONCE), data.train_y.split(AT_ONCE))
        )
        prices = [samples * price for price in self.gates.prices()]
        survivors = []
        for number, site in enumerate(self.plan.sites):
            tail, inputs = self._tail(number, None)
            here = self._losses(tail, inputs, None)
            for unit in range(site.units):
                without = site.consumer.register_forward_pre_hook(_silence(unit, site.block))
                worth = self._worth(self._losses(tail, inputs, None), here)
                without.remove()
                survivors.append(Survivor(number, *worth, prices[number]))
        squares = sum(p.square().sum().item() for p in model.parameters() if p.dim() > 1)
        return Witnessed(
            removals=tuple(Removal(*removal) for removal in self._removals),
            survivors=tuple(survivors),
            loss=loss,
            penalty=self._job.settings.weight_precision / 2 * squares,
            empty=samples * math.log(data.classes),
        )


@contextmanager
def _batch_statistics(model: nn.Module) -> Iterator[bool]:
    """Batch norm by the statistics of the images at hand, as in training; yields if there is any.

    Its running averages stay as they are.
    """
    norms = [module for module in model.modules() if isinstance(module, NORMS)]
    for norm in norms:
        norm.training, norm.track_running_stats = True, False
    yield bool(norms)
    for norm in norms:
        norm.training, norm.track_running_stats = False, True


def _opened(gates: Tensor, column: int) -> Tensor:
    """Gate values with the gate of one column open."""
    opened = gates.clone()
    opened[:, column] = 1
    return opened


def _silence(unit: int, block: int) -> Callable[..., Tensor]:
    """A forward pre-hook that sets the inputs of one unit to zero."""

    def hook(consumer: nn.Module, arguments: tuple[Tensor, ...]) -> Tensor:
        x = arguments[0].clone()
        x[:, unit * block : (unit + 1) * block] = 0
        return x

    return hook
