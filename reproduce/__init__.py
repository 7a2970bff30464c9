"""Learns, prunes and measures networks with Bernoulli gates, and writes the tables and figures."""

from reproduce.gates.config import GateConfig
from reproduce.gates.gates import Gates
from reproduce.models import Select

__all__ = ["GateConfig", "Gates", "Select"]
