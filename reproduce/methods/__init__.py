"""The methods that can be trained and compared; one joins by its line in ``METHODS``."""

from reproduce.methods.base import Dense
from reproduce.methods.hard_concrete import HardConcrete
from reproduce.methods.learnt_gates import LearntGates
from reproduce.methods.rivals import NormPruning, Scratch, Slimming, SlimmingPerLayer
from reproduce.methods.weighed import Weighed
from reproduce.methods.witness import Witness

METHODS: dict[str, type[Dense]] = {
    "gates": LearntGates,
    "gates_watched": Witness,
    "gates_weighed": Weighed,
    "dense": Dense,
    "scratch": Scratch,
    "norm": NormPruning,
    "slimming": Slimming,
    "slimming_per_layer": SlimmingPerLayer,
    "hard_concrete": HardConcrete,
}
