"""Text for pdfLaTeX."""

import re
from pathlib import Path

import pytest

from reproduce.tables.latex import latex
from theory import claims

TABLES = sorted((Path(__file__).parents[3] / "paper_tables").glob("*.tex"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("θ", r"\ensuremath{\theta}"),
        ("a < b", r"a \ensuremath{<} b"),
        ("−1", r"\ensuremath{-}1"),
        ("x₁²", r"x\textsubscript{1}\textsuperscript{2}"),
        ("x⁻", r"x\textsuperscript{\ensuremath{-}}"),
        ("½", r"\ensuremath{\frac{1}{2}}"),
        ("NAME™", r"NAME\textsuperscript{TM}"),
        ("V̄", r"\ensuremath{\bar{V}}"),
        ("θ̇ ẇ", r"\ensuremath{\dot{\theta}} \ensuremath{\dot{w}}"),
        ("a ≠ b", r"a \ensuremath{\not{=}} b"),
        ("5% of a_b & c", r"5\% of a\_b \& c"),
        ("{x}^n", r"\{x\}\textasciicircum{}n"),
        ("a\\b", r"a\textbackslash{}b"),
        ("a → ∞", r"a \ensuremath{\to} \ensuremath{\infty}"),
        ("Poincaré", "Poincaré"),
    ],
)
def test_latex_of_symbols(text, expected):
    assert latex(text) == expected


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.id)
def test_every_statement_of_the_ledger_survives_latex(claim):
    """A symbol that is not in the table would reach pdfLaTeX as it is, and stop it."""
    text = latex(claim.statement)
    assert text.isascii()
    bare = text.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"(?<!\\)[%&#_$^~<>|](?![^{}]*\})", bare)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_committed_table_is_ascii_but_for_its_comments(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(line.isascii() for line in lines if not line.startswith("%"))
