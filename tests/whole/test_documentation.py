"""What README and docs tell a reader to type is understood; their Python is run by some test."""

import re
import shlex
from pathlib import Path

import pytest

from reproduce import cli
from reproduce.report import evidence
from theory import claims

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Pages whose Python blocks tests run, all of them: test_own_network.py, test_extending.py and,
# of networks taken away, test_export.py.
RUN = {"README.md", "own_network.md", "extending.md", "running.md"}


def commands(text: str) -> list[list[str]]:
    """The arguments of each command that a page shows; no patterns such as [NETWORK]."""
    lines = re.findall(r"^\s*parsimony\b([^\n]*)", text, re.MULTILINE)
    lines += re.findall(r"`parsimony\b([^`\n]*)`", text)
    parts = [part for line in lines for part in re.split(r"\s#|[;|]", line)[:1]]
    return [shlex.split(part) for part in parts if not re.search(r"[\[<…]", part)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_shown_are_understood(page):
    for arguments in commands(page.read_text()):
        if arguments and not {"--help", "--version"} & set(arguments):
            cli.parser(arguments[:1]).parse_args(arguments)


def test_python_that_is_shown_stands_on_pages_that_are_run():
    shown = {page.name for page in PAGES if "```python" in page.read_text()}
    assert shown <= RUN


def test_pictures_and_proofs_of_claims_are_there():
    for claim in claims():
        assert (ROOT / evidence.proof(claim)).is_file()
        drawn = [f"figures/{name}.svg" for name in evidence.pictures(claim.id)]
        assert drawn and evidence.existing(ROOT, tuple(drawn)), claim.id
