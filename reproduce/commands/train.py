"""``parsimony train``: one run, its flags made of the fields of its settings."""

from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction, Namespace
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path

from reproduce import console, ranks, screens
from reproduce.commands.flags import add_run_options
from reproduce.commands.setup import board, device, load
from reproduce.errors import UserError
from reproduce.gates.config import GateConfig
from reproduce.models import NETWORKS
from reproduce.runs import sent
from reproduce.runs.found import find
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training import sweep, turns

KEPT = "finished epochs are kept, the same command goes on from there"
EXAMPLES = """examples:
  parsimony train lenet_300_100 --target-macs 0.1 --epochs 40
  parsimony train lenet_5 --target-macs 0.3 --target-params 0.2 --epochs 20
  parsimony train lenet_300_100 --log-gamma 39 --epochs 40
  parsimony train lenet_300_100 --method dense --judged-on validation
  parsimony train lenet_300_100 --widths 784-500-300 --init xavier
  parsimony train --from RUN --log-gamma 60       another price, else as a run before
  parsimony train lenet_5 --save-settings mine.toml; parsimony train mine.toml
  parsimony train lenet_300_100 --tensorboard; tensorboard --logdir results/tensorboard
  parsimony train vgg16 --precision bfloat16 --estimator trapezoid --floor 0.03 --flip
  torchrun --nproc-per-node 2 -m reproduce.cli train vgg16 --device cuda   two GPUs"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "network", nargs="?", metavar="NETWORK", help=f"{', '.join(NETWORKS)}, or a settings file"
    )
    parser.add_argument(
        "--from", dest="source", metavar="RUN", help="start from the settings of this run"
    )
    parser.add_argument(
        "--save-settings",
        type=Path,
        metavar="FILE",
        help="only write the settings to this file (TOML), to train or send it",
    )
    for field in (*fields(Settings), *fields(GateConfig)):
        if "help" in field.metadata and not field.metadata.get("positional"):
            _add_setting(parser, field)
    add_run_options(parser)


def _add_setting(parser: ArgumentParser, field: Field) -> None:
    """A flag for a setting; one that is not given leaves no trace in the options."""
    assert field.default is not MISSING
    flag = "--" + field.name.replace("_", "-")
    if isinstance(field.default, bool):
        parser.add_argument(
            flag, action=BooleanOptionalAction, default=SUPPRESS, help=field.metadata["help"]
        )
        return
    kind = _widths if isinstance(field.default, tuple) else type(field.default)
    default = (field.default or "as published") if kind in (_widths, str) else field.default
    parser.add_argument(
        flag,
        type=kind,
        default=SUPPRESS,
        choices=field.metadata["choices"] or None,
        metavar=None if field.metadata["choices"] else kind.__name__.strip("_").upper(),
        help=f"{field.metadata['help']} ({default})",
    )


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("-"))


def _settings(options: Namespace) -> Settings:
    """The settings of a network, a file or a run, with what the flags change."""
    given = vars(options)
    gates = {f.name: given[f.name] for f in fields(GateConfig) if f.name in given}
    own = {f.name: given[f.name] for f in fields(Settings) if f.name in given}
    name = own.pop("network")
    if bool(name) == bool(options.source):
        raise UserError("name a network, a settings file (.toml), or a run with --from RUN")
    if options.source:
        base = find(options.source, options.results).settings()
    elif name.endswith(".toml"):
        base = sent.read(Path(name))
    else:
        base = Settings(name)
    return replace(base, **own, gates=replace(base.gates, **gates))


def run(options: Namespace) -> int:
    settings = _settings(options)
    if options.save_settings:
        sent.write(settings, options.save_settings)
        console.files([options.save_settings])
        return 0
    store = Store(options.results / "own")
    with ranks.joined(device(options.device)):
        if ranks.number():
            console.silence()
        data = load(settings.dataset, options)
        settings = replace(settings, dataset=data.name)
        watching = None if ranks.number() else board(options, store, [settings])
        console.arithmetic(sweep.missing([settings], store, data), data.train_x.device)
        with console.training() as bars:
            progress = watching.beside(bars) if watching else bars
            trained = turns.run_all([[settings]], data, store, progress)
        if not ranks.number():
            screens.one_run(store.run(settings), trained)
    return 0
