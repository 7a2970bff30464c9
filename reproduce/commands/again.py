"""What ``tables`` and ``figures`` have in common: both write again from stored runs."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from reproduce import console, outputs
from reproduce.commands.flags import add_preset, add_results
from reproduce.errors import UserError
from reproduce.experiments import presets, studies
from reproduce.experiments.rows import Preset
from reproduce.experiments.studies import Study
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
        raise UserError(
            f"no finished runs in {places[0].runs}: train them with"
            " 'parsimony reproduce' or 'parsimony study'"
        )
    console.files([path for paths in files for path in paths])
    return 0


def _load_and_write(write: Write, wanted: Preset | Study, place: outputs.Place) -> list[Path]:
    return write(wanted, Store(place.runs).load(), place)


def _wanted(options: Namespace) -> list[Preset | Study]:
    dataset = "mnist_sample" if options.sample else None
    if options.network in studies.STUDIES:
        return [studies.study(options.network, dataset)]
    if options.network or options.preset or options.sample:
        return [presets.preset(options.network or "lenet_300_100", options.preset, dataset)]
    return [*presets.committed(), *(studies.study(name) for name in studies.STUDIES)]
