"""The main job on small networks: runs in processes, and the pair whose wall-clock is compared."""

import csv
from dataclasses import replace

import pytest

from reproduce import cli, outputs
from reproduce.commands import reproduce as command
from reproduce.experiments import presets
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.experiments.rows import Preset, Row
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store

BASE = Settings(
    dataset="mnist_format", widths=(784, 16, 8), epochs=2, batch_size=32, weight_precision=0.1,
    gates=replace(AS_PUBLISHED, log_gamma=0.3, closing_steps=5),
)  # fmt: skip


def priced(log_gamma):
    return replace(BASE, gates=replace(BASE.gates, log_gamma=log_gamma))


@pytest.fixture
def run(mnist_folder, tmp_path, monkeypatch, capsys):
    """Runs `reproduce` on a preset of one's own; gives status and what was printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(outputs, "write_figures", lambda *_: [])  # nothing here looks at them

    def run(*rows):
        preset = Preset("quick", tuple(Row(row.method, row) for row in rows), seeds=1)
        monkeypatch.setattr(presets, "preset", lambda *_: preset)
        where = ["--data-dir", str(mnist_folder), "--device", "cpu"]
        status = cli.main(["reproduce", "lenet_300_100", *where])
        return status, capsys.readouterr()

    return run


def test_runs_are_trained_once_and_only_the_pair_that_is_compared_in_one_process(run, tmp_path):
    dense = replace(BASE, method="dense")
    rows = (dense, priced(0.1), BASE, priced(0.5))
    status, said = run(*rows)
    assert status == 0 and "4 runs trained now" in said.out
    place = tmp_path / "results" / "quick"
    processes = [{e.process for e in Store(place / "runs").run(row).epochs()} for row in rows]
    assert processes[0] == processes[2] and len({*map(tuple, processes)}) == 3
    with open(place / "paper_tables" / "lenet_300_100.csv") as file:
        timed = [bool(row["wall_ratio"]) for row in csv.DictReader(file)]
    assert timed[:4] == [True, False, True, False]
    assert "0 runs trained now" in run(*rows)[1].out
    record = Store(place / "runs").run(BASE).folder / "record.json"
    record.unlink()  # the second of the pair: its first is done
    assert "1 runs trained now" in run(*rows)[1].out and record.is_file()


def test_a_run_that_fails_is_named_and_the_others_are_trained(run, tmp_path):
    broken = replace(BASE, learning_rate=1e30)
    status, said = run(replace(BASE, method="dense"), broken, BASE)
    assert status == 2 and f"1 of 2 runs failed, {broken.name} for one: the loss" in said.err
    assert Store(tmp_path / "results" / "quick" / "runs").run(BASE).finished


def test_nothing_is_proved_where_nothing_can_be_kept(mnist_folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "results").write_text("a file where the folder should be")
    monkeypatch.setattr(command, "proofs", lambda: pytest.fail("claims were proved first"))
    where = ["--data-dir", str(mnist_folder), "--results", str(tmp_path / "results")]
    assert cli.main(["reproduce", *where]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "can't make the folder" in line and "Not a directory" in line
