"""Which units belong together, and how they are cut out of a network and its optimiser.

A network is read as a chain of layers. Between two neighbours stands a *site*: the output units
of the first (its filters, neurons, or the features that a ``Select`` passes on) are the inputs of
the second. Whatever lies between them (batch norm, activation, pooling, flattening) works on each
unit apart, so that a unit whose gate is zero can be cut without changing any output.
"""

from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, cast

import torch
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from reproduce.errors import NetworkError
from reproduce.models import Select
from reproduce.surgery.copying import as_it_was, copy_of, shared
from reproduce.surgery.reading import Reader
from reproduce.surgery.slicing import inputs, outputs, slice_inputs, slice_outputs, weight_of

LAYERS = (nn.Linear, nn.Conv2d, Select)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
UNITWISE_MODULES = (
    nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid, nn.Identity,
    nn.Dropout, nn.Dropout2d, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Flatten,
)  # fmt: skip
UNITWISE_FUNCTIONS = {
    "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "dropout",
    "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "flatten",
}  # fmt: skip


@dataclass
class Site:
    """The place between two layers: ``units`` outputs of one, each ``block`` inputs of the next."""

    name: str
    producer: nn.Module
    consumer: nn.Module
    block: int
    norms: list[nn.Module] = field(default_factory=list)

    @property
    def units(self) -> int:
        return outputs(self.producer)

    @property
    def owners(self) -> Tensor:
        """In front of a ``Select``: which unit each feature behind it comes from."""
        return cast(Select, self.consumer).index.div(self.block, rounding_mode="floor")


