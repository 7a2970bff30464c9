"""Verifies claims in processes of their own, as many at once as there are processors.

Each process runs this file's ``main``: it reads ids of claims, one a line, and answers each with
its findings as JSON. No module of the caller's is imported again, as ``multiprocessing`` would.
Its solvers are in its process group, which is ended as a whole: by who asks, or by itself as soon
as nobody can ask any more, at whatever moment that is.
"""

from __future__ import annotations

import json
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

MOST = 4  # processes: few claims take long
_running: list[subprocess.Popen[str]] = []


def findings(ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What was found of each claim, as ``Verdict.findings`` gives it, in the order of the endings.

    Raises:
        RuntimeError: if a process ends early.
        KeyboardInterrupt: on Ctrl-C, at once; all processes are ended.
    """
    waiting = list(reversed(ids))
    with ExitStack() as stack, selectors.DefaultSelector() as ready:
        stack.callback(_running.clear)
        for _ in range(min(MOST, os.cpu_count() or 1, len(ids))):
            process = stack.enter_context(_process())
            stack.callback(_end, process)
            _running.append(process)
            assert process.stdout
            ready.register(process.stdout, selectors.EVENT_READ, process)
            _ask(process, waiting.pop())
        done = 0
        while done < len(ids):
            for key, _ in ready.select():
                line = key.data.stdout.readline()
                if not line:
                    raise RuntimeError("a process that verifies claims has ended early")
                done += 1
                if waiting:
                    _ask(key.data, waiting.pop())
                yield json.loads(line)


def end_all() -> None:
    """Ends the processes at work, for whoever leaves without unwinding what waits for them."""
    for process in tuple(_running):
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # it writes no files


def _process() -> subprocess.Popen[str]:
    tree = str(Path(__file__).parent.parent)
    path = os.pathsep.join(filter(None, (tree, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", "theory._verifier"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        process_group=0,
    )  # Ctrl-C is for the command that asks


def _ask(process: subprocess.Popen[str], id: str) -> None:
    assert process.stdin
    process.stdin.write(id + "\n")
    process.stdin.flush()


def main() -> None:
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    from theory import ledger
    from theory.proofs import solvers

    solvers.group = None
    known = {claim.id: claim for claim in ledger.claims()}
    while True:
        print(json.dumps(ledger.examine(known[orders.get()]).findings()), flush=True)


def _listen(orders: queue.SimpleQueue[str]) -> None:
    """Takes orders as long as there is someone who gives them."""
    for line in sys.stdin:
        orders.put(line.strip())
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
