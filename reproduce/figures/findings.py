"""What pictures of runs say, in words: sentences made from the records that are drawn.

Each takes rows with their finished runs, and is the picture's title, so it is true of whatever runs
there are.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from reproduce.experiments.rows import Row
from reproduce.figures.style import FAR, Shown, layers_of
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Trained
from reproduce.runs.record import GatedEpoch
from reproduce.tables.methods import is_ours, rivalled_front
from reproduce.tables.results import dense_train_macs

TOGETHER = 1.5  # sizes within this factor of each other count as together

# By method: see ``rivals``.
Methods = dict[str, list[tuple[np.ndarray, list[Any], int]]]


def title(shown: Shown) -> str:
    """The network that is shown."""
    return NETWORKS[shown[0][0].settings.network].title


def saving(shown: Shown) -> str:
    """What the cheapest training costs against the dense one that is shown, and what it leaves.

    Of ours: the straight-through estimator is shown for contrast.
    """
    rows = [(row, [run.record for run in runs]) for row, runs in shown]
    whole = [records for row, records in rows if row.settings.method == "dense"]
    dense = np.mean([record.train_macs for record in whole[0]]) if whole else None
    cost, left, label = min(
        (
            np.mean([r.train_macs / (dense or dense_train_macs(r)) for r in records]),
            np.mean([record.end.macs / record.start.macs for record in records]),
            row.label,
        )
        for row, records in rows
        if row.settings.gates.estimator != "straight_through"
    )
    if cost >= 1:
        return f"{title(shown)}: no training here costs less than the dense network's"
    return (
        f"{title(shown)} shrinks while it learns: “{label}” trains for {100 * cost:.0f} % of the"
        f" dense network's MACs, and keeps {100 * left:.0f} % of them"
    )


def undecided(shown: Shown) -> str:
    """How many gates are undecided after the last epoch with gates, row by row."""
    parts = []
    for row, (run, *_) in shown:
        last = run.gated[-1]
        share = 100 * (1 - last.decided)
        parts.append(f"{share:.{int(share < 10)}f} % at epoch {last.epoch} ({row.label})")
    return f"{title(shown)}'s gates still between 0.01 and 0.99: {', '.join(parts)}"


def noise(shown: Shown, epochs: Sequence[GatedEpoch]) -> str:
    """How loud one gate step is against what it measures, the median of layers and epochs."""
    ratios = [abs(n / w) for one in epochs for n, w in zip(one.noise, one.worth or ()) if w]
    return (
        f"{title(shown)}: the noise of one gate step is {np.median(ratios):.2g} times the worth"
        " that it measures, so gates need many steps"
    )


def starts(shown: Shown) -> str:
    """Between what widths different starts end."""
    ends = np.array([run.record.end.widths for _, (run, *_) in shown])
    spans = ", ".join(f"{low}–{high}" for low, high in zip(ends.min(0), ends.max(0)))
    layers = ", ".join(layers_of(shown))
    return f"{title(shown)}, one price, {len(ends)} starts: {spans} units are left ({layers})"


def best_pruned(shown: Shown) -> str:
    """The pruned row with the fewest errors, against the dense one, which comes first."""
    records = [[run.record for run in runs] for _, runs in shown]
    dense, *others = [
        (np.mean([r.error for r in found]), np.mean([r.end.macs for r in found]))
        for found in records
    ]
    error, macs = min(others, default=dense)
    return (
        f"{title(shown)}: the best pruned network has {error:.2f} % errors with"
        f" {100 * macs / dense[1]:.0f} % of the MACs; the dense one has {dense[0]:.2f} %"
    )


def kept(shown: Shown) -> str:
    """The layers of which least and most is kept, on average over all runs."""
    layers = layers_of(shown)
    shares = [
        np.divide(run.record.end.widths, run.record.start.widths)
        for _, runs in shown
        for run in runs
    ]
    share = 100 * np.mean(shares, axis=0)
    least, most = share.argmin(), share.argmax()
    return (
        f"{title(shown)} keeps least in {layers[least]} ({share[least]:.0f} %), most in"
        f" {layers[most]} ({share[most]:.0f} %)"
    )


def errors(shown: Shown) -> str:
    """Between what errors all runs end; how many fail, where some do."""
    found = np.array([run.record.error for _, runs in shown for run in runs])
    failed = found > FAR * np.median(found)
    fine = found[~failed]
    if failed.any():
        labels = [
            row.label for row, runs in shown if any(r.record.error > fine.max() for r in runs)
        ]
        return (
            f"{title(shown)}: {failed.sum()} of {len(found)} runs fail, with"
            f" {found[failed].min():.0f} % errors or more ({', '.join(labels)})"
        )
    return (
        f"{title(shown)}: {_all(len(found))} runs from {len(shown)} starts end between"
        f" {fine.min():.2f} and {fine.max():.2f} % errors"
    )


def sizes(shown: Shown) -> str:
    """How far the layers' sizes lie apart at the end, against how far they did at the start."""
    records = [run.record for _, runs in shown for run in runs]
    first = np.array([record.start.widths for record in records])
    last = np.array([record.end.widths for record in records])
    begun = (first.max(0) / first.min(0)).max()
    factor = last.max(0) / np.maximum(last.min(0), 1)
    worst = factor.argmax()
    return (
        f"{title(shown)}: layers start {_apart(begun)}, and end {_times(factor.min())} to"
        f" {_times(factor[worst])} apart (most: {layers_of(shown)[worst]})"
    )


