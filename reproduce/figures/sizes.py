"""Pictures of what is left after training, from run records: sizes, and what they cost in error."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from reproduce.figures import deep, findings
from reproduce.figures.style import (
    COLOURS,
    MANY,
    Shown,
    captioned,
    every,
    in_macs,
    layers_of,
    legend,
    log_counts,
)
from reproduce.models import NETWORKS
from reproduce.tables.published import Published, comparable

NEAR = 1.5  # a published error within so many ranges of ours is drawn, others are named


def trade_off(shown: Shown, compared: bool = False) -> Figure | None:
    """Error against MACs: every run as a point, published figures as crosses.

    Args:
        compared: another picture has the same runs, so that this one shows none but published
            figures beside them; None where there are none near.
    """
    name = shown[0][0].settings.network
    records = [[run.record for run in runs] for _, runs in shown]
    everything = [record.error for found in records for record in found]
    beside = comparable(name, shown[0][0].settings.dataset)
    near, far = _published(beside, min(everything), max(everything))
    if compared and not near:
        return None
    unit, words = in_macs(records[0][0].start.macs)
    figure, ax = plt.subplots(figsize=(8, 5.6))
    for colour, marker, (row, _), found in zip(COLOURS * 2, "os^vDPs" * 2, shown, records):
        macs = [record.end.macs / unit for record in found]
        errors = [record.error for record in found]
        style: dict[str, Any] = {"color": colour, "marker": marker}
        ax.scatter(macs, errors, alpha=0.45, s=26, linewidths=0, **style)
        ax.plot(np.mean(macs), np.mean(errors), ms=9, ls="", label=row.label, **style)
    for other in near:
        place = (other.macs / unit, other.test_error)  # type: ignore[operator]  # not None
        ax.plot(*place, "x", color="0.35", ms=7)
        ax.annotate(other.method, place, xytext=(6, 4), textcoords="offset points", fontsize=8,
                    color="0.35")  # fmt: skip
    if near:
        original = NETWORKS[name].original
        ax.plot([], [], "x", color="0.35", label=f"published, on {original}, trained to the end")
    for other in far:
        ax.plot([], [], " ", label=_outside(other, unit, words))
    ax.set(xscale="log", xlabel=f"{words} of one inference", ylabel="test error (%)")
    log_counts(ax.xaxis)
    legend(figure, ax, 2)
    return captioned(figure, findings.best_pruned(shown), every(shown))


def _published(
    beside: Sequence[Published], low: float, high: float
) -> tuple[list[Published], list[Published]]:
    """Published figures of a known size: those near errors of ours, and the others."""
    reach = NEAR * (high - low)
    others = [other for other in beside if other.macs is not None]
    near = [other for other in others if low - reach <= other.test_error <= high + reach]
    return near, [other for other in others if other not in near]


def _outside(other: Published, unit: float, words: str) -> str:
    return (
        f"outside: {other.method}, trained to the end, {other.test_error:.2f} %"
        f" at {other.macs / unit:.0f} {words}"  # type: ignore[operator]  # not None
    )


def kept(shown: Shown) -> Figure:
    """Units kept in each layer, numbers and shares are means, points the seeds."""
    layers = layers_of(shown)
    start = np.array(shown[0][1][0].record.start.widths)
    figure = deep.kept(shown) if len(layers) > MANY else _bars(shown, start)
    return captioned(figure, findings.kept(shown), every(shown))


def _bars(shown: Shown, start: np.ndarray) -> Figure:
    layers = layers_of(shown)
    at, width = np.arange(len(layers)), 0.8 / len(shown)
    figure, ax = plt.subplots(figsize=(8, 4.8))
    for number, (colour, (row, runs)) in enumerate(zip(COLOURS, shown)):
        left = np.array([run.record.end.widths for run in runs])
        share, x = 100 * left / start, at - 0.4 + width * (number + 0.5)
        ax.bar(x, share.mean(0), width * 0.92, color=colour, label=row.label)
        for place, top, units in zip(x, share.max(0), left.mean(0)):
            ax.text(place, top + 1.5, f"{units:.0f}", ha="center", fontsize=9)
        if len(left) > 1:
            ax.plot(np.tile(x, len(left)), share.ravel(), ".", color="black", ms=4)
    ax.set(ylabel="units kept (% of the start; number above)")
    ax.set_xticks(at, [f"{layer}\n(of {units})" for layer, units in zip(layers, start)])
    ax.grid(axis="x", visible=False)
    legend(figure, ax, 3)
    return figure


MIDDLE = slice(4, 24)  # MNIST's digits were scaled into the middle 20 x 20 of 28 x 28 pixels


def pixels(shown: Shown) -> Figure:
    """The input pixels that are kept, as the share of the seeds that kept them."""
    figure, axes = plt.subplots(
        1, len(shown), figsize=(3.3 * len(shown) + 0.8, 3.9), squeeze=False, sharey=True
    )
    counts, inside = [], []
    for ax, (row, runs) in zip(axes[0], shown):
        kept = np.zeros((28, 28))
        for run in runs:
            kept.flat[list(run.record.kept[0])] += 100 / len(runs)
        counts.append(f"{kept.sum() / 100:.0f}")
        inside.append(kept[MIDDLE, MIDDLE].sum() / kept.sum())
        image = ax.imshow(kept, cmap="magma", vmin=0, vmax=100)
        ax.grid(False)
        ax.set(xlabel="column (pixel)")
        ax.set_title(textwrap.fill(row.label, 30), fontsize=10)
    axes[0][0].set_ylabel("row (pixel)")
    figure.colorbar(image, ax=axes, label="share of the seeds that keep the pixel (%)")
    return captioned(
        figure,
        f"Of 784 pixels {', '.join(counts)} are kept on average,"
        f" {100 * min(inside):.0f} % or more of them where digits are drawn",
        every(shown),
    )
