"""The site: ``make docs`` builds it from the pages, the tables and the docstrings of this tree."""

import csv
import importlib.util
import pkgutil
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

project = "parsimony"
author = "the authors of parsimony"
extensions = [
    "myst_nb",  # Markdown, and the tour as a notebook that is run
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
# The root of the tree is the source, so that links between pages, tables and figures are the same
# here and where the code is hosted.
root_doc = "docs/index"
include_patterns = ["docs/**", "paper_tables/*.md", "benchmarks/results.md"]
html_theme = "furo"
html_title = "parsimony"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 240
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_inherit_docstrings = False  # torch's refer to torch's own site
napoleon_use_ivar = True
PACKAGES = ("theory", "reproduce")
# Proofs are read claim by claim, and commands by their --help.
LEFT_OUT = ("theory.proofs.", "reproduce.commands", "reproduce.lightning")
suppress_warnings = ["ref.python", "myst-nb.lexer"]  # fields of a name in several dataclasses


def _modules(package: str) -> list[str]:
    """All public modules of a package, the package first."""
    found = importlib.util.find_spec(package)
    assert found and found.submodule_search_locations
    names = [package]
    for one in pkgutil.walk_packages(found.submodule_search_locations, f"{package}."):
        private = any(part.startswith("_") for part in one.name.split("."))
        if not private and not one.name.startswith(LEFT_OUT):
            names.append(one.name)
    return names


def _write(path: Path, text: str) -> None:
    """Only what has changed, so that a second build is short."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)


def _reference(folder: Path) -> None:
    """A page for each package, with all its public modules."""
    for package in PACKAGES:
        modules = _modules(package)
        parts = [f"# `{package}`", ""]
        for name in modules:
            options = "" if name == package else ":members:\n:show-inheritance:\n"
            parts.append(f"## `{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}")
            parts.append("".join(f"   {line}\n" for line in options.splitlines()) + "```\n")
        _write(folder / f"{package}.md", "\n".join(parts))


def _claims(path: Path) -> None:
    """The theory claim by claim: what is said, how it was established, its proof and picture."""
    import theory
    from reproduce.report import evidence

    with (ROOT / "paper_tables" / "claims.csv").open() as file:
        verdicts = {row["claim"]: row for row in csv.DictReader(file)}
    parts = [
        "# The theory, claim by claim",
        "The verdicts are those of the committed ledger,"
        " [all on one page](../../paper_tables/claims.md); `parsimony verify H2` proves one again,"
        " and prints all there is of it."
        " [How to add a claim](../theory/writing-claims.md) says how they are written.",
    ]
    for claim in theory.claims():
        verdict = verdicts.get(claim.id)
        outcome = (
            f"{verdict['verdict']}, {verdict['controls rejected']} controls rejected:"
            f" {verdict['how established']}"
            if verdict
            else "not in the committed ledger yet"
        )
        behind = evidence.existing(ROOT, (evidence.proof(claim), evidence.tests(claim)))
        links = ", ".join(f"[`{file}`](../../{file})" for file in behind)
        parts += [
            f"({evidence.anchor(claim.id)})=\n## {claim.id}",
            _escaped(claim.statement),
            f"*Supports {', '.join(claim.supports)}. {_escaped(outcome)}.* Source: {links}.",
        ]
        files = tuple(f"figures/{name}.svg" for name in evidence.pictures(claim.id))
        drawn = evidence.existing(ROOT, files)
        parts += [f"![{file}](../../{file})" for file in drawn[:1]]
    _write(path, "\n\n".join(parts) + "\n")


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return re.sub(r"([\\`*_\[\]<>|~$#{}])", r"\\\1", text)


def _plain(app: Any, what: str, name: str, of: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are read as text: |v| and η* are mathematics, not references."""
    code = re.compile(r"(``.*?``|`[^`]*`)")
    for number, line in enumerate(lines):
        parts = code.split(line)
        parts[::2] = [re.sub(r"[|*]", r"\\\g<0>", part) for part in parts[::2]]
        lines[number] = "".join(parts)


def setup(app: Any) -> None:
    generated = ROOT / "docs" / "generated"
    _reference(generated)
    _claims(generated / "claims.md")
    app.connect("autodoc-process-docstring", _plain)
