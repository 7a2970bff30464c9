"""The benchmarks by name, and where what they measured is kept."""

import os
import platform
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from benchmarks import (
    attach,
    convolutions,
    convolutions_bfloat16,
    data_path,
    estimators,
    gated_step,
    growth,
    latency,
    main_job,
    schedule,
    simulator,
    surgery,
    training,
    training_vgg16,
)
from reproduce.files import read_json, write_atomic, write_json
from reproduce.tables.render import markdown_table

JSON = Path(__file__).with_name("results.json")
BENCHMARKS: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        simulator, data_path, convolutions, convolutions_bfloat16, gated_step, estimators, growth,
        attach, surgery, latency, training, schedule, training_vgg16, main_job,
    )
}  # fmt: skip
# Hours; a machine that is quiet; a processor that has bfloat16.
BY_NAME_ONLY = ("training_vgg16", "main_job", "convolutions_bfloat16")
INTRODUCTION = """\
# Benchmarks

Written by `make bench` from [results.json](results.json). Sides that are compared run in one
process and take turns; a ratio is the median over rounds, with the first and third quartiles. Each
table is of its own machine and moment, which stand below it: ratios compare, times do not.
"""


def renew(name: str, path: Path = JSON) -> str:
    """Runs one benchmark, puts its result in place of the one before, and returns its table."""
    module = BENCHMARKS[name]
    torch.set_num_threads(module.THREADS)
    before = os.getloadavg()[0]
    result = module.measure()
    entry = {"machine": _machine(module, before), "result": result}
    content = (read_json(path) if path.exists() else {}) | {name: entry}
    write_json(path, content)
    write_md(path)
    return _section(name, entry)


def write_md(path: Path = JSON) -> None:
    """Writes results.md beside results.json, from nothing else."""
    write_atomic(path.with_suffix(".md"), markdown(read_json(path)))


def markdown(content: dict[str, Any]) -> str:
    sections = [_section(name, content[name]) for name in BENCHMARKS if name in content]
    return "\n".join([INTRODUCTION, *sections])


def _section(name: str, entry: dict[str, Any]) -> str:
    module = BENCHMARKS[name]
    table = markdown_table(module.HEAD, module.rows(entry["result"]))
    machine = ", ".join(f"{what} {_brief(value)}" for what, value in entry["machine"].items())
    return f"## {name}\n\n{module.__doc__}\n{table}\n\nMachine: {machine}.\n"


def _brief(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _machine(module: ModuleType, load_before: float) -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "threads": module.THREADS,
        "load before": load_before,
        "load after": os.getloadavg()[0],
        "processor": platform.machine(),
        "python": platform.python_version(),
        **_versions(module.USES),
        "date": time.strftime("%Y-%m-%d"),
    }


def _versions(packages: Iterable[str]) -> dict[str, str]:
    return {package: metadata.version(package) for package in packages}
