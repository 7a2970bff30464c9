"""Processes that verify claims end with who asked, at whatever moment that is."""

import os
import signal
import time
from contextlib import suppress

import pytest

from theory import _verifier


def _in_group(leader: int) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(leader, 0)
        return True
    return False


@pytest.mark.parametrize("work", ["starting", "proving"])
def test_nobody_left_to_ask_ends_it_and_its_solvers(work):
    process = _verifier._process()
    assert process.stdin and process.stdout
    if work == "proving":
        _verifier._ask(process, "H2")
        time.sleep(3)
    process.stdin.close()
    assert process.wait(timeout=60) == -signal.SIGKILL  # not by coming to its end
    deadline = time.monotonic() + 20
    while _in_group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _in_group(process.pid)
    process.stdout.close()
