"""The table of what was tried on a validation split before rows were chosen: a line a setting."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reproduce.experiments.rows import Exploration, finished
from reproduce.gates.decisions import UNDECIDED
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded, Trained
from reproduce.runs.settings import differences
from reproduce.tables import results as tables

SHOWN = ("test error %", "n", "MMAC", "kMAC", "training MACs / dense", "architecture")
REMARKS = (
    "Columns show the settings in which the rows differ. Errors are those of the last epoch on"
    " training images that were held out of training: the test set is not looked at here. A row is"
    " one seed unless n says otherwise, and rows near together are alike.",
    "Losses: cross-entropy in nats, while training in the last epoch and on the images held out.",
    f"Decided: share of the gates started with that are removed, or outside {UNDECIDED}, after the"
    " last epoch with gates.",
)


def write(study: Exploration, loaded: Loaded, folder: Path) -> list[Path]:
    """Writes what was tried and its raw values; returns the files, none without finished runs."""
    shown = finished(study.rows, loaded)
    if not shown:
        return []
    records = [run.record for _, runs in shown for run in runs]
    varied = differences([row.settings.with_seed(0) for row, _ in shown])
    found = [tables.measured(row, runs, {}) for row, runs in shown]
    decided = [_decided(runs) for _, runs in shown]
    losses = [_losses(runs) for _, runs in shown]
    columns = {
        name: cell for name, cell in tables.columns(records[0].start).items() if name in SHOWN
    }
    asked = [name.replace("_", " ") for name in varied[0]]
    return tables.write_files(
        folder / study.name,
        title=f"{study.title}: {NETWORKS[study.network].title} on {records[0].provenance.data}",
        head=[
            *asked,
            *(name.replace("test", "validation") for name in columns),
            "training loss",
            "validation loss",
            "decided %",
        ],
        cells=[
            [
                *map(_text, settings.values()),
                *(cell(row) for cell in columns.values()),
                *(f"{loss:.4f}" for loss in pair),
                f"{share:.1f}",
            ]
            for settings, row, pair, share in zip(varied, found, losses, decided)
        ],
        remarks=[
            f"{study.progress(loaded)}.",
            *REMARKS,
            tables.data_note(records[0]),
            tables.made_note(records),
        ],
        rows=[
            settings
            | vars(row)
            | dict(zip(("train_loss", "validation_loss"), pair))
            | {"decided": share}
            for settings, row, pair, share in zip(varied, found, losses, decided)
        ],
        raw=tables.raw_values(study.rows, loaded),
    )


def _losses(runs: Sequence[Trained]) -> tuple[float, float]:
    """Cross-entropy in nats in the last epoch: while it trained, and on the images held out."""
    last = [run.epochs[-1] for run in runs]
    return statistics.mean(e.train_loss for e in last), statistics.mean(e.loss for e in last)


def _decided(runs: Sequence[Trained]) -> float:
    """In per cent, mean over the runs, just before the freeze."""
    return 100 * statistics.mean(run.gated[-1].decided for run in runs)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
