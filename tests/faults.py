"""Kills and interrupts: `make faults`, or with the number of kills.

    python -m tests.faults [100]

Runs on the embedded sample are trained by a process that SIGKILL ends at a random moment, again and
again, until all are finished; every fifth kill also damages the newest checkpoint. When a folder's
runs are finished, a new folder is begun. Then every run must equal the one that nothing disturbed.
Then the control: a trainer that forgets its momentum when it resumes must be found out. At last
twice as many interrupts of commands (``stops``), and kills at chosen places (``places``).
The processes are forked from this one: starting Python and torch anew would take most of the time.
Writes benchmarks/faults.json.
"""

import mmap
import os
import platform
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from reproduce import files
from reproduce.data import Dataset, load
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.files import write_json
from reproduce.runs import store
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run, Store
from reproduce.training import loop, turns
from reproduce.training.optimisers import SGD
from tests import places, stops

OUT = Path(__file__).resolve().parent.parent / "benchmarks" / "faults.json"
SEED = 0
DAMAGE_EVERY = 5
CONTROL_KILLS = 15
CHECKPOINT_SECONDS = 0.05  # instead of minutes, as these epochs last a fraction of a second
GATES = Settings(
    dataset="mnist_sample", widths=(784, 40, 20), epochs=4, batch_size=200, freeze_at=0.75, shift=1,
    weight_precision=1.0, gates=replace(AS_PUBLISHED, log_gamma=2.0, windows=2, closing_steps=20),
)  # fmt: skip
# In pairs that take turns, as in a table: a kill hits two runs in work.
GROUPS = [
    [GATES, replace(GATES, method="dense")],
    [GATES.with_seed(1), replace(GATES, method="hard_concrete")],
]
RUNS = [settings for group in GROUPS for settings in group]
MOMENTS = ("starting", "within an epoch", "between epochs", "while a file is written", "all done")
STARTING, STEPPING, BETWEEN, WRITING, DONE = range(len(MOMENTS))
BAD = ("lost", "doubled", "trained twice", "different")


class Watched:
    """What the trainer is at, seen from the process that kills it."""

    def __init__(self) -> None:
        self._now = mmap.mmap(-1, 1)

    def moment(self) -> str:
        return MOMENTS[self._now[0]]

    def at(self, moment: int) -> None:
        self._now[0] = moment

    def begin(self, settings: Settings, epochs_done: int, steps: int) -> None:
        """Part of ``turns.Progress``, as are the next two."""

    def step(self, settings: Settings) -> None:
        self.at(STEPPING)

    def epoch(self, settings: Settings, metrics: dict[str, Any]) -> None:
        self.at(BETWEEN)

    def watch_writes(self) -> None:
        write = files.write_atomic

        def watched(*arguments: Any) -> None:
            before = self._now[0]
            self.at(WRITING)
            write(*arguments)
            self.at(before)

        files.write_atomic = store.write_atomic = watched


def warm_up(data: Dataset) -> None:
    """Does once what would else take up the first second of every process."""
    assert data.fingerprint


