"""Priors on few images: gates left undecided, beside what claim H5 predicts of each prior."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from reproduce.experiments.rows import SmallData, finished
from reproduce.figures.style import COLOURS, Drawing, Shown, captioned, every, legend, panels
from reproduce.runs.loaded import Loaded
from reproduce.tables.small_data import summary

PANELS = {
    "undecided": "gates left undecided (%)",
    "gap": "loss lost by thresholding (nats)",
    "error": "test error, thresholded (%)",
    "macs": "kMAC left",
}
Points = dict[str, list[dict[str, Any]]]


def figures(study: SmallData, loaded: Loaded) -> dict[str, Drawing]:
    """What can be drawn of the study, by file name; nothing without finished runs."""
    shown = finished(study.rows, loaded)
    return {study.name: partial(by_images, study, shown)} if shown else {}


def by_images(study: SmallData, shown: Shown) -> Figure:
    """Four outcomes against the number of training images: a point for each run, lines of means."""
    done = dict(shown)
    found = {
        name: [summary(run) for row in rows for run in done.get(row, [])]
        for name, rows in study.groups.items()
    }
    images = sorted({int(one["images"]) for runs in found.values() for one in runs})
    figure, axes = panels(len(PANELS), (4.2, 3.2), columns=2)
    for colour, (name, runs) in zip(COLOURS, found.items()):
        for ax, what in zip(axes, PANELS):
            factor = 1e-3 if what == "macs" else 1.0
            points = np.array([(one["images"], factor * one[what]) for one in runs])
            if len(points):
                ax.plot(*points.T, "o", ms=4, alpha=0.5, color=colour)
                ax.plot(*_means(points), color=colour, label=name)
        if runs:
            predicted = np.array([(one["images"], one["predicted"]) for one in runs])
            axes[0].plot(*_means(predicted), "--", color=colour, lw=1.2)
    axes[0].plot([], [], "k--", lw=1.2, label="predicted from measured worths (H5)")
    for ax, label in zip(axes, PANELS.values()):
        ax.set(xscale="log", xlabel="training images N", ylabel=label, ylim=(0, None))
        ax.minorticks_off()
        ax.set_xticks(images, [f"{n:,}" for n in images], rotation=30)
    legend(figure, axes[0])
    return captioned(figure, finding(found), every(shown))


def finding(found: Points) -> str:
    """What the runs on the fewest images say, prior by prior."""
    fewest = min(one["images"] for runs in found.values() for one in runs)
    shares = {
        name: np.mean([one["undecided"] for one in runs if one["images"] == fewest])
        for name, runs in found.items()
        if any(one["images"] == fewest for one in runs)
    }
    said = ", ".join(f"{name} {share:.0f} %" for name, share in shares.items())
    return f"Gates left undecided on {fewest:,.0f} images: {said}"


def _means(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    images = np.unique(points[:, 0])
    return images, np.array([points[points[:, 0] == n, 1].mean() for n in images])
