"""Rows of settings, and what they make up: presets, and the kinds of studies."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from reproduce.data import source
from reproduce.runs.loaded import Loaded, Trained
from reproduce.runs.settings import Settings


@dataclass(frozen=True)
class Row:
    """One row of a results table.

    Attributes:
        label: what the table calls it.
        settings: that every seed of it shares.
        name: by which a preset gives it out, if others build on it.
        point: what its label says behind the method's name.
    """

    label: str
    settings: Settings
    name: str = ""
    point: str = ""

    @classmethod
    def ours(cls, name: str, point: str, settings: Settings) -> "Row":
        """A row of ours, by the point of the trade-off that it is at."""
        return cls(f"ours, {point}", settings, name, point)

    def by(self, method: str, settings: Settings) -> "Row":
        """A row for this point, reached in another way, which is called ``method``."""
        return Row(f"{method}, {self.point}", settings, self.name, self.point)


def gated(settings: Settings, **changes: Any) -> Settings:
    """Settings with other gates: a change for each name of a field of ``GateConfig``."""
    return replace(settings, gates=replace(settings.gates, **changes))


Shown = list[tuple[Row, list[Trained]]]  # rows with their finished runs, in the order of seeds


def finished(rows: Iterable[Row], loaded: Loaded) -> Shown:
    """The rows that have finished runs, each with those runs."""
    return [(row, runs) for row in rows if (runs := loaded.seeds(row.settings))]


class Rows:
    """Rows of settings on one network and one data set: what a table is made of."""

    rows: tuple[Row, ...]

    def __getitem__(self, name: str) -> Row:
        """The first row of that name. Raises KeyError where there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)

    @property
    def dense(self) -> Row:
        """The row of dense training."""
        return next(row for row in self.rows if row.settings.method == "dense")

    @property
    def network(self) -> str:
        return self.rows[0].settings.network

    @property
    def dataset(self) -> str:
        return self.rows[0].settings.dataset


@dataclass(frozen=True)
class Preset(Rows):
    """What one network's table and figures are made of, at one size: rows, starts and seeds.

    Attributes:
        name: of the size, such as ``quick``.
        rows: of the table, dense training among them; ``preset["compact"]`` is that row.
        seeds: runs of each row.
        starts: runs from other starts at one price, that show robustness (claim A4).
        timed: number of the row whose wall-clock is compared with dense training's.
    """

    name: str
    rows: tuple[Row, ...]
    seeds: int
    starts: tuple[Row, ...] = ()
    timed: int = 2

    @property
    def folder(self) -> str:
        """The folder of its runs."""
        return self.name

    @property
    def file(self) -> str:
        """First part of the names of its tables and figures."""
        suffix = source(self.dataset).suffix
        return self.network + suffix + ("_paper" if self.name == "paper" else "")

    def runs(self, seeds: int) -> list[list[Settings]]:
        """All runs in groups; a group is trained side by side, so that its times compare."""
        groups = [[row.settings.with_seed(seed) for row in self.rows] for seed in range(seeds)]
        return groups + ([[row.settings for row in self.starts]] if self.starts else [])

    def timed_pairs(self, seeds: int) -> dict[Settings, Settings]:
        """For the dense run of each seed the one whose wall-clock is compared with it."""
        dense, timed = self.rows[0].settings, self.rows[self.timed].settings
        return {dense.with_seed(seed): timed.with_seed(seed) for seed in range(seeds)}


@dataclass(frozen=True)
class Study(Rows):
    """Groups of starts, each start trained with the seeds 0 to ``seeds`` - 1.

    The starts of a group have all else in common: how far apart they end is what is asked.
    ``shares`` names the study or preset in whose folder the runs lie: what both ask for is
    trained once.
    """

    name: str
    title: str
    groups: dict[str, tuple[Row, ...]]
    seeds: int
    shares: str | None = None

    @property
    def rows(self) -> tuple[Row, ...]:  # type: ignore[override]  # read only, as all is here
        return tuple(row for rows in self.groups.values() for row in rows)

    @property
    def folder(self) -> str:
        """The folder of its runs."""
        return self.shares or self.name

    def runs(self) -> list[Settings]:
        """Seed by seed, so that a study stopped early has something of every row."""
        return [row.settings.with_seed(seed) for seed in range(self.seeds) for row in self.rows]

    def progress(self, loaded: Loaded) -> str:
        """How many of its runs are finished; what shares its folder may have more seeds."""
        asked = self.runs()
        done = sum(loaded.get(settings) is not None for settings in asked)
        more = sum(len(loaded.seeds(row.settings)) for row in self.rows) - done
        others = f" and {more} of other seeds" if more else ""
        return f"{done} of {len(asked)} runs{others}"


@dataclass(frozen=True)
class Comparison(Study):
    """Groups of rows that are methods at several sizes, to be compared as curves."""


@dataclass(frozen=True)
class Practice(Study):
    """Watched runs, a network in each row: what the theory says, beside what happened."""


@dataclass(frozen=True)
class SmallData(Study):
    """One trade-off per sample at several numbers of training images; a group for each prior."""


@dataclass(frozen=True)
class Budgets(Study):
    """Sizes that were asked for, and sizes that prices set by hand came to."""


@dataclass(frozen=True)
class Exploration(Study):
    """What was tried before rows were chosen, judged on a validation split."""
