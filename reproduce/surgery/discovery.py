"""From labels to sites: which units a network has, who reads them, and why others stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from reproduce.errors import NetworkError
from reproduce.surgery.attention import let_heads_go
from reproduce.surgery.following import Example, Followed, Read, follow
from reproduce.surgery.layers import gives, is_layer, main_weight

SIDES = (64, 128)  # of images to try removals on, where larger ones are given


@dataclass
class Found:
    """What can be cut in a network, in terms of names.

    ``sites``: each with the layer that makes its units, and their numbers; ``labels``: for each
    parameter and buffer, each module that has but a size, and each attribute that is one, along
    each dimension the unit of each channel, -1 for none, or None; ``readers``: module, its weight,
    the dimension of that, and how it takes them; ``positions``: of each layer how often its weights
    serve for one sample; ``operations``: what the network does, in order.
    """

    sites: list[tuple[str, Tensor]]
    labels: dict[str, list[Tensor | None]]
    left_dense: dict[str, str]
    readers: list[tuple[str, str, int, Read]]
    positions: dict[str, int]
    operations: list[str]

    def like(self, other: "Found") -> bool:
        """Whether the same was done, and the same was found."""
        same = self.operations == other.operations and self.left_dense == other.left_dense
        pairs = zip(self.labels.items(), other.labels.items())
        return same and all(
            name == name_ and all(_equal(a, b) for a, b in zip(dims, dims_))
            for (name, dims), (name_, dims_) in pairs
        )


def discover(model: nn.Module, example: Example, excluded: set[str]) -> Found:
    """Follows a copy of a network, and finds its units.

    Args:
        model: the network, which may be changed.
        example: a batch.
        excluded: names of modules to leave as they are.

    Raises:
        NetworkError: the network can't be followed.
    """
    let_heads_go(model)
    try:
        followed = follow(model, example.of_two(), excluded)
    except NetworkError:  # some networks take one size of batch only
        followed = follow(model, example, excluded)
    classes = followed.links.classes()
    reasons = followed.links.reasons(classes)
    readers = _readers(followed, classes, reasons)
    readable = {int(c) for _, _, _, read in readers for c in classes[read.labels.numpy()]}
    found = Found([], {}, {}, readers, followed.positions, followed.operations)
    modules = dict(model.named_modules())
    unit_of = np.full(followed.links.count, -1)
    units = 0
    for name in followed.positions:
        vector = _outputs(name, modules[name], followed)
        if vector is None:
            found.left_dense[name] = "it has one unit"
            continue
        own = list(dict.fromkeys(classes[vector.numpy()].tolist()))
        new = [c for c in own if c not in reasons and c in readable and unit_of[c] < 0]
        if len(new) > 1:
            unit_of[new] = range(units, units + len(new))
            found.sites.append((name, torch.arange(units, units + len(new))))
            units += len(new)
        dense = [c for c in own if unit_of[c] < 0]
        if dense:
            why = reasons.get(dense[0], "its units can only go all together")
            if dense[0] not in reasons and dense[0] not in readable:
                why = "nothing reads its units"
            found.left_dense[name] = why if len(dense) == len(own) else f"in part: {why}"
    for name, module in modules.items():
        if is_layer(module) and name not in followed.positions:
            vector = _outputs(name, module, followed)
            own = [] if vector is None else classes[vector.numpy()].tolist()
            known = [reasons[c] for c in own if c in reasons]
            found.left_dense[name] = (*known, "it is not called when the network runs")[0]
    sizes = followed.norms | followed.counted
    named = followed.labels | {name: [labels] for name, labels in sizes.items()}
    found.labels = {
        name: [
            None if vector is None else torch.from_numpy(unit_of[classes[vector.numpy()]])
            for vector in dims
        ]
        for name, dims in named.items()
    }
    return found


def smaller(model: nn.Module, example: Example, excluded: set[str], found: Found) -> Example | None:
    """A batch of smaller images with which a network does the same, operation by operation; None if
    none is found. Arguments as for ``discover``, and what that found."""
    for small in crops(example):
        try:
            if discover(model, small, excluded).like(found):
                return small
        except NetworkError:  # it takes images of one size
            continue
    return None


def crops(example: Example) -> Iterator[Example]:
    """The batch with smaller images, the smallest first."""
    for side in SIDES:
        small = example.map(lambda x: _cropped(x, side))
        sizes = ([x.numel() for x in e.tensors()] for e in (small, example))
        if next(sizes) != next(sizes):
            yield small


def _cropped(x: Any, side: int) -> Any:
    images = isinstance(x, Tensor) and x.dim() > 3 and min(x.shape[-2:]) > side
    return x[..., :side, :side].clone() if images else x


def _equal(a: Tensor | None, b: Tensor | None) -> bool:
    return a is b if a is None or b is None else torch.equal(a, b)


def _outputs(name: str, module: nn.Module, followed: Followed) -> Tensor | None:
    """The labels of what a layer makes, shape (units,); None if it is one."""
    weight = main_weight(module)
    full = next(f"{name}.{n}" if name else n for n, p in module._parameters.items() if p is weight)
    dim = gives(module)
    if any(read.weight == full and read.weight_dim == 0 for read in followed.reads) and not dim:
        dim = 1  # some keep their weight the other way round
    return followed.labels[full][dim]


def _readers(
    followed: Followed, classes: np.ndarray, reasons: dict[int, str]
) -> list[tuple[str, str, int, Read]]:
    """Each layer once; those that read in several ways are left out, with what they read."""
    found: dict[str, Read] = {}
    for read in followed.reads:
        first = found.setdefault(read.module, read)
        same = (first.dim, first.rows, first.weight, first.weight_dim)
        if same != (read.dim, read.rows, read.weight, read.weight_dim):
            for number in classes[read.labels.numpy()].tolist():
                reasons.setdefault(number, f"'{read.module}' reads its units in several ways")
    return [(name, read.weight, read.weight_dim, read) for name, read in found.items()]
