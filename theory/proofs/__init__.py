"""The proofs, one module per group of claims; importing this package enters all in the ledger.

A module imports its provers inside its checks, so that this package is quick to import.
"""

from importlib import import_module

# In the order of the ledger; a new group of claims joins by its name here.
GROUPS = (
    "hyperprior",
    "profile",
    "uniqueness",
    "flatness",
    "resting",
    "determinism",
    "interior",
    "survival",
    "multiplier",
    "budget",
    "two_budgets",
    "scalar_gate",
    "open_gate",
    "saddle",
    "portrait",
    "attraction",
    "steps",
    "noise",
    "escape",
    "practical",
    "path",
    "straight_through",
    "trapezoid",
    "floor",
    "score",
    "gate_step",
    "taylor",
    "labels",
    "curvature",
    "stationary",
)

for _group in GROUPS:
    import_module(f"{__name__}.{_group}")
