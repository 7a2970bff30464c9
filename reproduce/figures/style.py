"""One look for all pictures, what they have in common, and how they are saved."""

import textwrap
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator, NullLocator

from reproduce.experiments.rows import Row
from reproduce.files import write_atomic
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Trained

Drawing = Callable[[], Figure | None]
Shown = Sequence[tuple[Row, list[Trained]]]  # rows with their runs, seed by seed
# Okabe and Ito's palette: told apart by colour-blind readers too.
COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8B5A2B",
    "#8A8A8A", "#8000B0",
)  # fmt: skip
MOST_COLUMNS = 5  # of panels in a row
MANY = 5  # layers: more of them are one panel with the layers on an axis, fewer a panel each
FAR = 10  # errors that far apart, as a ratio, are drawn on a logarithmic axis
CHARACTERS = 9  # of a headline, in an inch of the figure's width
STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.alpha": 0.3,
    "font.size": 10,
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "axes.titley": 1.0,  # no search for it at each drawing: ticks are below
    "figure.constrained_layout.use": True,
    "figure.dpi": 150,
    "svg.hashsalt": "parsimony",
    "svg.fonttype": "none",
}


def save(figure: Figure, path: Path) -> list[Path]:
    """Writes a figure as PNG and SVG, the same bytes for the same figure, and closes it.

    Args:
        path: without ending.

    Returns:
        The files written.
    """
    # To lay out is half of the work, and ``savefig`` would do it for each of the two formats.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for outside in figure.legends:  # else it would be the box cut out below that it is put into
        outside.set_bbox_to_anchor((0, 0, 1, 1), figure.transFigure)
    drawn = figure.get_tightbbox().padded(plt.rcParams["savefig.pad_inches"])
    paths = []
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        buffer = BytesIO()
        figure.savefig(buffer, format=kind, metadata=metadata, bbox_inches=drawn)
        paths.append(path.with_name(f"{path.name}.{kind}"))
        write_atomic(paths[-1], buffer.getvalue())
    plt.close(figure)
    return paths


def panels(
    count: int, size: tuple[float, float] = (3.4, 3.6), columns: int = MOST_COLUMNS
) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels in even rows of at most ``columns``, each of a size in inches."""
    rows = -(-count // columns)
    columns = -(-count // rows)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * size[0], rows * size[1]), squeeze=False
    )
    for empty in axes.flat[count:]:
        empty.set_visible(False)
    return figure, list(axes.flat[:count])


def layers_of(shown: Shown) -> tuple[str, ...]:
    """The names of the layers of the network that is shown."""
    return NETWORKS[shown[0][0].settings.network].layers


def headline(figure: Figure, finding: str) -> None:
    """The figure's title: what is to be seen in it, as many lines as its width asks for."""
    together = finding.replace(" %", "\N{NO-BREAK SPACE}%")
    together = together.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    figure.suptitle(
        "\n".join(_even(together, int(CHARACTERS * figure.get_size_inches()[0]))),
        fontsize=12,
        fontweight="bold",
        x=0.01,
        ha="left",
    )


def _even(text: str, width: int) -> list[str]:
    """As few lines of at most ``width`` characters as there can be, none left with a word only."""
    fewest = len(textwrap.wrap(text, width))
    each = (textwrap.wrap(text, narrow) for narrow in range(len(text) // fewest, width + 1))
    return next(lines for lines in each if len(lines) == fewest)


def legend(figure: Figure, axes: Axes, columns: int = 4, **options: Any) -> None:
    """One legend for all panels, below them or in the place of one that is spare."""
    handles = dict(zip(*reversed(axes.get_legend_handles_labels())))  # each name once
    spare = [place for place in figure.axes if not place.get_visible()]
    if spare:
        spare[0].set_visible(True)
        spare[0].set_axis_off()
        spare[0].legend(handles.values(), list(handles), loc="center", fontsize=9, **options)
        return
    figure.legend(
        handles.values(), list(handles), loc="outside lower center",
        ncols=min(columns, len(handles)), fontsize=9, **options,
    )  # fmt: skip


class Counts(Locator):
    """Round numbers on a logarithmic axis, so many that two can be compared.

    1, 2, 5, 10, … or, over few or very many decades, more or fewer of them.
    """

    def __call__(self) -> Sequence[float]:
        return self.tick_values(*self.axis.get_view_interval())  # type: ignore[union-attr]

    def tick_values(self, low: float, high: float) -> Sequence[float]:
        low, high = sorted((low, high))
        low = max(low, 1e-300)
        decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)):
            ticks = np.outer(decades, digits).ravel()
            ticks = ticks[(low <= ticks) & (ticks <= high)]
            if len(ticks) >= 3:
                return list(ticks)
        even = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
        return [tick for tick in even if low <= tick <= high]


