"""Networks that branch and join: what must be gated and cut together (optional extra ``models``).

Torch-Pruning's dependency graph says which channels of which modules belong to one unit. Every
channel gets the number of its unit as a label; a gate stands at the input of each layer that reads
the unit, and removal drops the channels that bear its number. What that graph says is not taken on
trust: each site is tried on a copy of the network first, and left dense where cutting units that
are zero would change the output.
"""

import copy
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeGuard, cast

import torch
from torch import Tensor, nn

from reproduce.errors import NetworkError, UserError, from_extra
from reproduce.surgery.chain import NORMS, Plan, trace
from reproduce.surgery.slicing import (
    arguments_of,
    inputs,
    outputs,
    slice_inputs,
    slice_outputs,
    weight_of,
)

LAYERS = (nn.Linear, nn.Conv2d)
AGREEMENT = 1e-5  # most that an output may change, relative to the largest
Inputs = tuple[Any, ...]


@dataclass
class Part:
    """The channels of one module on one side, and which unit each belongs to.

    ``labels``: the original number among all units, -1 where a channel has no gate; shape
    (channels,). ``reads``: whether these are input channels, in front of which the gates stand.
    """

    name: str
    module: nn.Module
    reads: bool
    labels: Tensor

    def without(self, gone: Tensor, optimizer: torch.optim.Optimizer | None) -> None:
        """Cuts the channels of these units out of the module."""
        stays = torch.isin(self.labels, gone, invert=True)
        if stays.all():
            return
        keep = stays.nonzero().flatten()
        self.labels = self.labels[keep]
        if self.reads:
            slice_inputs(self.module, keep, optimizer)
            return
        slice_outputs(self.module, keep, optimizer)
        if is_depthwise(self.module):
            self.module.in_channels = self.module.groups = len(keep)


@dataclass
class Coupled:
    """A site: units whose channels go together wherever they occur; ``left``: their labels."""

    name: str
    left: Tensor
    consumer: None = None  # it may have several: see ``GraphPlan.readers``

    @property
    def units(self) -> int:
        return len(self.left)


@dataclass
class GraphPlan(Plan):
    """The sites of a network that is no chain, with the interface of ``Plan``.

    ``left_dense`` names the layers whose units have no gate, each with the reason.
    """

    sites: list[Coupled]  # type: ignore[assignment]  # what is left of Plan asks no more of them
    parts: list[Part] = field(default_factory=list)

    @property
    def starts_with_features(self) -> bool:
        return False

    def readers(self) -> list[tuple[nn.Module, int]]:
        return [(part.module, 1) for part in self.parts if part.reads]

    def channels(self) -> list[Tensor]:
        """For each reader the gate of each of its channels, shape (channels,).

        Gates are counted over all sites as they are now; their number stands for 'no gate'.
        """
        left = torch.cat([site.left for site in self.sites])
        return [
            torch.searchsorted(left, part.labels.clamp_min(0)).where(part.labels >= 0, len(left))
            for part in self.parts
            if part.reads
        ]

    def cut(
        self, site: int, keep: Tensor, optimizer: torch.optim.Optimizer | None
    ) -> list[tuple[int, Tensor]]:
        here = self.sites[site]
        if not len(keep) or keep.min() < 0 or keep.max() >= here.units:
            raise ValueError(f"keep must list 1 to {here.units} units of site {here.name}")
        stays = here.left[keep]
        gone = here.left[torch.isin(here.left, stays, invert=True)]
        for part in self.parts:
            part.without(gone, optimizer)
        here.left = stays
        return [(site, keep)]

    def _saving(self, site: Coupled, what: str) -> float:  # type: ignore[override]  # see sites
        saved = 0.0
        for part in self.parts:
            channels = int(torch.isin(part.labels, site.left).sum()) / site.units
            weights: Iterable[Tensor] = part.module.parameters(recurse=False)
            if part.reads or what == "macs":
                weights = [weight_of(part.module)] if isinstance(part.module, LAYERS) else []
            each = channels * sum(p.numel() for p in weights) / len(part.labels)
            if what == "macs" and each:
                each *= self.positions[self.layers.index(part.module)]
            saved += each
        return saved


def plan_of(model: nn.Module, example: Tensor | Inputs, exclude: Iterable[nn.Module] = ()) -> Plan:
    """What can be gated and cut in a network: as a chain of layers, or else as a graph.

    Args:
        model: the network; not changed.
        example: one batch as the network takes it, or a tuple of its arguments.
        exclude: modules to leave as they are, with all that is inside them.

    Raises:
        NetworkError: nothing can be gated, with the reasons; or the network is no chain, and the
            extra ``models`` is not installed.
    """
    excluded = {inner for module in exclude for inner in module.modules()}
    if not excluded:
        try:
            return trace(model, example)
        except NetworkError as error:
            chain_error = error
    try:
        pruning = from_extra("models", "torch_pruning", "a network that is no chain of layers")
    except UserError as error:
        reason = f"{chain_error}; " if not excluded else ""
        raise NetworkError(f"{reason}{error}") from error
    example = arguments_of(example)
    plan = _read(pruning, model, example, excluded)
    _try_out(plan, example)
    if not plan.sites:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in plan.left_dense.items())
        raise NetworkError(f"the network has no hidden layer to gate ({reasons or 'no layers'})")
    return plan


