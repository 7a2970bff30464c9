"""The command line: ``parsimony``."""

import argparse
import difflib
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path
from typing import Any, NoReturn

from reproduce.commands import simulate as simulations
from reproduce.errors import DataError, Terminated, UserError

EXAMPLES = {
    "": """examples:
  parsimony reproduce                          prove, train, prune and draw, in minutes
  parsimony verify H2                          the proof of one claim
  parsimony simulate flow                      the phase portrait of one gate and one weight
  parsimony train lenet_300_100 --log-gamma 39 one run
  parsimony runs                               what has been trained
  parsimony export RUN --to onnx               a trained network, to take away
  parsimony report                             all results as one HTML file""",
    "reproduce": """examples:
  parsimony reproduce
  parsimony reproduce lenet_5
  parsimony reproduce vgg16 --preset paper --device cuda
  parsimony reproduce --preset full --data-dir ~/datasets
  parsimony reproduce --preset full --seeds 10""",
    "verify": """examples:
  parsimony verify
  parsimony verify H1 H2 --json""",
    "train": """examples:
  parsimony train lenet_300_100 --log-gamma 39 --epochs 40
  parsimony train lenet_300_100 --method dense --judged-on validation
  parsimony train lenet_300_100 --widths 784-500-300 --init xavier --estimator path
  parsimony train lenet_300_100 --tensorboard; tensorboard --logdir results/tensorboard
  parsimony train vgg16 --precision bfloat16 --estimator trapezoid --shift 4 --flip
  torchrun --nproc-per-node 2 -m reproduce.cli train vgg16 --device cuda   on two GPUs""",
    "study": """examples:
  parsimony study robustness_lenet_300_100 --dry-run
  parsimony study methods_lenet_5 --jobs 2
  parsimony study ablation --executor dask --scheduler tcp://10.0.0.1:8786""",
    "simulate": simulations.EXAMPLES,
    "runs": """examples:
  parsimony runs
  parsimony runs --results elsewhere""",
    "export": """examples:
  parsimony export lenet_300_100-gates-1f0c2b3d4e5f --to onnx
  parsimony export results/own/lenet_5-gates-1f0c2b3d4e5f --to safetensors --out models""",
    "tables": """examples:
  parsimony tables
  parsimony tables lenet_300_100 --preset quick
  parsimony tables robustness_lenet_300_100""",
    "figures": """examples:
  parsimony figures
  parsimony figures vgg16""",
    "report": """examples:
  parsimony report
  parsimony report --out results.html""",
}


