"""Pictures from run records and from the theory; nothing here trains."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from reproduce.experiments import Preset, Row
from reproduce.models import NETWORKS
from reproduce.store import Run, Store, write_atomic
from theory.hyperprior import FlatteningHyperprior
from theory.priors import BetaHyperprior, FixedPrior

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


def hyperprior() -> Figure:
    """The hyper-prior's density, and its profile against fixed and Beta ones (claims H1 to H4)."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    pi = np.linspace(0, 1, 801)[1:-1]
    for gamma in (1.0, 10.0, 1e3, 1e6):
        prior = FlatteningHyperprior(gamma)
        left.plot(pi, prior.pdf(pi), label=f"γ = {gamma:g}")
    left.set(xlabel="prior probability π", ylabel="density p(π|γ)", yscale="log")
    left.set_title("The flattening hyper-prior")
    left.legend()
    profiles = {
        "flattening, γ = 10": FlatteningHyperprior(10.0),
        "fixed, π₀ = 0.5": FixedPrior(0.5),
        "fixed, π₀ = 0.1": FixedPrior(0.1),
        "Beta(2, 2)": BetaHyperprior(2.0, 2.0),
        "Beta(1, 4)": BetaHyperprior(1.0, 4.0),
    }
    for label, prior in profiles.items():
        right.plot(pi, prior.profile(pi) - prior.profile(0.5), label=label)
    right.set(
        xlabel="gate probability θ",
        ylabel="profile less its value at θ = ½ (nats)",
        title="Only the flattening one is affine: no interior minimum",
    )
    right.legend()
    return figure


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
            ax.set(xlabel="epoch", ylabel="gate probability θ", title=f"{row.label}: {layer}")
        figure.colorbar(image, ax=line, label="share of the layer's gates")
    _footnote(figure, [run for _, run in shown])
    return figure


def training(rows: Sequence[Row], store: Store) -> Figure | None:
    """Width of each layer, cumulative training MACs and undecided gates, by epoch."""
    families = {row.label: runs for row in rows if (runs := store.seeds(row.settings))}
    if not families:
        return None
    layers = NETWORKS[rows[0].settings.network].layers
    figure, axes = plt.subplots(1, len(layers) + 2, figsize=(4 * (len(layers) + 2), 3.8))
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
    axes[-2].legend()
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
        ax.set(title=row.label, xlabel="column (pixel)", ylabel="row (pixel)")
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


def write(preset: Preset, store: Store, folder: Path) -> list[Path]:
    """Draws all figures that the finished runs allow, as PNG and SVG, with their provenance.

    Returns the files written.
    """
    dense, *gated = preset.rows
    ours = [row for row in gated if row.settings.gates.estimator != "straight_through"]
    network = dense.settings.network
    drawings: dict[str, Callable[[], Figure | None]] = {
        "hyperprior": hyperprior,
        f"{network}_separation": lambda: separation(gated[1:2] + gated[-1:], store),
        f"{network}_training": lambda: training(preset.rows, store),
        f"{network}_pixels": lambda: pixels(ours, store),
        f"{network}_starts": lambda: starts(preset.starts, store),
    }
    written = []
    with plt.rc_context(STYLE):
        for name, draw in drawings.items():
            figure = draw()
            if figure is not None:
                written += _save(figure, folder / name)
    return written


def _save(figure: Figure, path: Path) -> list[Path]:
    paths = []
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        buffer = BytesIO()
        figure.savefig(buffer, format=kind, metadata=metadata, bbox_inches="tight")
        paths.append(path.with_suffix(f".{kind}"))
        write_atomic(paths[-1], buffer.getvalue())
    plt.close(figure)
    return paths
