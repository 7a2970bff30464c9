"""The house in order: imports without a circle, quick starts, everything in its place."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reproduce import cli

ROOT = Path(__file__).parents[1]
PACKAGES = ("theory", "reproduce", "benchmarks")


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}

OURS = {name: path for name, path in MODULES.items() if not name.startswith("theory")}


def statements(tree, inside):
    """All statements, or those that are run when the module is imported."""
    for node in ast.iter_child_nodes(tree):
        late = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        only_for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        yield node
        if inside or not (late or only_for_types):
            yield from statements(node, inside)


def imported(path, inside=True):
    """The modules of this tree that a file imports; ``inside`` of functions too."""
    found = set()
    for node in statements(ast.parse(path.read_text()), inside):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return found & set(MODULES) - {name_of(path)}


def circles(edges):
    """The modules that are on, or lead from, a circle: what is left when leaves are taken away."""
    left = {name: set(needs) for name, needs in edges.items()}
    while leaves := {name for name, needs in left.items() if not needs & left.keys()}:
        left = {name: needs for name, needs in left.items() if name not in leaves}
    return sorted(left)


def test_imports_run_in_no_circle():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]
    assert circles({name: imported(path) for name, path in OURS.items()}) == []
    assert circles({name: imported(path, inside=False) for name, path in MODULES.items()}) == []


def test_the_theory_imports_nothing_of_what_trains():
    needed = {need for name, path in MODULES.items() if name.startswith("theory")
              for need in imported(path)}  # fmt: skip
    assert needed and not [need for need in needed if not need.startswith("theory")]


STARTS = ("import theory.ledger", "from reproduce import cli; cli.parser([])")


@pytest.mark.parametrize("start", STARTS)
def test_what_needs_no_torch_loads_none(start):
    heavy = "torch", "matplotlib.pyplot", "z3", "sympy"
    program = f"import sys\n{start}\nprint([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_help_comes_at_once():
    """Seconds of its process alone: others may be at work beside it."""
    before = os.times()
    command = [sys.executable, "-m", "reproduce.cli", "--help"]
    subprocess.run(command, capture_output=True, check=True)
    took = [b - a for a, b in zip(before, os.times())][2:4]  # by children: as user, by the system
    assert sum(took) < 0.4


@pytest.mark.parametrize("path", MODULES.values(), ids=MODULES)
def test_a_module_is_of_a_few_hundred_lines_and_says_what_it_is(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text))


def test_every_command_is_a_module_and_every_module_but_the_shared_ones_a_command():
    modules = {path.stem for path in (ROOT / "reproduce" / "commands").glob("[!_]*.py")}
    assert set(cli.COMMANDS) <= modules
    assert modules - set(cli.COMMANDS) == {"again", "flags", "setup"}


def test_files_that_answer_a_newcomers_questions_are_there():
    page = (ROOT / "docs" / "house.md").read_text().partition("## Rooms")
    answers = [re.findall(r"`([^` ]+/[^` ]+)`", line) for line in page[0].splitlines()]
    answers = [paths for paths in answers if paths]
    assert len(answers) == 10 and all((ROOT / path).is_file() for part in answers for path in part)
    assert all((ROOT / path).exists() for path in re.findall(r"`([^` ]+/[^` ]*)`", page[2]))


def test_each_test_stands_where_its_module_does():
    for path in (ROOT / "tests").rglob("test_*.py"):
        place = path.relative_to(ROOT / "tests")
        if place.parts[0] not in PACKAGES:
            continue
        name = ".".join((*place.parts[:-1], path.stem.removeprefix("test_")))
        assert name in MODULES or name.rpartition("_")[0] in MODULES, place
