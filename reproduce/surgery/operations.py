"""What each of PyTorch's operations does to labels: the rules of ``labels.Tracer``.

The operations are those that all Python code comes down to (``aten``), so that it doesn't matter
how a network is written. One that is not listed pins the labels of all that goes in.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, Protocol

import torch
from torch import Tensor

from reproduce.surgery.labels import Field, Labelled, Links, compact, reshape, varying


class Tracer(Protocol):
    """What the rules ask of who follows a network."""

    links: Links

    def of(self, tensor: Any) -> Labelled: ...

    def where(self) -> str:
        """The module at work, in words."""

    def reads(self, weight: Tensor, channels: Tensor, takes: Tensor) -> None:
        """Tells that channels meet those of a weight in a product: their labels, (channels,)."""

    def counts(self, channels: Tensor, numbers: Sequence[int]) -> None:
        """Tells that the module at work may know these numbers of channels: labels, (channels,)."""


Rule = Callable[..., Labelled | list[Labelled]]
RULES: dict[str, Rule] = {}


def rule(names: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names.split(), function))
        return function

    return register


def pointwise(t: Tracer, shape: Sequence[int], tensors: Sequence[Any]) -> Labelled:
    """Elements that meet are of one unit, or pinned."""
    operands = []
    rows = None
    for x in tensors:
        if isinstance(x, Tensor):
            lead = (1,) * (len(shape) - x.dim())
            known = moved(t.of(x), lambda f: f.reshape((*lead, *f.shape)))
            operands.append((known.fields, (*lead, *x.shape)))
            rows = same_rows(rows, known.rows)
    return Labelled(meet(t, operands), rows)


def meet(t: Tracer, operands: Sequence[tuple[list[Field], Sequence[int]]]) -> list[Field]:
    """The fields of what is put together element by element, from those of each and its shape."""
    reason = f"its units meet others that can't be cut, in {t.where()}"
    result: list[Field] = []
    for fields, _ in operands:
        for new in fields:
            for old in [f for f in result if overlap(f, new)]:
                result = [f for f in result if f is not old]
                new = t.links.link(old, new, reason)
            result.append(new)
    for labels in result:  # whatever is full along these dimensions must have labels there
        for fields, shape in operands:
            full = any(shape[d] > 1 for d in varying(labels))
            if full and not any(overlap(f, labels) for f in fields):
                t.links.pin(labels, reason)
    return [f for f in result if varying(f)]


def overlap(a: Field, b: Field) -> bool:
    """Whether two fields depend on a dimension in common."""
    return bool(set(varying(a)) & set(varying(b)))


def same_rows(a: Field | None, b: Field | None) -> Field | None:
    """Which sample the elements belong to that are made of two."""
    if a is None or b is None:
        return a if b is None else b
    a, b = torch.broadcast_tensors(a, b)
    return compact(torch.where(a == b, a, -1))


def mixed(t: Tracer, known: Labelled, dims: Sequence[int], keep: bool = True) -> Labelled:
    """What is left when elements along some dimensions become one, or depend on one another."""
    reason = f"{t.where()} mixes its units"
    result = Labelled()
    for labels in known.fields:
        labels = t.links.mix(labels, dims, reason)
        if not varying(labels):
            t.links.pin(labels, reason)
        else:
            result.fields.append(labels)
    if known.rows is not None:
        rows = known.rows
        for d in dims:
            first = rows.narrow(d, 0, 1)
            rows = torch.where((rows == first).all(d, keepdim=True), first, -1)
        result.rows = rows
    return result if keep else moved(result, lambda f: f.squeeze(tuple(dims)))


def moved(known: Labelled, move: Callable[[Field], Field]) -> Labelled:
    """The fields after something that only moves elements."""
    fields = [compact(move(f)) for f in known.fields]
    rows = None if known.rows is None else compact(move(known.rows))
    return Labelled([f for f in fields if f.numel() > 1], rows, known.weight)


def _dims(given: Any, dim: int) -> list[int]:
    if given is None or given == []:
        return list(range(dim))
    return [d % dim for d in (given if isinstance(given, (list, tuple)) else [given])]


# ---- what only moves elements


@rule("clone contiguous detach alias _to_copy lift_fresh positive view_of _conj resolve_conj")
@rule("empty_like zeros_like ones_like full_like rand_like randn_like bernoulli dropout")
@rule("bernoulli_ uniform_ normal_ exponential_ fill_ zero_ masked_fill_ view_as_real_")
def _same(t: Tracer, out: Tensor, x: Tensor, *_: Any, **__: Any) -> Labelled:
    return t.of(x)


@rule("as_strided_")
def _restrided(t: Tracer, out: Tensor, x: Tensor, size: Any, stride: Any, *_: Any) -> Labelled:
    """Pooling to one place sets strides anew where sizes are 1, and moves nothing."""
    wide = [(n, step) for n, step in zip(out.shape, stride) if n > 1]
    dense = all(step == prod(n for n, _ in wide[at + 1 :]) for at, (_, step) in enumerate(wide))
    if not dense:
        numbered(t, x, None)
    return t.of(x) if dense else Labelled()


@rule("native_dropout")
def _dropout(t: Tracer, out: Any, x: Tensor, *_: Any) -> list[Labelled]:
    return [t.of(x), t.of(x)]


@rule("t transpose permute")
def _permute(t: Tracer, out: Tensor, x: Tensor, *dims: Any) -> Labelled:
    if len(dims) == 2:
        return moved(t.of(x), lambda f: f.transpose(*dims))
    if dims:
        return moved(t.of(x), lambda f: f.permute(*dims))
    return moved(t.of(x), lambda f: f.t())


@rule("view _unsafe_view reshape _reshape_alias view_copy")
def _view(t: Tracer, out: Tensor, x: Tensor, *_: Any) -> Labelled:
    def move(labels: Field) -> Field:
        labels, grids = reshape(labels, x.shape, out.shape)
        grids_found.extend(grids)
        return labels

    grids_found: list[Field] = []
    known = t.of(x)
    if 0 in x.shape or not isinstance(out, Tensor) or out.numel() != x.numel():
        return Labelled()
    result = Labelled([move(f) for f in known.fields], weight=known.weight)
    t.links.grids += grids_found
    if known.rows is not None:
        result.rows = move(known.rows)
    return result


@rule("unsqueeze")
def _unsqueeze(t: Tracer, out: Tensor, x: Tensor, dim: int) -> Labelled:
    return moved(t.of(x), lambda f: f.unsqueeze(dim))


@rule("squeeze")
def _squeeze(t: Tracer, out: Tensor, x: Tensor, dim: Any = None) -> Labelled:
    dims = tuple(d for d in _dims(dim, x.dim()) if x.shape[d] == 1)
    return moved(t.of(x), lambda f: f.squeeze(dims))


@rule("expand")
def _expand(t: Tracer, out: Tensor, x: Tensor, *_: Any, **__: Any) -> Labelled:
    lead = (1,) * (out.dim() - x.dim())
    return moved(t.of(x), lambda f: f.reshape((*lead, *f.shape)))


@rule("repeat")
def _repeat(t: Tracer, out: Tensor, x: Tensor, times: Sequence[int]) -> Labelled:
    def move(labels: Field) -> Field:
        labels = labels.reshape((1,) * (len(times) - x.dim()) + labels.shape)
        return labels.repeat([n if labels.shape[d] > 1 else 1 for d, n in enumerate(times)])

    return moved(t.of(x), move)


@rule("flip")
def _flip(t: Tracer, out: Tensor, x: Tensor, dims: Sequence[int]) -> Labelled:
    return moved(t.of(x), lambda f: f.flip(list(dims)))


@rule("roll")
def _roll(t: Tracer, out: Tensor, x: Tensor, shifts: Any, dims: Any = ()) -> Labelled:
    return numbered(t, x, dims)


@rule("index_select")
def _index_select(t: Tracer, out: Tensor, x: Tensor, dim: int, index: Tensor) -> Labelled:
    dim %= x.dim()
    known = numbered(t, x, dim)
    return moved(known, lambda f: f if f.shape[dim] == 1 else f.index_select(dim, index.cpu()))


def numbered(t: Tracer, x: Tensor, dims: Any) -> Labelled:
    """Labels along dimensions whose elements are taken by their number can't be cut."""
    known = t.of(x)
    for labels in known.fields:
        if set(varying(labels)) & set(_dims(dims, x.dim())):
            t.links.pin(labels, f"{t.where()} takes its units by their number")
    return known


