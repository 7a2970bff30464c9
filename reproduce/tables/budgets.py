"""The table of budgets: what was asked for and what came out, beside prices set by hand."""

from pathlib import Path
from typing import NamedTuple

from reproduce.experiments.rows import Budgets, Row, finished
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded, Trained
from reproduce.tables import results as tables
from reproduce.tables.methods import at_macs

SHOWN = ("method", "test error %", "n", "training MACs / dense", "kMAC", "MMAC", "architecture")
REMARKS = (
    "Asked for: the share of the MACs that the network may have in the end (`--target-macs`); the"
    " price is found for it while training. Rows without one have a price that was set by hand, and"
    " end where it takes them; those in nats were set once, the others on the validation split.",
    "Left: the share of the MACs that is left; where runs differ, from the least to the greatest.",
    "Against prices: the error less that of the rows without a budget, dense training among"
    " them, at as many MACs (between the two next to it, linear in the logarithm of the MACs), in"
    " points; empty where their MACs do not reach.",
)


class Shares(NamedTuple):
    """What was asked for, and the least and the greatest that was left, in %."""

    asked: float | None
    least: float
    greatest: float


def results(study: Budgets, loaded: Loaded) -> list[tuple[Shares, tables.Result]]:
    """A line for each row that has finished runs."""
    return [
        (_shares(row, runs), tables.measured(row, runs, {}))
        for row, runs in finished(study.rows, loaded)
    ]


def _shares(row: Row, runs: list[Trained]) -> Shares:
    target = row.settings.gates.targets.get("macs")
    left = [100 * run.record.end.macs / run.record.start.macs for run in runs]
    return Shares(100 * target if target else None, min(left), max(left))


def write(study: Budgets, loaded: Loaded, folder: Path) -> list[Path]:
    """Writes the table and its raw values; returns the files, none without finished runs."""
    lines = results(study, loaded)
    if not lines:
        return []
    records = [run.record for _, runs in finished(study.rows, loaded) for run in runs]
    by_hand = [row for shares, row in lines if shares.asked is None]
    columns = {
        name: cell for name, cell in tables.columns(records[0].start).items() if name in SHOWN
    }
    cells = []
    for shares, row in lines:
        name, *others = (cell(row) for cell in columns.values())
        asked = "" if shares.asked is None else f"{shares.asked:g}"
        points = "" if shares.asked is None else _against_prices(by_hand, row)
        cells.append([name, asked, _range(shares.least, shares.greatest), points, *others])
    head, *others = columns
    return tables.write_files(
        folder / study.name,
        title=f"{study.title}: {NETWORKS[study.network].title} on {records[0].provenance.data}",
        head=[head, "asked for %", "left %", "against prices", *others],
        cells=cells,
        remarks=[
            f"{study.progress(loaded)}.",
            *REMARKS,
            tables.data_note(records[0]),
            tables.made_note(records),
        ],
        rows=[shares._asdict() | vars(row) for shares, row in lines],
        raw=tables.raw_values(study.rows, loaded),
    )


def _against_prices(by_hand: list[tables.Result], row: tables.Result) -> str:
    """The error of a row less that of others at its MACs; empty where they do not reach them."""
    macs, error = row.macs, row.test_error_mean
    others = at_macs(macs, by_hand) if macs and by_hand else None
    return f"{error - others[0]:+.2f}" if others and error is not None else ""


def _range(least: float, greatest: float) -> str:
    low, high = f"{least:.2f}", f"{greatest:.2f}"
    return low if low == high else f"{low} to {high}"
