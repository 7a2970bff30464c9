"""What products, norms, pools and reductions do to labels: the rest of the rules."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from reproduce.surgery.labels import Field, Labelled, varying
from reproduce.surgery.operations import (
    Tracer,
    _dims,
    meet,
    mixed,
    moved,
    overlap,
    pointwise,
    rule,
    same_rows,
)

REDUCTIONS = (
    "sum mean amax amin max min var std var_mean std_mean linalg_vector_norm norm prod argmax"
    " argmin logsumexp any all median"
)


@rule("convolution _convolution convolution_overrideable")
def _convolution(
    t: Tracer, out: Tensor, x: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any,
    dilation: Any, transposed: bool, output_padding: Any, groups: int, *_: Any,
) -> Labelled:  # fmt: skip
    known = mixed(t, t.of(x), range(2, x.dim()))
    apart = Labelled([f for f in known.fields if f.shape[1] == 1], known.rows)
    own = mixed(t, t.of(weight), range(2, weight.dim()))
    first, second = (_vector(t, own, d, weight.shape[d]) for d in (0, 1))
    came = _vector(t, known, 1, x.shape[1])
    takes, gives = (first, second) if transposed else (second, first)
    if groups == 1:
        _read(t, weight, came, takes)
    else:
        # One group is one unit: its part of the weights goes as a whole, and no gate is needed.
        t.links.pin(takes if not transposed else gives, "a group of a convolution has one width")
        if transposed:
            gives = _vector(t, Labelled(), 1, out.shape[1])
            t.links.pin(came, f"{t.where()} is a transposed convolution in groups")
            t.links.pin(takes, f"{t.where()} is a transposed convolution in groups")
        else:
            grouped = [v.reshape(groups, -1) for v in (came, gives)]
            reason = f"its units meet others that can't be cut, in {t.where()}"
            t.links.mix(torch.cat(grouped, 1), [1], reason)
    if isinstance(bias, Tensor):
        gives = t.links.link(gives, _vector(t, t.of(bias), 0, len(bias)), t.where())
        gives = gives.expand(out.shape[1])
    apart.fields.append(gives.reshape(1, -1, *(1,) * (out.dim() - 2)))
    return moved(apart, lambda f: f)


def _vector(t: Tracer, known: Labelled, dim: int, size: int) -> Tensor:
    """The labels along one dimension, shape (size,); 0 where there are none."""
    vector = torch.zeros(size, dtype=torch.long)
    for labels in known.fields:
        if labels.shape[dim] > 1:
            others = [d for d in varying(labels) if d != dim % labels.dim()]
            vector = t.links.mix(labels, others, f"{t.where()} mixes its units").flatten()
    return vector


def _read(t: Tracer, weight: Tensor, came: Tensor, takes: Tensor) -> None:
    """Channels meet the columns of a weight: a gate can stand in front of that, if in a layer."""
    reason = f"what its units meet in {t.where()} can't be cut"
    source = t.of(weight).weight
    if source is None:
        t.links.pin(came, f"{t.where()} multiplies its units by weights that are computed")
        t.links.pin(takes, f"{t.where()} computes its weights")
    if (came > 0).any():
        t.links.link(came, takes, reason)
    else:
        t.links.pin(takes, "it reads what has no units")
    if source is not None:
        t.reads(source, came, takes)


@rule("mm bmm matmul")
def _product(t: Tracer, out: Tensor, a: Tensor, b: Tensor, *_: Any) -> Labelled:
    return product(t, out, a, b)


@rule("addmm baddbmm")
def _sum_of_product(
    t: Tracer, out: Tensor, bias: Tensor, a: Tensor, b: Tensor, **_: Any
) -> Labelled:
    known = product(t, out, a, b)
    lead = (1,) * (out.dim() - bias.dim())
    added = moved(t.of(bias), lambda f: f.reshape((*lead, *f.shape)))
    fields = meet(t, [(known.fields, out.shape), (added.fields, (*lead, *bias.shape))])
    return Labelled(fields, same_rows(known.rows, added.rows))


def product(t: Tracer, out: Tensor, a: Tensor, b: Tensor) -> Labelled:
    """Of matrices, shapes (..., m, k) and (..., k, n)."""
    left, right = t.of(a), t.of(b)
    k = a.shape[-1]
    if right.weight is not None or left.weight is not None:
        x, w, dim = (left, right, -1) if right.weight is not None else (right, left, -2)
        came, takes = _vector(t, x, dim, k), _vector(t, w, -3 - dim, k)
        _read(t, b if right.weight is not None else a, came, takes)
    else:
        _inner(t, left, right, k)
    fields = [f for f in left.fields if f.shape[-1] == 1]
    fields += [f for f in right.fields if f.shape[-2] == 1]
    if right.weight is None and left.weight is None:
        # What an inner product of one unit gives is of that unit.
        for known, dim in ((left, -1), (right, -2)):
            for labels in known.fields:
                if labels.shape[dim] > 1:
                    fields.append(t.links.mix(labels, [dim], f"{t.where()} mixes its units"))
    rows = None
    for known, dim in ((left, -1), (right, -2)):
        rows = same_rows(rows, mixed(t, Labelled(rows=known.rows), [dim % a.dim()]).rows)
    result: list[Field] = []
    for labels in fields:
        for old in [f for f in result if overlap(f, labels)]:
            result = [f for f in result if f is not old]
            labels = t.links.link(old, labels, f"{t.where()} mixes its units")
        if varying(labels):
            result.append(labels)
    return Labelled(result, rows)


def _inner(t: Tracer, left: Labelled, right: Labelled, k: int) -> None:
    """Two activations are multiplied: what is summed over goes as a whole, or not at all."""
    mine = [f for f in left.fields if f.shape[-1] > 1]
    theirs = [f for f in right.fields if f.shape[-2] > 1]
    reason = f"{t.where()} mixes its units"
    if not (mine and theirs):
        for labels in mine + theirs:
            t.links.pin(labels, reason)
    for one, other in ((a, b) for a in mine for b in theirs):
        one, other = t.links.mix(one, [-1], reason), t.links.mix(other, [-2], reason)
        if not varying(t.links.link(one, other, reason)):
            t.links.pin(one, reason)


@rule(
    "_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_flash_attention"
    " _scaled_dot_product_efficient_attention _scaled_dot_product_cudnn_attention"
    " _scaled_dot_product_fused_attention_overrideable"
)
def _attention(
    t: Tracer, out: Any, q: Tensor, k: Tensor, v: Tensor, *_: Any, **more: Any
) -> list[Labelled]:
    reason = f"{t.where()} mixes its units"
    heads = []
    for x in (q, k, v):
        known = mixed(t, t.of(x), [x.dim() - 2])  # positions are mixed
        heads.append([t.links.mix(f, [-1], reason) for f in known.fields])
    fields = meet(t, [(found, (*x.shape[:-2], 1, 1)) for found, x in zip(heads, (q, k, v))])
    for labels in (f for found in heads for f in found):
        if not varying(labels):
            t.links.pin(labels, reason)
    rows = None
    for x in (q, k, v):
        rows = same_rows(rows, mixed(t, Labelled(rows=t.of(x).rows), [2, 3]).rows)
    own = [f for f in t.of(v).fields if varying(t.links.mix(f, [-1], reason))]
    result = meet(t, [(fields, (*v.shape[:-2], 1, 1)), (own, v.shape)]) if own else []
    return [Labelled(result, rows)] + [Labelled()] * (len(out) - 1)


# ---- norms


@rule(
    "native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training"
    " cudnn_batch_norm miopen_batch_norm batch_norm _batch_norm_with_update"
    " _batch_norm_no_update _native_batch_norm_legit_functional"
)
def _batch_norm(t: Tracer, out: Any, x: Tensor, *vectors: Any, **_: Any) -> list[Labelled]:
    known = mixed(t, t.of(x), [d for d in range(x.dim()) if d > 1])
    rows = t.of(x).rows
    fields, shape = known.fields, (1, x.shape[1], *(1,) * (x.dim() - 2))
    operands = [(fields, tuple(x.shape))]
    for vector in vectors:
        if isinstance(vector, Tensor):
            own = moved(t.of(vector), lambda f: f.reshape(1, -1, *(1,) * (x.dim() - 2)))
            operands.append((own.fields, shape))
    fields = meet(t, operands)
    return [Labelled(fields, rows)] + [Labelled()] * (len(out) - 1)


@rule("native_group_norm")
def _group_norm(
    t: Tracer, out: Any, x: Tensor, weight: Any, bias: Any, n: int, c: int, size: int, groups: int,
    eps: float,
) -> list[Labelled]:  # fmt: skip
    known = mixed(t, t.of(x), range(2, x.dim()))
    tail = (1,) * (x.dim() - 2)
    operands = [(known.fields, tuple(x.shape))]
    for vector in (weight, bias):
        if isinstance(vector, Tensor):
            own = moved(t.of(vector), lambda f: f.reshape(1, -1, *tail))
            operands.append((own.fields, (1, c, *tail)))
    fields = meet(t, operands)
    for labels in fields:
        if labels.shape[1] > 1:
            split = labels.unflatten(1, (groups, -1))
            reason = f"{t.where()} mixes its units"
            group = t.links.mix(split, [2], reason)
            if groups == 1:
                t.links.pin(group, reason)
    return [Labelled(fields, t.of(x).rows)] + [Labelled()] * (len(out) - 1)


@rule("native_layer_norm _fused_rms_norm")
def _layer_norm(
    t: Tracer, out: Any, x: Tensor, shape: Sequence[int], *vectors: Any, **_: Any
) -> list[Labelled]:
    dims = range(x.dim() - len(shape), x.dim())
    known = mixed(t, t.of(x), list(dims))
    for vector in vectors:
        if isinstance(vector, Tensor):
            for labels in t.of(vector).fields:
                t.links.pin(labels, f"{t.where()} mixes its units")
    return [Labelled(known.fields, t.of(x).rows)] + [Labelled()] * (len(out) - 1)


# ---- along dimensions


@rule("_softmax _log_softmax softmax log_softmax cumsum cumprod sort topk _safe_softmax")
def _depends(t: Tracer, out: Any, x: Tensor, *given: Any, **_: Any) -> Any:
    numbers = [g for g in given if type(g) is int]
    dim = (numbers[-1] if numbers else -1) % x.dim()
    known = Labelled(mixed(t, Labelled(t.of(x).fields), [dim]).fields, t.of(x).rows)
    return known if isinstance(out, Tensor) else [known] * len(out)


@rule(REDUCTIONS)
def _reduce(t: Tracer, out: Any, x: Tensor, *given: Any, **more: Any) -> Any:
    if given and isinstance(given[0], Tensor):  # max and min of two tensors
        return pointwise(t, out.shape, [x, given[0]])
    first = out if isinstance(out, Tensor) else out[0]
    dims = next((g for g in given if isinstance(g, (list, tuple))), more.get("dim"))
    if dims is None:
        numbers = [g for g in given if type(g) is int]
        dims = numbers[-1] if numbers else None
    found = _dims(dims, x.dim())
    known = mixed(t, t.of(x), found, keep=first.dim() == x.dim())
    return known if isinstance(out, Tensor) else [known] * len(out)


@rule("glu")
def _glu(t: Tracer, out: Tensor, x: Tensor, dim: int = -1) -> Labelled:
    dim %= x.dim()
    width = out.shape[dim]

    def half(labels: Field, start: int) -> Field:
        return labels if labels.shape[dim] == 1 else labels.narrow(dim, start, width)

    halves = [moved(t.of(x), lambda f: half(f, start)) for start in (0, width)]
    fields = meet(t, [(h.fields, tuple(out.shape)) for h in halves])
    return Labelled(fields, halves[0].rows)


# ---- over space


@rule(
    "max_pool2d_with_indices max_pool3d_with_indices max_pool2d avg_pool2d avg_pool3d"
    " adaptive_max_pool2d adaptive_max_pool3d _adaptive_avg_pool2d _adaptive_avg_pool3d"
    " adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d avg_pool1d max_pool1d"
    " max_pool1d_with_indices mkldnn_max_pool2d"
    " upsample_nearest1d upsample_nearest2d upsample_nearest3d _upsample_nearest_exact2d"
    " _upsample_nearest_exact1d _upsample_nearest_exact3d upsample_linear1d upsample_bilinear2d"
    " upsample_trilinear3d upsample_bicubic2d _upsample_bilinear2d_aa _upsample_bicubic2d_aa"
    " reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d"
    " replication_pad3d"
)
def _spatial(t: Tracer, out: Any, x: Tensor, *_: Any, **__: Any) -> Any:
    # A network that takes one sample without a batch has its channels first.
    known = mixed(t, t.of(x), range(2, x.dim()))
    return known if isinstance(out, Tensor) else [known] * len(out)


@rule("constant_pad_nd")
def _pad(t: Tracer, out: Tensor, x: Tensor, pad: Sequence[int], *_: Any) -> Labelled:
    def move(labels: Field) -> Field:
        for number in range(len(pad) // 2):
            d = x.dim() - 1 - number
            if labels.shape[d] > 1:
                sides = [0] * (2 * number) + list(pad[2 * number : 2 * number + 2])
                labels = torch.nn.functional.pad(labels, sides)
        return labels

    known = moved(t.of(x), move)
    if known.rows is not None and any(pad[2 * (x.dim() - 1 - d)] or pad[2 * (x.dim() - 1 - d) + 1]
                                      for d in varying(known.rows)
                                      if 2 * (x.dim() - 1 - d) + 1 < len(pad)):  # fmt: skip
        known.rows = torch.full((1,) * x.dim(), -1)
    return known


@rule("pixel_shuffle")
def _pixel_shuffle(t: Tracer, out: Tensor, x: Tensor, factor: int) -> Labelled:
    known = mixed(t, t.of(x), range(x.dim() - 2, x.dim()))
    channel = x.dim() - 3

    def move(labels: Field) -> Field:
        if labels.shape[channel] == 1:
            return labels
        split = labels.unflatten(channel, (-1, factor * factor))
        mixed_ = t.links.mix(split, [channel + 1], f"{t.where()} mixes its units")
        return mixed_.squeeze(channel + 1)

    return moved(known, move)


@rule("pixel_unshuffle")
def _pixel_unshuffle(t: Tracer, out: Tensor, x: Tensor, factor: int) -> Labelled:
    known = mixed(t, t.of(x), range(x.dim() - 2, x.dim()))
    channel = x.dim() - 3
    return moved(
        known,
        lambda f: f if f.shape[channel] == 1 else f.repeat_interleave(factor * factor, channel),
    )


@rule("embedding")
def _embedding(t: Tracer, out: Tensor, weight: Tensor, index: Tensor, *_: Any) -> Labelled:
    fields = []
    for labels in t.of(weight).fields:
        if labels.shape[0] > 1:
            t.links.pin(labels, f"{t.where()} takes its units by their number")
        else:
            fields.append(labels.reshape((1,) * index.dim() + labels.shape[1:]))
    return Labelled(fields, _rows_of_index(t, index))


def _rows_of_index(t: Tracer, index: Tensor) -> Field | None:
    rows = t.of(index).rows
    return None if rows is None else rows.unsqueeze(-1)


@rule("index")
def _index(t: Tracer, out: Tensor, x: Tensor, indices: Sequence[Any]) -> Labelled:
    taken = [d for d, i in enumerate(indices) if i is not None]
    tensors = [indices[d] for d in taken]
    shape = torch.broadcast_shapes(*(i.shape for i in tensors))
    known = t.of(x)
    fields = []

    def away(labels: Field) -> Field:
        """A field that does not depend on the dimensions taken from."""
        before, after = labels.shape[: taken[0]], labels.shape[taken[-1] + 1 :]
        return labels.reshape(before + (1,) * len(shape) + after)

    simple = taken == list(range(taken[0], taken[-1] + 1)) and tensors[0].dtype != torch.bool
    for labels in known.fields:
        if not simple or set(varying(labels)) & set(taken):
            t.links.pin(labels, f"{t.where()} takes its units by their number")
        else:
            fields.append(away(labels))
    rows = known.rows
    if rows is not None and simple and not set(varying(rows)) & set(taken):
        rows = away(rows)
    elif rows is not None:
        rows = None if not simple else torch.full((1,) * out.dim(), -1)
    return Labelled(fields, rows)
