"""Two solvers and interval arithmetic: what they are asked, how long, and how they are stopped."""

import signal
import subprocess
import sys
import time

import pytest
import sympy as sp

from theory import Undecided
from theory.proofs.enclose import enclose
from theory.proofs.smt import question
from theory.proofs.solvers import ask
from theory.proofs.tools import decide

X, Y = sp.symbols("x y", positive=True)
Z = sp.Symbol("z", real=True)
# A cubic form of degree six that no solver settles in the time that a test has.
HARD = """(declare-const a Real)(declare-const b Real)(declare-const c Real)(declare-const d Real)
(declare-const e Real)
(assert (< (+ (* a a a a b b) (* a a b b b b) (* c c c c c c) (* (- 3.0) a a b b c c)
 (* d d e e a b) (* d d d d d d) (* e e e e e e a a) (* a a a a a a b b c c d d)) 0.0))
"""


def test_both_read_the_text_that_is_kept():
    asked = question([X + Y <= 1, sp.sqrt(X) > Y], X * Y < 1)
    for solver in ("Z3", "cvc5"):
        assert ask(solver, asked.facts).answer == "sat"
        assert ask(solver, asked.negated).answer == "unsat"
    script = asked.script("a question")
    assert script.startswith("; a question\n(set-logic QF_NRA)\n")
    assert script.count("(check-sat)") == 2 and "(assert (not " in script


def test_a_limit_is_kept_even_by_a_solver_that_forgets_it():
    start = time.perf_counter()
    reply = ask("cvc5", HARD, limit=0.5)
    assert reply.answer == "unknown" and time.perf_counter() - start < 15
    assert ask("cvc5", "(declare-const x Real)(assert (> x 0.0))").answer == "sat"


def test_nonsense_is_no_answer():
    assert ask("Z3", "(assert (> x 0.0))").answer == "unknown"
    assert ask("cvc5", "(assert (> x 0.0))").answer == "unknown"


PROGRAMS = {
    "a solver": f"from theory.proofs.solvers import ask; ask('cvc5', {HARD!r}, 60)",
    "Z3": f"from theory.proofs.solvers import ask; ask('Z3', {HARD!r}, 60)",
    "several claims": "import theory; theory.verify(['P1', 'F5', 'H1'])",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_an_interrupt_ends_it_at_once(program):
    """And not as a verdict; what it started ends as well, so that its output is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    start = time.perf_counter()
    _, errors = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT and "KeyboardInterrupt" in errors
    assert time.perf_counter() - start < 10


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
