"""Ctrl-C and SIGTERM end a program in time with one line, whatever is made of the exception."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from reproduce.errors import Terminated
from reproduce.interrupts import PATIENCE, Stop, shielded, stoppable

# What a command may be doing; each prints a line when it is there.
DOING = {
    "computing": "at_it(); time.sleep(60)",
    "a library that loses the exception": """
        class Proof:
            def __del__(self):
                at_it(); time.sleep(60)
        Proof(); time.sleep(60); print("proved")""",
    "a library that makes an error of it": """
        at_it()
        try:
            time.sleep(60)
        except BaseException as error:
            raise RuntimeError("canceled") from error""",
    "a library that takes it for an answer": """
        at_it()
        try:
            time.sleep(60)
        except BaseException:
            return 1""",
    "cleaning up for ever": """
        at_it()
        try:
            time.sleep(60)
        finally:
            while True: time.sleep(1)""",
    "compiled code that does not return": "at_it(); ctypes.CDLL(None).sleep(60)",
}
PROGRAM = """
import ctypes, sys, time
from reproduce import cli, interrupts
def at_it():
    print("at it", flush=True)
def run(arguments, stop):
    stop.kept = "what was done is kept"
{body}
cli._run = run
cli.as_program()
"""


def ended(code, number):
    """Status and errors of a program that gets a signal once it is at it; asserts that it ends."""
    started = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # may have been ignored
    )  # fmt: skip
    assert started.stdout.readline() == "at it\n"
    began = time.monotonic()
    started.send_signal(number)
    _, errors = started.communicate(timeout=30)
    assert time.monotonic() - began < PATIENCE + 1.5
    return started.returncode, errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("body", DOING.values(), ids=DOING)
def test_a_signal_ends_a_program_with_one_line(body, number):
    code = PROGRAM.format(body=textwrap.indent(textwrap.dedent(body), "    "))
    word, status = ("interrupted", 130) if number == signal.SIGINT else ("terminated", 143)
    assert ended(code, number) == (status, f"parsimony: {word}; what was done is kept\n")


def test_before_a_command_begins_and_after_it_has_ended():
    code = PROGRAM.replace("stop.kept = ", "").format(body="    at_it(); time.sleep(60)")
    assert ended(code, signal.SIGINT) == (130, "parsimony: interrupted; nothing had been begun\n")
    late = "import atexit; atexit.register(lambda: (at_it(), time.sleep(60)))\n"
    code = late + PROGRAM.format(body="    return 0")
    assert ended(code, signal.SIGINT) == (-signal.SIGINT, "")


def test_what_is_ignored_from_the_start_stays_ignored_and_handlers_come_back():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with stoppable(Stop()):
            os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt), stoppable(stop := Stop()):
            signal.raise_signal(signal.SIGINT)
        assert stop.reason is KeyboardInterrupt
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_what_is_started_under_the_shield_gets_no_interrupt():
    code = "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); print('still here')"
    with shielded():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "still here\n")
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_signal_under_the_shield_is_handled_after_it():
    """Also where another thread of the process takes it."""
    begun = []

    def begin() -> None:
        with shielded():
            signal.raise_signal(signal.SIGTERM)
            begun.append("something that must be known to who ends it")
        begun.append("never")

    with pytest.raises(Terminated), stoppable(Stop()):
        begin()
    assert len(begun) == 1
    with pytest.raises(KeyboardInterrupt), stoppable(Stop()):
        signal.raise_signal(signal.SIGINT)
