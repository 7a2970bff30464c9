"""``parsimony compare``: runs beside each other, as a table and a picture."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reproduce import console, figures, screens
from reproduce.commands.flags import add_out, add_results
from reproduce.errors import UserError
from reproduce.figures import own
from reproduce.files import write_atomic
from reproduce.runs.found import find
from reproduce.runs.loaded import Trained
from reproduce.runs.settings import Settings, differences
from reproduce.tables.render import csv_table
from reproduce.tables.results import dense_train_macs

KEPT = "files are whole or as they were, the same command writes them again"
EXAMPLES = """examples:
  parsimony compare RUN RUN                    names as in 'runs', or folders
  parsimony compare results/full/lenet_300_100-dense-* --out pictures"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "wanted", nargs="+", metavar="RUN", help="their folders, or names as in 'runs'"
    )
    add_out(parser, "folder to write to", "drawn")
    add_results(parser)


def run(options: Namespace) -> int:
    runs = finished(options.wanted, options.results)
    if len(runs) < 2:
        raise UserError("name at least two different runs; 'parsimony figures RUN' draws one")
    names = told_apart([one.settings for one in runs])
    rows = [_row(one, name) for one, name in zip(runs, names)]
    columns = [
        screens.Column(name, name not in ("run", "what differs", "widths"), spare)
        for spare, name in zip((6, 0, 5, 4, 0, 0, 3), rows[0])
    ]
    screens.table(columns, [list(row.values()) for row in rows])
    with console.working("drawing"):
        drawn = figures.write({"compare": partial(own.comparison, runs, names)}, options.out)
    table = options.out / "compare.csv"
    write_atomic(table, csv_table(rows))
    console.files([*drawn, table])
    return 0


def finished(wanted: Sequence[str], results: Path) -> list[Trained]:
    """The finished runs that are named, each once. Raises UserError for one that is not."""
    runs = {one.folder.name: one for one in (find(name, results) for name in wanted)}
    for one in runs.values():
        if not one.finished:
            done, epochs = len(one.epochs()), one.settings().epochs
            raise UserError(f"run {one.folder.name} is not finished: epoch {done} of {epochs}")
    return [one.trained() for one in runs.values()]


def told_apart(runs: Sequence[Settings]) -> list[str]:
    """Names made of those settings in which the runs that have them differ."""
    return [
        ", ".join(_word(name, value) for name, value in own.items()) or one.method
        for one, own in zip(runs, differences(runs))
    ]


def _word(name: str, value: Any) -> str:
    if name == "log_gamma":
        return f"ln γ {value:g}" if value else "ln γ default"
    if name in ("network", "method"):
        return str(value)
    text = "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{name.replace('_', ' ')} {text}"


def _row(one: Trained, name: str) -> dict[str, str]:
    record = one.record
    return {
        "run": one.folder.name,
        "what differs": name,
        "widths": "-".join(map(str, record.end.widths)),
        "kMAC": f"{record.end.macs / 1e3:.1f}",
        "MACs %": f"{100 * record.end.macs / record.start.macs:.1f}",
        "error %": f"{record.error:.2f}",
        "training MACs / dense": f"{record.train_macs / dense_train_macs(record):.3f}",
    }
