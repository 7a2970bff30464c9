"""Other tools that cut units out of a network, asked for half: what they cover, and what it does.

Each gives the share of output channels that are in layers it narrowed, how far the output moves,
relative to the largest, when it cuts what is not read, and seconds of CPU time; or the error that
ended it.
"""

import tempfile
import time
from collections.abc import Callable
from importlib import import_module, metadata
from typing import Any

import torch
from torch import Tensor, nn

from reproduce.errors import from_extra
from reproduce.surgery.layers import gives, is_layer, main_weight

# Only-Train-Once by version, the versions of torch it was tried with (Python 3.11.7, without a GPU,
# on VGG16 from a quarter of its filters or two convolutions), and what ended it.
TRIED = (
    ("3.0.1", "2.13.0", "its import: `graph/graph.py` asks for `torch.onnx._globals`"),
    ("3.0.1", "2.6.0", "`OTO(model, x)`: `torch.onnx` has no `_optimize_graph`"),
    ("3.0.1", "2.5.1, 2.4.1", "the first pruning step of its HESSO, which calls `.cuda()`"),
    ("2.0.16", "2.13.0, 2.6.0", "`OTO(model, x)`: `torch.onnx` has no `_optimize_graph`"),
    ("2.0.16", "2.5.1, 2.4.1", "making its optimiser, DHSPG, which calls `.cuda()`"),
)


def first_of(result: Any) -> Tensor:
    """The first tensor in what a network gives."""
    while not isinstance(result, Tensor):
        result = next(iter(result.values())) if isinstance(result, dict) else result[0]
    return result


class Clock:
    """CPU time of this process, but for what is done ``aside``."""

    def __init__(self) -> None:
        self._begin, self._aside = time.process_time(), 0.0

    def aside(self, do: Callable[[], Tensor]) -> Tensor:
        begin = time.process_time()
        result = do()
        self._aside += time.process_time() - begin
        return result

    def seconds(self) -> float:
        return time.process_time() - self._begin - self._aside


def torch_pruning(model: nn.Module, x: Tensor) -> dict[str, Any]:
    """Groups are cut one by one, each after the weights that read it were set to zero."""
    tool = from_extra("rivals", "torch_pruning", "benchmarks.coverage")
    before, worst, clock = _widths(model), 0.0, Clock()
    last = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))][-1]
    options = {"pruning_ratio": 0.5, "ignored_layers": [last]}
    try:
        pruner = tool.pruner.MetaPruner(model, x, tool.importance.MagnitudeImportance(), **options)
        for group in pruner.step(interactive=True):
            _blind(pruner.DG, group)
            old = clock.aside(lambda: _run(model, x))
            group.prune()
            worst = max(worst, _difference(old, clock.aside(lambda: _run(model, x))))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {str(error).splitlines()[0][:60]}"}
    after = _widths(model)
    narrowed = [name for name in before if after[name] < before[name]]
    covered = sum(before[name] for name in narrowed)
    return {
        "share": covered / (sum(before.values()) - last.weight.shape[0]),
        "difference": worst,
        "seconds": clock.seconds(),
    }


def only_train_once(model: nn.Module, x: Tensor) -> dict[str, Any]:
    """What ends it: it is made for an older torch, and no network has come through it here."""
    try:
        version = metadata.version("only-train-once")
    except metadata.PackageNotFoundError:
        return {"error": "it is not installed"}
    try:
        tool = import_module("only_train_once").OTO(model, x)
        tool.random_set_zero_groups()
        with tempfile.TemporaryDirectory() as folder:
            tool.construct_subnet(out_dir=folder)
    except Exception as error:
        return {"error": f"only-train-once {version} with torch {torch.__version__}: {error}"}
    return {"error": f"only-train-once {version} runs, and what it does is not measured here yet"}


@torch.no_grad()
def _blind(graph: Any, group: Any) -> None:
    """Sets to zero the weights by which layers read the channels of a group."""
    for dependency, channels in group:
        layer = dependency.target.module
        if not graph.is_in_channel_pruning_fn(dependency.handler):
            continue
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            groups, taken = getattr(layer, "groups", 1), layer.weight.shape[1]
            rows = layer.weight.unflatten(0, (groups, -1))  # those of one group of a convolution
            for channel in channels:
                rows[channel // taken, :, channel % taken] = 0


@torch.no_grad()
def _run(model: nn.Module, x: Tensor) -> Tensor:
    return first_of(model(x))


def _difference(old: Tensor, new: Tensor) -> float:
    return float((old - new).abs().max() / old.abs().max().clamp_min(1e-12))


def _widths(model: nn.Module) -> dict[str, int]:
    """The output channels of each layer by name."""
    layers = ((name, m) for name, m in model.named_modules() if is_layer(m))
    return {name: main_weight(m).shape[gives(m)] for name, m in layers}
