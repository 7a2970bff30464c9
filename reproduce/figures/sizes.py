"""Pictures of what is left after training, from run records: sizes, and what they cost in error."""

from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from reproduce.figures.style import COLOURS, Shown, footnote, layers_of, log_counts
from reproduce.models import NETWORKS
from reproduce.tables.published import comparable


def trade_off(shown: Shown) -> Figure:
    """Error against MACs: every run as a point, published figures as crosses."""
    figure, ax = plt.subplots(figsize=(8, 5.4))
    for colour, marker, (row, runs) in zip(COLOURS * 2, "os^vDPs" * 2, shown):
        records = [run.record() for run in runs]
        macs = [record["end"]["macs"] / 1e3 for record in records]
        errors = [record["error"] for record in records]
        style: dict[str, Any] = {"color": colour, "marker": marker}
        ax.scatter(macs, errors, alpha=0.45, s=26, linewidths=0, **style)
        ax.plot(np.mean(macs), np.mean(errors), ms=9, ls="", label=row.label, **style)
    settings = shown[0][0].settings
    network = NETWORKS[settings.network]
    beside = comparable(settings.network, settings.dataset)
    others = [(other, other.macs / 1e3) for other in beside if other.macs is not None]
    for other, kmacs in others:
        ax.plot(kmacs, other.test_error, "x", color="0.35", ms=7)
        ax.annotate(
            other.method, (kmacs, other.test_error), xytext=(6, 4),
            textcoords="offset points", fontsize=8, color="0.35",
        )  # fmt: skip
    if others:
        ax.plot([], [], "x", color="0.35", label=f"published, on {network.original}")
    ax.set(
        xscale="log", xlabel="kMAC of one inference", ylabel="test error (%)", title=network.title
    )
    log_counts(ax.xaxis)
    ax.legend(fontsize=8)
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure


def kept(shown: Shown) -> Figure:
    """Units kept in each layer against the start: bars and numbers are means, points the seeds."""
    layers = layers_of(shown)
    start = np.array(shown[0][1][0].record()["start"]["widths"])
    at, width = np.arange(len(layers)), 0.8 / len(shown)
    upright = len(shown) * len(layers) > 40  # numbers side by side would overlap
    figure, ax = plt.subplots(figsize=(max(7, 0.9 * len(layers)), 4.6))
    for number, (colour, (row, runs)) in enumerate(zip(COLOURS, shown)):
        left = np.array([run.record()["end"]["widths"] for run in runs])
        share, x = 100 * left / start, at - 0.4 + width * (number + 0.5)
        ax.bar(x, share.mean(0), width * 0.92, color=colour, label=row.label)
        for place, top, units in zip(x, share.max(0), left.mean(0)):
            ax.text(
                place, top + 1.5, f"{units:.0f}",
                ha="center", fontsize=7, rotation=90 if upright else 0,
            )  # fmt: skip
        if len(left) > 1:
            ax.plot(np.tile(x, len(left)), share.ravel(), ".", color="black", ms=4)
    ax.axhline(100, color="0.4", lw=1)
    ax.set(ylabel="units kept (% of the start; number above)", ylim=(0, 115 if upright else 108))
    names = [f"{layer}\n(of {units})" for layer, units in zip(layers, start)]
    ax.set_xticks(at, names, rotation=30 if len(layers) > 5 else 0, fontsize=8)
    ax.grid(axis="x", visible=False)
    figure.legend(loc="outside upper center", ncols=2, fontsize=8)
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure


def pixels(shown: Shown) -> Figure:
    """The input pixels that are kept, as the share of the seeds that kept them."""
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
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure
