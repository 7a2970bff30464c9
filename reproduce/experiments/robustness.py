"""Robustness (claim A4): one price from many starts, and priors and estimators from three each."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from reproduce.experiments.comparisons import methods_vgg16_quarter
from reproduce.experiments.presets import NOISELESS, preset
from reproduce.experiments.rows import Row, Study, gated
from reproduce.gates.prices import rates
from reproduce.models import INITIALISATION_TITLES, NETWORKS
from reproduce.runs.settings import Settings
from reproduce.surgery.chain import trace


def robustness_lenet_300_100(dataset: str | None = None) -> Study:
    """One price, every initialisation of weights and gates, starting sizes from 1/2 to 8 times."""
    start = _start(dataset)
    rows = [Row(title, replace(start, init=init)) for init, title in INITIALISATION_TITLES.items()]
    for first, second in ((150, 50), (600, 200), (1200, 400), (2400, 800)):
        rows.append(Row(f"784-{first}-{second}", replace(start, widths=(784, first, second))))
    rows += [Row(f"θ₀ = {theta0}", gated(start, theta0=theta0)) for theta0 in (0.3, 0.7, 0.9)]
    return Study("robustness_lenet_300_100", "Robustness", {"flattening": tuple(rows)}, seeds=5)


def robustness_lenet_5(dataset: str | None = None) -> Study:
    """LeNet-5's compact point from every initialisation, and from half to twice its size."""
    rows = [
        replace(row, settings=_waiting(row.settings, 5 * row.settings.gates.closing_steps))
        for row in _lenet_5_starts(dataset)
    ]
    return Study("robustness_lenet_5", "Robustness", {"flattening": tuple(rows)}, seeds=2)


def robustness_lenet_5_hasty(dataset: str | None = None) -> Study:
    """LeNet-5's compact point from many starts, with gates that move from the first step on."""
    return Study(
        "robustness_lenet_5_hasty",
        "Robustness of gates that do not wait",
        {"flattening": tuple(_lenet_5_starts(dataset))},
        seeds=2,
        shares="robustness_lenet_5",
    )


