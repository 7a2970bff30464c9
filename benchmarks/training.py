"""A whole run, training and pruning at once, against dense training and against pruning it after.

Ours is the compact point of each network's preset. Norm pruning trains the whole network, cuts it
after half of the epochs to the widths that the committed run at that point ended with, and
fine-tunes for the other half. The three take turns epoch by epoch; the clock counts training only.
The last rival is put together from measured parts: the dense run to its end, then the fine-tuning.
LeNet-300-100's gates are frozen after 70 % of the epochs instead of 90 %: on the validation split
its error was the same. Errors are in %, of the last epoch, one seed.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.networks import compact_run
from reproduce.data import load
from reproduce.methods.rivals import CUT_AT
from reproduce.models import NETWORKS
from reproduce.runs.store import Run, Store
from reproduce.training.loop import Training

THREADS = 1
USES = ("torch",)
HEAD = (
    "what", "against", "epochs", "seconds, ratio", "training MACs, ratio", "error, ours",
    "error, theirs", "MACs left, ours", "MACs left, theirs",
)  # fmt: skip
FREEZE_AT = {"lenet_300_100": 0.7}
METHODS = ("dense", "gates", "norm")
COSTS = ("seconds", "train_macs")
RIVALS = {
    "dense": "dense",
    "norm": "dense, norm pruning, fine-tuning in as many epochs",
    "dense, then norm": "dense, norm pruning, fine-tuning in half as many epochs again",
}


def measure() -> dict[str, Any]:
    return {network: compared(network) for network in ("lenet_300_100", "lenet_5")}


def compared(network: str) -> dict[str, Any]:
    """Cost and end of ours and of each rival, trained side by side."""
    source = compact_run(network)
    preset = source.settings
    settings = replace(preset, freeze_at=FREEZE_AT.get(network, preset.freeze_at))
    data = load(settings.dataset)
    with tempfile.TemporaryDirectory() as folder:
        # A folder for each, since norm pruning looks beside itself for a finished run of gates.
        runs = {
            method: Store(Path(folder) / method).run(replace(settings, method=method))
            for method in METHODS
        }
        shutil.copytree(source.folder, runs["norm"].folder.with_name(settings.name))
        turns = [
            Training(replace(settings, method=method), data, run).epochs()
            for method, run in runs.items()
        ]
        for _ in zip(*turns):  # epoch by epoch
            pass
        result = {method: _end(run) for method, run in runs.items()}
        tuning = runs["norm"].epochs()[round(settings.epochs * CUT_AT) :]
    after = {
        cost: result["dense"][cost] + sum(getattr(epoch, cost) for epoch in tuning)
        for cost in COSTS
    }
    return {
        "epochs": settings.epochs, "seed": settings.seed, **result, "dense, then norm": after
    }  # fmt: skip


def _end(run: Run) -> dict[str, Any]:
    record = run.record()
    return {name: getattr(record, name) for name in (*COSTS, "error")} | vars(record.end)


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        _row(f"{NETWORKS[network].title}, ours", against, one["epochs"], one["gates"], one[rival])
        for network, one in result.items()
        for rival, against in RIVALS.items()
    ]


def _row(
    what: str, against: str, epochs: int, ours: dict[str, Any], rival: dict[str, Any]
) -> list[str]:
    ratios = [f"{ours[cost] / rival[cost]:.2f}" for cost in COSTS]
    errors = [f"{side['error']:.2f}" if "error" in side else "" for side in (ours, rival)]
    macs = [f"{side['macs']:,}" if "macs" in side else "" for side in (ours, rival)]
    return [what, against, str(epochs), *ratios, *errors, *macs]
