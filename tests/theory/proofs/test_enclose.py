"""Interval arithmetic over a box: what it proves, refutes, and cannot settle."""

import pytest
import sympy as sp

from theory import Undecided
from theory.proofs.enclose import enclose

X, Y = sp.symbols("x y", positive=True)
Z = sp.Symbol("z", real=True)


@pytest.mark.parametrize(
    ("relation", "box"),
    [
        (sp.exp(Z) > 1 + Z + Z**2 / 3, {Z: ("1/10", 5)}),
        (sp.log(X) <= X - sp.Rational(1001, 1000), {X: (2, 100)}),
        (sp.sin(Z) < Z, {Z: ("1/10", 3)}),
    ],
)
def test_enclosed(relation, box):
    evidence = enclose(relation, box, "it")
    assert evidence.passed and evidence.kind == "proved"
    assert evidence.tool == "interval arithmetic"


def test_enclosures_that_fail_or_do_not_end(monkeypatch):
    monkeypatch.setattr("theory.proofs.enclose.MOST_BOXES", 300)
    refuted = enclose(sp.exp(Z) < 2, {Z: (0, 1)}, "it")
    assert not refuted.passed and refuted.detail.startswith("violated for z in [")
    with pytest.raises(Undecided, match="boxes do not settle it"):
        enclose(sp.exp(Z) >= 1 + Z, {Z: (-1, 1)}, "equality at 0")
