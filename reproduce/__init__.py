"""Learns, prunes and measures networks with Bernoulli gates, and writes the tables and figures."""

from reproduce.gates import GateConfig, Gates
from reproduce.models import Select

__all__ = ["GateConfig", "Gates", "Select"]
