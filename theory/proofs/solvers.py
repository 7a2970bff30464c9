"""Two independent solvers, Z3 and cvc5, each in a process of its own that reads SMT-LIB 2.

Both are handed the very text that is kept beside the ledger. A process of its own makes two things
sure: a solver that forgets its own time limit is stopped from outside, and Ctrl-C, which Z3 would
catch for itself, ends the command at once. Neither is ever taken for an answer.
"""

from __future__ import annotations

import atexit
import importlib
import json
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Literal

Answer = Literal["sat", "unsat", "unknown"]

LIMIT = 60.0  # seconds for a question; none takes one on a quiet machine, many do on a busy one


@dataclass(frozen=True)
class Reply:
    """A solver's answer to one SMT-LIB text.

    Attributes:
        solver: "Z3" or "cvc5".
        answer: ``unknown`` also where it ran out of time.
        reason: of an ``unknown``.
        model: where satisfiable and the solver is Z3, values of the constants, as text that
            SymPy reads: rationals, or decimals for algebraic numbers.
        seconds: of wall time.
    """

    solver: str
    answer: Answer
    reason: str = ""
    model: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


_running: dict[str, subprocess.Popen[str]] = {}
group: int | None = 0  # the process group of a solver: one of its own, or None for the asker's


def ask(solver: str, text: str, limit: float | None = None) -> Reply:
    """A solver's answer to an SMT-LIB text that declares and asserts, and checks nothing itself.

    Args:
        solver: "Z3" or "cvc5".
        text: without ``set-logic`` and ``check-sat``.
        limit: seconds; ``LIMIT`` if None.

    Raises:
        KeyboardInterrupt: on Ctrl-C, at once; the solver's process is ended.
    """
    limit = LIMIT if limit is None else limit
    process = _process(solver)
    assert process.stdin and process.stdout
    start = time.perf_counter()
    try:
        process.stdin.write(json.dumps({"text": text, "limit": limit}) + "\n")
        process.stdin.flush()
        line = _line(process, limit + 1)
    except BaseException:  # an interrupt leaves an answer behind that no one may read
        _end(solver)
        raise
    seconds = time.perf_counter() - start
    if line:
        return Reply(solver, **json.loads(line), seconds=seconds)
    _end(solver)
    reason = "the solver crashed" if line == "" else f"no answer in {limit:g} s"
    return Reply(solver, "unknown", reason, seconds=seconds)


def _process(solver: str) -> subprocess.Popen[str]:
    """The solver's process, started if need be; it imports nothing of this package."""
    process = _running.get(solver)
    if process is None or process.poll() is not None:
        process = subprocess.Popen(
            [sys.executable, __file__, solver],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            process_group=group,
        )  # a Ctrl-C is for the command that asks
        _running[solver] = process
        if not _line(process, 60):
            _end(solver)
            raise RuntimeError(f"{solver} does not start")
    return process


def _line(process: subprocess.Popen[str], limit: float) -> str | None:
    """The next line that a process prints; "" if it ended, None if nothing comes in time."""
    assert process.stdout
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        return process.stdout.readline() if waiting.select(limit) else None


def _end(solver: str) -> None:
    process = _running.get(solver)
    if process:
        process.kill()
        process.communicate()
        _running.pop(solver, None)


@atexit.register
def end_all() -> None:
    """Ends the solvers' processes; whoever leaves without Python's own end must call it."""
    for solver in tuple(_running):
        _end(solver)


def _answer_z3(text: str, limit: float) -> dict[str, object]:
    import z3

    # A fresh context: in a shared one, the time of a proof depends on those before it.
    solver = z3.Solver(ctx=z3.Context())
    solver.set("timeout", round(1000 * limit))
    solver.from_string(text)
    answer = str(solver.check())
    if answer == "unknown":
        return {"answer": answer, "reason": solver.reason_unknown()}
    if answer == "unsat":
        return {"answer": answer}
    model = solver.model()
    values = {}
    for entry in model.decls():
        if entry.arity() == 0:
            value = model[entry]
            values[entry.name().strip("|")] = (
                value.as_decimal(30).rstrip("?") if z3.is_algebraic_value(value) else str(value)
            )
    return {"answer": answer, "model": values}


def _answer_cvc5(text: str, limit: float) -> dict[str, object]:
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", str(round(1000 * limit)))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, "(set-logic QF_NRA)\n" + text, "question")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, parser.getSymbolManager())
    result = solver.checkSat()
    if result.isUnknown():
        return {"answer": "unknown", "reason": str(result.getUnknownExplanation())}
    return {"answer": "sat" if result.isSat() else "unsat"}


def _serve(solver: str) -> None:
    """Answer questions, one a line, until standard input ends."""

    answer = {"Z3": _answer_z3, "cvc5": _answer_cvc5}[solver]
    importlib.import_module({"Z3": "z3"}.get(solver, solver))
    print("ready", flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        # Should the asker be gone, no one else ends a solver that forgets its limit.
        signal.alarm(round(question["limit"]) + 10)
        try:
            reply = answer(question["text"], question["limit"])
        except Exception as exception:
            reply = {"answer": "unknown", "reason": f"{type(exception).__name__}: {exception}"}
        signal.alarm(0)
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
