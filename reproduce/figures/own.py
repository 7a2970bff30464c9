"""Pictures of runs of one's own: one run by itself, and several beside each other."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from reproduce.experiments.rows import Row
from reproduce.figures import runs as by_epoch
from reproduce.figures.style import COLOURS, Drawing, captioned, legend, log_counts, panels
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Trained


def figures(run: Trained) -> dict[str, Drawing]:
    """What can be drawn of one finished run, by file name."""
    name = run.folder.name
    shown = [(Row(name, run.settings), [run])]
    drawings: dict[str, Drawing] = {f"{name}_training": partial(by_epoch.training, shown)}
    if run.gated:
        drawings[f"{name}_separation"] = partial(by_epoch.separation, shown)
        drawings[f"{name}_noise"] = partial(by_epoch.noise, shown)
    return drawings


def comparison(runs: Sequence[Trained], names: Sequence[str]) -> Figure:
    """Sizes, error and cost of some finished runs by epoch, and the units that each layer keeps."""
    alike = len({run.settings.network for run in runs}) == 1
    figure, axes = panels(4 if alike else 3, (4.2, 3.4), columns=2)
    size, error, cost = axes[:3]
    for colour, run, name in zip(COLOURS * len(runs), runs, names):
        epochs, start = run.epochs, run.record.start
        macs = np.array([start.macs, *(epoch.macs for epoch in epochs)])
        size.plot(100 * macs / start.macs, color=colour, label=name)
        at = range(1, len(epochs) + 1)
        error.plot(at, [epoch.error for epoch in epochs], color=colour)
        cost.plot(np.cumsum([0, *(epoch.train_macs for epoch in epochs)]) / 1e12, color=colour)
        if alike:
            axes[3].plot(run.record.end.widths, "o-", color=colour, ms=4)
    size.set(title="MACs of one inference", ylabel="% of the start", ylim=(0, 103))
    error.set(title="error on the images held out", ylabel="%", yscale="log")
    log_counts(error.yaxis)
    cost.set(title="training cost so far", ylabel="10¹² MACs", ylim=(0, None))
    for ax in axes[:3]:
        ax.set_xlabel("epoch")
    if alike:
        layers = NETWORKS[runs[0].settings.network].layers
        axes[3].set(title="units kept in each layer", yscale="log")
        log_counts(axes[3].yaxis)
        axes[3].set_xticks(range(len(layers)), layers, rotation=30, ha="right", fontsize=8)
    legend(figure, size, 2)
    ends = [run.record for run in runs]
    best = min(range(len(runs)), key=lambda i: ends[i].error)
    small = min(range(len(runs)), key=lambda i: ends[i].end.macs)
    return captioned(
        figure,
        f"Fewest errors: {names[best]} ({ends[best].error:.2f} %). Smallest: {names[small]}"
        f" ({ends[small].end.macs / 1e3:,.0f} kMAC, {ends[small].error:.2f} %)",
        runs,
    )
