"""Runs as TensorBoard event files (optional extra ``tensorboard``), one folder each.

They are a view of what a run's folder holds: the metrics of each epoch, and nothing else.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reproduce.errors import StoreError, from_extra
from reproduce.models import NETWORKS
from reproduce.runs.record import Epoch, to_json
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training.turns import Progress

PER_LAYER = ("widths", "noise", "worth", "price")
HISTOGRAM = "theta_histogram"


@dataclass(frozen=True)
class Board:
    """Writes the runs of a store to folders of the same names below ``folder``.

    Raises:
        UserError: the extra is not installed.
    """

    store: Store
    folder: Path

    def __post_init__(self) -> None:
        from_extra("tensorboard", "tensorboard", "--tensorboard")

    def write(self, settings: Settings) -> None:
        """All complete epochs of a run, in the place of what was written before."""
        self.begin(settings).close()

    def begin(self, settings: Settings) -> Any:
        """The writer of a run, all complete epochs written, open for the epochs to come.

        Raises:
            StoreError: the folder can't be written.
        """
        from torch.utils.tensorboard import SummaryWriter

        folder = self.folder / settings.name
        try:
            for old in folder.glob("events.out.tfevents.*"):
                old.unlink()
            writer = SummaryWriter(str(folder))
        except OSError as error:
            raise StoreError(f"can't write {folder}: {error.strerror}") from error
        for metrics in self.store.run(settings).epochs():
            add(writer, NETWORKS[settings.network].layers, metrics)
        return writer

    def beside(self, progress: Progress) -> Progress:
        """Progress that also writes each epoch as it ends."""
        return _Watched(self, progress)


class _Watched:
    def __init__(self, board: Board, progress: Progress):
        self._board, self._progress = board, progress
        self._writers: dict[Settings, Any] = {}

    def begin(self, settings: Settings, epochs_done: int, steps: int) -> None:
        self._progress.begin(settings, epochs_done, steps)
        self._writers[settings] = self._board.begin(settings)

    def step(self, settings: Settings) -> None:
        self._progress.step(settings)

    def epoch(self, settings: Settings, metrics: Epoch) -> None:
        self._progress.epoch(settings, metrics)
        writer = self._writers[settings]
        add(writer, NETWORKS[settings.network].layers, metrics)
        writer.flush()
        if metrics.epoch == settings.epochs:
            writer.close()


def add(writer: Any, layers: tuple[str, ...], metrics: Epoch) -> None:
    """One epoch's metrics: numbers as scalars, those of layers by layer, gates as histograms."""
    epoch = metrics.epoch
    for name, value in to_json(metrics).items():
        if name == HISTOGRAM:
            for layer, counts in zip(layers, value):
                writer.add_histogram_raw(_tag("theta", layer), **_bins(counts), global_step=epoch)
        elif name in PER_LAYER:
            for layer, of_layer in zip(layers, value):
                writer.add_scalar(_tag(name, layer), of_layer, epoch)
        elif isinstance(value, (int, float)) and name != "epoch":
            writer.add_scalar(name, value, epoch)


def _tag(name: str, layer: str) -> str:
    return f"{name}/{layer.replace(' ', '_')}"


def _bins(counts: list[int]) -> dict[str, Any]:
    """Counts in bins of equal width on [0, 1], as TensorBoard has them; sums are of bin centres."""
    edges = np.linspace(0, 1, len(counts) + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    return {
        "min": 0.0,
        "max": 1.0,
        "num": sum(counts),
        "sum": float(centres @ counts),
        "sum_squares": float(centres**2 @ counts),
        "bucket_limits": edges[1:].tolist(),
        "bucket_counts": counts,
    }
