"""The sweep runner: skips what is done, collects failures, survives dead processes and Ctrl-C."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import pytest

from reproduce import cli, outputs
from reproduce.data import load
from reproduce.errors import BusyError
from reproduce.experiments import studies
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.experiments.rows import Row, Study
from reproduce.gates.estimators import ESTIMATORS
from reproduce.gates.priors import PRIORS
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.training import sweep

BASE = Settings(
    dataset="mnist_format",
    widths=(784, 16, 8),
    epochs=2,
    batch_size=32,
    gates=replace(AS_PUBLISHED, log_gamma=0.3, closing_steps=10),
)
BROKEN = replace(BASE, learning_rate=1e30)  # the loss is not finite


def here(runs, store, folder, jobs=1):
    with sweep.Pool(store, str(folder)) as train:
        yield from sweep.run(runs, train, jobs)


@pytest.fixture
def study(monkeypatch):
    rows = (Row("small", BASE), Row("wide", replace(BASE, widths=(784, 24, 8))))
    declared = Study("test", "Test", {"both": rows}, seeds=2)
    monkeypatch.setitem(studies.STUDIES, "test", lambda dataset: declared)
    return declared


def test_a_study_is_trained_once_whatever_the_jobs_and_equals_a_run_alone(
    study, mnist_folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(outputs, "write_figures", lambda *_: [])  # nothing here looks at them
    arguments = ["study", "test", "--data-dir", str(mnist_folder)]
    assert cli.main([*arguments, "--dry-run"]) == 0
    assert "4 runs to train" in capsys.readouterr().out and not list(tmp_path.iterdir())
    assert cli.main([*arguments, "--jobs", "2"]) == 0
    store = Store(tmp_path / "results" / "test-format" / "runs")
    assert not sweep.missing(study.runs(), store, load("mnist", str(mnist_folder)))
    assert (store.root.parent / "paper_tables" / "test.md").is_file()
    assert cli.main(arguments) == 0
    assert "0 runs to train, 4 done before" in capsys.readouterr().out
    alone = Store(tmp_path / "alone")
    (only,) = here(study.runs()[:1], alone, mnist_folder)
    assert only == (BASE, None)
    records = [s.run(BASE).record() for s in (store, alone)]
    assert records[0].error == records[1].error and records[0].kept == records[1].kept


def test_a_failure_is_collected_and_takes_no_other_run_with_it(mnist_folder, tmp_path):
    store = Store(tmp_path)
    ended = dict(here([BROKEN, BASE], store, mnist_folder))
    assert ended[BASE] is None and store.run(BASE).finished
    assert "loss is not finite" in ended[BROKEN].reason


def test_a_process_that_is_killed_is_named_and_its_run_goes_on_later(mnist_folder, tmp_path):
    store, long = Store(tmp_path), replace(BASE, epochs=400)

    def kill_when_it_has_begun():
        while not store.run(long).epochs():
            time.sleep(0.05)
        (child,) = train.children
        os.kill(child.pid, signal.SIGKILL)

    with sweep.Pool(store, str(mnist_folder)) as train:
        threading.Thread(target=kill_when_it_has_begun, daemon=True).start()
        ((_, failure),) = sweep.run([long], train, 1)
    assert "SIGKILL" in failure.reason
    assert store.run(long).load_checkpoint() and not store.run(long).finished


EPOCHS = 10
STUDY = [replace(BASE, epochs=EPOCHS).with_seed(seed) for seed in range(3)]
COMMAND = """
import sys
from pathlib import Path
from reproduce.runs.store import Store
from tests.reproduce.training.test_sweep import STUDY, here
store = Store(Path(sys.argv[1]))
assert all(failure is None for _, failure in here(STUDY, store, sys.argv[2]))
"""


def test_a_killed_study_begun_again_by_two_commands_trains_every_run_once(mnist_folder, tmp_path):
    """SIGKILL leaves the study's child at work: two new sweeps must not train its run too."""
    command = [sys.executable, "-c", COMMAND, str(tmp_path), str(mnist_folder)]
    killed = subprocess.Popen(command)
    store = Store(tmp_path)
    while not store.run(STUDY[0]).epochs():
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    with ThreadPoolExecutor(2) as threads:
        again = [threads.submit(lambda: list(here(STUDY, store, mnist_folder))) for _ in range(2)]
    assert all(failure is None for sweep in again for _, failure in sweep.result())
    assert not sweep.missing(STUDY, store, load("mnist", str(mnist_folder)))
    assert len(list(store.runs())) == len(STUDY)
    for settings in STUDY:
        epochs = store.run(settings).epochs()
        assert [epoch.epoch for epoch in epochs] == list(range(1, EPOCHS + 1))
        assert len({epoch.process for epoch in epochs}) == 1


def test_a_run_that_another_process_trains_is_waited_for(mnist_folder, tmp_path, monkeypatch):
    run, pauses = Store(tmp_path).run(BASE), []
    with ExitStack() as other:
        other.enter_context(run.claimed())
        with pytest.raises(BusyError, match="by another process: wait"), run.claimed():
            pass
        # The first time the sweep finds it busy, the other process ends.
        monkeypatch.setattr(sweep.time, "sleep", lambda s: pauses.append(s) or other.close())
        assert list(here([BASE], Store(tmp_path), mnist_folder)) == [(BASE, None)]
    assert len(pauses) == 1


def test_closing_the_sweep_stops_its_processes_and_leaves_checkpoints(mnist_folder, tmp_path):
    store, long = Store(tmp_path), replace(BASE, epochs=4000)
    with sweep.Pool(store, str(mnist_folder)) as train:
        running = sweep.run([BASE, long], train, 2)
        next(running)
        while not store.run(long).epochs():
            time.sleep(0.05)
        children = list(train.children)
    assert len(children) == 2 and all(child.returncode for child in children)
    assert not train.children and not store.run(long).finished


def test_the_estimate_counts_steps_of_each_network_and_shares_them_among_jobs(mnist_folder):
    data = load("mnist", str(mnist_folder))
    one = sweep.most_seconds([BASE], data, 1)
    four = sweep.most_seconds([BASE.with_seed(seed) for seed in range(4)], data, 2)
    assert one > 0 and 0.2 * one < four / 2 < 5 * one


def test_declared_studies_cover_the_starts_and_name_each_run_once():
    runs = studies.study("robustness_lenet_300_100").runs()
    assert len(runs) >= 60 and len({run.hash for run in runs}) == len(runs)
    assert {run.widths[1] / 300 for run in runs} == {0.5, 1, 2, 4, 8}
    assert {run.gates.theta0 for run in runs} == {0.3, 0.5, 0.7, 0.9}
    runs = studies.study("ablation").runs()
    assert len({run.hash for run in runs}) == len(runs)
    assert {run.gates.prior for run in runs} == set(PRIORS)
    # Those of second order came after the ablation.
    runs += studies.study("exploration_lenet_300_100").runs()
    assert {run.gates.estimator for run in runs} == set(ESTIMATORS)
