"""Pictures of networks of many layers: the layers along an axis, where others have panels."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reproduce.figures import findings
from reproduce.figures.style import (
    COLOURS,
    Shown,
    captioned,
    every,
    gate_map,
    layer_axis,
    layers_of,
    legend,
    log_counts,
    share_map,
)
from reproduce.runs.record import GatedEpoch


def separation(shown: Shown) -> Figure:
    """Where the gates of each layer stand after the last epoch with gates."""
    layers = layers_of(shown)
    figure, axes = plt.subplots(
        1, len(shown), figsize=(5.2 * len(shown), 4.2), squeeze=False, sharey=True
    )
    for ax, (row, (run, *_)) in zip(axes[0], shown):
        last = run.gated[-1]
        image = gate_map(ax, last.theta_histogram, (0, len(layers) - 1))
        layer_axis(ax, layers)
        ax.set_title(f"{textwrap.fill(row.label, 40)}, epoch {last.epoch}", fontsize=10)
    axes[0][0].set_ylabel("gate probability θ")
    figure.colorbar(image, ax=axes, label="share of the layer's gates")
    return captioned(figure, findings.undecided(shown), [runs[0] for _, runs in shown])


def training(shown: Shown) -> Figure:
    """Units left in each layer by epoch, in % of the start, and below what training cost."""
    layers = layers_of(shown)
    pruned = [(row, runs) for row, runs in shown if row.settings.method != "dense"]
    figure = plt.figure(figsize=(max(7.0, 2.1 * len(pruned) + 2.2), 7.4))
    above, below = figure.subfigures(2, 1, height_ratios=(1.5, 1), squeeze=False)[:, 0]
    axes = above.subplots(1, len(pruned), squeeze=False, sharey=True)[0]
    for ax, (row, (run, *_)) in zip(axes, pruned):
        start = run.record.start.widths
        widths = np.array([start] + [epoch.widths for epoch in run.epochs]).T
        image = share_map(ax, 100 * widths / widths[:, :1], interpolation="nearest")
        ax.set_title(textwrap.fill(row.label, 22), fontsize=9)
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        ax.set_yticks(range(len(layers)), layers, fontsize=9)
    above.colorbar(image, ax=list(axes), label="units left (%)")
    ax = below.subplots()
    for colour, (row, runs) in zip(COLOURS, shown):
        for run in runs:
            macs = np.cumsum([0] + [epoch.train_macs for epoch in run.epochs]) / 1e12
            ax.plot(macs, color=colour, label=row.label)
    ax.set(xlabel="epoch", ylabel="training cost so far (10¹² MACs)", ylim=(0, None))
    handles = dict(zip(*reversed(ax.get_legend_handles_labels())))
    below.legend(handles.values(), list(handles), loc="outside right center", fontsize=9)
    return captioned(figure, findings.saving(shown), every(shown))


def noise(layers: Sequence[str], epoch: GatedEpoch, names: Mapping[str, str]) -> Figure:
    """Quantities of each layer after one epoch, in nats per sample."""
    figure, ax = plt.subplots(figsize=(8, 4.6))
    for marker, (quantity, label) in zip("os^", names.items()):
        ax.plot(np.abs(getattr(epoch, quantity)), marker=marker, ls=":", label=label)
    layer_axis(ax, layers)
    ax.set(ylabel="nats per sample", yscale="log", title=f"after epoch {epoch.epoch}")
    legend(figure, ax, 3)
    return figure


def kept(shown: Shown) -> Figure:
    """Units kept in each layer, row by row: their number (a mean over seeds), and their share."""
    layers = layers_of(shown)
    start = np.array(shown[0][1][0].record.start.widths)
    left = np.array([np.mean([run.record.end.widths for run in runs], axis=0) for _, runs in shown])
    figure, ax = plt.subplots(figsize=(11, 1.9 + 0.45 * len(shown)))
    image = share_map(ax, 100 * left / start)
    for (place, number), units in np.ndenumerate(left):
        dark = units / start[number] < 0.6
        ax.text(number, place, f"{units:.0f}", ha="center", va="center", fontsize=9,
                color="white" if dark else "black")  # fmt: skip
    names = [f"{layer} (of {units})" for layer, units in zip(layers, start)]
    layer_axis(ax, names)
    ax.set_yticks(range(len(shown)), [textwrap.fill(row.label, 34) for row, _ in shown], fontsize=9)
    figure.colorbar(image, ax=ax, label="kept (%)")
    return figure


def sizes(shown: Shown) -> Figure:
    """Units kept in each layer, a line for each start; dotted: where they started.

    Starts of several sizes have dotted lines of their own colours.
    """
    layers = layers_of(shown)
    figure, ax = plt.subplots(figsize=(8, 4.8))
    alike = len({row.settings.widths for row, _ in shown}) == 1
    drawn = set()
    for colour, (row, runs) in zip(COLOURS, shown):
        for run in runs:
            ax.plot(run.record.end.widths, "o-", ms=4, color=colour, label=row.label)
        if row.settings.widths not in drawn:
            begun, of = ("0.5", "units") if alike else (colour, row.label)
            ax.plot(row.settings.widths, ":", color=begun, label=f"{of} at the start", zorder=1)
            drawn.add(row.settings.widths)
    layer_axis(ax, layers)
    ax.set(ylabel="units kept", yscale="log")
    log_counts(ax.yaxis)
    legend(figure, ax, 3)
    return figure
