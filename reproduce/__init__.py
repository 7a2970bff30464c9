"""Learns, prunes and measures networks with Bernoulli gates, and writes the tables and figures."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reproduce.gates.config import GateConfig
    from reproduce.gates.gates import Gates
    from reproduce.models import Select
    from reproduce.shrinking import shrink

__all__ = ["GateConfig", "Gates", "Select", "shrink"]
_HOMES = {
    "GateConfig": "gates.config",
    "Gates": "gates.gates",
    "Select": "models",
    "shrink": "shrinking",
}


def __getattr__(name: str) -> Any:
    """Loads what is asked for when it is: torch takes seconds, and not all here needs it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
