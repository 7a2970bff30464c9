"""Shares of a network's MACs that are asked for, beside prices that were chosen by hand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reproduce.experiments.comparisons import methods_vgg16_quarter, second_order
from reproduce.experiments.presets import preset
from reproduce.experiments.rows import Budgets, Preset, Row, Study, gated
from reproduce.gates.config import WHEN_LEARNT

# Deep networks come to a budget step by step, once their weights have learnt.
LATER: dict[str, Any] = {"waiting_steps": WHEN_LEARNT}


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
    group = "ours, second order"
    by_hand = list(study.groups[group])
    for nats in (275.0, 560.0):  # about as small as what is asked for
        settings = gated(by_hand[0].settings, log_gamma=nats)
        by_hand.append(Row(f"{group}, {nats:g} nats", settings))
    budgets = _budgets("vgg16_quarter", study, by_hand, (0.3, 0.1), **LATER)
    return replace(budgets, title="Budgets, from a quarter of the filters")


def budgets_resnet20(dataset: str | None = None) -> Budgets:
    """ResNet-20 by the second-order estimator, attached to weights that have learnt a little."""
    wanted = preset("resnet20", "short", dataset)
    start = replace(second_order(wanted["accuracy"].settings, 75.0), attach_at=0.2)
    by_hand = [Row.ours("", "second order", start)]
    return _budgets("resnet20", wanted, by_hand, (0.3, 0.1), **LATER)


def _budgets(
    network: str,
    wanted: Preset | Study,
    by_hand: Sequence[Row],
    shares: Sequence[float],
    seeds: int = 1,
    **gates: Any,
) -> Budgets:
    """The first row with other gates and asked for shares, beside the rows as they are priced."""
    start = by_hand[0].settings
    asked = tuple(
        Row(f"{100 * share:g} % asked for", gated(start, target_macs=share, **gates))
        for share in shares
    )
    groups = {"budget": asked, "price": (wanted.dense, *by_hand)}
    return Budgets(f"budgets_{network}", "Budgets", groups, seeds, shares=wanted.folder)
