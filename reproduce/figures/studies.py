"""Pictures of studies: where runs from different starts end (claim A4), methods as curves."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reproduce.experiments.rows import Comparison, Study, finished
from reproduce.figures import deep, findings
from reproduce.figures.style import (
    COLOURS,
    MANY,
    Drawing,
    Shown,
    captioned,
    error_axis,
    every,
    in_macs,
    layers_of,
    legend,
    log_counts,
    panels,
)
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded

MARKERS = "*os^vDPX<>"  # of the groups of a comparison, as ``COLOURS``
PRESSED = 3  # times the range of error of dense and ours: then these have a panel of their own


def figures(study: Study, loaded: Loaded) -> dict[str, Drawing]:
    """What can be drawn of a study's runs, by file name; nothing without finished runs."""
    shown = finished(study.rows, loaded)
    if not shown:
        return {}
    if isinstance(study, Comparison):
        return {f"{study.name}_curves": partial(curves, study, shown)}
    drawings: dict[str, Drawing] = {}
    if len(study.groups) > 1:
        drawings["spread"] = partial(spread, study, shown)
    else:
        drawings |= {"error": partial(error, shown), "sizes": partial(sizes, shown)}
        if len(layers_of(shown)) <= MANY:
            drawings["widths"] = partial(widths, shown)
    return {f"{study.name}_{name}": draw for name, draw in drawings.items()}


def curves(study: Comparison, shown: Shown) -> Figure:
    """Error against MACs, a curve for each method through its means; a point for each run.

    Methods far worse than ours press the others together: those then have a panel of their own.
    """
    done = dict(shown)
    found = {
        name: [[run.record for run in done[row]] for row in rows if row in done]
        for name, rows in study.groups.items()
    }
    unit, words = in_macs(shown[0][1][0].record.start.macs)
    points = {
        name: [np.array([(r.end.macs / unit, r.error) for r in row]) for row in rows]
        for name, rows in found.items()
    }
    everything = np.concatenate([each for rows in points.values() for each in rows])
    mine = [each for name in points if name.startswith(("dense", "ours")) for each in points[name]]
    near = np.concatenate(mine or [everything])
    spans = np.ptp(near, axis=0)
    apart = spans.all() and np.ptp(everything[:, 1]) > PRESSED * spans[1]
    figure, axes = panels(2, (5.2, 4.8)) if apart else panels(1, (8, 5.2))
    for ax in axes:
        _draw_curves(ax, points, words)
    if apart:
        macs, errors = near.T
        axes[0].set_title(study.title, fontsize=10)
        axes[1].set_title("the same around ours", fontsize=10)
        axes[1].set(xlim=np.exp(_widened(np.log(macs))), ylim=_widened(errors))
    legend(figure, axes[0], 3)
    rows = {
        name: [
            (each.mean(0), [run.record.end.widths for run in done[row]], row.settings.epochs)
            for each, row in zip(points[name], (row for row in rows if row in done))
        ]
        for name, rows in study.groups.items()
    }
    finding = f"{NETWORKS[study.network].title}. {findings.rivals(rows)}"
    return captioned(figure, finding, every(shown))


def _draw_curves(ax: Axes, found: dict[str, list[np.ndarray]], words: str) -> None:
    for colour, marker, (name, rows) in zip(COLOURS, MARKERS, found.items()):
        style: dict[str, Any] = {"color": colour, "marker": marker}
        for points in rows:
            ax.scatter(points[:, 0], points[:, 1], alpha=0.4, s=22, linewidths=0, **style)
        if rows:
            means = sorted(tuple(points.mean(0)) for points in rows)
            single = " (n = 1)" if max(map(len, rows)) == 1 else ""
            ax.plot(*np.array(means).T, ms=8, label=name + single, **style)
    ax.set(xscale="log", xlabel=f"{words} of one inference", ylabel="test error (%)")
    log_counts(ax.xaxis)


def _widened(values: np.ndarray) -> tuple[float, float]:
    """The least and the greatest, and an eighth of what is between beyond them."""
    margin = np.ptp(values) / 8
    return values.min() - margin, values.max() + margin


