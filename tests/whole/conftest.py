"""The same small data and runs as the tests of the package's rooms have."""

from tests.reproduce.conftest import data, served, undisturbed

__all__ = ["data", "served", "undisturbed"]
