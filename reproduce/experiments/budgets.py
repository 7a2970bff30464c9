"""Shares of a network's MACs that are asked for, beside prices that were set by hand.

The gates of deep networks wait until the weights have learnt, and come to a budget step by step.
"""

from collections.abc import Sequence
from dataclasses import replace

from reproduce.experiments.comparisons import methods_vgg16_quarter, second_order
from reproduce.experiments.presets import preset
from reproduce.experiments.rows import Budgets, Preset, Row, Study, gated
from reproduce.gates.config import WHEN_LEARNT
from reproduce.runs.settings import Settings


def budgets_lenet_300_100(dataset: str | None = None) -> Budgets:
    """LeNet-300-100; its gates are priced by units where the price is chosen, not by MACs."""
    wanted = preset("lenet_300_100", "full", dataset)
    by_hand = [wanted[name] for name in ("accuracy", "compact")]
    return _budgets("lenet_300_100", wanted, by_hand, by_hand[0].settings, seeds=3)


def budgets_lenet_5(dataset: str | None = None) -> Budgets:
    """LeNet-5, beside its three points."""
    wanted = preset("lenet_5", "short", dataset)
    by_hand = [wanted[name] for name in ("accuracy", "compact", "smallest")]
    return _budgets("lenet_5", wanted, by_hand, by_hand[0].settings)


def budgets_vgg16_quarter(dataset: str | None = None) -> Budgets:
    """VGG16 from a quarter of its filters, by the second-order estimator."""
    study = methods_vgg16_quarter(dataset)
    group = "ours, second order"
    by_hand = list(study.groups[group])
    first = by_hand[0].settings
    for nats in (275.0, 540.0):  # about as small as what is asked for
        by_hand.append(Row(f"{group}, {nats:g} nats", gated(first, log_gamma=nats)))
    budgets = _budgets("vgg16_quarter", study, by_hand, gated(first, waiting_steps=WHEN_LEARNT))
    return replace(budgets, title="Budgets, from a quarter of the filters")


def budgets_resnet20(dataset: str | None = None) -> Budgets:
    """ResNet-20 by the second-order estimator, beside its points by the noisy one."""
    wanted = preset("resnet20", "short", dataset)
    by_hand = [wanted[name] for name in ("accuracy", "compact")]
    start = replace(second_order(by_hand[0].settings, 75.0), attach_at=0.2)
    return _budgets("resnet20", wanted, by_hand, gated(start, waiting_steps=WHEN_LEARNT))


def _budgets(
    network: str, wanted: Preset | Study, by_hand: Sequence[Row], start: Settings, seeds: int = 1
) -> Budgets:
    """Two budgets for the gates of ``start``, whose own price counts for nothing then."""
    asked = tuple(
        Row(f"{100 * share:g} % asked for", gated(start, target_macs=share)) for share in (0.3, 0.1)
    )
    groups = {"budget": asked, "price": (wanted.dense, *by_hand)}
    return Budgets(f"budgets_{network}", "Budgets", groups, seeds, shares=wanted.folder)
