"""What was tried on validation splits before rows were chosen."""

from dataclasses import replace

from reproduce.experiments.comparisons import methods_vgg16_quarter, second_order
from reproduce.experiments.presets import NOISELESS, preset
from reproduce.experiments.rows import Exploration, Row, gated
from reproduce.gates.estimators import ESTIMATORS

EXPLORED = "What was tried on the validation split"


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
    rows = [Row(name, gated(short, estimator=name)) for name in ESTIMATORS]
    for decay in (12.0, 40.0, 150.0):
        rows.append(Row(f"lambda {decay:g}", replace(long, weight_precision=decay)))
    for nats in (38.0, 50.0):
        late = replace(gated(long, log_gamma=nats, **NOISELESS), attach_at=0.1)
        rows.append(Row(f"second order, without noise, later, {nats:g} nats", late))
    return Exploration("exploration_lenet_300_100", EXPLORED, {"": tuple(rows)}, seeds=1)


def exploration_lenet_5(dataset: str | None = None) -> Exploration:
    """LeNet-5 by the second-order estimator: how fast gates may close, and how long they may."""
    compact = preset("lenet_5", "short", dataset)["compact"].settings
    base = replace(compact, judged_on="validation", attach_at=0.1)
    fast = second_order(base, 40.0, waiting_steps=60, closing_steps=200)
    slow = second_order(base, 26.0, waiting_steps=60, alpha=1.0)
    rows = (Row("closing fast", fast), Row("closing slowly", replace(slow, freeze_at=0.6)))
    return Exploration("exploration_lenet_5", EXPLORED, {"": rows}, seeds=1)
