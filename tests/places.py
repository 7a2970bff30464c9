"""Kills at chosen places, part of `make faults`: inside surgery, and around each change of a file.

A run is killed at the n-th slice of a tensor, and before and after the n-th rename and removal of
a file, those of its last step among them; then it goes on, and must equal the run left alone.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reproduce.data import Dataset
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run, Store
from reproduce.surgery import slicing
from reproduce.training.loop import Training

Outcome = Callable[[Run], Any]


@dataclass(frozen=True)
class Place:
    """A function that is called at what a kill is to hit, and how many of its calls are tried."""

    owner: Any
    name: str
    most: int

    def watch(self, on_call: Callable[[bool], None]) -> Callable[..., Any]:
        """Has ``on_call`` called before (False) and after (True) each; returns the original."""
        original = getattr(self.owner, self.name)

        def watched(*arguments: Any, **named: Any) -> Any:
            on_call(False)
            result = original(*arguments, **named)
            on_call(True)
            return result

        setattr(self.owner, self.name, watched)
        return original


PLACES = {
    "inside surgery": Place(slicing, "slice_tensor", 10),
    "at a rename": Place(os, "replace", 100),
    "at a removal": Place(Path, "unlink", 10),
}


def train(settings: Settings, data: Dataset, root: Path) -> Run:
    run = Store(root).run(settings)
    with run.claimed():
        if not run.finished:
            for _ in Training(settings, data, run).epochs():
                pass
    return run


def calls(place: Place, settings: Settings, data: Dataset, root: Path) -> int:
    """How often a run that is left alone is at a place, before and after counted apart."""
    seen: list[bool] = []
    original = place.watch(seen.append)
    try:
        train(settings, data, root)
    finally:
        setattr(place.owner, place.name, original)
    return len(seen)


def killed_at(place: Place, number: int, settings: Settings, data: Dataset, root: Path) -> bool:
    """Whether the run was killed at this call of the place; in a process of its own."""
    child = os.fork()
    if not child:
        left = [number]

        def on_call(after: bool) -> None:
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1

        place.watch(on_call)
        try:
            train(settings, data, root)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def campaign(folder: Path, settings: Settings, data: Dataset, outcome: Outcome) -> dict[str, Any]:
    """Kills at each place, the run trained to its end after each, and what came of it."""
    rng, expected = random.Random(0), None
    found: dict[str, Any] = {"different": 0}
    for name, place in PLACES.items():
        alone = folder / f"{name}, alone"
        moments = range(calls(place, settings, data, alone))
        expected = expected or outcome(Store(alone).run(settings))
        tried = rng.sample(moments, min(len(moments), place.most))
        found[name] = 0
        for number in tried:
            root = folder / f"{name} {number}"
            found[name] += killed_at(place, number, settings, data, root)
            found["different"] += outcome(train(settings, data, root)) != expected
        print(f"{name}: {found[name]} kills of {len(moments)} moments", flush=True)
        if not found[name] == len(tried) > 0:
            sys.exit(f"{name}: not every kill hit")
    return found
