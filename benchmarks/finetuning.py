"""Fine-tuning a network that has learnt: torchvision's ResNet-18 on some images of CIFAR-10.

python -m benchmarks.finetuning trains it a little, tunes copies of it down to budgets with
``reproduce.shrink`` (minutes on one core; extra ``models``), and writes docs/finetuning.md.
"""

import math
import os
import time
from copy import deepcopy
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.coverage import build
from reproduce import data, shrink
from reproduce.data.dataset import Dataset
from reproduce.files import write_atomic
from reproduce.tables.render import markdown_table

PAGE = Path(__file__).parents[1] / "docs" / "finetuning.md"
IMAGES, HELD_OUT, BATCH = 1500, 1000, 32
LEARNT, TUNED = (6, 0.05), (6, 0.01)  # epochs, and the first step of SGD
BUDGETS = (0.5, 0.3)
TEXT = """\
# Fine-tuning

Written by `python -m benchmarks.finetuning`. torchvision's ResNet-18 was trained for {learnt[0]}
epochs on {images:,} images of {data}, drawn at random, without augmentation (SGD, momentum 0.9,
steps from {learnt[1]:g} down by half a cosine). Then copies of it were tuned for {tuned[0]} epochs,
with steps from {tuned[1]:g}: as it is, and by `reproduce.shrink` down to budgets. Error on
{held_out:,} test images after the last epoch, seed 0 (n = 1); PyTorch {torch} on one core of a
processor; seconds include all that `shrink` does.

"""


def trained(
    model: nn.Module, batches: list[tuple[Tensor, Tensor]], epochs: int, step: float
) -> None:
    """Trains a network as it is, with the schedule that ``shrink`` has."""
    optimizer = sgd(model, step)
    model.train()
    for number in range(steps := epochs * len(batches)):
        optimizer.param_groups[0]["lr"] = step * (1 + math.cos(math.pi * number / steps)) / 2
        x, y = batches[number % len(batches)]
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def sgd(model: nn.Module, step: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=step, momentum=0.9)


@torch.no_grad()
def error(model: nn.Module, x: Tensor, y: Tensor) -> str:
    """In %."""
    model.eval()
    right = sum((model(a).argmax(1) == b).sum().item() for a, b in zip(x.split(100), y.split(100)))
    return f"{100 * (1 - right / len(y)):.1f}"


def rows(cifar: Dataset) -> list[list[str]]:
    """Of each copy: what it is, its error, the share of MACs and parameters left, seconds."""
    torch.manual_seed(0)
    some = torch.randperm(len(cifar.train_y))[:IMAGES]  # the files may be sorted by class
    images = cifar.normalise(cifar.train_x[some])
    batches = list(zip(images.split(BATCH), cifar.train_y[some].split(BATCH)))
    others = torch.randperm(len(cifar.test_y))[:HELD_OUT]
    held_out = cifar.normalise(cifar.test_x[others]), cifar.test_y[others]
    first = build("torchvision:resnet18")
    first.fc = nn.Linear(512, 10)
    trained(first, batches, *LEARNT)
    found = [["as trained", error(first, *held_out), "100.0", "100.0", ""]]
    start, dense = time.perf_counter(), deepcopy(first)
    trained(dense, batches, *TUNED)
    took = f"{time.perf_counter() - start:.0f}"
    found.append(["tuned as it is", error(dense, *held_out), "100.0", "100.0", took])
    for share in BUDGETS:
        start, model = time.perf_counter(), deepcopy(first)
        epochs, step = TUNED
        model, summary = shrink(
            model, batches, F.cross_entropy,
            target_macs=share, epochs=epochs, optimizer=sgd(model, step),
        )  # fmt: skip
        took = f"{time.perf_counter() - start:.0f}"
        before, now = summary.before, summary.now
        left = (100 * now.macs / before.macs, 100 * now.parameters / before.parameters)
        name = f"`target_macs={share:g}`"
        found.append([name, error(model, *held_out), *(f"{x:.1f}" for x in left), took])
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    head = ["network", "error %", "MACs, %", "parameters, %", "seconds"]
    cifar = data.load("cifar10", os.environ.get(data.ENVIRONMENT))
    told = TEXT.format(
        data=cifar.title, learnt=LEARNT, tuned=TUNED, images=IMAGES, held_out=HELD_OUT,
        torch=torch.__version__,
    )  # fmt: skip
    write_atomic(PAGE, told + markdown_table(head, rows(cifar)) + "\n")
