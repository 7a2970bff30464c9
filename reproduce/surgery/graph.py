"""Networks that branch and join: what must be gated and cut together.

Labels follow every operation of the network (``following``): channels whose labels are linked are
one unit, which goes from all parameters and buffers at once; a gate stands in front of each layer
that reads it. What is found so is not taken on trust: it is tried on a copy of the network first
(``trial``), and left dense where cutting units that are zero would change the output.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from reproduce.errors import NetworkError
from reproduce.surgery.attention import let_heads_go
from reproduce.surgery.chain import Plan, trace
from reproduce.surgery.copying import all_in_double, copy_of, in_double, shared
from reproduce.surgery.discovery import Found, crops, discover, smaller
from reproduce.surgery.following import Example, all_tensors
from reproduce.surgery.layers import CONVOLUTIONS, TRANSPOSED, main_weight
from reproduce.surgery.reading import Reader
from reproduce.surgery.slicing import slice_tensor
from reproduce.surgery.trial import at_fault, difference

PARALLEL = (nn.DataParallel, nn.parallel.DistributedDataParallel)
TOTALS = ("attn_dim", "all_head_size", "inner_dim", "dim_attn", "key_dim")


@dataclass
class Size:
    """An attribute of a module that is in proportion to a number of channels."""

    module: nn.Module
    attribute: str
    original: int
    channels: int

    def follow(self, channels: int) -> None:
        setattr(self.module, self.attribute, self.original * channels // self.channels)


@dataclass
class Part:
    """One dimension of a parameter or buffer, and which unit each of its channels belongs to.

    ``owners``: the modules that hold it, with its name there; none where a module only has a size;
    ``labels``: the original number among all units, -1 where a channel has no gate; shape
    (channels,). ``reads``: whether a gate stands in front of these channels.
    """

    owners: list[tuple[nn.Module, str]]
    dim: int
    labels: Tensor
    sizes: list[Size]
    reads: bool = False

    @property
    def tensor(self) -> Tensor:
        module, name = self.owners[0]
        return cast(Tensor, getattr(module, name))

    def without(self, gone: Tensor, optimizer: torch.optim.Optimizer | None) -> None:
        """Cuts channels out; ``gone``: whether each unit goes, and last False, (units + 1,)."""
        stays = ~gone[self.labels]
        if stays.all():
            return
        keep = stays.nonzero().flatten()
        self.labels = self.labels[keep]
        if self.owners:
            slice_tensor(self.owners, keep, self.dim, optimizer)
        for size in self.sizes:
            size.follow(len(keep))


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
class Gated:
    """The channels that a reader takes: ``labels`` as in ``Part``, shape (channels,)."""

    reader: Reader
    part: Part


@dataclass
class GraphPlan(Plan):
    """The sites of a network that is no chain, with the interface of ``Plan``.

    ``left_dense`` names the layers of which some units have no gate, each with the reason.
    """

    sites: list[Coupled]  # type: ignore[assignment]  # what is left of Plan asks no more of them
    units: int = 0  # at the start
    parts: list[Part] = field(default_factory=list)
    gated: list[tuple[Reader, Part]] = field(default_factory=list)

    @property
    def starts_with_features(self) -> bool:
        return False

    def readers(self) -> list[Reader]:
        return [reader for reader, _ in self.gated]

    def channels(self) -> list[Tensor]:
        """For each reader the gate of each of its channels, shape (channels,).

        Gates are counted over all sites as they are now; their number stands for 'no gate'.
        """
        left = torch.cat([site.left for site in self.sites])
        return [
            torch.searchsorted(left, part.labels.clamp_min(0)).where(part.labels >= 0, len(left))
            for _, part in self.gated
        ]

    def cut(
        self, site: int, keep: Tensor, optimizer: torch.optim.Optimizer | None
    ) -> list[tuple[int, Tensor]]:
        here = self.sites[site]
        if not len(keep) or keep.min() < 0 or keep.max() >= here.units:
            raise ValueError(f"keep must list 1 to {here.units} units of site {here.name}")
        return self._cut([(site, keep)], optimizer)

    def cut_to(
        self, kept: list[Tensor], wanted: list[Tensor], optimizer: torch.optim.Optimizer | None
    ) -> list[Tensor]:
        left, shrink = list(kept), []
        for number, (here, there) in enumerate(zip(kept, wanted)):
            keep = torch.isin(here, there).nonzero().flatten()
            if len(keep) < len(here):
                shrink.append((number, keep))
        for where, stays in self._cut(shrink, optimizer):
            left[where] = left[where][stays]
        return left

    def _cut(
        self, shrink: list[tuple[int, Tensor]], optimizer: torch.optim.Optimizer | None
    ) -> list[tuple[int, Tensor]]:
        """All at once, since each part may have units of many sites."""
        before = self._site_of()
        for number, keep in shrink:
            self.sites[number].left = self.sites[number].left[keep]
        gone = (before > 0) & (self._site_of() == 0)
        for part in self.parts:
            part.without(gone, optimizer)
        return shrink

    def _site_of(self) -> Tensor:
        """For each unit the number of its site, counted from 1, 0 if it is gone; and last a 0."""
        table = torch.zeros(self.units + 1, dtype=torch.long, device=self.sites[0].left.device)
        for number, site in enumerate(self.sites, start=1):
            table[site.left] = number
        return table

    def macs(self) -> int:
        return sum(main_weight(m).numel() * n for m, n in zip(self.layers, self.positions))

    def saving(self, what: str) -> list[float]:
        if what == "unit":
            return [1.0] * len(self.sites)
        units, site_of = np.array(self.widths()), self._site_of()
        saved = np.zeros(len(self.sites))
        for part in self.parts:
            if not part.owners or not isinstance(part.tensor, nn.Parameter):
                continue
            count = torch.bincount(site_of[part.labels], minlength=len(self.sites) + 1)
            each = count[1:].cpu().numpy() / units * part.tensor.numel() / len(part.labels)
            saved += each * self._uses(part) if what == "macs" else each
        return saved.tolist()

    def size_with(self, stays: Sequence[Tensor], what: str) -> int:
        kept = self._site_of() * 0
        kept[-1] = 1
        for site, stay in zip(self.sites, stays):
            kept[site.left[stay]] = 1
        share: dict[int, float] = {}
        for part in self.parts:
            if part.owners:
                left = kept[part.labels].double().mean().item()
                share[id(part.tensor)] = share.get(id(part.tensor), 1.0) * left
        if what == "params":
            held = [(p, 1) for p in self.model.parameters()]
        else:
            held = [(main_weight(m), uses) for m, uses in zip(self.layers, self.positions)]
        return round(sum(p.numel() * uses * share.get(id(p), 1.0) for p, uses in held))

    def _uses(self, part: Part) -> int:
        """How often a parameter serves for one sample in a layer's products."""
        return sum(
            self.positions[self.layers.index(module)]
            for module, _ in part.owners
            if module in self.layers and main_weight(module) is part.tensor
        )


