"""A training step with gates on every unit against the same step without, at full width.

Writes benchmarks/gated_step.json. Times: both networks take the same steps in this one process,
in alternation, with one thread; the ratio is the median over rounds. Memory: each network trains
in a process of its own, whose peak is compared; what Python and torch take before is left out.

    python benchmarks/gated_step.py [NETWORK ...]
"""

import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from reproduce.gates import Gates
from reproduce.models import NETWORKS, build
from reproduce.presets import preset
from reproduce.store import write_json

OUT = Path(__file__).with_name("gated_step.json")
BATCH = 128
# Of each network that is measured.
ROUNDS = {"lenet_300_100": 300, "lenet_5": 60, "vgg16": 12, "resnet20": 20}


def stepper(network: str, gated: bool) -> Callable[[], None]:
    """One optimiser step of a network at its preset's settings, on the same random images."""
    settings = preset(network, None).rows[1].settings
    model = build(network, NETWORKS[network].widths, 10, settings.init, seed=0)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=1e-3, momentum=0.9, nesterov=True, fused=True
    )
    torch.manual_seed(0)
    x, y = torch.rand(BATCH, *NETWORKS[network].image), torch.randint(0, 10, (BATCH,))
    x = x.contiguous(memory_format=torch.channels_last)
    gates = None
    if gated:
        # A price of next to nothing: no gate closes while the clock runs.
        config = replace(settings.gates, log_gamma=1e-6, samples=50_000, steps=10**6)
        gates = Gates.attach(model, x[:2], config)

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "bfloat16"):
            logits = model(x)
        loss = F.cross_entropy(logits.float(), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if gates:
            gates.step()

    return step


def seconds(function: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def times(network: str) -> dict[str, Any]:
    plain, gated = stepper(network, False), stepper(network, True)
    for warm_up in (plain, gated, plain, gated):
        warm_up()
    pairs = [(seconds(plain), seconds(gated)) for _ in range(ROUNDS[network])]
    ratios = [theirs / ours for ours, theirs in pairs]
    return {
        "milliseconds, plain": 1e3 * statistics.median(a for a, _ in pairs),
        "milliseconds, gated": 1e3 * statistics.median(b for _, b in pairs),
        "ratio": statistics.median(ratios),
        "quartiles": statistics.quantiles(ratios, n=4),
        "rounds": len(ratios),
    }


def _peak(network: str, gated: bool, answer: Any) -> None:
    before = _high_water()
    step = stepper(network, gated)
    for _ in range(3):
        step()
    answer.put(_high_water() - before)


def _high_water() -> float:
    """Most MiB that this process ever had in memory; Linux, since ``getrusage`` counts a parent."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def memory(network: str) -> dict[str, Any]:
    """Peak MiB of training, each in a process of its own, fresh but for the imports."""
    context = multiprocessing.get_context("spawn")
    peaks = []
    for gated in (False, True):
        answer = context.Queue()
        process = context.Process(target=_peak, args=(network, gated, answer))
        process.start()
        peaks.append(answer.get())
        process.join()
    return {"MiB, plain": peaks[0], "MiB, gated": peaks[1], "ratio": peaks[1] / peaks[0]}


def main(networks: list[str]) -> None:
    torch.set_num_threads(1)
    result: dict[str, Any] = {}
    for network in networks or list(ROUNDS):
        result[network] = {"batch": BATCH, "step": times(network), "memory": memory(network)}
        step, peak = result[network]["step"], result[network]["memory"]
        print(f"{network}: step {step['ratio']:.2f} x plain, memory {peak['ratio']:.2f} x plain")
    result["machine"] = {
        "cores": os.cpu_count(), "load": os.getloadavg()[0], "processor": platform.machine(),
        "python": platform.python_version(), "torch": torch.__version__, "threads": 1,
    }  # fmt: skip
    write_json(OUT, result)


if __name__ == "__main__":
    main(sys.argv[1:])
