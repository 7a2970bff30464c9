"""What commands print when they have found something: tables, and lines of text.

On a terminal a table is as wide as the terminal, and breaks no word; piped, it is lines of
tab-separated cells under their names, each cell whole.
"""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from reproduce.console import OUT, files, say
from reproduce.experiments.rows import Preset
from reproduce.models import NETWORKS
from reproduce.outputs import Place
from reproduce.runs.loaded import Loaded
from reproduce.runs.store import Run
from reproduce.tables import results as tables
from reproduce.tables.proofs import in_full
from theory.verdict import Verdict

GAP = 3  # between two columns
EDGE = 1  # what a table is wider than its columns with a gap each


class Column(NamedTuple):
    """A column: its name, whether it holds numbers, and how soon a narrow terminal does without.

    Those of the greatest ``spare`` go first; 0: never. Cells of a ``whole`` one are not broken
    between words either.
    """

    name: str
    number: bool = False
    spare: int = 0
    whole: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], title: str = "") -> None:
    """Prints a table: see the module."""
    if not OUT.is_terminal:
        for line in ([column.name for column in columns], *rows):
            print("\t".join(" ".join(cell.split()) for cell in line))
        return
    shown = _widths(columns, rows, OUT.width)
    drawn = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    for place, width in shown.items():
        justify: Literal["right", "left"] = "right" if columns[place].number else "left"
        drawn.add_column(columns[place].name, justify=justify, width=width)
    for row in rows:
        drawn.add_row(*(escape(row[place]) for place in shown))
    OUT.print(drawn)
    left_out = [column.name for i, column in enumerate(columns) if i not in shown]
    if left_out:
        OUT.print(f"[dim]No room for: {', '.join(left_out)}. Piped, it is all there.[/]")


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> dict[int, int]:
    """The widths of the columns that fit side by side, by their places.

    Each has room for its longest word; what is left over goes to the first ones that want it.
    """
    least, most = {}, {}
    for place, column in enumerate(columns):
        cells = [row[place] for row in rows]
        most[place] = max(map(len, (column.name, *cells)))
        words = [*column.name.split(), *(cells if column.whole else " ".join(cells).split())]
        least[place] = max(map(len, words), default=0)
    while EDGE + sum(width + GAP for width in least.values()) > room:
        spare = max(least, key=lambda place: columns[place].spare)
        if not columns[spare].spare:
            break
        del least[spare]
    left = room - EDGE - sum(width + GAP for width in least.values())
    for place in least:
        more = min(most[place] - least[place], max(left, 0))
        least[place] += more
        left -= more
    return least


def pairs(numbers: Mapping[str, str]) -> None:
    """Names and values, a line each."""
    if not OUT.is_terminal:
        for name, value in numbers.items():
            print(f"{name}\t{value}")
        return
    width = max(map(len, numbers), default=0)
    for name, value in numbers.items():
        OUT.print(f"{name:<{width}}  {value}", markup=False)


def claims(verdicts: Sequence[Verdict]) -> None:
    """A line for each claim, what is wrong with it below, and how many hold."""
    if not OUT.is_terminal:
        names = ("claim", "verdict", "controls rejected", "seconds", "statement", "problems")
        rows = [[*_brief(one), one.claim.statement, "; ".join(one.problems)] for one in verdicts]
        table([Column(name) for name in names], rows)
    for verdict in verdicts if OUT.is_terminal else ():
        id_, label, controls, seconds = _brief(verdict)
        colour = "green" if verdict.ok else "bold red"
        start = f"{id_:<4}{label.split(' (')[0]:<10}{controls:>6} {seconds:>6} s  "
        room = OUT.width - len(start)
        text = textwrap.shorten(verdict.claim.statement, room, placeholder=" …")
        OUT.print(f"{id_:<4}[{colour}]{start[4:14]}[/]{start[14:]}{escape(text)}", soft_wrap=True)
        for problem in verdict.problems:
            OUT.print(f"    [red]{escape(problem)}[/]")
    _count(verdicts)


def whole_claims(verdicts: Sequence[Verdict]) -> None:
    """All there is of some claims, in lines that fit; and how many hold."""
    for verdict in verdicts:
        for line in in_full(verdict).splitlines():
            indent = line[: len(line) - len(line.lstrip())]
            fitted = textwrap.wrap(
                line, OUT.width, subsequent_indent=indent + "  ", break_long_words=False,
                break_on_hyphens=False,
            )  # fmt: skip
            OUT.print("\n".join(fitted), markup=False, soft_wrap=True)
        OUT.print()
    _count(verdicts)


def _brief(verdict: Verdict) -> tuple[str, str, str, str]:
    rejected = sum(control.rejected for control in verdict.controls)
    controls = f"{rejected}/{len(verdict.controls)}"
    return verdict.claim.id, verdict.label, controls, f"{verdict.seconds:.1f}"


