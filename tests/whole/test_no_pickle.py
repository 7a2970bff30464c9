"""Nothing in the project unpickles what a stranger may have written: every call is looked at."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("theory", "reproduce", "tests", "benchmarks")
PICKLES = {"pickle", "_pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}
# What a call that can unpickle must be told.
SAFE = {("torch", "load"): ("weights_only", True), ("np", "load"): ("allow_pickle", False)}
BARRED = {"read_pickle", "load_state_dict_from_url"}


def unsafe(source: str) -> list[str]:
    """The parts of a module that can unpickle, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            bad = [a.name for a in node.names if a.name.split(".")[0] in PICKLES or _renamed(a)]
        elif isinstance(node, ast.ImportFrom):
            package = (node.module or "").split(".")[0]
            names = {a.name for a in node.names}
            bad = [package] if package in PICKLES else []
            bad += ["load"] if package in ("torch", "numpy") and "load" in names else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            bad = [] if _told(node) else [ast.unparse(node.func)]
        else:
            continue
        found += [f"line {node.lineno}: {name}" for name in bad]
    return found


def _renamed(alias: ast.alias) -> bool:
    """Under another name than usual the calls would not be recognised."""
    usual = {"numpy": "np", "torch": None}
    return alias.name in usual and alias.asname != usual[alias.name]


def _told(call: ast.Call) -> bool:
    function = call.func
    if function.attr in BARRED:
        return False
    owner = ast.unparse(function.value)
    if owner in ("torch.jit", "torch.package") and function.attr == "load":
        return False
    name, value = SAFE.get((owner, function.attr), (None, None))
    given = {k.arg: k.value for k in call.keywords}
    return name is None or (
        isinstance(given.get(name), ast.Constant) and given[name].value is value
    )


def test_no_module_unpickles():
    modules = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert len(modules) > 50
    found = {str(path.relative_to(ROOT)): unsafe(path.read_text()) for path in modules}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import torch as t",
        "import numpy",
        "from torch import load",
        "from pickle import loads",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.load(path, weights_only=trust)",
        "torch.load(path, **options)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "torch.jit.load(path)",
        "pandas.read_pickle(path)",
    ],
)
def test_the_search_finds_each_way(source):
    assert unsafe(source)


@pytest.mark.parametrize(
    "source",
    [
        "import torch",
        "import numpy as np",
        "torch.load(path, weights_only=True)",
        "np.load(path, allow_pickle=False)",
        "json.load(file)",
    ],
)
def test_the_search_lets_safe_ways_pass(source):
    assert not unsafe(source)
