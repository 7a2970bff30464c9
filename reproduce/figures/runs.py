"""Pictures from run records; nothing here trains."""

from collections.abc import Callable, Sequence

import matplotlib
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reproduce.experiments import Preset, Row
from reproduce.figures.style import COLOURS
from reproduce.models import NETWORKS
from reproduce.store import Run, Store

Drawing = Callable[[], Figure | None]


def figures(preset: Preset, store: Store) -> dict[str, Drawing]:
    """What can be drawn of a preset's runs, by file name; a drawing without runs gives None."""
    dense, *gated = preset.rows
    ours = [row for row in gated if row.settings.gates.estimator != "straight_through"]
    network = dense.settings.network
    unshifted = [row for row in preset.rows if not row.settings.shift]
    return {
        f"{network}_separation": lambda: separation(gated[1:2] + gated[-1:], store),
        f"{network}_training": lambda: training(unshifted, store),
        f"{network}_pixels": lambda: pixels(ours[:3], store),
        f"{network}_starts": lambda: starts(preset.starts, store),
    }


def separation(rows: Sequence[Row], store: Store) -> Figure | None:
    """How gate probabilities separate to 0 and 1: their histogram by epoch, layer by layer."""
    shown = [(row, runs[0]) for row in rows if (runs := store.seeds(row.settings))]
    if not shown:
        return None
    layers = NETWORKS[rows[0].settings.network].layers
    figure, axes = plt.subplots(
        len(shown), len(layers), figsize=(4 * len(layers), 2.9 * len(shown)), squeeze=False
    )
    for line, (row, run) in zip(axes, shown):
        epochs = [e["theta_histogram"] for e in run.epochs() if "theta_histogram" in e]
        for number, (ax, layer) in enumerate(zip(line, layers)):
            share = np.array([epoch[number] for epoch in epochs], dtype=float).T
            share /= share.sum(0)
            image = ax.imshow(
                share,
                origin="lower",
                aspect="auto",
                extent=(0.5, len(epochs) + 0.5, 0, 1),
                norm=matplotlib.colors.LogNorm(1e-3, 1),
                cmap="viridis",
            )
            ax.grid(False)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            ax.set(xlabel="epoch", ylabel="gate probability θ", title=layer)
        line[0].annotate(
            row.label, (-0.22, 0.5), xycoords="axes fraction", rotation=90, va="center", ha="right",
            weight="bold",
        )  # fmt: skip
        figure.colorbar(image, ax=line, label="share of the layer's gates")
    _footnote(figure, [run for _, run in shown])
    return figure


def training(rows: Sequence[Row], store: Store) -> Figure | None:
    """Width of each layer, cumulative training MACs and undecided gates, by epoch."""
    families = {row.label: runs for row in rows if (runs := store.seeds(row.settings))}
    if not families:
        return None
    layers = NETWORKS[rows[0].settings.network].layers
    figure, axes = plt.subplots(1, len(layers) + 2, figsize=(3.4 * (len(layers) + 2), 4.2))
    for colour, (label, runs) in zip(COLOURS, families.items()):
        for run in runs:
            epochs, style = run.epochs(), {"color": colour, "alpha": 0.7}
            name = label if run is runs[0] else None
            start = run.record()["start"]["widths"]
            at = np.arange(len(epochs) + 1)
            for number, ax in enumerate(axes[: len(layers)]):
                ax.plot(at, [start[number]] + [e["widths"][number] for e in epochs], **style)
            macs = np.cumsum([0] + [e["train_macs"] for e in epochs]) / 1e12
            axes[-2].plot(at, macs, label=name, **style)
            undecided = [100 * (1 - e["decided"]) for e in epochs if "decided" in e]
            axes[-1].plot(at[1 : len(undecided) + 1], undecided, **style)
    for ax, layer in zip(axes, layers):
        ax.set(title=layer, xlabel="epoch", ylabel="units left", yscale="log")
    axes[-2].set(title="training cost", xlabel="epoch", ylabel="cumulative training MACs (10¹²)")
    figure.legend(loc="outside upper center", ncols=3)
    axes[-1].set(title="undecided gates", xlabel="epoch", ylabel="share in [0.01, 0.99] (%)")
    _footnote(figure, [run for runs in families.values() for run in runs])
    return figure


def pixels(rows: Sequence[Row], store: Store) -> Figure | None:
    """The input pixels that are kept, as the share of the seeds that kept them."""
    shown = [(row, runs) for row in rows if (runs := store.seeds(row.settings))]
    if not shown:
        return None
    figure, axes = plt.subplots(1, len(shown), figsize=(3.6 * len(shown), 3.8), squeeze=False)
    for ax, (row, runs) in zip(axes[0], shown):
        kept = np.zeros(28 * 28)
        for run in runs:
            kept[run.record()["kept"][0]] += 100 / len(runs)
        image = ax.imshow(kept.reshape(28, 28), cmap="magma", vmin=0, vmax=100)
        ax.grid(False)
        ax.set(xlabel="column (pixel)", ylabel="row (pixel)")
        ax.set_title(row.label, fontsize=9)
    figure.colorbar(image, ax=axes, label="share of the seeds that keep the pixel (%)")
    _footnote(figure, [run for _, runs in shown for run in runs])
    return figure


def starts(rows: Sequence[Row], store: Store) -> Figure | None:
    """Units left by epoch from different initialisations and starting sizes (claim A4)."""
    shown = [(row, runs[0]) for row in rows if (runs := store.seeds(row.settings))]
    if not shown:
        return None
    layers = NETWORKS[rows[0].settings.network].layers
    figure, axes = plt.subplots(1, len(layers), figsize=(4.6 * len(layers), 4))
    for row, run in shown:
        epochs, start = run.epochs(), run.record()["start"]["widths"]
        for number, ax in enumerate(axes):
            widths = [start[number]] + [epoch["widths"][number] for epoch in epochs]
            ax.plot(widths, label=f"{row.label}: ends at {widths[-1]}")
    for ax, layer in zip(axes, layers):
        ax.set(title=layer, xlabel="epoch", ylabel="units left", yscale="log")
        ax.legend(fontsize=8)
    _footnote(figure, [run for _, run in shown])
    return figure


def _footnote(figure: Figure, runs: Sequence[Run]) -> None:
    records = [run.record() for run in runs]
    made = records[0]["provenance"]
    held_out = {"test": "test images", "validation": "validation split"}
    judge = held_out[records[0]["settings"]["judged_on"]]
    figure.text(
        1, -0.02,
        f"{made['data']} (fingerprint {made['fingerprint']}), judged on its {judge},"
        f" {len(records)} runs, torch {made['torch']}",
        ha="right", va="top", fontsize=8, color="0.4",
    )  # fmt: skip
