"""What was tried on validation splits before rows were chosen."""

from dataclasses import replace

from reproduce.experiments.comparisons import (
    attached_later,
    methods_vgg16_quarter,
    second_order,
)
from reproduce.experiments.presets import NOISELESS, preset
from reproduce.experiments.rows import Exploration, Row, gated
from reproduce.gates.estimators import ESTIMATORS

EXPLORED = "What was tried on the validation split"


def exploration_vgg16(dataset: str | None = None) -> Exploration:
    """What filters pay for, and when, from a quarter of VGG16's: before the rows were chosen."""
    wanted = methods_vgg16_quarter(dataset)
    base = replace(wanted["smallest"].settings, judged_on="validation")
    early = replace(second_order(base, 120.0, price="params+macs"), attach_at=0.1)
    later = replace(second_order(base, 120.0), attach_at=0.2, freeze_at=0.4)
    accuracy = wanted.groups["ours, second order"][0].settings
    longer = replace(accuracy, judged_on="validation", attach_at=0.1, freeze_at=0.6)
    rows = (
        Row("parameters and MACs, early", early),
        Row("MACs, an epoch later", later),
        Row("MACs, early, the accuracy point", longer),
    )
    return Exploration("exploration_vgg16", EXPLORED, {"": rows}, seeds=1)


def exploration_lenet_300_100(dataset: str | None = None) -> Exploration:
    """LeNet-300-100: every estimator at one price, and the prior on the weights."""
    wanted = preset("lenet_300_100", "full", dataset)
    short = replace(wanted["compact"].settings, epochs=20, judged_on="validation")
    long = replace(wanted["smallest"].settings, judged_on="validation")
    rows = [Row(name, gated(short, estimator=name)) for name in ESTIMATORS]
    for decay in (12.0, 40.0, 150.0):
        rows.append(Row(f"lambda {decay:g}", replace(long, weight_precision=decay)))
    for nats in (38.0, 50.0):
        late = replace(gated(long, log_gamma=nats, **NOISELESS), attach_at=0.1)
        rows.append(Row(f"second order, without noise, later, {nats:g} nats", late))
    return Exploration("exploration_lenet_300_100", EXPLORED, {"": tuple(rows)}, seeds=1)


def exploration_lenet_5(dataset: str | None = None) -> Exploration:
    """LeNet-5: when gates are attached and frozen, how slowly they close, by which estimator."""
    wanted = preset("lenet_5", "short", dataset)
    compact = replace(wanted["compact"].settings, judged_on="validation", attach_at=0.1)
    fast = second_order(compact, 40.0, waiting_steps=60, closing_steps=200)
    slow = second_order(compact, 26.0, waiting_steps=60, alpha=1.0)
    path = replace(wanted["smallest"].settings, judged_on="validation", precision="float32")
    slower = gated(path, log_gamma=24.0, **NOISELESS | {"alpha": 0.3, "closing_steps": 6000})
    later = attached_later(path, 40.0)
    rows = (
        Row("second order, closing fast", fast),
        Row("second order, closing slowly", replace(slow, freeze_at=0.6)),
        Row("second order, slower still", replace(slower, attach_at=0.2, freeze_at=0.8)),
        Row("path", path),
        Row("path, frozen halfway", replace(path, freeze_at=0.5)),
        Row("path, attached later", attached_later(path, 32.0)),
        Row("path, attached later, 40 nats", later),
        Row("path, attached later, 40 nats, frozen earlier", replace(later, freeze_at=0.6)),
    )
    return Exploration("exploration_lenet_5", EXPLORED, {"": rows}, seeds=1)
