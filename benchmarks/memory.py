"""Peak memory: of a process of its own, since a process never forgets its peak."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def in_a_process(function: Callable[..., T], *arguments: object) -> T:
    """What a function of a module returns in a process that is fresh but for the imports."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def high_water() -> float:
    """Most MiB that this process ever had in memory; Linux, since ``getrusage`` counts a parent."""
    return _status("VmHWM")


def in_use() -> float:
    """MiB that this process has in memory now."""
    return _status("VmRSS")


def _status(entry: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{entry}:")) / 1024
