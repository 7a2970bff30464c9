"""What a person sees in the terminal while something is done: bars, and lines about it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from reproduce.arithmetic import computed_in
from reproduce.data import Dataset
from reproduce.errors import UserError
from reproduce.experiments.rows import Study
from reproduce.runs.record import Epoch
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training.sweep import Failure
from theory.verdict import Claim

OUT = Console(highlight=False)
LOOK_SECONDS = 2.0  # between two looks at what other processes have come to
MOST_FILES = 6  # of one folder that are listed one by one on a terminal
ERR = Console(stderr=True, highlight=False)  # bars go here, so that output can be piped


def silence() -> None:
    """For a rank that has nothing to say of its own."""
    OUT.quiet = ERR.quiet = True


def say(text: str) -> None:
    """A line; piped it stays one, however long."""
    ERR.print(text, soft_wrap=not ERR.is_terminal)


@contextmanager
def progress(*columns: Any) -> Iterator[Progress]:
    """Bars on a terminal only: a log file gets the lines that are printed, no empty ones."""
    bars = Progress(
        *columns, console=ERR, transient=True, refresh_per_second=2, disable=not ERR.is_terminal,
        expand=True,
    )  # fmt: skip
    if not ERR.is_terminal:  # rich before 15 would end even a disabled bar with an empty line
        yield bars
        return
    with bars:
        yield bars


def arithmetic(wanted: Sequence[Settings], device: torch.device) -> None:
    """A line where runs that are about to be trained can't have the precision they ask for."""
    asked = {settings.precision for settings in wanted}
    if any(computed_in(precision, device) != precision for precision in asked):
        say(
            "[yellow]bfloat16 is only emulated on this machine, many times slower: the layers of"
            " runs that begin here compute in float32, and their records say so.[/]"
        )


@contextmanager
def verifying() -> Iterator[Callable[[int, int, Claim | None], None]]:
    """A bar over the claims, for ``theory.verify``."""
    columns = (TextColumn("proving {task.description:>4}"), BarColumn(), MofNCompleteColumn())
    with progress(*columns) as bars:
        task = bars.add_task("", total=None)

        def on_progress(done: int, total: int, claim: Claim | None) -> None:
            bars.update(task, completed=done, total=total, description=claim.id if claim else "")

        yield on_progress


class TrainingBars:
    """A bar for each run in work, with its error, its widths and the time left."""

    def __init__(self, bars: Progress):
        self._bars = bars
        self._tasks: dict[Settings, Any] = {}

    def begin(self, settings: Settings, epochs_done: int, steps: int) -> None:
        total = settings.epochs * steps
        self._tasks[settings] = self._bars.add_task(
            _briefly(settings), total=total, completed=epochs_done * steps, state=""
        )

    def step(self, settings: Settings) -> None:
        self._bars.advance(self._tasks[settings])

    def epoch(self, settings: Settings, metrics: Epoch) -> None:
        state = _state(settings, metrics)
        task = self._tasks[settings]
        self._bars.update(task, state=state.removeprefix("epoch "))
        if metrics.epoch == settings.epochs:
            self._bars.update(task, visible=False)
            _say(self._bars.console, f"trained {_describe(settings)}  {state}")


def _say(console: Console, line: str) -> None:
    """A line above the bars; piped it stays one, however long."""
    console.print(line, markup=False, soft_wrap=not console.is_terminal)


def _of_epochs() -> tuple[ProgressColumn, ...]:
    """A name, a bar, the time left; error and widths, which are cut where there is no room."""
    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return (
        TextColumn("{task.description}", table_column=Column(no_wrap=True)),
        BarColumn(bar_width=10),
        TimeRemainingColumn(),
        TextColumn("{task.fields[state]}", table_column=rest),
    )


@contextmanager
def training() -> Iterator[TrainingBars]:
    with progress(*_of_epochs()) as bars:
        yield TrainingBars(bars)


def plan(
    study: Study, wanted: Sequence[Settings], data: Dataset, seconds: float, jobs: int
) -> None:
    """What a study is about to train, on what, and how long that takes at most."""
    done = len(study.runs()) - len(wanted)
    OUT.print(f"{study.name}: {len(wanted)} runs to train, {done} done before, {jobs} at once")
    OUT.print(f"on {data.title}: {len(data.train_x):,} training images")
    for row in study.rows:
        left = sum(settings.with_seed(0) == row.settings.with_seed(0) for settings in wanted)
        rest = f"{left} of {study.seeds} to train" if left else "done before"
        OUT.print(f"  {row.label}: {rest}", markup=False)
    if wanted:
        OUT.print(f"at most {seconds / 60:.0f} minutes: as long as if nothing were ever pruned")


