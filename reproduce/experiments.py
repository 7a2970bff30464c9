"""Rows of settings, the presets they make up, and a runner that skips what is done."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reproduce import ranks
from reproduce.data import Dataset
from reproduce.settings import Settings
from reproduce.store import Follower, Run, Store
from reproduce.training import Training


@dataclass(frozen=True)
class Row:
    """One row of a results table: a name, and the settings that every seed of it shares."""

    label: str
    settings: Settings


def finished(rows: Iterable[Row], store: Store) -> list[tuple[Row, list[Run]]]:
    """The rows that have finished runs, each with those runs in the order of seeds."""
    return [(row, runs) for row in rows if (runs := store.seeds(row.settings))]


class Rows:
    """Rows of settings on one network and one data set: what a table is made of."""

    rows: tuple[Row, ...]

    @property
    def network(self) -> str:
        return self.rows[0].settings.network

    @property
    def dataset(self) -> str:
        return self.rows[0].settings.dataset


@dataclass(frozen=True)
class Preset(Rows):
    """What one network's table and figures are made of, at one size: rows, starts and seeds.

    Attributes:
        name: of the size, such as ``quick``.
        rows: of the table; the first is dense training.
        seeds: runs of each row.
        starts: runs from other starts at one price, that show robustness (claim A4).
    """

    name: str
    rows: tuple[Row, ...]
    seeds: int
    starts: tuple[Row, ...] = ()

    @property
    def folder(self) -> str:
        """The folder of its runs."""
        return self.name

    @property
    def file(self) -> str:
        """First part of the names of its tables and figures."""
        dataset = "_cifar10" if self.dataset == "cifar10" else ""
        return self.network + dataset + ("_paper" if self.name == "paper" else "")

    def runs(self, seeds: int) -> list[list[Settings]]:
        """All runs in groups; a group is trained side by side, so that its times compare."""
        groups = [[row.settings.with_seed(seed) for row in self.rows] for seed in range(seeds)]
        return groups + ([[row.settings for row in self.starts]] if self.starts else [])


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


def _turns(
    settings: Settings, data: Dataset, store: Store, progress: Progress
) -> Iterator[dict[str, Any]]:
    run = store.run(settings)
    if ranks.number():
        run = Follower(run.folder)
    with run.claimed():
        if run.finished:  # by another process, since the list was made
            return
        training = Training(settings, data, run)
        progress.begin(settings, len(training.history), training.steps)
        for metrics in training.epochs(lambda: progress.step(settings)):
            progress.epoch(settings, metrics)
            yield metrics
