"""The main job, `make reproduce`, from nothing: alone, and beside a process that is always busy.

Both start with no results. Alone supposes a quiet machine: the load before says how quiet it was.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from benchmarks.timing import digits, seconds
from reproduce.data import ENVIRONMENT, load
from reproduce.errors import UserError

THREADS = 1  # in each of its processes
USES = ("torch", "numpy")
HEAD = ("data", "beside", "minutes")
BESIDE = {"nothing": 0, "one busy process": 1}


def measure() -> dict[str, Any]:
    """Minutes of the whole command, for each company."""
    where = os.environ.get(ENVIRONMENT)
    if not where:
        raise UserError(f"name the folder that holds MNIST in {ENVIRONMENT}")
    minutes = {}
    for name, count in BESIDE.items():
        with busy(count), tempfile.TemporaryDirectory() as folder:
            minutes[name] = seconds(lambda: _run(folder, where)) / 60
    return {"data": load("mnist", where).title, "minutes": minutes}


def rows(result: dict[str, Any]) -> list[list[str]]:
    return [[result["data"], name, digits(value)] for name, value in result["minutes"].items()]


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that never rest."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def _run(folder: str, where: str) -> None:
    command = [sys.executable, "-m", "reproduce.cli", "reproduce", "--results", folder]
    subprocess.run(
        [*command, "--data-dir", os.path.abspath(where)], cwd=folder, check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
