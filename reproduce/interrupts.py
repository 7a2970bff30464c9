"""Ctrl-C and SIGTERM end a command at any moment: one line, one status, no traceback.

While a command runs they are exceptions, so that what is open is closed and processes that work for
it are ended. Libraries lose such an exception at times, in a destructor or in a compiled function
that takes long; so the program also has a thread that the signal wakes, and that ends the process
when the exception has not done so in time. Results need no more: files are written whole or not at
all, and a killed run goes on from its last checkpoint.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from typing import Any, NoReturn

from reproduce.errors import Terminated

PATIENCE = 1.5  # seconds that closing what is open may take
Reason = type[KeyboardInterrupt]
SIGNALS: dict[int, Reason] = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}
STATUSES: dict[Reason, tuple[str, int]] = {
    KeyboardInterrupt: ("interrupted", 130),
    Terminated: ("terminated", 143),
}
SHOW_CURSOR = "\x1b[?25h"  # bars hide it
at_end: list[Callable[[], None]] = []  # end the processes that work for a command


class Stop:
    """What a command is told to stop by, and what it says then.

    Attributes:
        kept: what a stop leaves behind, true of the command at the moment; None before it begins.
        reason: the exception that it was stopped by, None as long as it was not.
    """

    def __init__(self, alone: bool = False) -> None:
        """``alone``: in a process that has no other purpose."""
        self.kept: str | None = None
        self.reason: Reason | None = None
        self._alone, self._said = alone, threading.Lock()

    def arrive(self, number: int, _: Any) -> None:
        """The handler of the signals; only the first counts, what follows must not cut it short."""
        if self.reason is None:
            self.reason = SIGNALS[number]
            if self._alone and self.kept is None:  # libraries at import don't bear an exception
                os._exit(self.say())
            raise self.reason

    def say(self) -> int:
        """The last line, once; returns the exit status."""
        word, status = STATUSES[self.reason or KeyboardInterrupt]
        if self._said.acquire(blocking=False):
            line = f"parsimony: {word}; {self.kept or 'nothing had been begun'}\n"
            if self._alone:  # the main thread may be writing to sys.stderr, and wait for ever
                os.write(2, (SHOW_CURSOR * os.isatty(2) + line).encode())
            else:
                sys.stderr.write(line)
        return status


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Turns the signals into exceptions, but for one that whoever started the program ignores."""
    before = {
        number: signal.signal(number, stop.arrive)
        for number in SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def undivided() -> Iterator[None]:
    """What is done here is done to its end: a signal that arrives is handled after the block.

    Whoever handles it: also in a notebook, where Ctrl-C ends a cell and what it was at lives on.
    """
    if threading.current_thread() is not threading.main_thread():  # which gets no signal
        yield
        return
    late: list[tuple[int, Any]] = []
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    before = {number: handler for number, handler in handlers.items() if callable(handler)}
    try:
        for number in before:
            signal.signal(number, lambda *arrived: late.append(arrived))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number, frame in late[:1]:
            before[number](number, frame)


@contextmanager
def shielded() -> Iterator[None]:
    """What is started here, threads and processes, gets no Ctrl-C: whoever started it ends it.

    In a terminal it goes to every process. A signal that arrives here is handled after the block:
    else what is being started might be known to nobody yet. The mask alone would not do, as another
    thread of the process may take the signal.
    """
    with undivided():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def program(main: Callable[[Stop], int]) -> NoReturn:
    """Runs a command as this process's only purpose; ends it with the status of ``main``.

    Before and after ``main`` a signal ends the process as if Python were not there.
    """
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    stop = Stop(alone=True)
    awake, alarm = os.pipe()
    os.set_blocking(alarm, False)
    signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
    threading.Thread(target=_guard, args=(awake, stop), daemon=True).start()
    status = main(stop)
    if stop.reason:  # what libraries do at the end may take long, or complain
        _end_others()
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(status)
    sys.exit(status)


def _guard(awake: int, stop: Stop) -> None:
    """Ends the process when a signal has not done so in time."""
    sys.unraisablehook = _unraisable
    number = os.read(awake, 1)[0]
    time.sleep(PATIENCE)
    stop.reason = stop.reason or SIGNALS[number]
    status = stop.say()
    _end_others()
    os._exit(status)


def _end_others() -> None:
    for end in at_end:
        end()
    for child in active_children():
        child.terminate()


def _unraisable(unraisable: Any) -> None:
    """Leaves out an interrupt that was lost in a destructor: the guard makes up for it."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
