"""One look for all pictures, what they have in common, and how they are saved."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from reproduce.experiments.rows import Row
from reproduce.files import write_atomic
from reproduce.models import NETWORKS
from reproduce.runs.store import Run

Drawing = Callable[[], Figure | None]
Shown = Sequence[tuple[Row, list[Run]]]  # rows with their runs, seed by seed
# Okabe and Ito's palette: told apart by colour-blind readers too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MOST_COLUMNS = 5  # of panels in a row
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


def layer_colours(count: int) -> Sequence[Any]:
    """A colour for each layer, from the first to the last."""
    if count <= len(COLOURS):
        return COLOURS
    return list(matplotlib.colormaps["viridis"](np.linspace(0, 0.92, count)))


def layers_of(shown: Shown) -> tuple[str, ...]:
    """The names of the layers of the network that is shown."""
    return NETWORKS[shown[0][0].settings.network].layers


def log_counts(axis: Axis) -> None:
    """A logarithmic axis of counts, with plain numbers where few decades are shown."""
    axis.set_minor_locator(LogLocator(subs=(2, 5)))
    for formatter in (axis.set_major_formatter, axis.set_minor_formatter):
        formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def footnote(figure: Figure, runs: Sequence[Run]) -> None:
    """What the runs in a picture were trained and judged on."""
    records = [run.record() for run in runs]
    made = records[0]["provenance"]
    held_out = {"test": "test images", "validation": "validation split"}
    judge = held_out[records[0]["settings"]["judged_on"]]
    figure.text(
        1, -0.02,
        f"{made['data']} (fingerprint {made['fingerprint']}), judged on its {judge},"
        f" {len(records)} run{'s' * (len(records) > 1)}, torch {made['torch']}",
        ha="right", va="top", fontsize=8, color="0.4",
    )  # fmt: skip
