"""CIFAR-10: the official files by torchvision, or its images as JPEG or PNG."""

from pathlib import Path

import numpy as np
import torch

from reproduce.data import cache, image_folder, torchvision_sets
from reproduce.data.dataset import Dataset
from reproduce.errors import DataError

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
SIDE = 32
IMAGES = 60_000
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
OFFICIAL = "cifar-10-batches-py"
CACHE = Path("data") / "cache"


def load(root: Path, download: bool) -> Dataset:
    """CIFAR-10 from ``root``, a folder that holds it, or an archive of images.

    Looked for in this order: train/<class>/ and test/<class>/ in ``root`` or in its folder cifar10;
    an archive of them; the official files.

    Args:
        download: fetches the official files to there when nothing is found, or they are damaged.

    Raises:
        DataError: it is missing, damaged or of the wrong kind, or can't be downloaded.
    """
    source = _images(root)
    if source:
        return _from_images(source)
    if download or (root / OFFICIAL).is_dir():
        parts = torchvision_sets.splits("CIFAR10", root, download)
        arrays = [array for part in parts for array in (part.data, np.array(part.targets))]
        return _dataset("CIFAR-10", *arrays)
    raise DataError(
        f"no CIFAR-10 in {root}: expected cifar10.tar.gz (or .tgz, .tar, .zip), or folders"
        f" train/<class> and test/<class> with images, or {OFFICIAL}"
    )


def _images(root: Path) -> Path | None:
    """The image folder or archive that ``root`` is or holds."""
    if root.is_file():
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
    return _dataset(f"CIFAR-10 ({'JPEG' if arrays['jpeg'] else 'PNG'})", *parts)


def _dataset(title: str, *parts: np.ndarray) -> Dataset:
    """From images (samples, height, width, channels): in memory that is channels_last already."""
    count = len(parts[0]) + len(parts[2])
    if count != IMAGES:
        title += f", {count:,} of {IMAGES:,} images"
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
