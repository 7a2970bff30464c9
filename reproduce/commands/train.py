"""``parsimony train``: one run, its flags made of the fields of its settings."""

from argparse import ArgumentParser, Namespace
from dataclasses import MISSING, Field, fields, replace

from reproduce import console, ranks
from reproduce.commands.flags import add_run_options
from reproduce.commands.setup import board, device, load
from reproduce.gates.config import GateConfig
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training import sweep, turns

KEPT = "finished epochs are kept, the same command goes on from there"
EXAMPLES = """examples:
  parsimony train lenet_300_100 --log-gamma 39 --epochs 40
  parsimony train lenet_300_100 --method dense --judged-on validation
  parsimony train lenet_300_100 --widths 784-500-300 --init xavier --estimator path
  parsimony train lenet_300_100 --tensorboard; tensorboard --logdir results/tensorboard
  parsimony train vgg16 --precision bfloat16 --estimator trapezoid --shift 4 --flip
  torchrun --nproc-per-node 2 -m reproduce.cli train vgg16 --device cuda   on two GPUs"""


def add_arguments(parser: ArgumentParser) -> None:
    for field in (*fields(Settings), *fields(GateConfig)):
        if "help" in field.metadata:
            _add_setting(parser, field)
    add_run_options(parser)


def _add_setting(parser: ArgumentParser, field: Field) -> None:
    if field.metadata.get("positional"):
        parser.add_argument(field.name, metavar=field.name.upper(), help=field.metadata["help"])
        return
    assert field.default is not MISSING
    flag = "--" + field.name.replace("_", "-")
    if isinstance(field.default, bool):
        parser.add_argument(flag, action="store_true", help=field.metadata["help"])
        return
    kind = _widths if isinstance(field.default, tuple) else type(field.default)
    parser.add_argument(
        flag,
        type=kind,
        default=field.default,
        choices=field.metadata["choices"] or None,
        metavar=None if field.metadata["choices"] else kind.__name__.strip("_").upper(),
        help=f"{field.metadata['help']} ({field.default or 'as published'})"
        if kind in (_widths, str)
        else f"{field.metadata['help']} ({field.default})",
    )


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("-"))


def _settings(options: Namespace) -> Settings:
    """The settings that the flags describe."""
    given = vars(options)
    gates = GateConfig(**{f.name: given[f.name] for f in fields(GateConfig) if f.name in given})
    own = {f.name: given[f.name] for f in fields(Settings) if f.name in given}
    return Settings(**own, gates=gates)


def run(options: Namespace) -> int:
    settings = _settings(options)
    store = Store(options.results / "own")
    with ranks.joined(device(options.device)):
        if ranks.number():
            console.silence()
        data = load(settings.dataset, options)
        settings = replace(settings, dataset=data.name)
        watching = None if ranks.number() else board(options, store, [settings])
        console.arithmetic(sweep.missing([settings], store), data.train_x.device)
        with console.training() as bars:
            progress = watching.beside(bars) if watching else bars
            trained = turns.run_all([[settings]], data, store, progress)
        if not ranks.number():
            console.one_run(store.run(settings), trained)
    return 0
