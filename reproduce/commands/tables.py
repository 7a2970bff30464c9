"""``parsimony tables``: the tables again, from stored runs."""

from argparse import Namespace
from pathlib import Path

from reproduce import outputs
from reproduce.commands import again
from reproduce.tables import headline

KEPT = "files are whole or as they were, the same command writes them again"
EXAMPLES = """examples:
  parsimony tables
  parsimony tables lenet_300_100 --preset quick
  parsimony tables robustness_lenet_300_100"""

add_arguments = again.add_arguments


def run(options: Namespace) -> int:
    status = again.write(options, outputs.write_tables)
    headline.renew(Path("README.md"), Path("paper_tables"))
    return status
