"""Shares of a network's MACs that are asked for, beside prices that were chosen by hand."""

from collections.abc import Sequence
from dataclasses import replace

from reproduce.experiments.comparisons import methods_vgg16_quarter
from reproduce.experiments.presets import preset
from reproduce.experiments.rows import Budgets, Preset, Row, Study, gated


def budgets_lenet_300_100(dataset: str | None = None) -> Budgets:
    """LeNet-300-100; its gates are priced by units where the price is chosen, not by MACs."""
    wanted = preset("lenet_300_100", "full", dataset)
    by_hand = [wanted[name] for name in ("accuracy", "compact")]
    return _budgets("lenet_300_100", wanted, by_hand, (0.3, 0.1), seeds=3)


def budgets_lenet_5(dataset: str | None = None) -> Budgets:
    """LeNet-5, beside its three points."""
    wanted = preset("lenet_5", "short", dataset)
    by_hand = [wanted[name] for name in ("accuracy", "compact", "smallest")]
    return _budgets("lenet_5", wanted, by_hand, (0.3, 0.1))


def budgets_vgg16_quarter(dataset: str | None = None) -> Budgets:
    """VGG16 from a quarter of its filters, by the second-order estimator."""
    study = methods_vgg16_quarter(dataset)
    by_hand = study.groups["ours, second order"]
    budgets = _budgets("vgg16_quarter", study, by_hand, (0.3,))
    return replace(budgets, title="Budgets, from a quarter of the filters")


def _budgets(
    network: str,
    wanted: Preset | Study,
    by_hand: Sequence[Row],
    shares: Sequence[float],
    seeds: int = 1,
) -> Budgets:
    """The gates of the first row, asked for shares; and the rows, whose price was chosen."""
    start = by_hand[0].settings
    asked = tuple(
        Row(f"{100 * share:g} % asked for", gated(start, target_macs=share)) for share in shares
    )
    groups = {"budget": asked, "price": (wanted.dense, *by_hand)}
    return Budgets(f"budgets_{network}", "Budgets", groups, seeds, shares=wanted.folder)
