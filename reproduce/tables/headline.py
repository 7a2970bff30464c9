"""The README's table: each network dense, ours, and the best rival of about our size."""

import csv
from pathlib import Path
from typing import Any

from reproduce.experiments.presets import committed
from reproduce.experiments.rows import Preset, Study
from reproduce.experiments.studies import study
from reproduce.files import write_atomic
from reproduce.models import NETWORKS
from reproduce.tables.render import markdown_table
from reproduce.tables.results import labelled

BEGIN, END = "<!-- results -->", "<!-- end of results -->"
MOST = 1.1  # MACs of a rival against ours
LONGER = {  # a study of more epochs, where it was run
    "vgg16": "methods_vgg16_full_long",
    "resnet20": "methods_resnet20_long",
}
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
    longer = LONGER.get(preset.network)
    if longer and (folder / f"{longer}.csv").is_file():
        wanted: Preset | Study = study(longer)
        candidates = [row for row in wanted.rows if row.settings.method == "gates"]
        files = [f"{longer}.csv"]
    else:
        wanted, candidates = preset, [preset["compact"]]
        files = [f"{preset.file}.csv", f"methods_{preset.network}.csv"]
    found = [_rows(folder / file) for file in files if (folder / file).is_file()]
    rows = {row["method"]: row for row in found[0]}
    *_, ours = (row for row in candidates if row.label in rows)  # the last asks for most
    best = _best(found[-1], rows[ours.label])
    title = f"{NETWORKS[wanted.network].title}, {wanted.dense.settings.epochs} epochs"
    return [
        _line(title, "dense", rows[wanted.dense.label]),
        _line("", ours.label, rows[ours.label]),
        *[_line("", f"{one['method']}{_by(one)}", one) for one in best],
    ]


def _best(rows: list[dict[str, Any]], ours: dict[str, Any]) -> list[dict[str, Any]]:
    """The rival with the fewest errors among those of at most our MACs, or little more."""
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
