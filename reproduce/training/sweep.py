"""Many runs at once, by several processes: what is done is skipped, failures are collected.

A run that fails, or whose process dies, takes no other with it. Each process uses one thread;
the same command goes on after Ctrl-C or a crash, from the last checkpoint of each run. Two commands
on one folder share the work: a run is trained by the process that has claimed it. A run that takes
its size from another comes after that.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Self

import torch

from reproduce.data import Dataset, load
from reproduce.errors import BusyError, UserError
from reproduce.interrupts import at_end, shielded
from reproduce.runs.record import Epoch
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run, Store
from reproduce.training import loop, turns
from reproduce.training.loop import Training

TIMED_STEPS = 10
BUSY, BUSY_SECONDS = "busy", 2.0  # answer of a process whose run another one trains, and the pause


@dataclass(frozen=True)
class Failure:
    """A run that ended without a record, and why, in one line."""

    settings: Settings
    reason: str


def missing(runs: Sequence[Settings], store: Store, dataset: Dataset) -> list[Settings]:
    """The runs that have no record yet. Raises StoreError as ``Store.finished`` does."""
    return [one for one in runs if not store.finished(one, dataset.fingerprint)]


def most_seconds(runs: Sequence[Settings], dataset: Dataset, jobs: int) -> float:
    """How long the runs take at most, from timed steps of each network at its full width."""
    step: dict[Any, float] = {}
    total = 0.0
    for settings in runs:
        if settings.source:  # what it takes its size from is not there yet: at most that of dense
            settings = replace(settings, method="dense")
        kind = (settings.network, settings.widths, settings.method, settings.batch_size)
        if kind not in step:
            step[kind] = _seconds_per_step(settings, dataset)
        steps = len(dataset.train_x) // settings.batch_size
        total += settings.epochs * steps * step[kind]
    return total / min(jobs, max(len(runs), 1))


Trainer = Callable[[Settings], Failure | None]


class Pool:
    """Processes of this machine that train, a ``Trainer``: see ``run``. Leaving it ends them.

    A thread that asks for a run has a process of its own, which takes the next run when it has
    ended one: to start it costs as much as some epochs.

    Attributes:
        children: the processes at work now.
    """

    def __init__(
        self,
        store: Store,
        data_dir: str | None,
        beside: Mapping[Settings, Settings] | None = None,
        device: str = "cpu",
    ) -> None:
        """
        Args:
            store: where the runs go.
            data_dir: as the command line has it.
            beside: for some runs another, which takes turns with it in one process, epoch by epoch,
                so that their times compare; it is trained with it, and not asked for by itself.
            device: that all processes train on, such as ``"cuda"``; several may share one.
        """
        self.children: set[subprocess.Popen[str]] = set()
        self._store, self._beside = store, beside or {}
        self._order = {"root": str(store.root), "data_dir": data_dir, "device": device}
        self._starting, self._over, self._here = threading.Lock(), False, threading.local()

    def __enter__(self) -> Self:
        at_end.append(self.terminate)
        return self

    def __exit__(self, *_: object) -> None:
        self.terminate()
        for child in list(self.children):
            self._ended(child)
        at_end.remove(self.terminate)

    def __call__(self, settings: Settings) -> Failure | None:
        """Trains one run in the thread's process.

        Raises:
            BusyError: another process trains it.
        """
        group = [settings, *([self._beside[settings]] if settings in self._beside else [])]
        for one in group:
            with self._store.run(one).claimed():  # so that no process is asked for a busy run
                pass
        child = getattr(self._here, "child", None) or self._start()
        if child is None:
            return Failure(settings, "its process was not begun, as all are being ended")
        answer = _ask(child, self._order | {"settings": [one.to_dict() for one in group]})
        self._here.child = None if answer is None else child
        if answer is None:
            answer = _reason(self._ended(child))
        if answer == BUSY:
            raise BusyError(f"{settings.name} was claimed meanwhile")
        done = all(self._store.run(one).finished for one in group)
        return None if done else Failure(settings, answer)

    def terminate(self) -> None:
        """Tells the processes to end, at work or not; no other begins from now on."""
        with self._starting:
            self._over = True
            for child in list(self.children):
                child.terminate()

    def _start(self) -> subprocess.Popen[str] | None:
        with self._starting:
            if self._over:
                return None
            child = subprocess.Popen(
                [sys.executable, "-m", "reproduce.training.sweep"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
            )  # fmt: skip
            self.children.add(child)
        return child

    def _ended(self, child: subprocess.Popen[str]) -> int:
        """The status of a process that answers no more."""
        status = child.wait()
        self.children.discard(child)
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):  # what it never read can't be written
                pipe.close()  # type: ignore[union-attr]  # both are there
        return status


def _ask(child: subprocess.Popen[str], order: dict[str, Any]) -> str | None:
    """What a process answers; None when it has ended instead."""
    assert child.stdin and child.stdout
    try:
        child.stdin.write(json.dumps(order) + "\n")
        child.stdin.flush()
    except BrokenPipeError:
        return None
    answer = child.stdout.readline()
    return json.loads(answer) if answer.endswith("\n") else None


def run(
    runs: Sequence[Settings], train: Trainer, jobs: int
) -> Iterator[tuple[Settings, Failure | None]]:
    """Trains runs, ``jobs`` at a time, and yields each when it has ended, with its failure if any.

    Closing the iterator begins no other run. The processes are ``Pool``'s, which ends them, also on
    Ctrl-C and SIGTERM; their checkpoints stay.

    Args:
        runs: what to train.
        train: trains one run, and returns its failure, if any; raises BusyError where another
            process trains it. ``Pool`` does it here, ``cluster.trainer`` on other machines.
        jobs: how many at once.
    """
    waiting = list(runs)
    threads = ThreadPoolExecutor(jobs)
    try:
        while waiting:
            ready = [settings for settings in waiting if settings.source not in waiting]
            busy = []
            with shielded():
                ended = {threads.submit(train, settings): settings for settings in ready}
            for future in as_completed(ended):
                try:
                    yield ended[future], future.result()
                except BusyError:  # another process trains it: look again later
                    busy.append(ended[future])
            waiting = busy + [settings for settings in waiting if settings not in ready]
            if len(busy) == len(ready):
                time.sleep(BUSY_SECONDS)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _reason(status: int) -> str:
    if status < 0:
        return f"its process was ended by {signal.Signals(-status).name}"
    return f"its process ended with status {status}"


def _seconds_per_step(settings: Settings, dataset: Dataset) -> float:
    """Median of a few steps on one thread; the first, that warms up, is not counted."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            times = [time.perf_counter()]

            class Enough(Exception):
                pass

            def on_step() -> None:
                times.append(time.perf_counter())
                if len(times) > TIMED_STEPS + 1:
                    raise Enough

            with suppress(Enough):
                list(islice(Training(settings, dataset, Run(Path(folder))).epochs(on_step), 1))
    finally:
        torch.set_num_threads(threads)
    lengths = [b - a for a, b in pairwise(times)]
    return statistics.median(lengths[1:] or lengths)


