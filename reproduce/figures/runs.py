"""Pictures of runs by epoch, from their records, and the list of all pictures of runs."""

import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reproduce.experiments.rows import Preset, Row, finished
from reproduce.experiments.studies import STUDIES
from reproduce.figures import deep, findings, sizes
from reproduce.figures.style import (
    COLOURS,
    MANY,
    Drawing,
    Shown,
    captioned,
    every,
    gate_map,
    layers_of,
    legend,
    log_counts,
    panels,
)
from reproduce.gates.decisions import UNDECIDED
from reproduce.runs.loaded import Loaded

Kind = Callable[[Shown], Figure | None]


def figures(preset: Preset, loaded: Loaded) -> dict[str, Drawing]:
    """What can be drawn of a preset's runs, by file name; a drawing without runs gives None."""
    _, *gated = preset.rows
    ours = [row for row in gated if row.settings.gates.estimator != "straight_through"]
    shifts = {row.settings.shift for row in preset.rows}
    alike = [row for row in preset.rows if row.settings.shift == min(shifts)]
    biased = [row for row in gated if row not in ours]
    # Gates that move for long show most.
    longest = sorted(ours, key=lambda row: -row.settings.gated_epochs)
    contrast = ours[1:2] + biased if biased else longest[:2]
    kinds: dict[str, tuple[Kind, Sequence[Row]]] = {
        "separation": (separation, contrast),
        "training": (training, alike),
        "noise": (noise, ours[:1]),
        "trade_off": (partial(sizes.trade_off, compared=_compared(preset)), preset.rows),
        "starts": (starts, preset.starts),
    }
    if preset.network == "lenet_300_100":
        kinds["pixels"] = (sizes.pixels, ours[:3])
    else:
        kinds["kept"] = (sizes.kept, ours)
    return {
        f"{preset.file}_{name}": partial(_draw, kind, rows, loaded)
        for name, (kind, rows) in kinds.items()
        if rows
    }


def _compared(preset: Preset) -> bool:
    """Whether a study draws the same runs beside other methods."""
    declared = STUDIES.get(f"methods_{preset.network}")
    return declared is not None and declared(None).folder == preset.folder


def _draw(kind: Kind, rows: Sequence[Row], loaded: Loaded) -> Figure | None:
    """A picture of the rows that have been run, or None."""
    shown = finished(rows, loaded)
    return kind(shown) if shown else None


def separation(shown: Shown) -> Figure:
    """How gate probabilities separate to 0 and 1: their histogram by epoch, layer by layer.

    Of a deep network the histogram of each layer after the last epoch with gates.
    """
    layers = layers_of(shown)
    if len(layers) > MANY:
        return deep.separation(shown)
    figure, axes = plt.subplots(
        len(shown), len(layers), figsize=(3.2 * len(layers) + 1, 2.7 * len(shown) + 0.5),
        squeeze=False, sharex="row", sharey=True,
    )  # fmt: skip
    for line, (row, (run, *_)) in zip(axes, shown):
        ends = run.gated[0].epoch, run.gated[-1].epoch
        for number, ax in enumerate(line):
            image = gate_map(ax, [epoch.theta_histogram[number] for epoch in run.gated], ends)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        line[0].set_ylabel(f"{textwrap.fill(row.label, 24)}\n\ngate probability θ")
    for ax, layer in zip(axes[0], layers):
        ax.set_title(layer)
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    figure.colorbar(image, ax=axes, label="share of the layer's gates")
    return captioned(figure, findings.undecided(shown), [runs[0] for _, runs in shown])


def training(shown: Shown) -> Figure:
    """Units left by epoch, layer by layer, what training cost by then, and gates undecided.

    Of a deep network the share of units that is left, as a field of layers and epochs.
    """
    layers = layers_of(shown)
    if len(layers) > MANY:
        return deep.training(shown)
    figure, axes = panels(len(layers) + 2, (3.6, 3.0), columns=3)
    for colour, (row, runs) in zip(COLOURS, shown):
        for run in runs:
            style: dict[str, Any] = {"color": colour, "alpha": 0.7, "label": row.label}
            epochs, start = run.epochs, run.record.start.widths
            at = np.arange(len(epochs) + 1)
            for number, ax in enumerate(axes[: len(layers)]):
                ax.plot(at, [start[number]] + [e.widths[number] for e in epochs], **style)
            axes[-2].plot(at, np.cumsum([0] + [e.train_macs for e in epochs]) / 1e12, **style)
            undecided = [100 * (1 - epoch.decided) for epoch in run.gated]
            dot = "." if len(undecided) == 1 else None  # a single epoch makes no line
            axes[-1].plot([epoch.epoch for epoch in run.gated], undecided, marker=dot, **style)
    _name_panels(axes, layers)
    axes[-2].set(title="training cost so far", xlabel="epoch", ylabel="10¹² MACs")
    axes[-1].set(title="undecided gates", xlabel="epoch", ylabel=f"θ in {UNDECIDED} (%)")
    legend(figure, axes[0], 3)
    return captioned(figure, findings.saving(shown), every(shown))


def starts(shown: Shown) -> Figure:
    """Units left by epoch from different initialisations and starting sizes (claim A4)."""
    layers = layers_of(shown)
    figure, axes = panels(len(layers), (3.7, 3.6))
    for row, (run, *_) in shown:
        epochs, start = run.epochs, run.record.start.widths
        for number, ax in enumerate(axes):
            ax.plot([start[number]] + [e.widths[number] for e in epochs], label=row.label)
    _name_panels(axes, layers)
    legend(figure, axes[0], 3)
    return captioned(figure, findings.starts(shown), [runs[0] for _, runs in shown])


def noise(shown: Shown) -> Figure | None:
    """What decides a gate's step, layer by layer: worth, price and noise by epoch (claim G5).

    Of a deep network after the last epoch with gates.
    """
    row, (run, *_) = shown[0]
    epochs = [epoch for epoch in run.gated if epoch.worth]
    if not epochs:  # a record from before these were measured
        return None
    layers = layers_of(shown)
    if len(layers) > MANY:
        figure = deep.noise(layers, epochs[-1], SIGNALS)
    else:
        size = (2.9 * len(layers), 3.5)
        figure, axes = plt.subplots(1, len(layers), figsize=size, sharey=True, squeeze=False)
        at = [epoch.epoch for epoch in epochs]
        for number, ax in enumerate(axes[0]):
            for quantity, label in SIGNALS.items():
                signal = [abs(getattr(epoch, quantity)[number]) for epoch in epochs]
                ax.plot(at, signal, marker="o", ms=3, label=label)
            ax.set(title=layers[number], xlabel="epoch", yscale="log", xlim=(at[0] - 1, None))
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes[0][0].set_ylabel("nats per sample")
        legend(figure, axes[0][0], 3)
    return captioned(figure, findings.noise(shown, epochs), [run], row.label)


SIGNALS = {
    "worth": "|worth C(0) − C(1)|, mean of the layer",
    "price": "price",
    "noise": "noise of one step (rms)",
}


def _name_panels(axes: Sequence[Axes], layers: Sequence[str]) -> None:
    for ax, layer in zip(axes, layers):
        ax.set(title=layer, xlabel="epoch", ylabel="units left", yscale="log")
        log_counts(ax.yaxis)