def together(shown: Shown) -> str:
    """After how many epochs the layers of all runs are within a factor of each other, for good."""
    runs = [run for _, found in shown for run in found]
    widths = [[epoch.widths for epoch in run.epochs] for run in runs]
    begun = np.array([run.record.start.widths for run in runs])
    by_epoch = np.array([each[: min(map(len, widths))] for each in widths])
    apart = (by_epoch.max(0) / np.maximum(by_epoch.min(0), 1)).max(1) > TOGETHER
    start = _apart((begun.max(0) / begun.min(0)).max())
    since = len(apart) - int(apart[::-1].argmax()) + 1 if apart.any() else 1
    if since > len(apart):
        return f"{title(shown)}: layers that start {start} stay more than {TOGETHER}× apart"
    return (
        f"{title(shown)}: layers that start {start} are within {TOGETHER}× of each other from"
        f" epoch {since} on"
    )


def _all(number: int) -> str:
    return "both" if number == 2 else f"all {number}"


def _apart(factor: float) -> str:
    return "alike" if factor == 1 else f"{_times(factor)} apart"


def _times(factor: float) -> str:
    return f"{factor:.0f}×" if factor >= 10 else f"{factor:.2g}×"


def spread(groups: dict[str, tuple[Row, ...]], done: dict[Row, list[Trained]]) -> str:
    """In which group different starts end nearest together, and in which farthest apart.

    Measured by the standard deviation over the mean of each layer's units, averaged over layers.
    """
    varies = {}
    for name, rows in groups.items():
        ends = [run.record.end.widths for row in rows for run in done.get(row, [])]
        if len(ends) > 1:
            varies[name] = 100 * float(np.mean(np.std(ends, axis=0) / np.mean(ends, axis=0)))
    if not varies:
        return "One run in each group: no spread to be seen"
    near, far = min(varies, key=varies.__getitem__), max(varies, key=varies.__getitem__)
    return (
        f"Sizes vary by {varies[near]:.1f} % ({near}) to {varies[far]:.1f} % ({far}) over the"
        " starts"
    )


def rivals(groups: Methods) -> str:
    """How many of ours are on the front of rows of as many epochs; others' errors at our widths.

    The errors are less ours, on average over the rows that end at the same widths. Where only
    dense training stands beside ours: how much more these err, and at what part of its MACs.

    Args:
        groups: for each method its rows: the means (MACs, error), the widths at the end, epochs.
    """
    mine = {name: rows for name, rows in groups.items() if is_ours(name)}
    dense = groups.get("dense")
    if dense and len(groups) == len(mine) + 1:
        return _beside(dense[0][0], mine)
    ours = {
        tuple(map(tuple, widths)): mean[1] for rows in mine.values() for mean, widths, _ in rows
    }
    parts = []
    for name, rows in groups.items():
        gaps = [
            mean[1] - ours[key]
            for mean, widths, _ in rows
            if (key := tuple(map(tuple, widths))) in ours and name not in mine
        ]
        if gaps:
            parts.append(f"{name} {_more(float(np.mean(gaps)))}")
    every = [(name, row) for name, rows in groups.items() for row in rows]
    names = [name for name, _ in every]
    best = rivalled_front([row[0] for _, row in every], [row[-1] for _, row in every], names)
    fronts = []
    for title in mine:
        own = [on for on, name in zip(best, names) if name == title and on is not None]
        if own:
            fronts.append(f"{sum(own)} of {len(own)} of {title}")
    said = f"On the front are {' and '.join(fronts)}"
    return f"{said}. At the widths of ours: {', '.join(parts)}" if parts else said


def _beside(dense: np.ndarray, mine: Methods) -> str:
    macs, error = dense
    parts = [
        f"{name}: {_more(mean[1] - error)} than dense at {100 * mean[0] / macs:.0f} % of its MACs"
        for name, rows in mine.items()
        for mean, _, _ in rows
    ]
    return "; ".join(parts)


def _more(points: float) -> str:
    return f"{abs(points):.2f} points {'more' if points > 0 else 'fewer'}"