def _count(verdicts: Sequence[Verdict]) -> None:
    good = sum(verdict.ok for verdict in verdicts)
    controls = [control.rejected for verdict in verdicts for control in verdict.controls]
    text = (
        f"{good} of {len(verdicts)} claims hold;"
        f" {sum(controls)} of {len(controls)} controls were rejected."
    )
    if OUT.is_terminal:
        OUT.print(text)
    else:
        say(text)


def results(preset: Preset, loaded: Loaded) -> None:
    """The main results table, the measured rows only."""
    rows, title = tables.results(preset, loaded), NETWORKS[preset.network].title
    if not rows:
        OUT.print(f"{title}: no run is finished")
        return
    record = next(run for row in preset.rows for run in loaded.seeds(row.settings)).record
    left_out = ("params %", "k params", "M params", "source")
    cells = {
        name: cell for name, cell in tables.columns(record.start).items() if name not in left_out
    }
    text, never = ("method", "architecture"), ("method", "MACs %", "test error %")
    columns = [
        Column(name, name not in text, 0 if name in never else spare)
        for spare, name in enumerate(cells, start=1)
    ]
    title = f"{title} on {rows[0].dataset}"
    table(columns, [[cell(row) for cell in cells.values()] for row in rows], title)


def starts(preset: Preset, loaded: Loaded) -> None:
    """Where runs from different starts end (claim A4)."""
    rows = []
    for row in preset.starts:
        for run in loaded.seeds(row.settings)[:1]:
            end, error = run.record.end, run.record.error
            widths = "-".join(map(str, end.widths))
            rows.append([row.label, widths, f"{end.macs / 1e3:.1f}", f"{error:.2f}"])
    columns = [Column("start"), Column("end"), Column("kMAC", True), Column("test error %", True)]
    table(columns, rows, "One price, different starts")


def summary(
    verdicts: Sequence[Verdict],
    preset: Preset,
    loaded: Loaded,
    trained: int,
    paths: Sequence[Path],
    place: Place,
) -> None:
    """The last screen of the main job: what was found, and where the files are."""
    if verdicts:
        claims(verdicts)
    else:
        OUT.print(f"The claims were proved before: see {place.tables / 'claims.md'}.")
    results(preset, loaded)
    if preset.starts:
        starts(preset, loaded)
    OUT.print(f"{trained} runs trained now; all runs are in {place.runs}.")
    if paths:
        files(paths)
    else:
        OUT.print(f"Tables and figures are as they were: {place.tables}, {place.figures}.")


def one_run(run: Run, trained: int) -> None:
    """How a run ended."""
    record = run.trained().record
    start, end = record.start, record.end
    widths = ["-".join(map(str, size.widths)) for size in (start, end)]
    note = "" if trained else " (trained before)"
    held_out = {"test": "test", "validation": "validation"}[record.settings.judged_on]
    OUT.print(f"{widths[0]} → {widths[1]}{note}", soft_wrap=True)
    OUT.print(f"{held_out} error after the last epoch: {record.error:.2f} %")
    OUT.print(f"MACs: {end.macs:,} of {start.macs:,}")
    left = {"macs": end.macs / start.macs, "params": end.parameters / start.parameters}
    named = {"macs": "MACs", "params": "parameters"}
    for what, share in record.settings.gates.targets.items():
        OUT.print(f"budget: {100 * share:g} % of the {named[what]}; left: {100 * left[what]:.2f} %")
    for layer in record.spared:
        kept = "no unit was worth its price; the best was kept all the same"
        OUT.print(f"[yellow]{layer}: {kept}[/]")
    OUT.print(f"data: {record.provenance.data}")
    OUT.print(f"run: {run.folder}", soft_wrap=True)


RUNS = (
    Column("run"), Column("collection", spare=9), Column("network", spare=12),
    Column("method", spare=11), Column("seed", True, 2), Column("data", spare=7), Column("state"),
    Column("widths", spare=10), Column("budget", spare=8), Column("MACs %", True, 1),
    Column("params %", True, 6), Column("error %", True),
    Column("last written", spare=3, whole=True),
)  # fmt: skip


def runs(found: Sequence[Mapping[str, Any]]) -> None:
    """Runs, a line each: what ``commands.runs.entry`` says of them.

    On a screen without the columns that are empty in all of them.
    """
    columns = [
        column
        for column in RUNS
        if not OUT.is_terminal or any(one[column.name] is not None for one in found)
    ]
    table(columns, [[_cell(one[column.name], column.name) for column in columns] for one in found])


def _cell(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "-".join(map(str, value))
    return f"{value:.{2 if name == 'error %' else 1}f}" if isinstance(value, float) else str(value)
