"""Runs a network and follows its labels: which channels meet, which layers read them, and where."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.weak import WeakTensorKeyDictionary

import reproduce.surgery.products  # noqa: F401  # registers its rules
from reproduce.errors import NetworkError
from reproduce.surgery.labels import Field, Labelled, Links, varying
from reproduce.surgery.layers import TRANSPOSED, gives, is_layer, main_weight
from reproduce.surgery.operations import RULES, pointwise
from reproduce.surgery.reading import Rows, first_tensor

# Elementwise, though PyTorch does not tag them so.
POINTWISE = {
    "copy_", "hardswish", "hardswish_", "_prelu_kernel", "masked_fill", "masked_fill_", "where",
    "hardsigmoid_", "rrelu", "log_sigmoid_forward",
}  # fmt: skip


@dataclass
class Read:
    """A layer takes channels: along ``dim``, the last if -1, with these labels, and multiplies them
    by a weight, along ``weight_dim`` of it."""

    module: str
    weight: str
    weight_dim: int
    dim: int
    labels: Tensor
    rows: Rows


@dataclass
class Entry:
    """A module at work, and the first tensor that it was given."""

    name: str
    module: nn.Module
    x: Tensor | None


@dataclass
class Example:
    """A batch as the network takes it; ``batch``: how many samples."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @classmethod
    def of(cls, given: Any) -> "Example":
        """From a tensor, a tuple of arguments, or arguments by keyword in a dict."""
        if isinstance(given, Mapping):
            return cls((), dict(given))
        return cls(given if isinstance(given, tuple) else (given,), {})

    def tensors(self) -> list[Tensor]:
        return [x for x in tree_leaves((self.args, self.kwargs)) if isinstance(x, Tensor)]

    @property
    def batch(self) -> int:
        first = next((x for x in self.tensors() if x.dim()), None)
        return 1 if first is None else len(first)

    def map(self, change: Any) -> "Example":
        args, kwargs = tree_map(change, (self.args, self.kwargs))
        return Example(args, kwargs)

    def of_two(self) -> "Example":
        """The first two samples, or the only one twice."""
        batch = self.batch

        def change(x: Any) -> Any:
            if not isinstance(x, Tensor) or not x.dim() or len(x) != batch:
                return x
            return x[:2] if batch > 1 else torch.cat([x, x])

        return self.map(change)

    def run(self, model: nn.Module) -> list[Tensor]:
        """All tensors in what the network makes of it."""
        return tensors_in(model(*self.args, **self.kwargs))


def tensors_in(result: Any) -> list[Tensor]:
    """All tensors in what a network gives, however they are wrapped."""
    if isinstance(result, Tensor):
        return [result]
    if isinstance(result, Mapping):
        result = result.values()
    elif is_dataclass(result):
        result = [getattr(result, f.name) for f in fields(result)]
    elif not isinstance(result, (list, tuple, set)):
        return []
    return [tensor for one in result for tensor in tensors_in(one)]


