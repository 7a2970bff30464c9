"""A study on a real dask scheduler with worker processes: runs come home, a lost worker's too."""

import subprocess
import sys
import time
from dataclasses import replace
from threading import Event

import pytest

from reproduce import cli
from reproduce.data import load
from reproduce.errors import BusyError
from reproduce.runs.store import Store
from reproduce.training import cluster, sweep
from tests.reproduce.training.test_sweep import BASE, BROKEN, here

distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster'")
LONG = replace(BASE, epochs=50)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Address of a scheduler, and its two worker processes."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"

    def start(what, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}"]
        options = ["--scheduler-file", str(file), "--no-dashboard", *arguments]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command + options, cwd=folder, stdout=quiet, stderr=quiet)

    worker = "--no-nanny", "--nthreads", "1"
    started = [start("scheduler", "--host", "127.0.0.1", "--port", "0")]
    started += [start("worker", *worker) for _ in range(2)]
    with distributed.Client(scheduler_file=str(file), timeout=60) as client:
        client.wait_for_workers(2, timeout=60)
        yield client.scheduler.address, started[1:]
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def data(mnist_folder):
    return load("mnist", str(mnist_folder))


def outcome(run):
    record = run.record()
    return {name: getattr(record, name) for name in ("settings", "end", "error", "loss", "kept")}


def test_runs_come_home_as_they_would_be_here_and_failures_are_collected(
    scheduler, data, mnist_folder, tmp_path
):
    away, alone = Store(tmp_path / "away"), Store(tmp_path / "alone")
    scratch = replace(BASE, method="scratch")  # takes its size from BASE
    with cluster.connected(scheduler[0]) as client:
        assert cluster.jobs(client) == 2
        train = cluster.trainer(client, away, data, str(mnist_folder))
        ended = dict(sweep.run([scratch, BASE, BROKEN], train, 2))
        assert ended[BASE] is None and ended[scratch] is None
        assert "loss is not finite" in ended[BROKEN].reason
        other = replace(data, train_x=255 - data.train_x)
        train = cluster.trainer(client, Store(tmp_path / "other"), other, str(mnist_folder))
        assert "has other data" in train(BASE).reason
    assert all(failure is None for _, failure in here([BASE, scratch], alone, mnist_folder))
    for settings in (BASE, scratch):
        assert outcome(away.run(settings)) == outcome(alone.run(settings))
        assert {*away.run(settings).files()} == {*alone.run(settings).files()}


def test_the_run_of_a_lost_worker_is_taken_over_and_nobody_else_trains_it(
    scheduler, data, mnist_folder, tmp_path
):
    address, workers = scheduler
    store = Store(tmp_path)
    runs = [LONG.with_seed(seed) for seed in range(2)]
    with cluster.connected(address) as client:
        train = cluster.trainer(client, store, data, str(mnist_folder))
        training = sweep.run(runs, lambda settings: kill_once(train, settings), 2)

        def kill_once(train, settings):
            if settings.seed == 1:
                while sum(map(len, client.processing().values())) < 1:
                    time.sleep(0.05)
                workers[0].kill()
            return train(settings)

        first, failure = next(training)
        assert failure is None
        left = store.run(runs[1 - first.seed])
        if not left.finished:
            with pytest.raises(BusyError), left.claimed():
                pass
        assert [failure for _, failure in training] == [None]
        assert len(client.nthreads()) == 1
    for settings in runs:
        assert [e.epoch for e in store.run(settings).epochs()] == list(range(1, LONG.epochs + 1))


def test_what_nobody_waits_for_any_more_is_stopped(scheduler, data, mnist_folder, tmp_path):
    endless, first_done = replace(LONG, epochs=100_000), Event()
    with cluster.connected(scheduler[0]) as client:
        train = cluster.trainer(client, Store(tmp_path), data, str(mnist_folder))

        def in_turn(settings):  # one worker may be all there is, and the endless run would keep it
            if settings == endless:
                assert first_done.wait(60)
            try:
                return train(settings)
            finally:
                first_done.set()

        training = sweep.run([BASE, endless], in_turn, 2)
        assert next(training) == (BASE, None)
        assert soon(lambda: any(client.call_stack().values()))
        training.close()
    with cluster.connected(scheduler[0]) as client:
        assert soon(lambda: not any(client.call_stack().values()))


def soon(true) -> bool:
    deadline = time.monotonic() + 60
    while not (done := true()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return done


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--executor", "dask"], "given together"),
        (["--scheduler", "tcp://127.0.0.1:1"], "given together"),
        (["--executor", "dask", "--scheduler", "tcp://127.0.0.1:1"], "no dask scheduler answers"),
        (["--executor", "dask", "--scheduler", "nonsense://x"], "no dask scheduler answers"),
    ],
)
def test_a_mistake_is_one_line(arguments, message, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    assert cli.main(["study", "ablation", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1


def test_whatever_else_answers_there_is_no_scheduler(capsys, monkeypatch):
    """Bytes of another service are read as a number of pieces and their lengths."""

    def client(*_, **__):
        raise MemoryError("3.07 EiB")

    monkeypatch.setattr(distributed, "Client", client)
    where = ["--executor", "dask", "--scheduler", "tcp://127.0.0.1:80"]
    assert cli.main(["study", "ablation", *where]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no dask scheduler answers" in line
