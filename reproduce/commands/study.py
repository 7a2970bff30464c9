"""``parsimony study``: all runs of a study, several at once, here or on a cluster."""

import os
from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from reproduce import console, outputs
from reproduce.commands.flags import add_data_dir, add_results, add_tensorboard
from reproduce.commands.setup import board, load
from reproduce.errors import UserError
from reproduce.experiments import studies
from reproduce.files import require_writable
from reproduce.runs.store import Store
from reproduce.training import cluster, sweep

KEPT = "finished epochs are kept, the same command goes on from there"
EXAMPLES = """examples:
  parsimony study robustness_lenet_300_100 --dry-run
  parsimony study methods_lenet_5 --jobs 2
  parsimony study methods_vgg16_long --device cuda --jobs 4
  parsimony study ablation --executor dask --scheduler tcp://10.0.0.1:8786"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help=", ".join(studies.STUDIES))
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="runs at once, one thread each (one per core)"
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="what the processes train on (cpu); several may share one GPU",
    )
    parser.add_argument(
        "--executor",
        choices=("processes", "dask"),
        default="processes",
        help="where runs are trained: here, or on the workers of a dask cluster",
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of the cluster, such as tcp://10.0.0.1:8786"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would run, and how long at most"
    )
    add_results(parser)
    add_data_dir(parser)
    add_tensorboard(parser)


def run(options: Namespace) -> int:
    if options.jobs is not None and options.jobs < 1:
        raise UserError(f"--jobs must be at least 1; got {options.jobs}")
    if (options.executor == "dask") != bool(options.scheduler):
        raise UserError("--executor dask and --scheduler ADDRESS are given together or not at all")
    if options.scheduler and options.device != "cpu":
        raise UserError("workers of a cluster train on their processors: leave --device out")
    if not options.scheduler:
        return _train(options)
    with cluster.connected(options.scheduler) as client:
        return _train(options, client)


def _train(options: Namespace, client: Any = None) -> int:
    study = studies.study(options.name)
    data = load(study.dataset, options)
    study = studies.study(options.name, data.name)
    place = outputs.place(options.results, study)
    store = Store(place.runs)
    wanted = sweep.missing(study.runs(), store, data)
    trainer: AbstractContextManager[sweep.Trainer]
    if client:
        trainer = nullcontext(cluster.trainer(client, store, data, options.data_dir))
        at_once = cluster.jobs(client)
    else:
        trainer = sweep.Pool(store, options.data_dir, device=options.device)
        at_once = os.cpu_count() or 1
        console.arithmetic(wanted, data.train_x.device)
    jobs = options.jobs or at_once
    console.plan(study, wanted, data, sweep.most_seconds(wanted, data, jobs), jobs)
    if options.dry_run:
        return 0
    require_writable(place.runs)
    watching = board(options, store, study.runs())
    failures = []
    with trainer as train, console.sweeping(wanted, store) as ended:
        for settings, failure in sweep.run(wanted, train, jobs):
            ended(settings, failure)
            failures += [failure] if failure else []
            if watching:
                watching.write(settings)
    console.swept(study, store, failures)
    with console.working("writing tables and drawing figures"):
        files = outputs.write(study, store.load(), place)
    console.files(files)
    return 1 if failures else 0
