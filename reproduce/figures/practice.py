"""What units were worth when they went, and what those are worth that stayed (claims P4 and D3)."""

from functools import partial

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import SymmetricalLogLocator

from reproduce.experiments.rows import finished
from reproduce.experiments.studies import Practice
from reproduce.figures.style import Drawing, Shown, footnote, layer_colours, panels
from reproduce.models import NETWORKS
from reproduce.runs.store import Store
from reproduce.tables.practice import REMOVAL, SURVIVOR, units

PARTS = {"removals": ("removed units", REMOVAL), "survivors": ("units left", SURVIVOR)}


def figures(study: Practice, store: Store) -> dict[str, Drawing]:
    """What can be drawn of watched runs, by file name; nothing without finished ones."""
    shown = finished(study.rows, store)
    return {f"{study.name}_worths": partial(worths, shown)} if shown else {}


def worths(shown: Shown) -> Figure:
    """Worth over price of every unit, layer by layer, as cumulative shares; a row for each run."""
    figure, axes = panels(2 * len(shown), (5.2, 3.6), columns=2)
    for pair, (row, runs) in enumerate(shown):
        layers = NETWORKS[row.settings.network].layers
        seen = [run.record()["witness"] for run in runs]
        for ax, (part, (title, names)) in zip(axes[2 * pair :], PARTS.items()):
            columns = units(seen, part, names)
            ratio = columns["worth"] / columns["price"]
            for number, (colour, layer) in enumerate(zip(layer_colours(len(layers)), layers)):
                here = np.sort(ratio[columns["site"] == number])
                if len(here):
                    share = np.linspace(0, 100, len(here) + 1)
                    steps = np.insert(here, 0, here[0])  # from 0 %: one unit is a line as well
                    ax.plot(steps, share, color=colour, drawstyle="steps-post", label=layer)
            ax.axvline(1, color="0.4", lw=1, ls="--")
            ax.set(title=f"{row.label}: {title}", ylabel="units, cumulative (%)")
            ax.set(xlabel="worth / price (dashed: 1)", ylim=(0, 101))
            ax.set_xscale("symlog", linthresh=1)
            ax.xaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1, subs=(1, 3)))
            ax.xaxis.set_major_formatter("{x:g}")
            ax.legend(fontsize=8, loc="upper left", ncols=1 + len(layers) // 8)
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure
