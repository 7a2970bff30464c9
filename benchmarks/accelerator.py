"""What ``accelerator.sh`` does: smoke tests, then as many runs of a study as the time allows.

Imports nothing but what training itself needs, so that it runs from the bare tree.
"""

import argparse
import signal
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from reproduce.data import Dataset, load
from reproduce.errors import UserError
from reproduce.experiments.studies import STUDIES, study
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training import sweep
from reproduce.training.loop import Training

SMOKE_STEPS = 10
SPARE_SECONDS = 15  # to pack what is finished
RECORD = ("settings.json", "epochs.jsonl", "record.json")


class TimeIsUp(Exception):
    """Raised in the main thread when the seconds asked for are over."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises TimeIsUp inside the block once the seconds are over."""

    def up(*_: object) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, up)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.1))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def smoke(wanted: Sequence[Settings], data: Dataset) -> None:
    """A few steps of each method, in two epochs with a checkpoint between, resumed from it.

    Raises:
        UserError: a resumed run does not go on where it was.
    """
    few = {row.method: row for row in reversed(wanted)}
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for asked in sorted(few.values(), key=lambda settings: settings.source is not None):
            images = SMOKE_STEPS // 2 * asked.batch_size
            short = replace(asked, epochs=2, train_images=images, attach_at=0.0, freeze_at=1.0)
            begun = time.perf_counter()
            list(islice(Training(short, data, store.run(short)).epochs(), 1))
            rest = list(Training(short, data, store.run(short)).epochs())
            if [metrics.epoch for metrics in rest] != [2]:
                raise UserError(f"{short.method} did not resume after its first epoch")
            say(f"smoke: {short.method}, {time.perf_counter() - begun:.1f} s")


def train(wanted: Sequence[Settings], trainer: sweep.Trainer, jobs: int, seconds: float) -> None:
    """Trains runs in their order until the time is up; says each as it ends."""
    with within(seconds):
        for settings, failure in sweep.run(wanted, trainer, jobs):
            outcome = f"failed: {failure.reason}" if failure else "finished"
            say(f"{settings.name} (seed {settings.seed}, {settings.method}): {outcome}")


def pack(wanted: Sequence[Settings], store: Store, out: Path) -> int:
    """Writes the records of the finished runs, no weights, into one archive; returns how many."""
    done = [store.run(settings) for settings in wanted if store.run(settings).finished]
    with tarfile.open(out / "records.tar.gz", "w:gz") as archive:
        for run in done:
            for name in RECORD:
                archive.add(run.folder / name, f"{store.root.name}/{run.folder.name}/{name}")
    return len(done)


def say(text: str) -> None:
    print(text, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    begun = time.monotonic()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accelerator", description=__doc__)
    parser.add_argument("archive", type=Path, help="CIFAR-10, as an archive or a folder of it")
    parser.add_argument("out", type=Path, help="folder for runs and for records.tar.gz")
    parser.add_argument("--seconds", type=float, default=520.0, help="in all (520)")
    parser.add_argument("--study", default="methods_vgg16_long", choices=STUDIES, metavar="NAME")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--jobs", type=int, default=4, help="runs at once (4)")
    parser.add_argument("--epochs", type=int, help="fewer, to try this script without a GPU")
    parser.add_argument("--widths", type=int, help="a share 1/WIDTHS of all widths, likewise")
    parser.add_argument("--images", type=int, default=0, help="training images, likewise")
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not torch.cuda.is_available():
        raise UserError("no CUDA device is to be found: --device cpu tries this script without")
    wanted = [_smaller(settings, options) for settings in study(options.study).runs()]
    data = load(wanted[0].dataset, str(options.archive))
    say(f"{data.title}, fingerprint {data.fingerprint}; torch {torch.__version__}")
    store = Store(options.out / study(options.study).folder)
    until = begun + options.seconds - SPARE_SECONDS
    try:
        with within(until - time.monotonic()):
            smoke(wanted, data.to(torch.device(options.device)))
        with sweep.Pool(store, str(options.archive), device=options.device) as trainer:
            train(wanted, trainer, options.jobs, until - time.monotonic())
    except TimeIsUp:
        say("the time is up")
    say(f"{pack(wanted, store, options.out)} of {len(wanted)} runs are in records.tar.gz")
    return 0


def _smaller(settings: Settings, options: argparse.Namespace) -> Settings:
    widths = tuple(max(width // (options.widths or 1), 2) for width in settings.widths)
    epochs = options.epochs or settings.epochs
    return replace(settings, epochs=epochs, widths=widths, train_images=options.images)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
