"""Methods beside each other: ours at several sizes, and for each of them its rivals."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reproduce.experiments.presets import NOISELESS, preset
from reproduce.experiments.rows import Comparison, Preset, Row, gated
from reproduce.gates.config import WHEN_LEARNT
from reproduce.methods.rivals import CUT_AT
from reproduce.runs.kinds import METHODS
from reproduce.runs.settings import Settings

RIVALS = {kind.rival: name for name, kind in METHODS.items() if kind.rival}
NEED_BATCH_NORM = [name for name in RIVALS.values() if METHODS[name].needs_batch_norm]
BOTH = "ours, MACs and parameters"
ONLY_CHAINS = [name for name in RIVALS.values() if METHODS[name].chains_only]


def methods_lenet_5(dataset: str | None = None) -> Comparison:
    """Our rows of LeNet-5 beside rival methods of the same sizes or prices; no batch norm here.

    Our two small rows come with twice the epochs too: that still costs less than a rival's run. So
    do gates that are attached later. Torch-Pruning was run for the smallest only.
    """
    study = _methods("lenet_5", dataset, without=NEED_BATCH_NORM)
    compact, smallest = (study[name] for name in ("compact", "smallest"))
    late, twice = "ours, attached later", "ours, twice the epochs"
    later = smallest.by(late, attached_later(smallest.settings, 40.0))
    longer = tuple(
        row.by(twice, replace(row.settings, epochs=2 * row.settings.epochs))
        for row in (compact, smallest)
    )
    group_norm = METHODS["torch_pruning"].rival
    small = study.groups[group_norm][-1:]
    return replace(study, groups=study.groups | {group_norm: small, late: (later,), twice: longer})


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

    Gates open without noise are attached after six epochs of learning, and come down to a budget
    of MACs and of parameters until the eighteenth.
    """
    wanted = preset("vgg16", "short", dataset)
    base = replace(wanted["smallest"].settings, epochs=60, attach_at=0.1, freeze_at=0.3)
    base = gated(base, **NOISELESS, waiting_steps=WHEN_LEARNT)
    sizes = (0.45, 0.15), (0.35, 0.1), (0.2, 0.05)
    rows = [
        Row("dense", replace(base, method="dense")),
        *(_both(base, macs, params) for macs, params in sizes),
    ]
    others = [name for name in RIVALS.values() if name != "scratch"]
    study = _compared("methods_vgg16_long", rows, wanted, others)
    return replace(study, title="Methods, 60 epochs", seeds=3, shares=None)


