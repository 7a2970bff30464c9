"""Latency of the pruned networks against the dense ones that they were cut from, on two cores.

Writes benchmarks/latency.json. A network is cut to the units that the committed run at its preset's
compact point kept; weights are random, since time doesn't depend on them. Both sides answer the
same images in this one process, in alternation, by PyTorch and by ONNX Runtime from the exported
file, with two threads each; the ratio is the median over rounds. Needs the extra 'export'.

    python benchmarks/latency.py [NETWORK ...]
"""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from torch import Tensor, nn

from reproduce.errors import UserError
from reproduce.export import to_onnx
from reproduce.graph import plan_of
from reproduce.models import NETWORKS, build
from reproduce.presets import committed
from reproduce.store import Run, Store, write_json

OUT = Path(__file__).with_name("latency.json")
RESULTS = Path(__file__).parents[1] / "results"
THREADS = 2
BATCHES = (1, 256)
SECONDS = 10.0  # for the rounds of one network, batch and program
COMPACT = 2  # row of each preset
Answer = Callable[[Tensor], Any]


def finished(network: str) -> Run:
    """The first committed run at the compact point of a network."""
    for preset in committed():
        if preset.network == network:
            runs = Store(RESULTS / preset.folder).seeds(preset.rows[COMPACT].settings)
            if runs:
                return runs[0]
    raise UserError(f"no run of {network} at its compact point is in {RESULTS}")


def models(network: str, kept: list[list[int]]) -> tuple[nn.Module, nn.Module]:
    """The dense network, and the one that is cut to these units."""
    made = []
    for cut in (False, True):
        model = build(network, NETWORKS[network].widths, 10, "kaiming_normal", seed=0).eval()
        if cut:
            plan = plan_of(model, torch.zeros(2, *NETWORKS[network].image))
            units = [torch.arange(width) for width in plan.widths()]
            for _ in plan.cut_to(units, [torch.tensor(site) for site in kept], None):
                pass
        made.append(model)
    return made[0], made[1]


def in_onnxruntime(model: nn.Module, image: tuple[int, ...]) -> Answer:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(
        to_onnx(model, image, {}), options, providers=["CPUExecutionProvider"]
    )
    return lambda x: session.run(None, {"images": x.numpy()})


def seconds(answer: Answer, x: Tensor) -> float:
    begin = time.perf_counter()
    answer(x)
    return time.perf_counter() - begin


@torch.inference_mode()
def times(dense: Answer, pruned: Answer, x: Tensor) -> dict[str, Any]:
    for warm_up in (dense, pruned) * 3:
        warm_up(x)
    pairs, begin = [], time.monotonic()
    while time.monotonic() - begin < SECONDS or len(pairs) < 10:
        pairs.append((seconds(dense, x), seconds(pruned, x)))
    ratios = [ours / theirs for theirs, ours in pairs]
    return {
        "milliseconds, dense": 1e3 * statistics.median(a for a, _ in pairs),
        "milliseconds, pruned": 1e3 * statistics.median(b for _, b in pairs),
        "ratio": statistics.median(ratios),
        "quartiles": statistics.quantiles(ratios, n=4),
        "rounds": len(ratios),
    }


def measured(network: str) -> dict[str, Any]:
    run = finished(network)
    record, image = run.record(), NETWORKS[network].image
    both = models(network, record["kept"])
    programs = {"torch": both, "onnxruntime": [in_onnxruntime(model, image) for model in both]}
    result: dict[str, Any] = {
        "run": run.folder.name,
        "widths": record["end"]["widths"],
        "MACs, ratio": record["end"]["macs"] / record["start"]["macs"],
    }
    for batch in BATCHES:
        x = torch.rand(batch, *image, generator=torch.Generator().manual_seed(0))
        for program, (dense, pruned) in programs.items():
            one = result[f"{program}, batch {batch}"] = times(dense, pruned, x)
            print(f"{network}, {program}, batch {batch}: {one['ratio']:.2f} x dense")
    return result


def main(networks: list[str]) -> None:
    torch.set_num_threads(THREADS)
    result: dict[str, Any] = {}
    for network in networks or list(NETWORKS):
        try:
            result[network] = measured(network)
        except UserError as error:
            print(f"{network} is left out: {error}", file=sys.stderr)
    result["machine"] = {
        "cores": os.cpu_count(), "load": os.getloadavg()[0], "processor": platform.machine(),
        "python": platform.python_version(), "torch": torch.__version__,
        "onnxruntime": onnxruntime.__version__, "threads": THREADS,
    }  # fmt: skip
    write_json(OUT, result)


if __name__ == "__main__":
    main(sys.argv[1:])
