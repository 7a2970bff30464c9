"""Mutation run over the closed forms of theory/: `make mutants`, or with the modules to run.

    python tests/mutants.py [--again] [hyperprior priors scalar_gate ...]

With --again what the last run caught, in functions that did not change since, stays caught.

Each module is changed in a copy of the tree of its own, in build/mutants, against its own tests.
mutmut mutates the bodies of functions, but not of properties; so in that copy each `@property`
above a function is a line `name = property(name)` below it. What a run leaves there serves to
look closer: `mutmut show`, `mutmut browse`.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutants"
BAR = 0.95
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]
MODULES = [Path(path).stem for path in CONFIG["only_mutate"]]
OUTCOMES = {0: "survived", 1: "caught", 3: "caught", 33: "untested", None: "not run"}


def without_property_decorators(source: str) -> str:
    """The same program, with every property made below its function instead of above it."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Name) and decorator.id == "property":
                    indent = " " * node.col_offset
                    lines[decorator.lineno - 1] = ""
                    lines[node.end_lineno - 1] += f"\n{indent}{node.name} = property({node.name})"
    return "\n".join(lines) + "\n"


def prepare(module: str, again: bool) -> Path:
    """A copy of the tree in which mutmut is set to change this module, and to run its tests."""
    work = WORK / module
    if again:
        forget_uncaught(work / "mutants", module)
    else:
        shutil.rmtree(work / "mutants", ignore_errors=True)
    skip = shutil.ignore_patterns("__pycache__", "reproduce")
    for folder in ("theory", "tests"):
        shutil.copytree(ROOT / folder, work / folder, ignore=skip, dirs_exist_ok=True)
    source = work / "theory" / f"{module}.py"
    source.write_text(without_property_decorators(source.read_text()))
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    others = [f'"theory/{name}.py",' for name in MODULES if name != module]
    if (ROOT / "tests" / "theory" / f"test_{module}.py").exists():  # else all are asked
        others += [f'"tests/theory/test_{name}.py",' for name in MODULES if name != module]
    kept = [line for line in lines if line.strip() not in others]
    (work / "pyproject.toml").write_text("\n".join(kept) + "\n")
    return work


def forget_uncaught(results: Path, module: str) -> None:
    """Leave of the last run only what it caught: tests may have changed, and so their times."""
    (results / "mutmut-stats.json").unlink(missing_ok=True)
    record = results / "theory" / f"{module}.py.meta"
    if record.exists():
        content = json.loads(record.read_text())
        codes = content["exit_code_by_key"]
        content["exit_code_by_key"] = {
            mutant: code if OUTCOMES.get(code) == "caught" else None
            for mutant, code in codes.items()
        }
        record.write_text(json.dumps(content))


def outcomes(work: Path, module: str) -> dict[str, str]:
    """What became of each mutant; any other end of the tests' process is a timeout or a crash."""
    record = work / "mutants" / "theory" / f"{module}.py.meta"
    codes = json.loads(record.read_text())["exit_code_by_key"] if record.exists() else {}
    return {mutant: OUTCOMES.get(code, "stopped") for mutant, code in codes.items()}


def main(modules: list[str]) -> int:
    again = "--again" in modules
    modules = [module for module in modules if module != "--again"]
    if unknown := set(modules) - set(MODULES):
        sys.exit(f"not among {', '.join(MODULES)}: {', '.join(sorted(unknown))}")
    mutmut = [sys.executable, "-m", "mutmut"]
    children = os.environ.get("MUTANTS_AT_ONCE", str(os.cpu_count()))
    environment = os.environ | {"HYPOTHESIS_PROFILE": "mutants"}
    total, complete = Counter(), True
    for module in modules or MODULES:
        work = prepare(module, again)
        done = subprocess.run(
            [*mutmut, "run", "--max-children", children], cwd=work, env=environment, check=False
        )
        found = outcomes(work, module)
        count = Counter(found.values())
        total += count
        complete &= done.returncode == 0 and bool(found) and not count["not run"]
        print(f"\n{module}: {len(found)} mutants, {dict(count)}")
        for mutant, outcome in found.items():
            if outcome not in ("caught", "not run"):
                shown = subprocess.run(
                    [*mutmut, "show", mutant], cwd=work, text=True, capture_output=True, check=False
                ).stdout.splitlines()
                print(f"  {mutant} {outcome}")
                print(
                    *(
                        f"    {line}"
                        for line in shown
                        if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")
                    ),
                    sep="\n",
                )
    caught, everything = total["caught"] + total["stopped"], sum(total.values())
    share = caught / everything if everything else 0.0
    print(f"\n{caught} of {everything} mutants caught: {share:.1%} (bar: {BAR:.0%})")
    if not complete:
        print("The run is not complete.")
    return int(not complete or share < BAR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