def all_tensors(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Parameters and buffers by name, those that several modules share under each name."""
    yield from model.named_parameters(remove_duplicate=False)
    yield from model.named_buffers(remove_duplicate=False)


@dataclass
class Followed:
    """What two passes through a network, in eval and in training mode, showed.

    ``labels``: for each parameter and buffer, by name, the labels along each dimension, or None;
    ``positions``: how often the weights of each layer serve for one sample, in the order in which
    the layers are done; ``norms``: the labels of what a module takes that has a size;
    ``counted``: attributes by which a module takes channels apart, with the labels of these;
    ``operations``: all that was done, in order.
    """

    links: Links
    labels: dict[str, list[Tensor | None]]
    reads: list[Read]
    positions: dict[str, int]
    norms: dict[str, Tensor]
    counted: dict[str, Tensor]
    operations: list[str]


def follow(model: nn.Module, example: Example, excluded: set[str]) -> Followed:
    """Follows a network, which should be a copy: its buffers change, but its parameters don't.

    Args:
        model: the network.
        example: a batch.
        excluded: names of modules whose channels stay.

    Raises:
        NetworkError: the network fails.
    """
    follower = Follower(model)
    for name, vectors in follower.labels.items():
        owner = name.rpartition(".")[0]
        if owner in excluded:
            for labels in vectors:
                if labels is not None:
                    follower.links.pin(labels, f"'{owner}' is excluded")
    positions: Counter[str] = Counter()
    norms: dict[str, Tensor] = {}
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # it goes around the layers
    try:
        for training in (False, True):
            model.train(training)
            with torch.no_grad(), _watched(follower, positions, norms):
                follower.takes(example)
                with follower:
                    outputs = example.run(model)
            for y in outputs:
                for labels in follower.of(y).fields:
                    follower.links.pin(labels, "its units are the network's output")
    except Exception as error:
        mode = "training" if training else "eval"
        raise NetworkError(
            f"the network can't be followed in {mode} mode with this example: {_first_line(error)}"
        ) from error
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return Followed(
        follower.links, follower.labels, follower.reads_found, dict(positions), norms,
        follower.counted, follower.operations,
    )  # fmt: skip


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


@contextmanager
def _watched(
    follower: "Follower", positions: Counter[str], norms: dict[str, Tensor]
) -> Iterator[None]:
    """Tells the follower which module is at work, and counts how often weights are used."""
    handles = []
    for name, module in follower.model.named_modules():

        def enter(module: nn.Module, args: Any, kwargs: Any, name: str = name) -> None:
            x = first_tensor(args, kwargs)
            follower.stack.append(Entry(name, module, x))
            if x is not None and x.dim() > 1 and hasattr(module, "num_features"):
                for labels in follower.of(x).fields:
                    if varying(labels) == [1]:
                        norms[name] = labels.flatten()

        def leave(module: nn.Module, args: Any, out: Any) -> None:
            entry = follower.stack.pop()
            if not is_layer(module):
                return
            size = main_weight(module).shape[gives(module)]
            used = out
            if isinstance(module, TRANSPOSED) or not isinstance(out, Tensor):
                # Its weights serve for each place that it takes.
                used, size = entry.x, main_weight(module).shape[1 - gives(module)]
            count = used.numel() // (follower.batch * size) if isinstance(used, Tensor) else 0
            once = not module.training and not isinstance(module, nn.Embedding)
            positions[entry.name] += count if once else 0

        handles.append(module.register_forward_pre_hook(enter, with_kwargs=True))
        handles.append(module.register_forward_hook(leave, always_call=True))
    try:
        yield
    finally:
        follower.stack.clear()
        for handle in handles:
            handle.remove()


def _memory(x: Tensor) -> int | None:
    """Where a tensor lies; None if it is sparse."""
    return x.untyped_storage().data_ptr() if x.layout is torch.strided else None


class Mode(TorchDispatchMode):
    """A dispatch mode that does not load torch's compiler, which takes seconds a process."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled here, so nothing is to be kept from the compiler


class Follower(Mode):
    """Gives every tensor its labels, operation by operation."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.links = Links()
        self.model = model
        self.stack: list[Entry] = []
        self.reads_found: list[Read] = []
        self.counted: dict[str, Tensor] = {}
        self.batch = 0
        self.operation = ""
        self.operations: list[str] = []
        self._known = WeakTensorKeyDictionary()
        self._kept = {_memory(p) for p in model.parameters() if p.numel()} - {None}
        self.labels: dict[str, list[Tensor | None]] = {}
        for name, tensor in all_tensors(model):
            held = self._known.get(tensor)
            if held is None:
                vectors = [self.links.fresh(n) if n > 1 else None for n in tensor.shape]
                fields = [
                    v.reshape([-1 if d == at else 1 for d in range(tensor.dim())])
                    for at, v in enumerate(vectors)
                    if v is not None
                ]
                weight = tensor if isinstance(tensor, nn.Parameter) else None
                self._known[tensor] = held = Labelled(fields, None, weight)
            vectors = [None] * tensor.dim()
            for labels in held.fields:
                vectors[varying(labels)[0]] = labels.flatten()
            self.labels[name] = vectors

    def of(self, tensor: Any) -> Labelled:
        known = self._known.get(tensor) if isinstance(tensor, Tensor) else None
        return known or Labelled()

    def where(self) -> str:
        if not self.stack:
            return self.operation
        entry = self.stack[-1]
        if next(entry.module.children(), None) is None and entry.name:
            return f"'{entry.name}' ({type(entry.module).__name__})"
        return f"{self.operation} in '{entry.name}'" if entry.name else self.operation

    def reads(self, weight: Tensor, channels: Tensor, takes: Tensor) -> None:
        if not (channels > 0).any():
            return
        entry = self.stack[-1] if self.stack else None
        if entry is None or not any(p is weight for p in entry.module._parameters.values()):
            self.links.pin(channels, f"{self.where()} uses weights outside of their own layer")
            return
        found = self._dimension(entry.x, channels)
        if found is None:
            self.links.pin(channels, f"{self.where()} changes its units before it reads them")
            return
        dim, rows = found
        if rows is None:
            self.links.pin(channels, f"it can't be told which sample {self.where()} reads")
            return
        for name, parameter in entry.module._parameters.items():
            full = f"{entry.name}.{name}" if entry.name else name
            for at, labels in enumerate(self.labels[full] if parameter is weight else []):
                if labels is not None and torch.equal(labels, takes):
                    read = Read(entry.name, full, at, dim, channels.clone(), rows)
                    self.reads_found.append(read)
                    return
        self.links.pin(channels, f"{self.where()} changes its weight before it uses it")

    def counts(self, channels: Tensor, numbers: Sequence[int]) -> None:
        if self.stack:
            entry = self.stack[-1]
            for name, value in vars(entry.module).items():
                if type(value) is int and value in numbers:
                    full = f"{entry.name}.{name}" if entry.name else name
                    self.counted.setdefault(full, channels)

    def _dimension(self, x: Tensor | None, channels: Tensor) -> tuple[int, Rows | None] | None:
        known = self.of(x)
        for labels in known.fields:
            dims = varying(labels)
            if x is not None and len(dims) == 1 and torch.equal(labels.flatten(), channels):
                dim = -1 if dims[0] == x.dim() - 1 else dims[0]
                return dim, self._rows(x, known.rows)
        return None

    def _rows(self, x: Tensor, rows: Field | None) -> Rows | None:
        if rows is None or (rows < 0).any():
            return None
        dims = varying(rows)
        if not dims:  # a single sample
            return Rows(0, 1, x.shape[0]) if self.batch == 1 else None
        if len(dims) > 1:
            return None
        line = rows.flatten()
        inner = int((line != line[0]).nonzero()[0])
        outer = len(line) // (inner * self.batch)
        expected = torch.arange(self.batch).repeat_interleave(inner).repeat(outer)
        return Rows(dims[0], outer, inner) if torch.equal(line, expected) else None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = args, kwargs
        if func._schema.is_mutable:  # a network that writes into its own parameters does not here
            given = tree_map(self._spared, given)
        out = func(*given[0], **given[1])
        name = func.overloadpacket.__name__
        base = name[:-1] if name.endswith("_") and name[:-1] in RULES else name
        self.operation = name.strip("_")
        self.operations.append(name)
        if base in RULES:
            self._set(out, RULES[base](self, out, *args, **kwargs))
        elif torch.Tag.pointwise in func.tags or name in POINTWISE:
            tensors = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
            first = next(x for x in tree_leaves(out) if isinstance(x, Tensor))
            known = pointwise(self, first.shape, tensors)
            self._set(out, known if isinstance(out, Tensor) else [known] * len(out))
        else:
            self._not_understood(out, args, kwargs)
        return out

    def _spared(self, x: Any) -> Any:
        """A copy in the place of a parameter, or of what lies in the same memory."""
        return x.clone() if isinstance(x, Tensor) and _memory(x) in self._kept else x

    def _not_understood(self, out: Any, args: Any, kwargs: Any) -> None:
        rows = None
        for x in tree_leaves((args, kwargs)):
            known = self.of(x)
            for labels in known.fields:
                self.links.pin(labels, f"{self.where()} is not understood")
            rows = rows if rows is not None else (known.rows if known.rows is not None else None)
        for y in tree_leaves(out):
            if isinstance(y, Tensor):
                plain = rows is not None and varying(rows) in ([], [0]) and y.dim()
                fits = plain and rows is not None and y.shape[0] in (rows.shape[0], self.batch)
                kept = rows.flatten().reshape(-1, *(1,) * (y.dim() - 1)) if fits else None  # type: ignore[union-attr]
                self._known[y] = Labelled(rows=kept)

    def _set(self, out: Any, known: Any) -> None:
        if isinstance(out, Tensor):
            self._known[out] = known
        else:
            for y, k in zip(out, known):
                if isinstance(y, Tensor):
                    self._known[y] = k

    def takes(self, example: "Example") -> None:
        """Labels the samples of a batch, and begins a pass."""
        self.batch = example.batch
        for x in example.tensors():
            if x.dim() and x.shape[0] == self.batch:
                rows = torch.arange(self.batch).reshape(-1, *(1,) * (x.dim() - 1))
                self._known[x] = Labelled(rows=rows)
