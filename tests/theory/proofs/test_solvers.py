"""Two solvers: how long they are asked, and how they are stopped."""

import signal
import subprocess
import sys
import time

import pytest

from theory.proofs.solvers import ask

# A cubic form of degree six that no solver settles in the time that a test has.
HARD = """(declare-const a Real)(declare-const b Real)(declare-const c Real)(declare-const d Real)
(declare-const e Real)
(assert (< (+ (* a a a a b b) (* a a b b b b) (* c c c c c c) (* (- 3.0) a a b b c c)
 (* d d e e a b) (* d d d d d d) (* e e e e e e a a) (* a a a a a a b b c c d d)) 0.0))
"""


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
    "several claims": "theory.verify(['P1', 'F5', 'H1'])",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_an_interrupt_ends_it_at_once(program):
    """And not as a verdict; what it started ends as well, so that its output is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import theory; print('begun', flush=True); {program}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stdout.readline() == "begun\n"
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    start = time.perf_counter()
    _, errors = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT and "KeyboardInterrupt" in errors
    assert time.perf_counter() - start < 10
