"""The table of a study of robustness: where runs from different starts end (claim A4)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reproduce.experiments.rows import Row, Study, finished
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded, Trained
from reproduce.tables import results as tables

MOST_COLUMNS = 5  # layers: the units of more of them stand in one cell


def results(study: Study, loaded: Loaded) -> list[dict[str, Any]]:
    """One row for each start that has finished runs, and one for all runs of its group.

    ``of`` says of how many starts such a row is. Means and standard deviations are over the runs;
    the coefficient of variation is the standard deviation in % of the mean; ``error_farthest`` is
    the largest distance from the mean in points.
    """
    found = []
    for name, rows in study.groups.items():
        starts = [(row.label, runs) for row, runs in finished(rows, loaded)]
        found += [_row(label, runs) for label, runs in starts]
        together = [run for _, runs in starts for run in runs]
        found += (
            [_row(f"{name}: all {len(starts)} starts", together, len(starts))] if together else []
        )
    return found


def _row(start: str, runs: Sequence[Trained], of: int | None = None) -> dict[str, Any]:
    records = [run.record for run in runs]
    layers = NETWORKS[records[0].settings.network].layers
    begun = {"-".join(map(str, record.start.widths)) for record in records}
    row: dict[str, Any] = {"start": start, "of": of}
    row["widths"] = begun.pop() if len(begun) == 1 else "various"
    kept = np.array([record.end.widths for record in records], dtype=float)
    for layer, units in zip(layers, kept.T):
        row |= {f"{layer}_{key}": value for key, value in _spread(units).items()}
    macs = np.array([record.end.macs for record in records], dtype=float)
    error = np.array([record.error for record in records])
    row |= {f"macs_{key}": value for key, value in _spread(macs).items()}
    row |= {f"error_{key}": value for key, value in _spread(error).items() if key != "cv"}
    return row | {"error_farthest": float(abs(error - error.mean()).max()), "n": len(runs)}


def _spread(values: np.ndarray) -> dict[str, float | None]:
    mean = float(values.mean())
    if len(values) < 2:
        return {"mean": mean, "std": None, "cv": None}
    std = float(values.std(ddof=1))
    return {"mean": mean, "std": std, "cv": 100 * std / mean}


def _cells(row: dict[str, Any], layers: Sequence[str]) -> list[str]:
    def cell(name: str, spec: str, factor: float = 1.0) -> str:
        mean, std = row[f"{name}_mean"], row[f"{name}_std"]
        spread = "" if std is None else f" ± {std * factor:{spec}}"
        return f"{mean * factor:{spec}}{spread}"

    together = row["of"] and row["n"] > 1
    kept = [
        cell(layer, ".1f") + (f" ({row[f'{layer}_cv']:.1f} %)" if together else "")
        for layer in layers
    ]
    if len(layers) > MOST_COLUMNS:
        varied = [f"{row[f'{layer}_cv']:.1f}" for layer in layers] if row["n"] > 1 else []
        kept = ["-".join(f"{row[f'{layer}_mean']:.0f}" for layer in layers), " - ".join(varied)]
    farthest = f"{row['error_farthest']:.2f}" if row["n"] > 1 else ""
    start, n = tables.labelled(row["start"], row["n"]), str(row["n"])
    macs, error = cell("macs", ".2f", 1e-3), cell("error", ".2f")
    return [start, macs, error, farthest, n, row["widths"], *kept]


def _priced(rows: Sequence[Row]) -> str:
    prices = [row.settings.gates.log_gamma for row in rows]
    usual = max(prices, key=prices.count)
    others = [
        f"“{row.label}” {price:.4g}"
        for row, price in zip(rows, prices)
        if price != usual and row.settings.gates.price == "macs"
    ]
    said = f"A price of {usual:g} nats unless the row says otherwise"
    return f"{said} (mean of a unit at the start; {', '.join(others)})" if others else said


def write(study: Study, loaded: Loaded, folder: Path) -> list[Path]:
    """Writes the study's table and raw values; returns the files, none without finished runs."""
    rows = results(study, loaded)
    if not rows:
        return []
    shown = finished(study.rows, loaded)
    first = shown[0][1][0].record
    layers = NETWORKS[study.network].layers
    columns = len(layers) <= MOST_COLUMNS
    return tables.write_files(
        folder / study.name,
        title=f"{study.title}: {NETWORKS[study.network].title} on {first.provenance.data}",
        head=[
            "start",
            "kMAC",
            "test error %",
            "farthest off",
            "n",
            "starting widths",
            *(layers if columns else ["units kept", "their variation %"]),
        ],
        cells=[_cells(row, layers) for row in rows],
        remarks=[
            f"{_priced([row for row, _ in shown])}; {study.progress(loaded)}.",
            tables.data_note(first),
            "Units kept: mean ± standard deviation; over all starts the coefficient of"
            " variation stands in brackets."
            if columns
            else f"Units kept: means of {' - '.join(layers)}, and after them their coefficients of"
            " variation.",
            "Test error is that of the last epoch; farthest off: the largest distance of a run's"
            " error from the row's mean, in points.",
            tables.made_note([run.record for _, runs in shown for run in runs]),
        ],
        rows=rows,
        raw=tables.raw_values(study.rows, loaded),
    )