def assemble(model: nn.Module, found: Found, dense: set[str] = frozenset()) -> GraphPlan:  # type: ignore[assignment]
    """The plan of a network in which these sites were found; ``dense`` names those to leave out."""
    modules = dict(model.named_modules())
    layers = [modules[name] for name in found.positions]
    plan = GraphPlan(model, layers, list(found.positions.values()), [], dict(found.left_dense))
    device = next(model.parameters()).device
    numbers = torch.cat([left for _, left in found.sites])
    gates = torch.full((int(numbers.max()) + 1,), -1)  # by unit, those left out skipped
    start = 0
    for name, left in found.sites:
        if name not in dense:
            gates[left] = torch.arange(start, start + len(left))
            plan.sites.append(Coupled(name, gates[left].to(device)))
            start += len(left)
    plan.units = start
    parts: dict[tuple[int, int], Part] = {}
    touched = set()
    tensors = dict(all_tensors(model))
    for name, dims in found.labels.items():
        for dim, units in enumerate(dims):
            if units is None:
                continue
            labels = torch.where(units >= 0, gates[units.clamp_min(0)], -1)
            if (labels < 0).all():
                continue
            touched.add(name)
            owner, _, attribute = (name, "", "") if name in modules else name.rpartition(".")
            key = id(tensors.get(name, name)), dim
            part = parts.setdefault(key, Part([], dim, labels.to(device), []))
            if name in tensors:
                part.owners.append((modules[owner], attribute))
            if name in tensors or name in modules:
                part.sizes += _sizes(modules, owner, dim, units)
            else:
                value = getattr(modules[owner], attribute)
                part.sizes.append(Size(modules[owner], attribute, value, len(units)))
    plan.parts = list(parts.values())
    let_heads_go(model, touched)
    for name, weight, dim, read in found.readers:
        held = parts.get((id(tensors[weight]), dim))
        if held is not None:
            reader = Reader(name, modules[name], 1, read.dim, read.rows)
            plan.gated.append((reader, held))
    return plan


