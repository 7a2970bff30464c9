"""Tables: from records to rows, counted against published figures, and their three formats."""

import csv
import io
from dataclasses import replace

import pytest

from reproduce import report, tables
from reproduce.data import load
from reproduce.experiments import Preset, Row, run_all
from reproduce.gates import GateConfig
from reproduce.published import LENET_300_100
from reproduce.settings import Settings
from reproduce.store import Store

COLUMNS = (
    "method,dataset,architecture,params,params_share,macs,macs_share,test_error_mean,"
    "test_error_std,n,train_mac_ratio,wall_ratio,source"
)


class Silent:
    def begin(self, settings, epochs_done, steps):
        pass

    def step(self, settings):
        pass

    def epoch(self, settings, metrics):
        pass


@pytest.fixture(scope="module")
def preset():
    base = Settings(widths=(784, 20, 10), epochs=2, batch_size=32, weight_precision=0.1)
    gates = GateConfig(log_gamma=0.5, closing_steps=5)
    ours = replace(base, gates=gates)
    rows = (
        Row("dense", replace(base, method="dense")),
        Row("ours", ours),
        Row("straight-through", replace(ours, gates=replace(gates, estimator="straight_through"))),
        Row("never run", replace(ours, epochs=9)),
    )
    return Preset("test", rows, (Row("a start", ours),), seeds=2)


@pytest.fixture(scope="module")
def store(preset, mnist_folder, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("runs"))
    groups = [[row.settings.with_seed(seed) for row in preset.rows[:3]] for seed in (0, 1)]
    data = load("mnist", str(mnist_folder))
    assert run_all(groups, data, store, Silent()) == 6
    assert run_all(groups, data, store, Silent()) == 0
    return store


def test_published_sizes_follow_from_the_architectures():
    """RigL's table lists FLOPs as multiplications and additions: 97.1, 53.3 and 19.1 thousand."""
    rows = {row.method: row for row in tables.published(LENET_300_100, (784, 300, 100))}
    for method, kiloflops in (("SBP", 97.1), ("L0", 53.3), ("VIB", 19.1)):
        assert 2 * rows[method].macs / 1e3 == pytest.approx(kiloflops, abs=0.05)
    assert rows["VIB"].macs == 9560


def test_a_row_is_the_mean_over_seeds_with_cost_against_dense(preset, store):
    dense, ours, through = tables.results(preset, store)
    records = [run.record() for run in store.seeds(preset.rows[1].settings)]
    errors = [record["error"] for record in records]
    assert ours.n == 2 and ours.test_error_mean == pytest.approx(sum(errors) / 2)
    assert ours.test_error_std == pytest.approx(abs(errors[0] - errors[1]) / 2**0.5)
    assert ours.macs == sum(record["end"]["macs"] for record in records) / 2
    assert ours.macs_share == ours.macs / (784 * 20 + 200 + 100)
    assert dense.train_mac_ratio == dense.wall_ratio == dense.macs_share == 1
    assert 0 < ours.train_mac_ratio < 1 and ours.wall_ratio > 0
    assert through.method == "straight-through"


def test_times_of_different_processes_are_not_compared(preset, store, monkeypatch):
    from reproduce.store import Run

    real = Run.epochs
    monkeypatch.setattr(
        Run,
        "epochs",
        lambda run: [e | {"process": run.settings().method} for e in real(run)],
    )
    assert tables.results(preset, store)[1].wall_ratio is None


def test_files_hold_the_columns_every_raw_value_and_what_the_data_were(preset, store, tmp_path):
    place = report.Place(store.root, tmp_path / "paper_tables", tmp_path / "figures")
    paths = {path.name: path for path in report.write_tables(preset, store, place)}
    table = paths["lenet_300_100.csv"].read_text()
    assert table.splitlines()[0] == COLUMNS
    methods = [row["method"] for row in csv.DictReader(io.StringIO(table))]
    assert methods[:3] == ["dense", "ours", "straight-through"] and "VIB" in methods
    raw = list(csv.DictReader(io.StringIO(paths["lenet_300_100_runs.csv"].read_text())))
    assert len(raw) == 6 + 2 and {row["seed"] for row in raw} == {"0", "1"}
    text = paths["lenet_300_100.md"].read_text()
    assert "MNIST (fingerprint" in text and "320 training" in text
    assert r"\%" in paths["lenet_300_100.tex"].read_text()


def test_figures_are_written_from_records_twice_the_same(preset, store, tmp_path):
    files = []
    for folder in ("once", "twice"):
        place = report.Place(store.root, tmp_path / folder, tmp_path / folder)
        files.append(report.write_figures(preset, store, place))
    assert {"hyperprior.png", "lenet_300_100_pixels.svg", "lenet_300_100_starts.png"} <= {
        path.name for path in files[0]
    }
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(*files))


def test_nothing_is_written_without_runs(preset, tmp_path):
    place = report.Place(tmp_path, tmp_path, tmp_path)
    assert report.write_tables(preset, Store(tmp_path), place) == []
