"""Pictures of studies: where runs from different starts end (claim A4), methods as curves."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reproduce.experiments.rows import finished
from reproduce.experiments.studies import Comparison, Study
from reproduce.figures.style import COLOURS, Drawing, Shown, footnote, layers_of, log_counts, panels
from reproduce.models import NETWORKS
from reproduce.runs.store import Run, Store

FAR = 3  # times the range of error of dense and ours


def figures(study: Study, store: Store) -> dict[str, Drawing]:
    """What can be drawn of a study's runs, by file name; nothing without finished runs."""
    shown = finished(study.rows, store)
    if not shown:
        return {}
    if isinstance(study, Comparison):
        return {f"{study.name}_curves": partial(curves, study, shown)}
    drawings: dict[str, Drawing] = {"error": partial(error, shown)}
    if len(study.groups) > 1:
        drawings["spread"] = partial(spread, study, shown)
    else:
        drawings |= {"sizes": partial(sizes, shown), "widths": partial(widths, shown)}
    return {f"{study.name}_{name}": draw for name, draw in drawings.items()}


def curves(study: Comparison, shown: Shown) -> Figure:
    """Error against MACs, a curve for each method through its means; a point for each run.

    Methods far worse than ours press the others together: those then have a panel of their own.
    """
    done = dict(shown)
    found = {
        name: [
            np.array([(r["end"]["macs"] / 1e3, r["error"]) for r in map(Run.record, done[row])])
            for row in rows
            if row in done
        ]
        for name, rows in study.groups.items()
    }
    everything = np.concatenate([points for rows in found.values() for points in rows])
    near = np.concatenate(found["dense"] + found["ours"] or [everything])
    spans = np.ptp(near, axis=0)
    apart = spans.all() and np.ptp(everything[:, 1]) > FAR * spans[1]
    figure, axes = panels(2, (6, 5.4)) if apart else panels(1, (8, 5.4))
    for ax in axes:
        _draw_curves(ax, found)
    axes[0].set_title(f"{study.title}: {NETWORKS[study.network].title}")
    if apart:
        macs, errors = near.T
        limits = {"xlim": np.exp(_widened(np.log(macs))), "ylim": _widened(errors)}
        axes[1].set(title="the same around ours", **limits)
    handles = axes[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=3, fontsize=8)
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure


def _draw_curves(ax: Axes, found: dict[str, list[np.ndarray]]) -> None:
    for colour, marker, (name, rows) in zip(COLOURS, "*os^vDP", found.items()):
        style: dict[str, Any] = {"color": colour, "marker": marker}
        for points in rows:
            ax.scatter(points[:, 0], points[:, 1], alpha=0.4, s=22, linewidths=0, **style)
        if rows:
            means = sorted(tuple(points.mean(0)) for points in rows)
            ax.plot(*np.array(means).T, ms=9, label=name, **style)
    ax.set(xscale="log", xlabel="kMAC of one inference", ylabel="test error (%)")
    log_counts(ax.xaxis)


def _widened(values: np.ndarray) -> tuple[float, float]:
    """The least and the greatest, and an eighth of what is between beyond them."""
    margin = np.ptp(values) / 8
    return values.min() - margin, values.max() + margin


def spread(study: Study, shown: Shown) -> Figure:
    """Units kept in each layer and test error, group beside group; a point for each run."""
    layers, done = layers_of(shown), dict(shown)
    figure, axes = panels(len(layers) + 1, (3.2, 4.2))
    for place, rows in enumerate(study.groups.values()):
        for colour, row in zip(COLOURS, rows):
            for run in done.get(row, []):
                record = run.record()
                for ax, value in zip(axes, (*record["end"]["widths"], record["error"])):
                    ax.plot(place, value, "o", ms=5, color=colour, alpha=0.7)
    for ax, title in zip(axes, (*layers, "test error")):
        ax.set(title=title, ylim=(0, None), xlim=(-0.5, len(study.groups) - 0.5))
        ax.set_ylabel("test error (%)" if title == "test error" else "units kept")
        ax.set_xticks(range(len(study.groups)), study.groups, rotation=45, ha="right", fontsize=8)
    for colour, row in zip(COLOURS, next(iter(study.groups.values()))):
        axes[0].plot([], [], "o", color=colour, label=row.label.split(": ")[-1])
    figure.legend(loc="outside upper center", ncols=3, fontsize=8)
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure


