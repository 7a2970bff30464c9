"""The examples of docs/extending.md, one after another, up to a table of runs that they made."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from reproduce import data, models, outputs
from reproduce.experiments import studies
from reproduce.gates import estimators, priors
from reproduce.runs import kinds
from reproduce.runs.store import Store
from reproduce.training.turns import run_all
from tests.reproduce.tables.test_results import Silent

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
REGISTERS = (
    data.DATASETS, models.NETWORKS, estimators.ESTIMATORS, priors.PRIORS, kinds.METHODS,
    studies.STUDIES, outputs.KINDS,
)  # fmt: skip


@pytest.fixture
def registers():
    """The registers, which afterwards are as they were."""
    before = [dict(register) for register in REGISTERS]
    yield REGISTERS
    for register, entries in zip(REGISTERS, before):
        register.clear()
        register.update(entries)


def test_every_example_joins_by_its_entry_and_a_study_of_them_is_trained_and_tabled(
    registers, monkeypatch, tmp_path
):
    sizes = [len(register) for register in registers]
    names = {"__name__": "examples"}
    for code in CODE:
        if "(Cutting)" in code:  # it stands in a module of its own
            module = ModuleType("reproduce.methods.every_second")
            exec(code, vars(module))
            monkeypatch.setitem(sys.modules, module.__name__, module)
        else:
            exec(code, names)
    assert [len(register) for register in registers] == [size + 1 for size in sizes]
    study, store = studies.study("halves"), Store(tmp_path / "runs")
    images = data.load("bars", str(tmp_path))
    assert run_all([study.runs()], images, store, Silent()) == 2
    place = outputs.Place(store.root, tmp_path, tmp_path)
    table, *_ = outputs.write(study, store.load(), place)
    half, gates = table.read_text().splitlines()[1:]
    assert half.startswith(f"half of them,{64 * 16 + 16 * 4}") and gates.startswith("gates,")
