"""Interrupt campaign, part of `make faults`: Ctrl-C at random moments of commands.

Each command is a process of its own, as a person starts it, on a small folder of images; the signal
goes to it alone or, as a terminal sends it, to all of its processes. What it must leave: status 130
within three seconds, the one line that says so and is true of the command, no traceback, no
verdict, no process, and at last a run that equals the one that nothing disturbed.
"""

import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from reproduce.runs.store import Store
from tests.conftest import write_idx
from theory import claims

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 3.0  # in which a command must end
LINGER = 5.0  # in which the processes that it has ended must be gone; a busy machine is slow
LONGEST = 4.0  # seconds of computing, once loaded, that a signal comes after at the latest
CLAIMS = 3  # that are proved at once
BAD = ("late", "wrong status", "wrong words", "a traceback", "a verdict", "left running")
TRAIN = "lenet_300_100 --widths 784-40-20 --epochs 15 --batch-size 32 --log-gamma 0.3".split()
UNBEGUN = "nothing had been begun"
SAID = {  # the last line of each command
    "verify": "no verdict is kept",
    "reproduce": "finished epochs are kept, the same command goes on from there; proofs",
    "study": "finished epochs are kept",
    "train": "finished epochs are kept",
    "report": "files are whole or as they were",
}


@dataclass
class Command:
    """A command in work, in a session of its own."""

    process: subprocess.Popen[bytes]
    out: IO[str]
    err: IO[str]

    @classmethod
    def started(cls, arguments: list[str], folder: Path) -> "Command":
        """Waits until the program has begun: until then Python is only on its way to it."""
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        # Files, as nobody reads while it works; closed when they are read at last.
        out, err = (tempfile.TemporaryFile("w+") for _ in "oe")  # noqa: SIM115
        process = subprocess.Popen(
            [sys.executable, "-m", "reproduce.cli", *arguments],
            cwd=folder, env=environment, start_new_session=True, stdout=out, stderr=err,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        while process.poll() is None and not _catches(process.pid, signal.SIGTERM):
            time.sleep(0.005)
        return cls(process, out, err)

    def worked(self, seconds: float = math.inf) -> float:
        """Waits until it has computed for so long, or has ended; returns for how long it has."""
        done = 0.0
        while self.process.poll() is None and done < seconds:
            done = max(done, sum(_of_session(self.process.pid).values()))
            time.sleep(0.02)
        return done

    def interrupted(self, everyone: bool) -> tuple[float, int, str, str]:
        """Seconds until it ended, its status, and what it wrote."""
        began = time.monotonic()
        with suppress(ProcessLookupError):
            (os.killpg if everyone else os.kill)(self.process.pid, signal.SIGINT)
        status = self.process.wait()
        seconds = time.monotonic() - began
        return seconds, status, _whole(self.out), _whole(self.err)

    def leaves(self) -> list[str]:
        """The processes of it that are there some seconds after its end, in words."""
        deadline = time.monotonic() + LINGER
        while left := _of_session(self.process.pid):
            if time.monotonic() > deadline:
                words = [_in_words(process, seconds) for process, seconds in left.items()]
                for process in left:
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                return words
            time.sleep(0.02)
        return []


def _of_session(leader: int) -> dict[int, float]:
    """The processes of a command, each with the seconds it has computed; the dead are left out."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, *fields = path.read_text().rpartition(")")[2].split()
            if int(fields[2]) == leader and state != "Z":
                ticks = sum(map(int, fields[10:14]))  # its own, and of children that ended
                found[int(path.parent.name)] = ticks / os.sysconf("SC_CLK_TCK")
    return found


def _in_words(process: int, seconds: float) -> str:
    """What a process is: its command, parent and signals, and how long it has computed."""
    folder, told = Path("/proc") / str(process), ""
    with suppress(OSError):
        command = (
            folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
        lines = folder.joinpath("status").read_text().splitlines()
        names = ("State", "PPid", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt")
        state = ", ".join(" ".join(line.split()) for line in lines if line.startswith(names))
        told = f"{command[:200]}; {state}"
    return f"left running: {process}, {seconds:.1f} s: {told}"


def _whole(file: IO[str]) -> str:
    file.seek(0)
    text = file.read()
    file.close()
    return text


def _catches(process: int, number: int) -> bool:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return False
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught >> (number - 1) & 1)


class Campaign:
    """So many interrupts, by turns over the commands, and what came of them."""

    def __init__(self, folder: Path, interrupts: int, seed: int = 0):
        self._folder, self._interrupts, self._rng = folder, interrupts, random.Random(seed)
        self.found: Counter[str] = Counter()
        self.by_command: Counter[str] = Counter()
        self.slowest = 0.0
        self._length: dict[str, float] = {}
        folder.mkdir()
        write_idx(folder / "data", train=2000, test=400)
        for name in ("paper_tables", "figures", "results"):
            (folder / name).symlink_to(ROOT / name)
        self._loading = Command.started(["train", "--help"], folder).worked()

    def run(self) -> Iterator[None]:
        while self.by_command.total() < self._interrupts:
            for name in SAID:
                self._interrupt(name)
            yield
        self._go_on()

    def _arguments(self, name: str) -> list[str]:
        here = ["--data-dir", str(self._folder / "data"), "--results", str(self._folder / name)]
        return {
            "verify": ["verify", *self._rng.sample([claim.id for claim in claims()], CLAIMS)],
            "reproduce": ["reproduce", *self._rng.choice(([], ["lenet_300_100"])), *here],
            "study": ["study", "robustness_lenet_300_100", "--jobs", "2", *here],
            "train": ["train", *TRAIN, *here],
            "report": ["report", "--out", str(self._folder / "report.html")],
        }[name]

    def _interrupt(self, name: str) -> None:
        command = Command.started(self._arguments(name), self._folder)
        moment = self._rng.uniform(0, self._length.get(name, self._loading + LONGEST))
        worked = command.worked(moment)
        if command.process.poll() is not None:  # it was done before
            self._length[name] = worked
            shutil.rmtree(self._folder / name, ignore_errors=True)
        seconds, status, out, err = command.interrupted(everyone=self._rng.random() < 0.5)
        left = command.leaves()
        if status == 0:
            return
        self.by_command[name] += 1
        self.slowest = max(self.slowest, seconds)
        at_exit = status == -signal.SIGINT  # its work was done: Python was about to end
        last = (err.splitlines() or [""])[-1]
        known = tuple(f"parsimony: interrupted; {kept}" for kept in (SAID[name], UNBEGUN))
        bad = {
            "late": seconds > SECONDS,
            "wrong status": status not in (130, -signal.SIGINT),
            "wrong words": not at_exit and not last.startswith(known),
            "a traceback": "Traceback" in out + err or "Exception ignored" in err,
            "a verdict": not at_exit and name == "verify" and bool(out),
            "left running": bool(left),
        }
        self.found["at exit"] += at_exit
        self.found["before it had begun"] += last.startswith(known[1])
        for kind in BAD:
            self.found[kind] += bad[kind]
        if any(bad.values()):
            print(f"{name}: {[kind for kind in BAD if bad[kind]]} {status} {seconds:.1f} s\n{err}")
            print(f"after {worked:.2f} of {moment:.2f} s", *left, sep="\n", flush=True)

    def _go_on(self) -> None:
        """The run that was interrupted ends as one does that was left alone."""
        ended = []
        for results in ("train", "alone"):
            command = Command.started([*self._arguments("train")[:-1], results], self._folder)
            command.worked()
            (run,) = Store(self._folder / results / "own").runs()
            ended.append((run.weights.read_bytes(), run.record().error))
        self.found["different"] += ended[0] != ended[1]

    def report(self) -> dict[str, Any]:
        return {
            "interrupts": self.by_command.total(),
            "by command": dict(self.by_command),
            "before it had begun": self.found["before it had begun"],
            "at exit": self.found["at exit"],
            "slowest end, seconds": round(self.slowest, 2),
            **{kind: self.found[kind] for kind in (*BAD, "different")},
        }

    @property
    def failed(self) -> bool:
        return any(self.found[kind] for kind in (*BAD, "different"))
