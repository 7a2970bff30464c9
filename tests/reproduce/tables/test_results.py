"""Tables: from records to rows, counted against published figures, and their three formats."""

import csv
import io
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from matplotlib import pyplot as plt

from reproduce import figures, outputs
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.experiments.presets import preset as preset_of
from reproduce.experiments.rows import Preset, Row
from reproduce.figures import THEORY, runs
from reproduce.figures.style import STYLE
from reproduce.models import build
from reproduce.runs.loaded import Loaded
from reproduce.runs.record import Epoch, Size
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.surgery.chain import trace
from reproduce.tables import results as tables
from reproduce.tables.published import PUBLISHED
from reproduce.training.turns import run_all

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
    gates = replace(AS_PUBLISHED, log_gamma=0.5, closing_steps=5)
    ours = replace(base, gates=gates)
    rows = (
        Row("dense", replace(base, method="dense")),
        Row("ours", ours),
        Row("never run", replace(ours, epochs=9)),
        Row("straight-through", replace(ours, gates=replace(gates, estimator="straight_through"))),
    )
    return Preset("test", rows, seeds=2, starts=(Row("a start", ours),))


@pytest.fixture(scope="module")
def store(preset, as_mnist, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("runs"))
    rows = [row for row in preset.rows if row.label != "never run"]
    groups = [[row.settings.with_seed(seed) for row in rows] for seed in (0, 1)]
    assert run_all(groups, as_mnist, store, Silent()) == 6
    assert run_all(groups, as_mnist, store, Silent()) == 0
    return store


@pytest.fixture(scope="module")
def loaded(store):
    return store.load()


def test_published_sizes_of_fully_connected_networks_follow_from_the_architectures():
    """RigL's table lists FLOPs as multiplications and additions: 97.1, 53.3 and 19.1 thousand."""
    rows = {row.method: row for row in PUBLISHED["lenet_300_100"]}
    for method, kiloflops in (("SBP", 97.1), ("L0", 53.3), ("VIB", 19.1)):
        assert 2 * rows[method].macs / 1e3 == pytest.approx(kiloflops, abs=0.05)
    assert rows["VIB"].macs == 9560


def test_published_sizes_of_lenet_5_are_those_of_our_count():
    """The count of SPEC section 9, and that of our own tracing where the features are whole."""
    rows = {row.method: row for row in PUBLISHED["lenet_5"]}
    for method, kilomacs in (("GD", 249.9), ("SBP", 212.8), ("BC-GHS", 153.4), ("L0", 1113.4)):
        assert rows[method].macs / 1e3 == pytest.approx(kilomacs, abs=0.05)
    plan = trace(build("lenet_5", (7, 13, 208, 16), 10, "pytorch", 0), torch.zeros(2, 1, 28, 28))
    assert (plan.parameters(), plan.macs()) == (rows["GD"].params, rows["GD"].macs)


def test_a_share_is_given_only_against_the_same_network():
    start = Size((), macs=313_201_664, parameters=14_719_818)
    rows = {r.method: r for r in tables.published(PUBLISHED["vgg16"], "CIFAR-10", start)}
    assert rows["HRank"].params_share == pytest.approx(1 - 0.821, abs=0.001)
    assert rows["HRank"].macs_share == pytest.approx(1 - 0.653, abs=0.001)
    slimmed = next(row for name, row in rows.items() if "slimming" in name)
    assert slimmed.params == 2.25e6 and slimmed.params_share is None


def test_half_of_the_saving_is_dated():
    cost = {"train_loss": 1.0, "error": 1.0, "loss": 1.0, "train_macs": 1, "seconds": 1.0}
    epochs = [
        Epoch((1,), macs, 1, epoch=number, process="", **cost)
        for number, macs in enumerate((90, 60, 50, 20), start=1)
    ]
    assert tables.half_saved(100, epochs) == 0.5
    assert tables.half_saved(100, epochs[:1]) == 1


@pytest.mark.parametrize(
    ("network", "name"),
    [("lenet_300_100", "full"), ("lenet_5", "short"), ("lenet_5", "paper"), ("vgg16", "short"),
     ("vgg16", "paper"), ("resnet20", "short")],
)  # fmt: skip
def test_a_preset_begins_with_dense_training_and_shares_its_schedule(network, name):
    dense, *others = preset_of(network, name).rows
    assert dense.settings.method == "dense"
    assert {row.settings.network for row in others} == {network}
    assert len({row.label for row in others}) == len(others)
    if network != "lenet_300_100":
        assert len({(row.settings.epochs, row.settings.batch_size) for row in others}) == 1