def methods_vgg16_quarter(dataset: str | None = None) -> Comparison:
    """Methods from a quarter of VGG16's filters, which one core trains in twenty minutes."""
    wanted = preset("vgg16", "short", dataset)
    smallest = wanted["smallest"].settings
    widths = tuple(width // 4 for width in smallest.widths)
    base = replace(smallest, widths=widths, precision="float32")
    rows = [Row("dense", replace(base, method="dense"))]
    for name, price in (("accuracy", 80.0), ("compact", 120.0), ("smallest", 160.0)):
        rows.append(Row.ours(name, f"{name} point", gated(base, log_gamma=price)))
    study = _compared("methods_vgg16_quarter", rows, wanted)
    # At the same prices it ends far smaller than ours; one more, so that the curves overlap.
    title = "hard-concrete L0"
    hard = {row.name: row for row in study.groups[title]}
    half = gated(hard["accuracy"].settings, log_gamma=40.0)
    cheap = Row(f"{title}, half of the first price", half)
    second = "ours, second order"
    fast = tuple(
        row.by(second, replace(second_order(base, nats), attach_at=0.2))
        for row, nats in zip(rows[1:], (80.0, 140.0, 240.0))
    )
    scratch = f"{METHODS['scratch'].rival}, second order"
    again = fast[-1].by(scratch, _rival(fast[-1].settings, "scratch"))
    dense, ours, *others = (study.groups | {title: (*hard.values(), cheap)}).items()
    groups = dict([dense, ours, (second, fast), *others, (scratch, (again,))])
    return replace(study, title="Methods, from a quarter of the filters", groups=groups)


def methods_vgg16_full_long(dataset: str | None = None) -> Comparison:
    """All of VGG16's filters for 30 epochs, in bfloat16: at this width a step is long without.

    Asked for MACs alone, it keeps a third of the parameters; so it is asked for both, too.
    """
    study = _vgg16_long("methods_vgg16_full_long", "all", 4, dataset, "bfloat16")
    (macs,) = study.groups["ours, second order"]
    both = _both(macs.settings, 0.45, 0.15)
    return replace(study, groups=study.groups | {BOTH: (both,)})


def methods_vgg16_half_long(dataset: str | None = None) -> Comparison:
    """From half of VGG16's filters for 30 epochs: dense, and ours at a budget."""
    return _vgg16_long("methods_vgg16_half_long", "half", 2, dataset)


def methods_vgg16_quarter_long(dataset: str | None = None) -> Comparison:
    """From a quarter of VGG16's filters for 30 epochs, at two sizes; these from scratch, too."""
    sizes = 0.4, 0.3
    study = _vgg16_long("methods_vgg16_quarter_long", "a quarter", 1, dataset, sizes=sizes)
    title = METHODS["scratch"].rival
    again = tuple(
        row.by(title, _rival(row.settings, "scratch")) for row in study.groups["ours, second order"]
    )
    return replace(study, groups=study.groups | {title: again}, seeds=2)


def _vgg16_long(
    name: str,
    share: str,
    quarters: int,
    dataset: str | None,
    precision: str = "float32",
    sizes: Sequence[float] = (0.4,),
) -> Comparison:
    """VGG16 for 30 epochs: dense, and ours asked for shares of the MACs.

    Args:
        name: of the study.
        share: of the filters, in words.
        quarters: the same in numbers.
        precision: of the layers' arithmetic.
        sizes: the shares of the MACs.
    """
    study = methods_vgg16_quarter(dataset)
    ours = study.groups["ours, second order"][0].settings
    wide: dict[str, Any] = {
        "widths": tuple(quarters * width for width in ours.widths),
        "precision": precision,
    }
    groups = _thirty_epochs(replace(study.dense.settings, **wide), replace(ours, **wide), sizes)
    title = f"Methods, 30 epochs, from {share} of the filters"
    return Comparison(name, title, groups, 1, shares=study.shares)


def _both(settings: Settings, macs: float, params: float) -> Row:
    """A budget of MACs and of parameters."""
    point = f"{100 * macs:g} % and {100 * params:g} % asked for"
    asked = gated(settings, price="unit", target_macs=macs, target_params=params)
    return Row(f"{BOTH}, {point}", asked, point=point)


def methods_resnet20(dataset: str | None = None) -> Comparison:
    """Our rows of ResNet-20 beside their architectures from scratch; the rest know only chains."""
    return _methods("resnet20", dataset, without=ONLY_CHAINS)


def methods_resnet20_long(dataset: str | None = None) -> Comparison:
    """ResNet-20 for 30 epochs: dense, and ours asked for three fifths of the MACs."""
    short = preset("resnet20", "short", dataset)
    dense = short.dense.settings
    groups = _thirty_epochs(dense, second_order(short["accuracy"].settings, 75.0), [0.6])
    name, title = "methods_resnet20_long", "Methods, 30 epochs"
    return Comparison(name, title, groups, 2, shares=short.folder)


def _thirty_epochs(
    dense: Settings, short: Settings, sizes: Sequence[float]
) -> dict[str, tuple[Row, ...]]:
    """Dense training for 30 epochs, and ours asked for shares of the MACs.

    Weights learn for four epochs without gates; these come down to the budget until the twelfth.

    Args:
        dense: for fewer epochs.
        short: likewise ours of second order, at a price.
        sizes: the shares of the MACs that are asked for.
    """
    second = "ours, second order"
    long = replace(short, epochs=30, attach_at=4 / 30, freeze_at=0.4)
    ours = []
    for share in sizes:
        asked = gated(long, waiting_steps=WHEN_LEARNT, target_macs=share)
        point = f"{100 * share:g} % asked for"
        ours.append(Row(f"{second}, {point}", asked, point=point))
    return {"dense": (Row("dense", replace(dense, epochs=30)),), second: tuple(ours)}


def second_order(base: Settings, nats: float, **changes: Any) -> Settings:
    """Gates by the second-order estimator: open at first, without noise, frozen halfway.

    Priced by MACs alone: see the table of what was tried on the validation split.
    """
    gates: dict[str, Any] = {"price": "macs", "log_gamma": nats} | NOISELESS | changes
    return gated(replace(base, freeze_at=0.5), **gates)


def attached_later(base: Settings, nats: float) -> Settings:
    """Gates of LeNet-5 that come to weights which have learnt, and close five times as slowly."""
    slow = gated(base, log_gamma=nats, alpha=0.5, closing_steps=5 * base.gates.closing_steps)
    return replace(slow, attach_at=0.1)


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
        settings = gated(settings, theta0=0.5)
    return replace(settings, method=method)
