"""Latency of the pruned networks against the dense ones that they were cut from, on two cores.

A network is cut to the units that the committed run at its preset's compact point kept; weights are
random, since time doesn't depend on them. Both sides answer the same images, one or 256 at a time,
by PyTorch and by ONNX Runtime from the exported file, with two threads each.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.networks import compact_run
from benchmarks.timing import COLUMNS, cells, digits, milliseconds, ratio, take_turns
from reproduce.errors import from_extra
from reproduce.export import to_onnx
from reproduce.models import NETWORKS, build
from reproduce.surgery.graph import plan_of

THREADS = 2
USES = ("torch", "onnxruntime")
HEAD = (*COLUMNS, "ms, pruned", "MACs, ratio")
BATCHES = (1, 256)
SECONDS, ROUNDS = 6.0, 10  # at least, of one network, batch and program
Answer = Callable[[Tensor], Any]


def measure() -> dict[str, Any]:
    return {network: measured(network) for network in NETWORKS}


def measured(network: str) -> dict[str, Any]:
    run = compact_run(network)
    record, image = run.record, NETWORKS[network].image
    both = models(network, record.kept)
    programs: dict[str, tuple[Answer, Answer]] = {
        "PyTorch": both,
        "ONNX Runtime": (in_onnxruntime(both[0], image), in_onnxruntime(both[1], image)),
    }
    result: dict[str, Any] = {
        "run": run.folder.name,
        "widths": record.end.widths,
        "MACs, ratio": record.end.macs / record.start.macs,
        "answers": {},
    }
    for batch in BATCHES:
        x = torch.rand(batch, *image, generator=torch.Generator().manual_seed(0))
        for program, (dense, pruned) in programs.items():
            result["answers"][f"{program}, batch {batch}"] = times(dense, pruned, x)
    return result


def models(network: str, kept: Sequence[Sequence[int]]) -> tuple[nn.Module, nn.Module]:
    """The dense network, and the one that is cut to these units."""
    dense, pruned = (
        build(network, NETWORKS[network].widths, 10, "kaiming_normal", seed=0).eval()
        for _ in range(2)
    )
    plan = plan_of(pruned, torch.zeros(2, *NETWORKS[network].image))
    units = [torch.arange(width) for width in plan.widths()]
    for _ in plan.cut_to(units, [torch.tensor(site) for site in kept], None):
        pass
    return dense, pruned


def in_onnxruntime(model: nn.Module, image: tuple[int, ...]) -> Answer:
    onnxruntime = from_extra("export", "onnxruntime", "this benchmark")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(
        to_onnx(model, image, {}), options, providers=["CPUExecutionProvider"]
    )
    return lambda x: session.run(None, {"images": x.numpy()})


@torch.inference_mode()
def times(dense: Answer, pruned: Answer, x: Tensor) -> dict[str, Any]:
    sides = {"dense": lambda: dense(x), "pruned": lambda: pruned(x)}
    turns = take_turns(sides, ROUNDS, least=SECONDS)
    return {
        "milliseconds, dense": milliseconds(turns["dense"]),
        "milliseconds, pruned": milliseconds(turns["pruned"]),
        **ratio(turns["pruned"], turns["dense"]),
    }


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [
            *cells(f"{NETWORKS[network].title}, {how}, pruned", "dense", one),
            digits(one["milliseconds, pruned"]),
            f"{measured['MACs, ratio']:.3f}",
        ]
        for network, measured in result.items()
        for how, one in measured["answers"].items()
    ]
