"""Finished runs, loaded: tables and figures are made of these, and read no file of a run."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reproduce.runs.record import Epoch, GatedEpoch, Record
from reproduce.runs.settings import Settings


@dataclass(frozen=True)
class Trained:
    """One finished run."""

    folder: Path
    record: Record
    epochs: list[Epoch]

    @property
    def settings(self) -> Settings:
        return self.record.settings

    @property
    def gated(self) -> list[GatedEpoch]:
        """The epochs with gates."""
        return [epoch for epoch in self.epochs if isinstance(epoch, GatedEpoch)]


class Loaded:
    """Finished runs by their settings."""

    def __init__(self, runs: Iterable[Trained]):
        self._runs = {run.settings: run for run in runs}
        self._families: dict[Settings, list[Trained]] = {}
        for settings in sorted(self._runs, key=lambda settings: settings.seed):
            family = self._families.setdefault(settings.with_seed(0), [])
            family.append(self._runs[settings])

    def get(self, settings: Settings) -> Trained | None:
        """The run with these settings, or None where it is not finished."""
        return self._runs.get(settings)

    def seeds(self, settings: Settings) -> list[Trained]:
        """The runs with these settings, whatever their seed, in the order of seeds."""
        return self._families.get(settings.with_seed(0), [])