def is_depthwise(module: nn.Module) -> TypeGuard[nn.Conv2d]:
    return isinstance(module, nn.Conv2d) and 1 < module.groups == module.in_channels


@contextmanager
def _as_it_was(model: nn.Module) -> Any:
    """Leaves training mode, buffers and gradients' flags as they were, whatever is done inside."""
    modes = {module: module.training for module in model.modules()}
    flags = {p: p.requires_grad for p in model.parameters()}
    try:
        with warnings.catch_warnings(), torch.enable_grad():
            warnings.simplefilter("ignore")  # of the graph's reader, about what it skips
            for p in flags:
                p.requires_grad_(True)  # it follows gradients
            yield model.eval()
    finally:
        for module, mode in modes.items():
            module.training = mode
        for p, flag in flags.items():
            p.requires_grad_(flag)


def _read(pruning: Any, model: nn.Module, example: Inputs, excluded: set[nn.Module]) -> GraphPlan:
    """All candidates for sites, by Torch-Pruning's dependency graph."""
    names = {module: name for name, module in model.named_modules()}
    plan = GraphPlan(model, [], [], [])
    with _as_it_was(model):
        try:
            plan.layers, plan.positions, matrices = _uses(model, example)
            graph = pruning.DependencyGraph().build_dependency(model, example, verbose=False)
        except Exception as error:
            raise NetworkError(f"the network can't be traced: {error}") from error
        shared = Counter(p for m in names for p in m.parameters(recurse=False))
        parts: dict[tuple[nn.Module, bool], Part] = {}
        offset = 0
        for root in plan.layers:
            if is_depthwise(root) or root not in graph.module2node:
                continue
            known = parts.get((root, False))
            free: Sequence[int] = range(outputs(root))
            if known is not None:
                free = (known.labels < 0).nonzero().flatten().tolist()
            if not free:
                continue
            try:
                group = _group(graph, root, list(free))
                for module, *_ in group:
                    _require_cuttable(module, names, shared, excluded, matrices)
                _require_reader(group)
                _label(parts, group, names, offset, len(free))
            except NetworkError as error:
                plan.left_dense[names[root]] = str(error)
                continue
            device = weight_of(root).device
            units = torch.arange(offset, offset + len(free), device=device)
            plan.sites.append(Coupled(names[root], units))
            offset += len(free)
    plan.parts = list(parts.values())
    return plan


def _uses(
    model: nn.Module, example: Inputs
) -> tuple[list[nn.Module], list[int], set[nn.Module]]:
    """The layers in order of use, how often each one's weights serve for one sample, and those
    linear ones whose units don't lie in the second dimension of what they take."""
    positions: Counter[nn.Module] = Counter()
    matrices: set[nn.Module] = set()

    def count(module: nn.Module, arguments: Inputs, result: Tensor) -> None:
        positions[module] += result.numel() // len(result) // outputs(module)
        if isinstance(module, nn.Linear) and arguments[0].dim() != 2:
            matrices.add(module)

    handles = [
        m.register_forward_hook(count) for m in model.modules() if isinstance(m, LAYERS)
    ]
    try:
        with torch.no_grad():
            model(*example)
    finally:
        for handle in handles:
            handle.remove()
    return list(positions), list(positions.values()), matrices


Member = tuple[nn.Module, bool, list[int], list[int]]  # module, reads, channels, units of theirs


def _group(graph: Any, root: nn.Module, channels: list[int]) -> list[Member]:
    """What goes with output channels of a layer."""
    number = {channel: unit for unit, channel in enumerate(channels)}
    pruner = graph.get_pruner_of_module(root)
    try:
        group = graph.get_pruning_group(root, pruner.prune_out_channels, channels)
    except Exception as error:
        raise NetworkError(f"what belongs to its units is not clear ({error})") from error
    members = []
    for item in group.items:
        module = item.dep.target.module
        if isinstance(module, nn.Parameter):
            raise NetworkError("its units meet a parameter that belongs to no layer")
        if not any(True for _ in module.parameters(recurse=False)):
            continue  # an operation without weights
        reads = isinstance(module, LAYERS) and not is_depthwise(module)
        reads = reads and graph.is_in_channel_pruning_fn(item.dep.handler)
        members.append((module, reads, item.idxs, [number[r] for r in item.root_idxs]))
    return members