def spread(study: Study, shown: Shown) -> Figure:
    """Units kept in each layer and test error, group below group; a point for each run."""
    layers, done = layers_of(shown), dict(shown)
    figure, axes = panels(len(layers) + 1, (2.9, 1.5 + 0.42 * len(study.groups)))
    values: list[list[float]] = [[] for _ in axes]
    for place, rows in enumerate(study.groups.values()):
        for number, (colour, row) in enumerate(zip(COLOURS, rows)):
            beside = place + 0.18 * (number - (len(rows) - 1) / 2)  # starts do not hide each other
            for run in done.get(row, []):
                record = run.record
                for ax, seen, value in zip(axes, values, (*record.end.widths, record.error)):
                    seen.append(value)
                    ax.plot(value, beside, "o", ms=5, color=colour, alpha=0.7,
                            label=row.label.split(": ")[-1])  # fmt: skip
    for ax, name in zip(axes, (*layers, "test error")):
        ax.set(title=name, xlabel="units kept", ylim=(len(study.groups) - 0.5, -0.5))
        ax.set_yticks(range(len(study.groups)), list(study.groups) if ax is axes[0] else [])
        ax.set_xlim(0, None)
    axes[-1].set_xlabel("test error (%)")
    error_axis(axes[-1].xaxis, values[-1])
    legend(figure, axes[0], 3)
    finding = f"{findings.title(shown)}. {findings.spread(study.groups, done)}"
    return captioned(figure, finding, every(shown))


def sizes(shown: Shown) -> Figure:
    """Units kept in each layer from different starts, a point for each seed.

    Of a deep network a line for each start, over its layers.
    """
    layers = layers_of(shown)
    figure = deep.sizes(shown) if len(layers) > MANY else _by_size(shown, layers)
    return captioned(figure, findings.sizes(shown), every(shown))


def _by_size(shown: Shown, layers: tuple[str, ...]) -> Figure:
    usual = NETWORKS[shown[0][0].settings.network].widths
    figure, axes = panels(len(layers), (3.2, 3.4))
    for row, runs in shown:
        scale = row.settings.widths[-1] / usual[-1]
        own = row.settings.widths != usual
        colour = COLOURS[0] if own else "0.4"
        label = "another starting size" if own else "the usual size, all initialisations"
        for run in runs:
            for ax, units in zip(axes, run.record.end.widths):
                ax.plot(scale, units, "o", color=colour, alpha=0.6, ms=5, label=label)
    for number, (ax, layer) in enumerate(zip(axes, layers)):
        ax.set(xscale="log", xlabel="starting size (times the usual)", title=layer)
        ax.set_ylim(0, 1.25 * ax.get_ylim()[1])
        log_counts(ax.xaxis)
        ax.set_xticks(sorted({row.settings.widths[-1] / usual[-1] for row, _ in shown}))
        kept = [run.record.end.widths[number] for _, runs in shown for run in runs]
        ax.axhline(float(np.mean(kept)), color="0.7", lw=1, label="mean of all runs")
    axes[0].set_ylabel("units kept")
    legend(figure, axes[0], 3)
    return figure


def widths(shown: Shown) -> Figure:
    """Units left by epoch, layer by layer, for all starting sizes in one picture."""
    layers = layers_of(shown)
    figure, axes = panels(len(layers), (3.6, 3.8))
    first = {row.settings.widths: (row, runs) for row, runs in reversed(shown)}
    for colour, (start, (_, runs)) in zip(COLOURS, sorted(first.items())):
        for run in runs:
            for number, ax in enumerate(axes):
                by_epoch = [start[number]] + [e.widths[number] for e in run.epochs]
                ax.plot(by_epoch, color=colour, alpha=0.7, label="-".join(map(str, start)))
    for ax, layer in zip(axes, layers):
        ax.set(title=layer, xlabel="epoch", yscale="log")
        log_counts(ax.yaxis)
    axes[0].set_ylabel("units left")
    legend(figure, axes[0], 5)
    together = list(first.values())
    return captioned(figure, findings.together(together), every(together))


def error(shown: Shown) -> Figure:
    """Test error by start: a point for each seed, a bar at the mean."""
    figure, ax = plt.subplots(figsize=(7, 1.7 + 0.3 * len(shown)))
    for place, (_, runs) in enumerate(shown):
        errors = [run.record.error for run in runs]
        ax.plot(errors, [place] * len(errors), "o", color=COLOURS[0], alpha=0.6, ms=5)
        ax.plot(np.mean(errors), place, "|", color="black", ms=12, mew=2)
    everything = [run.record.error for _, runs in shown for run in runs]
    error_axis(ax.xaxis, everything)
    note = "test error (%); bars: means of the starts"
    if ax.get_xscale() == "linear":
        ax.axvline(float(np.mean(everything)), color="0.7", lw=1)
        note += ", line: mean of all"
    ax.set_yticks(range(len(shown)), [row.label for row, _ in shown])
    ax.set(ylim=(len(shown) - 0.5, -0.5))
    ax.set_xlabel(note)
    return captioned(figure, findings.errors(shown), every(shown))
