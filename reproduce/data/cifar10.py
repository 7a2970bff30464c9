"""CIFAR-10: the official files, or its images as JPEG or PNG."""

import io
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from reproduce.data import cache, image_folder, pickled
from reproduce.data.dataset import Dataset
from reproduce.data.fetch import fetch, is_published
from reproduce.errors import DataError

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
SIDE = 32
IMAGES = 60_000
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
OFFICIAL = "cifar-10-binary.tar.gz"
ADDRESS = "https://www.cs.toronto.edu/~kriz/" + OFFICIAL
MD5, SIZE = "c32a1d4ab5d03f1284b67883e8d87530", 170_052_171
BATCHES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
RECORD = 1 + 3 * SIDE * SIDE  # bytes of an image: its label, and rows of red, of green, of blue
PYTHON, PYTHON_MD5 = "cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a"
PICKLED = "cifar-10-batches-py"
PICKLES = {  # of each file, the published MD5
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
JPEG_FINGERPRINT = "eec90e10bd2f5438"  # of the JPEGs behind the committed results
CACHE = Path("data") / "cache"


def load(root: Path, download: bool) -> Dataset:
    """CIFAR-10 from ``root``, a folder that holds it, or an archive of images.

    Looked for in this order: train/<class>/ and test/<class>/ in ``root`` or in its folder cifar10;
    an archive of them; the official archive of the binary version, or that of the Python version,
    or the folder that it unpacks to. Images of which neither the fingerprint nor the digest is
    known are called what they are, ``cifar10_format``; official files must be what was published.

    Args:
        download: fetches the official archive to there when nothing is found.

    Raises:
        DataError: it is missing, damaged or of the wrong kind, or can't be downloaded.
    """
    source = _images(root)
    if source:
        return _from_images(source)
    official = root if root.name == OFFICIAL else root / OFFICIAL
    of_python = root if root.name == PYTHON else root / PYTHON
    unpacked = root if root.name == PICKLED else root / PICKLED
    if download and not any(path.exists() for path in (official, of_python, unpacked)):
        fetch([ADDRESS], official, MD5, SIZE)
    if of_python.is_file():
        return _from_pickles(of_python, _members(of_python, PYTHON_MD5, PICKLES))
    if official.is_file():
        return _from_binary(_members(official, MD5, BATCHES))
    if unpacked.is_dir():
        return _from_pickles(unpacked, [_content(unpacked / name) for name in PICKLES])
    raise DataError(
        f"no CIFAR-10 in {root}: expected cifar10.tar.gz (or .tgz, .tar, .zip), or folders"
        f" train/<class> and test/<class> with images, or {OFFICIAL}, or {PYTHON}, or {PICKLED}/"
    )


def _images(root: Path) -> Path | None:
    """The image folder or archive that ``root`` is or holds."""
    if root.is_file():
        if root.name in (OFFICIAL, PYTHON):
            return None
        if not root.name.endswith(image_folder.ARCHIVES):
            raise DataError(
                f"{root} is neither a folder nor an archive ({', '.join(image_folder.ARCHIVES)})"
            )
        return root
    for folder in (root, root / "cifar10"):
        if any((folder / s / kind).is_dir() for s in image_folder.SPLITS for kind in CLASSES):
            return folder
    archives = (root / f"cifar10{suffix}" for suffix in image_folder.ARCHIVES)
    return next((archive for archive in archives if archive.is_file()), None)


def _from_images(source: Path) -> Dataset:
    kept = CACHE / f"cifar10-{image_folder.digest(source)}.npz"
    arrays = cache.load(kept)
    if arrays is None:
        arrays = image_folder.read(source, CLASSES, SIDE, IMAGES)
        cache.save(kept, arrays)
    parts = (arrays[name] for name in ("train_x", "train_y", "test_x", "test_y"))
    kind = "JPEG" if arrays["jpeg"] else "PNG"
    found = _dataset(f"CIFAR-10 ({kind})", *parts)
    known = found.fingerprint == JPEG_FINGERPRINT
    return found if known else found.only_in_format("CIFAR-10", f"{kind}, ")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}") from error


def _members(path: Path, md5: str, names: Iterable[str]) -> list[bytes]:
    """Files of an official archive; nothing of it is looked at unless its digest fits."""
    content = _content(path)
    _must_be_published(content, md5, path)
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        files = {member.name.rpartition("/")[2]: member for member in archive if member.isreg()}
        return [archive.extractfile(files[name]).read() for name in names]  # type: ignore[union-attr]


def _must_be_published(content: bytes, md5: str, path: Path) -> None:
    if not is_published(content, md5):
        raise DataError(f"{path} is damaged, or not the published file: fetch it again")


def _from_binary(batches: Sequence[bytes]) -> Dataset:
    records = np.frombuffer(b"".join(batches), np.uint8).reshape(-1, RECORD)
    return _official(records[:, 1:], records[:, 0].copy(), len(batches[-1]) // RECORD)


def _from_pickles(source: Path, batches: Sequence[bytes]) -> Dataset:
    """From the files of the Python version, each of which must be what was published."""
    found = []
    for (name, md5), content in zip(PICKLES.items(), batches):
        _must_be_published(content, md5, source / name)
        found.append(pickled.read(content))
    labels = np.array([label for batch in found for label in batch["labels"]], np.uint8)
    return _official(np.concatenate([b["data"] for b in found]), labels, len(found[-1]["labels"]))


def _official(pixels: np.ndarray, labels: np.ndarray, test: int) -> Dataset:
    """From rows of red, of green and of blue; the last ``test`` images are for testing."""
    images = pixels.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1).copy()
    return _dataset("CIFAR-10", images[:-test], labels[:-test], images[-test:], labels[-test:])


def _dataset(title: str, *parts: np.ndarray) -> Dataset:
    """From images (samples, height, width, channels): in memory that is channels_last already."""
    train_x, train_y, test_x, test_y = (torch.from_numpy(part) for part in parts)
    return Dataset(
        "cifar10",
        title,
        train_x.permute(0, 3, 1, 2),
        train_y.long(),
        test_x.permute(0, 3, 1, 2),
        test_y.long(),
        mean=MEAN,
        std=STD,
    )
