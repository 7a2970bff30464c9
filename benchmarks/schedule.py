"""What whole runs on CIFAR-10 cost in time against dense training, put together from their steps.

Each epoch of a committed run is given the step of the network that it began with, with gates where
it had them; dense training has as many epochs of the dense step. All steps take turns. Networks
shrink within an epoch too, so that this is rather too much than too little. Batches of 128 images;
data and evaluation are left out.
"""

from dataclasses import replace
from typing import Any

from benchmarks.networks import RESULTS, Step
from benchmarks.timing import COLUMNS, cells, ratio, take_turns
from reproduce.experiments.presets import preset
from reproduce.experiments.rows import Preset, Study, finished
from reproduce.experiments.studies import study
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Trained
from reproduce.runs.store import Store
from reproduce.tables.results import dense_train_macs

THREADS = 1
USES = ("torch",)
HEAD = (*COLUMNS, "epochs", "MACs left, %", "training MACs, ratio")
ROUNDS = 10
LONGER = (
    "methods_vgg16_full_long",
    "methods_vgg16_half_long",
    "methods_vgg16_quarter_long",
    "methods_resnet20_long",
)
Network = tuple[tuple[int, ...], bool]  # its widths, and whether it has gates


def networks_by_epoch(run: Trained) -> list[Network]:
    """What the steps of each epoch were taken with."""
    settings = run.settings
    ends = [epoch.widths for epoch in run.epochs]
    begun_with = [run.record.start.widths, *ends[:-1]]
    result = []
    for number, (before, after) in enumerate(zip(begun_with, ends), start=1):
        gated = settings.attach_epoch < number <= settings.freeze_epoch
        # After the last epoch with gates the network is cut before the next one begins.
        result.append((before if gated or number <= settings.attach_epoch else after, gated))
    return result


def measure() -> dict[str, Any]:
    several: list[Preset | Study] = [preset(network, "short") for network in ("vgg16", "resnet20")]
    several += [study(name) for name in LONGER]
    return {_title(wanted): _of(wanted) for wanted in several}


def _title(wanted: Preset | Study) -> str:
    network = NETWORKS[wanted.network].title
    return f"{network}, {wanted.title.partition(', ')[2]}" if isinstance(wanted, Study) else network


def _of(wanted: Preset | Study) -> dict[str, Any]:
    """Each finished row of ours, by the run of its first seed."""
    loaded = Store(RESULTS / wanted.folder).load()
    ours = [row for row in wanted.rows if row.settings.method == "gates"]
    runs = {row.label: seeds[0] for row, seeds in finished(ours, loaded)}
    by_epoch = {label: networks_by_epoch(run) for label, run in runs.items()}
    base = ours[0].settings
    dense = (base.widths, False)
    steps = {
        kind: Step(replace(base, widths=kind[0]), kind[1])
        for kind in {dense, *(kind for kinds in by_epoch.values() for kind in kinds)}
    }
    turns = take_turns({str(kind): step for kind, step in steps.items()}, ROUNDS)
    result = {}
    for label, kinds in by_epoch.items():
        spent = [sum(times) for times in zip(*(turns[str(kind)] for kind in kinds))]
        theirs = [len(kinds) * seconds for seconds in turns[str(dense)]]
        record = runs[label].record
        result[label] = ratio(spent, theirs) | {
            "epochs": len(kinds),
            "MACs": record.end.macs / record.start.macs,
            "training MACs": record.train_macs / dense_train_macs(record),
        }
    return result


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [
        [
            *cells(f"{title}, {label}", "dense", one),
            str(one["epochs"]),
            f"{100 * one['MACs']:.1f}",
            f"{one['training MACs']:.2f}",
        ]
        for title, of_rows in result.items()
        for label, one in of_rows.items()
    ]
