"""What is run: the rows of every table as settings, and a runner that skips what is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from reproduce.data import Dataset
from reproduce.gates import GateConfig
from reproduce.settings import Settings
from reproduce.store import Store
from reproduce.training import Training


@dataclass(frozen=True)
class Row:
    """One row of a results table: a name, and the settings that every seed of it shares."""

    label: str
    settings: Settings


@dataclass(frozen=True)
class Preset:
    """A size of the main job: the table's rows, the starts that show robustness, and the seeds."""

    name: str
    rows: tuple[Row, ...]
    starts: tuple[Row, ...]
    seeds: int

    def runs(self, seeds: int) -> list[list[Settings]]:
        """All runs in groups; a group is trained side by side, so that its times compare."""
        groups = [[row.settings.with_seed(seed) for row in self.rows] for seed in range(seeds)]
        return groups + [[row.settings for row in self.starts]]


# Prices of a unit in nats on all 60,000 images, chosen on the validation split (see README).
ACCURATE, COMPACT, SMALLEST, SMALLEST_SHIFTED = 12.0, 39.0, 62.0, 79.0


def lenet_300_100(name: str, base: Settings, seeds: int, nats: float) -> Preset:
    """The main job on LeNet-300-100.

    Args:
        name: of the preset.
        base: what all runs share.
        seeds: runs per row of the table.
        nats: factor of all prices and of lambda: the data set's size against all of MNIST, so
            that the trade-off per training sample is the same.
    """
    base = replace(base, weight_precision=base.weight_precision * nats)

    def ours(price: float, **changes: Any) -> Settings:
        return replace(base, gates=replace(base.gates, log_gamma=price * nats), **changes)

    compact = ours(COMPACT)
    smallest = replace(ours(SMALLEST), epochs=2 * base.epochs, freeze_at=0.7)
    smallest = replace(smallest, gates=replace(smallest.gates, rho=0.2))
    shifted_gates = replace(smallest.gates, log_gamma=SMALLEST_SHIFTED * nats)
    # Shifted images leave more to learn, and less for the prior to prevent.
    shifted = replace(
        smallest,
        gates=shifted_gates,
        shift=1,
        epochs=3 * base.epochs,
        weight_precision=base.weight_precision / 3,
    )
    # A gate must not close before the slowest start has learnt anything.
    patient = replace(compact.gates, closing_steps=5 * base.gates.closing_steps)
    start = replace(compact, gates=patient)
    straight_through = replace(compact.gates, estimator="straight_through")
    return Preset(
        name,
        rows=(
            Row("dense", replace(base, method="dense")),
            Row("ours, accuracy point", ours(ACCURATE)),
            Row("ours, compact point", compact),
            Row("ours, smallest point, twice the epochs", smallest),
            Row("ours, images shifted by ±1 pixel, thrice the epochs", shifted),
            Row("straight-through at the compact price", replace(compact, gates=straight_through)),
        ),
        starts=(
            Row("784-300-100, Kaiming", start),
            Row("784-300-100, Xavier", replace(start, init="xavier")),
            Row("784-300-100, N(0, 0.02²)", replace(start, init="normal_002")),
            Row("784-150-50, Kaiming", replace(start, widths=(784, 150, 50))),
            Row("784-500-300, Kaiming", replace(start, widths=(784, 500, 300))),
            Row("784-1000-500, Kaiming", replace(start, widths=(784, 1000, 500))),
        ),
        seeds=seeds,
    )


def preset(name: str, dataset: str) -> Preset:
    """The presets ``quick`` and ``full`` of the main job, on MNIST or on its sample."""
    epochs, seeds = {"quick": (8, 1), "full": (50, 5)}[name]
    if dataset == "mnist":
        return lenet_300_100(name, Settings(epochs=epochs), seeds, nats=1.0)
    # Fifteen times fewer steps an epoch: more epochs, and gates that may close sooner.
    gates = GateConfig(closing_steps=150)
    settings = Settings(dataset=dataset, epochs=5 * epochs, gates=gates)
    return lenet_300_100(name, settings, seeds, nats=4000 / 60000)


class Progress(Protocol):
    """What a runner tells while it works; the command line shows it as bars."""

    def begin(self, settings: Settings, epochs_done: int, steps: int) -> None: ...

    def step(self, settings: Settings) -> None: ...

    def epoch(self, settings: Settings, metrics: dict[str, Any]) -> None: ...


def run_all(
    groups: Sequence[Sequence[Settings]], data: Dataset, store: Store, progress: Progress
) -> int:
    """Trains every run that has no record yet, and returns how many those were.

    The runs of a group take turns epoch by epoch, so that whatever else the machine does
    disturbs them alike, and their wall-clock times compare.
    """
    trained = 0
    for group in groups:
        missing = [settings for settings in group if not store.run(settings).finished]
        turns = [_turns(settings, data, store, progress) for settings in missing]
        trained += len(turns)
        while turns:
            turns = [turn for turn in turns if next(turn, None) is not None]
    return trained


def _turns(settings: Settings, data: Dataset, store: Store, progress: Progress):  # noqa: ANN202
    training = Training(settings, data, store.run(settings))
    progress.begin(settings, len(training.history), training.steps)
    on_step: Callable[[], None] = lambda: progress.step(settings)  # noqa: E731
    for metrics in training.epochs(on_step):
        progress.epoch(settings, metrics)
        yield metrics
