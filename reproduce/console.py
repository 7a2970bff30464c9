"""What a person sees in the terminal: bars, tables and the last screen."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from reproduce.arithmetic import computed_in
from reproduce.experiments.rows import Preset
from reproduce.experiments.studies import Study
from reproduce.models import NETWORKS
from reproduce.outputs import Place
from reproduce.runs.loaded import Loaded
from reproduce.runs.record import Epoch
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run, Store
from reproduce.tables import results as tables
from reproduce.training.sweep import Failure
from theory.ledger import Claim, Verdict

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)  # bars go here, so that output can be piped


def silence() -> None:
    """For a rank that has nothing to say of its own."""
    OUT.quiet = ERR.quiet = True


def say(text: str) -> None:
    ERR.print(text)


@contextmanager
def progress(*columns: Any) -> Iterator[Progress]:
    """Bars on a terminal only: a log file gets the lines that are printed, no empty ones."""
    bars = Progress(
        *columns, console=ERR, transient=True, refresh_per_second=2, disable=not ERR.is_terminal
    )
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
            _describe(settings), total=total, completed=epochs_done * steps, state=""
        )

    def step(self, settings: Settings) -> None:
        self._bars.advance(self._tasks[settings])

    def epoch(self, settings: Settings, metrics: Epoch) -> None:
        widths = "-".join(map(str, metrics.widths))
        state = f"epoch {metrics.epoch}/{settings.epochs}  {metrics.error:.2f} %  {widths}"
        task = self._tasks[settings]
        self._bars.update(task, state=state)
        if metrics.epoch == settings.epochs:
            self._bars.update(task, visible=False)
            self._bars.console.print(f"trained {_describe(settings)}  {state}")


@contextmanager
def training() -> Iterator[TrainingBars]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(),
    )
    with progress(*columns) as bars:
        yield TrainingBars(bars)


def plan(study: Study, wanted: Sequence[Settings], seconds: float, jobs: int) -> None:
    """What a study is about to train, and how long that takes at most."""
    done = len(study.runs()) - len(wanted)
    OUT.print(f"{study.name}: {len(wanted)} runs to train, {done} done before, {jobs} at once")
    for row in study.rows:
        left = sum(settings.with_seed(0) == row.settings.with_seed(0) for settings in wanted)
        OUT.print(f"  {row.label}: {left} of {study.seeds}", markup=False)
    if wanted:
        OUT.print(f"at most {seconds / 60:.0f} minutes: as long as if nothing were ever pruned")


@contextmanager
def sweeping(total: int) -> Iterator[Callable[[Settings, Failure | None], None]]:
    """A bar over the runs of a study, and a line for each that has ended."""
    columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress(*columns) as bars:
        task = bars.add_task("", total=total)

        def ended(settings: Settings, failure: Failure | None) -> None:
            bars.advance(task)
            what = f"failed: {failure.reason}" if failure else "trained"
            bars.console.print(f"{_describe(settings)}  {what}", markup=False)

        yield ended


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
def working(what: str) -> Iterator[None]:
    """A bar for something whose length is not known."""
    with progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()) as bars:
        bars.add_task(what, total=None)
        yield


def _describe(settings: Settings) -> str:
    what = settings.method
    if what == "gates":
        what = f"{settings.gates.estimator} ln γ={settings.gates.log_gamma:g}"
    widths = "-".join(map(str, settings.widths))
    return f"{settings.network} {widths} {settings.init} {what} seed {settings.seed}"


def ledger(verdicts: Sequence[Verdict]) -> None:
    """The ledger as a table, and what is wrong below it."""
    table = Table(title="The ledger", show_lines=True)
    for name in ("claim", "statement", "how established", "controls rejected", "verdict"):
        table.add_column(name)
    table.add_column("time", justify="right")
    for verdict in verdicts:
        rejected = sum(control.rejected for control in verdict.controls)
        table.add_row(
            verdict.claim.id,
            verdict.claim.statement,
            verdict.established,
            f"{rejected} of {len(verdict.controls)}",
            f"[{'green' if verdict.ok else 'bold red'}]{verdict.label}[/]",
            f"{verdict.seconds:.1f} s",
        )
    OUT.print(table)
    for verdict in verdicts:
        for problem in verdict.problems:
            OUT.print(f"[red]{verdict.claim.id}[/]: {problem}", markup=True)


def results(preset: Preset, loaded: Loaded) -> None:
    """The main results table, the measured rows only."""
    rows = tables.results(preset, loaded)
    left_out = ("params", "params %", "MACs %", "source")
    shown = {name: cell for name, cell in tables.COLUMNS.items() if name not in left_out}
    dataset = rows[0].dataset if rows else "no run finished"
    table = Table(title=f"{NETWORKS[preset.network].title} on {dataset}")
    for name in shown:
        table.add_column(
            name, justify="left" if name in ("method", "architecture") else "right", overflow="fold"
        )
    for row in rows:
        table.add_row(*(cell(row) for cell in shown.values()))
    OUT.print(table)


def starts(preset: Preset, loaded: Loaded) -> None:
    """Where runs from different starts end (claim A4)."""
    table = Table(title="One price, different starts")
    for name in ("start", "end", "kMAC", "test error %"):
        table.add_column(name, justify="left" if name in ("start", "end") else "right")
    for row in preset.starts:
        for run in loaded.seeds(row.settings)[:1]:
            end, error = run.record.end, run.record.error
            widths = "-".join(map(str, end.widths))
            table.add_row(row.label, widths, f"{end.macs / 1e3:.1f}", f"{error:.2f}")
    OUT.print(table)


def summary(
    verdicts: Sequence[Verdict],
    preset: Preset,
    loaded: Loaded,
    trained: int,
    paths: Sequence[Path],
    place: Place,
) -> None:
    """The last screen of the main job: what was found, and where the files are."""
    if verdicts:
        ledger(verdicts)
    results(preset, loaded)
    if preset.starts:
        starts(preset, loaded)
    if verdicts:
        good = sum(verdict.ok for verdict in verdicts)
        OUT.print(f"{good} of {len(verdicts)} claims hold, with every control of theirs rejected.")
    else:
        OUT.print(f"The claims were proved before: see {place.tables / 'claims.md'}.")
    OUT.print(f"{trained} runs trained now; all runs are in {place.runs}.")
    if paths:
        files(paths)
    else:
        OUT.print(f"Tables and figures are as they were: {place.tables}, {place.figures}.")


def files(paths: Sequence[Path]) -> None:
    for folder in dict.fromkeys(path.parent for path in paths):
        names = ", ".join(path.name for path in paths if path.parent == folder)
        OUT.print(f"[bold]{folder}/[/] {names}")


def one_run(run: Run, trained: int) -> None:
    record = run.record()
    start, end = record.start, record.end
    widths = ["-".join(map(str, size.widths)) for size in (start, end)]
    note = "" if trained else " (trained before)"
    held_out = {"test": "test", "validation": "validation"}[record.settings.judged_on]
    OUT.print(f"{widths[0]} → {widths[1]}{note}")
    OUT.print(f"{held_out} error after the last epoch: {record.error:.2f} %")
    OUT.print(f"MACs: {end.macs:,} of {start.macs:,}")
    for layer in record.spared:
        kept = "no unit was worth its price; the best was kept all the same"
        OUT.print(f"[yellow]{layer}: {kept}[/]")
    OUT.print(f"data: {record.provenance.data}; run: {run.folder}")


def runs(found: Sequence[tuple[str, Run]]) -> None:
    """All runs, a line each."""
    table = Table(title="Runs")
    for name in ("collection", "run", "seed", "data", "state", "widths", "kMAC", "error %"):
        table.add_column(name, overflow="fold")
    for collection, run in found:
        settings, epochs = run.settings(), run.epochs()
        last = epochs[-1] if epochs else None
        done = "finished" if run.finished else f"epoch {len(epochs)} of {settings.epochs}"
        measured = (
            (
                "-".join(map(str, last.widths)),
                f"{last.macs / 1e3:.1f}",
                f"{last.error:.2f}",
            )
            if last
            else ("", "", "")
        )
        name, seed = run.folder.name, str(settings.seed)
        table.add_row(collection, name, seed, settings.dataset, done, *measured)
    OUT.print(table)
