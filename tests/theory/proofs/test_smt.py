"""What the solvers are asked: one text for both, with roots and logarithms by what is known."""

import pytest
import sympy as sp

from theory import Undecided
from theory.proofs.smt import question
from theory.proofs.solvers import ask
from theory.proofs.tools import decide

X, Y = sp.symbols("x y", positive=True)
Z = sp.Symbol("z", real=True)


def test_both_read_the_text_that_is_kept():
    asked = question([X + Y <= 1, sp.sqrt(X) > Y], X * Y < 1)
    for solver in ("Z3", "cvc5"):
        assert ask(solver, asked.facts).answer == "sat"
        assert ask(solver, asked.negated).answer == "unsat"
    script = asked.script("a question")
    assert script.startswith("; a question\n(set-logic QF_NRA)\n")
    assert script.count("(check-sat)") == 2 and "(assert (not " in script


@pytest.mark.parametrize(
    ("premises", "conclusion", "holds"),
    [
        ([], sp.Max(X, Y) >= X, True),
        ([], sp.Abs(Z) > Z, False),
        ([], sp.sqrt(X**2 + Y**2) <= X + Y, True),
        ([], sp.sqrt(X**2 + Y**2) >= X + Y, False),
        ([X > 1], sp.log(X) > 0, True),
        ([], sp.exp(Z) > Z, True),
        ([Z < 0], 1 / sp.exp(Z) > 1, True),
        ([], sp.log(X) <= X - 1, True),
        # Where a root or a logarithm does not exist a relation does not hold.
        ([], sp.sqrt(Z) >= 0, False),
        ([Z < 0], sp.sqrt(Z) >= 0, False),
    ],
)
def test_roots_logarithms_and_extremes(premises, conclusion, holds):
    assert decide(premises, conclusion, "it").passed is holds


def test_a_model_of_an_abstraction_alone_refutes_nothing():
    with pytest.raises(Undecided, match="not refuted"):
        decide([], sp.exp(Z) > Z**3 / 10, "true, but not for the reasons known")
