"""What gates did to a network, layer by layer, and what they tell of themselves."""

from dataclasses import astuple, dataclass

import torch
from torch import Tensor

from reproduce.gates.decisions import MARGIN, MEMORY
from reproduce.models import Select
from reproduce.surgery.chain import Plan
from reproduce.surgery.layers import gives, is_layer, main_weight


@dataclass(frozen=True)
class Size:
    """Of one layer, or of the network: units, parameters, and MACs for one sample."""

    units: int
    parameters: int
    macs: int


@dataclass(frozen=True)
class Layer:
    """One layer at the start and now; ``left_dense``: why some or all of its units have no gate."""

    name: str
    kind: str
    before: Size
    now: Size
    left_dense: str


@dataclass(frozen=True)
class Summary:
    """Every layer of a network, in the order in which it has them; ``str`` makes a table of it."""

    layers: list[Layer]
    before: Size
    now: Size

    def __str__(self) -> str:
        head = ("layer", "kind", "units", "parameters", "MACs", "left dense")
        lines = [
            (layer.name, layer.kind, *_from_to(layer.before, layer.now), layer.left_dense)
            for layer in self.layers
        ]
        lines.append(("all", "", *_from_to(self.before, self.now), ""))
        widths = [max(len(line[n]) for line in (head, *lines)) for n in range(5)]
        return "\n".join(
            "  ".join((*(text.ljust(width) for text, width in zip(line, widths)), line[5])).rstrip()
            for line in (head, *lines)
        )


def _from_to(before: Size, now: Size) -> tuple[str, ...]:
    pairs = zip(astuple(before), astuple(now))
    return tuple(f"{a:,}" if a == b else f"{a:,} -> {b:,}" for a, b in pairs)


def sizes(plan: Plan) -> dict[str, Size]:
    """Of each layer as it is now, and under the name of '' of the network."""
    uses = dict(zip(plan.layers, plan.positions))
    found = {}
    for name, module in plan.model.named_modules():
        if isinstance(module, Select):
            found[name] = Size(module.out_features, 0, 0)
        elif is_layer(module):
            own = sum(p.numel() for p in module.parameters(recurse=False))
            weight = main_weight(module)
            macs = weight.numel() * uses.get(module, 0)
            found[name] = Size(weight.shape[gives(module)], own, macs)
    units = sum(size.units for size in found.values())
    return found | {"": Size(units, plan.parameters(), plan.macs())}


def summary(plan: Plan, before: dict[str, Size]) -> Summary:
    """What became of the layers that were of these sizes."""
    now = sizes(plan)
    kinds = {name: type(module).__name__ for name, module in plan.model.named_modules()}
    layers = [
        Layer(name, kinds[name], size, now[name], plan.left_dense.get(name, ""))
        for name, size in before.items()
        if name
    ]
    return Summary(layers, before[""], now[""])


class Told:
    """The part of ``Gates`` that tells what became of them and of their network."""

    plan: Plan
    theta: Tensor
    kept: list[Tensor]
    started_with: tuple[int, ...]
    _sizes: dict[str, Size]  # at the start
    _steps: int
    _second_moment: Tensor  # of the gradient's estimates, each gate's running mean
    _worth: Tensor  # by site
    _price: Tensor
    _counts: Tensor  # of gates by site
    _site_of: Tensor  # of each gate

    def summary(self) -> Summary:
        """Each layer's units, parameters and MACs at the start and now, and what is left dense."""
        return summary(self.plan, self._sizes)

    @property
    def left_dense(self) -> dict[str, str]:
        """Names of layers whose units have no gate, each with the reason."""
        return self.plan.left_dense

    def share_decided(self, sites: slice = slice(None), margin: float = MARGIN) -> float:
        """Share of all the gates started with that are removed or outside [margin, 1 - margin]."""
        undecided = sum(
            int(((t >= margin) & (t <= 1 - margin)).sum()) for t in self.by_site(self.theta)[sites]
        )
        return 1 - undecided / sum(self.started_with[sites])

    def by_site(self, values: Tensor) -> list[Tensor]:
        """Splits a vector over all gates into one per site."""
        return list(values.split(self.plan.widths()))

    def full_theta(self) -> list[Tensor]:
        """Gate probabilities per site in the original numbering, 0 where a unit is removed."""
        sites = zip(self.by_site(self.theta), self.kept, self.started_with)
        return [theta.new_zeros(n).index_copy(0, kept, theta) for theta, kept, n in sites]

    def noise(self) -> list[float]:
        """Root mean square of the gate gradient's estimate per site, mean-loss units."""
        return self._moment().sqrt().tolist()

    def _moment(self) -> Tensor:
        return self._per_site(self._second_moment) / (1 - MEMORY ** max(self._steps, 1))

    def worth(self) -> list[float]:
        """Mean worth C(0) - C(1) of a unit per site in the last window, mean-loss units."""
        return self._worth.tolist()

    def prices(self) -> list[float]:
        """Price of one unit per site, mean-loss units."""
        return self._per_site(self._price).tolist()

    def _per_site(self, values: Tensor) -> Tensor:
        sums = torch.zeros(len(self._counts), device=values.device, dtype=values.dtype)
        return sums.index_add_(0, self._site_of, values) / self._counts
