"""Several runs in turn, epoch by epoch, in one process; what is done is skipped."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from reproduce import ranks
from reproduce.data import Dataset
from reproduce.runs.record import Epoch
from reproduce.runs.settings import Settings
from reproduce.runs.store import Follower, Store
from reproduce.training.loop import Training


class Progress(Protocol):
    """What a runner tells while it works; the command line shows it as bars."""

    def begin(self, settings: Settings, epochs_done: int, steps: int) -> None: ...

    def step(self, settings: Settings) -> None: ...

    def epoch(self, settings: Settings, metrics: Epoch) -> None: ...


def run_all(
    groups: Sequence[Sequence[Settings]], data: Dataset, store: Store, progress: Progress
) -> int:
    """Trains every run that has no record yet, and returns how many those were.

    The runs of a group take turns epoch by epoch, so that whatever else the machine does
    disturbs them alike, and their wall-clock times compare.
    """
    trained = 0
    for group in groups:
        missing = [one for one in group if not store.finished(one, data.fingerprint)]
        turns = [_turns(settings, data, store, progress) for settings in missing]
        trained += len(turns)
        while turns:
            turns = [turn for turn in turns if next(turn, None) is not None]
    return trained


def _turns(settings: Settings, data: Dataset, store: Store, progress: Progress) -> Iterator[Epoch]:
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
