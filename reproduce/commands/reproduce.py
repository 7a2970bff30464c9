"""``parsimony reproduce``: the main job, or one network's: prove, train, prune and draw."""

from argparse import ArgumentParser, Namespace

from reproduce import console, outputs
from reproduce.commands.flags import add_preset, add_run_options
from reproduce.commands.setup import board, load
from reproduce.commands.verify import proofs
from reproduce.errors import UserError
from reproduce.experiments import presets
from reproduce.runs.store import Store
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
    data = load(wanted.rows[0].settings.dataset, options)
    preset = presets.preset(network, options.preset, data.name)
    place = outputs.place(options.results, preset)
    # The ledger belongs to the main job; a network of its own needs no proof again.
    verdicts = [] if options.network or outputs.proved(place) else proofs()
    groups = preset.runs(options.seeds or preset.seeds)
    store = Store(place.runs)
    wanted_runs = [settings for group in groups for settings in group]
    watching = board(options, store, wanted_runs)
    console.arithmetic(sweep.missing(wanted_runs, store), data.train_x.device)
    with console.training() as bars:
        progress = watching.beside(bars) if watching else bars
        trained = turns.run_all(groups, data, store, progress)
    files = []
    if verdicts or trained:
        with console.working("writing tables and drawing figures"):
            files = outputs.write(preset, store, place, verdicts)
    console.summary(verdicts, preset, store, trained, files, place)
    return 0 if all(verdict.ok for verdict in verdicts) else 1