def _sizes(modules: dict[str, nn.Module], owner: str, dim: int, units: Tensor) -> list[Size]:
    """The attributes that say how long a dimension of a module's tensors is."""
    module = modules[owner]
    if isinstance(module, CONVOLUTIONS + TRANSPOSED):
        names: tuple[str, ...] = ("in_channels",)
        if dim == isinstance(module, TRANSPOSED):
            names = ("out_channels", "in_channels", "groups")[: 3 if module.groups > 1 else 1]
    else:
        names = SIZES.get(dim, ())
    sizes = [
        Size(module, name, getattr(module, name), len(units))
        for name in names
        if type(getattr(module, name, None)) is int
    ]
    return sizes + (_heads(modules, owner, units) if dim == 0 else [])


# Of a linear layer, a norm, a PReLU, an embedding.
SIZES = {
    0: ("out_features", "num_features", "num_channels", "num_groups", "num_parameters"),
    1: ("in_features", "embedding_dim"),
}


def _heads(modules: dict[str, nn.Module], owner: str, units: Tensor) -> list[Size]:
    """The number of attention heads, and of all their channels, where a layer's units are heads."""
    count = len(units.unique())
    if (units < 0).any() or count == len(units):
        return []
    sizes = []
    for module in (modules[owner.rpartition(".")[0]], modules[owner]):
        for name, value in vars(module).items():
            heads = "head" in name and "dim" not in name and "size" not in name and value == count
            total = name in TOTALS and value != count and type(value) is int and value % count == 0
            if type(value) is int and (heads or total):
                sizes.append(Size(module, name, value, len(units)))
    return sizes


def plan_of(model: nn.Module, example: Any, exclude: Iterable[nn.Module] = ()) -> Plan:
    """What can be gated and cut in a network: as a chain of layers, or else as a graph.

    Args:
        model: the network; not changed, but that ``nn.MultiheadAttention`` whose heads can go
            becomes a class of ours, of the same arithmetic (``attention``).
        example: one batch as the network takes it: a tensor, a tuple of arguments, or arguments
            by keyword in a dict.
        exclude: modules to leave as they are, with all that is inside them.

    Raises:
        NetworkError: nothing can be gated, with the reasons, or the network can't be followed.
    """
    if isinstance(model, PARALLEL):
        kind = type(model).__name__
        raise NetworkError(f"attach gates to the network inside of {kind}: its .module")
    excluded = {inner for module in exclude for inner in module.modules()}
    batch = Example.of(example)
    if not excluded and not batch.kwargs:
        plan = _chain(model, batch)
        if plan is not None:
            return plan
    if lazy := [name for name, p in model.named_parameters() if is_lazy(p)]:
        raise NetworkError(f"'{lazy[0]}' has no shape yet: run the network once before")
    names = {name for name, module in model.named_modules() if module in excluded}
    copy = copy_of(model, shared)
    found = discover(copy, batch, names)
    small = smaller(copy, batch, names, found)
    del copy  # since trials need memory too

    def faults(example: Example) -> dict[str, str]:
        sites = [name for name, _ in found.sites]
        copies = lambda dense: assemble(copy_of(model, in_double), found, dense)  # noqa: E731
        return at_fault(sites, copies, example.of_two())

    if found.sites and (small is None or faults(small)):
        found.left_dense |= faults(batch)
    dense = {name for name, _ in found.sites if name in found.left_dense}
    if len(dense) == len(found.sites):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in found.left_dense.items())
        raise NetworkError(f"the network has no hidden layer to gate ({reasons or 'no layers'})")
    return assemble(model, found, dense)


def _chain(model: nn.Module, example: Example) -> Plan | None:
    """The network as a chain of layers, if it is one and units can be cut from it."""
    try:
        plan = trace(model, *example.args)
    except NetworkError:
        return None
    for batch in (*crops(example), example):  # a chain does the same with images of any size
        try:
            trace(copy_of(model, shared), *batch.args)
        except NetworkError:  # but some take one only
            continue
        double = batch.map(lambda x: x.double() if _is_real(x) else x)
        with all_in_double():
            trial = trace(copy_of(model, in_double).double(), *double.args)
        return None if difference(trial, double.of_two()) else plan
    return None


def _is_real(x: Any) -> bool:
    return isinstance(x, Tensor) and x.is_floating_point()
