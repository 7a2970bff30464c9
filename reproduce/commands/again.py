"""What ``tables`` and ``figures`` have in common: both write again from stored runs."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from reproduce import console, outputs
from reproduce.commands.flags import add_preset, add_results
from reproduce.errors import UserError, unknown
from reproduce.experiments import presets, studies
from reproduce.experiments.rows import Preset, Study
from reproduce.models import NETWORKS
from reproduce.runs.loaded import Loaded
from reproduce.runs.store import Store

Write = Callable[[Preset | Study, Loaded, outputs.Place], list[Path]]


def add_arguments(parser: ArgumentParser) -> None:
    add_preset(parser, "or a study's name; all whose runs are committed")
    add_results(parser)
    parser.add_argument("--sample", action="store_true", help="of runs on the embedded sample")


def write(options: Namespace, write: Write, first: Sequence[outputs.Writing] = ()) -> int:
    """Writes what the flags name, by several processes; ``first`` comes before more than one."""
    wanted = _wanted(options)
    places = [outputs.place(options.results, one) for one in wanted]
    work: list[outputs.Writing] = [
        partial(_load_and_write, write, one, place)
        for one, place in zip(wanted, places)
        if place.runs.is_dir()
    ]
    before = list(first) if len(work) > 1 else []
    with console.writing(options.command, len(before + work)) as written:
        files = [written(paths) for paths in outputs.at_once(before + work)]
    if not any(files[len(before) :]):
        if any(_trained(one, options) for one in wanted):  # a kind of study that has no pictures
            raise UserError(f"{wanted[0].name} has no {options.command}, but a table")
        raise UserError(
            f"no finished runs in {places[0].runs}: train them with"
            " 'parsimony reproduce' or 'parsimony study'"
        )
    console.files([path for paths in files for path in paths])
    return 0


def _load_and_write(write: Write, wanted: Preset | Study, place: outputs.Place) -> list[Path]:
    return write(wanted, Store(place.runs).load(), place)


def _wanted(options: Namespace) -> list[Preset | Study]:
    """What the flags name: the first preset of a network that was trained, if none is named.

    It is the one on the published data or, where only that was trained, on others: ``parsimony
    reproduce`` takes the embedded sample where it finds no MNIST.
    """
    if not (options.network or options.preset or options.sample):
        return [*presets.committed(), *(studies.study(name) for name in studies.STUDIES)]
    name = options.network or "lenet_300_100"
    if name not in (*studies.STUDIES, *presets.PRESETS):
        raise unknown("network or study", name, [*presets.PRESETS, *studies.STUDIES])
    every = presets.PRESETS[name][1] if name in presets.PRESETS else (None,)
    named = (options.preset,) if options.preset else every
    first = _on(name, named[0], None)
    on = [_on(name, one, data) for one in named for data in NETWORKS[first.network].datasets]
    if options.sample:
        on = [one for one in on if one.dataset == "mnist_sample"]
    return [next((one for one in on if _trained(one, options)), first)]


def _on(name: str, preset: str | None, dataset: str | None) -> Preset | Study:
    if name in studies.STUDIES:
        return studies.study(name, dataset)
    return presets.preset(name, preset, dataset)


def _trained(wanted: Preset | Study, options: Namespace) -> bool:
    loaded = Store(outputs.place(options.results, wanted).runs).load()
    return any(loaded.seeds(row.settings) for row in wanted.rows)
