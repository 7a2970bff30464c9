"""The studies: declared lists of runs that `parsimony study` trains and keeps in results/."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from reproduce.errors import unknown
from reproduce.experiments.presets import preset
from reproduce.experiments.rows import (
    Budgets,
    Comparison,
    Exploration,
    Practice,
    Preset,
    Row,
    SmallData,
    Study,
)
from reproduce.gates.estimators import ESTIMATORS
from reproduce.gates.prices import rates
from reproduce.methods.rivals import CUT_AT
from reproduce.models import INITIALISATION_TITLES, NETWORKS
from reproduce.runs.kinds import METHODS
from reproduce.runs.settings import Settings
from reproduce.surgery.chain import trace


def budgets(dataset: str | None = None) -> Budgets:
    """A share of LeNet-300-100's MACs is asked for; beside it the rows whose price was chosen."""
    wanted = preset("lenet_300_100", "full", dataset)
    by_hand = tuple(wanted[name] for name in ("accuracy", "compact"))
    start = by_hand[0].settings
    asked = tuple(
        Row(f"{100 * share:g} % asked for", _gated(start, target_macs=share))
        for share in (0.3, 0.1)
    )
    groups = {"budget": asked, "price": by_hand}
    return Budgets("budgets", "Budgets", groups, seeds=3, shares=wanted.name)


def robustness_lenet_300_100(dataset: str | None = None) -> Study:
    """One price, every initialisation of weights and gates, starting sizes from 1/2 to 8 times."""
    start = _start(dataset)
    rows = [Row(title, replace(start, init=init)) for init, title in INITIALISATION_TITLES.items()]
    for first, second in ((150, 50), (600, 200), (1200, 400), (2400, 800)):
        rows.append(Row(f"784-{first}-{second}", replace(start, widths=(784, first, second))))
    rows += [Row(f"θ₀ = {theta0}", _gated(start, theta0=theta0)) for theta0 in (0.3, 0.7, 0.9)]
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


def robustness_vgg16(dataset: str | None = None) -> Study:
    """VGG16 at half width from two initialisations, which is hours of one core each."""
    start = preset("vgg16", "short", dataset)["early"].settings
    half = replace(start, widths=tuple(width // 2 for width in start.widths))
    rows = [
        Row(f"half width, {INITIALISATION_TITLES[init]}", replace(half, init=init))
        for init in ("kaiming_normal", "xavier")
    ]
    return Study("robustness_vgg16", "Robustness", {"flattening": tuple(rows)}, 1, shares="short")


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
            Row(f"{kind}: {label}", _gated(settings, **changes))
            for label, settings in starts.items()
        )
        for kind, changes in kinds.items()
    }
    return Study("ablation", "Ablation", groups, seeds=3, shares="robustness_lenet_300_100")


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
            _gated(base, prior=prior, log_gamma=round(base.gates.log_gamma * share, 6)),
            train_images=images if images < whole else 0,
            epochs=SMALL_DATA[images],
            weight_precision=round(base.weight_precision * share, 6),
        )
        return Row(f"{TITLES[prior]}, N = {images:,}", settings)

    groups = {TITLES[prior]: tuple(row(prior, n) for n in SMALL_DATA) for prior in TITLES}
    return SmallData("priors_small_data", "Priors on small data", groups, seeds=3)


TITLES = {"flattening": "flattening", "fixed": "fixed prior", "beta": "Beta hyper-prior"}

FIVE_SIGMA = 0.9999997  # confidence of a one-sided test at five standard errors

NOISELESS: dict[str, Any] = {"estimator": "gauss_newton", "floor": 0.0, "theta0": 1.0, "alpha": 0.5}

RIVALS = {kind.rival: name for name, kind in METHODS.items() if kind.rival}
NEED_BATCH_NORM = [name for name in RIVALS.values() if METHODS[name].needs_batch_norm]
ONLY_CHAINS = [name for name in RIVALS.values() if METHODS[name].chains_only]


def methods_lenet_5(dataset: str | None = None) -> Comparison:
    """Our rows of LeNet-5 beside rival methods of the same sizes or prices; no batch norm here.

    Our two small rows come with twice the epochs too: that still costs less than a rival's run.
    """
    study = _methods("lenet_5", dataset, without=NEED_BATCH_NORM)
    title = "ours, twice the epochs"
    longer = tuple(
        row.by(title, replace(row.settings, epochs=2 * row.settings.epochs))
        for row in study.groups["ours"]
        if row.name in ("compact", "smallest")
    )
    return replace(study, groups=study.groups | {title: longer})


def methods_vgg16(dataset: str | None = None) -> Comparison:
    """Our rows of VGG16, two of them from scratch: each run is hours of one core at full width.

    The rivals are in ``methods_vgg16_quarter``.
    """
    wanted = preset("vgg16", "short", dataset)
    ours = [wanted[name] for name in ("compact", "late", "middle", "smallest")]
    rivals = [name for name in RIVALS.values() if name != "scratch"]
    study = _compared("methods_vgg16", [wanted.dense, *ours], wanted, rivals)
    title = METHODS["scratch"].rival
    again = tuple(row for row in study.groups[title] if row.name in ("compact", "smallest"))
    return replace(study, groups=study.groups | {title: again})


