"""The table of priors on few images: are gates where each prior says that they rest (claim H5)?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from reproduce.experiments.rows import SmallData, finished
from reproduce.gates.decisions import UNDECIDED
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded, Trained
from reproduce.runs.record import Record
from reproduce.tables import results as tables
from theory import BetaHyperprior, FixedPrior, FlatteningHyperprior, undecided

RESTING: dict[str, Any] = {
    "flattening": lambda price: FlatteningHyperprior(log_gamma=price),
    "fixed": lambda price: FixedPrior(expit(-price)),
    "beta": lambda price: BetaHyperprior(1, np.exp(price)),
}


def summary(run: Trained) -> dict[str, float]:
    """What one weighed run says of claim H5.

    Returns:
        ``price`` and the median ``worth`` of a gate in nats; ``undecided``, in % of the gates
        started with, before the freeze, and ``predicted``: those that rest inside [0.01, 0.99]
        given what they were measured to be worth; ``gap``: loss with thresholded gates less that
        with mean ones; and what came out.
    """
    record, seen = run.record, run.record.weighed
    assert seen is not None  # the study's method weighs
    before = run.gated[-1]
    worth, price = np.array(seen.worth), np.array(seen.price)
    prior = RESTING[run.settings.gates.prior](price)
    whole = sum(record.start.widths)
    return {
        "images": record.provenance.train_samples,
        "price": float(np.median(price)),
        "worth": float(np.median(worth)),
        "worth_error": float(np.median(seen.worth_error)),
        "undecided": 100 * (1 - before.decided),
        "predicted": 100 * float(undecided(prior, worth).sum()) / whole,
        "gap": before.loss - before.mean_gate_loss,
        "macs": record.end.macs,
        "error": record.error,
    }


HEAD = {
    "prior, training images": lambda row: tables.labelled(row["label"], row["n"]),
    "kMAC": lambda row: f"{row['macs'] / 1e3:.2f}",
    "test error %": lambda row: _spread(row, "error", ".2f"),
    "n": lambda row: str(row["n"]),
    "price, nats": lambda row: f"{row['price']:.3g}",
    "worth, nats (median)": lambda row: f"{row['worth']:.3g} ± {row['worth_error']:.2g}",
    "undecided, %": lambda row: _spread(row, "undecided", ".1f"),
    "predicted, %": lambda row: f"{row['predicted']:.1f}",
    "loss lost by thresholding": lambda row: f"{row['gap']:z.4f}",
    "kept": lambda row: row["architecture"],
}
REMARKS = (
    "Price and weight decay per sample are the same in all rows: in nats, both fall with the number"
    " of training images N. Each seed draws its own images.",
    f"Undecided: share of the gates started with that are inside {UNDECIDED} before the freeze.",
    f"Predicted: share that rests inside {UNDECIDED} by claim H5, given what each gate was measured"
    " to be worth just before the freeze. That measurement has the standard error that stands"
    " behind the median worth; where it is not small against ln 99 = 4.6 nats, too few gates are"
    " predicted. Under the flattening hyper-prior none rests inside: what is undecided there is"
    " still on its way.",
    "Loss lost by thresholding: what it costs, per test image, to put every gate at 0 or 1 just"
    " before the freeze.",
)


def results(study: SmallData, loaded: Loaded) -> list[dict[str, Any]]:
    """One row for each prior and number of images: means over its runs, spreads where n > 1."""
    rows = []
    for row, runs in finished(study.rows, loaded):
        seen = [summary(run) for run in runs]
        mean = {name: float(np.mean([one[name] for one in seen])) for name in seen[0]}
        spread = {
            f"{name}_std": float(np.std([one[name] for one in seen], ddof=1))
            for name in ("undecided", "error", "macs")
            if len(seen) > 1
        }
        kept = tables.architecture([run.record.end.widths for run in runs])
        rows.append({"label": row.label} | mean | spread | {"architecture": kept, "n": len(runs)})
    return rows


def _spread(row: dict[str, Any], name: str, spec: str) -> str:
    std = row.get(f"{name}_std")
    return f"{row[name]:{spec}}" + ("" if std is None else f" ± {std:{spec}}")


def write(study: SmallData, loaded: Loaded, folder: Path) -> list[Path]:
    """Writes the table and its raw values; returns the files, none without finished runs."""
    rows = results(study, loaded)
    if not rows:
        return []
    shown = finished(study.rows, loaded)
    records = [run.record for _, runs in shown for run in runs]
    data = records[0].provenance.data
    return tables.write_files(
        folder / study.name,
        title=f"{study.title}: {NETWORKS[study.network].title} on {data}",
        head=list(HEAD),
        cells=[[cell(row) for cell in HEAD.values()] for row in rows],
        remarks=[
            f"{study.progress(loaded)}.",
            *REMARKS,
            *_data(records),
            tables.made_note(records),
        ],
        rows=rows,
        raw=tables.raw_values(study.rows, loaded),
    )


def _data(records: Sequence[Record]) -> list[str]:
    """Each kind of training once."""
    return list(dict.fromkeys(tables.data_note(record) for record in records))