class _Parser(argparse.ArgumentParser):
    """Says a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        known = [option for action in self._actions for option in action.option_strings]
        if message.startswith("unrecognized arguments: "):
            wrong = (message.removeprefix("unrecognized arguments: ").split() or ["''"])[0]
            near = difflib.get_close_matches(wrong, known, 1, 0.5)
            message = f"unknown argument {wrong}" + (f"; did you mean {near[0]}?" if near else "")
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status.

    That is 0, 1 (a claim failed), 2 (a mistake), 130 (Ctrl-C) or 143 (SIGTERM).
    """
    try:
        with _terminable():
            return _run(arguments)
    except UserError as error:
        print(f"parsimony: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        what, status = ("terminated", 143) if isinstance(stop, Terminated) else ("interrupted", 130)
        print(
            f"parsimony: {what}; finished epochs are kept, the same command goes on from there",
            file=sys.stderr,
        )
        return status
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nobody is left to tell
        return 141


def _run(arguments: Sequence[str] | None) -> int:
    parser, commands = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        commands[options.command].error("unrecognized arguments: " + " ".join(unknown))
    return options.run(options)


@contextmanager
def _terminable() -> Iterator[None]:
    """Makes SIGTERM an exception, so that what Ctrl-C cleans up is cleaned up then too."""

    def stop(*_: Any) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser() -> tuple[_Parser, dict[str, _Parser]]:
    from reproduce.experiments.studies import STUDIES
    from reproduce.runs.settings import Settings

    parser = _Parser(
        prog="parsimony",
        description="Verifies and reproduces 'Robust Learning of Parsimonious Deep Neural"
        " Networks' (arXiv:2205.04650).",
        epilog=EXAMPLES[""],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands: dict[str, _Parser] = {}

    def command(name: str, text: str, run: Any) -> _Parser:
        commands[name] = subparsers.add_parser(
            name,
            help=text,
            description=text,
            epilog=EXAMPLES[name],
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        commands[name].set_defaults(run=run)
        return commands[name]

    reproduce = command("reproduce", "run the main job, or one network's", _reproduce)
    _add_run_options(_add_preset(reproduce))
    reproduce.add_argument(
        "--seeds", type=int, metavar="N", help="runs per table row (the preset's number)"
    )
    verify = command("verify", "prove the claims of the ledger, and reject their controls", _verify)
    verify.add_argument("claims", nargs="*", metavar="CLAIM", help="such as H1 (all)")
    verify.add_argument("--json", action="store_true", help="print JSON instead of a table")
    train = command("train", "train one run with settings of your own", _train)
    for field in _setting_fields(Settings):
        _add_setting(train, field)
    _add_run_options(train)
    study = command("study", "train the runs of a study, several at once", _study)
    study.add_argument("name", metavar="NAME", help=", ".join(STUDIES))
    study.add_argument(
        "--jobs", type=int, metavar="N", help="runs at once, one thread each (one per core)"
    )
    study.add_argument(
        "--executor",
        choices=("processes", "dask"),
        default="processes",
        help="where runs are trained: here, or on the workers of a dask cluster",
    )
    study.add_argument(
        "--scheduler", metavar="ADDRESS", help="of the cluster, such as tcp://10.0.0.1:8786"
    )
    study.add_argument(
        "--dry-run", action="store_true", help="only say what would run, and how long at most"
    )
    _add_tensorboard(_add_data_dir(_add_results(study)))
    simulate = command("simulate", "simulate the gate dynamics, and draw them", simulations.run)
    commands |= simulations.add_command(simulate)
    _add_results(command("runs", "list the runs in the results folder", _runs))
    export = command("export", "write the final network of a run, to use it elsewhere", _export)
    export.add_argument("wanted", metavar="RUN", help="its folder, or its name as in 'runs'")
    export.add_argument(
        "--to",
        choices=("safetensors", "onnx"),
        required=True,
        help="safetensors: weights, and the architecture as JSON, for reproduce.export.load; onnx:"
        " for other programs, any batch size",
    )
    export.add_argument(
        "--out",
        type=Path,
        default=Path("exported"),
        metavar="DIR",
        help="folder to write to (exported)",
    )
    _add_results(export)
    for name, text in (("tables", "write the tables again"), ("figures", "draw the figures again")):
        again = command(name, f"{text} from stored runs, without training", _again)
        _add_results(_add_preset(again, "or a study's name; all whose runs are committed"))
        again.add_argument("--sample", action="store_true", help="of runs on the embedded sample")
    page = command("report", "write all claims, tables and figures as one HTML file", _report)
    page.add_argument(
        "--out",
        type=Path,
        default=Path("report.html"),
        metavar="FILE",
        help="file to write (report.html)",
    )
    _add_results(page)
    return parser, commands


def _add_results(parser: _Parser) -> _Parser:
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="DIR", help="folder of all runs"
    )
    return parser


def _add_data_dir(parser: _Parser) -> _Parser:
    parser.add_argument(
        "--data-dir",
        metavar="DIR",
        help="folder with MNIST/raw or CIFAR-10 (or set PARSIMONY_DATA)",
    )
    return parser


def _add_run_options(parser: _Parser) -> _Parser:
    _add_data_dir(parser)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    return _add_tensorboard(_add_results(parser))


def _add_tensorboard(parser: _Parser) -> _Parser:
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        help="also write scalars, widths and gate histograms to tensorboard/ in the results folder",
    )
    return parser


def _add_preset(parser: _Parser, default: str = "lenet_300_100") -> _Parser:
    from reproduce.experiments.presets import PRESETS

    parser.add_argument(
        "network",
        nargs="?",
        metavar="NETWORK",
        help=f"{', '.join(PRESETS)} ({default})",
    )
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="lenet_300_100: quick (minutes) or full (hours); the others: short (two cores,"
        " hours) or paper (an accelerator); all but quick keep their results as the committed ones"
        " (the first named)",
    )
    return parser


def _setting_fields(settings: type) -> list[Field]:
    """The settings that a user may give, those of the gates among them."""
    from reproduce.gates.config import GateConfig

    return [f for f in (*fields(settings), *fields(GateConfig)) if "help" in f.metadata]


def _add_setting(parser: _Parser, field: Field) -> None:
    if field.metadata.get("positional"):
        parser.add_argument(field.name, metavar=field.name.upper(), help=field.metadata["help"])
        return
    assert field.default is not MISSING
    if isinstance(field.default, bool):
        parser.add_argument(_flag(field), action="store_true", help=field.metadata["help"])
        return
    kind = _widths if isinstance(field.default, tuple) else type(field.default)
    parser.add_argument(
        _flag(field),
        type=kind,
        default=field.default,
        choices=field.metadata["choices"] or None,
        metavar=None if field.metadata["choices"] else kind.__name__.strip("_").upper(),
        help=f"{field.metadata['help']} ({field.default or 'as published'})"
        if kind in (_widths, str)
        else f"{field.metadata['help']} ({field.default})",
    )


