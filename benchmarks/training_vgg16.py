"""``benchmarks.training`` for VGG16 on CIFAR-10: hours, so it is run by name only."""

from typing import Any

from benchmarks.training import HEAD, THREADS, USES, compared, rows

__all__ = ["HEAD", "THREADS", "USES", "measure", "rows"]


def measure() -> dict[str, Any]:
    return {"vgg16": compared("vgg16")}