def methods_vgg16_long(dataset: str | None = None) -> Comparison:
    """VGG16 for 60 epochs, for an accelerator: ours by the second-order estimator, from scratch.

    Gates open without noise, wait for six epochs of learning, and are decided by the eighteenth.
    """
    wanted = preset("vgg16", "short", dataset)
    base = replace(wanted["smallest"].settings, epochs=60, attach_at=0.1, freeze_at=0.3)
    base = _gated(base, **NOISELESS)
    rows = [Row("dense", replace(base, method="dense"))]
    for name, price in (("accuracy", 40.0), ("compact", 60.0), ("smallest", 90.0)):
        rows.append(Row.ours(name, f"{name} point", _gated(base, log_gamma=price)))
    others = [name for name in RIVALS.values() if name != "scratch"]
    study = _compared("methods_vgg16_long", rows, wanted, others)
    return replace(study, title="Methods, 60 epochs", seeds=3, shares=None)


def methods_vgg16_quarter(dataset: str | None = None) -> Comparison:
    """All methods from a quarter of VGG16's filters, which one core trains in twenty minutes."""
    wanted = preset("vgg16", "short", dataset)
    smallest = wanted["smallest"].settings
    widths = tuple(width // 4 for width in smallest.widths)
    base = replace(smallest, widths=widths, precision="float32")
    rows = [Row("dense", replace(base, method="dense"))]
    for name, price in (("accuracy", 80.0), ("compact", 120.0), ("smallest", 160.0)):
        rows.append(Row.ours(name, f"{name} point", _gated(base, log_gamma=price)))
    study = _compared("methods_vgg16_quarter", rows, wanted)
    # At the same prices it ends far smaller than ours; one more, so that the curves overlap.
    title = "hard-concrete L0"
    hard = {row.name: row for row in study.groups[title]}
    half = _gated(hard["accuracy"].settings, log_gamma=40.0)
    cheap = Row(f"{title}, half of the first price", half)
    second = "ours, second order"
    fast = tuple(
        row.by(second, replace(second_order(base, nats), attach_at=0.2))
        for row, nats in zip(rows[1:], (80.0, 140.0, 240.0))
    )
    dense, ours, *others = (study.groups | {title: (*hard.values(), cheap)}).items()
    groups = dict([dense, ours, (second, fast), *others])
    return replace(study, title="Methods, from a quarter of the filters", groups=groups)


def second_order(base: Settings, nats: float, **changes: Any) -> Settings:
    """Gates by the second-order estimator: open at first, without noise, frozen halfway.

    Priced by MACs alone: see the table of what was tried on the validation split.
    """
    gates: dict[str, Any] = {"price": "macs", "log_gamma": nats} | NOISELESS | changes
    return _gated(replace(base, freeze_at=0.5), **gates)


def exploration_vgg16(dataset: str | None = None) -> Exploration:
    """What filters pay for, and when, from a quarter of VGG16's: before the rows were chosen."""
    base = replace(methods_vgg16_quarter(dataset)["smallest"].settings, judged_on="validation")
    early = replace(second_order(base, 120.0, price="params+macs"), attach_at=0.1)
    later = replace(second_order(base, 120.0), attach_at=0.2, freeze_at=0.4)
    rows = (Row("parameters and MACs, early", early), Row("MACs, an epoch later", later))
    return Exploration("exploration_vgg16", EXPLORED, {"": rows}, seeds=1)


def exploration_lenet_300_100(dataset: str | None = None) -> Exploration:
    """LeNet-300-100: every estimator at one price, and the prior on the weights."""
    wanted = preset("lenet_300_100", "full", dataset)
    short = replace(wanted["compact"].settings, epochs=20, judged_on="validation")
    long = replace(wanted["smallest"].settings, judged_on="validation")
    rows = [Row(name, _gated(short, estimator=name)) for name in ESTIMATORS]
    for decay in (12.0, 40.0):
        rows.append(Row(f"lambda {decay:g}", replace(long, weight_precision=decay)))
    return Exploration("exploration_lenet_300_100", EXPLORED, {"": tuple(rows)}, seeds=1)


EXPLORED = "What was tried on the validation split"


def methods_resnet20(dataset: str | None = None) -> Comparison:
    """Our rows of ResNet-20 beside their architectures from scratch; the rest know only chains."""
    return _methods("resnet20", dataset, without=ONLY_CHAINS)


def theory_in_practice(dataset: str | None = None) -> Practice:
    """The compact point of both LeNets, watched; and the same with stricter tests in P4.

    LeNet-300-100's with the second-order estimator too, all else as it is.
    """
    groups: dict[str, tuple[Row, ...]] = {}
    for network, size in (("lenet_300_100", "full"), ("lenet_5", "short")):
        compact = preset(network, size, dataset)["compact"].settings
        title = NETWORKS[network].title
        groups[title] = _watched(title, f"{title}, compact point", compact)
    title = NETWORKS["lenet_300_100"].title
    second = _gated(groups[title][0].settings, estimator="gauss_newton")
    groups[title] += (Row(f"{title}, second order", second),)
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
        Row(f"{network}, P4 with 99.9 % confidence", _gated(watched, confidence=0.999)),
        Row(f"{network}, P4 with five standard errors", _gated(watched, confidence=FIVE_SIGMA)),
    )