def _flag(field: Field) -> str:
    return "--" + field.name.replace("_", "-")


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("-"))


def _settings(options: argparse.Namespace) -> Any:
    """The settings dataclass that the flags of ``train`` describe."""
    from reproduce.gates.config import GateConfig
    from reproduce.runs.settings import Settings

    given = vars(options)
    gates = GateConfig(**{f.name: given[f.name] for f in fields(GateConfig) if f.name in given})
    own = {f.name: given[f.name] for f in fields(Settings) if f.name in given}
    return Settings(**own, gates=gates)


def _load(name: str, options: argparse.Namespace) -> Any:
    """The data set on its device; the embedded sample where MNIST is neither at hand nor to be had.

    A folder that was named must hold the data: then nothing takes their place.
    """
    import os

    from reproduce import data
    from reproduce.console import say

    device = _device(options.device)
    try:
        return data.load(name, options.data_dir).to(device)
    except DataError as error:
        if name != "mnist" or options.data_dir or os.environ.get(data.ENVIRONMENT):
            raise
        say(f"[yellow]{error}[/]")
        say("[yellow]Going on with the embedded sample: 4,000 training and 1,000 test images.[/]")
        return data.load("mnist_sample").to(device)


def _device(name: str) -> Any:
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("no CUDA device is to be found: use --device cpu (or auto)")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def _reproduce(options: argparse.Namespace) -> int:
    from reproduce import console
    from reproduce import outputs as report
    from reproduce.experiments import presets
    from reproduce.runs.store import Store
    from reproduce.training import sweep

    if options.seeds is not None and options.seeds < 1:
        raise UserError(f"--seeds must be at least 1; got {options.seeds}")
    network = options.network or "lenet_300_100"
    wanted = presets.preset(network, options.preset)
    data = _load(wanted.rows[0].settings.dataset, options)
    preset = presets.preset(network, options.preset, data.name)
    place = report.place(options.results, preset)
    # The ledger belongs to the main job; a network of its own needs no proof again.
    verdicts = [] if options.network or report.proved(place) else _proofs()
    groups = preset.runs(options.seeds or preset.seeds)
    store = Store(place.runs)
    wanted_runs = [settings for group in groups for settings in group]
    board = _board(options, store, wanted_runs)
    console.arithmetic(sweep.missing(wanted_runs, store), data.train_x.device)
    with console.training() as bars:
        progress = board.beside(bars) if board else bars
        trained = turns.run_all(groups, data, store, progress)
    files = []
    if verdicts or trained:
        with console.working("writing tables and drawing figures"):
            files = report.write(preset, store, place, verdicts)
    console.summary(verdicts, preset, store, trained, files, place)
    return 0 if all(verdict.ok for verdict in verdicts) else 1


def _board(options: argparse.Namespace, store: Any, wanted: Sequence[Any]) -> Any:
    """What writes for TensorBoard, the runs done before already written; None unless asked for."""
    if not options.tensorboard:
        return None
    from reproduce.tensorboard import Board

    folder = options.results / "tensorboard" / store.root.relative_to(options.results)
    board = Board(store, folder)
    for settings in wanted:
        if store.run(settings).finished:
            board.write(settings)
    return board


def _proofs() -> list[Any]:
    import theory
    from reproduce import console

    with console.verifying() as on_progress:
        return theory.verify(on_progress=on_progress)


def _verify(options: argparse.Namespace) -> int:
    import theory
    from reproduce import console

    try:
        if options.json:
            verdicts = theory.verify(options.claims or None)
        else:
            with console.verifying() as on_progress:
                verdicts = theory.verify(options.claims or None, on_progress)
    except ValueError as error:
        raise UserError(str(error)) from error
    if options.json:
        print(json.dumps([verdict.to_json() for verdict in verdicts], indent=1, ensure_ascii=False))
    else:
        console.ledger(verdicts)
    return 0 if all(verdict.ok for verdict in verdicts) else 1


