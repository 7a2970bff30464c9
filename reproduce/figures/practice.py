"""What units were worth when they went, and what those are worth that stayed (claims P4 and D3)."""

from functools import partial

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import SymmetricalLogLocator

from reproduce.experiments.rows import Practice, Row, finished
from reproduce.figures.style import COLOURS, Drawing, Shown, captioned, every, legend
from reproduce.runs.loaded import Loaded
from reproduce.tables.practice import gone_and_left, summary, witnessed

PARTS = ("units when they were removed", "units left at the end")


def figures(study: Practice, loaded: Loaded) -> dict[str, Drawing]:
    """What can be drawn of watched runs, by file name; nothing without finished ones."""
    shown = finished(study.rows, loaded)
    return {f"{study.name}_worths": partial(worths, study, shown)} if shown else {}


def worths(study: Practice, shown: Shown) -> Figure:
    """Worth over price of every unit, as cumulative shares: a row for each network."""
    done = dict(shown)
    networks = {
        name: [row for row in rows if row in done]
        for name, rows in study.groups.items()
        if any(row in done for row in rows)
    }
    figure, axes = plt.subplots(
        len(networks), 2, figsize=(9, 1.2 + 2.7 * len(networks)), squeeze=False, sharex="col",
        sharey=True,
    )  # fmt: skip
    for line, (network, rows) in zip(axes, networks.items()):
        for colour, row in zip(COLOURS, rows):
            for ax, units in zip(line, gone_and_left(witnessed(done[row]))):
                _cumulative(ax, units["worth"] / units["price"], colour, confidence(row))
        line[0].set_ylabel(f"{network}\nunits, cumulative (%)")
    for ax, words in zip(axes[0], PARTS):
        ax.set_title(words)
    for ax in axes[-1]:
        ax.set_xlabel("worth / price (dashed: worth its price)")
    legend(figure, axes[0][0], 4, title="confidence asked for by the pruning test P4")
    return captioned(figure, _regret(shown), every(shown))


def confidence(row: Row) -> str:
    """How sure P4 had to be, and if it went by second order, for a legend: five standard errors are
    too many nines to count."""
    gates = row.settings.gates
    share = gates.confidence
    asked = f"{100 * share:g} %" if share < 0.9999 else f"{100 * share:.5f} %"
    return asked + (", second order" if gates.estimator == "gauss_newton" else "")


def _cumulative(ax: Axes, ratio: np.ndarray, colour: str, label: str) -> None:
    """Shares of the units up to each ratio, on a scale that is linear below 1."""
    here = np.sort(ratio)
    if not len(here):
        return
    steps = np.insert(here, 0, here[0])  # from 0 %: one unit is a line as well
    share = np.linspace(0, 100, len(steps))
    ax.plot(steps, share, color=colour, drawstyle="steps-post", label=label)
    ax.axvline(1, color="0.4", lw=1, ls="--")
    ax.set_ylim(0, 101)
    ax.set_xscale("symlog", linthresh=1)
    ax.xaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1, subs=(1,)))
    ax.xaxis.set_major_formatter("{x:g}")


def _regret(shown: Shown) -> str:
    """How many removed units were worth more than their price, by the confidence asked for."""
    regrets: dict[str, list[float]] = {}
    for row, runs in shown:
        share = summary(witnessed(runs))["regret"]
        regrets.setdefault(confidence(row), []).append(share)
    parts = [
        f"{'–'.join(f'{share:.1f}' for share in sorted({min(found), max(found)}))} % ({asked})"
        for asked, found in regrets.items()
    ]
    return f"Removed units that were worth more than their price: {', '.join(parts)}"
