"""``parsimony simulate``: the gate dynamics with parameters of one's own, drawn and as a CSV."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reproduce.commands.flags import add_out
from reproduce.errors import UserError
from reproduce.simulations import SIMULATIONS, Columns, Progress

EXAMPLES = """examples:
  parsimony simulate basin                     which starts die, and which must
  parsimony simulate flow --c 0.4              a phase portrait with its trajectories
  parsimony simulate noise --lam 0.2           escapes under noise against their bound
  parsimony simulate bifurcation --lam 1       what remains of the unit, by its price"""
KEPT = "files are whole or as they were, the same command writes them again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the kinds of simulation to the command's parser."""
    kinds = parser.add_subparsers(dest="simulation", required=True, metavar="KIND")
    for name, simulation in SIMULATIONS.items():
        lines = [f"  parsimony simulate {name} {flags}".rstrip() for flags in simulation.examples]
        one = kinds.add_parser(
            name,
            help=simulation.text,
            description=simulation.text,
            epilog="\n".join(["examples:", *lines]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        for flag, (default, text) in simulation.flags.items():
            kind = float if default is None else type(default)
            one.add_argument(
                f"--{flag}",
                type=kind,
                default=default,
                metavar=kind.__name__.upper(),
                help=text if default is None else f"{text} ({default:g})",
            )
        add_out(one, "folder for the picture and the CSV", "results/simulations")
        one.set_defaults(command=f"simulate {name}", parser=one)


def run(options: argparse.Namespace) -> int:
    """Simulates, draws and writes; returns the exit status.

    Raises:
        UserError: a parameter is outside its range, or the folder can't be written.
    """
    from matplotlib import pyplot as plt

    from reproduce.console import files
    from reproduce.figures.style import STYLE, save
    from reproduce.files import write_atomic
    from reproduce.screens import pairs

    simulation = SIMULATIONS[options.simulation]
    given = {name: getattr(options, name) for name in simulation.flags}
    try:
        with plt.rc_context(STYLE):
            with _bar(options.command) as on_progress:
                figure, columns, numbers = simulation.run(**given, on_progress=on_progress)
            paths = save(figure, options.out / options.simulation)
    except ValueError as error:
        raise UserError(str(error)) from error
    table = options.out / f"{options.simulation}.csv"
    write_atomic(table, _csv(columns))
    pairs(numbers)
    files([*paths, table])
    return 0


def _csv(columns: Columns) -> str:
    """Columns of one length as text; numbers to ten digits, truth values as 0 and 1."""

    def cell(value: Any) -> str:
        return value if isinstance(value, str) else f"{value:.10g}"

    rows = zip(*(list(column) for column in columns.values()), strict=True)
    return "\n".join([",".join(columns), *(",".join(map(cell, row)) for row in rows)]) + "\n"


@contextmanager
def _bar(what: str) -> Iterator[Progress]:
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn

    from reproduce.console import progress

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with progress(*columns) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