@dataclass
class Plan:
    """The chain of layers of one network, the sites between them, and what each layer costs.

    ``positions`` holds for each layer how often its weights are used for one sample.
    """

    model: nn.Module
    layers: list[nn.Module]
    positions: list[int]
    sites: list[Site]

    left_dense: dict[str, str] = field(default_factory=dict)  # of a chain: its last layer

    def widths(self) -> tuple[int, ...]:
        """Units left at each site."""
        return tuple(site.units for site in self.sites)

    def readers(self) -> list[Reader]:
        """Where gates stand, site after site."""
        return [Reader(site.name, site.consumer, site.block) for site in self.sites]

    def channels(self) -> list[Tensor]:
        """For each reader the gate of each of its channels; none where sites are read in order."""
        return []

    @property
    def starts_with_features(self) -> bool:
        """Whether the first site gates the network's input, behind a ``Select``."""
        return isinstance(self.layers[0], Select)

    def macs(self) -> int:
        """Multiply-accumulates of one forward pass of one sample, biases not counted."""
        return sum(self._layer_macs(layer) for layer in self.layers)

    def parameters(self) -> int:
        """Weights and biases left."""
        return sum(p.numel() for p in self.model.parameters())

    def saving(self, what: str) -> list[float]:
        """For each site what removing one of its units saves now; ``what``: unit, params, macs."""
        if what == "unit":
            return [1.0] * len(self.sites)
        return [self._saving(site, what) for site in self.sites]

    def _saving(self, site: Site, what: str) -> float:
        """A unit takes its row of the layer before, its norm entries, and its columns after."""
        producer, consumer = site.producer, site.consumer
        columns = _weights(consumer) * site.block / max(inputs(consumer), 1)
        if what == "params":
            rows = sum(map(_all_parameters, [producer, *site.norms]))
            return rows / site.units + columns
        before, after = (self.positions[self.layers.index(layer)] for layer in (producer, consumer))
        return _weights(producer) * before / site.units + columns * after

    def size_with(self, stays: Sequence[Tensor], what: str) -> int:
        """What would be left with these units only, their layers being sound as after ``spare``.

        Args:
            stays: for each site whether each unit stays, shape (units,), bool.
            what: macs or params.
        """
        left = list(stays)
        for number, site in enumerate(self.sites):
            if isinstance(site.consumer, Select):
                left[number + 1] = left[number + 1] & left[number][site.owners]
        shares = [1.0, *(keep.double().mean().item() for keep in left), 1.0]
        size = float(self.macs() if what == "macs" else self.parameters())
        for number, (layer, uses) in enumerate(zip(self.layers, self.positions)):
            before, after = shares[number : number + 2]
            weights = _weights(layer)
            size -= weights * (1 - before * after) * (uses if what == "macs" else 1)
            if what == "params":
                norms = self.sites[number].norms if number < len(self.sites) else []
                others = sum(map(_all_parameters, [layer, *norms])) - weights
                size -= others * (1 - after)
        return round(size)

    def _layer_macs(self, layer: nn.Module) -> int:
        return _weights(layer) * self.positions[self.layers.index(layer)]

    def cut(
        self, site: int, keep: Tensor, optimizer: torch.optim.Optimizer | None
    ) -> list[tuple[int, Tensor]]:
        """Removes physically all units of a site but those listed.

        Weights, biases, batch-norm buffers and the optimiser's moments are sliced. Cutting the
        filters in front of a ``Select`` cuts its features too.

        Args:
            site: which site, as an index into ``sites``.
            keep: the units that stay, ascending indices, shape (kept,).
            optimizer: the optimiser that holds the parameters, or None.

        Returns:
            The sites that shrank, each with the indices that stayed there.

        Raises:
            ValueError: no unit is to stay, or an index is out of range.
        """
        here = self.sites[site]
        if not len(keep) or keep.min() < 0 or keep.max() >= here.units:
            raise ValueError(f"keep must list 1 to {here.units} units of site {here.name}")
        for module in [here.producer, *here.norms]:
            slice_outputs(module, keep, optimizer)
        block = torch.arange(here.block, device=keep.device)
        features = (keep[:, None] * here.block + block).flatten()
        if not isinstance(here.consumer, Select):
            slice_inputs(here.consumer, features, optimizer)
            return [(site, keep)]
        stays = torch.isin(here.consumer.index, features)
        kept_features = stays.nonzero().flatten()
        if not len(kept_features):
            raise ValueError(f"site {here.name}: no feature behind the kept units would be left")
        here.consumer.keep(torch.searchsorted(features, here.consumer.index[stays]))
        after = self.sites[site + 1]
        slice_inputs(after.consumer, kept_features, optimizer)
        return [(site, keep), (site + 1, kept_features)]

    def spare(self, gone: list[Tensor], value: list[Tensor]) -> list[int]:
        """Changes which units are to go so that every site keeps its most valuable one at least.

        Filters in front of a ``Select`` go with the last of their features, and one whose feature
        is kept there stays.

        Args:
            gone: for each site whether each unit is to go, shape (units,), bool; changed in place.
            value: for each site of each unit, shape (units,).

        Returns:
            The sites that would have vanished.
        """
        spared = []
        for number in reversed(range(len(gone))):
            site, candidates = self.sites[number], torch.ones_like(gone[number])
            if isinstance(site.consumer, Select):
                candidates.zero_()[site.owners[~gone[number + 1]]] = True
                gone[number] |= ~candidates
            if gone[number].all():
                spared.append(number)
                least = value[number].min() - 1
                gone[number][torch.where(candidates, value[number], least).argmax()] = False
        return spared

    def cut_to(
        self, kept: list[Tensor], wanted: list[Tensor], optimizer: torch.optim.Optimizer | None
    ) -> list[Tensor]:
        """Removes all units but those wanted, site after site.

        Args:
            kept: the original numbers of the units there now, by site.
            wanted: the original numbers of those that are to stay.
            optimizer: the optimiser that holds the parameters, or None.

        Returns:
            The original numbers of the units there afterwards, by site.
        """
        left = list(kept)
        for site in range(len(self.sites)):
            keep = torch.isin(left[site], wanted[site]).nonzero().flatten()
            if len(keep) < self.sites[site].units:
                for where, stays in self.cut(site, keep, optimizer):
                    left[where] = left[where][stays]
        return left


def _weights(layer: nn.Module) -> int:
    return 0 if isinstance(layer, Select) else weight_of(layer).numel()


