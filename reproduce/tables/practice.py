"""The table that sets the theory beside watched runs (claims P1, P4, D3 and D4)."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from reproduce.experiments.rows import Practice, finished
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded, Trained
from reproduce.runs.record import Removal, Survivor, Witnessed
from reproduce.tables import results as tables

SURE = ndtri(0.95)


Columns = dict[str, np.ndarray]


def gone_and_left(seen: Sequence[Witnessed]) -> tuple[Columns, Columns]:
    """All removals and all survivors, column by column: see ``Removal`` and ``Survivor``."""
    return (
        _columns(Removal, [unit for one in seen for unit in one.removals]),
        _columns(Survivor, [unit for one in seen for unit in one.survivors]),
    )


def _columns(kind: type[Removal | Survivor], units: Sequence[Removal | Survivor]) -> Columns:
    """An array for each field that all of the units have."""
    names = [name for name in kind._fields if all(getattr(one, name) is not None for one in units)]
    return {name: np.array([getattr(one, name) for one in units], dtype=float) for name in names}


def summary(seen: Sequence[Witnessed]) -> dict[str, float]:
    """What watched runs of the same settings say of four claims, over all their units.

    Args:
        seen: of finished runs with the method ``gates_watched``.

    Returns:
        ``removed`` and ``left`` are means over the runs; shares are in % of the units, and
        ``sure_regret`` and ``surely_not`` those with 95 % confidence in the measured worth;
        ``kkt_residual`` is the mean of (price - worth)+ / price over the units left, in %;
        ``bound`` is D4's, (C(0) - C) / c, with c the mean price of a unit that is left. Where there
        is batch norm, ``lagging_regret`` and ``lagging_sure_regret`` are by its running averages.
    """
    gone, left = gone_and_left(seen)
    excess, short = gone["worth"] - gone["price"], left["price"] - left["worth"]
    gained = [one.empty - one.loss for one in seen]
    lagging = {}
    if len(excess) and "lagging_worth" in gone:
        beyond = gone["lagging_worth"] - gone["price"]
        lagging["lagging_regret"] = _percent(beyond > 0)
        lagging["lagging_sure_regret"] = _percent(beyond > SURE * gone["lagging_error"])
    return {
        "removed": len(excess) / len(seen),
        "regret": _percent(excess > 0),
        "sure_regret": _percent(excess > SURE * gone["worth_error"]),
        "certified": _percent(gone["kappa_r"] < gone["edge"]),
        "left": len(short) / len(seen),
        "worth_their_price": _percent(short <= 0),
        "surely_not": _percent(short > SURE * left["worth_error"]),
        "kkt_residual": 100 * float(np.mean(short.clip(0) / left["price"])),
        "bound": float(np.mean(gained) / left["price"].mean()),
        "n": len(seen),
    } | lagging


def witnessed(runs: Iterable[Trained]) -> list[Witnessed]:
    """What was seen of those runs that were watched."""
    return [run.record.witness for run in runs if run.record.witness]


def _percent(holds: np.ndarray) -> float:
    return 100 * float(holds.mean()) if len(holds) else float("nan")


BY_AVERAGES = ("regret by averages %", "sure %")
HEAD = {
    "run": lambda row: tables.labelled(row["run"], row["n"]),
    "removed by P4": lambda row: f"{row['removed']:.0f}",
    "regret %": lambda row: f"{row['regret']:.2f}",
    "sure regret %": lambda row: f"{row['sure_regret']:.2f}",
    BY_AVERAGES[0]: lambda row: f"{row['lagging_regret']:.2f}",
    BY_AVERAGES[1]: lambda row: f"{row['lagging_sure_regret']:.2f}",
    "P1 certified %": lambda row: f"{row['certified']:.1f}",
    "units left": lambda row: f"{row['left']:.0f}",
    "D4's bound": lambda row: f"{row['bound']:.0f}",
    "worth their price %": lambda row: f"{row['worth_their_price']:.1f}",
    "surely not %": lambda row: f"{row['surely_not']:.1f}",
    "KKT residual %": lambda row: f"{row['kkt_residual']:.1f}",
    "n": lambda row: str(row["n"]),
}
LAGGING_REMARK = (
    "Batch norm uses the statistics of the images at hand, as in training, when a removal is"
    " measured. Regret by averages, and how much of it is sure: the same with running averages"
    " instead. They lag behind gates that have just closed, so this is the worth of a unit in a"
    " network that no step saw."
)
REMARKS = (
    "Removed: by the practical condition P4 during training; units whose gate was below 1/2 at the"
    " freeze go too and are not counted here. Regret: the share of them that were worth more than"
    " their price. Worth: mean loss without the unit less that with it, on {images} training images"
    " (all of a smaller set), times the number of training samples, the other gates drawn as in"
    " training, one draw for both. That measurement has an error: sure, with 95 % confidence, is a"
    " worth further from the price than 1.645 standard errors.",
    "P1 certified: κ r < V̄, with κ the greatest of three gradient norms on the segment from no"
    " outgoing weights to the present ones, on 500 images: a measurement, not a bound on a ball.",
    "Worth their price: the share of the units left, all of them at a coordinate-wise optimum (D3);"
    " the KKT residual is the mean of (price − worth)⁺ / price, in %. Worth at the end is that of"
    " the final network.",
    "D4's bound on the units left: (C(0) − C) / c, with c their mean price; all values in nats on"
    " the training set. Worth, price, κ r and V̄ of every unit stand in the run records.",
)


def write(study: Practice, loaded: Loaded, folder: Path) -> list[Path]:
    """Writes the table and its raw values; returns the files, none without finished runs."""
    shown = finished(study.rows, loaded)
    if not shown:
        return []
    rows = [{"run": row.label} | summary(witnessed(runs)) for row, runs in shown]
    first = shown[0][1][0].record
    images = f"{NETWORKS[study.network].worth_images:,}"
    notes: dict[str, list[str]] = {}
    for row, runs in shown:
        notes.setdefault(tables.data_note(runs[0].record), []).append(row.label)
    normalised = all("lagging_regret" in row for row in rows)
    head = {k: cell for k, cell in HEAD.items() if normalised or k not in BY_AVERAGES}
    return tables.write_files(
        folder / study.name,
        title=f"{study.title}, on {first.provenance.data}",
        head=list(head),
        cells=[[cell(row) for cell in head.values()] for row in rows],
        remarks=[
            f"{study.progress(loaded)}.",
            *(f"{'; '.join(labels)}: {note}" for note, labels in notes.items()),
            *(remark.format(images=images) for remark in REMARKS),
            *([LAGGING_REMARK] if normalised else []),
            tables.made_note([run.record for _, runs in shown for run in runs]),
        ],
        rows=rows,
        raw=tables.raw_values(study.rows, loaded),
    )