def sizes(shown: Shown) -> Figure:
    """Units kept against the starting size, layer by layer; a point for each seed."""
    of_paper = NETWORKS[shown[0][0].settings.network].widths
    layers = layers_of(shown)
    figure, axes = panels(len(layers), (3.6, 3.6))
    for row, runs in shown:
        scale = row.settings.widths[-1] / of_paper[-1]
        kept = np.array([run.record()["end"]["widths"] for run in runs])
        own = row.settings.widths != of_paper
        colour = COLOURS[0] if own else "0.4"
        for ax, units in zip(axes, kept.T):
            ax.plot([scale] * len(units), units, "o", color=colour, alpha=0.6, ls="", ms=5)
    for number, (ax, layer) in enumerate(zip(axes, layers)):
        ax.set(xscale="log", xlabel="starting size (of the paper's)", title=layer)
        ax.set(ylabel="units kept", ylim=(0, 1.25 * ax.get_ylim()[1]))
        log_counts(ax.xaxis)
        ends = [run.record()["end"]["widths"][number] for _, runs in shown for run in runs]
        ax.axhline(np.mean(ends), color="0.7", lw=1)
    axes[0].plot([], [], "o", color=COLOURS[0], label="other starting sizes, one point per run")
    axes[0].plot([], [], "o", color="0.4", label="the paper's size, all initialisations")
    axes[0].plot([], [], color="0.7", label="mean of all runs")
    figure.legend(loc="outside upper center", ncols=3, fontsize=8)
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure


def widths(shown: Shown) -> Figure:
    """Units left by epoch, layer by layer, for all starting sizes in one picture."""
    layers = layers_of(shown)
    figure, axes = panels(len(layers), (4.2, 4.0))
    first = {row.settings.widths: (row, runs) for row, runs in reversed(shown)}
    for colour, (start, (_, runs)) in zip(COLOURS, sorted(first.items())):
        for run in runs:
            for number, ax in enumerate(axes):
                by_epoch = [start[number]] + [e["widths"][number] for e in run.epochs()]
                name = "-".join(map(str, start)) if run is runs[0] else None
                ax.plot(by_epoch, color=colour, alpha=0.7, label=name)
    for ax, layer in zip(axes, layers):
        ax.set(title=layer, xlabel="epoch", ylabel="units left", yscale="log")
        log_counts(ax.yaxis)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    footnote(figure, [run for runs in first.values() for run in runs[1]])
    return figure


def error(shown: Shown) -> Figure:
    """Test error by start: a point for each seed, a bar at the mean."""
    figure, ax = plt.subplots(figsize=(7, 1.4 + 0.33 * len(shown)))
    for place, (_, runs) in enumerate(shown):
        errors = [run.record()["error"] for run in runs]
        ax.plot(errors, [place] * len(errors), "o", color=COLOURS[0], alpha=0.6, ms=5)
        ax.plot(np.mean(errors), place, "|", color="black", ms=14, mew=2)
    everything = [run.record()["error"] for _, runs in shown for run in runs]
    ax.axvline(np.mean(everything), color="0.7", lw=1)
    ax.set_yticks(range(len(shown)), [row.label for row, _ in shown])
    ax.set(xlim=(0, 1.05 * max(everything)), ylim=(len(shown) - 0.5, -0.5))
    ax.set_xlabel("test error (%); bars: means of the starts, line: mean of all")
    footnote(figure, [run for _, runs in shown for run in runs])
    return figure
