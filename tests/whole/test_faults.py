"""What happens when things go wrong: the run goes on as if nothing had been, or says what to do."""

import hashlib
import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count, islice

import pytest
import torch

from reproduce import cli, console
from reproduce.errors import StoreError, UserError
from reproduce.experiments import studies
from reproduce.experiments.rows import Row, Study
from reproduce.runs.store import Follower, Store
from reproduce.training import sweep
from reproduce.training.loop import Training
from tests import places
from tests.reproduce.training.test_loop import SETTINGS, outcome, same, train

FLAGS = ["--widths", "784-24-12", "--epochs", "6", "--batch-size", "32", "--log-gamma", "0.3"]
SIGNALS = {signal.SIGTERM: ("terminated", 143), signal.SIGINT: ("interrupted", 130)}


def begun(data, root):
    """A run after three of its six epochs."""
    run = Store(root).run(SETTINGS)
    list(islice(Training(SETTINGS, data, run).epochs(), 3))
    return run


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def forge(path):
    """A checksum that fits what is no checkpoint."""
    path.write_bytes(hashlib.sha256(b"nonsense").digest() + b"nonsense")


DAMAGE = {
    "a bit": ({"checkpoint.pt": flip}, "going on from the one before"),
    "a fitting checksum": ({"checkpoint.pt": forge}, "going on from the one before"),
    "nothing left in it": ({"checkpoint.pt": lambda p: p.write_bytes(b"")}, "the one before"),
    "both": ({"checkpoint.pt": flip, "checkpoint.previous.pt": flip}, "starting anew"),
    "killed between two renames": ({"checkpoint.pt": lambda p: p.unlink()}, None),
    "metrics": ({"epochs.jsonl": lambda p: p.write_text("{")}, None),
    "settings": ({"settings.json": lambda p: p.write_text("[]")}, None),
}


@pytest.mark.parametrize(("damage", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_costs_no_more_than_an_epoch(
    damage, said, undisturbed, data, tmp_path, caplog
):
    run = begun(data, tmp_path)
    for name, spoil in damage.items():
        spoil(run.folder / name)
    left = {name: (run.folder / name).read_bytes() for name in damage if said}
    assert same(outcome(train(SETTINGS, data, tmp_path)), undisturbed)
    assert run.settings() == SETTINGS
    assert len(caplog.messages) == bool(said) and all(said in line for line in caplog.messages)
    aside = {path.name: path.read_bytes() for path in run.folder.glob("*.damaged")}
    assert aside == {f"{name}.1.damaged": content for name, content in left.items()}


@pytest.mark.parametrize("seconds", [0.0, 300.0], ids=["within an epoch", "between epochs"])
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is an accelerator here")
def test_a_checkpoint_from_an_accelerator_that_is_not_here_is_taken(
    seconds, undisturbed, data, tmp_path, monkeypatch, caplog
):
    """As one has it: every tensor in it is said to be on CUDA."""
    run, steps = Store(tmp_path).run(SETTINGS), count(1)
    with monkeypatch.context() as there:
        there.setattr("torch.serialization.location_tag", lambda storage: "cuda:0")
        there.setattr("reproduce.training.loop.CHECKPOINT_SECONDS", seconds)

        def away():
            if next(steps) == 25:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            list(Training(SETTINGS, data, run).epochs(away))
        content = (run.folder / "checkpoint.pt").read_bytes()
    assert b"cuda:0" in content
    assert same(outcome(train(SETTINGS, data, tmp_path)), undisturbed)
    assert not caplog.messages and not list(run.folder.glob("*.damaged"))


def test_what_was_set_aside_before_stays(data, tmp_path):
    run = begun(data, tmp_path)
    for number in (1, 2):
        (run.folder / "checkpoint.pt").write_text(str(number))
        run.load_checkpoint()
    assert [(run.folder / f"checkpoint.pt.{n}.damaged").read_text() for n in (1, 2)] == ["1", "2"]


def test_a_rank_that_writes_nothing_reads_the_same_state(data, tmp_path):
    run = begun(data, tmp_path)
    flip(run.folder / "checkpoint.pt")
    before = sorted(run.folder.iterdir())
    assert len(Follower(run.folder).load_checkpoint()["epochs"]) == 2
    assert sorted(run.folder.iterdir()) == before
    assert len(run.load_checkpoint()["epochs"]) == 2


def test_what_a_killed_process_had_half_written_is_swept_up(tmp_path):
    run = Store(tmp_path).run(SETTINGS)
    run.begin(SETTINGS)
    (run.folder / ".checkpoint.pt.4711").write_bytes(b"x")
    with run.claimed():
        assert not list(run.folder.glob(".*"))


@pytest.mark.parametrize(
    ("seconds", "said", "kept"),
    [
        (0.0, "weights are not finite at step 5 of epoch 3", 24),
        (300.0, "loss is not finite at step 6", 20),
    ],
    ids=["before a checkpoint", "at the end of the epoch"],
)
def test_the_step_is_named_and_nothing_that_is_not_finite_is_kept(
    seconds, said, kept, data, tmp_path, monkeypatch
):
    monkeypatch.setattr("reproduce.training.loop.CHECKPOINT_SECONDS", seconds)
    run, steps = Store(tmp_path).run(SETTINGS), count(1)
    training = Training(SETTINGS, data, run)

    def spoil_after_25_steps():
        if next(steps) == 25:
            training.model[2].weight.data[0, 0] = torch.nan

    with pytest.raises(UserError, match=f"{said}.*lower learning_rate"):
        list(training.epochs(spoil_after_25_steps))
    state = run.load_checkpoint()
    assert 10 * len(state["epochs"]) + (state["part"] or {"step": 0})["step"] == kept
    assert all(values.isfinite().all() for values in state["model"].values())


@pytest.fixture(params=SIGNALS, ids=lambda number: number.name)
def ending(request):
    """A signal, and what a command says and returns then."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # may have been ignored
    yield request.param, *SIGNALS[request.param]
    signal.signal(signal.SIGINT, before)


def test_a_signal_leaves_a_run_that_goes_on(
    ending, data, mnist_folder, tmp_path, monkeypatch, capsys
):
    number, word, status = ending
    command = ["train", "lenet_300_100", *FLAGS, "--data-dir", str(mnist_folder), "--device", "cpu"]
    assert cli.main([*command, "--results", str(tmp_path / "whole")]) == 0
    handler = signal.getsignal(signal.SIGTERM)
    command += ["--results", str(tmp_path / "cut")]
    with monkeypatch.context() as patch:
        steps = count(1)
        patch.setattr(
            console.TrainingBars, "step",
            lambda *_: os.kill(os.getpid(), number) if next(steps) == 34 else None,
        )  # fmt: skip
        capsys.readouterr()
        assert cli.main(command) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"parsimony: {word}; finished epochs are kept")
    assert signal.getsignal(signal.SIGTERM) == handler
    (run,) = Store(tmp_path / "cut" / "own").runs()
    assert len(run.epochs()) == 3 and not run.finished
    assert cli.main(command) == 0
    (whole,) = Store(tmp_path / "whole" / "own").runs()
    assert same(outcome(run), outcome(whole))


def test_a_signal_ends_a_study_and_its_processes(
    ending, mnist_folder, tmp_path, monkeypatch, capsys
):
    number, word, status = ending
    monkeypatch.chdir(tmp_path)
    rows = (Row("long", replace(SETTINGS, epochs=4000)),)
    study = Study("test", "Test", {"one": rows}, seeds=1)
    monkeypatch.setitem(studies.STUDIES, "test", lambda dataset: study)
    seen = []

    class Pool(sweep.Pool):
        def _start(self):
            seen.append(super()._start())
            return seen[-1]

    monkeypatch.setattr(sweep, "Pool", Pool)

    def end_when_it_has_begun():
        while not list(tmp_path.glob("results/*/runs/*/checkpoint.pt")):
            time.sleep(0.05)
        os.kill(os.getpid(), number)

    threading.Thread(target=end_when_it_has_begun, daemon=True).start()
    assert cli.main(["study", "test", "--data-dir", str(mnist_folder), "--jobs", "1"]) == status
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"parsimony: {word}")
    (child,) = seen
    assert child.wait(10) != 0
    (run,) = Store(tmp_path / "results" / "test-format" / "runs").runs()
    assert run.load_checkpoint()["epochs"] and not run.finished


def test_a_process_that_begins_while_a_study_ends_is_ended_too(tmp_path, monkeypatch):
    begin, started = subprocess.Popen, []

    def late(command, **options):
        started.append(begin(["sleep", "60"], **options))
        threading.Thread(target=train.terminate).start()
        time.sleep(0.2)
        return started[-1]

    monkeypatch.setattr(sweep.subprocess, "Popen", late)
    with sweep.Pool(Store(tmp_path), None) as train:
        running = sweep.run([SETTINGS, SETTINGS.with_seed(1)], train, 1)
        (_, first), (_, second) = running
    assert "SIGTERM" in first.reason and started[0].wait(10) == -signal.SIGTERM
    assert "not begun" in second.reason and len(started) == 1


@contextmanager
def mounted(folder):
    """A disk of 900 kB; gives what mounts it again with other options."""

    def mount(*options):
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"a file system can't be mounted here: {done.stderr.strip()}")

    folder.mkdir()
    try:
        mount("-t", "tmpfs", "-o", "size=900k", "tmpfs")
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    try:
        yield lambda options: mount("-o", f"remount,{options}")
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(undisturbed, data, tmp_path):
    with mounted(tmp_path / "disk"):
        root, filler = tmp_path / "disk" / "results", tmp_path / "disk" / "filler"
        run = begun(data, root)
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * 4096):
                pass
        with pytest.raises(StoreError, match="No space left on device; earlier results are intact"):
            train(SETTINGS, data, root)
        assert not list(run.folder.glob(".*"))
        filler.unlink()
        assert same(outcome(train(SETTINGS, data, root)), undisturbed)


def test_a_read_only_folder_is_said_in_one_line(mnist_folder, tmp_path, capsys):
    with mounted(tmp_path / "disk") as again:
        command = ["train", "lenet_300_100", *FLAGS, "--data-dir", str(mnist_folder)]
        command += ["--device", "cpu", "--results", str(tmp_path / "disk")]
        again("ro")
        assert cli.main(command) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "can't write" in line and "Read-only file system" in line
        again("rw")
        assert cli.main(command) == 0


def test_a_run_that_another_process_trains_is_left_to_it(mnist_folder, tmp_path, capsys):
    command = ["train", "lenet_300_100", *FLAGS, "--data-dir", str(mnist_folder)]
    command += ["--device", "cpu", "--results", str(tmp_path)]
    assert cli.main(command) == 0
    (run,) = Store(tmp_path / "own").runs()
    (run.folder / "record.json").unlink()
    capsys.readouterr()
    with run.claimed():
        assert cli.main(command) == 2
    assert "is being trained by another process: wait" in capsys.readouterr().err
    assert not run.finished


def test_a_clock_that_runs_backwards_changes_nothing(undisturbed, data, tmp_path, monkeypatch):
    times = count(2_000_000_000, -3600)
    monkeypatch.setattr(time, "time", lambda: float(next(times)))
    run = train(SETTINGS, data, tmp_path)
    assert same(outcome(run), undisturbed)
    assert all(0 <= epoch.seconds < 60 for epoch in run.epochs())


@pytest.mark.parametrize("place", places.PLACES.values(), ids=places.PLACES)
def test_the_campaigns_places_are_reached_in_a_run(place, data, tmp_path):
    assert places.calls(place, SETTINGS, data, tmp_path) > 1