@rule("slice")
def _slice(
    t: Tracer, out: Tensor, x: Tensor, dim: int = 0, start: Any = None, end: Any = None,
    step: int = 1,
) -> Labelled:  # fmt: skip
    dim, known = dim % x.dim(), t.of(x)
    if out.shape == x.shape:
        return known
    size, width = x.shape[dim], out.shape[dim]
    taken = torch.arange(size)[slice(start, end, step)]
    for labels in known.fields:
        if labels.shape[dim] > 1:
            if step == 1 and width and size % width == 0 and int(taken[0]) % width == 0:
                _equal_parts(t, labels, dim, size // width)  # half of what there is, say
            else:
                numbered(t, x, dim)
    return moved(known, lambda f: f if f.shape[dim] == 1 else f.index_select(dim, taken))


def _equal_parts(t: Tracer, labels: Field, dim: int, parts: int) -> None:
    if varying(labels) == [dim]:
        t.counts(labels.flatten(), (labels.shape[dim] // parts, labels.shape[dim]))
    split = labels.unflatten(dim, (parts, -1)).movedim((dim, dim + 1), (-2, -1))
    t.links.grids += list(split.reshape(-1, *split.shape[-2:]))


@rule("split split_with_sizes unsafe_split chunk unsafe_chunk")
def _split(t: Tracer, out: Any, x: Tensor, sizes: Any, dim: int = 0) -> list[Labelled]:
    dim, known = dim % x.dim(), t.of(x)
    widths = [part.shape[dim] for part in out]
    for labels in known.fields:
        if labels.shape[dim] > 1:
            if len(set(widths)) > 1:
                t.links.pin(labels, f"{t.where()} splits its units at a fixed place")
            else:
                _equal_parts(t, labels, dim, len(widths))
    starts = [sum(widths[:n]) for n in range(len(widths))]
    return [
        moved(known, lambda f: f if f.shape[dim] == 1 else f.narrow(dim, start, width))
        for start, width in zip(starts, widths)
    ]


@rule("select")
def _select(t: Tracer, out: Tensor, x: Tensor, dim: int, index: int) -> Labelled:
    dim, known = dim % x.dim(), t.of(x)
    for labels in known.fields:
        t.links.tie(labels, dim)
    return moved(known, lambda f: f.select(dim, index if f.shape[dim] > 1 else 0))


@rule("unbind")
def _unbind(t: Tracer, out: Any, x: Tensor, dim: int = 0) -> list[Labelled]:
    return [_select(t, part, x, dim, index) for index, part in enumerate(out)]  # type: ignore[misc]


@rule("stack")
def _stack(t: Tracer, out: Tensor, tensors: Sequence[Tensor], dim: int = 0) -> Labelled:
    dim %= out.dim()
    known = [moved(t.of(x), lambda f: f.unsqueeze(dim)) for x in tensors]
    return _put_together(t, known, [x.unsqueeze(dim).shape for x in tensors], dim)


@rule("cat")
def _cat(t: Tracer, out: Tensor, tensors: Sequence[Tensor], dim: int = 0) -> Labelled:
    tensors = [x for x in tensors if x.dim() == out.dim()]  # an old habit allows empty ones
    return _put_together(t, [t.of(x) for x in tensors], [x.shape for x in tensors], dim % out.dim())


def _put_together(
    t: Tracer, known: Sequence[Labelled], shapes: Sequence[Sequence[int]], dim: int
) -> Labelled:
    beside, behind = [], []  # fields that don't depend on the dimension, and those that do
    for one, shape in zip(known, shapes):
        along_it = [f for f in one.fields if f.shape[dim] > 1]
        for labels in along_it:
            if len(varying(labels)) > 1:
                t.links.pin(labels, f"{t.where()} puts its units together in two ways")
        rest = [f for f in one.fields if f.shape[dim] == 1]
        beside.append((rest, [1 if d == dim else n for d, n in enumerate(shape)]))
        vectors = [f for f in along_it if len(varying(f)) == 1]
        none = torch.zeros((1,) * len(shape), dtype=torch.long)
        behind.append(full(vectors[0] if vectors else none, dim, shape))
    result = Labelled(meet(t, beside))
    if any(bool((f > 0).any()) for f in behind):
        result.fields.append(torch.cat(behind, dim))
    rows = [one.rows for one in known]
    if any(r is not None and r.shape[dim] > 1 for r in rows):
        rows = [torch.full((1,) * len(shapes[0]), -1) if r is None else r for r in rows]
    found = [full(r, dim, s) for r, s in zip(rows, shapes) if r is not None]
    if len(found) == len(rows):
        others = torch.broadcast_shapes(*(r.narrow(dim, 0, 1).shape for r in found))
        sizes = [[r.shape[dim] if d == dim else n for d, n in enumerate(others)] for r in found]
        result.rows = compact(torch.cat([r.expand(n) for r, n in zip(found, sizes)], dim))
    else:  # what belongs to no sample may stand beside what does
        for r in rows:
            result.rows = same_rows(result.rows, r)
    return result


def full(labels: Field, dim: int, shape: Sequence[int]) -> Field:
    """A field in full along one dimension."""
    return labels.expand([shape[d] if d == dim else n for d, n in enumerate(labels.shape)])
