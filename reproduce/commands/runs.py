"""``parsimony runs``: a line for every run there is, the newest first."""

import json
import time
from argparse import ArgumentParser, Namespace
from typing import Any

from reproduce import screens
from reproduce.commands.flags import add_results
from reproduce.errors import unknown
from reproduce.models import NETWORKS
from reproduce.runs.found import newest_first
from reproduce.runs.kinds import METHODS
from reproduce.runs.store import Run

KEPT = "nothing was changed"
EXAMPLES = """examples:
  parsimony runs
  parsimony runs --network lenet_5 --method gates
  parsimony runs | grep finished | cut -f 1
  parsimony runs --json | jq '.[0].run'"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--network", metavar="NAME", help="only this network's")
    parser.add_argument("--method", metavar="NAME", help="only this method's, such as gates")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    add_results(parser)


def run(options: Namespace) -> int:
    for what, given, known in (
        ("network", options.network, NETWORKS),
        ("method", options.method, METHODS),
    ):
        if given and given not in known:
            raise unknown(what, given, known)

    found = [
        entry(collection, one)
        for collection, one in newest_first(options.results)
        if options.network in (None, one.settings().network)
        and options.method in (None, one.settings().method)
    ]
    if options.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        screens.runs(found)
    return 0


def entry(collection: str, run: Run) -> dict[str, Any]:
    """What the list says of a run; shares and errors in %."""
    settings = run.settings()
    done = run.trained() if run.finished else None  # then MACs before training are known
    epochs = done.epochs if done else run.epochs()
    last = epochs[-1] if epochs else None
    return {
        "run": run.folder.name,
        "collection": collection,
        "network": settings.network,
        "method": settings.method,
        "seed": settings.seed,
        "data": settings.dataset,
        "state": "finished" if done else f"{len(epochs)}/{settings.epochs}",
        "widths": list(last.widths) if last else None,
        "budget": settings.gates.asked or None,
        "MACs %": 100 * last.macs / done.record.start.macs if last and done else None,
        "params %": 100 * last.parameters / done.record.start.parameters if last and done else None,
        "error %": last.error if last else None,
        "last written": time.strftime("%Y-%m-%d %H:%M", time.localtime(run.written)),
    }