def log_counts(axis: Axis) -> None:
    """A logarithmic axis of counts, with plain round numbers on one height."""
    axis.set_major_locator(Counts())
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))


def in_macs(most: float) -> tuple[float, str]:
    """The unit in which MACs up to ``most`` are read easily: how many it is, and its name."""
    return (1e6, "MMAC") if most >= 1e7 else (1e3, "kMAC")


def layer_axis(ax: Axes, layers: Sequence[str]) -> None:
    """The layers of a deep network along x, in their order."""
    ax.set_xticks(range(len(layers)), layers, rotation=35, ha="right", rotation_mode="anchor")
    ax.tick_params(axis="x", labelsize=9)
    ax.grid(axis="x", visible=False)
    ax.set_xlim(-0.6, len(layers) - 0.4)


def share_map(ax: Axes, percent: np.ndarray, **options: Any) -> AxesImage:
    """A field of shares in %, from 0 to 100."""
    ax.grid(False)
    return ax.imshow(percent, vmin=0, vmax=100, cmap="viridis", aspect="auto", **options)


def gate_map(ax: Axes, histograms: Sequence[Sequence[int]], ends: tuple[float, float]) -> AxesImage:
    """Histograms of gate probabilities as columns side by side, from the one end to the other."""
    counts = np.array(histograms, dtype=float).T
    ax.grid(False)
    return ax.imshow(
        counts / counts.sum(0), origin="lower", aspect="auto", cmap="viridis",
        extent=(ends[0] - 0.5, ends[1] + 0.5, 0, 1), norm=matplotlib.colors.LogNorm(1e-3, 1),
    )  # fmt: skip


def error_axis(axis: Axis, errors: Sequence[float]) -> None:
    """An axis of errors in %: over decades logarithmic, else around what is there.

    Less than a tenth of a point is not spread over the whole axis.
    """
    low, high = min(errors), max(errors)
    axes, name = axis.axes, axis.axis_name  # type: ignore[attr-defined]
    if high > FAR * max(low, 1e-9) > 0:
        getattr(axes, f"set_{name}scale")("log")
        log_counts(axis)
        return
    margin = max(0.08 * (high - low), 0.05)
    getattr(axes, f"set_{name}lim")(low - margin, high + margin)


def every(shown: Shown) -> list[Trained]:
    """All runs that are shown."""
    return [run for _, runs in shown for run in runs]


def captioned(figure: Figure, finding: str, runs: Sequence[Trained], note: str = "") -> Figure:
    """The figure with its title, and below what its runs were trained and judged on, how long."""
    headline(figure, finding)
    records = [run.record for run in runs]
    made = records[0].provenance
    held_out = {"test": "test images", "validation": "validation split"}
    judge = held_out[records[0].settings.judged_on]
    epochs = {record.settings.epochs for record in records}
    trained = f"{min(epochs)} to {max(epochs)}" if len(epochs) > 1 else f"{min(epochs)}"
    figure.text(
        1, -0.02,
        f"{note + '; ' if note else ''}{made.data} (fingerprint {made.fingerprint[:8]}),"
        f" judged on its {judge}, {len(records)} run{'s' * (len(records) > 1)} of {trained} epochs",
        ha="right", va="top", fontsize=8, color="0.4",
    )  # fmt: skip
    return figure
