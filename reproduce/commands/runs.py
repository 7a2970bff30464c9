"""``parsimony runs``: a line for every run there is."""

from argparse import Namespace

from reproduce import console
from reproduce.commands.flags import add_results
from reproduce.runs.store import Store

KEPT = "nothing was changed"
EXAMPLES = """examples:
  parsimony runs
  parsimony runs --results elsewhere"""

add_arguments = add_results


def run(options: Namespace) -> int:
    folders = [path for path in sorted(options.results.glob("*")) if path.is_dir()]
    console.runs([(path.name, run) for path in folders for run in Store(path).runs()])
    return 0