def forget_momentum(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """What the control's trainer has for ``load_state_dict``."""


def train(data: Dataset, root: Path, watched: Watched, forgetful: bool) -> int:
    """Starts a process that trains what is not finished in a folder; returns its number."""
    watched.at(STARTING)
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        loop.PROCESS = loop.process_name()  # that of the parent would come with the fork
        loop.CHECKPOINT_SECONDS = CHECKPOINT_SECONDS
        watched.watch_writes()
        if forgetful:
            SGD.load_state_dict = forget_momentum  # type: ignore[method-assign]
        turns.run_all(GROUPS, data, Store(root), watched)
        watched.at(DONE)
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def outcome(run: Run) -> tuple[Any, Any, Any]:
    """All that a run leaves, times left out."""
    epochs = [replace(epoch, seconds=0.0, process="") for epoch in run.epochs()]
    record = replace(run.record(), seconds=0.0)
    weights = {name: tensor.tolist() for name, tensor in run.load_weights().items()}
    return epochs, record, weights


def damage(root: Path, rng: random.Random) -> bool:
    """Changes a byte of the newest checkpoint of one of the runs in work."""
    paths = sorted(root.glob("*/checkpoint.pt"))
    if not paths:
        return False
    path = rng.choice(paths)
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    return True


class Campaign:
    """Kills and restarts, one folder of runs after the other, and what came of it."""

    def __init__(self, folder: Path, kills: int, forgetful: bool = False):
        self._folder, self._kills, self._forgetful = folder, kills, forgetful
        self._rng = random.Random(SEED)
        self._data = load("mnist_sample")
        warm_up(self._data)
        self._watched = Watched()
        self.moments: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        start = time.monotonic()
        self._left_alone(folder / "undisturbed")
        self._start = time.monotonic()
        self._seconds = self._start - start
        self._expected = {s: outcome(Store(folder / "undisturbed").run(s)) for s in RUNS}

    def _left_alone(self, root: Path) -> None:
        _, status = os.waitpid(train(self._data, root, self._watched, self._forgetful), 0)
        if status:
            sys.exit("the trainer failed: its error is above")

    def run(self) -> Iterator[None]:
        """Pauses after every folder."""
        while self.moments.total() < self._kills:
            root = self._folder / f"{self.found['folders']:03}"
            self._torment(root)
            self._judge(root)
            print(f"{self.moments.total()} kills, {self.found['runs']} runs finished", flush=True)
            yield

    def _torment(self, root: Path) -> None:
        """Kills until all runs of a folder are finished; the last start is left alone."""
        kept: dict[Path, bytes] = {}
        while self.moments.total() < self._kills:
            child = train(self._data, root, self._watched, self._forgetful)
            time.sleep(self._rng.uniform(0, self._seconds / len(RUNS)))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            moment = self._watched.moment()
            if os.WIFEXITED(status) and os.WEXITSTATUS(status):
                sys.exit("the trainer failed: its error is above")
            if moment == MOMENTS[DONE]:
                break
            self.moments[moment] += 1
            self.found["half written files"] += len([*root.glob("*/.*")])
            self._compare_records(root, kept)
            if not self.moments.total() % DAMAGE_EVERY:
                self.found["checkpoints damaged"] += damage(root, self._rng)
        self._left_alone(root)
        self._compare_records(root, kept)

    def _compare_records(self, root: Path, kept: dict[Path, bytes]) -> None:
        """A record, once there, stays as it is: a run trained twice would have other times."""
        for path, content in kept.items():
            self.found["lost"] += not path.is_file()
            self.found["trained twice"] += path.is_file() and path.read_bytes() != content
        kept |= {path: path.read_bytes() for path in root.glob("*/record.json")}

    def _judge(self, root: Path) -> None:
        runs = [Store(root).run(settings) for settings in RUNS]
        finished = [run for run in runs if run.finished]
        numbers = list(range(1, GATES.epochs + 1))
        self.found["folders"] += 1
        self.found["runs"] += len(finished)
        self.found["lost"] += len(runs) - len(finished)
        self.found["doubled"] += len([*root.iterdir()]) - len(runs)
        self.found["doubled"] += sum([e.epoch for e in r.epochs()] != numbers for r in finished)
        self.found["resumed"] += sum(len({e.process for e in r.epochs()}) > 1 for r in finished)
        self.found["set aside"] += len([*root.glob("*/*.damaged")])
        for settings in RUNS:
            run = Store(root).run(settings)
            self.found["different"] += run.finished and outcome(run) != self._expected[settings]
        shutil.rmtree(root)

    def report(self) -> dict[str, Any]:
        return {
            "kills": self.moments.total(),
            "moments": {moment: self.moments[moment] for moment in MOMENTS[:DONE]},
            "folders": self.found["folders"],
            "runs finished": self.found["runs"],
            "of these resumed": self.found["resumed"],
            "half written files left by kills": self.found["half written files"],
            "checkpoints damaged": self.found["checkpoints damaged"],
            "checkpoints set aside": self.found["set aside"],
            **{name: self.found[name] for name in BAD},
            "seconds": round(time.monotonic() - self._start, 1),
            "machine": {
                "processor": platform.machine(),
                "python": platform.python_version(),
                "torch": torch.__version__,
            },
        }


def main(kills: int) -> int:
    """Kills at random moments, then twice as many interrupts, then kills at chosen places."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        report, failed = _random_kills(Path(folder), kills)
        stopped = stops.Campaign(Path(folder) / "stops", 2 * kills)
        for _ in stopped.run():
            print(f"{stopped.by_command.total()} interrupts", flush=True)
            write_json(OUT, report | {"interrupts": stopped.report()})
        report["interrupts"] = stopped.report()
        data = load("mnist_sample")
        report["places"] = places.campaign(Path(folder) / "places", GATES, data, outcome)
    write_json(OUT, report)
    print(*(f"{name}: {value}" for name, value in report.items()), sep="\n")
    return int(failed or stopped.failed or report["places"]["different"] > 0)


def _random_kills(folder: Path, kills: int) -> tuple[dict[str, Any], bool]:
    """What came of the kills and of their control, and whether that is a failure."""
    campaign = Campaign(folder / "campaign", kills)
    for _ in campaign.run():  # one that is stopped has shown something too
        write_json(OUT, campaign.report())
    report = campaign.report()
    control = Campaign(folder / "control", min(kills, CONTROL_KILLS), forgetful=True)
    for _ in control.run():
        pass
    found_out = control.report()
    report |= {"control": {k: found_out[k] for k in ("kills", *BAD)}}
    failed = any(report[name] for name in BAD) or report["kills"] < kills
    return report, failed or not found_out["different"]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
