"""The table of claims: the same cells in three formats, and mathematics that survives LaTeX."""

import csv
import io
import re

import pytest

from reproduce.errors import StoreError
from reproduce.tables import ledger as table
from theory import ledger
from theory.verdict import ABSTRACT_SENTENCES, Evidence

STATEMENT = "For c < c* the price |Δ+c| ≤ ½σ² holds: V̄ = m_θ·x₁⁻¹ & 5% of {0, 1}^n, ẇ ≠ 0."


@pytest.fixture
def verdicts():
    """One claim that holds, one whose control is not rejected, one that fails."""
    book, good = ledger.Ledger(), Evidence("proved", "an identity", "SymPy", True)
    cased = Evidence("checked", "cases", "NumPy", True, cases=12)
    bad = Evidence("proved", "an identity", "SymPy", False, "off by 2")
    for id, evidence, wrong in (
        ("T1", [good, cased], [bad]),
        ("T2", [good], [good]),
        ("T3", [bad], [bad]),
    ):
        controls = {"a": False, "b": False}
        enter = book.claim(
            id, STATEMENT, supports=("A3", "A5"), source="a test", formulas=True, controls=controls
        )
        enter(lambda true, evidence=evidence, wrong=wrong: evidence if true else wrong)
    return book.verify()


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_columns_and_cells(verdicts):
    first, second, third = rows(table.as_csv(verdicts))
    assert list(first) == [
        "claim",
        "statement",
        "supports",
        "how established",
        "verdict",
        "controls rejected",
        "time (s)",
    ]
    assert first["claim"] == "T1" and first["statement"] == STATEMENT
    assert first["supports"] == "A3, A5"
    assert first["how established"] == "SymPy: 1 proved; NumPy: 12 cases"
    assert first["verdict"] == "checked (12 cases)"
    assert first["controls rejected"] == "2 of 2"
    assert second["controls rejected"] == "0 of 2"
    assert second["verdict"].startswith("failed: control not rejected: a")
    assert third["verdict"] == "failed: an identity: off by 2"


def test_time_has_one_decimal(verdicts):
    assert all(re.fullmatch(r"\d+\.\d", row["time (s)"]) for row in rows(table.as_csv(verdicts)))


def test_markdown_has_one_row_for_each_claim_whatever_its_bars_and_stars(verdicts):
    lines = table.as_markdown(verdicts).splitlines()
    body = [line for line in lines if line.startswith("| T")]
    assert [line[2:4] for line in body] == ["T1", "T2", "T3"]
    for line in body:
        assert len(re.findall(r"(?<!\\)\|", line)) == len(table.COLUMNS) + 1
    assert r"c \< c\* the price \|Δ+c\| ≤ ½σ²" in body[0]


def test_latex_has_the_columns_and_only_ascii(verdicts):
    text = table.as_latex(verdicts)
    body = [line for line in text.splitlines() if line.startswith("T")]
    assert len(body) == 3
    for line in body:
        assert line.isascii()
        assert len(re.findall(r"(?<!\\)&", line)) == len(table.COLUMNS) - 1
        assert line.endswith(r" \\")
    assert text.count(r"\begin{longtable}") == text.count(r"\end{longtable}") == 1


def test_every_sentence_of_the_abstract_is_explained():
    assert tuple(table.SENTENCES) == ABSTRACT_SENTENCES


def test_notes_count_the_verdicts(verdicts):
    first, *_ = table.notes(verdicts)
    assert first == "3 claims: 1 checked, 2 failed."


def test_three_files_are_written_whole(verdicts, tmp_path):
    written = table.write(verdicts, tmp_path / "new")
    assert [path.name for path in written] == ["claims.csv", "claims.md", "claims.tex"]
    assert sorted(tmp_path.joinpath("new").iterdir()) == sorted(written)
    assert written[0].read_text() == table.as_csv(verdicts)
    assert written[1].read_text() == table.as_markdown(verdicts)
    assert written[2].read_text() == table.as_latex(verdicts)


def test_nothing_is_written_without_verdicts(tmp_path):
    assert table.write([], tmp_path / "new") == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(verdicts, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreError, match="can't write"):
        table.write(verdicts, blocked)