def test_a_row_is_the_mean_over_seeds_with_cost_against_dense(preset, loaded):
    dense, ours, through = tables.results(preset, loaded)
    records = [run.record for run in loaded.seeds(preset.rows[1].settings)]
    errors = [record.error for record in records]
    assert ours.n == 2 and ours.test_error_mean == pytest.approx(sum(errors) / 2)
    assert ours.test_error_std == pytest.approx(abs(errors[0] - errors[1]) / 2**0.5)
    assert ours.macs == sum(record.end.macs for record in records) / 2
    assert ours.macs_share == ours.macs / (784 * 20 + 200 + 100)
    assert dense.train_mac_ratio == dense.wall_ratio == dense.macs_share == 1
    assert 0 < ours.train_mac_ratio < 1 and ours.wall_ratio > 0
    assert through.method == "straight-through"


def test_a_row_of_one_run_says_so_in_its_label_for_reading_only(preset, loaded, tmp_path):
    single = Loaded(loaded.seeds(row.settings)[0] for row in preset.rows[:2])
    paths = {path.suffix: path.read_text() for path in tables.write(preset, single, tmp_path)}
    for label in ("dense", "ours"):
        assert f"| {label} (n = 1) |" in paths[".md"] and f"{label} (n = 1) &" in paths[".tex"]
    assert "| VIB |" in paths[".md"]
    both = {path.suffix: path.read_text() for path in tables.write(preset, loaded, tmp_path)}
    assert "(n = 1)" not in both[".md"]


def test_times_of_different_processes_are_not_compared(preset, loaded):
    apart = Loaded(
        replace(run, epochs=[replace(epoch, process=row.label) for epoch in run.epochs])
        for row in preset.rows
        for run in loaded.seeds(row.settings)
    )
    assert tables.results(preset, apart)[1].wall_ratio is None


def test_files_hold_the_columns_every_raw_value_and_what_the_data_were(preset, loaded, tmp_path):
    paths = {path.name: path for path in tables.write(preset, loaded, tmp_path)}
    table = paths["lenet_300_100.csv"].read_text()
    assert table.splitlines()[0] == COLUMNS
    methods = [row["method"] for row in csv.DictReader(io.StringIO(table))]
    assert methods[:3] == ["dense", "ours", "straight-through"] and "VIB" in methods
    raw = list(csv.DictReader(io.StringIO(paths["lenet_300_100_runs.csv"].read_text())))
    assert len(raw) == 6 + 2 and {row["seed"] for row in raw} == {"0", "1"}
    text = paths["lenet_300_100.md"].read_text()
    assert "MNIST (fingerprint" in text and "320 training" in text
    assert r"\%" in paths["lenet_300_100.tex"].read_text()


def test_figures_are_written_from_records_twice_the_same(preset, loaded, tmp_path):
    drawings = {"hyperprior": THEORY["hyperprior"], **runs.figures(preset, loaded)}
    once = figures.write(drawings, tmp_path / "once")
    kinds = ("separation", "training", "noise", "trade_off", "pixels", "starts")
    drawn = {path.name for path in once if path.suffix == ".png"}
    assert drawn == {"hyperprior.png", *(f"lenet_300_100_{kind}.png" for kind in kinds)}
    twice = figures.write(drawings, tmp_path / "twice")
    assert len(twice) == len(once)
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(once, twice))


def test_every_picture_says_its_finding_and_no_legend_lies_on_it(preset, loaded):
    for name, draw in runs.figures(preset, loaded).items():
        with plt.rc_context(STYLE):
            figure = draw()
        figure.draw_without_rendering()
        assert figure.get_suptitle(), name
        for legend in figure.legends:
            box = legend.get_window_extent()
            assert not any(box.overlaps(ax.get_tightbbox()) for ax in figure.axes), name
        plt.close(figure)


def test_nothing_is_written_without_runs(preset, tmp_path):
    place = outputs.Place(tmp_path, tmp_path, tmp_path)
    assert outputs.write(preset, Store(tmp_path).load(), place, []) == []


def test_writings_at_once_come_in_turn_and_a_mistake_in_one_is_reported(tmp_path):
    (tmp_path / "a").touch()
    here, away = partial(sorted, [tmp_path / "a"]), partial(Path.read_text, tmp_path / "b")
    done = outputs.at_once([here, partial(sorted, []), away])
    assert [next(done), next(done)] == [[tmp_path / "a"], []]
    with pytest.raises(FileNotFoundError):
        next(done)
