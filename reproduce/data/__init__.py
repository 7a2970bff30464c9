"""Data sets by name: where they are looked for, and how they are read."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reproduce.data import cifar10, mnist
from reproduce.data.dataset import FORMAT, Dataset
from reproduce.errors import DataError

__all__ = ["DATASETS", "DOWNLOADS", "ENVIRONMENT", "Dataset", "known_as", "load", "source"]

ENVIRONMENT = "PARSIMONY_DATA"
DOWNLOADS = Path("data")


@dataclass(frozen=True)
class Source:
    """A registered data set: how it is read from a folder, and what its images are like.

    Attributes:
        load: of a folder, and whether a download may go to it; raises DataError.
        mean, std: of each channel, as ``Dataset`` has them.
        suffix: of the names of its tables, where a network's are on another set elsewhere.
    """

    load: Callable[..., Dataset]
    mean: tuple[float, ...] = Dataset.mean
    std: tuple[float, ...] = Dataset.std
    suffix: str = ""


DATASETS = {
    "mnist": Source(mnist.load),
    "cifar10": Source(cifar10.load, cifar10.MEAN, cifar10.STD, suffix="_cifar10"),
}


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
    return source(name).load(Path(named or DOWNLOADS), download=not named)


def source(name: str) -> Source:
    """The registered set that a name belongs to, be it of a sample or of images in its format."""
    return DATASETS[name.removesuffix(FORMAT).removesuffix("_sample")]


def known_as(name: str, title: str, fingerprint: str) -> bool:
    """Whether images that have this fingerprint may go by this name and this title."""
    if name.endswith(FORMAT):
        return title.endswith(f"fingerprint {fingerprint})")
    titles = {
        "mnist": {"MNIST": mnist.FINGERPRINT},
        # Of the official files each has its digest, and all of them no fingerprint at hand.
        "cifar10": {"CIFAR-10": fingerprint, "CIFAR-10 (JPEG)": cifar10.JPEG_FINGERPRINT},
    }
    return name not in titles or titles[name].get(title) == fingerprint