@contextmanager
def sweeping(
    wanted: Sequence[Settings], store: Store
) -> Iterator[Callable[[Settings, Failure | None], None]]:
    """A bar over the epochs of all runs, with the latest of them, and a line for each run's end.

    Other processes train them, so that what they have come to is read from the store.
    """
    with progress(*_of_epochs()) as bars, ExitStack() as watch:
        total = sum(settings.epochs for settings in wanted)
        task = bars.add_task(f"0/{len(wanted)} runs", total=total, state="")
        over: list[Settings] = []

        def look() -> None:
            done = {settings: store.run(settings).epochs() for settings in wanted}
            state = _latest(done, store)
            count, epochs = f"{len(over)}/{len(wanted)} runs", sum(map(len, done.values()))
            bars.update(task, completed=epochs, state=state, description=count)

        def ended(settings: Settings, failure: Failure | None) -> None:
            over.append(settings)
            epochs = store.run(settings).epochs()
            what = f"failed: {failure.reason}" if failure else _state(settings, epochs[-1])
            _say(bars.console, f"{_describe(settings)}  {what}")

        if ERR.is_terminal:
            watch.enter_context(_every(LOOK_SECONDS, look))
        yield ended


def _latest(done: dict[Settings, list[Epoch]], store: Store) -> str:
    """What the run that has written last has come to."""
    begun = [settings for settings, epochs in done.items() if epochs]
    if not begun:
        return ""
    latest = max(begun, key=lambda settings: store.run(settings).written)
    return _state(latest, done[latest][-1])


@contextmanager
def _every(seconds: float, look: Callable[[], None]) -> Iterator[None]:
    """Calls ``look`` from a thread of its own, again and again."""
    over = Event()

    def watch() -> None:
        while not over.wait(seconds):
            with suppress(UserError):  # a file that is written just now
                look()

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def swept(study: Study, store: Store, failures: Sequence[Failure]) -> None:
    """How a study ended."""
    finished = sum(store.run(settings).finished for settings in study.runs())
    OUT.print(f"{finished} of {len(study.runs())} runs of {study.name} are in {store.root}.")
    if failures:
        OUT.print(f"[red]{len(failures)} failed[/]; the same command tries them again.")


@contextmanager
def writing(what: str, total: int) -> Iterator[Callable[[list[Path]], list[Path]]]:
    """A bar over the presets and studies whose tables or figures are written."""
    with progress(TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as bars:
        task = bars.add_task("", total=total)

        def written(paths: list[Path]) -> list[Path]:
            bars.advance(task)
            return paths

        yield written


@contextmanager
def shrinking(steps: int) -> Iterator[Callable[[str], None]]:
    """A bar over the steps of ``reproduce.shrink``, with what they have come to."""
    with progress(*_of_epochs()) as bars:
        task = bars.add_task("shrinking", total=steps, state="")
        yield lambda state: bars.update(task, advance=1, state=state)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A bar for something whose length is not known."""
    with progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()) as bars:
        bars.add_task(what, total=None)
        yield


def _state(settings: Settings, metrics: Epoch) -> str:
    """Epoch, error and widths: what a run has come to."""
    widths = "-".join(map(str, metrics.widths))
    return f"epoch {metrics.epoch}/{settings.epochs}  {metrics.error:.2f} %  {widths}"


def _describe(settings: Settings) -> str:
    widths = "-".join(map(str, settings.widths))
    return f"{settings.network} {widths} {settings.init} {_method(settings)} seed {settings.seed}"


def _briefly(settings: Settings) -> str:
    return f"{settings.network} {_method(settings)} seed {settings.seed}"


def _method(settings: Settings) -> str:
    if settings.method == "gates":
        gates = settings.gates
        price = f"ln γ={f'{gates.log_gamma:g}' if gates.log_gamma else 'default'}"
        return f"{gates.estimator} {gates.asked or price}"
    return settings.method


def files(paths: Sequence[Path]) -> None:
    """The files written, a path on a line; on a terminal a folder of many by their number."""
    for folder in dict.fromkeys(path.parent for path in paths):
        here = [path for path in paths if path.parent == folder]
        if OUT.is_terminal and len(here) > MOST_FILES:
            OUT.print(f"[bold]{folder}/[/]: {len(here)} files", soft_wrap=True)
            continue
        for path in here:
            OUT.print(str(path), markup=False, soft_wrap=True)
