"""The studies: declared lists of runs, each kept in results/<name>/, that `parsimony study` trains."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reproduce.errors import UserError
from reproduce.experiments import Row
from reproduce.models import INITIALISATIONS
from reproduce.presets import preset
from reproduce.settings import Settings


@dataclass(frozen=True)
class Study:
    """Rows of settings, each trained with the seeds 0 to ``seeds`` - 1."""

    name: str
    rows: tuple[Row, ...]
    seeds: int

    @property
    def network(self) -> str:
        return self.rows[0].settings.network

    @property
    def dataset(self) -> str:
        return self.rows[0].settings.dataset

    def runs(self) -> list[Settings]:
        """Seed by seed, so that a study stopped early has something of every row."""
        return [row.settings.with_seed(seed) for seed in range(self.seeds) for row in self.rows]


def robustness_lenet_300_100(dataset: str | None = None) -> Study:
    """One price, every initialisation of weights and gates, starting sizes from 1/2 to 8 times."""
    start = preset("lenet_300_100", "full", dataset).starts[0].settings
    rows = [Row(init, replace(start, init=init)) for init in INITIALISATIONS]
    for first, second in ((150, 50), (600, 200), (1200, 400), (2400, 800)):
        rows.append(Row(f"784-{first}-{second}", replace(start, widths=(784, first, second))))
    for theta0 in (0.3, 0.7, 0.9):
        rows.append(
            Row(f"θ₀ = {theta0}", replace(start, gates=replace(start.gates, theta0=theta0)))
        )
    return Study("robustness_lenet_300_100", tuple(rows), seeds=5)


STUDIES: dict[str, Callable[[str | None], Study]] = {
    "robustness_lenet_300_100": robustness_lenet_300_100,
}


def study(name: str, dataset: str | None = None) -> Study:
    """Raises UserError for a name that is not declared."""
    if name not in STUDIES:
        raise UserError(f"unknown study {name!r}; declared are: {', '.join(STUDIES)}")
    return STUDIES[name](dataset)