class _Quiet:
    """Progress of a run that nobody watches; see ``turns.Progress``."""

    def begin(self, settings: Settings, epochs_done: int, steps: int) -> None: ...

    def step(self, settings: Settings) -> None: ...

    def epoch(self, settings: Settings, metrics: Epoch) -> None: ...


def _obey(order: dict[str, Any], loaded: dict[str, Dataset]) -> str:
    """Trains what is ordered, from where it was; returns what went wrong, in one line."""
    group = [Settings.from_dict(settings) for settings in order["settings"]]
    loop.PROCESS = loop.process_name()  # only the times of those that take turns compare
    try:
        for settings in group:
            if settings.dataset not in loaded:
                data = load(settings.dataset, order["data_dir"])
                loaded[settings.dataset] = data.to(torch.device(order["device"]))
        turns.run_all([group], loaded[group[0].dataset], Store(Path(order["root"])), _Quiet())
    except BusyError:
        return BUSY
    except UserError as error:
        return " ".join(str(error).split())
    except Exception as error:  # whatever went wrong takes no other run with it
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return ""


def _serve() -> None:
    """What one process does: a line for each order, until there are none."""
    torch.set_num_threads(1)
    torch.backends.cudnn.benchmark = True  # shapes change only when units go
    loaded: dict[str, Dataset] = {}
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line), loaded)), flush=True)


if __name__ == "__main__":
    _serve()