def robustness_lenet_5_second_order(dataset: str | None = None) -> Study:
    """Three of these starts by the second-order estimator, without noise, in half of the epochs."""
    starts = ("Kaiming, normal", "Kaiming, uniform", "10-25-400-250")
    changes = NOISELESS | {"closing_steps": 500}
    rows = []
    for row in robustness_lenet_5(dataset).rows:
        if row.label in starts:
            price = row.settings.gates.log_gamma * 12 / 26  # without noise more gates close
            settings = gated(row.settings, log_gamma=price, **changes)
            rows.append(Row(row.label, replace(settings, epochs=settings.epochs // 2)))
    return Study(
        "robustness_lenet_5_second_order",
        "Robustness of gates of second order",
        {"flattening": tuple(rows)},
        seeds=1,
        shares="robustness_lenet_5",
    )


def robustness_vgg16(dataset: str | None = None) -> Study:
    """A quarter of VGG16's filters from four initialisations, by the second-order estimator.

    The price is that of the compact point of ``methods_vgg16_quarter``, whose runs are the first.
    """
    quarter = _quarter_of_vgg16(dataset)
    rows = tuple(
        Row(INITIALISATION_TITLES[init], replace(quarter, init=init))
        for init in ("kaiming_normal", "xavier", "orthogonal", "normal_002")
    )
    return Study("robustness_vgg16", "Robustness", {"flattening": rows}, seeds=2, shares="short")


def robustness_vgg16_widths(dataset: str | None = None) -> Study:
    """The same from an eighth, a quarter and half of its filters, at one price of a MAC."""
    title = "Robustness to the starting size"
    return _from_three_widths("robustness_vgg16_widths", title, _resized, dataset)


def robustness_vgg16_widths_by_filter(dataset: str | None = None) -> Study:
    """The same at one mean price of a filter: half of the filters pay half as much for a MAC."""

    def at_one_price(settings: Settings, widths: tuple[int, ...]) -> Settings:
        return replace(settings, widths=widths)

    title = "Robustness to the starting size at one price of a filter"
    name = "robustness_vgg16_widths_by_filter"
    return _from_three_widths(name, title, at_one_price, dataset)


def _from_three_widths(
    name: str,
    title: str,
    resized: Callable[[Settings, tuple[int, ...]], Settings],
    dataset: str | None,
) -> Study:
    quarter = _quarter_of_vgg16(dataset)
    shares = {
        "an eighth of the filters": tuple(width // 2 for width in quarter.widths),
        "a quarter of the filters": quarter.widths,
        "half of the filters": tuple(2 * width for width in quarter.widths),
    }
    rows = tuple(Row(share, resized(quarter, widths)) for share, widths in shares.items())
    return Study(name, title, {"flattening": rows}, seeds=2, shares="short")


def _quarter_of_vgg16(dataset: str | None) -> Settings:
    rows = methods_vgg16_quarter(dataset).groups["ours, second order"]
    return next(row.settings for row in rows if row.name == "compact")


def ablation(dataset: str | None = None) -> Study:
    """What the hyper-prior and the estimator do to size and spread, from three starts each."""
    start = _start(dataset)
    price = start.gates.log_gamma
    kinds: dict[str, dict[str, Any]] = {
        "flattening": {},
        "fixed prior": {"prior": "fixed"},
        "fixed prior, a third of the price": {"prior": "fixed", "log_gamma": price / 3},
        "Beta hyper-prior": {"prior": "beta"},
        "flattening, trapezoid": {"estimator": "trapezoid"},
        "flattening, straight-through": {"estimator": "straight_through"},
    }
    starts = {
        "784-300-100": start,
        "N(0, 0.02²)": replace(start, init="normal_002"),
        "784-1200-400": replace(start, widths=(784, 1200, 400)),
    }
    groups = {
        kind: tuple(
            Row(f"{kind}: {label}", gated(settings, **changes))
            for label, settings in starts.items()
        )
        for kind, changes in kinds.items()
    }
    return Study("ablation", "Ablation", groups, seeds=3, shares="robustness_lenet_300_100")


def _start(dataset: str | None) -> Settings:
    """What the starts of LeNet-300-100 have in common."""
    start = preset("lenet_300_100", "full", dataset).starts[0].settings
    return _waiting(start, start.gates.closing_steps)


def _waiting(start: Settings, steps: int) -> Settings:
    """Gates that wait until the weights of every start have learnt, and then close fast.

    They end nearer together than gates that close slowly from the first step.
    """
    return gated(start, waiting_steps=steps, closing_steps=steps // 20)


def _lenet_5_starts(dataset: str | None) -> list[Row]:
    start = preset("lenet_5", "short", dataset)["compact"].settings
    rows = [Row(title, replace(start, init=init)) for init, title in INITIALISATION_TITLES.items()]
    for widths in ((10, 25, 400, 250), (40, 100, 1600, 1000)):
        rows.append(Row("-".join(map(str, widths)), _resized(start, widths)))
    rows += [Row(f"θ₀ = {theta0}", gated(start, theta0=theta0)) for theta0 in (0.3, 0.7, 0.9)]
    return rows


def _resized(settings: Settings, widths: tuple[int, ...]) -> Settings:
    """Settings of ten classes from another size; what one MAC is charged stays as it is."""

    def charged(widths: tuple[int, ...]) -> float:
        described = NETWORKS[settings.network]
        with torch.device("meta"):  # only shapes count, so no weights are drawn
            network = described.build(widths, 10)
        # On the CPU: a forward pass on "meta" takes seconds, for all the modules it imports.
        plan = trace(network.to_empty(device="cpu"), torch.zeros(2, *described.image))
        return rates(plan, settings.gates, samples=1)[settings.gates.price]

    price = settings.gates.log_gamma * charged(settings.widths) / charged(widths)
    return gated(replace(settings, widths=widths), log_gamma=round(price, 3))
