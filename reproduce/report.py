"""Where the tables and figures of a preset go, and their writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reproduce import claims, figures, tables
from reproduce.experiments import Preset
from reproduce.store import Store
from theory.ledger import Verdict


@dataclass(frozen=True)
class Place:
    """The folders of one preset's runs, tables and figures."""

    runs: Path
    tables: Path
    figures: Path


def place(results: Path, preset: str, dataset: str) -> Place:
    """The committed folders for the full preset on all of MNIST, other folders for others."""
    if preset == "full" and dataset == "mnist":
        return Place(results / "full", Path("paper_tables"), Path("figures"))
    root = results / (preset if preset == "quick" else f"{preset}-{dataset}")
    return Place(root / "runs", root / "paper_tables", root / "figures")


def proved(place: Place) -> bool:
    """Whether the ledger was written there, without a failed claim in it."""
    ledger = place.tables / "claims.csv"
    return ledger.is_file() and "failed: " not in ledger.read_text()


def write_tables(preset: Preset, store: Store, place: Place) -> list[Path]:
    return tables.write(preset, store, place.tables)


def write_figures(preset: Preset, store: Store, place: Place) -> list[Path]:
    return figures.write(preset, store, place.figures)


def write(preset: Preset, store: Store, place: Place, verdicts: Sequence[Verdict]) -> list[Path]:
    """Writes the ledger, and everything that the finished runs allow; returns the files."""
    ledger = claims.write(verdicts, place.tables) if verdicts else []
    return ledger + write_tables(preset, store, place) + write_figures(preset, store, place)
