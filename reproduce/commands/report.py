"""``parsimony report``: all claims, tables and figures as one HTML file."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from reproduce import console
from reproduce.commands.flags import add_results
from reproduce.report import page

KEPT = "files are whole or as they were, the same command writes them again"
EXAMPLES = """examples:
  parsimony report
  parsimony report --out results.html"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("report.html"),
        metavar="FILE",
        help="file to write (report.html)",
    )
    add_results(parser)


def run(options: Namespace) -> int:
    with console.working("putting the page together"):
        path = page.write(Path("paper_tables"), Path("figures"), options.results, options.out)
    console.files([path])
    return 0
