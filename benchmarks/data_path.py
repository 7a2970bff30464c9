"""The data path of CIFAR-10 against torchvision's transforms in a PyTorch DataLoader.

Writes benchmarks/data_path.json. Each side shifts by up to 4 pixels, mirrors and normalises the
same number of the same images in batches of 128, in this one process, in alternation and with one
thread; each figure is the median over rounds. Images are noise: no step here depends on content.

    python benchmarks/data_path.py
"""

import io
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import torch
from PIL import Image
from torch import library

from reproduce.data import Dataset
from reproduce.data.cifar10 import MEAN, SIDE, STD
from reproduce.data.image_folder import decode
from reproduce.store import write_json

try:
    import torchvision
except RuntimeError:
    # A torchvision built for another torch misses its compiled operators. The transforms use none,
    # and for the rest to import it is enough that the two it asks for by name are declared.
    operators = library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        operators.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision
from torchvision import transforms

OUT = Path(__file__).with_name("data_path.json")
EPOCH = 50_000  # images in memory
BATCH, BATCHES = 128, 40  # of each side in a round, drawn from all images; scaled up to an epoch
SHIFT = 4
ROUNDS = 7
WORKERS = (0, 2)
DECODED = 2000


def made_up() -> Dataset:
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.integers(0, 256, (EPOCH, SIDE, SIDE, 3), dtype=np.uint8))
    x, y = x.permute(0, 3, 1, 2), torch.from_numpy(rng.integers(0, 10, len(x)))
    return Dataset("noise", "Noise", x, y, x[:1], y[:1], mean=MEAN, std=STD)


class Pictures(torch.utils.data.Dataset):
    """The same images as a user of torchvision has them: in memory, by Pillow."""

    def __init__(self, data: Dataset):
        arrays = data.train_x.permute(0, 2, 3, 1).numpy()
        self.images, self.labels = [Image.fromarray(a) for a in arrays], data.train_y.tolist()
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


def milliseconds(batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """Time of a batch, when nothing is done with it; workers are started before the clock."""
    begin, count = time.perf_counter(), 0
    for x, _ in batches:
        assert x.shape == (BATCH, 3, SIDE, SIDE)
        count += 1
    assert count == BATCHES
    return (time.perf_counter() - begin) / count * 1e3


def compare() -> dict[str, Any]:
    """Time per batch of each side, and how many times as long as ours torchvision takes."""
    data, order = made_up(), torch.Generator().manual_seed(0)
    pictures = Pictures(data)
    sampler = torch.utils.data.RandomSampler(pictures, num_samples=BATCH * BATCHES)
    loaders = {
        f"torchvision, {workers} workers": torch.utils.data.DataLoader(
            pictures, BATCH, sampler=sampler, num_workers=workers, persistent_workers=workers > 0
        )
        for workers in WORKERS
    }
    sides: dict[str, Callable[[], Iterable[Any]]] = {
        "ours": lambda: islice(data.batches(BATCH, order, SHIFT, flip=True), BATCHES)
    } | {name: (lambda loader=loader: loader) for name, loader in loaders.items()}
    for batches in sides.values():
        milliseconds(batches())  # starts the workers, fills caches
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, batches in sides.items():
            times[name].append(milliseconds(batches()))
    ratios = {
        name: [theirs / ours for theirs, ours in zip(times[name], times["ours"])]
        for name in loaders
    }
    return {
        "milliseconds per batch": {n: statistics.median(t) for n, t in times.items()},
        "seconds per epoch": {
            n: statistics.median(t) * (EPOCH // BATCH) / 1e3 for n, t in times.items()
        },
        "ratio": {name: statistics.median(values) for name, values in ratios.items()},
        "ratios": ratios,
    }


def decoding() -> dict[str, float]:
    """What is done once for each image and then cached, by format, in microseconds."""
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    needed = {}
    for kind in ("JPEG", "PNG"):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, kind)
        begin = time.perf_counter()
        for _ in range(DECODED):
            decode("noise", buffer.getvalue(), SIDE)
        needed[kind] = (time.perf_counter() - begin) / DECODED * 1e6
    return needed


def main() -> None:
    torch.set_num_threads(1)
    result = {
        "compared": {"batch": BATCH, "batches": BATCHES, "shift": SHIFT, "rounds": ROUNDS}
        | compare(),
        "microseconds to decode one image, once": decoding(),
        "machine": {
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "load": os.getloadavg()[0],
            "processor": platform.machine(),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "pillow": PIL.__version__,
        },
    }
    write_json(OUT, result)
    compared = result["compared"]
    print(f"{compared['milliseconds per batch']['ours']:.2f} ms a batch of {BATCH}")
    for name, ratio in compared["ratio"].items():
        print(f"{name}: {ratio:.1f} times as long")


if __name__ == "__main__":
    main()
