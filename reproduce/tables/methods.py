"""The table of a comparison of methods: size against error, and who is on the Pareto front."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from reproduce.experiments.rows import Comparison, Row, finished
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded
from reproduce.tables import results as tables
from reproduce.tables.render import markdown_table
from reproduce.tables.results import Result

ON_FRONT = {True: "yes", False: "no", None: ""}
HIDDEN = ("params %", "wall-clock / dense", "source")


def results(study: Comparison, loaded: Loaded) -> list[Result]:
    """One row for each method and size that has finished runs."""
    dense = {run.settings.seed: run for run in loaded.seeds(study.dense.settings)}
    return [tables.measured(row, runs, dense) for row, runs in finished(study.rows, loaded)]


def front(points: ArrayLike, peers: Sequence[int]) -> list[bool]:
    """Which points are on the Pareto front of their peers.

    Args:
        points: errors and costs of each row, all the better the less.
        peers: a number for each row; only rows of the same number are compared.
    """
    values, kind = np.asarray(points, float), np.asarray(peers)
    no_more = (values[:, None] <= values).all(-1)  # [i, j]: i has at most each of j's
    less = (values[:, None] < values).any(-1)
    return list(~(no_more & less & (kind[:, None] == kind)).any(0))


def rivalled_front(
    points: ArrayLike, epochs: Sequence[int], groups: Sequence[str]
) -> list[bool | None]:
    """Which points are on the front of those of as many epochs, None where no rival has as many."""
    rivalled = {count for count, name in zip(epochs, groups) if not is_ours(name)}
    return [on if n in rivalled else None for on, n in zip(front(points, epochs), epochs)]


def is_ours(group: str) -> bool:
    """Whether a group of a comparison is of this project's method."""
    return group.startswith("ours")


def against_scratch(study: Comparison, loaded: Loaded) -> list[str]:
    """Our error less that of the same architecture from scratch, over pairs of the same seed."""
    lines = []
    for row in _ours(study):
        pairs = [
            (run.record.error, scratch.record.error)
            for run in loaded.seeds(row.settings)
            if (scratch := loaded.get(replace(run.settings, method="scratch")))
        ]
        if pairs:
            gains = [ours - scratch for ours, scratch in pairs]
            spread = f" ± {statistics.stdev(gains):.2f}" if len(gains) > 1 else ""
            count = f"n = {len(gains)} pair{'s' * (len(gains) > 1)}"
            lines.append(
                f"{row.label}: error less that of its own architecture from scratch"
                f" {statistics.mean(gains):+.2f}{spread} points ({count})."
            )
    return lines


def write(study: Comparison, loaded: Loaded, folder: Path) -> list[Path]:
    """Writes the comparison and its raw values; returns the files, none without finished runs."""
    rows = results(study, loaded)
    if not rows:
        return []
    shown = finished(study.rows, loaded)
    first = shown[0][1][0].record
    every = tables.columns(first.start)
    columns = {name: cell for name, cell in every.items() if name not in HIDDEN}
    epochs = [row.settings.epochs for row, _ in shown]
    group_of = {row: name for name, group in study.groups.items() for row in group}
    groups = [group_of[row] for row, _ in shown]
    fronts = rivalled_front(_costs(rows, "test_error_mean", "macs"), epochs, groups)
    base = study.dense.settings.epochs
    alike = [(row, name) for row, name, count in zip(rows, groups, epochs) if count == base]
    every_cost = _costs(rows, "test_error_mean", "macs", "train_mac_ratio")
    cheap = front(every_cost, [0] * len(rows))
    return tables.write_files(
        folder / study.name,
        title=f"{study.title}: {NETWORKS[study.network].title} on {first.provenance.data}",
        head=[*columns, "on the front", "with training"],
        cells=[
            [*(cell(row) for cell in columns.values()), *(ON_FRONT[on] for on in both)]
            for row, *both in zip(rows, fronts, cheap)
        ],
        remarks=[
            tables.data_note(first),
            f"{study.progress(loaded)}. Test error is that of the last epoch, mean ± standard"
            " deviation over n seeds; raw values in `_runs.csv`.",
            "On the (Pareto) front: no other row of as many epochs has at most its mean MACs and at"
            " most its mean error, and less of one; empty where no rival has as many epochs. With"
            " training: no other row at all has at most its mean error, MACs and MACs of training,"
            " and less of one; the run that found the architecture is not counted for the rivals"
            " that take their size from it.",
            *against_scratch(study, loaded),
            tables.made_note([run.record for _, runs in shown for run in runs]),
        ],
        rows=[
            vars(row) | {"on_front": on, "on_front_with_training": with_training}
            for row, on, with_training in zip(rows, fronts, cheap)
        ],
        raw=tables.raw_values(study.rows, loaded),
        more=_at_equal_macs(alike) + tables.before_the_freeze(_ours(study), loaded),
    )


def _ours(study: Comparison) -> list[Row]:
    return [row for name, rows in study.groups.items() if is_ours(name) for row in rows]


def at_macs(macs: float, rows: Sequence[Result]) -> tuple[float, float] | None:
    """Error and training MACs of a method's rows at a size between theirs, None if it is not.

    Interpolated linearly in the logarithm of the MACs between the two rows next to it.
    """
    ordered = sorted(rows, key=lambda row: row.macs or 0)
    sizes, errors, train = zip(*_costs(ordered, "macs", "test_error_mean", "train_mac_ratio"))
    if not sizes[0] <= macs <= sizes[-1]:
        return None
    error, cost = (float(np.interp(np.log(macs), np.log(sizes), each)) for each in (errors, train))
    return error, cost


def _at_equal_macs(alike: Sequence[tuple[Result, str]]) -> str:
    """Each row of ours against the curve of each rival, where that has its size.

    Args:
        alike: rows of as many epochs, for costs are told against dense training; each with the
            name of its group.
    """
    found: dict[str, list[Result]] = {}
    for row, name in alike:
        found.setdefault(name, []).append(row)
    rivals = [name for name, rows in found.items() if len(rows) > 1 and not is_ours(name)]
    lines = [
        [tables.labelled(row.method, row.n), *(_against(row, found[name]) for name in rivals)]
        for name, rows in found.items()
        if is_ours(name)
        for row in rows
    ]
    if not rivals:
        return ""
    return f"""
## Ours against each rival at equal MACs

Error less the rival's in points, and in brackets training MACs over its own: the rival between its
two sizes next to ours, linear in the logarithm of the MACs. Empty where no two of its sizes have
ours between them.

{markdown_table(["method", *rivals], lines)}
"""


def _against(row: Result, rival: Sequence[Result]) -> str:
    ((mine, cost),) = _costs([row], "test_error_mean", "train_mac_ratio")
    at_mine = at_macs(row.macs or 0, rival)
    return f"{mine - at_mine[0]:+.2f} ({cost / at_mine[1]:.2f})" if at_mine else ""


def _costs(rows: Sequence[Result], *names: str) -> list[list[float]]:
    return [[getattr(row, name) for name in names] for row in rows]
