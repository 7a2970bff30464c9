"""Many runs at once, each in a process of its own: what is done is skipped, failures are collected.

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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import torch

from reproduce import interrupts
from reproduce.data import Dataset, load
from reproduce.errors import BusyError, UserError
from reproduce.interrupts import shielded
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run, Store
from reproduce.training.loop import Training

TIMED_STEPS = 10
BUSY, BUSY_SECONDS = 75, 2.0  # exit status of a process whose run another one trains, and the pause
children: set[subprocess.Popen[str]] = set()  # processes at work now
starting, stopping = threading.Lock(), threading.Event()


@dataclass(frozen=True)
class Failure:
    """A run that ended without a record, and the last line that its process wrote."""

    settings: Settings
    reason: str


def missing(runs: Sequence[Settings], store: Store) -> list[Settings]:
    """The runs that have no record yet."""
    return [settings for settings in runs if not store.run(settings).finished]


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


def processes(store: Store, data_dir: str | None) -> Trainer:
    """What trains one run, in a process of its own on this machine: see ``run``."""

    def train(settings: Settings) -> Failure | None:
        with store.run(settings).claimed():  # so that no process starts for a run that is busy
            pass
        order = {"settings": settings.to_dict(), "root": str(store.root), "data_dir": data_dir}
        child = _start([sys.executable, "-m", "reproduce.training.sweep"])
        _, errors = child.communicate(json.dumps(order))
        children.discard(child)
        if store.run(settings).finished:
            sys.stderr.write(errors)  # such as that a damaged checkpoint was set aside
            return None
        if child.returncode == BUSY:
            raise BusyError(f"{settings.name} was claimed meanwhile")
        return Failure(settings, _reason(child.returncode, errors))

    return train


def run(
    runs: Sequence[Settings], train: Trainer, jobs: int
) -> Iterator[tuple[Settings, Failure | None]]:
    """Trains runs, ``jobs`` at a time, and yields each when it has ended, with its failure if any.

    Closing the iterator, as Ctrl-C and SIGTERM do, stops the processes; their checkpoints stay.

    Args:
        runs: what to train.
        train: trains one run, and returns its failure, if any; raises BusyError where another
            process trains it. ``processes`` does it here, ``cluster.trainer`` on other machines.
        jobs: how many at once.
    """
    waiting = list(runs)
    stopping.clear()
    pool = ThreadPoolExecutor(jobs)
    try:
        while waiting:
            ready = [settings for settings in waiting if settings.source not in waiting]
            busy = []
            with shielded():
                ended = {pool.submit(train, settings): settings for settings in ready}
            for future in as_completed(ended):
                try:
                    yield ended[future], future.result()
                except BusyError:  # another process trains it: look again later
                    busy.append(ended[future])
            waiting = busy + [settings for settings in waiting if settings not in ready]
            if len(busy) == len(ready):
                time.sleep(BUSY_SECONDS)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        _stop()


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    """A process that ``_stop`` ends, also when it begins while the others are being ended."""
    with starting:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        children.add(child)
        if stopping.is_set():
            child.terminate()
    return child


def _stop() -> None:
    stopping.set()
    with starting:
        for child in list(children):
            child.terminate()


interrupts.at_end.append(_stop)


def _reason(status: int, errors: str) -> str:
    if status < 0:
        return f"its process was ended by {signal.Signals(-status).name}"
    return (errors.strip().splitlines() or [f"its process ended with status {status}"])[-1]


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


def _child(order: dict[str, Any]) -> None:
    """What one process does: one run, from where it was."""
    torch.set_num_threads(1)
    settings = Settings.from_dict(order["settings"])
    run = Store(Path(order["root"])).run(settings)
    with run.claimed():
        if run.finished:
            return
        loaded = load(settings.dataset, order["data_dir"])
        for _ in Training(settings, loaded, run).epochs():
            pass


if __name__ == "__main__":
    try:
        _child(json.load(sys.stdin))
    except BusyError:
        sys.exit(BUSY)
    except UserError as error:
        sys.exit(" ".join(str(error).split()))
    except KeyboardInterrupt:
        sys.exit(130)
