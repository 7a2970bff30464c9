"""What commands that train need first: a device, the data, and what writes for TensorBoard."""

import os
from argparse import Namespace
from collections.abc import Sequence

import torch

from reproduce import data
from reproduce.console import say
from reproduce.errors import DataError, UserError
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.tensorboard import Board


def load(name: str, options: Namespace) -> data.Dataset:
    """The data set on its device; the embedded sample where MNIST is neither at hand nor to be had.

    A folder that was named must hold the data: then nothing takes their place.
    """
    where = device(options.device)
    try:
        return data.load(name, options.data_dir).to(where)
    except DataError as error:
        if name != "mnist" or options.data_dir or os.environ.get(data.ENVIRONMENT):
            raise
        say(f"[yellow]{error}[/]")
        say("[yellow]Going on with the embedded sample: 4,000 training and 1,000 test images.[/]")
        return data.load("mnist_sample").to(where)


def device(name: str) -> torch.device:
    """The device that ``--device`` names. Raises UserError where there is no such one."""
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("no CUDA device is to be found: use --device cpu (or auto)")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def board(options: Namespace, store: Store, wanted: Sequence[Settings]) -> Board | None:
    """What writes for TensorBoard, the runs done before already written; None unless asked for."""
    if not options.tensorboard:
        return None
    folder = options.results / "tensorboard" / store.root.relative_to(options.results)
    made = Board(store, folder)
    for settings in wanted:
        if store.run(settings).finished:
            made.write(settings)
    return made