def _methods(network: str, dataset: str | None, without: Sequence[str] = ()) -> Comparison:
    wanted = preset(network, "short", dataset)
    return _compared(f"methods_{network}", wanted.rows, wanted, without)


def _compared(
    name: str, rows: Sequence[Row], wanted: Preset, without: Sequence[str] = ()
) -> Comparison:
    """A dense row and ours, and the rivals of each of ours, in the folder of a preset."""
    dense, *ours = rows
    groups = {"dense": (dense,), "ours": tuple(ours)}
    for title, method in RIVALS.items():
        if method not in without:
            groups[title] = tuple(row.by(title, _rival(row.settings, method)) for row in ours)
    return Comparison(name, "Methods", groups, wanted.seeds, shares=wanted.name)


def _rival(settings: Settings, method: str) -> Settings:
    """A run's settings with another method.

    Hard-concrete gates move by one learning rate a step, whatever the price, and need longer than
    a tenth of few epochs: they have until the cut of the other rivals. They begin at 1/2, as on
    LeNet-5: further open, the derivative of their penalty all but vanishes.
    """
    if method == "hard_concrete":
        settings = replace(settings, freeze_at=max(settings.freeze_at, CUT_AT))
        settings = _gated(settings, theta0=0.5)
    return replace(settings, method=method)


def _start(dataset: str | None) -> Settings:
    """What the starts of LeNet-300-100 have in common."""
    start = preset("lenet_300_100", "full", dataset).starts[0].settings
    return _waiting(start, start.gates.closing_steps)


def _waiting(start: Settings, steps: int) -> Settings:
    """Gates that wait until the weights of every start have learnt, and then close fast.

    They end nearer together than gates that close slowly from the first step.
    """
    return _gated(start, waiting_steps=steps, closing_steps=steps // 20)


def _lenet_5_starts(dataset: str | None) -> list[Row]:
    start = preset("lenet_5", "short", dataset)["compact"].settings
    rows = [Row(title, replace(start, init=init)) for init, title in INITIALISATION_TITLES.items()]
    for widths in ((10, 25, 400, 250), (40, 100, 1600, 1000)):
        rows.append(Row("-".join(map(str, widths)), _resized(start, widths)))
    rows += [Row(f"θ₀ = {theta0}", _gated(start, theta0=theta0)) for theta0 in (0.3, 0.7, 0.9)]
    return rows


def _resized(settings: Settings, widths: tuple[int, ...]) -> Settings:
    """Settings on MNIST from another size; what one MAC is charged stays as it is."""

    def charged(widths: tuple[int, ...]) -> float:
        with torch.device("meta"):  # only shapes count
            plan = trace(NETWORKS[settings.network].build(widths, 10), torch.zeros(2, 1, 28, 28))
        return rates(plan, settings.gates, samples=1)[settings.gates.price]

    price = settings.gates.log_gamma * charged(settings.widths) / charged(widths)
    return _gated(replace(settings, widths=widths), log_gamma=round(price, 3))


def _gated(settings: Settings, **changes: Any) -> Settings:
    return replace(settings, gates=replace(settings.gates, **changes))


STUDIES: dict[str, Callable[[str | None], Study]] = {
    "budgets": budgets,
    "robustness_lenet_300_100": robustness_lenet_300_100,
    "robustness_lenet_5": robustness_lenet_5,
    "robustness_lenet_5_hasty": robustness_lenet_5_hasty,
    "robustness_vgg16": robustness_vgg16,
    "ablation": ablation,
    "priors_small_data": priors_small_data,
    "methods_lenet_5": methods_lenet_5,
    "methods_vgg16": methods_vgg16,
    "methods_vgg16_long": methods_vgg16_long,
    "methods_vgg16_quarter": methods_vgg16_quarter,
    "methods_resnet20": methods_resnet20,
    "exploration_lenet_300_100": exploration_lenet_300_100,
    "exploration_vgg16": exploration_vgg16,
    "theory_in_practice": theory_in_practice,
    "theory_in_practice_vgg16": theory_in_practice_vgg16,
}


def study(name: str, dataset: str | None = None) -> Study:
    """Raises UserError for a name that is not declared."""
    if name not in STUDIES:
        raise unknown("study", name, STUDIES)
    return STUDIES[name](dataset)
