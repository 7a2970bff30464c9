"""Shares of a network's MACs that are asked for, beside prices that were chosen by hand."""

from collections.abc import Sequence

from reproduce.experiments.comparisons import methods_vgg16_quarter
from reproduce.experiments.presets import preset
from reproduce.experiments.rows import Budgets, Preset, Row, Study, gated

SHARES = (0.3, 0.1)


def budgets_lenet_300_100(dataset: str | None = None) -> Budgets:
    """LeNet-300-100; its gates are priced by units where the price is chosen, not by MACs."""
    wanted = preset("lenet_300_100", "full", dataset)
    return _budgets("budgets_lenet_300_100", wanted, [wanted["accuracy"], wanted["compact"]])


def budgets_lenet_5(dataset: str | None = None) -> Budgets:
    """LeNet-5, beside its three points."""
    wanted = preset("lenet_5", "short", dataset)
    by_hand = [wanted[name] for name in ("accuracy", "compact", "smallest")]
    return _budgets("budgets_lenet_5", wanted, by_hand)


def budgets_vgg16_quarter(dataset: str | None = None) -> Budgets:
    """VGG16 from a quarter of its filters, by the second-order estimator."""
    study = methods_vgg16_quarter(dataset)
    return _budgets("budgets_vgg16_quarter", study, study.groups["ours, second order"], seeds=1)


def _budgets(name: str, wanted: Preset | Study, by_hand: Sequence[Row], seeds: int = 3) -> Budgets:
    """The gates of the first row, asked for shares; and the rows, whose price was chosen."""
    start = by_hand[0].settings
    asked = tuple(
        Row(f"{100 * share:g} % asked for", gated(start, target_macs=share)) for share in SHARES
    )
    groups = {"budget": asked, "price": (wanted.dense, *by_hand)}
    return Budgets(name, "Budgets", groups, seeds, shares=wanted.folder)
