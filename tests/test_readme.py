"""The README: short, its table that of the stored results, its links to what is there."""

import re
from pathlib import Path

import pytest

from reproduce.tables.headline import BEGIN, END, replaced

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("docs/theory/*.md")]


def test_it_is_short():
    assert len(README.encode()) <= 6000


def test_its_table_is_what_the_tables_say():
    assert replaced(README, ROOT / "paper_tables") == README
    assert replaced(f"a{BEGIN}b{END}c", ROOT / "paper_tables").endswith(f"{END}c")


def test_what_did_not_come_out_is_said_in_five_short_sentences():
    said = README.partition("What did not come out")[2].partition("##")[0]
    sentences = re.findall(r"^- (.*)$", said, re.MULTILINE)
    assert len(sentences) == 5 and all(len(sentence.split()) <= 20 for sentence in sentences)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link
