"""``parsimony report``: all claims, tables and figures as one HTML file."""

import shutil
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reproduce import console, outputs
from reproduce.commands.flags import add_out, add_results
from reproduce.errors import UserError
from reproduce.experiments import presets, studies
from reproduce.experiments.rows import Preset, Study
from reproduce.models import NETWORKS
from reproduce.report import page
from reproduce.runs.store import Store

KEPT = "files are whole or as they were, the same command writes them again"
EXAMPLES = """examples:
  parsimony report
  parsimony report --out results.html
  parsimony report --results elsewhere           of the runs in that folder"""
COMMITTED = page.Source(
    Path("paper_tables"), Path("figures"), Path("results"), Path("benchmarks/results.md")
)


def add_arguments(parser: ArgumentParser) -> None:
    add_out(parser, "file to write", "report.html", "FILE")
    add_results(parser)


def run(options: Namespace) -> int:
    page.require_place(options.out)
    with console.working("putting the page together"):
        if options.results == COMMITTED.results:
            path = page.write(COMMITTED, options.out)
        else:
            with tempfile.TemporaryDirectory() as folder:
                path = page.write(_of(options.results, Path(folder)), options.out)
    console.files([path])
    return 0


def _of(results: Path, folder: Path) -> page.Source:
    """Tables and figures of the runs in a folder, and the ledger that was written beside them.

    Raises:
        UserError: there is no finished run that a table is made of.
    """
    source = page.Source(folder / "tables", folder / "figures", results, note=f"Runs in {results}.")
    written = set()
    for one in _all():
        place = outputs.place(results, one)
        name = one.file if isinstance(one, Preset) else one.name
        if name in written or not place.runs.is_dir():
            continue
        loaded = Store(place.runs).load()
        if any(loaded.seeds(row.settings) for row in one.rows):
            here = replace(place, tables=source.tables, figures=source.figures)
            if outputs.write(one, loaded, here):
                written.add(name)
    if not written:
        raise UserError(f"no finished runs of a preset or study in {results}: nothing to report")
    for ledger in sorted(results.glob("*/paper_tables/claims.*"))[:3]:
        shutil.copy(ledger, source.tables)
    return source


def _all() -> Iterator[Preset | Study]:
    """All presets, the committed sizes first, and studies, on all data sets that they can take."""
    sizes = [(network, name) for network, (_, names) in presets.PRESETS.items() for name in names]
    for network, name in sorted(sizes, key=lambda one: one[1] not in presets.COMMITTED):
        for data in NETWORKS[network].datasets:
            yield presets.preset(network, name, data)
    for name in studies.STUDIES:
        for data in NETWORKS[studies.study(name).network].datasets:
            yield studies.study(name, data)