def _train(options: argparse.Namespace) -> int:
    from reproduce import console, ranks
    from reproduce.runs.store import Store
    from reproduce.training import sweep, turns

    settings = _settings(options)
    store = Store(options.results / "own")
    with ranks.joined(_device(options.device)):
        if ranks.number():
            console.silence()
        data = _load(settings.dataset, options)
        settings = replace(settings, dataset=data.name)
        board = None if ranks.number() else _board(options, store, [settings])
        console.arithmetic(sweep.missing([settings], store), data.train_x.device)
        with console.training() as bars:
            progress = board.beside(bars) if board else bars
            trained = turns.run_all([[settings]], data, store, progress)
        if not ranks.number():
            console.one_run(store.run(settings), trained)
    return 0


def _study(options: argparse.Namespace) -> int:
    from reproduce.training import cluster

    if options.jobs is not None and options.jobs < 1:
        raise UserError(f"--jobs must be at least 1; got {options.jobs}")
    if (options.executor == "dask") != bool(options.scheduler):
        raise UserError("--executor dask and --scheduler ADDRESS are given together or not at all")
    if not options.scheduler:
        return _train_study(options)
    with cluster.connected(options.scheduler) as client:
        return _train_study(options, client)


def _train_study(options: argparse.Namespace, client: Any = None) -> int:
    import os

    from reproduce import console
    from reproduce import outputs as report
    from reproduce.experiments import studies
    from reproduce.runs.store import Store
    from reproduce.training import cluster, sweep

    study = studies.study(options.name)
    options.device = "cpu"
    data = _load(study.dataset, options)
    study = studies.study(options.name, data.name)
    place = report.place(options.results, study)
    store = Store(place.runs)
    wanted = sweep.missing(study.runs(), store)
    if client:
        train = cluster.trainer(client, store, data, options.data_dir)
        at_once = cluster.jobs(client)
    else:
        train, at_once = sweep.processes(store, options.data_dir), os.cpu_count() or 1
        console.arithmetic(wanted, data.train_x.device)
    jobs = options.jobs or at_once
    console.plan(study, wanted, sweep.most_seconds(wanted, data, jobs), jobs)
    if options.dry_run:
        return 0
    board = _board(options, store, study.runs())
    failures = []
    with console.sweeping(len(wanted)) as ended:
        for settings, failure in sweep.run(wanted, train, jobs):
            ended(settings, failure)
            failures += [failure] if failure else []
            if board:
                board.write(settings)
    console.swept(study, store, failures)
    with console.working("writing tables and drawing figures"):
        files = report.write(study, store, place)
    console.files(files)
    return 1 if failures else 0


def _runs(options: argparse.Namespace) -> int:
    from reproduce import console
    from reproduce.runs.store import Store

    folders = [path for path in sorted(options.results.glob("*")) if path.is_dir()]
    console.runs([(path.name, run) for path in folders for run in Store(path).runs()])
    return 0


def _export(options: argparse.Namespace) -> int:
    from reproduce import console, export

    run = export.find(options.wanted, options.results)
    with console.working(f"exporting {run.folder.name}"):
        paths = export.export(run, options.to, options.out)
    console.files(paths)
    return 0


def _again(options: argparse.Namespace) -> int:
    from functools import partial

    from reproduce import console, figures
    from reproduce import outputs as report
    from reproduce.experiments import presets, studies
    from reproduce.runs.store import Store

    dataset = "mnist_sample" if options.sample else None
    wanted: list[Any]
    if options.network in studies.STUDIES:
        wanted = [studies.study(options.network, dataset)]
    elif options.network or options.preset or options.sample:
        wanted = [presets.preset(options.network or "lenet_300_100", options.preset, dataset)]
    else:
        wanted = [*presets.committed(), *(studies.study(name) for name in studies.STUDIES)]
    drawing = options.command == "figures"
    write = report.write_figures if drawing else report.write_tables
    places = [report.place(options.results, one) for one in wanted]
    work: list[report.Writing] = [
        partial(write, one, Store(place.runs), place)
        for one, place in zip(wanted, places)
        if place.runs.is_dir()
    ]
    theory: list[report.Writing] = []
    if drawing and len(work) > 1:
        theory.append(partial(figures.write, figures.THEORY, Path("figures")))
    with console.writing(options.command, len(theory + work)) as written:
        files = [written(paths) for paths in report.at_once(theory + work)]
    if not any(files[len(theory) :]):
        raise UserError(
            f"no finished runs in {places[0].runs}: train them with"
            " 'parsimony reproduce' or 'parsimony study'"
        )
    console.files([path for paths in files for path in paths])
    return 0


def _report(options: argparse.Namespace) -> int:
    from reproduce import console
    from reproduce.report import page

    with console.working("putting the page together"):
        path = page.write(Path("paper_tables"), Path("figures"), options.results, options.out)
    console.files([path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