def _all_parameters(layer: nn.Module) -> int:
    return sum(p.numel() for p in layer.parameters(recurse=False))


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, Select) or super().is_leaf_module(m, module_qualified_name)


def trace(model: nn.Module, *arguments: Any) -> Plan:
    """Reads a network as a chain of layers.

    Args:
        model: the network; not changed.
        arguments: of the network, for one batch.

    Raises:
        NetworkError: the network is no chain, or has a part whose units can't be told apart.
    """
    try:  # a copy, since a network that keeps something would keep what tracing passes in
        graph = _Tracer().trace(copy_of(model, shared))
    except Exception as error:
        raise NetworkError(f"the network can't be traced by torch.fx: {error}") from error
    nodes = [node for node in graph.nodes if node.op != "output"]
    parts = {
        node: model.get_submodule(str(node.target)) if node.op == "call_module" else None
        for node in nodes
    }
    for node, module in parts.items():
        _check_chain(node)
        known = node.op == "placeholder" or isinstance(module, LAYERS + NORMS)
        if not known and not _is_unitwise(node, module):
            what = type(module).__name__ if module is not None else node.target
            raise NetworkError(f"'{node.name}' ({what}) can't be gated: its units are not separate")
    _run(fx.GraphModule(model, graph), model, arguments)
    plan = Plan(model, [], [], [])
    norms: list[nn.Module] = []
    for node, module in parts.items():
        if isinstance(module, LAYERS):
            _add_layer(plan, str(node.target), module, node.meta["tensor_meta"].shape, norms)
            norms = []
        elif isinstance(module, NORMS):
            norms.append(module)
            if plan.layers and outputs(plan.layers[-1]) != module.num_features:
                raise NetworkError(f"'{node.name}' has not one entry for each unit")
    if not plan.sites:
        raise NetworkError("the network has no hidden layer to gate")
    plan.left_dense[plan.sites[-1].name] = "its units are the network's output"
    return plan


def _run(traced: fx.GraphModule, model: nn.Module, arguments: tuple[Any, ...]) -> None:
    """Notes the shape of what each node makes."""
    try:
        with as_it_was(model), torch.no_grad(), redirect_stderr(StringIO()):  # it prints tracebacks
            model.eval()
            ShapeProp(traced).propagate(*arguments)
    except Exception as error:
        raise NetworkError(f"the network can't be run with this example: {error}") from error


def _check_chain(node: fx.Node) -> None:
    if len(node.users) != 1 or len(node.all_input_nodes) > 1:
        raise NetworkError(
            f"'{node.name}' branches or joins: only networks whose layers form a chain can be gated"
        )


def _is_unitwise(node: fx.Node, module: nn.Module | None) -> bool:
    if node.op == "call_module":
        return isinstance(module, UNITWISE_MODULES)
    name = node.target if node.op == "call_method" else getattr(node.target, "__name__", "")
    return node.op != "get_attr" and name in UNITWISE_FUNCTIONS


def _add_layer(
    plan: Plan, name: str, layer: nn.Module, shape: torch.Size, norms: list[nn.Module]
) -> None:
    if any(layer is other for other in plan.layers):
        raise NetworkError(f"layer '{name}' is used twice: shared layers can't be cut")
    if isinstance(layer, nn.Conv2d) and layer.groups != 1:
        raise NetworkError(f"layer '{name}' is a grouped convolution, which can't be cut")
    if len(shape) != (4 if isinstance(layer, nn.Conv2d) else 2):
        raise NetworkError(f"layer '{name}' takes more than one vector for a sample")
    held = {p for other in plan.layers for p in other.parameters(recurse=False)}
    if not held.isdisjoint(layer.parameters(recurse=False)):
        raise NetworkError(f"layer '{name}' shares a parameter with another")
    if plan.layers:
        producer = plan.layers[-1]
        width = len(layer.index) if isinstance(layer, Select) else inputs(layer)
        plan.sites.append(Site(name, producer, layer, width // outputs(producer), norms))
    plan.layers.append(layer)
    plan.positions.append(shape[2:].numel())
