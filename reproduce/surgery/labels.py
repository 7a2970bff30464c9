"""Which channels belong together: labels that travel with tensors through whatever is done to them.

Each channel of each parameter and buffer has a label, a number above 0; 0 is for what has none. A
*field* says for each element of a tensor which label it bears: an integer tensor of as many
dimensions, of size 1 along those dimensions that it does not depend on. A tensor may have several,
on different dimensions, as a weight has for its outputs and its inputs. Operations move fields
along, and *link* labels whose channels can only be cut together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

Field = Tensor


@dataclass
class Labelled:
    """What is known of one tensor.

    ``rows``: which sample each element belongs to, as a field, -1 where it belongs to several;
    None where no sample went in. ``weight``: whether it is a parameter, or a view of one.
    """

    fields: list[Field] = field(default_factory=list)
    rows: Field | None = None
    weight: Tensor | None = None


@dataclass
class Links:
    """Labels given so far, which of them are linked, and which can't be cut, with the reason."""

    count: int = 1
    pairs: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    pins: list[tuple[Tensor, str]] = field(default_factory=list)
    grids: list[Field] = field(default_factory=list)  # dimensions that must stay rectangular

    def fresh(self, size: int) -> Tensor:
        """New labels, shape (size,)."""
        self.count += size
        return torch.arange(self.count - size, self.count)

    def pin(self, labels: Tensor, reason: str) -> None:
        """Says why the channels with these labels can't be cut."""
        labels = labels[labels > 0]
        if len(labels):
            self.pins.append((labels.unique(), reason))

    def link(self, a: Tensor, b: Tensor, reason: str) -> Tensor:
        """Links labels that meet element by element, and returns the field of both.

        Where only one has a label it is pinned, with ``reason``.
        """
        a, b = torch.broadcast_tensors(a, b)
        one_sided = (a > 0) != (b > 0)
        self.pin(torch.where(one_sided, torch.maximum(a, b), 0), reason)
        different = (a != b) & ~one_sided
        if different.any():
            self.pairs.append((a[different], b[different]))
        return compact(torch.where(one_sided, 0, a))

    def mix(self, labels: Field, dims: Iterable[int], reason: str) -> Field:
        """Links all labels along some dimensions, and returns the field without these."""
        first = labels
        for d in dims:
            first = first.narrow(d, 0, 1)
        if first.shape == labels.shape:
            return labels
        return self.link(labels, first, reason).amin(list(dims), keepdim=True)

    def tie(self, labels: Field, dim: int) -> None:
        """Links all labels along one dimension."""
        if labels.shape[dim] > 1:
            self.mix(labels, [dim], "only some of what is taken apart by number can be cut")

    def classes(self) -> np.ndarray:
        """For each label the number of the unit that it belongs to, shape (count,)."""
        while True:
            found = self._components()
            pairs = len(self.pairs)
            for grid in self.grids:
                self._make_rectangular(grid, found)
            if len(self.pairs) == pairs:
                return found

    def reasons(self, classes: np.ndarray) -> dict[int, str]:
        """Why units can't be cut, by unit: the first reason that was met."""
        found: dict[int, str] = {}
        for labels, reason in self.pins:
            for number in np.unique(classes[labels.numpy()]):
                found.setdefault(int(number), reason)
        return found

    def _components(self) -> np.ndarray:
        if not self.pairs:
            return np.arange(self.count)
        a, b = (torch.cat(side).numpy() for side in zip(*self.pairs))
        graph = coo_array((np.ones(len(a), np.int8), (a, b)), (self.count, self.count))
        return np.asarray(connected_components(graph, directed=False)[1])

    def _make_rectangular(self, grid: Field, classes: np.ndarray) -> None:
        """A dimension that was split stays a product: units may differ along one part only."""
        units = torch.from_numpy(classes)[grid]
        varying = [d for d in range(grid.dim()) if (units != units.narrow(d, 0, 1)).any()]
        for d in varying[:-1]:
            self.tie(grid, d)


def compact(labels: Field) -> Field:
    """The field, of size 1 along dimensions that it does not depend on."""
    for d, size in enumerate(labels.shape):
        first = labels.narrow(d, 0, 1)
        if size > 1 and bool((labels == first).all()):
            labels = first
    return labels


def varying(labels: Field) -> list[int]:
    """The dimensions that a field depends on."""
    return [d for d, size in enumerate(labels.shape) if size > 1]


def reshape(labels: Field, old: Sequence[int], new: Sequence[int]) -> tuple[Field, list[Field]]:
    """The field of a tensor of shape ``old`` that is read as one of shape ``new``.

    Returns:
        The field, and for each dimension that was split what its parts hold.
    """
    sizes: list[int] = []
    result: list[int] = []
    spans: list[range] = []
    i = j = 0
    while i < len(old) or j < len(new):  # the least runs of dimensions with one product
        start, begin, left, right = i, j, 1, 1
        if i < len(old):
            left, i = old[i], i + 1
        if j < len(new):
            right, j = new[j], j + 1
        while left != right:
            if left < right:
                left, i = left * old[i], i + 1
            else:
                right, j = right * new[j], j + 1
        plain = all(labels.shape[d] == 1 for d in range(start, i))
        sizes += [1] * (i - start) if plain else old[start:i]
        result += [1] * (j - begin) if plain else new[begin:j]
        spans.append(range(begin, j))
    moved = labels.expand(sizes).reshape(result)
    grids = []
    for span in spans:
        parts = [d for d in span if result[d] > 1]
        if len(parts) > 1:
            others = [d for d in range(len(result)) if d not in parts]
            shape = [result[d] for d in parts]
            grids += list(moved.permute(*others, *parts).reshape(-1, *shape))
    return compact(moved), grids
