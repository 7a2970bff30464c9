"""Data sets by name: where they are looked for, and how they are read."""

import os
from pathlib import Path

from reproduce.data import cifar10, mnist
from reproduce.data.dataset import FORMAT, Dataset
from reproduce.errors import DataError

__all__ = ["DATASETS", "DOWNLOADS", "ENVIRONMENT", "Dataset", "load", "normalisation"]

ENVIRONMENT = "PARSIMONY_DATA"
DOWNLOADS = Path("data")
DATASETS = {"mnist": mnist.load, "cifar10": cifar10.load}


def load(name: str, data_dir: str | None = None) -> Dataset:
    """Loads a data set by name: ``mnist``, its embedded sample ``mnist_sample``, or ``cifar10``.

    It is looked for in ``data_dir``, else in the folder that the environment variable
    PARSIMONY_DATA names, else in ``data/``, to where it is downloaded if need be. What is found
    there bears the name only if it is the published set, known by its fingerprint or its digest;
    else its name is ``mnist_format`` or ``cifar10_format``, by which it can be asked for too.

    Raises:
        DataError: it is not where it should be, is damaged, or can't be downloaded.
    """
    if name == "mnist_sample":
        return mnist.load_sample()
    named = data_dir or os.environ.get(ENVIRONMENT)
    if named and not Path(named).exists():
        raise DataError(f"{named} does not exist: name the folder that holds the data")
    return DATASETS[name.removesuffix(FORMAT)](Path(named or DOWNLOADS), download=not named)


def normalisation(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, as ``Dataset`` has them, of a set by name."""
    coloured = name.startswith("cifar10")
    return (cifar10.MEAN, cifar10.STD) if coloured else (Dataset.mean, Dataset.std)
