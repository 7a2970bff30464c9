"""What is run for each network: the rows of its table as settings, in the sizes on offer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reproduce.errors import UserError, unknown
from reproduce.experiments.rows import Preset, Row, gated
from reproduce.gates.config import GateConfig
from reproduce.models import NETWORKS
from reproduce.runs.settings import Settings

# Gates of a deep network that have some epochs to close.
SLOW: dict[str, Any] = {"alpha": 0.5, "waiting_steps": 300, "closing_steps": 150}
# How the gates of the published runs move, unless a preset says otherwise: stated here, so that the
# defaults can change and stored runs keep their names.
AS_PUBLISHED = GateConfig(
    log_gamma=12.0, estimator="path", rho=0.3, floor=0.05, theta0=0.5, alpha=0.3,
    closing_steps=500, confidence=0.95, waiting_steps=0,
)  # fmt: skip
# Gates that need no noise: of second order, open at first.
NOISELESS: dict[str, Any] = {"estimator": "gauss_newton", "floor": 0.0, "theta0": 1.0, "alpha": 0.5}
SAMPLE = 4000 / 60000  # the embedded sample's training images against all of MNIST


def _ours(base: Settings, log_gamma: float, **changes: Any) -> Settings:
    """Gates at a price in nats, and other changes of the gates."""
    return gated(base, log_gamma=log_gamma, **changes)


def lenet_300_100(name: str, dataset: str) -> Preset:
    """LeNet-300-100, the main job: ``quick`` in minutes, ``full`` in hours."""
    epochs, seeds = {"quick": (8, 1), "full": (50, 5)}[name]
    base, nats = _on_mnist(
        Settings(network="lenet_300_100", epochs=epochs, gates=AS_PUBLISHED), dataset
    )

    def ours(price: float, **changes: Any) -> Settings:
        return _ours(base, price * nats, **changes)

    # Prices of a unit were chosen on the validation split (see docs/method.md).
    compact = ours(39.0)
    longer: dict[str, Any] = {"epochs": 2 * base.epochs, "freeze_at": 0.7}
    # Shifted images leave more to learn, and less for the prior to prevent.
    shifted: dict[str, Any] = {
        "shift": 1,
        "epochs": 3 * base.epochs,
        "freeze_at": 0.7,
        "weight_precision": base.weight_precision / 3,
    }
    late = replace(ours(42.0, rho=0.2, **NOISELESS), **longer, attach_at=0.1)
    second = Row.ours("second", "second order, smallest point, twice the epochs", late)
    # A gate must not close before the slowest start has learnt anything.
    start = ours(39.0, closing_steps=5 * base.gates.closing_steps)
    return Preset(
        name,
        rows=(
            Row("dense", replace(base, method="dense"), "dense"),
            Row.ours("accuracy", "accuracy point", ours(12.0)),
            Row.ours("compact", "compact point", compact),
            Row.ours(
                "smallest",
                "smallest point, twice the epochs",
                replace(ours(62.0, rho=0.2), **longer),
            ),
            *((second,) if name == "full" else ()),  # the quick one is the main job
            Row.ours(
                "shifted",
                "images shifted by ±1 pixel, thrice the epochs",
                replace(ours(79.0, rho=0.2), **shifted),
            ),
            Row(
                "straight-through at the compact price",
                ours(39.0, estimator="straight_through"),
                "straight_through",
            ),
        ),
        seeds=seeds,
        starts=(
            Row("784-300-100, Kaiming", start),
            Row("784-300-100, Xavier", replace(start, init="xavier")),
            Row("784-300-100, N(0, 0.02²)", replace(start, init="normal_002")),
            Row("784-150-50, Kaiming", replace(start, widths=(784, 150, 50))),
            Row("784-500-300, Kaiming", replace(start, widths=(784, 500, 300))),
            Row("784-1000-500, Kaiming", replace(start, widths=(784, 1000, 500))),
        ),
    )


def lenet_5(name: str, dataset: str) -> Preset:
    """LeNet-5: ``short`` in an hour or two on two cores, ``paper`` for an accelerator."""
    epochs = {"short": 40, "paper": 200}[name]
    base = Settings(
        network="lenet_5",
        epochs=epochs,
        learning_rate=0.1,
        warm_up=400,
        weight_precision=25.0,
        precision="bfloat16",
        gates=replace(AS_PUBLISHED, price="macs", alpha=1.0),
    )
    base, nats = _on_mnist(base, dataset)
    return Preset(
        name,
        rows=(
            Row("dense", replace(base, method="dense"), "dense"),
            Row.ours("accuracy", "accuracy point", _ours(base, 5.0 * nats)),
            Row.ours("compact", "compact point", _ours(base, 26.0 * nats)),
            Row.ours("smallest", "smallest point", _ours(base, 32.0 * nats)),
        ),
        seeds=3,
    )


def vgg16(name: str, dataset: str) -> Preset:
    """VGG16 on CIFAR-10: ``short`` in hours on two cores, ``paper`` for an accelerator."""
    epochs, seeds = {"short": (10, 1), "paper": (200, 3)}[name]
    base = _on_cifar10("vgg16", dataset, epochs, alpha=1.0, waiting_steps=100, closing_steps=60)
    base = replace(base, learning_rate=0.05, freeze_at=0.5)
    # The gates' noise costs accuracy as long as it lasts: nearly all epochs come after the freeze.
    ours = replace(_ours(base, 32.0), freeze_at=0.1)
    # Most parameters stand in the last filters, most MACs in the first: a price for both.
    both = replace(_ours(base, 36.0, price="params+macs"), freeze_at=0.1)
    later = replace(_ours(base, 21.0, **SLOW), freeze_at=0.3)
    # Weights that have had an epoch without noise can do with fewer filters.
    late: dict[str, Any] = {"price": "params+macs", "waiting_steps": 60}
    second_tenth: dict[str, Any] = {"attach_at": 0.1, "freeze_at": 0.2}
    middle = replace(_ours(base, 36.0, alpha=0.5, **late), **second_tenth)
    small = replace(_ours(base, 45.0, **late), **second_tenth)
    return Preset(
        name,
        rows=(
            Row("dense", replace(base, method="dense"), "dense"),
            Row.ours("early", "frozen after a tenth of the epochs", ours),
            Row.ours("compact", "priced by parameters and MACs", both),
            Row.ours("late", "frozen after three tenths", later),
            Row.ours("middle", "gates in the second tenth only", middle),
            Row.ours("smallest", "gates in the second tenth only, smallest", small),
        ),
        seeds=seeds,
    )


def resnet20(name: str, dataset: str) -> Preset:
    """ResNet-20 on CIFAR-10: ``short`` in an hour on two cores, ``paper`` for an accelerator."""
    epochs, seeds = {"short": (16, 1), "paper": (200, 3)}[name]
    base = _on_cifar10("resnet20", dataset, epochs, price="macs", **SLOW)
    base = replace(base, learning_rate=0.1, freeze_at=0.25)
    return Preset(
        name,
        rows=(
            Row("dense", replace(base, method="dense"), "dense"),
            Row.ours("accuracy", "accuracy point", _ours(base, 75.0)),
            Row.ours("compact", "compact point", _ours(base, 95.0)),
        ),
        seeds=seeds,
    )


def _on_cifar10(network: str, dataset: str, epochs: int, **gates: Any) -> Settings:
    """What deep networks on CIFAR-10 have in common, and how their gates move.

    Gates wait at first: before the weights have learnt anything no filter is worth a price.
    """
    noisy = replace(AS_PUBLISHED, estimator="trapezoid", floor=0.03, theta0=0.97, windows=4)
    return Settings(
        network=network,
        dataset=dataset,
        epochs=epochs,
        warm_up=300,  # without it the first hundred steps throw the network back
        weight_precision=25.0,
        precision="bfloat16",
        shift=4,
        flip=True,
        gates=replace(noisy, **gates),
    )


def _on_mnist(base: Settings, dataset: str) -> tuple[Settings, float]:
    """The settings for a data set, and the factor of all prices and of lambda.

    The factor is the data set's size against all of MNIST, so that the trade-off per training
    sample is the same. The sample has fifteen times fewer steps an epoch: more epochs, and gates
    that may close sooner.
    """
    if dataset != "mnist_sample":
        return replace(base, dataset=dataset), 1.0
    gates = replace(base.gates, closing_steps=round(0.3 * base.gates.closing_steps))
    return (
        replace(
            base,
            dataset=dataset,
            epochs=5 * base.epochs,
            weight_precision=base.weight_precision * SAMPLE,
            gates=gates,
        ),
        SAMPLE,
    )


PRESETS: dict[str, tuple[Callable[[str, str], Preset], tuple[str, ...]]] = {
    "lenet_300_100": (lenet_300_100, ("quick", "full")),
    "lenet_5": (lenet_5, ("short", "paper")),
    "vgg16": (vgg16, ("short", "paper")),
    "resnet20": (resnet20, ("short", "paper")),
}
COMMITTED = ("full", "short", "paper")  # presets whose run records belong to the project


def preset(network: str, name: str | None, dataset: str | None = None) -> Preset:
    """The preset of a network, its quickest unless named, on a data set, as published unless named.

    Raises:
        UserError: the network, or a preset of this name, is not on offer.
    """
    if network not in PRESETS:
        raise unknown("network", network, PRESETS)
    build, names = PRESETS[network]
    name = name or names[0]
    if name not in names:
        raise UserError(f"{network} has no preset {name!r}; it has: {', '.join(names)}")
    return build(name, dataset or NETWORKS[network].datasets[0])


def committed() -> list[Preset]:
    """All presets whose results the project keeps, on the published data sets."""
    return [
        build(name, NETWORKS[network].datasets[0])
        for network, (build, names) in PRESETS.items()
        for name in names
        if name in COMMITTED
    ]
