"""``parsimony reproduce``: the main job, or one network's: prove, train, prune and draw."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from itertools import pairwise

from reproduce import console, outputs, screens
from reproduce.commands.flags import add_preset, add_run_options
from reproduce.commands.setup import board, load
from reproduce.commands.verify import proofs
from reproduce.errors import UserError
from reproduce.experiments import presets
from reproduce.files import require_writable
from reproduce.models import NETWORKS
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.tensorboard import Board
from reproduce.training import sweep, turns

KEPT = "finished epochs are kept, the same command goes on from there; proofs are begun again"
EXAMPLES = """examples:
  parsimony reproduce
  parsimony reproduce lenet_5
  parsimony reproduce vgg16 --preset paper --device cuda
  parsimony reproduce --preset full --data-dir ~/datasets
  parsimony reproduce --preset full --seeds 10"""


def add_arguments(parser: ArgumentParser) -> None:
    add_preset(parser)
    add_run_options(parser)
    parser.add_argument(
        "--seeds", type=int, metavar="N", help="runs per table row (the preset's number)"
    )


def run(options: Namespace) -> int:
    if options.seeds is not None and options.seeds < 1:
        raise UserError(f"--seeds must be at least 1; got {options.seeds}")
    network = options.network or "lenet_300_100"
    wanted = presets.preset(network, options.preset)
    data = load(wanted.dataset, options)
    preset = presets.preset(network, options.preset, data.name)
    place = outputs.place(options.results, preset)
    for folder in (place.runs, place.tables):
        require_writable(folder)
    # The ledger belongs to the main job; a network of its own needs no proof again.
    verdicts = [] if options.network or outputs.proved(place) else proofs()
    seeds = options.seeds or preset.seeds
    groups = preset.runs(seeds)
    store = Store(place.runs)
    wanted_runs = [settings for group in groups for settings in group]
    watching = board(options, store, wanted_runs)
    missing = sweep.missing(wanted_runs, store, data)
    console.arithmetic(missing, data.train_x.device)
    if NETWORKS[network].light and data.train_x.device.type == "cpu":
        _by_processes(missing, preset.timed_pairs(seeds), store, options.data_dir, watching)
    else:
        with console.training() as bars:
            turns.run_all(groups, data, store, watching.beside(bars) if watching else bars)
    files, loaded = [], store.load()
    if verdicts or missing:
        with console.working("writing tables and drawing figures"):
            files = outputs.write(preset, loaded, place, verdicts)
    screens.summary(verdicts, preset, loaded, len(missing), files, place)
    return 0 if all(verdict.ok for verdict in verdicts) else 1


def _by_processes(
    missing: Sequence[Settings],
    pairs: Mapping[Settings, Settings],
    store: Store,
    data_dir: str | None,
    watching: Board | None,
) -> None:
    """Trains small networks, one for each core at once; only ``pairs`` take turns in one process.

    Raises:
        UserError: a run has failed; the others are trained all the same.
    """
    beside = {first: second for first, second in pairs.items() if first in missing}
    leads = [settings for settings in missing if settings not in beside.values()]
    leads.sort(key=_length, reverse=True)  # a long run that is begun last leaves cores idle
    leads.sort(key=beside.__contains__, reverse=True)
    jobs, failures = os.cpu_count() or 1, []
    with sweep.Pool(store, data_dir, beside) as train, console.sweeping(leads, store) as ended:
        for settings, failure in sweep.run(leads, train, jobs):
            ended(settings, failure)
            failures += [failure] if failure else []
            if watching:
                for one in filter(None, (settings, beside.get(settings))):
                    watching.write(one)
    if failures:
        raise UserError(
            f"{len(failures)} of {len(leads)} runs failed, {failures[0].settings.name} for one:"
            f" {failures[0].reason}; the same command tries them again"
        )


def _length(settings: Settings) -> int:
    """How long a run takes, roughly, against others of its network."""
    return settings.epochs * sum(a * b for a, b in pairwise(settings.widths))
