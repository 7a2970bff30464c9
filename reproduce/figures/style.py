"""One look for all pictures, and how they are saved."""

from io import BytesIO
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from reproduce.store import write_atomic

# Okabe and Ito's palette: told apart by colour-blind readers too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLE = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.alpha": 0.3,
    "font.size": 10,
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "figure.constrained_layout.use": True,
    "savefig.dpi": 150,
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
    paths = []
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        buffer = BytesIO()
        figure.savefig(buffer, format=kind, metadata=metadata, bbox_inches="tight")
        paths.append(path.with_name(f"{path.name}.{kind}"))
        write_atomic(paths[-1], buffer.getvalue())
    plt.close(figure)
    return paths