def _require_cuttable(
    module: nn.Module,
    names: dict[nn.Module, str],
    shared: Counter[nn.Parameter],
    excluded: set[nn.Module],
    matrices: set[nn.Module],
) -> None:
    name, kind = names.get(module, "?"), type(module).__name__
    if module in excluded:
        raise NetworkError(f"'{name}' is excluded")
    if not isinstance(module, LAYERS + NORMS):
        raise NetworkError(f"'{name}' ({kind}) does not keep its units apart, or is not known")
    if isinstance(module, nn.Conv2d) and module.groups > 1 and not (
        is_depthwise(module) and module.out_channels == module.in_channels
    ):
        raise NetworkError(f"'{name}' is a grouped convolution, whose groups must stay equal")
    if module in matrices:
        raise NetworkError(f"'{name}' takes more than one vector for a sample")
    parameters = list(module.parameters(recurse=False))
    if module._parameters.get("weight") is None and isinstance(module, LAYERS):
        raise NetworkError(f"the weight of '{name}' is computed from others")
    if any(shared[p] > 1 for p in parameters):
        raise NetworkError(f"'{name}' shares a parameter with another layer")


def _require_reader(group: list[Member]) -> None:
    if not any(reads for _, reads, *_ in group):
        raise NetworkError("its units are the network's output")


def _label(
    parts: dict[tuple[nn.Module, bool], Part],
    group: list[Member],
    names: dict[nn.Module, str],
    offset: int,
    units: int,
) -> None:
    """Gives the units of a group their numbers, from ``offset`` on, or none if one is taken."""
    new: dict[tuple[nn.Module, bool], Part] = {}
    for module, reads, channels, of in group:
        key = module, reads
        size = inputs(module) if reads else _outputs(module)
        old = new.get(key, parts.get(key))
        device = next(module.parameters(recurse=False)).device
        labels = old.labels.clone() if old else torch.full((size,), -1, device=device)
        wanted = torch.tensor(of, device=device) + offset
        taken = labels[channels]
        if ((taken >= 0) & (taken != wanted)).any():
            raise NetworkError(f"a channel of '{names[module]}' belongs to units of two kinds")
        labels[channels] = wanted
        new[key] = Part(names[module], module, reads, labels)
    parts |= new


def _outputs(module: nn.Module) -> int:
    return outputs(module) if isinstance(module, LAYERS) else cast(int, module.num_features)


def _try_out(plan: GraphPlan, example: Inputs) -> None:
    """Leaves those sites dense where cutting units that are zero changes the output."""
    for site in list(plan.sites):
        reason = _difference(plan, [site], example)
        if reason:
            _leave_dense(plan, site, reason)
    reason = _difference(plan, plan.sites, example) if plan.sites else ""
    if reason:
        raise NetworkError(f"sites that can be cut one by one can't be cut together: {reason}")


def _difference(plan: GraphPlan, sites: list[Coupled], example: Inputs) -> str:
    """Why every other unit of these sites can't be cut; nothing if it can.

    Tried in float64 on a copy whose norms and biases are drawn at random, since fresh ones would
    map zero to zero.
    """
    numbers = [plan.sites.index(site) for site in sites]
    trial = copy.deepcopy(plan)
    model = trial.model.double().eval()
    generator = torch.Generator(next(model.parameters()).device).manual_seed(0)
    for tensor in (*model.parameters(), *model.buffers()):
        if tensor.dim() == 1 and tensor.is_floating_point():
            tensor.detach().uniform_(0.5, 1.5, generator=generator)
    example = tuple(
        x.double() if isinstance(x, Tensor) and x.is_floating_point() else x for x in example
    )
    gone = torch.cat([trial.sites[n].left[1::2] for n in numbers])
    handles = [
        part.module.register_forward_pre_hook(_without(torch.isin(part.labels, gone)))
        for part in trial.parts
        if part.reads
    ]
    try:
        with torch.no_grad():
            before = _tensors(model(*example))
            for handle in handles:
                handle.remove()
            for n in numbers:
                units = torch.arange(0, trial.sites[n].units, 2, device=gone.device)
                trial.cut(n, units, None)
            after = _tensors(model(*example))
    except Exception as error:
        return f"without some of its units the network fails ({str(error).splitlines()[0]})"
    for old, new in zip(before, after, strict=True):
        if old.shape != new.shape:
            return "its units are the network's output"
        if not (old - new).abs().max() <= AGREEMENT * old.abs().max().clamp_min(1e-12):
            return "units at zero still change the output: something mixes them"
    return ""


def _without(off: Tensor) -> Any:
    def hook(module: nn.Module, arguments: Inputs) -> Tensor:
        x = arguments[0]
        return x * (~off).to(x.dtype).view(1, -1, *(1,) * (x.dim() - 2))

    return hook


def _tensors(result: Any) -> list[Tensor]:
    """All tensors in what a network gives."""
    if isinstance(result, Tensor):
        return [result]
    if isinstance(result, dict):
        result = result.values()
    return [tensor for one in result for tensor in _tensors(one)]


def _leave_dense(plan: GraphPlan, site: Coupled, reason: str) -> None:
    plan.left_dense[site.name] = reason
    plan.sites.remove(site)
    for part in plan.parts:
        part.labels[torch.isin(part.labels, site.left)] = -1
