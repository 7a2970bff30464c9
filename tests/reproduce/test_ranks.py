"""One run on two ranks (gloo, processes of this machine) is the run of one, with the same gates."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from reproduce import ranks
from reproduce.data import load
from reproduce.errors import UserError
from reproduce.runs.store import Store
from reproduce.training.loop import Training
from tests.reproduce.methods.test_rivals import CONVOLUTIONS, FLAT
from tests.reproduce.training.test_loop import train

RANKS = 2
PROGRAM = """
import sys
from pathlib import Path
import torch
from reproduce import ranks
from reproduce.data import load
from reproduce.gates.gates import Gates
from reproduce.runs.store import Store
from reproduce.training.turns import run_all
from tests.reproduce.test_ranks import SETTINGS

class Silent:
    begin = step = epoch = lambda self, *_: None

thetas, step = [], Gates.step

def watched(gates):
    step(gates)
    thetas.append(gates.theta.clone())

Gates.step = watched
torch.set_num_threads(1)
data = load("mnist", sys.argv[1])
with ranks.joined(torch.device("cpu")):
    store = Store(Path(sys.argv[2]))
    run_all([list(SETTINGS.values())], data, store, Silent())
    torch.save(thetas, Path(sys.argv[2]) / f"thetas{ranks.number()}.pt")
"""
SETTINGS = {"gates": FLAT, "convolutions": CONVOLUTIONS, "dense": replace(FLAT, method="dense")}


@pytest.fixture(scope="module")
def together(mnist_folder, tmp_path_factory):
    """The folder of runs that two ranks have trained."""
    folder = tmp_path_factory.mktemp("ranks")
    program = folder / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(RANKS)]
    place = ["--standalone", str(program), str(mnist_folder), str(folder)]
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    done = subprocess.run(command + place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_two_ranks_train_the_run_of_one(settings, together, mnist_folder, tmp_path):
    alone = train(settings, load("mnist", str(mnist_folder)), tmp_path).record()
    record = Store(together).run(settings).record()
    assert record.end == alone.end and record.kept == alone.kept
    assert record.loss == pytest.approx(alone.loss, rel=1e-3)
    assert record.train_macs == alone.train_macs


def test_gates_are_the_same_on_all_ranks_after_every_step(together):
    first, second = (torch.load(together / f"thetas{n}.pt", weights_only=True) for n in range(2))
    assert len(first) == len(second) > 10
    assert all(torch.equal(a, b) for a, b in zip(first, second))
    assert min(map(len, first)) < max(map(len, first))  # some were pruned on the way


def test_a_run_that_cannot_be_shared_out_is_refused(mnist_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(ranks, "count", lambda: 3)
    data = load("mnist", str(mnist_folder))
    for changes, message in (
        ({"batch_size": 32}, "multiple of the 3 ranks"),
        ({"method": "norm"}, "trained on one device; on 3 can be trained: dense, gates"),
    ):
        settings = replace(FLAT, **changes)
        with pytest.raises(UserError, match=message):
            Training(settings, data, Store(tmp_path).run(settings))
