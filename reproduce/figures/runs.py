"""Pictures of runs by epoch, from their records, and the list of all pictures of runs."""

import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import matplotlib
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reproduce.experiments.rows import Preset, Row, finished
from reproduce.figures import sizes
from reproduce.figures.style import (
    COLOURS,
    MOST_COLUMNS,
    Drawing,
    Shown,
    footnote,
    layers_of,
    log_counts,
    panels,
)
from reproduce.runs.store import Store


def figures(preset: Preset, store: Store) -> dict[str, Drawing]:
    """What can be drawn of a preset's runs, by file name; a drawing without runs gives None."""
    _, *gated = preset.rows
    ours = [row for row in gated if row.settings.gates.estimator != "straight_through"]
    shifts = {row.settings.shift for row in preset.rows}
    alike = [row for row in preset.rows if row.settings.shift == min(shifts)]
    biased = [row for row in gated if row not in ours]
    # Gates that move for long show most.
    longest = sorted(ours, key=lambda row: -row.settings.gated_epochs)
    contrast = ours[1:2] + biased if biased else longest[:2]
    kinds = {
        "separation": (separation, contrast),
        "training": (training, alike),
        "noise": (noise, ours[:1]),
        "trade_off": (sizes.trade_off, preset.rows),
        "starts": (starts, preset.starts),
    }
    if preset.network == "lenet_300_100":
        kinds["pixels"] = (sizes.pixels, ours[:3])
    else:
        kinds["kept"] = (sizes.kept, ours)
    return {
        f"{preset.file}_{name}": partial(_draw, kind, rows, store)
        for name, (kind, rows) in kinds.items()
        if rows
    }


def _draw(
    kind: Callable[[Shown], Figure | None], rows: Sequence[Row], store: Store
) -> Figure | None:
    """A picture of the rows that have been run, or None."""
    shown = finished(rows, store)
    return kind(shown) if shown else None


def separation(shown: Shown) -> Figure:
    """How gate probabilities separate to 0 and 1: their histogram by epoch, layer by layer.

    Of a deep network some layers are shown, evenly chosen.
    """
    layers = layers_of(shown)
    some = sorted(set(np.linspace(0, len(layers) - 1, min(len(layers), MOST_COLUMNS)).astype(int)))
    figure, axes = plt.subplots(
        len(shown), len(some), figsize=(4 * len(some), 2.9 * len(shown)), squeeze=False
    )
    for line, (row, (run, *_)) in zip(axes, shown):
        gated = [epoch for epoch in run.epochs() if "theta_histogram" in epoch]
        first, last = gated[0]["epoch"], gated[-1]["epoch"]
        epochs = [epoch["theta_histogram"] for epoch in gated]
        for ax, number in zip(line, some):
            share = np.array([epoch[number] for epoch in epochs], dtype=float).T
            share /= share.sum(0)
            image = ax.imshow(
                share,
                origin="lower",
                aspect="auto",
                extent=(first - 0.5, last + 0.5, 0, 1),
                norm=matplotlib.colors.LogNorm(1e-3, 1),
                cmap="viridis",
            )
            ax.grid(False)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            ax.set(xlabel="epoch", ylabel="gate probability θ", title=layers[number])
        line[0].annotate(
            textwrap.fill(row.label, 24), (-0.22, 0.5), xycoords="axes fraction", rotation=90,
            va="center", ha="right", multialignment="center", weight="bold",
        )  # fmt: skip
        figure.colorbar(image, ax=line, label="share of the layer's gates")
    footnote(figure, [runs[0] for _, runs in shown])
    return figure


def training(shown: Shown) -> Figure:
    """Width of each layer, cumulative training MACs and undecided gates, by epoch."""
    layers = layers_of(shown)
    figure, axes = panels(len(layers) + 2)
    for colour, (row, runs) in zip(COLOURS, shown):
        for run in runs:
            epochs = run.epochs()
            style: dict[str, Any] = {"color": colour, "alpha": 0.7}
            name = row.label if run is runs[0] else None
            start = run.record()["start"]["widths"]
            at = np.arange(len(epochs) + 1)
            for number, ax in enumerate(axes[: len(layers)]):
                ax.plot(at, [start[number]] + [e["widths"][number] for e in epochs], **style)
            macs = np.cumsum([0] + [e["train_macs"] for e in epochs]) / 1e12
            axes[-2].plot(at, macs, label=name, **style)
            gated = [epoch for epoch in epochs if "decided" in epoch]
            undecided = [100 * (1 - epoch["decided"]) for epoch in gated]
            dot = "." if len(gated) == 1 else None  # a single epoch makes no line
            axes[-1].plot([epoch["epoch"] for epoch in gated], undecided, marker=dot, **style)
    _name_panels(axes, layers)
    axes[-2].set(title="training cost", xlabel="epoch", ylabel="cumulative training MACs (10¹²)")
    figure.legend(loc="outside upper center", ncols=3)
    axes[-1].set(title="undecided gates", xlabel="epoch", ylabel="share in [0.01, 0.99] (%)")
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure


def starts(shown: Shown) -> Figure:
    """Units left by epoch from different initialisations and starting sizes (claim A4)."""
    layers = layers_of(shown)
    figure, axes = panels(len(layers), (4.6, 4.0))
    for row, (run, *_) in shown:
        epochs, start = run.epochs(), run.record()["start"]["widths"]
        for number, ax in enumerate(axes):
            widths = [start[number]] + [epoch["widths"][number] for epoch in epochs]
            ax.plot(widths, label=f"{row.label}: ends at {widths[-1]}")
    _name_panels(axes, layers)
    for ax in axes:
        ax.legend(fontsize=8)
    footnote(figure, [runs[0] for _, runs in shown])
    return figure


def noise(shown: Shown) -> Figure | None:
    """What decides a gate's step, layer by layer: worth, price and noise by epoch (claim G5)."""
    row, (run, *_) = shown[0]
    epochs = [epoch for epoch in run.epochs() if "worth" in epoch]
    if not epochs:  # a record from before these were measured
        return None
    layers = layers_of(shown)
    figure, axes = panels(len(layers))
    at = [epoch["epoch"] for epoch in epochs]
    for number, ax in enumerate(axes):
        for quantity, label in SIGNALS.items():
            signal = [abs(epoch[quantity][number]) for epoch in epochs]
            ax.plot(at, signal, marker="o", ms=3, label=label)
        ax.set(title=layers[number], xlabel="epoch", ylabel="nats per sample", yscale="log")
        ax.set_xlim(at[0] - 0.5, at[-1] + 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, title=row.label)
    footnote(figure, [run])
    return figure


SIGNALS = {
    "worth": "|worth C(0) − C(1)|, mean over the layer's units in the last window",
    "price": "price",
    "noise": "noise of one step (root mean square)",
}


def _name_panels(axes: Sequence[Axes], layers: Sequence[str]) -> None:
    for ax, layer in zip(axes, layers):
        ax.set(title=layer, xlabel="epoch", ylabel="units left", yscale="log")
        log_counts(ax.yaxis)
