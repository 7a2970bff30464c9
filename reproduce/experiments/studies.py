"""The studies: declared lists of runs that `parsimony study` trains and keeps in results/.

Comparisons of methods, robustness, budgets, and what was tried before have modules of their own;
``STUDIES`` has all.
"""

from collections.abc import Callable
from dataclasses import replace

from reproduce.errors import unknown
from reproduce.experiments.budgets import (
    budgets_lenet_5,
    budgets_lenet_300_100,
    budgets_resnet20,
    budgets_vgg16_quarter,
)
from reproduce.experiments.comparisons import (
    methods_lenet_5,
    methods_resnet20,
    methods_resnet20_long,
    methods_vgg16,
    methods_vgg16_full_long,
    methods_vgg16_half_long,
    methods_vgg16_long,
    methods_vgg16_quarter,
    methods_vgg16_quarter_long,
)
from reproduce.experiments.explorations import (
    exploration_lenet_5,
    exploration_lenet_300_100,
    exploration_vgg16,
)
from reproduce.experiments.presets import NOISELESS, preset
from reproduce.experiments.robustness import (
    ablation,
    robustness_lenet_5,
    robustness_lenet_5_hasty,
    robustness_lenet_5_second_order,
    robustness_lenet_300_100,
    robustness_vgg16,
    robustness_vgg16_widths,
    robustness_vgg16_widths_by_filter,
)
from reproduce.experiments.rows import Practice, Row, SmallData, Study, gated
from reproduce.models import NETWORKS
from reproduce.runs.settings import Settings

# Training images, and epochs: fewer steps where there are fewer images, but thousands still.
SMALL_DATA = {500: 400, 1000: 250, 4000: 100, 16_000: 40, 60_000: 20}


def priors_small_data(dataset: str | None = None) -> SmallData:
    """Where the form of the prior can be seen (claim H5): prices in nats that fall with N.

    Price and weight decay per sample are those of the compact point; at 60,000 images a gate's
    price is 39 nats, at 500 a third of one.
    """
    compact = preset("lenet_300_100", "full", dataset)["compact"].settings
    base = replace(compact, method="gates_weighed", batch_size=64, learning_rate=0.1)
    whole = max(SMALL_DATA)

    def row(prior: str, images: int) -> Row:
        share = images / whole
        settings = replace(
            gated(base, prior=prior, log_gamma=round(base.gates.log_gamma * share, 6)),
            train_images=images if images < whole else 0,
            epochs=SMALL_DATA[images],
            weight_precision=round(base.weight_precision * share, 6),
        )
        return Row(f"{TITLES[prior]}, N = {images:,}", settings)

    groups = {TITLES[prior]: tuple(row(prior, n) for n in SMALL_DATA) for prior in TITLES}
    return SmallData("priors_small_data", "Priors on small data", groups, seeds=3)


TITLES = {"flattening": "flattening", "fixed": "fixed prior", "beta": "Beta hyper-prior"}

FIVE_SIGMA = 0.9999997  # confidence of a one-sided test at five standard errors


def theory_in_practice(dataset: str | None = None) -> Practice:
    """The compact point of both LeNets, watched; and the same with stricter tests in P4.

    LeNet-300-100's by the second-order estimator too, attached later, at the same price.
    """
    groups: dict[str, tuple[Row, ...]] = {}
    for network, size in (("lenet_300_100", "full"), ("lenet_5", "short")):
        compact = preset(network, size, dataset)["compact"].settings
        title = NETWORKS[network].title
        groups[title] = _watched(title, f"{title}, compact point", compact)
    title = NETWORKS["lenet_300_100"].title
    late = replace(gated(groups[title][0].settings, **NOISELESS), attach_at=0.1)
    groups[title] += (Row(f"{title}, second order", late),)
    return Practice("theory_in_practice", "Theory in practice", groups, seeds=3)


def theory_in_practice_vgg16(dataset: str | None = None) -> Practice:
    """A quarter of VGG16's filters at the compact point, watched; and stricter tests in P4."""
    compact = methods_vgg16_quarter(dataset)["compact"].settings
    groups = {"VGG16": _watched("VGG16", "VGG16 from a quarter of its filters", compact)}
    return Practice("theory_in_practice_vgg16", "Theory in practice", groups, seeds=1)


def _watched(network: str, label: str, compact: Settings) -> tuple[Row, ...]:
    """The run with every removal measured; and the same with stricter tests in P4."""
    watched = replace(compact, method="gates_watched")
    return (
        Row(label, watched),
        Row(f"{network}, P4 with 99.9 % confidence", gated(watched, confidence=0.999)),
        Row(f"{network}, P4 with five standard errors", gated(watched, confidence=FIVE_SIGMA)),
    )


STUDIES: dict[str, Callable[[str | None], Study]] = {
    "budgets_lenet_300_100": budgets_lenet_300_100,
    "budgets_lenet_5": budgets_lenet_5,
    "budgets_vgg16_quarter": budgets_vgg16_quarter,
    "budgets_resnet20": budgets_resnet20,
    "robustness_lenet_300_100": robustness_lenet_300_100,
    "robustness_lenet_5": robustness_lenet_5,
    "robustness_lenet_5_hasty": robustness_lenet_5_hasty,
    "robustness_lenet_5_second_order": robustness_lenet_5_second_order,
    "robustness_vgg16": robustness_vgg16,
    "robustness_vgg16_widths": robustness_vgg16_widths,
    "robustness_vgg16_widths_by_filter": robustness_vgg16_widths_by_filter,
    "ablation": ablation,
    "priors_small_data": priors_small_data,
    "methods_lenet_5": methods_lenet_5,
    "methods_vgg16": methods_vgg16,
    "methods_vgg16_long": methods_vgg16_long,
    "methods_vgg16_full_long": methods_vgg16_full_long,
    "methods_vgg16_half_long": methods_vgg16_half_long,
    "methods_vgg16_quarter": methods_vgg16_quarter,
    "methods_vgg16_quarter_long": methods_vgg16_quarter_long,
    "methods_resnet20": methods_resnet20,
    "methods_resnet20_long": methods_resnet20_long,
    "exploration_lenet_300_100": exploration_lenet_300_100,
    "exploration_lenet_5": exploration_lenet_5,
    "exploration_vgg16": exploration_vgg16,
    "theory_in_practice": theory_in_practice,
    "theory_in_practice_vgg16": theory_in_practice_vgg16,
}


def study(name: str, dataset: str | None = None) -> Study:
    """Raises UserError for a name that is not declared."""
    if name not in STUDIES:
        raise unknown("study", name, STUDIES)
    return STUDIES[name](dataset)
