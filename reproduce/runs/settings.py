"""All settings of one run, as one frozen dataclass; the command line derives from it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reproduce.errors import unknown
from reproduce.fields import as_floats, before, kept, later, require, setting
from reproduce.gates.config import GateConfig
from reproduce.models import INITIALISATIONS, NETWORKS
from reproduce.runs.kinds import METHODS

SCHEMA = 1  # raised when a field changes its meaning, so that an old hash never stands for new code
DATASETS = tuple(dict.fromkeys(name for network in NETWORKS.values() for name in network.datasets))
JUDGES = ("test", "validation")
PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class Settings:
    """What is trained, on what, and how. Raises UserError for a value out of range."""

    network: str = field(
        default="lenet_300_100", metadata={"positional": True, "help": "which network"}
    )
    dataset: str = setting("", "data set", DATASETS)
    method: str = setting("gates", "what is trained, and pruned how", tuple(METHODS))
    widths: tuple[int, ...] = setting((), "starting widths, such as 784-300-100")
    init: str = setting("kaiming_normal", "initialisation of the weights", tuple(INITIALISATIONS))
    seed: int = setting(0, "seed of initial weights, batches and gates")
    epochs: int = setting(60, "epochs in all")
    batch_size: int = setting(128, "samples per step")
    precision: str = later("float32", "of the layers' arithmetic in training", PRECISIONS)
    flip: bool = later(False, "mirror every second training image")
    shift: int = setting(0, "training images move by up to so many pixels each way, 0 to 4")
    learning_rate: float = setting(
        0.0, "first step of SGD, falls to 0 by half a cosine; 0: what suits the network"
    )
    warm_up: int = later(0, "steps over which the learning rate rises to its first value")
    weight_precision: float = setting(12.0, "lambda of the prior N(0, 1/lambda), nats, >= 0")
    attach_at: float = later(0.0, "share of the epochs trained without gates at first, in [0, 1)")
    freeze_at: float = setting(0.9, "share of the epochs after which gates are frozen, in (0, 1]")
    judged_on: str = setting("test", "held-out images: test set, or part of the training", JUDGES)
    train_images: int = later(0, "training images used, drawn by the seed; 0: all")
    gates: GateConfig = GateConfig()

    def __post_init__(self) -> None:
        as_floats(self)
        if self.network not in NETWORKS:
            raise unknown("network", self.network, NETWORKS)
        network = NETWORKS[self.network]
        widths = self.widths or network.widths
        if not self.dataset:
            object.__setattr__(self, "dataset", network.datasets[0])
        if self.learning_rate == 0:
            object.__setattr__(self, "learning_rate", network.learning_rate)
        require(
            self,
            {
                "dataset": (
                    self.dataset in network.datasets,
                    f"one that {network.title} can take: " + ", ".join(network.datasets),
                ),
                "method": (self.method in METHODS, "one of " + ", ".join(METHODS)),
                "widths": (
                    len(widths) == len(network.widths) and min(widths) > 0 and network.fits(widths),
                    f"{len(network.widths)} numbers above 0{network.rule}, such as "
                    + "-".join(map(str, network.widths)),
                ),
                "init": (self.init in INITIALISATIONS, "one of " + ", ".join(INITIALISATIONS)),
                "seed": (0 <= self.seed < 2**31, "in [0, 2^31)"),
                "epochs": (self.epochs >= 1, "at least 1"),
                "precision": (self.precision in PRECISIONS, "one of " + ", ".join(PRECISIONS)),
                "batch_size": (self.batch_size >= 2, "at least 2"),
                "shift": (0 <= self.shift <= 4, "in 0 to 4"),
                "learning_rate": (self.learning_rate > 0, "above 0, or 0"),
                "warm_up": (self.warm_up >= 0, "at least 0"),
                "weight_precision": (self.weight_precision >= 0, "at least 0"),
                "attach_at": (
                    0 <= self.attach_at < 1 and self.attach_epoch < self.freeze_epoch,
                    f"in [0, 1), and an epoch before freeze_at ({self.freeze_at})",
                ),
                "freeze_at": (0 < self.freeze_at <= 1, "in (0, 1]"),
                "train_images": (self.train_images >= 0, "at least 0"),
                "judged_on": (self.judged_on in JUDGES, "one of " + ", ".join(JUDGES)),
            },
        )
        object.__setattr__(self, "widths", tuple(widths))
        if not self.gated:  # so that a stored run equals the settings it was made with
            object.__setattr__(self, "gates", GateConfig())

    @property
    def gated(self) -> bool:
        """Whether the settings of the gates matter."""
        return METHODS[self.method].gated

    @property
    def source(self) -> "Settings | None":
        """The run that says what size to end at, for a method that takes it from another."""
        needs = METHODS[self.method].needs
        return replace(self, method=needs) if needs else None

    @property
    def attach_epoch(self) -> int:
        """How many epochs are trained before the gates are attached."""
        return round(self.epochs * self.attach_at)

    @property
    def freeze_epoch(self) -> int:
        """The epoch after which the gates are frozen, counted from 1."""
        return max(1, round(self.epochs * self.freeze_at))

    @property
    def gated_epochs(self) -> int:
        """How many epochs are trained with gates."""
        return self.freeze_epoch - self.attach_epoch

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON has them; a method without gates has none of their fields.

        A field that came later is left out while it has its default: older hashes stand.
        """
        content = kept(self) | {"widths": list(self.widths), "schema": SCHEMA}
        del content["gates"]
        return content | ({"gates": kept(self.gates)} if self.gated else {})

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Settings":
        rest = {k: v for k, v in content.items() if k not in ("schema", "gates")}
        if "gates" in content:
            rest["gates"] = GateConfig(**before(GateConfig) | content["gates"])
        return cls(**before(cls) | rest | {"widths": tuple(rest["widths"])})

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, the first 12 hexadecimal digits."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """The run's folder."""
        return f"{self.network}-{self.method}-{self.hash}"

    def with_seed(self, seed: int) -> "Settings":
        return replace(self, seed=seed)


def differences(several: Sequence[Settings]) -> list[dict[str, Any]]:
    """For each of several settings the values of those fields in which they are not all alike.

    Fields of the gates among them, which settings without gates do not have.
    """
    flat = [{**vars(one), **(vars(one.gates) if one.gated else {})} for one in several]
    known = dict.fromkeys(name for one in flat for name in one if name != "gates")
    differ = [name for name in known if len({one[name] for one in flat if name in one}) > 1]
    return [{name: one[name] for name in differ if name in one} for one in flat]
