"""Where the tables and figures of a preset go, and their writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reproduce import claims, figures, tables
from reproduce.experiments import Preset
from reproduce.figures import runs
from reproduce.models import NETWORKS
from reproduce.presets import COMMITTED
from reproduce.store import Store
from theory.ledger import Verdict


@dataclass(frozen=True)
class Place:
    """The folders of one preset's runs, tables and figures."""

    runs: Path
    tables: Path
    figures: Path


def place(results: Path, preset: Preset) -> Place:
    """The committed folders for the presets that are kept, folders of their own for others."""
    settings = preset.rows[0].settings
    published = settings.dataset == NETWORKS[preset.network].datasets[0]
    if preset.name in COMMITTED and published:
        return Place(results / preset.name, Path("paper_tables"), Path("figures"))
    root = results / (preset.name if preset.name == "quick" else f"{preset.name}-sample")
    return Place(root / "runs", root / "paper_tables", root / "figures")


def proved(place: Place) -> bool:
    """Whether the ledger was written there, without a failed claim in it."""
    ledger = place.tables / "claims.csv"
    return ledger.is_file() and "failed: " not in ledger.read_text()


def write(preset: Preset, store: Store, place: Place, verdicts: Sequence[Verdict]) -> list[Path]:
    """Writes the ledger, and everything that the finished runs allow; returns the files."""
    ledger = claims.write(verdicts, place.tables) if verdicts else []
    tables_ = tables.write(preset, store, place.tables)
    theory = figures.write(figures.THEORY, place.figures) if verdicts else []
    return ledger + tables_ + theory + figures.write(runs.figures(preset, store), place.figures)
