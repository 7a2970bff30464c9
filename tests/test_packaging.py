"""The distribution's name, which is not the command's, and how documents say to install it."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STRANGERS = re.compile(r"pip3? install[^\n]*[\s'\"]parsimony\b")


PAGES = ("*.md", "docs/**/*.md", "Makefile", ".ci/*", "pyproject.toml")
SOURCES = [f"{folder}/**/*.py" for folder in ("theory", "reproduce", "tests", "benchmarks", "docs")]


def _texts():
    for pattern in (*PAGES, *SOURCES):
        yield from (p for p in ROOT.glob(pattern) if p.is_file())


def test_nothing_says_to_install_a_strangers_package():
    """`parsimony` on the package index is somebody else's."""
    assert PROJECT["name"] == "parsimonet" and set(PROJECT["scripts"]) == {"parsimony"}
    found = [p for p in _texts() if p != Path(__file__) and STRANGERS.search(p.read_text())]
    assert found == []
    for wrong in ("install parsimony", "install 'parsimony[export]'", "install -U parsimony"):
        assert STRANGERS.search(f"pip {wrong}")
    assert not STRANGERS.search(".venv/bin/pip install -e '.[export]'")


def test_extras_that_are_named_are_there():
    extras = PROJECT["optional-dependencies"]
    asked = {
        name
        for path in _texts()
        for names in re.findall(r"'\.\[([a-z,]+)\]'", path.read_text())
        for name in names.split(",")
    }
    assert asked and asked <= set(extras)
    own = [need for needs in extras.values() for need in needs if need.startswith("parsimon")]
    assert own and all(need.startswith("parsimonet[") for need in own)
