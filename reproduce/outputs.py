"""Where the tables and figures of a preset or a study go, and their writing."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from reproduce import figures
from reproduce.experiments.presets import COMMITTED
from reproduce.experiments.rows import (
    Budgets,
    Comparison,
    Exploration,
    Practice,
    Preset,
    SmallData,
    Study,
)
from reproduce.figures import practice as practice_figures
from reproduce.figures import runs, studies
from reproduce.figures import small_data as small_data_figures
from reproduce.interrupts import shielded
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded
from reproduce.tables import (
    budgets,
    exploration,
    ledger,
    methods,
    practice,
    results,
    robustness,
    small_data,
)
from theory.verdict import Verdict


@dataclass(frozen=True)
class Place:
    """The folders of runs, tables and figures."""

    runs: Path
    tables: Path
    figures: Path


def place(root: Path, wanted: Preset | Study) -> Place:
    """The committed folders for the presets and studies that are kept, others have their own."""
    published = wanted.dataset == NETWORKS[wanted.network].datasets[0]
    if published and (isinstance(wanted, Study) or wanted.name in COMMITTED):
        return Place(root / wanted.folder, Path("paper_tables"), Path("figures"))
    kind = wanted.dataset.rpartition("_")[2]  # sample, or format
    root = root / (wanted.folder if wanted.name == "quick" else f"{wanted.folder}-{kind}")
    return Place(root / "runs", root / "paper_tables", root / "figures")


def proved(place: Place) -> bool:
    """Whether the ledger was written there, without a failed claim in it."""
    written = place.tables / "claims.csv"
    wrong = ("failed: ", "undecided: ", "partly: ")
    return written.is_file() and not any(word in written.read_text() for word in wrong)


def write(
    wanted: Preset | Study, loaded: Loaded, place: Place, verdicts: Sequence[Verdict] = ()
) -> list[Path]:
    """Writes the ledger, and everything that the finished runs allow; returns the files."""
    claims = ledger.write(verdicts, place.tables) if verdicts else []
    tables = write_tables(wanted, loaded, place)
    theory = figures.write(figures.THEORY, place.figures) if verdicts else []
    return claims + tables + theory + write_figures(wanted, loaded, place)


# For each kind of thing that is run: what writes its tables, and what draws its figures.
KINDS: dict[type, tuple[Callable[..., list[Path]], Callable[..., dict[str, figures.Drawing]]]] = {
    Preset: (results.write, runs.figures),
    Study: (robustness.write, studies.figures),
    Comparison: (methods.write, studies.figures),
    Practice: (practice.write, practice_figures.figures),
    SmallData: (small_data.write, small_data_figures.figures),
    Budgets: (budgets.write, lambda study, loaded: {}),
    Exploration: (exploration.write, lambda study, loaded: {}),
}


def write_tables(wanted: Preset | Study, loaded: Loaded, place: Place) -> list[Path]:
    """Writes the tables that the finished runs allow; returns the files."""
    return KINDS[type(wanted)][0](wanted, loaded, place.tables)


def write_figures(wanted: Preset | Study, loaded: Loaded, place: Place) -> list[Path]:
    """Draws the figures that the finished runs allow; returns the files."""
    return figures.write(KINDS[type(wanted)][1](wanted, loaded), place.figures)


Writing = Callable[[], list[Path]]


def at_once(writings: Sequence[Writing]) -> Iterator[list[Path]]:
    """The files of each of several writings in turn, done by as many processes as there are cores.

    Closing the iterator, as Ctrl-C does, ends the processes; files are written whole or not at all.
    """
    if len(writings) < 2:
        yield from map(_call, writings)
        return
    processes = min(os.cpu_count() or 1, len(writings))
    with shielded():  # forked after torch is loaded they may hang
        pool = get_context("spawn").Pool(processes)
    with pool:
        yield from pool.imap(_call, writings)


def _call(writing: Writing) -> list[Path]:
    return writing()
