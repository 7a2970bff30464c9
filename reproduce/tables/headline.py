"""The README's table: each network dense, ours, and the best rival of about our size."""

import csv
from pathlib import Path
from typing import Any

from reproduce.experiments.presets import committed
from reproduce.experiments.rows import Preset
from reproduce.files import write_atomic
from reproduce.models import NETWORKS
from reproduce.tables.render import markdown_table
from reproduce.tables.results import labelled

BEGIN, END = "<!-- results -->", "<!-- end of results -->"
MOST = 1.1  # MACs of a rival against ours
HEAD = ("network", "", "test error %", "MACs, % of dense", "training MACs, % of dense")


def table(folder: Path) -> str:
    """The table, from the results tables in ``folder``."""
    written = [preset for preset in committed() if (folder / f"{preset.file}.csv").is_file()]
    lines = [line for preset in written for line in _lines(preset, folder)]
    return markdown_table(HEAD, lines)


def renew(path: Path, folder: Path) -> None:
    """Writes the table between its marks in a file anew, if there is such a file."""
    if path.is_file() and BEGIN in (text := path.read_text(encoding="utf-8")):
        write_atomic(path, replaced(text, folder))


def replaced(text: str, folder: Path) -> str:
    """A text with the table between its marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(folder)}\n{END}{after}"


def _lines(preset: Preset, folder: Path) -> list[list[str]]:
    rows = {row["method"]: row for row in _rows(folder / f"{preset.file}.csv")}
    dense, ours = rows[preset.dense.label], rows[preset["compact"].label]
    title = f"{NETWORKS[preset.network].title}, {preset.dense.settings.epochs} epochs"
    return [
        _line(title, "dense", dense),
        _line("", preset["compact"].label, ours),
        *[_line("", f"{one['method']}{_by(one)}", one) for one in _best(preset, folder, ours)],
    ]


def _best(preset: Preset, folder: Path, ours: dict[str, Any]) -> list[dict[str, Any]]:
    """The rival with the fewest errors among those of at most our MACs, or little more."""
    compared = folder / f"methods_{preset.network}.csv"
    rows = _rows(compared if compared.is_file() else folder / f"{preset.file}.csv")
    most = MOST * float(ours["macs"])
    rivals = [
        row
        for row in rows
        if not row["method"].startswith(("ours", "dense", "straight-through"))
        and row["macs"]
        and float(row["macs"]) <= most
    ]
    return sorted(rivals, key=lambda row: float(row["test_error_mean"]))[:1]


def _line(network: str, what: str, row: dict[str, Any]) -> list[str]:
    error, shares = float(row["test_error_mean"]), (row["macs_share"], row["train_mac_ratio"])
    spread = f" ± {float(row['test_error_std']):.2f}" if row["test_error_std"] else ""
    percent = [f"{100 * float(share):.1f}" if share else "" for share in shares]
    return [network, labelled(what, int(row["n"] or 0)), f"{error:.2f}{spread}", *percent]


def _by(row: dict[str, Any]) -> str:
    return "" if row["n"] else ", as published"


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
