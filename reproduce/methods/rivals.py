"""Rivals that end at the size of a finished run of gates: what differs is which units, and when.

They are given the widths (slimming with one threshold: the number of units) that the gates found.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from reproduce.errors import UserError
from reproduce.methods.base import Cutting, Job
from reproduce.models import NETWORKS, Select, initialise
from reproduce.surgery.slicing import weight_of

CUT_AT = 0.5  # share of the epochs before the cut; the rest fine-tunes
SHRINKAGE = 0.3  # of a batch-norm scale by the L1 penalty, summed over all steps before the cut


class CutToSize(Cutting):
    """Trains the whole network, cuts it once to the size of another run, and trains on."""

    def __init__(self, job: Job):
        super().__init__(job)
        self._wanted = [len(kept) for kept in job.kept]
        self._cut_after = round(job.settings.epochs * CUT_AT)
        self._before_the_cut = True

    def before_epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        self._before_the_cut = epoch <= self._cut_after
        if epoch == self._cut_after + 1:
            self._cut(self._chosen(), optimizer)

    def _chosen(self) -> list[Tensor]:
        """The numbers of the units that are to stay, site by site."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"before_the_cut": self._before_the_cut}

    def load_state_dict(self, state: dict[str, Any], optimizer: torch.optim.Optimizer) -> None:
        whole = sum(map(len, state["kept"])) == sum(self.plan.widths())
        super().load_state_dict(state, optimizer)
        # Within an epoch nobody says which one it is; states of earlier versions do not either.
        self._before_the_cut = state.get("before_the_cut", whole)


class Scratch(CutToSize):
    """What a run of gates ended with, down to single pixels and features, trained from scratch."""

    def __init__(self, job: Job):
        super().__init__(job)
        self._cut_after, self._job = 0, job

    def _chosen(self) -> list[Tensor]:
        return [torch.tensor(kept, device=self._kept[0].device) for kept in self._job.kept]

    def _cut(self, wanted: list[Tensor], optimizer: torch.optim.Optimizer) -> None:
        super()._cut(wanted, optimizer)
        initialise(self._job.model, self._job.settings.init, self._job.settings.seed)


class NormPruning(CutToSize):
    """Dense training, then the units of least L1 norm go in every layer, then fine-tuning.

    As Li et al., *Pruning Filters for Efficient ConvNets* (arXiv:1608.08710): a filter's norm is
    that of its incoming weights. A pixel or flattened feature has none: its outgoing ones count.
    """

    def _chosen(self) -> list[Tensor]:
        chosen: list[Tensor] = []
        for site, wanted in zip(self.plan.sites, self._wanted):
            if isinstance(site.producer, Select):
                norms = _outgoing(site.consumer)
                if chosen:  # a feature of a filter that goes can't stay
                    owners = self.plan.sites[len(chosen) - 1].owners
                    norms[~torch.isin(owners, chosen[-1])] = -1
            else:
                norms = weight_of(site.producer).detach().flatten(1).abs().sum(1)
            chosen.append(_greatest(norms, wanted))
        return chosen


class Slimming(CutToSize):
    """An L1 penalty on batch-norm scales, then the least scales of the whole network go.

    As Liu et al., *Learning Efficient Convolutional Networks through Network Slimming*
    (arXiv:1708.06519): one threshold for all layers; here it leaves as many units as the gates
    did in all. The penalty is scaled so that it can shrink a scale as far in few epochs as in many.

    Raises:
        UserError: a layer of the network has no batch norm.
    """

    def __init__(self, job: Job):
        super().__init__(job)
        if not all(site.norms for site in self.plan.sites):
            raise UserError(
                "slimming needs batch norm behind every layer, which"
                f" {NETWORKS[job.settings.network].title} has not: take vgg16"
            )
        self._scales = [site.norms[-1] for site in self.plan.sites]
        # The mean of the falling learning rate before the cut, against its peak.
        share = CUT_AT / 2 + math.sin(math.pi * CUT_AT) / (2 * math.pi)
        rates = share * job.settings.epochs * job.steps * job.settings.learning_rate
        self._pull = SHRINKAGE / rates

    @torch.no_grad()
    def after_step(self, step: int, optimizer: torch.optim.Optimizer) -> bool:
        if self._before_the_cut:
            for norm in self._scales:
                weight = weight_of(norm)
                weight.sub_(self._pull * optimizer.param_groups[0]["lr"] * weight.sign())
        return False

    def _magnitudes(self) -> list[Tensor]:
        return [weight_of(norm).detach().abs() for norm in self._scales]

    def _chosen(self) -> list[Tensor]:
        scales = self._magnitudes()
        for scale in scales:  # a layer keeps its greatest
            scale[scale.argmax()] = torch.inf
        least = torch.cat(scales).topk(sum(self._wanted)).values.min()
        return [(scale >= least).nonzero().flatten() for scale in scales]


class SlimmingPerLayer(Slimming):
    """An L1 penalty on batch-norm scales; every layer keeps as many units as the gates left there.

    One threshold leaves next to nothing of a layer whose scales are all small.
    """

    def _chosen(self) -> list[Tensor]:
        return [_greatest(*layer) for layer in zip(self._magnitudes(), self._wanted)]


def _greatest(values: Tensor, count: int) -> Tensor:
    """The places of the greatest values, in ascending order."""
    return values.topk(count).indices.sort().values


def _outgoing(consumer: nn.Module) -> Tensor:
    """L1 norm of the weights behind each input, shape (inputs,)."""
    return weight_of(consumer).detach().transpose(0, 1).flatten(1).abs().sum(1)
