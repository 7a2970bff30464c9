"""Torch-Pruning, a rival that people use: its group-norm pruner, through its own package.

Fang et al., *DepGraph: Towards Any Structural Pruning* (arXiv:2301.12900), called as the authors'
script for CIFAR-10 calls it. Their tool says which units go; ours cuts them, so that the plan, the
counts and the optimiser's moments stay right. Extra ``rivals``.
"""

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from reproduce.errors import from_extra
from reproduce.methods.base import Job
from reproduce.methods.rivals import CutToSize
from reproduce.models import Select

STEPS = 400  # in which all units would go; it ends where the MACs are ours
SHRINKAGE = 5e-4  # the authors' coefficient


class TorchPruning(CutToSize):
    """Sparse training by Torch-Pruning, one cut by its own ranking, then fine-tuning.

    Before the cut its ``regularize`` shrinks each unit's weights, the least important up to 16
    times as fast as the most important; as in the authors' script it takes the place of the weight
    decay. Their rates are smaller and their epochs more, but three times the coefficient, by which
    ten epochs of ours shrink as far as all of theirs, keeps VGG16 from learning.
    At the cut one ranking of all layers, by the groups' L2 norms over each layer's greatest,
    removes units in small steps until the MACs, by our count, are those that the gates left: of
    the last two steps the nearer. It knows no single features: a filter keeps all of its own, or
    goes with them, and input pixels stay.

    Raises:
        UserError: Torch-Pruning is not installed.
    """

    def __init__(self, job: Job):
        super().__init__(job)
        self._tool = from_extra("rivals", "torch_pruning", "method torch_pruning")
        self._model, self._example = job.model, job.example
        self._names = {module: name for name, module in job.model.named_modules()}
        self._decay = job.settings.weight_precision / job.samples
        ours = [torch.tensor(kept, device=job.example.device) for kept in job.kept]
        self._macs = self._macs_with(ours)
        self._sparse = self._pruner(job.model, reg=SHRINKAGE)

    def before_epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        super().before_epoch(epoch, optimizer)
        optimizer.param_groups[0]["weight_decay"] = 0.0 if self._before_the_cut else self._decay

    def after_backward(self) -> None:
        if self._before_the_cut:
            self._sparse.regularize(self._model)

    def _pruner(self, model: nn.Module, **options: Any) -> Any:
        """Their pruner around a network, which is in eval mode afterwards."""
        importance = self._tool.importance.GroupMagnitudeImportance(p=2, normalizer="max")
        return self._tool.pruner.GroupNormPruner(
            model,
            self._example,
            importance=importance,
            global_pruning=True,
            pruning_ratio=1.0,
            iterative_steps=STEPS,
            ignored_layers=[model.get_submodule(self._names[self.plan.layers[-1]])],
            **options,
        )

    def _chosen(self) -> list[Tensor]:
        copy = deepcopy(self._model)
        producers = [self._names[site.producer] for site in self.plan.sites]
        sites = {copy.get_submodule(name): number for number, name in enumerate(producers)}
        pruner, before, after = self._pruner(copy), self._kept, self._kept
        while self._macs_with(after) > self._macs and pruner.current_step < STEPS:
            before, after = after, list(after)
            for group in pruner.step(interactive=True):
                layer, gone = group[0].dep.target.module, group[0].idxs
                left = torch.ones(len(after[sites[layer]]), dtype=torch.bool)
                left[gone] = False
                after[sites[layer]] = after[sites[layer]][left]
                group.prune()
            after = self._with_their_features(after)
        return min(after, before, key=lambda kept: abs(self._macs_with(kept) - self._macs))

    def _with_their_features(self, kept: list[Tensor]) -> list[Tensor]:
        """The same units, and of the features those of filters that stay."""
        for number, site in enumerate(self.plan.sites):
            if isinstance(site.consumer, Select):
                stays = torch.isin(site.owners, kept[number])
                kept[number + 1] = stays.nonzero().flatten()
        return kept

    def _macs_with(self, kept: list[Tensor]) -> int:
        """What these units cost, in the network that is still whole."""
        stays = [torch.isin(every, some) for every, some in zip(self._kept, kept)]
        return self.plan.size_with(stays, "macs")
