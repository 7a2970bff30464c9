"""What units were worth when they went, and what those are worth that stayed (claims P4 and D3)."""

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from reproduce.figures.style import COLOURS, Drawing, Shown, footnote, panels
from reproduce.models import NETWORKS
from reproduce.practice_tables import PRICE, WORTH
from reproduce.store import Store
from reproduce.studies import Practice

PARTS = {"removals": ("removed units", WORTH, PRICE), "survivors": ("units left", 1, 2)}


def figures(study: Practice, store: Store) -> dict[str, Drawing]:
    """What can be drawn of watched runs, by file name; nothing without finished ones."""
    shown = [(row, runs) for row in study.rows if (runs := store.seeds(row.settings))]
    return {f"{study.name}_worths": partial(worths, shown)} if shown else {}


def worths(shown: Shown) -> Figure:
    """Worth over price of every unit, layer by layer, as cumulative shares; a row for each run."""
    figure, axes = panels(2 * len(shown), 2, (5.2, 3.6))
    for pair, (row, runs) in enumerate(shown):
        layers = NETWORKS[row.settings.network].layers
        seen = [run.record()["witness"] for run in runs]
        for ax, (part, (title, worth, price)) in zip(axes[2 * pair :], PARTS.items()):
            units = np.array([unit for one in seen for unit in one[part]])
            for number, (colour, layer) in enumerate(zip(COLOURS, layers)):
                here = units[units[:, 0] == number] if len(units) else units
                if len(here):
                    ratio = np.sort(here[:, worth] / here[:, price])
                    share = 100 * np.arange(1, len(ratio) + 1) / len(ratio)
                    ax.plot(ratio, share, color=colour, drawstyle="steps-post", label=layer)
            ax.axvline(1, color="0.4", lw=1, ls="--")
            ax.set(title=f"{row.label}: {title}", ylabel="units, cumulative (%)")
            ax.set(xlabel="worth / price (dashed: 1)", ylim=(0, 101))
            ax.set_xscale("symlog", linthresh=1)
            ax.legend(fontsize=8, loc="upper left" if part == "removals" else "lower right")
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure
