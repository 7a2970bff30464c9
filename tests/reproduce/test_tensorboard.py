"""Event files, read back by TensorBoard's own reader."""

import importlib
import sys
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from reproduce import cli
from reproduce.data import load
from reproduce.experiments import studies
from reproduce.experiments.rows import Row, Study
from reproduce.runs.record import GatedEpoch
from reproduce.runs.store import Store
from reproduce.training.loop import Training
from tests.reproduce.training.test_sweep import BASE

pytest.importorskip("tensorboard", reason="needs the extra 'tensorboard'")
LAYERS = ("input_pixels", "hidden_layer_1", "hidden_layer_2")
TRAIN = ["--widths", "784-16-8", "--epochs", "4", "--batch-size", "32", "--log-gamma", "0.5"]


def read(folder):
    """The events of one run: it must have one file, so that TensorBoard shows no epoch twice."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert len(list(folder.glob("events.*"))) == 1
    events = EventAccumulator(str(folder), {"scalars": 0, "histograms": 0})
    return events.Reload()


def check(folder, epochs):
    events = read(folder)
    for name in ("error", "loss", "train_loss", "macs", "parameters", "seconds"):
        written = [(e.step, e.value) for e in events.Scalars(name)]
        assert written == [(e.epoch, pytest.approx(getattr(e, name))) for e in epochs]
    for number, layer in enumerate(LAYERS):
        widths = [e.value for e in events.Scalars(f"widths/{layer}")]
        assert widths == [e.widths[number] for e in epochs]
        gated = [e for e in epochs if isinstance(e, GatedEpoch)]
        histograms = events.Histograms(f"theta/{layer}")
        assert [h.step for h in histograms] == [e.epoch for e in gated]
        for ours, epoch in zip(histograms, gated):
            value, counts = ours.histogram_value, epoch.theta_histogram[number]
            assert (value.min, value.max, value.num) == (0, 1, sum(counts))
            assert np.allclose(value.bucket_limit, np.arange(1, 21) / 20)
            assert tuple(value.bucket) == counts
    assert not {"epoch", "process"} & {*events.Tags()["scalars"]}


def test_a_run_is_written_as_it_is_trained_and_again_from_its_record(
    mnist_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    train = ["train", "lenet_300_100", *TRAIN, "--data-dir", str(mnist_folder), "--tensorboard"]
    assert cli.main(train) == 0
    (run,) = Store(tmp_path / "results" / "own").runs()
    folder = tmp_path / "results" / "tensorboard" / "own" / run.folder.name
    check(folder, run.epochs())
    (live,) = folder.iterdir()
    live.write_bytes(live.read_bytes()[:100])
    assert cli.main(train) == 0  # trained before: written from the record
    check(folder, run.epochs())


def test_a_resumed_run_has_each_epoch_once(mnist_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train = ["train", "lenet_300_100", *TRAIN, "--data-dir", str(mnist_folder), "--tensorboard"]
    watched = importlib.import_module("reproduce.tensorboard")._Watched
    epoch = watched.epoch

    def stopped(self, settings, metrics):
        epoch(self, settings, metrics)
        if metrics.epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(watched, "epoch", stopped)
        assert cli.main(train) == 130
    (run,) = Store(tmp_path / "results" / "own").runs()
    folder = tmp_path / "results" / "tensorboard" / "own" / run.folder.name
    check(folder, run.epochs())
    assert cli.main(train) == 0 and len(run.epochs()) == 4
    check(folder, run.epochs())


def in_this_process(store, data_dir, device):
    def train(settings):
        for _ in Training(settings, load("mnist", data_dir), store.run(settings)).epochs():
            pass

    return nullcontext(train)


def test_a_study_writes_runs_as_they_come_home(mnist_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = (Row("small", BASE), Row("dense", replace(BASE, method="dense")))
    declared = Study("test", "Test", {"both": rows}, seeds=1)
    monkeypatch.setitem(studies.STUDIES, "test", lambda dataset: declared)
    monkeypatch.setattr("reproduce.outputs.write", lambda *_: [])  # no tables here, no figures
    monkeypatch.setattr("reproduce.training.sweep.Pool", in_this_process)
    study = ["study", "test", "--jobs", "1", "--data-dir", str(mnist_folder), "--tensorboard"]
    assert cli.main(study) == 0
    trained = list(Store(tmp_path / "results" / "test-format" / "runs").runs())
    assert len(trained) == 2
    boards = tmp_path / "results" / "tensorboard" / "test-format" / "runs"
    for run in trained:
        events = read(boards / run.folder.name)
        assert [e.step for e in events.Scalars("error")] == [1, 2]


def test_without_the_extra_one_line_says_so_before_anything_is_trained(
    mnist_folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    train = ["train", "lenet_300_100", *TRAIN, "--data-dir", str(mnist_folder), "--tensorboard"]
    assert cli.main(train) == 2
    error = capsys.readouterr().err
    assert "pip install -e '.[tensorboard]'" in error and len(error.splitlines()) == 1
    assert not list(tmp_path.iterdir())
