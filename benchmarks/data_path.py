"""The data path of CIFAR-10 against torchvision's transforms in a PyTorch DataLoader.

Each side shifts by up to 4 pixels, mirrors and normalises 40 batches of 128 of the same images in a
round; nothing else is done with them. Images are noise: no step here depends on content. Decoding
is done once for each image and then cached.
"""

import io
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import library

from benchmarks.timing import COLUMNS, cells, digits, milliseconds, ratio, seconds, take_turns
from reproduce.data import Dataset
from reproduce.data.cifar10 import MEAN, SIDE, STD
from reproduce.data.image_folder import decode

THREADS = 1
USES = ("torch", "torchvision", "pillow")
HEAD = (*COLUMNS, "ms a batch", "ms a batch, ours")
IMAGES = 50_000  # in memory
BATCH, BATCHES = 128, 40  # of each side in a round, drawn from all images
SHIFT = 4
ROUNDS = 7
WORKERS = (0, 2)
DECODED = 2000


def made_up() -> Dataset:
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.integers(0, 256, (IMAGES, SIDE, SIDE, 3), dtype=np.uint8))
    x, y = x.permute(0, 3, 1, 2), torch.from_numpy(rng.integers(0, 10, len(x)))
    return Dataset("noise", "Noise", x, y, x[:1], y[:1], mean=MEAN, std=STD)


def torchvision_transforms() -> Any:
    """The module; one built for another torch misses its compiled operators.

    The transforms use none, and for the rest to import it is enough that the two it asks for by
    name are declared.
    """
    try:
        from torchvision import transforms
    except RuntimeError:
        operators = library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        from torchvision import transforms
    return transforms


class Pictures(torch.utils.data.Dataset):
    """Training images as a user of torchvision has them: in memory, by Pillow."""

    def __init__(self, data: Dataset):
        arrays = data.train_x.permute(0, 2, 3, 1).numpy()
        self.images, self.labels = [Image.fromarray(a) for a in arrays], data.train_y.tolist()
        transforms = torchvision_transforms()
        self.transform = transforms.Compose(
            [
                transforms.RandomCrop(SIDE, padding=SHIFT),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(MEAN, STD),
            ]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(self.images[index]), self.labels[index]


def read(batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Every batch once, and nothing is done with it."""
    shapes = [x.shape for x, _ in batches]
    assert shapes == [(BATCH, 3, SIDE, SIDE)] * BATCHES


def measure() -> dict[str, Any]:
    compared = {"batch": BATCH, "batches": BATCHES, "shift": SHIFT} | compare()
    return {"compared": compared, "microseconds to decode one image, once": decoding()}


def compare() -> dict[str, Any]:
    """Time per batch of each side, and how many times as long as ours torchvision takes."""
    data, order = made_up(), torch.Generator().manual_seed(0)
    pictures = Pictures(data)
    sampler = torch.utils.data.RandomSampler(pictures, num_samples=BATCH * BATCHES)
    sides: dict[str, Callable[[], None]] = {
        "ours": lambda: read(islice(data.batches(BATCH, order, SHIFT, flip=True), BATCHES))
    }
    for workers in WORKERS:
        loader = torch.utils.data.DataLoader(
            pictures, BATCH, sampler=sampler, num_workers=workers, persistent_workers=workers > 0
        )
        sides[f"torchvision, {workers} workers"] = partial(read, loader)
    turns = take_turns(sides, ROUNDS, warm_up=1)
    return {
        "milliseconds per batch": {n: milliseconds(t) / BATCHES for n, t in turns.items()},
        "against ours": {n: ratio(t, turns["ours"]) for n, t in turns.items() if n != "ours"},
    }


def decoding() -> dict[str, float]:
    """By format, in microseconds."""
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    needed = {}
    for kind in ("JPEG", "PNG"):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, kind)
        content = buffer.getvalue()
        total = seconds(lambda: [decode("noise", content, SIDE) for _ in range(DECODED)])
        needed[kind] = 1e6 * total / DECODED
    return needed


def rows(result: dict[str, Any]) -> list[list[str]]:
    compared, decoded = result["compared"], result["microseconds to decode one image, once"]
    each = compared["milliseconds per batch"]
    lines = [
        [*cells(name, "ours", one), digits(each[name]), digits(each["ours"])]
        for name, one in compared["against ours"].items()
    ]
    for kind, microseconds in decoded.items():
        lines.append([f"decoding one {kind}: {microseconds:.0f} µs", *[""] * (len(HEAD) - 1)])
    return lines
