"""What gates did to a network, layer by layer."""

from dataclasses import astuple, dataclass

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
