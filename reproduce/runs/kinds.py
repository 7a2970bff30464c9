"""What a method is, as far as settings and studies ask; its class is loaded when it is to train."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A registered method.

    Attributes:
        home: its module in ``methods``, and its class there.
        gated: whether the settings of the gates belong to its own.
        needs: the method whose finished run with the same settings says what size to end at.
        chains_only: whether the network's layers must form a chain.
        needs_batch_norm: whether it looks at the scales of batch norm.
        shareable: whether several devices can share it: its random numbers are drawn for the whole
            batch.
        rival: what it is called beside ours in a comparison of methods, if it is compared.
    """

    home: str
    gated: bool = True
    needs: str | None = None
    chains_only: bool = False
    needs_batch_norm: bool = False
    shareable: bool = False
    rival: str = ""

    def load(self) -> Any:
        """The class, a ``methods.base.Method``."""
        module, _, name = self.home.partition(".")
        return getattr(import_module(f"reproduce.methods.{module}"), name)


METHODS = {
    "gates": Kind("learnt_gates.LearntGates", shareable=True),
    "gates_watched": Kind("witness.Witness", chains_only=True),
    "gates_weighed": Kind("weighed.Weighed"),
    "dense": Kind("base.Dense", gated=False, shareable=True),
    "scratch": Kind("rivals.Scratch", needs="gates", rival="our architecture from scratch"),
    "norm": Kind(
        "rivals.NormPruning", needs="gates", chains_only=True, rival="norm pruning to our widths"
    ),
    "slimming": Kind(
        "rivals.Slimming",
        needs="gates",
        chains_only=True,
        needs_batch_norm=True,
        rival="network slimming to our number of units",
    ),
    "slimming_per_layer": Kind(
        "rivals.SlimmingPerLayer",
        needs="gates",
        chains_only=True,
        needs_batch_norm=True,
        rival="network slimming to our widths",
    ),
    "hard_concrete": Kind("hard_concrete.HardConcrete", chains_only=True, rival="hard-concrete L0"),
    "torch_pruning": Kind(
        "group_norm.TorchPruning",
        needs="gates",
        chains_only=True,
        rival="Torch-Pruning to our MACs",
    ),
}
